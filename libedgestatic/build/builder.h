/* builder.h - what a builder is made of: builder.c alone changes it.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_BUILDER_H
#define EDGESTATIC_BUILDER_H

#include "build/builder_rules.h"
#include "build/gather.h"
#include "build/policy.h"
#include "build/scan.h"

/* An asset from memory; its slices are in the block behind it. */
struct builder_asset {
  size_t size; /* of the block */
  slice path, bytes, type, cache_control;
  int64_t mtime;
};

/* A pack that was given. */
struct builder_pack {
  edgestatic_pack *pack; /* a reference; NULL: none */
  int64_t time;          /* as edgestatic_site.h says of each */
};

struct edgestatic_builder {
  edgestatic_builder_options options; /* cache_dir is a copy */
  struct policy policy;
  struct builder_rules rules;
  struct builder_asset **asset; /* sorted by path, each once */
  size_t assets, asset_room;
  struct scan *scan; /* of each folder */
  size_t scans, scan_room;
  struct builder_pack base;
  struct builder_pack *previous; /* the newest first */
  size_t previous_count, previous_room;
  gather_hash *hash;
  edgestatic_builder_stats stats;
};

/* As memcmp, of paths: the order of a site's files. */
static inline int builder_path_order(slice a, slice b) {
  size_t both = a.len < b.len ? a.len : b.len;
  int order = both > 0 ? memcmp(a.base, b.base, both) : 0;
  return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* As edgestatic_builder_finish, into a file without a name in a folder: a site
 * store has disk where there may be no memory. */
int builder_finish_in(edgestatic_builder *, int folder, edgestatic_pack **);

/* Forgets the earlier releases but the first `keep`. */
void builder_forget_previous(edgestatic_builder *, size_t keep);

/* XXH3-128, canonical. */
gather_hash builder_xxh3;

#endif
