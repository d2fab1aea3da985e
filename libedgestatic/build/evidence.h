/* evidence.h - names that are hashed because those beside them are.
 *
 * A random hash now and then looks like a word: of Vite's and esbuild's the
 * rules for a single name (core/fingerprint.h) know three of four.  But a tool
 * gives all its outputs names of one shape.  So where most files of a folder
 * that share a shape are hashed beyond doubt, the others of it are too:
 *
 *   shape   the separator and the length of the last part, and whether the
 *           file is code, media or something else
 *   most    more than half of all files of the shape, words among them, and
 *           at least two of the alphabet
 *   others  those of that alphabet which are no words, dates or counters: a
 *           "logo-Original.svg" or an "icon-DataView.svg" that was copied
 *           into the folder stays what it is
 *
 * Source maps are no evidence: each has the name of its script.
 *
 * Who says more than there is makes browsers keep a file for a year; so one
 * hashed name convinces nobody, and nothing is learnt from another folder.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_EVIDENCE_H
#define EDGESTATIC_EVIDENCE_H

#include "build/mem.h"

/* Zero it and set the allocator: it knows nothing then. */
struct evidence {
  const edgestatic_allocator *allocator;
  struct evidence_group *group;
  size_t count, room;
};

/* One more file of the site ("js/app-1f.js"), whose name must outlive the
 * evidence.  EDGESTATIC_OK or _ERR_MEMORY. */
int evidence_add(struct evidence *, slice file);

/* Draws the conclusions, after all files. */
void evidence_settle(struct evidence *);

/* The hash in the name of a file, which lies within it, where the name is
 * hashed as those beside it; else absent. */
slice evidence_hash(const struct evidence *, slice file);

static inline bool evidence_has(const struct evidence *e, slice file) {
  return evidence_hash(e, file).base != NULL;
}

/* Forgets all. */
void evidence_free(struct evidence *);

#endif
