/* cover.h - a small set of keys that covers what has to be purged.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_COVER_H
#define EDGESTATIC_COVER_H

#include "build/mem.h"

/* The item of a response that has to stay. */
#define COVER_STAYS SIZE_MAX

/* A response has a key. */
struct cover_tag {
  slice key;
  size_t item; /* that is to be purged, by number, or COVER_STAYS */
};

/* Chooses keys that no response has which has to stay, always the one that
 * covers most of what is left: the smallest set would take time without bound
 * (it is the set cover problem), this one is at most larger by a logarithm.
 * Sorts the tags.  covered[item] is set where a key was chosen for it; chosen
 * is called with each key, in the order of their bytes.
 * EDGESTATIC_OK or _ERR_MEMORY. */
int cover_choose(struct cover_tag *tag, size_t count, size_t items,
                 bool *covered, void (*chosen)(void *ctx, slice key),
                 void *ctx);

#endif
