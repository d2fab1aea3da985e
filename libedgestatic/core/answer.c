/* answer.c - writes a response: its fields, its text, its segments.
 *
 * Rulings:
 * - What the core says by itself is one line of text/plain that repeats
 *   nothing of the request, with nosniff.  no-store: an error of this release
 *   must not outlive it in a cache (404, 405, 414 are cacheable by heuristic,
 *   RFC 9110 section 15.1).
 * - Redirects get no-cache: 301 and 308 would stay in a browser for ever, and
 *   a later release may have an asset there.
 * - 206 has every field that the 200 would have, after an If-Range too.
 *   Section 15.3.7 asks to leave out representation metadata in that case; but
 *   a client that lost them is helped and nobody is harmed, and caches that
 *   combine parts need Content-Encoding to.
 * - A multipart 206 keeps Content-Encoding at the top for the same rule: it
 *   speaks of the representation whose parts are enclosed (sections 8.4 and
 *   15.3.7), each part being a slice of coded bytes.  Its parts carry
 *   Content-Type and Content-Range (section 14.6).
 * - The boundary is the XXH3-128 of the whole body.  The core never reads the
 *   body, so it cannot look for one that is not in it; a body that holds its
 *   own hash has to be made for it, by the site's own author, and each part's
 *   Content-Range says its length all the same.
 *
 * - A page of the site that a rule sends with 4xx or 5xx is an error page: its
 *   validators and Accept-Ranges are of its 200 (sections 13.2.1 and 14.2),
 *   and it is not to be stored, so it is no dictionary either.  No delta is
 *   sent as one, so its Vary is that of an asset without.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/answer.h"
#include "core/text.h"
#include "core/uri.h"

#define CORE LIT("default")

/* Of what has deltas; also a 406 of it (RFC 9842 section 6.2). */
#define VARY_DELTAS "Accept-Encoding, Available-Dictionary"

/* A field that the core sets by itself. */
#define OWN(r, name, value) answer_field(r, LIT(name), value, CORE)
#define OWN_TEXT(r, name, from) answer_field_text(r, LIT(name), from, CORE)

static const char multipart[] = "multipart/byteranges; boundary=";

/* \r\n--boundary\r\nContent-Type: type\r\nContent-Range: bytes a-b/c\r\n\r\n */
#define BOUNDARY_LEN 32
#define PART_HEAD_MAX                                                          \
  (4 + BOUNDARY_LEN + 2 + 14 + PACK_TYPE_MAX + 2 + 21 + 3 * TEXT_DIGITS + 2 + 4)
#define DETAIL_MAX 128

/* Location and its NUL, Content-Length and its NUL, the content. */
_Static_assert(PACK_LOCATION_MAX + DETAIL_MAX <= ANSWER_TEXT_MAX,
               "a redirect without a query fits");
/* Content-Type with the boundary, Content-Length, the heads, the end, two
 * digests. */
_Static_assert(sizeof multipart + BOUNDARY_LEN + TEXT_DIGITS + 2 +
                       EDGESTATIC_RANGES_MAX * PART_HEAD_MAX + BOUNDARY_LEN +
                       8 + 2 * (ANSWER_DIGEST_LEN + 1) <=
                   ANSWER_TEXT_MAX,
               "the heads of all parts fit");

void answer_begin(edgestatic_response *r, uint32_t asked) {
  r->status = 200;
  r->flags = 0;
  r->id = 0;
  r->field_count = 0;
  r->segment_count = 0;
  r->content_count = 0;
  r->content_length = 0;
  r->run_count[0] = 0;
  r->run_count[1] = 0;
  r->own_count = 0;
  r->text_len = 0;
  r->hidden = 0;
  r->asked = asked;
}

/* ---- Text ---- */

static void put(edgestatic_response *r, slice s) {
  memcpy(r->text + r->text_len, s.base, s.len);
  r->text_len += (uint32_t)s.len;
}

static void put_number(edgestatic_response *r, uint64_t n) {
  char digits[TEXT_DIGITS];
  put(r, slice_of(digits, text_decimal(digits, n)));
}

static void put_hash(edgestatic_response *r, const unsigned char hash[16]) {
  static const char digits[] = "0123456789abcdef";
  for (int i = 0; i < 16; i++) {
    r->text[r->text_len++] = digits[hash[i] >> 4];
    r->text[r->text_len++] = digits[hash[i] & 15];
  }
}

/* ---- Fields ---- */

void answer_field(edgestatic_response *r, slice name, slice value,
                  slice origin) {
  r->own[r->own_count++] =
      (edgestatic_own_field){.name = name.base,
                             .value = value.base,
                             .origin = origin.base,
                             .name_len = (uint32_t)name.len,
                             .value_len = (uint32_t)value.len,
                             .origin_len = (uint32_t)origin.len};
  r->field_count++;
}

/* Ends the text. */
void answer_field_text(edgestatic_response *r, slice name, uint32_t from,
                       slice origin) {
  answer_field(r, name, (slice){NULL, r->text_len - from}, origin);
  r->own[r->own_count - 1].value_text = from;
  r->text[r->text_len++] = '\0';
}

static bool is_hidden(const edgestatic_response *r, int run, uint32_t i) {
  return r->hidden != 0 && (r->hide[run][i / 8] >> i % 8 & 1) != 0;
}

static void hide(edgestatic_response *r, int run, uint32_t i) {
  if (is_hidden(r, run, i))
    return;
  if (r->hidden++ == 0)
    memset(r->hide, 0, sizeof r->hide);
  r->hide[run][i / 8] |= (unsigned char)(1u << i % 8);
  r->field_count--;
}

static slice stored_name(const edgestatic_response *r,
                         const edgestatic_store *store, int run, uint32_t i) {
  return pack_string(store, pack_field_at(store, r->run_first[run] + i)->name);
}

void answer_hide_own(edgestatic_response *r, slice name, uint32_t first,
                     uint32_t *end) {
  uint32_t kept = first;
  for (uint32_t i = first; i < r->own_count; i++) {
    slice of = slice_of(r->own[i].name, r->own[i].name_len);
    if (i >= *end || !slice_eq_nocase(of, name))
      r->own[kept++] = r->own[i];
  }
  uint32_t gone = r->own_count - kept;
  r->own_count = kept;
  r->field_count -= gone;
  *end -= gone;
}

void answer_hide(edgestatic_response *r, const edgestatic_store *store,
                 slice name, uint32_t *own) {
  for (int run = 0; run < 2; run++)
    for (uint32_t i = 0; i < r->run_count[run]; i++)
      if (slice_eq_nocase(stored_name(r, store, run, i), name))
        hide(r, run, i);
  answer_hide_own(r, name, 0, own);
}

bool answer_has(const edgestatic_response *r, const edgestatic_store *store,
                slice name) {
  for (uint32_t i = 0; i < r->field_count; i++)
    if (slice_eq_nocase(edgestatic_response_field(store, r, i).name, name))
      return true;
  return false;
}

bool answer_is_caching(slice name) {
  slice last = LIT("Cache-Control"); /* CDN-Cache-Control and vendors' own */
  return (name.len >= last.len &&
          slice_eq_nocase(slice_skip(name, name.len - last.len), last)) ||
         slice_eq_nocase(name, LIT("Surrogate-Control")) ||
         slice_eq_nocase(name, LIT("Expires")) ||
         slice_eq_nocase(name, LIT("Pragma"));
}

/* ---- Segments ---- */

static void segment(edgestatic_response *r, uint32_t place, uint64_t offset,
                    uint64_t length) {
  r->segment[r->segment_count++] = (edgestatic_segment){offset, length, place};
  r->content_count = r->segment_count;
  r->content_length += length;
}

static void segment_text(edgestatic_response *r, uint32_t from) {
  segment(r, EDGESTATIC_IN_TEXT, from, r->text_len - from);
}

static void own_length(edgestatic_response *r) {
  uint32_t from = r->text_len;
  put_number(r, r->content_length);
  OWN_TEXT(r, "Content-Length", from);
}

/* ---- What the core says by itself ---- */

/* The content of a text answer, and the fields about it. */
static void say(edgestatic_response *r, slice detail, slice cache_control) {
  const char *reason = edgestatic_reason(r->status);
  size_t reason_len = 0;
  while (reason[reason_len] != '\0')
    reason_len++;

  uint32_t from = r->text_len;
  put_number(r, (uint64_t)r->status);
  put(r, LIT(" "));
  put(r, slice_of(reason, reason_len));
  if (detail.len > 0) {
    put(r, LIT(": "));
    put(r, detail);
  }
  put(r, LIT("\n"));
  segment_text(r, from);
  OWN(r, "Content-Type", LIT("text/plain; charset=utf-8"));
  own_length(r);
  OWN(r, "X-Content-Type-Options", LIT("nosniff"));
  OWN(r, "Cache-Control", cache_control);
}

void answer_text(edgestatic_response *r, int status, slice detail) {
  r->status = status;
  say(r, detail, LIT("no-store"));
}

void answer_allow(edgestatic_response *r) {
  OWN(r, "Allow", LIT("GET, HEAD, OPTIONS"));
}

/* Appends the query as a URI has it.  False: there is no room. */
static bool put_query(edgestatic_response *r, slice query) {
  static const char digits[] = "0123456789ABCDEF";
  for (size_t i = 0; i < query.len; i++) {
    char c = query.base[i];
    bool plain = uri_is_query(c) || uri_is_escape(query, i);
    if (r->text_len + 3 > ANSWER_TEXT_MAX - DETAIL_MAX)
      return false;
    if (plain) {
      r->text[r->text_len++] = c;
    } else {
      r->text[r->text_len++] = '%';
      r->text[r->text_len++] = digits[(unsigned char)c >> 4];
      r->text[r->text_len++] = digits[(unsigned char)c & 15];
    }
  }
  return true;
}

void answer_redirect(edgestatic_response *r, int status, slice location,
                     slice query) {
  uint32_t from = r->text_len;
  put(r, location);
  if (!put_query(r, query)) {
    r->text_len = from;
    answer_text(r, 414, LIT("the query is too long to redirect with"));
    return;
  }
  r->status = status;
  OWN_TEXT(r, "Location", from);
  say(r, slice_of("", 0), LIT("no-cache"));
}

void answer_location(edgestatic_response *r, int status, size_t len) {
  r->text_len = (uint32_t)len;
  r->status = status;
  OWN_TEXT(r, "Location", 0);
  say(r, slice_of("", 0), LIT("no-cache"));
}

void answer_unsatisfiable(edgestatic_response *r, uint64_t size) {
  uint32_t from = r->text_len;
  put(r, LIT("bytes */"));
  put_number(r, size);
  OWN_TEXT(r, "Content-Range", from);
  answer_text(r, 416, slice_of("", 0));
}

void answer_not_acceptable(edgestatic_response *r,
                           const edgestatic_store *store, uint32_t asset) {
  const pack_asset *a = pack_asset_at(store, asset);
  char list[DETAIL_MAX / 2];
  size_t len = 0;
  unsigned listed = 0;
  for (uint32_t i = 0; i < get16(a->variant_count); i++) {
    const pack_variant *v = pack_variant_at(store, get32(a->variant) + i);
    slice name = edgestatic_coding_name(v->coding);
    if (get32(v->dictionary) != 0)
      break; /* deltas are for those who have asked for them */
    if (name.base == NULL || (listed & 1u << v->coding) != 0)
      continue;
    if (listed != 0) {
      memcpy(list + len, ", ", 2);
      len += 2;
    }
    memcpy(list + len, name.base, name.len);
    len += name.len;
    listed |= 1u << v->coding;
  }
  OWN(r, "Vary",
      pack_has_deltas(store, a) ? LIT(VARY_DELTAS) : LIT("Accept-Encoding"));
  answer_text(r, 406, slice_of(list, len));
}

/* ---- What the pack has ---- */

static void run(edgestatic_response *r, int i, uint32_t first, uint32_t count) {
  r->run_first[i] = first;
  r->run_count[i] = count;
  r->field_count += count;
}

/* The fields of a whole representation, but the first `skip` of each run, and
 * over plain HTTP without the last that are for TLS. */
static void stored_fields(edgestatic_response *r, const pack_asset *a,
                          const pack_variant *v, uint32_t skip_variant,
                          uint32_t skip_asset) {
  bool baked = (r->asked & ANSWER_BAKED) != 0;
  uint32_t count = (baked ? a->field_count : a->bare_count) - skip_asset;
  uint32_t tls = baked ? a->tls_count : a->bare_tls;
  if ((r->asked & EDGESTATIC_REQUEST_TLS) == 0)
    count -= tls < count ? tls : count;
  run(r, 0, get32(v->field) + skip_variant, v->field_count - skip_variant);
  run(r, 1, get32(baked ? a->field : a->bare) + skip_asset, count);
}

/* The response comes from the pack alone: variant, kind and the flags of the
 * request are its id. */
static void identify(edgestatic_response *r, uint32_t variant) {
  uint32_t kind = r->status == 200 ? 0 : r->status == 304 ? 1 : 2;
  uint32_t flags = r->asked & 7;
  if ((r->asked & ANSWER_BAKED) == 0)
    kind += 3;
  if (variant < UINT32_MAX / 64)
    r->id = variant * 64 + kind * 8 + flags + 1;
}

static void body_of(edgestatic_response *r, const edgestatic_store *store,
                    const pack_variant *v) {
  const pack_blob *b = pack_blob_at(store, get32(v->blob));
  segment(r, EDGESTATIC_IN_PACK, get64(b->offset), get64(b->size));
}

void answer_variant(edgestatic_response *r, const edgestatic_store *store,
                    int status, uint32_t asset, uint32_t variant) {
  const pack_variant *v = pack_variant_at(store, variant);
  r->status = status;
  identify(r, variant);
  stored_fields(r, pack_asset_at(store, asset), v, 0, 0);
  body_of(r, store, v);
}

void answer_error_page(edgestatic_response *r, const edgestatic_store *store,
                       int status, uint32_t asset, uint32_t variant) {
  const pack_asset *a = pack_asset_at(store, asset);
  const pack_variant *v = pack_variant_at(store, variant);
  r->asked &= ~ANSWER_BAKED;
  if (status == 404 && (get32(a->flags) & EDGESTATIC_ASSET_ERROR_PAGE) != 0) {
    answer_variant(r, store, status, asset, variant);
    return;
  }
  r->status = status;
  stored_fields(r, a, v, 0, 0);
  bool deltas = pack_has_deltas(store, a);
  for (uint32_t i = v->field_count - v->field_kept; i < v->field_count; i++)
    hide(r, 0, i);
  for (uint32_t i = 0; i < r->run_count[1]; i++) {
    slice name = stored_name(r, store, 1, i);
    if (answer_is_caching(name) ||
        slice_eq_nocase(name, LIT("Accept-Ranges")) ||
        slice_eq_nocase(name, LIT("Use-As-Dictionary")) ||
        (deltas && slice_eq_nocase(name, LIT("Vary"))))
      hide(r, 1, i);
  }
  if (deltas)
    OWN(r, "Vary", LIT("Accept-Encoding"));
  OWN(r, "Cache-Control", LIT("no-store"));
  body_of(r, store, v);
}

void answer_not_modified(edgestatic_response *r, const edgestatic_store *store,
                         uint32_t asset, uint32_t variant) {
  const pack_asset *a = pack_asset_at(store, asset);
  const pack_variant *v = pack_variant_at(store, variant);
  bool baked = (r->asked & ANSWER_BAKED) != 0;
  r->status = 304;
  identify(r, variant);
  stored_fields(r, a, v, (uint32_t)(v->field_count - v->field_kept),
                baked ? (uint32_t)(a->field_count - a->field_kept)
                      : (uint32_t)(a->bare_count - a->bare_kept));
}

static void put_content_range(edgestatic_response *r, const byte_range *range,
                              uint64_t size) {
  put(r, LIT("bytes "));
  put_number(r, range->first);
  put(r, LIT("-"));
  put_number(r, range->last);
  put(r, LIT("/"));
  put_number(r, size);
}

static void multiple_ranges(edgestatic_response *r,
                            const edgestatic_store *store, const pack_asset *a,
                            const pack_blob *b, const byte_range *range,
                            int count) {
  uint64_t body = get64(b->offset);
  slice type = pack_string(store, a->type);

  uint32_t from = r->text_len;
  put(r, slice_of(multipart, sizeof multipart - 1));
  put_hash(r, b->hash);
  OWN_TEXT(r, "Content-Type", from);
  for (int i = 0; i < count; i++) {
    from = r->text_len;
    put(r, i == 0 ? LIT("--") : LIT("\r\n--"));
    put_hash(r, b->hash);
    if (type.len > 0) {
      put(r, LIT("\r\nContent-Type: "));
      put(r, type);
    }
    put(r, LIT("\r\nContent-Range: "));
    put_content_range(r, &range[i], get64(b->size));
    put(r, LIT("\r\n\r\n"));
    segment_text(r, from);
    segment(r, EDGESTATIC_IN_PACK, body + range[i].first,
            range[i].last - range[i].first + 1);
  }
  from = r->text_len;
  put(r, LIT("\r\n--"));
  put_hash(r, b->hash);
  put(r, LIT("--\r\n"));
  segment_text(r, from);
}

void answer_ranges(edgestatic_response *r, const edgestatic_store *store,
                   uint32_t asset, uint32_t variant, const byte_range *range,
                   int count) {
  const pack_asset *a = pack_asset_at(store, asset);
  const pack_variant *v = pack_variant_at(store, variant);
  const pack_blob *b = pack_blob_at(store, get32(v->blob));

  r->status = 206;
  if (count > 1) {
    bool typed =
        ((r->asked & ANSWER_BAKED) != 0 ? a->field_count : a->bare_count) > 0;
    stored_fields(r, a, v, 1, typed);
    multiple_ranges(r, store, a, b, range, count);
  } else {
    stored_fields(r, a, v, 1, 0);
    uint32_t from = r->text_len;
    put_content_range(r, range, get64(b->size));
    OWN_TEXT(r, "Content-Range", from);
    segment(r, EDGESTATIC_IN_PACK, get64(b->offset) + range->first,
            range->last - range->first + 1);
  }
  own_length(r);
}

void answer_head(edgestatic_response *r) {
  r->flags |= EDGESTATIC_RESPONSE_HEAD;
  r->segment_count = 0;
}

edgestatic_field edgestatic_response_field(const edgestatic_store *store,
                                           const edgestatic_response *r,
                                           uint32_t i) {
  for (int run = 0; run < 2; run++) {
    uint32_t count = r->run_count[run], at = i;
    for (uint32_t k = 0; r->hidden != 0 && k <= at && k < count; k++)
      at += is_hidden(r, run, k);
    if (at < count) {
      const pack_field *f = pack_field_at(store, r->run_first[run] + at);
      return (edgestatic_field){pack_string(store, f->name),
                                pack_string(store, f->value),
                                pack_string(store, f->origin)};
    }
    i = at - count;
  }
  const edgestatic_own_field *f = &r->own[i];
  return (edgestatic_field){
      slice_of(f->name, f->name_len),
      slice_of(f->value != NULL ? f->value : r->text + f->value_text,
               f->value_len),
      slice_of(f->origin, f->origin_len)};
}
