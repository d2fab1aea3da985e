/* handle.h - handles around packs, beyond the public edgestatic_pack_*.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_HANDLE_H
#define EDGESTATIC_HANDLE_H

#include "edgestatic.h"

/* A pack over an open file (of a memfd, for one in memory): mapped, checked,
 * and the descriptor kept for sendfile.  fd belongs to the pack, and is closed
 * when this fails.  Errors as for edgestatic_pack_open. */
int pack_adopt_fd(edgestatic_pack **pack, int fd);

/* A pack over a block of len bytes from allocator, which must outlive it.  The
 * block belongs to the pack, and is freed when this fails.  Errors as for
 * edgestatic_pack_borrow. */
int pack_adopt_heap(edgestatic_pack **pack,
                    const edgestatic_allocator *allocator, void *bytes,
                    size_t len);

#endif
