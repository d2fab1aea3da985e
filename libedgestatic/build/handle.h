/* handle.h - handles around packs, beyond the public edgestatic_pack_*.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_HANDLE_H
#define EDGESTATIC_HANDLE_H

#include "edgestatic.h"

/* A pack over an open file (of a memfd, for one in memory): mapped, checked,
 * and the descriptor kept for sendfile.  fd belongs to the pack, and is closed
 * when this fails.  Errors as for edgestatic_pack_open. */
int pack_adopt_fd(edgestatic_pack **pack, int fd);

/* Where the second part of a pack in two files may begin: a multiple of every
 * page size in use (64 KiB on arm64 and ppc64). */
#define PACK_PARTS_ALIGN 65536

/* A pack whose index is one file and whose bodies lie in another one: body
 * offsets count from the index's beginning, and shift is where the data
 * begins. */
struct pack_parts {
  int index, data; /* descriptors */
  uint64_t index_size, shift, data_size;
};

/* Maps both as one pack.  The descriptors stay the caller's; the pack has one
 * of its own, of the data.  Errors as for edgestatic_pack_open. */
int pack_adopt_parts(edgestatic_pack **pack, const struct pack_parts *);

/* A pack over a block of len bytes from allocator, which must outlive it.  The
 * block belongs to the pack, and is freed when this fails.  Errors as for
 * edgestatic_pack_borrow. */
int pack_adopt_heap(edgestatic_pack **pack,
                    const edgestatic_allocator *allocator, void *bytes,
                    size_t len);

#endif
