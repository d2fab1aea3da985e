/* glob.h - shell patterns over paths, for cache rules and ignore files.
 *
 *   ?      one byte, not "/"
 *   *      any bytes without "/"
 *   **     as a whole segment, any number of segments, and none too
 *   [a-z]  one byte of a set, not "/"; [!a-z] or [^a-z] one outside of it;
 *          [[:alpha:]] and the other POSIX classes, ASCII only
 *   \x     x itself
 *
 * The rules are those of gitignore(5).  Time is at most the product of the
 * two lengths, whatever the pattern.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_GLOB_H
#define EDGESTATIC_GLOB_H

#include "core/str.h"

/* Longest pattern: with EDGESTATIC_PATH_MAX it bounds the time of a match. */
#define GLOB_MAX 1024

/* Whether a pattern can match anything: neither empty nor too long, no NUL,
 * every "[" closed, no "\" at its end. */
bool glob_valid(slice pattern);

/* Whether the pattern matches all of path ("a/b.html").  A pattern that is not
 * valid matches nothing; one with a NUL, nothing that has none. */
bool glob_match(slice pattern, slice path);

/* What follows the last slash of path. */
slice glob_last_segment(slice path);

/* As a cache rule means it: a pattern with a slash is matched against the
 * whole path, one leading slash apart; another one against the last segment. */
bool glob_match_file(slice pattern, slice path);

#endif
