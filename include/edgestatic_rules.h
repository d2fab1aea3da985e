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

#ifdef __cplusplus
}
#endif

#endif
