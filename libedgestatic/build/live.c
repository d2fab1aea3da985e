/* live.c - the pack that is served now.
 *
 * Between reading the pointer and counting a reference, a reload must not give
 * back the last one.  A mutex around those two steps says just that; it is
 * held for a few instructions, and taking it uncontended costs less than the
 * two counts (some 20 ns in all).
 *
 * SPDX-License-Identifier: MIT
 */
#include "config.h"

#include "edgestatic.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct edgestatic_live {
  pthread_mutex_t mutex;
  edgestatic_pack *pack; /* with a reference of ours, or NULL */
};

static void lock(edgestatic_live *live) {
  int error = pthread_mutex_lock(&live->mutex);
  assert(error == 0);
  (void)error;
}

static void unlock(edgestatic_live *live) {
  int error = pthread_mutex_unlock(&live->mutex);
  assert(error == 0);
  (void)error;
}

int edgestatic_live_new(edgestatic_live **live, edgestatic_pack *first) {
  *live = malloc(sizeof **live);
  if (*live == NULL)
    return EDGESTATIC_ERR_MEMORY;
  if (pthread_mutex_init(&(*live)->mutex, NULL) != 0) {
    free(*live);
    *live = NULL;
    return EDGESTATIC_ERR_MEMORY;
  }
  (*live)->pack = first == NULL ? NULL : edgestatic_pack_ref(first);
  return EDGESTATIC_OK;
}

edgestatic_pack *edgestatic_live_acquire(edgestatic_live *live) {
  lock(live);
  edgestatic_pack *pack = live->pack;
  if (pack != NULL)
    edgestatic_pack_ref(pack);
  unlock(live);
  return pack;
}

void edgestatic_live_swap(edgestatic_live *live, edgestatic_pack *next) {
  if (next != NULL)
    edgestatic_pack_ref(next);
  lock(live);
  edgestatic_pack *before = live->pack;
  live->pack = next;
  unlock(live);
  /* Outside of the lock: unmapping a large pack takes its time. */
  edgestatic_pack_unref(before);
}

void edgestatic_live_free(edgestatic_live *live) {
  if (live == NULL)
    return;
  edgestatic_pack_unref(live->pack);
  pthread_mutex_destroy(&live->mutex);
  free(live);
}
