/* collect.h - what a builder packs: which file of which source.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_COLLECT_H
#define EDGESTATIC_COLLECT_H

#include "build/builder.h"

/* Sorted by path, each once.  Zero it, and call collect_free in any case. */
struct collection {
  struct gather_item *item;
  size_t count, room;
};

/* EDGESTATIC_OK, _ERR_MEMORY or _ERR_LIMIT, which was reported. */
int collect(const edgestatic_builder *, struct collection *);

void collect_free(const edgestatic_builder *, struct collection *);

#endif
