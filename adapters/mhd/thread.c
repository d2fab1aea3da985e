/* thread.c - see thread.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "thread.h"

#include <stdatomic.h>
#include <unistd.h>

/* Each slot costs memory; on larger machines threads share them. */
#define SLOTS_MAX 64

size_t thread_slots(void) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  size_t slots = 1;

  while ((long)slots < cores && slots < SLOTS_MAX)
    slots *= 2;
  return slots;
}

/* Numbered as they come, so that the threads of a pool have numbers in a row.
 * 0: not numbered yet. */
size_t thread_slot(size_t slots) {
  static atomic_uint last;
  static _Thread_local unsigned mine;

  if (mine == 0)
    mine = atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
  return mine & (slots - 1);
}
