/* edgestatic_rules.h - redirects, rewrites and header fields by rule.
 *
 * A folder's _redirects and _headers are read when the pack is built and are
 * never served; an app adds lines of its own by the calls below.  Both are
 * compiled into the pack: what a rule says of an asset's fields costs a
 * request nothing, redirects cost a look into a table.  edgestatic-rules(5)
 * describes the two files in both dialects.
 *
 * A file _redirects or _headers that edgestatic_builder_add adds, or that the
 * folder which was added last has, is read in the place of earlier ones.
 *
 * Slices, errors and threads: as in edgestatic.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_RULES_H
#define EDGESTATIC_RULES_H

#include "edgestatic.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whose reading of the two files counts, where they differ. */
enum edgestatic_dialect {
  EDGESTATIC_DIALECT_NETLIFY,
  EDGESTATIC_DIALECT_CLOUDFLARE
};

typedef struct edgestatic_rules_options {
  size_t size; /* sizeof(edgestatic_rules_options); the macro sets it */
  int dialect; /* enum edgestatic_dialect */

  /* Non-zero: a wrong line is a warning and left out.  Zero: it is an error,
   * and there is no pack. */
  int lenient;

  /* The site's own host name: blocks of _headers that name a host are for
   * this one.  Absent: they are for none. */
  edgestatic_slice host;
} edgestatic_rules_options;

#define EDGESTATIC_RULES_OPTIONS_INIT                                          \
  {                                                                            \
    sizeof(edgestatic_rules_options), EDGESTATIC_DIALECT_NETLIFY, 0, {         \
      0, 0                                                                     \
    }                                                                          \
  }

/* How the builder reads rules; copied.  The last call counts.
 * Returns EDGESTATIC_OK, _ERR_MEMORY, or _ERR_INPUT when an option has no such
 * value, host is no name of a host, or options->size was never published. */
EDGESTATIC_API int
edgestatic_builder_rules(edgestatic_builder *builder,
                         const edgestatic_rules_options *options);

/* Adds lines in the syntax of _redirects or _headers.  Those of several calls
 * follow each other, and the site's own file follows them.  name is what
 * messages and the origins of rules call the text: "app" makes "app:3".  Both
 * are copied.  The lines are read when the pack is finished: what is wrong
 * with them goes to the message callback then, with name, line and column.
 * Returns EDGESTATIC_OK, _ERR_MEMORY, _ERR_LIMIT (more than 16 MiB in all) or
 * _ERR_INPUT (name is empty or has a control character). */
EDGESTATIC_API int edgestatic_builder_redirects(edgestatic_builder *builder,
                                                edgestatic_slice text,
                                                const char *name);
EDGESTATIC_API int edgestatic_builder_headers(edgestatic_builder *builder,
                                              edgestatic_slice text,
                                              const char *name);

/* ---- Lint: what is amiss with the two files of a folder ---- */

#define EDGESTATIC_FINDINGS(X)                                                 \
  X(WRONG, "wrong", "the line is no rule")                                     \
  X(LIMIT, "limit", "more than is read, or than a host takes")                 \
  X(DEAD, "dead", "no request meets it")                                       \
  X(HIDDEN, "hidden", "a file answers its path")                               \
  X(LOOP, "loop", "redirects without end")                                     \
  X(NOWHERE, "nowhere", "what it names is no path of the site")                \
  X(CHAIN, "chain", "redirects more than once")                                \
  X(DIFFERENT, "different", "not all read it alike")

enum edgestatic_finding_kind {
#define EDGESTATIC_X(id, name, text) EDGESTATIC_FINDING_##id,
  EDGESTATIC_FINDINGS(EDGESTATIC_X)
#undef EDGESTATIC_X
      EDGESTATIC_FINDING_COUNT
};

/* One thing that was found: valid during the call only. */
typedef struct edgestatic_finding {
  int severity;     /* enum edgestatic_severity; ERROR: no build takes it */
  int kind;         /* enum edgestatic_finding_kind */
  const char *file; /* "public/_redirects" */
  unsigned line, column; /* from 1; 0 where nothing could be read */
  const char *text;      /* what it is and what to do; no newline */
} edgestatic_finding;

typedef void edgestatic_found(void *ctx, const edgestatic_finding *finding);

/* Whose limits count, beside those of a pack. */
enum edgestatic_limits {
  EDGESTATIC_LIMITS_OWN,
  EDGESTATIC_LIMITS_NETLIFY,
  EDGESTATIC_LIMITS_CLOUDFLARE
};

typedef struct edgestatic_lint_options {
  size_t size;           /* sizeof(edgestatic_lint_options) */
  int dialect;           /* enum edgestatic_dialect: the reading that counts */
  int html_handling;     /* enum edgestatic_html_handling */
  int not_found;         /* enum edgestatic_not_found */
  int limits;            /* enum edgestatic_limits */
  edgestatic_slice host; /* the site's own, or absent */
} edgestatic_lint_options;

#define EDGESTATIC_LINT_OPTIONS_INIT                                           \
  {                                                                            \
    sizeof(edgestatic_lint_options), 0, 0, 0, 0, {                             \
      0, 0                                                                     \
    }                                                                          \
  }

/* Reads _redirects and _headers of a folder beside the names of its files, and
 * calls found for each thing that it finds, by file and line.  options may be
 * NULL.  Returns EDGESTATIC_OK whatever was found, or _ERR_MEMORY, _ERR_IO,
 * _ERR_LIMIT or _ERR_INPUT: the folder cannot be read, which was told too, or
 * an option has no such value. */
EDGESTATIC_API int edgestatic_lint(const char *dir,
                                   const edgestatic_lint_options *options,
                                   edgestatic_found *found, void *ctx);

#ifdef __cplusplus
}
#endif

#endif
