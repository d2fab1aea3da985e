/* cache.h - encoded contents and digests from earlier builds.
 *
 *   DIR/d/d41f...e3-9c40...: the codings of one content that paid, maybe none
 *       ^ first digit of the content's hash
 *
 * An entry is named by the content's XXH3-128 and by its size with the recipe
 * (encode_recipe).  It is written under another name and then renamed, so
 * builds may share the folder; what is damaged or foreign is not found, and
 * written anew.  The caller makes sure by encode_verify that an entry encodes
 * this very content, and is of its digest: XXH3 can be made to collide.
 *
 * A cache never fails a build: what it cannot do it leaves, and cache_close
 * says why.  Loading and storing may be done by any thread.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_CACHE_H
#define EDGESTATIC_CACHE_H

#include "build/encode.h"

#include <stdatomic.h>

/* A folder's files are kept below this by removing the ones that were not
 * used for the longest time: some twenty builds of a large site. */
#define CACHE_BYTES_MAX ((uint64_t)2 << 30)
#define CACHE_FOLDERS 16

struct cache {
  const edgestatic_allocator *allocator;
  int dir;           /* -1: there is no cache */
  uint64_t recipe;   /* hash */
  uint64_t share;    /* bytes that one of the folders may have */
  atomic_int error;  /* errno of the first entry not written */
  atomic_uint wrote; /* bit n: to folder n */
};

/* Bytes of an entry; one per thread.  Zero it. */
struct cache_buffer {
  unsigned char *bytes;
  size_t room;
};

/* Opens the folder and makes it, with those above it, where it is missing.
 * EDGESTATIC_OK, or _ERR_IO with errno: then nothing is ever found. */
int cache_open(struct cache *, const edgestatic_allocator *allocator,
               const char *dir, const char *recipe);

/* Whether there is an entry; *out is in *buffer. */
bool cache_load(struct cache *, struct cache_buffer *buffer,
                const unsigned char hash[16], uint64_t size,
                struct encoded *out);

void cache_store(struct cache *, const unsigned char hash[16], uint64_t size,
                 const struct encoded *kept);

/* Removes what is too much from the folders that were written to (so the time
 * follows from what was written) and closes.  0, or the errno with which the
 * first entry could not be written. */
int cache_close(struct cache *);

void cache_buffer_free(const edgestatic_allocator *, struct cache_buffer *);

#endif
