/* redirects_file.h - reads _redirects in the dialect of Netlify or Cloudflare.
 *
 *   Netlify      from [name=value ...] [to] [status[!]] [Condition=a,b ...]
 *   Cloudflare   from to [status]
 *
 * Each rule comes with what it compiles to (rulepath.h).  A line that is wrong
 * is left out and said so (EDGESTATIC_ERROR); what a dialect passes over in
 * silence is said too, as a warning where the rule stays.
 *
 * The rules are those of the dialect's owner, quirks apart.  Not copied:
 * - a redirect that leads to itself is an error in both dialects (Cloudflare
 *   sends it, Netlify sends the literal ones);
 * - "https://host?query" is a host and a query (Cloudflare takes all of it for
 *   a host);
 * - a target without a host never leaves the site ("/\host" and "//host" made
 *   of captures), and Netlify's "//host" target is refused;
 * - what Netlify sends on to another site with status 200, or holds for a path
 *   that cannot be requested, is refused rather than passed over.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_REDIRECTS_FILE_H
#define EDGESTATIC_REDIRECTS_FILE_H

#include "build/rulefile.h"

/* What Cloudflare reads of one file.  Lines that it refuses count too. */
#define REDIRECTS_CLOUDFLARE_STATIC_MAX 2000
#define REDIRECTS_CLOUDFLARE_DYNAMIC_MAX 100

/* Most words of a line: query and other conditions of one rule, of which each
 * costs a request a walk through its query or fields. */
#define REDIRECTS_WORDS_MAX 32

struct redirects_options {
  const edgestatic_allocator *allocator;
  enum rulefile_dialect dialect;
  bool html_none; /* html handling is off: /index.html redirects nowhere */
};

struct redirect_condition {
  slice name;  /* of a parameter; else empty */
  slice value; /* of a parameter, decoded by nobody; or names, by commas */
  int kind;    /* enum condition_kind */
};

struct redirect {
  slice from, to;    /* as they were written, without scheme and host */
  slice host;        /* of from, in lower case; empty: any */
  bool http, https;  /* from has this scheme */
  unsigned status;   /* 0: taken back by an identical line */
  bool forced;       /* wins over a file */
  bool late;         /* Cloudflare: below the first dynamic rule */
  bool dynamic;      /* its path has a placeholder or a splat */
  bool squeeze;      /* repeated slashes of the target become one */
  slice path;        /* what is matched: exact, or a pattern */
  slice target;      /* a template */
  slice words;       /* all of the line, to find it again */
  size_t condition;  /* first, in redirects.condition */
  size_t conditions; /* how many */
  unsigned source, line, column;
};

struct redirects {
  struct rulefile file; /* its diagnostics */
  struct redirect *rule;
  size_t count, room;
  struct redirect_condition *condition;
  size_t conditions, condition_room;
};

/* Reads texts, whose rules are one list; nothing is kept of them.
 * Returns EDGESTATIC_OK, whatever the lines are, or _ERR_MEMORY: there is then
 * nothing to free. */
int redirects_read_texts(struct redirects *, const struct redirects_options *,
                         const slice *text, unsigned count);

/* The same of one text. */
static inline int redirects_read(struct redirects *out,
                                 const struct redirects_options *options,
                                 slice bytes) {
  return redirects_read_texts(out, options, &bytes, 1);
}

void redirects_free(struct redirects *);

/* What the two owners' code takes for a number: JavaScript's parseInt and
 * Number.  -1: not one, or not whole, or larger than 9,999. */
int redirects_parse_int(slice);
int redirects_number(slice);

#endif
