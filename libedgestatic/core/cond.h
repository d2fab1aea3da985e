/* cond.h - the five preconditions (RFC 9110 section 13).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_COND_H
#define EDGESTATIC_COND_H

#include "core/str.h"

/* What a selected representation is known by. */
struct validators {
  slice etag;       /* strong, in its quotes; empty: none */
  int64_t modified; /* INT64_MIN: none */
  bool date_is_strong;
};

/* Evaluates If-Match, If-Unmodified-Since, If-None-Match and
 * If-Modified-Since for a GET or HEAD of a representation that exists, in the
 * order of section 13.2.2.  Returns 0 to go on, or 304 or 412; then
 * *decided_by is the id of the field that said so. */
int cond_evaluate(const edgestatic_request *request, const struct validators *v,
                  int32_t *decided_by);

/* Whether If-Range, which is present, lets Range count. */
bool cond_if_range(slice value, const struct validators *v);

#endif
