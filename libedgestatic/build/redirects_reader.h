/* redirects_reader.h - what the readers of the two dialects share.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_REDIRECTS_READER_H
#define EDGESTATIC_REDIRECTS_READER_H

#include "build/redirects_file.h"
#include "build/rulepath.h"

struct reader {
  struct redirects *out;
  struct rulefile *file; /* of out */
  const struct redirects_options *options;
  uint32_t *seen; /* a table of rules by their words: number + 1 */
  size_t seen_slots;
  size_t patterns;          /* rules with placeholders so far */
  size_t statics, dynamics; /* Cloudflare: lines that count so */
  struct rulepath from, to;
};

/* Reads the current line. */
void redirects_netlify_line(struct reader *);
void redirects_cloudflare_line(struct reader *);

/* Says what is wrong with the current line; false, for return. */
bool redirects_refuse(struct reader *, enum rulefile_kind, slice at,
                      const char *text);
bool redirects_refuse_fault(struct reader *, const struct rulepath_fault *);

/* The words of a line up to a comment; 0 where there are too many. */
size_t redirects_split(struct reader *, slice word[REDIRECTS_WORDS_MAX]);

void redirects_add_condition(struct reader *, int kind, slice name,
                             slice value);

bool redirects_status(unsigned status); /* of a Location */

/* Compiles the target and judges the whole. */
bool redirects_make_target(struct reader *, enum rulepath_style,
                           const struct redirect *);

/* The rule of the same words, or NULL. */
struct redirect *redirects_seen(struct reader *, slice words);

/* Keeps a rule, with copies of what it is made of. */
void redirects_keep(struct reader *, const struct redirect *);

#endif
