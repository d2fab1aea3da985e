/* fields.c - see fields.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/fields.h"

#include "build/imfdate.h"

#include <stdio.h>

/* Without an asset at a path, whether the request is a navigation decides
 * between the single-page app and the 404 page (RFC 9110 section 12.5.5). */
#define VARY_NAVIGATION                                                        \
  "Accept-Encoding, Accept, Sec-Fetch-Mode, Sec-Fetch-Dest"

#define FIELDS_MAX 5

struct run {
  struct layout_field field[FIELDS_MAX];
  size_t count, kept;
};

static void add(struct run *run, slice name, slice value, slice origin) {
  run->field[run->count++] = (struct layout_field){name, value, origin};
}

/* Those that a 304 repeats come last. */
static void add_kept(struct run *run, slice name, slice value, slice origin) {
  add(run, name, value, origin);
  run->kept++;
}

struct fields_time fields_time(const edgestatic_builder_options *options,
                               const struct gather_item *item, int64_t mtime,
                               int64_t now) {
  int64_t newest = options->source_date_epoch;
  slice origin = item->root < 0 ? LIT("asset options") : LIT("file");
  if (newest != INT64_MIN && mtime > newest) {
    mtime = newest;
    origin = LIT("source date epoch");
  }
  /* RFC 9110 section 8.8.2.1: not later than the response.  The time of the
   * build in its place, which the section allows, would give other bytes with
   * each build: a file from the future gets none. */
  if (mtime < 0 || mtime > IMFDATE_NEWEST ||
      (newest == INT64_MIN && mtime > now))
    mtime = INT64_MIN;
  return (struct fields_time){mtime, origin};
}

slice fields_etag(const unsigned char hash[16], char text[FIELDS_ETAG_LENGTH]) {
  static const char digits[] = "0123456789abcdef";
  char *p = text;
  *p++ = '"';
  for (int i = 0; i < 16; i++) {
    *p++ = digits[hash[i] >> 4];
    *p++ = digits[hash[i] & 15];
  }
  *p = '"';
  return slice_of(text, FIELDS_ETAG_LENGTH);
}

struct layout_run fields_variant(struct layout *layout, uint64_t size,
                                 unsigned coding, slice etag,
                                 struct fields_time time) {
  struct run run = {.count = 0};
  char digits[24], date[IMFDATE_LENGTH + 1];
  int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
  add(&run, LIT("Content-Length"), slice_of(digits, (size_t)len), LIT("body"));
  if (coding != EDGESTATIC_CODING_IDENTITY)
    add(&run, LIT("Content-Encoding"), edgestatic_coding_name((int)coding),
        LIT("variant"));
  if (etag.len > 0)
    add_kept(&run, LIT("ETag"), etag, LIT("content hash"));
  if (time.mtime != INT64_MIN) {
    imfdate(time.mtime, date);
    add_kept(&run, LIT("Last-Modified"), slice_of(date, IMFDATE_LENGTH),
             time.origin);
  }
  return layout_run(layout, run.field, run.count, run.kept);
}

struct layout_run
fields_asset(struct layout *layout, const edgestatic_builder_options *options,
             const struct policy *policy, enum fields_role role,
             const struct gather_item *item, slice type, size_t variants) {
  bool error_page = role == FIELDS_ERROR_PAGE;
  struct run run = {.count = 0};
  add(&run, LIT("Content-Type"), type,
      item->type.base ? LIT("asset options") : LIT("mime table"));
  if (!error_page) /* ranges are for 200 */
    add(&run, LIT("Accept-Ranges"), LIT("bytes"), LIT("default"));
  if (!options->no_nosniff)
    add(&run, LIT("X-Content-Type-Options"), LIT("nosniff"), LIT("default"));

  struct policy_answer cache = {item->cache_control, LIT("asset options")};
  if (error_page || !cache.value.base)
    cache = policy_for(policy, item->path, type, error_page);
  add_kept(&run, LIT("Cache-Control"), cache.value, cache.origin);
  if (role == FIELDS_FALLBACK ||
      (error_page && options->not_found == EDGESTATIC_NOT_FOUND_SPA))
    add_kept(&run, LIT("Vary"), LIT(VARY_NAVIGATION), LIT("single-page app"));
  else if (variants > 1)
    add_kept(&run, LIT("Vary"), LIT("Accept-Encoding"), LIT("variants"));
  /* An error page has no validators, so it is never answered with 304. */
  return layout_run(layout, run.field, run.count, error_page ? 0 : run.kept);
}
