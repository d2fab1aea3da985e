/* compose.c - see compose.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/compose.h"

#include "build/carry.h"
#include "build/carry_rules.h"
#include "build/fields.h"
#include "build/policy_fields.h"
#include "build/report.h"
#include "build/urls.h"
#include "core/pack.h"

#include <time.h>

/* ---- Bodies ---- */

struct newcomer {
  struct gather *gather;
  uint64_t source;
};

/* Of which blob in its pack a carried body is. */
static uint32_t carried_blob(const struct gather_item *item, uint64_t source) {
  return get32(pack_variant_at(item->pack, (uint32_t)source)->blob);
}

/* Whether two sources can be the same bytes at all, and if so, whether that is
 * known without reading them.
 *
 * The same source is asked for twice by a page that is an error page too.
 * Other contents differ, and so do their encodings, because decoding is a
 * function; but a file of the site can be the encoding of another: a.js.gz.
 * Of a pack that is carried over nothing is known but its own blobs. */
enum likeness { LIKE_NEVER, LIKE_PERHAPS, LIKE_ALWAYS };

static enum likeness likeness(const struct gather *g, uint64_t a, uint64_t b) {
  if (a == b)
    return LIKE_ALWAYS;
  if (gather_is_carried(a) && gather_is_carried(b)) {
    const struct gather_item *x = gather_carried_item(g, a);
    const struct gather_item *y = gather_carried_item(g, b);
    return x->pack == y->pack && carried_blob(x, a) == carried_blob(y, b)
               ? LIKE_ALWAYS
               : LIKE_PERHAPS;
  }
  if (gather_is_carried(a) || gather_is_carried(b))
    return LIKE_PERHAPS;
  bool a_is_file = gather_coding(a) == EDGESTATIC_CODING_IDENTITY;
  bool b_is_file = gather_coding(b) == EDGESTATIC_CODING_IDENTITY;
  return a_is_file == b_is_file ? LIKE_NEVER : LIKE_PERHAPS;
}

static bool same_body(void *ctx, const struct blob *have) {
  const struct newcomer *new = ctx;
  enum likeness like = likeness(new->gather, have->source, new->source);
  if (like != LIKE_PERHAPS)
    return like == LIKE_ALWAYS;
  struct gather_bytes a = gather_load(new->gather, 0, have->source);
  struct gather_bytes b = gather_load(new->gather, 0, new->source);
  return !a.error && !b.error && a.size == b.size &&
         memcmp(a.bytes, b.bytes, (size_t)a.size) == 0;
}

/* The blob of a body, which is added where it is new. */
static uint32_t add_body(struct compose *c, uint64_t source,
                         const unsigned char hash[16], uint64_t size) {
  struct newcomer new = {c->gather, source};
  bool fresh;
  uint32_t blob =
      blobs_share(&c->bodies, hash, size, new.source, same_body, &new, &fresh);
  if (fresh) {
    unsigned char sha256[DIGEST_SIZE];
    gather_digest(c->gather, source, sha256);
    layout_blob(&c->layout, hash, size);
    layout_digest(&c->layout, blob, sha256);
  }
  return blob;
}

/* ---- Assets ---- */

static uint32_t add_variant(struct compose *c, enum fields_role role,
                            uint32_t blob, unsigned coding, uint32_t dictionary,
                            struct fields_time time) {
  const struct blob *b = &c->bodies.blob[blob];
  char text[FIELDS_ETAG_LENGTH];
  slice etag = {text, 0};
  if (role != FIELDS_ERROR_PAGE)
    etag = fields_etag(b->hash, text);
  unsigned char sha256[DIGEST_SIZE];
  struct fields_body body = {.size = b->size, .coding = coding, .etag = etag};
  if (c->policy->site.repr_digest) {
    gather_digest(c->gather, b->source, sha256);
    body.sha256 = sha256;
  }
  return layout_variant(&c->layout, blob, coding, dictionary, etag,
                        fields_variant(&c->layout, &body, time));
}

/* The deltas of a file; how many. */
static size_t add_deltas(struct compose *c, enum fields_role role,
                         uint32_t content, struct fields_time time) {
  uint32_t number[DELTAS_MAX];
  if (role != FIELDS_FILE) /* an error page's are never sent */
    return 0;
  size_t count = deltas_of(&c->deltas, content, number);
  for (size_t i = 0; i < count; i++) {
    const struct deltas_one *one = &c->deltas.one[number[i]];
    uint32_t blob = add_body(c, gather_delta(number[i], one->coding),
                             one->kept.hash, one->kept.size);
    add_variant(c, role, blob, one->coding,
                layout_dictionary(&c->layout, one->sha256, one->name), time);
  }
  return count;
}

static void add_carried_variant(struct compose *c, const edgestatic_store *s,
                                uint32_t number, uint32_t blob) {
  const pack_variant *v = pack_variant_at(s, number);
  uint32_t dictionary = get32(v->dictionary);
  if (dictionary != 0) {
    const pack_dictionary *d = pack_dictionary_at(s, dictionary - 1);
    dictionary =
        layout_dictionary(&c->layout, d->sha256, pack_string(s, d->name));
  }
  layout_variant(
      &c->layout, blob, v->coding, dictionary, pack_string(s, v->etag),
      carry_run(&c->layout, s, v->field, v->field_count, v->field_kept, true));
}

static uint32_t carried_body(struct compose *c, size_t file, uint32_t number) {
  edgestatic_variant v =
      edgestatic_store_variant(c->gather->item[file].pack, number);
  return add_body(c, gather_carried(file, number), v.hash, v.size);
}

/* The same for a carried item, which is that asset of its pack.  The order of
 * all is as below: a pack that is carried over whole comes out as it was. */
static uint32_t add_carried(struct compose *c, size_t file, uint32_t number,
                            slice path) {
  const struct gather_item *item = &c->gather->item[file];
  const edgestatic_store *s = item->pack;
  const pack_asset *a = pack_asset_at(s, number);
  uint32_t variant[EDGESTATIC_CODING_COUNT], blob[EDGESTATIC_CODING_COUNT];
  uint32_t delta[CARRY_VARIANTS_MAX];
  unsigned count = carry_variants(s, number, variant);
  unsigned deltas = carry_deltas(item, number, delta);
  for (unsigned i = 0; i < count; i++) {
    unsigned k = (i + count - 1) % count; /* identity, which is last, first */
    blob[k] = carried_body(c, file, variant[k]);
  }
  uint32_t first = (uint32_t)c->layout.variants.count;
  for (unsigned i = 0; i < count; i++)
    add_carried_variant(c, s, variant[i], blob[i]);
  for (unsigned i = 0; i < deltas; i++)
    add_carried_variant(c, s, delta[i], carried_body(c, file, delta[i]));
  struct layout_asset asset = {.path = path,
                               .file = item->path,
                               .type = pack_string(s, a->type),
                               .flags = get32(a->flags),
                               .mtime = (int64_t)get64(a->mtime),
                               .variant = first,
                               .variant_count = count + deltas,
                               .retained_until = item->retained_until};
  if (a->bare_count > 0)
    asset.bare = carry_run(&c->layout, s, a->bare, a->bare_count, a->bare_kept,
                           deltas > 0);
  asset.fields = carry_run(&c->layout, s, a->field, a->field_count,
                           a->field_kept, deltas > 0);
  asset.fields.tls = a->tls_count;
  asset.bare.tls = a->bare_tls;
  if (get32(a->cors) != 0) {
    const pack_cors *cors = pack_cors_at(s, get32(a->cors) - 1);
    const struct layout_cors carried = {
        .origins = pack_string(s, cors->origins),
        .methods = pack_string(s, cors->methods),
        .headers = pack_string(s, cors->headers),
        .exposed = pack_string(s, cors->exposed),
        .max_age = get32(cors->max_age),
        .flags = get32(cors->flags)};
    asset.cors = layout_cors(&c->layout, &carried);
  }
  return layout_asset(&c->layout, &asset);
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
  uint32_t body =
      add_body(c, gather_source(found->content, EDGESTATIC_CODING_IDENTITY),
               identity->hash, identity->size);
  uint32_t first = (uint32_t)c->layout.variants.count;
  for (unsigned i = 0; i < content->count; i++) {
    const struct gather_kept *kept = &content->kept[i];
    uint32_t blob = add_body(c, gather_source(found->content, kept->coding),
                             kept->hash, kept->size);
    add_variant(c, role, blob, kept->coding, 0, time);
  }
  add_variant(c, role, body, EDGESTATIC_CODING_IDENTITY, 0, time);
  size_t deltas = add_deltas(c, role, found->content, time);
  const struct fields_subject subject = {.role = role,
                                         .item = item,
                                         .hash = identity->hash,
                                         .type = found->type,
                                         .path = path,
                                         .location = location,
                                         .size = identity->size,
                                         .variants = content->count + 1,
                                         .deltas = deltas,
                                         .dictionary = c->dictionary,
                                         .pages = &c->pages};
  struct fields_made made;
  int error = fields_asset(&made, &c->layout, g->options, c->policy, c->rules,
                           &subject);
  if (error && !c->layout.error)
    c->layout.error = error;
  struct layout_asset asset = {
      .path = path,
      .file = item->path,
      .type = made.type,
      .flags = flags[role],
      .mtime = time.mtime,
      .variant = first,
      .variant_count = content->count + 1 + (uint32_t)deltas,
      .fields = made.run,
      .bare = made.bare,
      .cors = policy_cors(c->policy, &c->layout, item->path)};
  uint32_t number = layout_asset(&c->layout, &asset);
  fieldlist_free(&made.list);
  return number;
}

/* Adds an asset over any file; EDGESTATIC_NONE where that is carried and has
 * not this role in its pack. */
static uint32_t add_role(struct compose *c, enum fields_role role, size_t file,
                         slice path, slice location) {
  const struct gather_item *item = &c->gather->item[file];
  if (!item->pack)
    return add_asset(c, role, file, path, location);
  uint32_t number = carry_role(item, role, path);
  if (number == EDGESTATIC_NONE)
    return EDGESTATIC_NONE;
  return add_carried(c, file, number, path);
}

/* The files' assets come first, in the order of the files; so a file's number
 * is its asset's. */
static void add_files(struct compose *c, const struct urls *urls) {
  size_t e = 0;
  for (size_t i = 0; i < c->gather->count; i++) {
    const struct gather_item *item = &c->gather->item[i];
    uint32_t asset = add_role(c, FIELDS_FILE, i, urls->entry[e].path,
                              urls->entry[e].location);
    unsigned kept = item->retained_until != 0 ? ENTRY_RETAINED : 0;
    for (; e < urls->count && urls->entry[e].file == i; e++)
      layout_path(&c->layout, urls->entry[e].path, urls->entry[e].location,
                  asset, urls->entry[e].flags | kept);
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
    uint32_t asset = add_role(c, FIELDS_ERROR_PAGE, i, key, encoded);
    if (asset != EDGESTATIC_NONE)
      layout_error_page(&c->layout, key, encoded, asset);
  }
}

static int add_fallback(struct compose *c) {
  const edgestatic_builder_options *options = c->gather->options;
  if (options->not_found != EDGESTATIC_NOT_FOUND_SPA)
    return EDGESTATIC_OK;
  for (size_t i = 0; i < c->gather->count; i++)
    if (slice_eq(c->gather->item[i].path, LIT("index.html"))) {
      uint32_t asset = add_role(c, FIELDS_FALLBACK, i, LIT("/"), LIT("/"));
      c->layout.fallback = asset + 1; /* of EDGESTATIC_NONE: none */
      return EDGESTATIC_OK;
    }
  return report_error(options, EDGESTATIC_ERR_INPUT, "index.html", 0,
                      "a single-page app needs this file in the root of the "
                      "site; add it, or choose another answer for missing "
                      "paths");
}

/* The site's own redirects take the place of those of the pack that is carried
 * over: two files in their order are one list, two releases are not. */
static int add_rules(struct compose *c) {
  if (!policy_presets(c->policy, &c->layout) && c->base)
    carry_presets(&c->layout, c->base);
  if (c->base && c->rules->texts[SCAN_REDIRECTS].count == 0)
    carry_redirects(&c->layout, c->base);
  return rulebook_pack(c->rules, &c->layout);
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

/* Most bodies that there can be.  In a forged pack a file may have others as an
 * error page and as the single-page app. */
static uint64_t most_bodies(const struct compose *c) {
  const struct gather *g = c->gather;
  uint64_t most = EDGESTATIC_CODING_COUNT + (uint64_t)c->deltas.count;
  for (uint32_t i = 0; i < g->contents.count; i++)
    most += 1 + g->content[i].count;
  for (size_t i = 0; i < g->count; i++) {
    const struct gather_item *item = &g->item[i];
    uint32_t variant[CARRY_VARIANTS_MAX];
    if (!item->pack)
      continue;
    most += carry_variants(item->pack, item->asset, variant);
    most += carry_deltas(item, item->asset, variant);
    if (urls_error_folder(item->path).base)
      most += EDGESTATIC_CODING_COUNT;
  }
  return most;
}

/* Deltas to what clients may hold, then room for all bodies. */
static int make_deltas(struct compose *c, const struct urls *urls) {
  struct gather *g = c->gather;
  int error = EDGESTATIC_OK;
  c->deltas.gather = g;
  g->deltas = &c->deltas;
  if (c->versions)
    error = deltas_find(&c->deltas, c->policy, c->versions, urls);
  if (!error && c->dictionary)
    error = sitedict_deltas(c->dictionary, &c->deltas);
  if (!error)
    error = deltas_run(&c->deltas);
  if (error)
    return error;
  if (c->dictionary)
    sitedict_tell(c->dictionary, &c->deltas);
  uint64_t most = most_bodies(c);
  if (most > UINT32_MAX / 2)
    return EDGESTATIC_ERR_LIMIT;
  return blobs_init(&c->bodies, &g->options->allocator, (uint32_t)most);
}

int compose(struct compose *c) {
  struct gather *g = c->gather;
  const edgestatic_allocator *allocator = &g->options->allocator;
  c->now = (int64_t)time(NULL);
  layout_init(&c->layout, allocator);
  c->layout.flags = COLLECTION_FLAGS((unsigned)g->options->html_handling,
                                     (unsigned)g->options->not_found);
  slice *paths = mem_new(allocator, g->count + 1, sizeof *paths);
  if (!paths)
    return EDGESTATIC_ERR_MEMORY;
  for (size_t i = 0; i < g->count; i++)
    paths[i] = g->item[i].path;
  struct urls urls = {0};
  int error = urls_map(&urls, g->options, paths, g->count);
  if (!error) {
    error = make_deltas(c, &urls);
    if (!error)
      error = pages_open(&c->pages, g, c->policy, &urls);
    if (!error) {
      add_files(c, &urls);
      add_error_pages(c);
      error = add_fallback(c);
    }
    if (!error)
      error = add_rules(c);
    if (!error)
      error = finish_index(c);
    pages_free(&c->pages);
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
  if (c->deltas.gather)
    deltas_free(&c->deltas);
  layout_free(&c->layout);
}
