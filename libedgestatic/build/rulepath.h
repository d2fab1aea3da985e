/* rulepath.h - compiles the paths and targets of rule files: to the patterns
 * of core/pattern.h and the templates of core/expand.h.
 *
 * Where the dialects differ:
 *
 *                     Netlify                     Cloudflare
 *   :name             a whole segment, any name   a letter and word characters,
 *                                                 anywhere
 *   the last slash    does not matter             matters
 *   a segment "*"     takes its slash along       any bytes
 *   "*" in a segment  literal, but at the end     any bytes
 *   a name twice      the first value counts      no rule (an invalid regular
 *                                                 expression there)
 *   matched against   the decoded path            the path as it came
 *
 * In both a target's ":name" is cut where a name of the path ends, the first
 * one first, so that ":ab" with a name "a" is its value and "b".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_RULEPATH_H
#define EDGESTATIC_RULEPATH_H

#include "build/rulefile.h"

#include "core/pack.h"
#include "core/pattern.h"

/* A line, each of its bytes escaped. */
#define RULEPATH_MAX (3 * RULEFILE_LINE_MAX)

enum rulepath_style {
  RULEPATH_NETLIFY,
  RULEPATH_NETLIFY_HEADERS, /* "/a/" "*" is any path that begins with "/a" */
  RULEPATH_CLOUDFLARE
};

struct rulepath {
  char bytes[RULEPATH_MAX];
  size_t len;
  bool dynamic;                     /* has a placeholder or a splat */
  slice name[PATTERN_CAPTURES_MAX]; /* of the captures; in what was compiled */
  size_t names;
};

/* What is wrong; kind and text as of a diagnostic. */
struct rulepath_fault {
  enum rulefile_kind kind;
  const char *at; /* where */
  const char *text;
};

/* Compiles the path of a rule, "/a/:b".  False: *fault says why not. */
bool rulepath_pattern(struct rulepath *out, enum rulepath_style style,
                      slice path, struct rulepath_fault *fault);

/* Compiles a target whose scheme is allowed, with the names that from and the
 * query have captured.  page: it is sent, not redirected to: a path without a
 * query.  An unknown name is no fault: *unknown says where one is, or NULL. */
bool rulepath_target(struct rulepath *out, const struct rulepath *from,
                     slice target, bool page, struct rulepath_fault *fault,
                     const char **unknown);

/* Whether a redirect from a path leads to that path again. */
bool rulepath_loops(const struct rulepath *from, const struct rulepath *to,
                    enum rulepath_style style);

#endif
