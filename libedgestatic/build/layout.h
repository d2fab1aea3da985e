/* layout.h - the index of a pack, record by record.
 *
 * Add blobs, then what refers to them; layout_finish gives each section and
 * each body its place.  An error sticks: what comes after it does nothing and
 * returns 0, and layout_finish returns it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_LAYOUT_H
#define EDGESTATIC_LAYOUT_H

#include "build/strings.h"

#include "core/format.h"

/* Bodies of this size and more begin at a PACK_PAGE: the padding, half a page
 * for each, is then at most 3 % of them.  See layout_finish.c. */
#define LAYOUT_PAGED_MIN 65536

/* Records of one section. */
struct layout_records {
  unsigned char *bytes;
  size_t count, room;
};

struct layout {
  const edgestatic_allocator *allocator;
  struct strings strings;
  struct layout_records entries, assets, variants, fields, blobs;
  struct layout_records rules, conditions;
  struct layout_records header_blocks, header_fields, cors;
  struct layout_records dictionaries, digests;
  uint32_t *run; /* a table of the runs of fields: first field, + 1 */
  unsigned char *run_length;
  size_t runs, run_slots;
  size_t digested;                   /* blobs that have got their digest */
  uint32_t paths;                    /* entries before the first error page */
  uint32_t exact_rules, exact_paths; /* rules before the first pattern */
  uint32_t ruleset_flags, header_flags; /* RULESET_*, HEADERS_* */
  uint32_t error_page_depth, fallback;
  unsigned flags; /* of the collection */
  int64_t newest;
  int error;
};

struct layout_field {
  slice name, value, origin;
};

struct layout_run {
  uint32_t first;
  unsigned char count, kept, tls;
};

struct layout_asset {
  slice path, file, type;
  uint32_t flags; /* EDGESTATIC_ASSET_* */
  int64_t mtime;  /* INT64_MIN: none */
  uint32_t variant, variant_count;
  struct layout_run fields;
  struct layout_run bare; /* without header rules; no count: as fields */
  uint32_t cors;          /* of layout_cors; 0: none */
  int64_t retained_until; /* 0: of this very release */
};

/* A rule; of core/format.h. */
struct layout_rule {
  slice path, target, host, origin;
  uint32_t order;
  unsigned status, flags;
  bool dynamic; /* path is a pattern */
};

/* Who may read an asset; of core/format.h. */
struct layout_cors {
  slice origins, methods, headers, exposed;
  uint32_t max_age;
  unsigned flags; /* CORS_* */
};

struct layout_index {
  unsigned char *bytes; /* of the layout's allocator; the caller's to free */
  size_t size;
  uint64_t pack_size;
};

void layout_init(struct layout *, const edgestatic_allocator *);
void layout_free(struct layout *);

uint32_t layout_blob(struct layout *, const unsigned char hash[16],
                     uint64_t size);

/* The SHA-256 of a blob, once for each; the section is left out when one has
 * none. */
void layout_digest(struct layout *, uint32_t blob,
                   const unsigned char sha256[32]);

/* For layout_variant: what a client must hold to decode a delta; name is for
 * people.  A dictionary that was there already is used again. */
uint32_t layout_dictionary(struct layout *, const unsigned char sha256[32],
                           slice name);

/* A run of fields, of which a 304 keeps the last `kept`; a run that was there
 * already is used again.  How many of the last go out over TLS alone is the
 * caller's to set in it. */
struct layout_run layout_run(struct layout *, const struct layout_field *,
                             size_t count, size_t kept);

/* dictionary: of layout_dictionary for dcb and dcz; 0: none.  The variants of
 * an asset without one come first. */
uint32_t layout_variant(struct layout *, uint32_t blob, unsigned coding,
                        uint32_t dictionary, slice etag,
                        struct layout_run fields);

uint32_t layout_asset(struct layout *, const struct layout_asset *);

/* A path of the site; all of them come before the first error page. */
void layout_path(struct layout *, slice path, slice location, uint32_t asset,
                 unsigned flags);

/* A folder and the asset sent for what is missing in it. */
void layout_error_page(struct layout *, slice folder, slice location,
                       uint32_t asset);

/* A rule.  Exact ones come first, those of one path one after the other; in
 * both parts by order. */
void layout_rule(struct layout *, const struct layout_rule *);

/* One more condition of the last rule. */
void layout_condition(struct layout *, int kind, slice name, slice value);

/* A block of header rules, for a host (empty: any) and the paths of a pattern;
 * set header_flags too. */
void layout_header_block(struct layout *, slice host, slice path);

/* One more field of the last block, or where there is none yet, a preset;
 * flags are HEADER_*. */
void layout_header_field(struct layout *, slice name, slice value, slice origin,
                         unsigned flags);

/* For layout_asset.cors; a record that was there already is used again. */
uint32_t layout_cors(struct layout *, const struct layout_cors *);

/* EDGESTATIC_OK, _ERR_MEMORY or _ERR_LIMIT.  Where blob i was placed is in
 * its record then. */
int layout_finish(struct layout *, struct layout_index *);

uint64_t layout_blob_offset(const struct layout *, uint32_t blob);

#endif
