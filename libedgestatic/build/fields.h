/* fields.h - the header fields of a response, as far as its pack decides.
 *
 * They are a run of the variant's and then one of the asset's:
 *
 *   Content-Length, Content-Encoding, Repr-Digest | ETag, Last-Modified
 *   Content-Type, Accept-Ranges, X-Content-Type-Options | Cache-Control, Vary
 *
 * and what is behind the bars a 304 repeats (RFC 9110 section 15.4.5).
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_FIELDS_H
#define EDGESTATIC_FIELDS_H

#include "build/fieldlist.h"
#include "build/policy.h"
#include "build/rulebook.h"

struct fields_time {
  int64_t mtime; /* INT64_MIN: no Last-Modified */
  slice origin;
};

/* The Last-Modified of a file, at a time. */
struct fields_time fields_time(const edgestatic_builder_options *,
                               const struct gather_item *, int64_t mtime,
                               int64_t now);

/* The strong validator of a body (RFC 9110 section 8.8.3), in text. */
#define FIELDS_ETAG_LENGTH 34
slice fields_etag(const unsigned char hash[16], char text[FIELDS_ETAG_LENGTH]);

/* Of a variant. */
struct fields_body {
  uint64_t size;
  unsigned coding;
  slice etag;                  /* empty: an error page's */
  const unsigned char *sha256; /* for Repr-Digest; NULL: it is not said */
};
struct layout_run fields_variant(struct layout *, const struct fields_body *,
                                 struct fields_time);

/* Vary of an asset with deltas. */
#define FIELDS_VARY_DELTAS "Accept-Encoding, Available-Dictionary"

/* Of an asset. */
struct fields_made {
  struct fieldlist list;  /* what the type may lie in */
  struct layout_run run;  /* as the asset is sent at its own path */
  struct layout_run bare; /* the same without rules of _headers */
  slice type;             /* Content-Type */
};

/* Makes them; give back with fieldlist_free(&made->list) in any case.
 * EDGESTATIC_OK, _ERR_MEMORY or _ERR_INPUT; what is wrong was reported. */
int fields_asset(struct fields_made *, struct layout *,
                 const edgestatic_builder_options *, const struct policy *,
                 const struct rulebook *, const struct fields_subject *);

#endif
