/* fields.c - see fields.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/fields.h"

#include "build/digest.h"
#include "build/imfdate.h"
#include "build/pages.h"
#include "build/policy_fields.h"
#include "build/sitedict_use.h"
#include "build/useas.h"
#include "core/structured.h"

#include <stdio.h>

/* Without an asset at a path, whether the request is a navigation decides
 * between the single-page app and the 404 page (RFC 9110 section 12.5.5). */
#define VARY_NAVIGATION                                                        \
  "Accept-Encoding, Accept, Sec-Fetch-Mode, Sec-Fetch-Dest"

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

/* Repr-Digest is of the representation in its coding (RFC 9530 section 3.1),
 * and of no use to a 304.  No Vary: it changes no representation. */
#define DIGEST_KEY "sha-256="
#define DIGEST_VALUE_LENGTH                                                    \
  (sizeof DIGEST_KEY - 1 + STRUCTURED_BYTES(DIGEST_SIZE))

static slice digest_value(char text[DIGEST_VALUE_LENGTH],
                          const unsigned char sha256[DIGEST_SIZE]) {
  size_t key = sizeof DIGEST_KEY - 1;
  memcpy(text, DIGEST_KEY, key);
  structured_put_bytes(text + key, sha256, DIGEST_SIZE);
  return slice_of(text, DIGEST_VALUE_LENGTH);
}

struct layout_run fields_variant(struct layout *layout,
                                 const struct fields_body *body,
                                 struct fields_time time) {
  struct fieldlist list;
  char digits[24], date[IMFDATE_LENGTH + 1], digest[DIGEST_VALUE_LENGTH];
  int len =
      snprintf(digits, sizeof digits, "%llu", (unsigned long long)body->size);
  fieldlist_begin(&list, layout->allocator);
  fieldlist_add(&list, LIT("Content-Length"), slice_of(digits, (size_t)len),
                LIT("body"), 0);
  if (body->coding != EDGESTATIC_CODING_IDENTITY)
    fieldlist_add(&list, LIT("Content-Encoding"),
                  edgestatic_coding_name((int)body->coding), LIT("variant"), 0);
  if (body->sha256)
    fieldlist_add(&list, LIT("Repr-Digest"), digest_value(digest, body->sha256),
                  LIT("--repr-digest"), 0);
  if (body->etag.len > 0)
    fieldlist_add(&list, LIT("ETag"), body->etag, LIT("content hash"),
                  FIELDLIST_KEPT);
  if (time.mtime != INT64_MIN) {
    imfdate(time.mtime, date);
    fieldlist_add(&list, LIT("Last-Modified"), slice_of(date, IMFDATE_LENGTH),
                  time.origin, FIELDLIST_KEPT);
  }
  return fieldlist_layout(&list, layout, false);
}

/* ---- The stages of an asset's fields ---- */

/* What its bytes are. */
static void add_content(struct fieldlist *list,
                        const edgestatic_builder_options *options,
                        const struct fields_subject *s) {
  fieldlist_add(list, LIT("Content-Type"), s->type,
                s->item->type.base ? LIT("asset options") : LIT("mime table"),
                0);
  if (s->role != FIELDS_ERROR_PAGE) /* ranges are for 200 */
    fieldlist_add(list, LIT("Accept-Ranges"), LIT("bytes"), LIT("default"), 0);
  if (!options->no_nosniff)
    fieldlist_add(list, LIT("X-Content-Type-Options"), LIT("nosniff"),
                  LIT("default"), 0);
}

/* What of the request chose it. */
static void add_vary(struct fieldlist *list,
                     const edgestatic_builder_options *options,
                     const struct fields_subject *s) {
  if (s->role == FIELDS_FALLBACK ||
      (s->role == FIELDS_ERROR_PAGE &&
       options->not_found == EDGESTATIC_NOT_FOUND_SPA))
    fieldlist_add(list, LIT("Vary"), LIT(VARY_NAVIGATION),
                  LIT("single-page app"), FIELDLIST_KEPT);
  else if (s->deltas > 0)
    fieldlist_add(list, LIT("Vary"), LIT(FIELDS_VARY_DELTAS), LIT("deltas"),
                  FIELDLIST_KEPT);
  else if (s->variants > 1)
    fieldlist_add(list, LIT("Vary"), LIT("Accept-Encoding"), LIT("variants"),
                  FIELDLIST_KEPT);
}

int fields_asset(struct fields_made *made, struct layout *layout,
                 const edgestatic_builder_options *options,
                 const struct policy *policy, const struct rulebook *rules,
                 const struct fields_subject *subject) {
  struct fieldlist *list = &made->list;
  bool changed = false;
  int error = EDGESTATIC_OK;
  fieldlist_begin(list, layout->allocator);
  add_content(list, options, subject);
  policy_fields(list, policy, subject);
  error = pages_fields(subject->pages, list, subject);
  sitedict_fields(subject->dictionary, list, subject);
  add_vary(list, options, subject);
  useas_offer(list, policy, subject);
  useas_settle(list);
  made->type = subject->type;
  made->bare =
      fieldlist_layout(list, layout, subject->role == FIELDS_ERROR_PAGE);
  /* What is sent for other paths meets the rules of those, at run time. */
  if (!error && subject->role == FIELDS_FILE) {
    /* Rules may change Cache-Control, or take the offer away. */
    useas_offer(list, policy, subject);
    error = rulebook_overlay(rules, list, subject, &made->type, &changed);
    useas_settle(list);
  }
  made->run = changed ? fieldlist_layout(list, layout, false) : made->bare;
  return error;
}
