/* versions.h - what clients may hold of a file: its versions in earlier
 * releases that were announced as dictionaries (RFC 9842).
 *
 * A version of a file is what was served at its path; or where its name has a
 * hash of its content, under any name that is the same but for the hash.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_VERSIONS_H
#define EDGESTATIC_VERSIONS_H

#include "build/evidence.h"
#include "build/mem.h"

/* Most versions that a file gets deltas to.  Each costs its time and bytes,
 * and of three releases ago few visitors hold anything. */
#define VERSIONS_MAX 3

/* Most that are looked at for one: a tool that names all its outputs alike but
 * for the hash makes each a version of all the others. */
#define VERSIONS_SEEN_MAX 1000

struct version {
  slice key;                 /* the path, without the hash */
  unsigned release;          /* 0: the last one */
  slice path;                /* where it was served */
  slice bytes;               /* of the pack that it is in */
  const unsigned char *hash; /* XXH3-128 */
  bool deltas;               /* some clients got it as one */
};

/* Zero it and set the allocator, of the keys too. */
struct versions {
  const edgestatic_allocator *allocator;
  struct mem_arena keys;
  struct version *version;
  size_t count, room;
  unsigned releases;
};

/* The hash in the path of a file with that name and Content-Type; absent: it
 * has none. */
slice versions_hash(const struct evidence *, slice type, slice path,
                    slice file);

/* Adds the files of one more release, each older than the last; the pack must
 * stay open.  EDGESTATIC_OK or _ERR_MEMORY. */
int versions_add(struct versions *, const edgestatic_store *release);

/* Makes them ready to be found, after all releases. */
void versions_settle(struct versions *);

/* Those of the file at a path with that hash in it, of that size and XXH3-128:
 * at most VERSIONS_MAX, no two of the same bytes, none of its own.  The newest
 * come first, and of one release those whose size is nearest.  *again: some
 * client may hold these very bytes, and got them as a delta. */
size_t versions_find(const struct versions *, slice path, slice hash,
                     uint64_t size, const unsigned char own[16],
                     const struct version *found[VERSIONS_MAX], bool *again);

void versions_free(struct versions *);

#endif
