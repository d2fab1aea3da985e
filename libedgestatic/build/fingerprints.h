/* fingerprints.h - which files of a site have a hash of their content in their
 * names: for the default cache policy, for what a new release may not change,
 * and for what it keeps of the last one.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_FINGERPRINTS_H
#define EDGESTATIC_FINGERPRINTS_H

#include "build/evidence.h"

#include <regex.h>

/* Longest expression: it is compiled once, and every path held against it. */
#define FINGERPRINTS_REGEX_MAX 1024

/* Bytes of a reason why an expression is none, with a NUL. */
#define FINGERPRINTS_REASON_MAX 128

/* Zeroed, it knows the names of core/fingerprint.h alone. */
struct fingerprints {
  regex_t regex; /* POSIX extended; its memory is the C library's */
  bool given;
};

/* Sets the expression for further names, in place of an earlier one; NULL:
 * none.  EDGESTATIC_OK, _ERR_MEMORY, or _ERR_INPUT with a reason. */
int fingerprints_set(struct fingerprints *, const char *regex,
                     char reason[FINGERPRINTS_REASON_MAX]);

/* Whether the name of a file ("js/app-1f.js") has a fingerprint, beside the
 * other files of its release. */
bool fingerprints_has(const struct fingerprints *, const struct evidence *,
                      slice file);

/* The hash in such a name, which lies within it; absent where there is none or
 * only the expression, which does not say where, knows of one. */
slice fingerprints_hash(const struct evidence *, slice file);

/* Whether the expression says so: names that look like it apart. */
bool fingerprints_given(const struct fingerprints *, slice file);

void fingerprints_free(struct fingerprints *);

#endif
