/* ignore.h - .edgestaticignore: which files of a folder stay out of the site.
 * The syntax and its meaning are those of gitignore(5), for one file at the
 * root.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_IGNORE_H
#define EDGESTATIC_IGNORE_H

#include "core/str.h"

/* Longest file, and most rules in it: every name of the site is held against
 * every rule. */
#define IGNORE_FILE_MAX (1024 * 1024)
#define IGNORE_RULES_MAX 10000

struct ignore_rule {
  slice pattern; /* without "!" and the slashes at its ends */
  bool negated;
  bool folder_only;
  bool anchored; /* matched against the whole path, not the last segment */
  bool literal;  /* no special character: compared, not matched */
};

/* Zeroed, it ignores nothing. */
struct ignore {
  const edgestatic_allocator *allocator;
  char *text; /* the patterns point in here */
  size_t text_size;
  struct ignore_rule *rule;
  size_t count, room;
};

/* Reads the rules.  text is copied; file is its name in messages.  A line that
 * cannot be a rule (too long, a NUL, an open "[") is an error with its number.
 * Returns EDGESTATIC_OK, _ERR_MEMORY or _ERR_INPUT; *ignore is then zeroed. */
int ignore_parse(struct ignore *ignore,
                 const edgestatic_builder_options *options, const char *file,
                 slice text);

/* Whether a path ("docs/draft.html") is left out by its own name.  The caller
 * does not look into a folder that is: so nothing in there comes back by a
 * "!" rule, as gitignore(5) says. */
bool ignore_match(const struct ignore *ignore, slice path, bool folder);

void ignore_free(struct ignore *ignore);

#endif
