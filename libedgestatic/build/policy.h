/* policy.h - what the owner says of caches and security, beside the defaults.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_BUILD_POLICY_H
#define EDGESTATIC_BUILD_POLICY_H

#include "edgestatic_policy.h"

#include "build/fingerprints.h"
#include "build/mem.h"

/* Longest value: that of a header field line of the rule files. */
#define POLICY_VALUE_MAX 2000

/* Most rules: every file is held against every one. */
#define POLICY_RULES_MAX 10000

struct policy_rule {
  int kind; /* enum edgestatic_rule_kind */
  slice glob, value, origin;
};

/* Begin with policy_init, give back with policy_free. */
struct policy {
  const edgestatic_builder_options *options; /* for memory and messages */
  struct mem_arena strings;
  struct policy_rule *rule;
  size_t count, room;
  edgestatic_policy site; /* its strings are copies */
  struct fingerprints fingerprints;
  struct evidence evidence; /* of the files of this build, while it runs */
};

struct policy_answer {
  slice value;  /* absent: no such field */
  slice origin; /* who says so: "default: HTML", "--cache-rule *.woff2" */
};

void policy_init(struct policy *, const edgestatic_builder_options *);
void policy_free(struct policy *);

/* As edgestatic_builder_rule and edgestatic_builder_policy. */
int policy_add(struct policy *, int kind, slice glob, slice value);
int policy_set(struct policy *, const edgestatic_policy *);

/* What the last rule of a kind says of a file ("docs/a.html"); absent: none
 * matches.  The slices live as long as the policy, here and below. */
struct policy_answer policy_rule_for(const struct policy *, int kind,
                                     slice file);

/* The Cache-Control of a file with that Content-Type.  error_page: it is sent
 * in place of a missing path, where no rule and no default for the file
 * applies. */
struct policy_answer policy_cache(const struct policy *, slice file, slice type,
                                  bool error_page);

/* Trims white space and says whether what is left is a field value (RFC 9110
 * section 5.5) of 1 to POLICY_VALUE_MAX bytes, without control characters. */
bool policy_value(slice *value);

#endif
