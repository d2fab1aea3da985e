/* policyopts.h - the options of `build' that say what caches and browsers may
 * do with the site; `serve' and `publish' have them too.
 * SPDX-License-Identifier: MIT */
#ifndef CLI_POLICYOPTS_H
#define CLI_POLICYOPTS_H

#include "args.h"
#include "edgestatic_policy.h"

#include <stddef.h>

extern const struct option_spec policy_option_table[];

/* GLOB=VALUE of one option. */
struct policy_option {
  int kind; /* enum edgestatic_rule_kind */
  edgestatic_slice glob, value;
};

struct policy_options {
  edgestatic_policy policy;
  struct policy_option *rule;
  size_t rule_count;
};

void policy_options_init(struct policy_options *options);
void policy_options_free(struct policy_options *options);

/* Takes an option of the table that args_next gave.  Returns 0, or the exit
 * code after telling what is wrong. */
int policy_options_take(struct policy_options *options, const struct args *args,
                        int id);

/* Gives them to a builder.  Returns EDGESTATIC_OK, or an error that was told,
 * by the builder's messages or here. */
int policy_options_apply(const struct policy_options *options,
                         edgestatic_builder *builder);

#endif
