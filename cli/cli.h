/* cli.h - what the verbs of the command share.
 *
 * One verb is one file with one `struct verb`; main.c lists them.  The command
 * uses the public headers only.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CLI_H
#define CLI_H

struct args;
struct option_spec;

/* What the command exits with; edgestatic(1) and --help say the same. */
#define CLI_EXITS(X)                                                           \
  X(OK, 0, "done")                                                             \
  X(DIFFERENT, 1,                                                              \
    "verify, check, lint: what was looked at is not as it should be")          \
  X(USAGE, 2, "the command line or the environment is wrong")                  \
  X(INPUT, 3, "a file cannot be read, packed or written; a damaged pack")      \
  X(NETWORK, 4, "serve: cannot listen there; check: no answer from the server")

enum cli_exit {
#define CLI_X(name, code, text) CLI_##name = (code),
  CLI_EXITS(CLI_X)
#undef CLI_X
};

#define CLI_OPERANDS_MAX 3
#define CLI_TABLES_MAX 4

struct verb {
  const char *name;
  const char *summary;                        /* one line */
  const char *operands[CLI_OPERANDS_MAX + 1]; /* "[LAST]" may be left out */
  const struct option_spec *options[CLI_TABLES_MAX + 1]; /* NULL ends */
  const char *about;    /* paragraphs for --help */
  const char *examples; /* lines for --help */
  int (*run)(struct args *args);
};

extern const struct verb verb_build, verb_serve, verb_ls, verb_get,
    verb_explain, verb_verify, verb_check, verb_embed, verb_publish,
    verb_release, verb_releases, verb_promote, verb_rollback, verb_expire,
    verb_gc, verb_diff, verb_lint;

#endif
