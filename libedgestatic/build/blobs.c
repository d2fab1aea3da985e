/* blobs.c - see blobs.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/blobs.h"

#include <assert.h>

int blobs_init(struct blobs *b, const edgestatic_allocator *allocator,
               uint32_t max) {
  *b = (struct blobs){.allocator = allocator, .max = max, .slots = 1};
  while (b->slots < (size_t)max * 2)
    b->slots *= 2;
  b->slot = mem_new(allocator, b->slots, sizeof *b->slot);
  b->blob = mem_new(allocator, (size_t)max + 1, sizeof *b->blob);
  if (!b->slot || !b->blob) {
    mem_free(allocator, b->slot, b->slots * sizeof *b->slot);
    mem_free(allocator, b->blob, ((size_t)max + 1) * sizeof *b->blob);
    *b = (struct blobs){0};
    return EDGESTATIC_ERR_MEMORY;
  }
  memset(b->slot, 0, b->slots * sizeof *b->slot);
  pthread_mutex_init(&b->lock, NULL);
  return EDGESTATIC_OK;
}

void blobs_free(struct blobs *b) {
  if (!b->blob)
    return;
  pthread_mutex_destroy(&b->lock);
  mem_free(b->allocator, b->slot, b->slots * sizeof *b->slot);
  mem_free(b->allocator, b->blob, ((size_t)b->max + 1) * sizeof *b->blob);
  *b = (struct blobs){0};
}

/* The place of the first blob of a hash, or a free one. */
static uint32_t *find(struct blobs *b, const unsigned char hash[16]) {
  uint64_t start;
  memcpy(&start, hash, sizeof start);
  size_t i = (size_t)start & (b->slots - 1);
  while (b->slot[i] != 0 && memcmp(b->blob[b->slot[i] - 1].hash, hash, 16) != 0)
    i = (i + 1) & (b->slots - 1);
  return &b->slot[i];
}

uint32_t blobs_share(struct blobs *b, const unsigned char hash[16],
                     uint64_t size, uint64_t source, blobs_same *same,
                     void *ctx, bool *fresh) {
  pthread_mutex_lock(&b->lock);
  uint32_t *link = find(b, hash);
  while (*link != 0) {
    /* Blobs never move, and change but for their link: compared outside of
     * the lock, others go on meanwhile. */
    struct blob *have = &b->blob[*link - 1];
    pthread_mutex_unlock(&b->lock);
    if (have->size == size && same(ctx, have)) {
      *fresh = false;
      return (uint32_t)(have - b->blob);
    }
    pthread_mutex_lock(&b->lock);
    link = &have->next;
  }
  assert(b->count < b->max);
  uint32_t id = b->count++;
  b->blob[id] = (struct blob){.size = size, .source = source};
  memcpy(b->blob[id].hash, hash, 16);
  *link = id + 1;
  pthread_mutex_unlock(&b->lock);
  *fresh = true;
  return id;
}
