/* rulebook.h - the rules of a site: from files and calls into its pack.
 *
 * A build adds its texts, reads them once, lays _headers over the fields of
 * each asset, and packs what is asked at run time.
 *
 * Rulings, beside those of the dialects (redirects_file.h, headers_file.h):
 * - A field of _headers takes the place of one that the site has by itself,
 *   but Vary is joined: the site's part says what chose the variant, and a
 *   cache without it would send brotli to who cannot read it (RFC 9110 section
 *   12.5.5).  For that reason "! Vary" takes nothing away.
 * - Every response with content has a Content-Type (RFC 9110 section 8.3):
 *   "! Content-Type" takes nothing away.
 * - Strict-Transport-Security goes out over TLS alone (RFC 6797 section 7.2).
 * - A 304 carries the fields of _headers, which may guide a cache (RFC 9110
 *   section 15.4.5); Content-Type, which describes content, it does not.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_RULEBOOK_H
#define EDGESTATIC_RULEBOOK_H

#include "build/fieldlist.h"
#include "build/headers_file.h"
#include "build/readfile.h"
#include "build/redirects_file.h"
#include "build/scan.h"

#include "edgestatic_rules.h"

/* Longest name of a text: it is part of each origin. */
#define RULEBOOK_NAME_MAX 255

/* Most lines that are told to be wrong, of each file: who has more starts with
 * these. */
#define RULEBOOK_TOLD_MAX 100

struct rulebook_text {
  slice name; /* in origins: "_redirects"; NUL follows */
  slice file; /* in messages: "public/_redirects"; NUL follows */
  slice bytes;
};

struct rulebook_texts {
  struct rulebook_text *text;
  size_t count, room;
};

/* Zero it and set the first two members. */
struct rulebook {
  const edgestatic_builder_options *options;
  const edgestatic_rules_options *how;
  struct rulebook_texts texts[SCAN_RULES];
  struct readfile file[SCAN_RULES]; /* of the texts that are files */
  struct redirects redirects;
  struct headers headers;
};

/* One more text, after those of its kind; the slices outlive the book.
 * EDGESTATIC_OK or _ERR_MEMORY. */
int rulebook_add(struct rulebook *, enum scan_rules, struct rulebook_text);

/* Reads all texts and tells what is wrong with them.
 * EDGESTATIC_OK, _ERR_MEMORY, or _ERR_INPUT: a line is wrong. */
int rulebook_read(struct rulebook *);

/* Lays the fields of _headers for the subject's path over a list.  *type is
 * its Content-Type then; *changed whether anything is other than before.
 * EDGESTATIC_OK, _ERR_MEMORY, or _ERR_INPUT where a value or their number is
 * too large, which was told. */
int rulebook_overlay(const struct rulebook *, struct fieldlist *,
                     const struct fields_subject *, slice *type, bool *changed);

/* Adds the redirects, and _headers for what has no asset of its own.
 * EDGESTATIC_OK or _ERR_MEMORY; other errors stick to the layout. */
int rulebook_pack(const struct rulebook *, struct layout *);

void rulebook_free(struct rulebook *);

#endif
