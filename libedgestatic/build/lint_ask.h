/* lint_ask.h - a request that a rule is for, and what the packs answer.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_LINT_ASK_H
#define EDGESTATIC_LINT_ASK_H

#include "build/lint.h"

/* Ways to write the path of a request for a rule. */
enum lint_spelling {
  LINT_PLAIN,
  LINT_QUERY,   /* with a query of no meaning */
  LINT_SLASH,   /* with the last slash added, or without it */
  LINT_PREFIX,  /* without what a splat at the end takes, and its slash */
  LINT_ENCODED, /* with a letter as an escape */
  LINT_SPELLINGS
};

struct lint_ask {
  edgestatic_request request;
  char target[EDGESTATIC_TARGET_MAX];
  char cookie[RULEFILE_LINE_MAX + 2];
  edgestatic_response response;
};

/* Makes a request that meets the path and the conditions of a rule; its
 * captures are "x".  False: there is none of this spelling. */
bool lint_ask_rule(struct lint_ask *, const struct redirects *,
                   const struct redirect *, enum lint_spelling);

/* The answer of a dialect, into ask->response. */
void lint_ask(struct lint_ask *, const struct lint_reading *);

/* The line of _redirects that decided it; 0: none. */
unsigned lint_ask_line(const struct lint_ask *, const struct lint_reading *);

/* Its Location; absent: none. */
slice lint_ask_location(const struct lint_ask *, const struct lint_reading *);

/* The file that it sends; absent: none. */
slice lint_ask_file(const struct lint_ask *, const struct lint_reading *);

/* Makes the next request the one that a Location leads to; false: it is
 * another site's.  The Location may be that of ask->response. */
bool lint_ask_follow(const struct lint *, struct lint_ask *, slice location);

#endif
