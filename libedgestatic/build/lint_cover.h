/* lint_cover.h - whether all that meets one rule meets another one.
 *
 * Sound, not complete: "yes" is always true, "no" may be wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_LINT_COVER_H
#define EDGESTATIC_LINT_COVER_H

#include "build/redirects_file.h"

/* Whether each string that matches b matches a: compiled patterns of paths. */
bool lint_cover_pattern(slice a, slice b);

/* Whether each request that meets b, where a would not be, meets a. */
bool lint_cover(const struct redirects *, const struct redirect *a,
                const struct redirect *b);

/* Whether their literal beginnings differ: no string matches both then, and
 * none that has a slash more or less at its end. */
bool lint_cover_apart(slice a, slice b, bool nocase);

#endif
