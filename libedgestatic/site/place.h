/* place.h - gives the bodies of a pack their places in a data file, where each
 * of them is once, and makes the index that leads there.
 *
 * Bodies of the same hash and size are held against each other byte by byte
 * before they share a place.  Every body is held against its hash: a store
 * hands on no damage.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_PLACE_H
#define EDGESTATIC_PLACE_H

#include "build/blobs.h"

struct place {
  int data;           /* descriptor; -1: it is only told what would be */
  uint64_t end;       /* bytes in use */
  struct blobs known; /* source: offset in the file */
  int reason;         /* errno of EDGESTATIC_ERR_IO */
};

struct place_index {
  unsigned char *bytes; /* of the default allocator */
  size_t size;
  uint64_t pack_size;
  uint64_t sum, fresh; /* bytes of bodies; of those that were written */
};

/* Where the bodies of a pack with an index of that size begin: see
 * PACK_PARTS_ALIGN. */
uint64_t place_shift(uint64_t index_size);

/* For a file with so many bodies and so many more.  Set data and end, zero the
 * rest.  EDGESTATIC_OK, _ERR_MEMORY or _ERR_LIMIT. */
int place_init(struct place *, uint64_t bodies);
void place_free(struct place *);

/* Bodies of a pack, which lie in the file already, `shift` before their
 * offsets.  EDGESTATIC_OK, or _ERR_FORMAT: more bodies than were told. */
int place_known(struct place *, const edgestatic_store *, uint64_t shift);

/* Writes what is new of a pack; fills index, whose offsets are `shift` behind
 * the places.  EDGESTATIC_OK, _ERR_MEMORY, _ERR_FORMAT (more bodies than were
 * told), _ERR_CHECKSUM (a damaged body) or _ERR_IO. */
int place_pack(struct place *, const edgestatic_store *, uint64_t shift,
               struct place_index *index);
void place_index_free(struct place_index *);

#endif
