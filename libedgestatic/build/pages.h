/* pages.h - what was read in the pages becomes header fields, and is held
 * against the site's files.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_PAGES_H
#define EDGESTATIC_PAGES_H

#include "build/fieldlist.h"
#include "build/policy.h"
#include "build/urls.h"

/* Most attributes of a page that a Content-Security-Policy disables that are
 * told one by one. */
#define PAGES_TOLD_MAX 5

/* A path of the site. */
struct pages_path {
  slice path;
  size_t file;
};

/* Zero it and call pages_free in any case; what it was made of outlives it. */
struct pages {
  struct gather *gather;
  const struct policy *policy;
  const struct urls *urls;
  struct pages_path *path; /* sorted */
  size_t count;
  struct sri_digests **digests; /* by content; of those that were asked for */
};

/* Which pages are to be read. */
enum gather_pages pages_wanted(const struct policy *);

/* Begins, when everything was gathered and has its path; does nothing where
 * pages are not wanted.  Holds integrity attributes against the files that
 * they are for, and tells what a Content-Security-Policy disables.
 * EDGESTATIC_OK, _ERR_MEMORY, _ERR_IO, or _ERR_INPUT: a file is not what a
 * page says, which was told. */
int pages_open(struct pages *, struct gather *, const struct policy *,
               const struct urls *);

/* The stage of fields.c: Content-Security-Policy and Link.  pages NULL: none.
 * EDGESTATIC_OK, or _ERR_INPUT: there are too many hashes, which was told. */
int pages_fields(const struct pages *, struct fieldlist *,
                 const struct fields_subject *);

void pages_free(struct pages *);

#endif
