/* thread.h - a place of its own for each thread, where it disturbs no other.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_MHD_THREAD_H
#define EDGESTATIC_MHD_THREAD_H

#include <stddef.h>

/* What two threads write should not share one. */
#define CACHE_LINE 64

/* How many places suit this machine: a power of two, one for each core. */
size_t thread_slots(void);

/* The place of the calling thread among `slots`, always the same.  Threads are
 * spread evenly; where there are more than slots, some share one. */
size_t thread_slot(size_t slots);

#endif
