/* lint.h - what the parts of edgestatic_lint share.
 *
 * The two files are read as both dialects read them, and for each a pack is
 * made that has the redirects and, for each file of the site, an empty one: so
 * what a request meets is answered by the core itself.
 *
 * Each part looks for its own kinds of findings and adds them; errors stick to
 * lint.error and make the later parts do nothing.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_LINT_H
#define EDGESTATIC_LINT_H

#include "build/headers_file.h"
#include "build/readfile.h"
#include "build/redirects_file.h"
#include "build/scan.h"
#include "build/urls.h"

#include "edgestatic_rules.h"

/* Longest text of a finding: some paths and a sentence. */
#define LINT_TEXT_MAX 1024

/* Patterns that one part holds against paths, at most: a second or two.  Each
 * rule is asked for, and a request is held against all that have placeholders,
 * so that the time of a part grows by the square of their number. */
#define LINT_WORK_MAX 200000000

#define LINT_DIALECTS 2 /* enum edgestatic_dialect */

struct lint_finding {
  int severity, kind; /* of edgestatic_finding */
  enum scan_rules file;
  unsigned line, column;
  slice text;
};

/* The two files as one dialect reads them. */
struct lint_reading {
  struct redirects redirects;
  size_t dynamic; /* of them, those with a pattern */
  struct headers headers;
  edgestatic_pack *pack; /* of the redirects and the site's paths */
};

struct lint {
  const edgestatic_lint_options *options;
  edgestatic_found *found; /* of the caller, with ctx */
  void *ctx;
  edgestatic_builder_options builder;
  struct scan scan;
  bool scanned;
  struct urls urls;
  slice *file; /* their names, sorted */
  struct readfile text[SCAN_RULES];
  struct lint_reading reading[LINT_DIALECTS];
  struct lint_finding *finding;
  size_t count, room;
  struct mem_arena strings;
  uint64_t work; /* of this part so far */
  int error;     /* the first one */
};

/* Reads folder and files and makes the packs; lint_close in any case. */
void lint_open(struct lint *, const char *dir);
void lint_close(struct lint *);

/* The reading that counts. */
static inline const struct lint_reading *lint_own(const struct lint *l) {
  return &l->reading[l->options->dialect];
}

void lint_say(struct lint *, int severity, int kind, enum scan_rules file,
              unsigned line, unsigned column, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

/* Whether a part may go on and hold so many patterns against something for a
 * rule; where not, says what was not looked for in all of them. */
bool lint_afford(struct lint *, uint64_t patterns, const struct redirect *,
                 const char *what);

/* For "%.*s": as much of s as a finding has room for. */
#define LINT_QUOTE(s) ((s).len < 120 ? (int)(s).len : 120), (s).base

/* The parts. */
void lint_wrong(struct lint *);   /* what the reader says */
void lint_limits(struct lint *);  /* more than a host takes */
void lint_dead(struct lint *);    /* redirects that no request meets */
void lint_walk(struct lint *);    /* loops, chains, targets that are nowhere */
void lint_differ(struct lint *);  /* redirects that the dialects read apart */
void lint_headers(struct lint *); /* blocks of _headers: both */
void lint_depart(struct lint *);  /* lines that are other here */

#endif
