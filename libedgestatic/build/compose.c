/* compose.c - see compose.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/compose.h"

#include "build/fields.h"
#include "build/report.h"
#include "build/urls.h"

#include <time.h>

/* ---- Bodies ---- */

struct newcomer {
  struct gather *gather;
  uint64_t source;
};

/* The same source is asked for twice by a page that is an error page too.
 * Other contents differ, and so do their encodings, because decoding is a
 * function; but a file of the site can be the encoding of another: a.js.gz. */
static bool same_body(void *ctx, const struct blob *have) {
  const struct newcomer *new = ctx;
  bool have_file = gather_coding(have->source) == EDGESTATIC_CODING_IDENTITY;
  bool new_file = gather_coding(new->source) == EDGESTATIC_CODING_IDENTITY;
  if (have->source == new->source)
    return true;
  if (have_file == new_file)
    return false;
  struct gather_bytes a = gather_load(new->gather, 0, have->source);
  struct gather_bytes b = gather_load(new->gather, 0, new->source);
  return !a.error && !b.error && a.size == b.size &&
         memcmp(a.bytes, b.bytes, (size_t)a.size) == 0;
}

/* The blob of a body, which is added where it is new. */
static uint32_t add_body(struct compose *c, uint32_t content, unsigned coding,
                         const unsigned char hash[16], uint64_t size) {
  struct newcomer new = {c->gather, gather_source(content, coding)};
  bool fresh;
  uint32_t blob =
      blobs_share(&c->bodies, hash, size, new.source, same_body, &new, &fresh);
  if (fresh)
    layout_blob(&c->layout, hash, size);
  return blob;
}

/* ---- Assets ---- */

static uint32_t add_variant(struct compose *c, enum fields_role role,
                            uint32_t blob, unsigned coding,
                            struct fields_time time) {
  const struct blob *b = &c->bodies.blob[blob];
  char text[FIELDS_ETAG_LENGTH];
  slice etag = {text, 0};
  if (role != FIELDS_ERROR_PAGE)
    etag = fields_etag(b->hash, text);
  return layout_variant(
      &c->layout, blob, coding, etag,
      fields_variant(&c->layout, b->size, coding, etag, time));
}

/* Adds an asset over a file and returns its number. */
static uint32_t add_asset(struct compose *c, enum fields_role role, size_t file,
                          slice path, slice location) {
  static const uint32_t flags[] = {
      [FIELDS_ERROR_PAGE] = EDGESTATIC_ASSET_ERROR_PAGE,
      [FIELDS_FALLBACK] = EDGESTATIC_ASSET_FALLBACK};
  const struct gather *g = c->gather;
  const struct gather_item *item = &g->item[file];
  const struct gather_file *found = &g->file[file];
  const struct gather_content *content = &g->content[found->content];
  const struct blob *identity = &g->contents.blob[found->content];
  struct fields_time time = {INT64_MIN, LIT("")};
  if (role != FIELDS_ERROR_PAGE)
    time = fields_time(g->options, item, found->mtime, c->now);

  /* The smallest variant first, so identity last; but its body is the first,
   * and thus where an asset begins. */
  uint32_t body = add_body(c, found->content, EDGESTATIC_CODING_IDENTITY,
                           identity->hash, identity->size);
  uint32_t first = (uint32_t)c->layout.variants.count;
  for (unsigned i = 0; i < content->count; i++) {
    const struct gather_kept *kept = &content->kept[i];
    uint32_t blob =
        add_body(c, found->content, kept->coding, kept->hash, kept->size);
    add_variant(c, role, blob, kept->coding, time);
  }
  add_variant(c, role, body, EDGESTATIC_CODING_IDENTITY, time);
  const struct fields_subject subject = {.role = role,
                                         .item = item,
                                         .hash = identity->hash,
                                         .type = found->type,
                                         .path = path,
                                         .location = location,
                                         .variants = content->count + 1};
  struct fields_made made;
  int error = fields_asset(&made, &c->layout, g->options, c->policy, c->rules,
                           &subject);
  if (error && !c->layout.error)
    c->layout.error = error;
  struct layout_asset asset = {.path = path,
                               .file = item->path,
                               .type = made.type,
                               .flags = flags[role],
                               .mtime = time.mtime,
                               .variant = first,
                               .variant_count = content->count + 1,
                               .fields = made.run};
  uint32_t number = layout_asset(&c->layout, &asset);
  fieldlist_free(&made.list);
  return number;
}

/* The files' assets come first, in the order of the files; so a file's number
 * is its asset's. */
static void add_files(struct compose *c, const struct urls *urls) {
  size_t e = 0;
  for (size_t i = 0; i < c->gather->count; i++) {
    uint32_t asset = add_asset(c, FIELDS_FILE, i, urls->entry[e].path,
                               urls->entry[e].location);
    for (; e < urls->count && urls->entry[e].file == i; e++)
      layout_path(&c->layout, urls->entry[e].path, urls->entry[e].location,
                  asset, urls->entry[e].flags);
  }
}

static void add_error_pages(struct compose *c) {
  if (c->gather->options->not_found == EDGESTATIC_NOT_FOUND_NONE)
    return;
  for (size_t i = 0; i < c->gather->count; i++) {
    slice below = urls_error_folder(c->gather->item[i].path);
    if (!below.base)
      continue;
    char folder[EDGESTATIC_PATH_MAX + 1], location[URLS_ENCODED_MAX];
    folder[0] = '/';
    memcpy(folder + 1, below.base, below.len);
    slice key = slice_of(folder, below.len + 1);
    size_t len = urls_encode(location, key);
    slice encoded = slice_of(location, len);
    uint32_t asset = add_asset(c, FIELDS_ERROR_PAGE, i, key, encoded);
    layout_error_page(&c->layout, key, encoded, asset);
  }
}

static int add_fallback(struct compose *c) {
  const edgestatic_builder_options *options = c->gather->options;
  if (options->not_found != EDGESTATIC_NOT_FOUND_SPA)
    return EDGESTATIC_OK;
  for (size_t i = 0; i < c->gather->count; i++)
    if (slice_eq(c->gather->item[i].path, LIT("index.html"))) {
      uint32_t asset = add_asset(c, FIELDS_FALLBACK, i, LIT("/"), LIT("/"));
      c->layout.fallback = asset + 1;
      return EDGESTATIC_OK;
    }
  return report_error(options, EDGESTATIC_ERR_INPUT, "index.html", 0,
                      "a single-page app needs this file in the root of the "
                      "site; add it, or choose another answer for missing "
                      "paths");
}

/* Lays out the index and opens it as its readers will: there is no pack that
 * cannot be read.  What they refuse and we do not see before is a table that
 * forged names made slow. */
static int finish_index(struct compose *c) {
  edgestatic_store store;
  int error = layout_finish(&c->layout, &c->index);
  if (error)
    return error;
  if (edgestatic_store_open(&store, c->index.bytes, c->index.size))
    return report_error(c->gather->options, EDGESTATIC_ERR_INPUT, NULL, 0,
                        "the names of the files are made to collide in the "
                        "pack's hash table; rename them");
  return EDGESTATIC_OK;
}

int compose(struct compose *c) {
  struct gather *g = c->gather;
  const edgestatic_allocator *allocator = &g->options->allocator;
  c->now = (int64_t)time(NULL);
  layout_init(&c->layout, allocator);
  uint64_t most = 0;
  for (uint32_t i = 0; i < g->contents.count; i++)
    most += 1 + g->content[i].count;
  if (most > UINT32_MAX / 2)
    return EDGESTATIC_ERR_LIMIT;
  int error = blobs_init(&c->bodies, allocator, (uint32_t)most);
  slice *paths = mem_new(allocator, g->count + 1, sizeof *paths);
  if (error || !paths) {
    mem_free(allocator, paths, (g->count + 1) * sizeof *paths);
    return EDGESTATIC_ERR_MEMORY;
  }
  for (size_t i = 0; i < g->count; i++)
    paths[i] = g->item[i].path;
  struct urls urls = {0};
  error = urls_map(&urls, g->options, paths, g->count);
  if (!error) {
    add_files(c, &urls);
    add_error_pages(c);
    error = add_fallback(c);
    if (!error)
      error = rulebook_pack(c->rules, &c->layout);
    if (!error)
      error = finish_index(c);
    urls_free(&urls);
  }
  mem_free(allocator, paths, (g->count + 1) * sizeof *paths);
  if (error == EDGESTATIC_ERR_LIMIT)
    report_error(g->options, error, NULL, 0,
                 "the site is too large for a pack: its index would exceed "
                 "4 GB; split it");
  return error;
}

void compose_free(struct compose *c) {
  mem_free(&c->gather->options->allocator, c->index.bytes, c->index.size);
  blobs_free(&c->bodies);
  layout_free(&c->layout);
}
