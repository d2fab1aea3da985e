/* builder.c - the builder of edgestatic.h: keeps what is to be packed.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"

#include "build/carry.h"
#include "build/report.h"
#include "core/pack.h"
#include "edgestatic_site.h"

#include <xxhash.h>

void builder_xxh3(const void *bytes, size_t len, unsigned char hash[16]) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, len));
  memcpy(hash, canonical.digest, 16);
}

static bool options_valid(const edgestatic_builder_options *o) {
  return o->size == sizeof *o && o->html_handling >= EDGESTATIC_HTML_AUTO &&
         o->html_handling <= EDGESTATIC_HTML_NONE &&
         o->not_found >= EDGESTATIC_NOT_FOUND_PAGE &&
         o->not_found <= EDGESTATIC_NOT_FOUND_NONE &&
         o->effort >= EDGESTATIC_EFFORT_BEST &&
         o->effort <= EDGESTATIC_EFFORT_FAST;
}

int edgestatic_builder_new(edgestatic_builder **builder,
                           const edgestatic_builder_options *options) {
  static const edgestatic_builder_options defaults =
      EDGESTATIC_BUILDER_OPTIONS_INIT;
  *builder = NULL;
  if (!options)
    options = &defaults;
  /* The size before all: of a struct that is smaller, nothing else may be
   * read. */
  if (!options_valid(options))
    return EDGESTATIC_ERR_INPUT;
  edgestatic_builder *b = mem_new(&options->allocator, 1, sizeof *b);
  if (!b)
    return EDGESTATIC_ERR_MEMORY;
  *b = (edgestatic_builder){.options = *options, .hash = builder_xxh3};
  b->rules.options = (edgestatic_rules_options)EDGESTATIC_RULES_OPTIONS_INIT;
  policy_init(&b->policy, &b->options);
  if (options->cache_dir) {
    const char *dir = options->cache_dir;
    b->options.cache_dir =
        mem_copy(&b->options.allocator, slice_of(dir, strlen(dir)));
    if (!b->options.cache_dir) {
      edgestatic_builder_free(b);
      return EDGESTATIC_ERR_MEMORY;
    }
  }
  *builder = b;
  return EDGESTATIC_OK;
}

void edgestatic_builder_free(edgestatic_builder *b) {
  if (!b)
    return;
  edgestatic_allocator allocator = b->options.allocator;
  for (size_t i = 0; i < b->assets; i++)
    mem_free(&allocator, b->asset[i], b->asset[i]->size);
  mem_free(&allocator, b->asset, b->asset_room * sizeof *b->asset);
  for (size_t i = 0; i < b->scans; i++)
    scan_free(&b->scan[i]);
  mem_free(&allocator, b->scan, b->scan_room * sizeof *b->scan);
  edgestatic_pack_unref(b->base.pack);
  for (size_t i = 0; i < b->previous_count; i++)
    edgestatic_pack_unref(b->previous[i].pack);
  mem_free(&allocator, b->previous, b->previous_room * sizeof *b->previous);
  policy_free(&b->policy);
  builder_rules_free(&b->rules, &allocator);
  if (b->options.cache_dir)
    mem_free(&allocator, (void *)(uintptr_t)b->options.cache_dir,
             strlen(b->options.cache_dir) + 1);
  mem_free(&allocator, b, sizeof *b);
}

int edgestatic_builder_rule(edgestatic_builder *b, int kind,
                            edgestatic_slice glob, edgestatic_slice value) {
  return policy_add(&b->policy, kind, glob, value);
}

int edgestatic_builder_policy(edgestatic_builder *b,
                              const edgestatic_policy *policy) {
  return policy_set(&b->policy, policy);
}

/* ---- Assets from memory ---- */

/* Where a path is among the assets, or should be. */
static size_t asset_place(const edgestatic_builder *b, slice path,
                          bool *there) {
  size_t low = 0, high = b->assets;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = builder_path_order(b->asset[middle]->path, path);
    if (order == 0) {
      *there = true;
      return middle;
    }
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  *there = false;
  return low;
}

/* Copies a slice to *to, with a NUL behind it, and moves *to on. */
static slice put(char **to, slice s) {
  if (!s.base)
    return s;
  char *at = *to;
  if (s.len > 0)
    memcpy(at, s.base, s.len);
  at[s.len] = '\0';
  *to = at + s.len + 1;
  return slice_of(at, s.len);
}

static struct builder_asset *asset_copy(const edgestatic_builder *b,
                                        const struct builder_asset *from) {
  size_t size = sizeof *from + 4;
  if (!mem_add(size, from->path.len, &size) ||
      !mem_add(size, from->type.len, &size) ||
      !mem_add(size, from->cache_control.len, &size) ||
      !mem_add(size, from->bytes.len, &size))
    return NULL;
  struct builder_asset *a = mem_new(&b->options.allocator, size, 1);
  if (!a)
    return NULL;
  *a = *from;
  a->size = size;
  char *to = (char *)(a + 1);
  a->path = put(&to, from->path);
  a->type = put(&to, from->type);
  a->cache_control = put(&to, from->cache_control);
  a->bytes = put(&to, from->bytes);
  return a;
}

static int asset_check(const edgestatic_builder *b, struct builder_asset *a) {
  const edgestatic_builder_options *o = &b->options;
  const char *fault = scan_path_fault(a->path);
  if (fault)
    return report_error(o, EDGESTATIC_ERR_INPUT, NULL, 0,
                        "the path \"%.*s\" of an asset %s", (int)a->path.len,
                        a->path.base, fault);
  if (a->type.base && (!policy_value(&a->type) || a->type.len > PACK_TYPE_MAX))
    return report_error(o, EDGESTATIC_ERR_INPUT, a->path.base, 0,
                        "its type is no field value of 1 to %d bytes",
                        PACK_TYPE_MAX);
  if (a->cache_control.base && !policy_value(&a->cache_control))
    return report_error(o, EDGESTATIC_ERR_INPUT, a->path.base, 0,
                        "its cache_control is no field value");
  return EDGESTATIC_OK;
}

int edgestatic_builder_add(edgestatic_builder *b, edgestatic_slice path,
                           const void *bytes, size_t len,
                           const edgestatic_asset_options *options) {
  struct builder_asset given = {
      .path = path, .bytes = {bytes ? bytes : "", len}, .mtime = INT64_MIN};
  if (options) {
    if (options->size != sizeof *options)
      return report_error(&b->options, EDGESTATIC_ERR_INPUT, NULL, 0,
                          "the options of an asset have another size; begin "
                          "with EDGESTATIC_ASSET_OPTIONS_INIT");
    given.type = options->type;
    given.cache_control = options->cache_control;
    given.mtime = options->mtime;
  }
  struct builder_asset *a = asset_copy(b, &given);
  if (!a)
    return EDGESTATIC_ERR_MEMORY;
  int error = asset_check(b, a);
  bool there;
  size_t at = asset_place(b, a->path, &there);
  if (!error && !there) {
    struct builder_asset **more =
        mem_grow(&b->options.allocator, b->asset, &b->asset_room, b->assets + 1,
                 sizeof *more);
    if (more)
      b->asset = more;
    else
      error = EDGESTATIC_ERR_MEMORY;
  }
  if (error) {
    mem_free(&b->options.allocator, a, a->size);
    return error;
  }
  if (there)
    mem_free(&b->options.allocator, b->asset[at], b->asset[at]->size);
  else
    memmove(b->asset + at + 1, b->asset + at,
            (b->assets++ - at) * sizeof *b->asset);
  b->asset[at] = a;
  return EDGESTATIC_OK;
}

int edgestatic_builder_add_dir(edgestatic_builder *b, const char *dir) {
  struct scan *more = mem_grow(&b->options.allocator, b->scan, &b->scan_room,
                               b->scans + 1, sizeof *more);
  if (!more)
    return EDGESTATIC_ERR_MEMORY;
  b->scan = more;
  int error = scan_dir(&b->scan[b->scans], &b->options, dir);
  if (!error)
    b->scans++;
  return error;
}

/* ---- Packs ---- */

/* Takes over how the pack's files were mapped to paths. */
static int take_mapping(edgestatic_builder *b, const edgestatic_store *s) {
  const pack_collection *site = pack_collection_of(s);
  unsigned flags = site ? get16(site->flags) : 0;
  unsigned html = COLLECTION_HTML(flags), missing = COLLECTION_NOT_FOUND(flags);
  if (missing > EDGESTATIC_NOT_FOUND_NONE)
    return report_error(&b->options, EDGESTATIC_ERR_INPUT, NULL, 0,
                        "the pack to carry over serves missing paths in a way "
                        "that needs a newer edgestatic");
  b->options.html_handling = (int)html;
  b->options.not_found = (int)missing;
  return EDGESTATIC_OK;
}

int edgestatic_builder_add_pack(edgestatic_builder *b, edgestatic_pack *pack,
                                int64_t now) {
  const edgestatic_store *s = edgestatic_pack_store(pack);
  int error = carry_check(s, &b->options);
  if (!error)
    error = take_mapping(b, s);
  if (error)
    return error;
  edgestatic_pack_ref(pack);
  edgestatic_pack_unref(b->base.pack);
  b->base = (struct builder_pack){pack, now};
  return EDGESTATIC_OK;
}

void builder_forget_previous(edgestatic_builder *b, size_t keep) {
  while (b->previous_count > keep)
    edgestatic_pack_unref(b->previous[--b->previous_count].pack);
}

int edgestatic_builder_previous(edgestatic_builder *b, edgestatic_pack *pack,
                                int64_t retain_until) {
  if (retain_until < 0)
    return report_error(&b->options, EDGESTATIC_ERR_INPUT, NULL, 0,
                        "files of an earlier release cannot be kept until "
                        "before 1970");
  int error = carry_check(edgestatic_pack_store(pack), &b->options);
  if (error)
    return error;
  struct builder_pack *more =
      mem_grow(&b->options.allocator, b->previous, &b->previous_room,
               b->previous_count + 1, sizeof *more);
  if (!more)
    return EDGESTATIC_ERR_MEMORY;
  b->previous = more;
  more[b->previous_count++] =
      (struct builder_pack){edgestatic_pack_ref(pack), retain_until};
  return EDGESTATIC_OK;
}

void edgestatic_builder_get_stats(const edgestatic_builder *b,
                                  edgestatic_builder_stats *stats) {
  *stats = b->stats;
}
