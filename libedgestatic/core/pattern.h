/* pattern.h - patterns over paths and hosts, in a form of no dialect.
 *
 * A compiled pattern is a string.  Its bytes stand for themselves, but for
 *
 *   PATTERN_ONE   a placeholder: one byte or more, none the separator
 *   PATTERN_ANY   a splat: any bytes, or none
 *   PATTERN_REST  a splat that takes the separator before it along: nothing,
 *                 or a separator and any bytes, captured without it.  Stands
 *                 at the end or before a literal separator.
 *
 * which no path can have (target.c).  Every string is a pattern, so that there
 * is nothing to check in one from a pack.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_PATTERN_H
#define EDGESTATIC_PATTERN_H

#include "core/str.h"

#define PATTERN_ONE '\1'
#define PATTERN_ANY '\2'
#define PATTERN_REST '\3'

/* Most captures of a rule: as many as there are control bytes to name them in
 * a template (expand.h). */
#define PATTERN_CAPTURES_MAX 31

struct pattern_way {
  char separator; /* "/" in a path, "." in a host */
  bool nocase;    /* letter case of ASCII does not matter */
};

/* How many placeholders and splats a pattern has. */
size_t pattern_captures(slice pattern);

/* Whether all of text matches, with the captures in their order; each is as
 * long as it can be, the first one first.  A pattern with more than
 * PATTERN_CAPTURES_MAX captures matches nothing.  Time is at most the product
 * of the two lengths, whatever they are. */
bool pattern_match(slice pattern, slice text, struct pattern_way way,
                   slice capture[PATTERN_CAPTURES_MAX]);

#endif
