/* deltas.h - the deltas of a build: which contents get one to which bytes, and
 * which of them are worth their place.
 *
 * They are made after all files were gathered and before the index is: add
 * what clients may hold, run, and ask for those of each content.
 *
 * Their time is bounded by that of the plain codings, as is their number: of
 * 30 MB with small changes each dcz takes 17 seconds and each dcb 5, where
 * gzip, br and zstd together take 86; a dictionary that has nothing in common
 * with the content costs a hundredth of that.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_DELTAS_H
#define EDGESTATIC_DELTAS_H

#include "build/delta.h"
#include "build/gather.h"

/* A delta must save a quarter of the smallest variant that needs no
 * dictionary: less is lost again in keeping a second copy in each cache. */
#define DELTAS_SHARE 4

/* And more bytes than ", Available-Dictionary" costs each response. */
#define DELTAS_COST 22

/* A dictionary of more times its content is passed over.  Most of it went, so
 * what is left is small anyway; and to index it takes as long as a delta for
 * so large a content does. */
#define DELTAS_SHRUNK 16

/* All of them may take a quarter of what the other bodies do: a pack grows by
 * that much and no more.  Those that save most stay; the larger one of two to
 * the same dictionary comes last. */
#define DELTAS_BUDGET 4

struct deltas_one {
  uint32_t content, next; /* + 1: another one of this content */
  unsigned coding;
  bool self;        /* to the content itself */
  bool again;       /* self: wanted without others, too */
  slice dictionary; /* its bytes; absent: self */
  bool shared;      /* its dictionary is one of many contents */
  slice name;       /* for people */
  unsigned char sha256[DIGEST_SIZE]; /* of the dictionary */
  struct gather_kept kept;           /* no size: left out */
};

/* Zero it and set gather; its spool takes the bytes. */
struct deltas {
  struct gather *gather;
  struct deltas_one *one;
  size_t count, room;
  uint32_t *first; /* of each content, + 1 */
  struct delta_encoder **encoder;
  struct cache cache;
  atomic_int error, reason;
};

/* A dictionary for a content, in each coding that is made here.  What is of no
 * use is passed over: contents that no coding shrinks, too large ones, far
 * larger dictionaries, and the same bytes twice.  The slices outlive the
 * deltas.  EDGESTATIC_OK or _ERR_MEMORY. */
int deltas_add(struct deltas *, uint32_t content, slice dictionary, slice name);

/* A content as its own dictionary, of use to those who came by a delta: to one
 * of this build, or again: of an earlier one. */
int deltas_add_self(struct deltas *, uint32_t content, bool again, slice name);

/* A dictionary for many contents: what it costs to fetch and keep was weighed
 * by the caller, so a delta may save little. */
int deltas_add_shared(struct deltas *, uint32_t content, slice dictionary,
                      const unsigned char *sha256, slice name);

/* Makes them all and keeps the best; the gather can load them then (by
 * gather_delta).  EDGESTATIC_OK, _ERR_MEMORY, _ERR_IO, _ERR_INPUT or
 * _ERR_CANCELLED; what is wrong was reported. */
int deltas_run(struct deltas *);

/* The deltas of a content that were kept, smallest first: their numbers, at
 * most DELTAS_MAX.  Returns how many. */
#define DELTAS_MAX 16
size_t deltas_of(const struct deltas *, uint32_t content,
                 uint32_t number[DELTAS_MAX]);

void deltas_free(struct deltas *);

#endif
