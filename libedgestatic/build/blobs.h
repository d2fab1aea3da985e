/* blobs.h - bodies by content: which of them are the same bytes.
 *
 * Bodies of the same hash and size are held against each other byte by byte
 * before they count as one: XXH3 is fast, not cryptographic, and whoever may
 * add a file could make two that collide.  Those stay two.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_BLOBS_H
#define EDGESTATIC_BLOBS_H

#include "build/mem.h"

#include <pthread.h>

struct blob {
  unsigned char hash[16]; /* XXH3-128, canonical */
  uint64_t size;
  uint64_t source; /* the caller's: where its bytes are */
  uint32_t next;   /* another one of this hash, + 1 */
};

struct blobs {
  const edgestatic_allocator *allocator;
  pthread_mutex_t lock;
  struct blob *blob; /* count of max */
  uint32_t count, max;
  uint32_t *slot; /* first blob of a hash, + 1 */
  size_t slots;   /* a power of two */
};

/* Room for max blobs: no later call needs memory.  EDGESTATIC_OK or
 * _ERR_MEMORY. */
int blobs_init(struct blobs *, const edgestatic_allocator *, uint32_t max);
void blobs_free(struct blobs *);

/* Whether the new body is the same bytes as that of the blob that it is called
 * with.  Called without the lock. */
typedef bool blobs_same(void *ctx, const struct blob *have);

/* The number of the blob of a body; *fresh: it was added now, with that
 * source.  Any thread may call it. */
uint32_t blobs_share(struct blobs *, const unsigned char hash[16],
                     uint64_t size, uint64_t source, blobs_same *same,
                     void *ctx, bool *fresh);

#endif
