/* policy.h - Cache-Control by rule, else by what a file is.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_POLICY_H
#define EDGESTATIC_POLICY_H

#include "core/str.h"

/* Longest value: that of a header field line of the rule files. */
#define POLICY_VALUE_MAX 2000

/* Most rules: every file is held against every one. */
#define POLICY_RULES_MAX 10000

struct policy_rule {
  slice glob, value, origin;
};

/* Zero it and set the allocator. */
struct policy {
  const edgestatic_allocator *allocator;
  struct policy_rule *rule;
  size_t count, room;
};

struct policy_answer {
  slice value;  /* of Cache-Control */
  slice origin; /* who says so: "default: HTML", "--cache-rule *.woff2" */
};

/* Adds a rule; both are copied.
 * Returns EDGESTATIC_OK, _ERR_MEMORY, _ERR_LIMIT, or _ERR_INPUT when the glob
 * is not valid (glob.h) or value is no field value. */
int policy_add(struct policy *policy, slice glob, slice value);

/* The Cache-Control of a file ("docs/a.html") with that Content-Type.
 * error_page: it is sent in place of a missing path, where no rule and no
 * default for the file applies.  Both slices live as long as the policy. */
struct policy_answer policy_for(const struct policy *policy, slice file,
                                slice type, bool error_page);

void policy_free(struct policy *policy);

/* Trims white space and says whether what is left is a field value (RFC 9110
 * section 5.5) of 1 to POLICY_VALUE_MAX bytes, without control characters. */
bool policy_value(slice *value);

#endif
