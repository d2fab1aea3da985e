/* buildopts.h - the options of `build` and of `serve DIR`, and a build with
 * them: messages and progress are shown, signals cancel it.
 * SPDX-License-Identifier: MIT */
#ifndef CLI_BUILDOPTS_H
#define CLI_BUILDOPTS_H

#include "args.h"
#include "edgestatic_rules.h"
#include "policyopts.h"

#include <stdbool.h>
#include <stddef.h>

extern const struct option_spec build_option_table[];

struct build_options {
  edgestatic_builder_options builder;
  edgestatic_rules_options rules;
  struct policy_options policy;
  char *default_cache;
  bool cache_is_set; /* --cache or --no-cache */
  bool dialect_is_set;
  bool quiet;        /* no progress, no notes */
  bool rules_warned; /* a line of _redirects or _headers had a warning */
  bool rules_wrong;  /* one is wrong, so that there is no pack */
  const char *given; /* name of an option that only a build reads, or NULL */
};

void build_options_init(struct build_options *options);
void build_options_free(struct build_options *options);

/* Takes an option that args_next gave and no table of the verb's own has.
 * Returns 0, or the exit code after telling what is wrong. */
int build_options_take(struct build_options *options, const struct args *args,
                       int id);

/* The long name of an option of this table, or of policyopts.h. */
const char *build_options_name(int id);

/* After the last option: the environment.  Returns as _take. */
int build_options_finish(struct build_options *options);

/* A builder that holds the files of dir.  Returns EDGESTATIC_OK and a builder
 * for edgestatic_builder_free, or an error that was told, but for
 * EDGESTATIC_ERR_CANCELLED. */
int build_options_scan(const struct build_options *options, const char *dir,
                       edgestatic_builder **builder);

/* The folder as a pack in memory, with progress; NULL: told, or cancelled by a
 * signal.  stats is what the build did. */
edgestatic_pack *build_options_pack(const struct build_options *options,
                                    const char *dir,
                                    edgestatic_builder_stats *stats);

/* Tells why edgestatic_builder_write or _finish failed, if the builder's own
 * messages did not. */
void build_options_explain(int error, const char *what);

#endif
