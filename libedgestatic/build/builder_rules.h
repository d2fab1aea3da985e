/* builder_rules.h - what a builder keeps of rules: options, and lines by call.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_BUILDER_RULES_H
#define EDGESTATIC_BUILDER_RULES_H

#include "build/rulebook.h"

#include "edgestatic_rules.h"

/* A text; its slices are in the block behind it. */
struct builder_text {
  size_t size; /* of the block */
  enum scan_rules kind;
  slice name, bytes;
};

struct builder_rules {
  edgestatic_rules_options options; /* host is a copy */
  struct builder_text **text;
  size_t texts, room;
  size_t bytes; /* of all texts */
};

/* Whether a path of the site names a rule file, which is no asset. */
bool builder_rules_has(slice path);

/* Gathers the texts of a build in a book and reads it.
 * As rulebook_read, and EDGESTATIC_ERR_IO; what is wrong was reported. */
int builder_rules_read(const edgestatic_builder *, struct rulebook *);

void builder_rules_free(struct builder_rules *, const edgestatic_allocator *);

#endif
