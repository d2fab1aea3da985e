/* compose.c - see compose.h.
 *
 * A response's fields are the variant's and then the asset's:
 *
 *   Content-Length, Content-Encoding | ETag, Last-Modified
 *   Content-Type, Accept-Ranges, X-Content-Type-Options | Cache-Control, Vary
 *
 * and those behind the bars are what a 304 repeats (RFC 9110 section 15.4.5).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/compose.h"

#include "build/report.h"
#include "build/urls.h"

#include <stdio.h>
#include <time.h>

#define DATE_NEWEST INT64_C(253402300799) /* the last second of year 9999 */
#define ETAG_LENGTH 34

/* Without an asset at a path, whether it is a navigation decides between the
 * single-page app and the 404 page (RFC 9110 section 12.5.5). */
#define VARY_NAVIGATION                                                        \
  "Accept-Encoding, Accept, Sec-Fetch-Mode, Sec-Fetch-Dest"

enum role { ROLE_FILE, ROLE_ERROR_PAGE, ROLE_FALLBACK };

void compose_date(int64_t seconds, char date[COMPOSE_DATE_LENGTH + 1]) {
  static const char days[] = "ThuFriSatSunMonTueWed";
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  unsigned day = (unsigned)(seconds / 86400);
  unsigned second = (unsigned)(seconds % 86400);
  /* Years from March on, so that the leap day is a year's last; from
   * 0000-03-01, in eras of 400 years. */
  unsigned from_march = day + 719468;
  unsigned era = from_march / 146097, of_era = from_march % 146097;
  unsigned year =
      (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
  unsigned month = (5 * of_year + 2) / 153; /* 0 is March */
  unsigned of_month = of_year - (153 * month + 2) / 5 + 1;
  month = (month + 2) % 12; /* 0 is January */
  year += era * 400 + (month < 2);
  char text[64]; /* more than seven numbers of any size take */
  snprintf(text, sizeof text, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
           days + day % 7 * 3, of_month, months + month * 3, year,
           second / 3600, second / 60 % 60, second % 60);
  memcpy(date, text, COMPOSE_DATE_LENGTH);
  date[COMPOSE_DATE_LENGTH] = '\0';
}

/* What may be said of a file's age.  Never later than the response (RFC 9110
 * section 8.8.2.1): a file from the future gets no Last-Modified, so that the
 * same files do not give other bytes with each second that passes. */
static int64_t last_modified(const struct compose *c, int64_t mtime,
                             int64_t now) {
  int64_t newest = c->gather->options->source_date_epoch;
  if (newest != INT64_MIN && mtime > newest)
    mtime = newest;
  if (mtime < 0 || mtime > DATE_NEWEST || (newest == INT64_MIN && mtime > now))
    return INT64_MIN;
  return mtime;
}

/* ---- Fields ---- */

static struct layout_run variant_run(struct compose *c, uint64_t size,
                                     unsigned coding, slice etag, int64_t mtime,
                                     slice mtime_origin) {
  struct layout_field field[4];
  size_t n = 0, kept = 0;
  char digits[24], date[COMPOSE_DATE_LENGTH + 1];
  int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
  field[n++] = (struct layout_field){
      LIT("Content-Length"), slice_of(digits, (size_t)len), LIT("body")};
  if (coding != EDGESTATIC_CODING_IDENTITY)
    field[n++] = (struct layout_field){LIT("Content-Encoding"),
                                       edgestatic_coding_name((int)coding),
                                       LIT("variant")};
  if (etag.len > 0) {
    field[n++] = (struct layout_field){LIT("ETag"), etag, LIT("content hash")};
    kept++;
  }
  if (mtime != INT64_MIN) {
    compose_date(mtime, date);
    field[n++] = (struct layout_field){LIT("Last-Modified"),
                                       slice_of(date, COMPOSE_DATE_LENGTH),
                                       mtime_origin};
    kept++;
  }
  return layout_run(&c->layout, field, n, kept);
}

static struct layout_run asset_run(struct compose *c, enum role role,
                                   const struct gather_item *item, slice type,
                                   size_t variants) {
  const edgestatic_builder_options *options = c->gather->options;
  struct layout_field field[5];
  size_t n = 0, kept = 0;
  field[n++] = (struct layout_field){LIT("Content-Type"), type,
                                     item->type.base ? LIT("asset options")
                                                     : LIT("mime table")};
  if (role != ROLE_ERROR_PAGE)
    field[n++] = (struct layout_field){LIT("Accept-Ranges"), LIT("bytes"),
                                       LIT("default")};
  if (!options->no_nosniff)
    field[n++] = (struct layout_field){LIT("X-Content-Type-Options"),
                                       LIT("nosniff"), LIT("default")};

  struct policy_answer cache = {item->cache_control, LIT("asset options")};
  if (!cache.value.base || role == ROLE_ERROR_PAGE)
    cache = policy_for(c->policy, item->path, type, role == ROLE_ERROR_PAGE);
  field[n++] =
      (struct layout_field){LIT("Cache-Control"), cache.value, cache.origin};
  kept++;
  if (role == ROLE_FALLBACK ||
      (role == ROLE_ERROR_PAGE &&
       options->not_found == EDGESTATIC_NOT_FOUND_SPA)) {
    field[n++] = (struct layout_field){LIT("Vary"), LIT(VARY_NAVIGATION),
                                       LIT("single-page app")};
    kept++;
  } else if (variants > 1) {
    field[n++] = (struct layout_field){LIT("Vary"), LIT("Accept-Encoding"),
                                       LIT("variants")};
    kept++;
  }
  /* An error page is never answered with 304. */
  return layout_run(&c->layout, field, n, role == ROLE_ERROR_PAGE ? 0 : kept);
}

/* ---- Bodies ---- */

/* Contents differ, and so do their encodings, because decoding is a function.
 * But a file of the site can be the encoding of another one: a.js.gz. */
static bool same_body(void *ctx, const struct blob *have) {
  const struct comparison {
    struct gather *gather;
    uint64_t source;
  } *c = ctx;
  if (have->source == c->source)
    return true; /* a page, and the same file as an error page */
  if (((have->source & 0xff) == 0) == ((c->source & 0xff) == 0))
    return false;
  struct gather_bytes a = gather_load(c->gather, 0, have->source);
  struct gather_bytes b = gather_load(c->gather, 0, c->source);
  return !a.error && !b.error && a.size == b.size &&
         memcmp(a.bytes, b.bytes, (size_t)a.size) == 0;
}

static uint32_t body(struct compose *c, uint32_t content, unsigned coding,
                     const unsigned char hash[16], uint64_t size) {
  struct comparison {
    struct gather *gather;
    uint64_t source;
  } comparison = {c->gather, gather_source(content, coding)};
  bool fresh;
  uint32_t id = blobs_share(&c->bodies, hash, size, comparison.source,
                            same_body, &comparison, &fresh);
  if (fresh)
    layout_blob(&c->layout, hash, size);
  return id;
}

static void etag_of(const unsigned char hash[16], char etag[ETAG_LENGTH]) {
  static const char digits[] = "0123456789abcdef";
  char *p = etag;
  *p++ = '"';
  for (int i = 0; i < 16; i++) {
    *p++ = digits[hash[i] >> 4];
    *p++ = digits[hash[i] & 15];
  }
  *p = '"';
}

/* ---- Assets ---- */

static uint32_t add_asset(struct compose *c, enum role role, size_t file,
                          slice path, int64_t now) {
  static const uint32_t flags[] = {[ROLE_ERROR_PAGE] =
                                       EDGESTATIC_ASSET_ERROR_PAGE,
                                   [ROLE_FALLBACK] = EDGESTATIC_ASSET_FALLBACK};
  const struct gather *g = c->gather;
  const struct gather_item *item = &g->item[file];
  const struct gather_file *found = &g->file[file];
  const struct gather_content *content = &g->content[found->content];
  const struct blob *identity = &g->contents.blob[found->content];
  int64_t mtime = INT64_MIN;
  if (role != ROLE_ERROR_PAGE)
    mtime = last_modified(c, found->mtime, now);
  slice mtime_origin = mtime != found->mtime ? LIT("source date epoch")
                       : item->root < 0      ? LIT("asset options")
                                             : LIT("file");

  /* The identity's blob comes first, its variant last: it is the largest. */
  uint32_t blob = body(c, found->content, EDGESTATIC_CODING_IDENTITY,
                       identity->hash, identity->size);
  uint32_t first = 0;
  for (unsigned i = 0; i <= content->count; i++) {
    unsigned coding = EDGESTATIC_CODING_IDENTITY;
    const unsigned char *hash = identity->hash;
    uint64_t size = identity->size;
    uint32_t id = blob;
    if (i < content->count) {
      const struct gather_kept *kept = &content->kept[i];
      coding = kept->coding;
      hash = kept->hash;
      size = kept->size;
      id = body(c, found->content, coding, hash, size);
    }
    char text[ETAG_LENGTH];
    slice etag = {text, 0};
    if (role != ROLE_ERROR_PAGE) {
      etag_of(hash, text);
      etag.len = ETAG_LENGTH;
    }
    uint32_t variant =
        layout_variant(&c->layout, id, coding, etag,
                       variant_run(c, size, coding, etag, mtime, mtime_origin));
    if (i == 0)
      first = variant;
  }
  struct layout_asset asset = {
      .path = path,
      .file = item->path,
      .type = found->type,
      .flags = flags[role],
      .mtime = mtime,
      .variant = first,
      .variant_count = content->count + 1,
      .fields = asset_run(c, role, item, found->type, content->count + 1)};
  return layout_asset(&c->layout, &asset);
}

/* The files' assets come first, in the order of the files; so a file's number
 * is its asset's. */
static void add_files(struct compose *c, const struct urls *urls, int64_t now) {
  size_t e = 0;
  for (size_t i = 0; i < c->gather->count; i++) {
    uint32_t asset = add_asset(c, ROLE_FILE, i, urls->entry[e].path, now);
    for (; e < urls->count && urls->entry[e].file == i; e++)
      layout_path(&c->layout, urls->entry[e].path, urls->entry[e].location,
                  asset, urls->entry[e].flags);
  }
}

static void add_error_pages(struct compose *c, int64_t now) {
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
    uint32_t asset = add_asset(c, ROLE_ERROR_PAGE, i, key, now);
    layout_error_page(&c->layout, key, slice_of(location, len), asset);
  }
}

static int add_fallback(struct compose *c, int64_t now) {
  const edgestatic_builder_options *options = c->gather->options;
  if (options->not_found != EDGESTATIC_NOT_FOUND_SPA)
    return EDGESTATIC_OK;
  for (size_t i = 0; i < c->gather->count; i++)
    if (slice_eq(c->gather->item[i].path, LIT("index.html"))) {
      uint32_t asset = add_asset(c, ROLE_FALLBACK, i, LIT("/"), now);
      c->layout.fallback = asset + 1;
      return EDGESTATIC_OK;
    }
  return report_error(options, EDGESTATIC_ERR_INPUT, "index.html", 0,
                      "a single-page app needs this file in the root of the "
                      "site; add it, or choose another answer for missing "
                      "paths");
}

int compose(struct compose *c) {
  struct gather *g = c->gather;
  const edgestatic_allocator *allocator = &g->options->allocator;
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
    int64_t now = (int64_t)time(NULL);
    add_files(c, &urls, now);
    add_error_pages(c, now);
    error = add_fallback(c, now);
    if (!error)
      error = layout_finish(&c->layout, &c->index);
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
