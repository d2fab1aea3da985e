/* target.h - a request target becomes a path (RFC 9112 section 3.2).
 *
 * Decoded once.  Two spellings of a path that RFC 3986 section 6.2.2 calls
 * equal (%41 and A, %2e and .) give the same path; nothing else does.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_TARGET_H
#define EDGESTATIC_TARGET_H

#include "core/str.h"

struct target {
  slice path;    /* decoded, begins with "/"; borrows from raw or the buffer */
  slice raw;     /* the path as it came, not decoded */
  slice query;   /* as it came, with its "?"; or absent */
  bool asterisk; /* "*": the server as a whole */
  bool unmatchable;    /* no asset may have this path */
  bool empty_segments; /* "//" somewhere */
};

/* Returns 0, or the status to refuse with: 400 or 414. */
int target_parse(struct target *t, slice raw, char buffer[EDGESTATIC_PATH_MAX]);

#endif
