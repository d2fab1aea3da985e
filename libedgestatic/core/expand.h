/* expand.h - fills what a rule captured into its target.
 *
 * A template is a string: a path ("/new/\1"), or a URI whose scheme and host
 * come first ("https://example.com/\1", "//example.com/").  A byte c from 1 to
 * PATTERN_CAPTURES_MAX stands for capture number c - 1, all others for
 * themselves; expand_valid says which strings are templates.
 *
 * What comes out is a URI reference (RFC 3986 section 4.1) whatever the
 * captures are.  Of a path it begins with one "/": it cannot lead to another
 * site, as "//host" would (section 4.2).  Of a URI with a host, a capture can
 * add labels to the left of the host that the template names, and no more.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_EXPAND_H
#define EDGESTATIC_EXPAND_H

#include "core/pattern.h"

enum capture_form {
  CAPTURE_DECODED,  /* of a decoded path */
  CAPTURE_ENCODED,  /* of a path as it came: escapes stay as they are */
  CAPTURE_PARAMETER /* of a query: escapes, and "+" for a space */
};

struct capture {
  slice text;
  enum capture_form form;
};

struct expand {
  slice template;
  const struct capture *capture;
  size_t count;
  slice query;  /* goes on the end of a target that has none; with its "?" */
  bool squeeze; /* repeated slashes of a path become one */
};

enum expand_result {
  EXPAND_OK,
  EXPAND_TOO_LONG,
  EXPAND_NOT_A_HOST /* a capture that no name of a host may have */
};

/* Writes to out, which has room bytes; *len is what was written. */
enum expand_result expand(const struct expand *e, char *out, size_t room,
                          size_t *len);

/* Whether a string is a template; local: and one of a path. */
bool expand_valid(slice template, bool local);

/* Where the path of a template begins: 0, or behind its scheme and host. */
size_t expand_path(slice template);

#endif
