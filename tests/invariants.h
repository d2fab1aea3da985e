/* invariants.h - what is true of every response, whatever the pack and the
 * request: for tests and fuzzers.  What is broken is printed; then abort().
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TESTS_INVARIANTS_H
#define EDGESTATIC_TESTS_INVARIANTS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "edgestatic.h"

#define HOLDS(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,        \
              #condition);                                                     \
      abort();                                                                 \
    }                                                                          \
  } while (0)

static inline bool invariant_eq(edgestatic_slice s, const char *text) {
  return s.len == strlen(text) && strncasecmp(s.base, text, s.len) == 0;
}

/* Reads a slice to its end: it ends with a NUL and cannot end a line. */
static inline void invariant_slice(edgestatic_slice s) {
  HOLDS(s.base != NULL && s.base[s.len] == '\0');
  for (size_t i = 0; i < s.len; i++)
    HOLDS(s.base[i] != '\r' && s.base[i] != '\n' && s.base[i] != '\0');
}

static inline uint64_t invariant_number(const char **s) {
  uint64_t n = 0;
  HOLDS(**s >= '0' && **s <= '9');
  for (; **s >= '0' && **s <= '9'; ++*s)
    n = n * 10 + (uint64_t)(**s - '0');
  return n;
}

/* bytes a-b/size, a <= b < size, or for 416 bytes with a star. */
static inline void invariant_content_range(const edgestatic_response *r,
                                           const char *s) {
  HOLDS(strncmp(s, "bytes ", 6) == 0);
  s += 6;
  if (r->status == 416) {
    HOLDS(s[0] == '*' && s[1] == '/');
    s += 2;
    invariant_number(&s);
  } else {
    HOLDS(r->status == 206);
    uint64_t first = invariant_number(&s);
    HOLDS(*s++ == '-');
    uint64_t last = invariant_number(&s);
    HOLDS(*s++ == '/');
    uint64_t size = invariant_number(&s);
    HOLDS(first <= last && last < size);
    HOLDS(r->content_count == 1 && r->content_length == last - first + 1);
  }
  HOLDS(*s == '\0');
}

/* Only bytes of a URI; and but for a rule, which may name another site, a path
 * of this one: "/" and no second slash. */
static inline void invariant_location(edgestatic_slice s, bool by_rule) {
  HOLDS(s.len > 0);
  if (!by_rule) {
    HOLDS(s.base[0] == '/');
    HOLDS(s.len == 1 || (s.base[1] != '/' && s.base[1] != '\\'));
  }
  for (size_t i = 0; i < s.len; i++)
    HOLDS(s.base[i] > ' ' && s.base[i] < 0x7f);
}

static inline void invariants(const edgestatic_store *store,
                              const edgestatic_request *request,
                              const edgestatic_response *r) {
  bool head =
      request->method.len == 4 && memcmp(request->method.base, "HEAD", 4) == 0;
  bool has_length = false, has_location = false, has_allow = false;
  bool has_range = false;

  HOLDS(edgestatic_reason(r->status)[0] != '\0');
  HOLDS(r->route < EDGESTATIC_ROUTE_COUNT);
  HOLDS(r->own_count <= sizeof r->own / sizeof *r->own);
  HOLDS(r->text_len <= EDGESTATIC_TEXT_MAX);
  HOLDS(r->asset == EDGESTATIC_NONE ||
        r->asset < edgestatic_store_asset_count(store));
  HOLDS(r->variant == EDGESTATIC_NONE ||
        r->variant < edgestatic_store_variant_count(store));
  /* No delta to who holds no dictionary, nor in place of an error. */
  if (r->variant != EDGESTATIC_NONE &&
      edgestatic_store_variant(store, r->variant).dictionary != 0)
    HOLDS(request->field[EDGESTATIC_FIELD_AVAILABLE_DICTIONARY].base != NULL &&
          (r->status < 400 || r->status == 412 || r->status == 416));
  HOLDS(r->decided_by >= -1 && r->decided_by < EDGESTATIC_FIELD_COUNT);
  HOLDS(((r->flags & EDGESTATIC_RESPONSE_HEAD) != 0) == head);
  HOLDS(r->segment_count == (head ? 0 : r->content_count));
  HOLDS(r->content_count <= EDGESTATIC_SEGMENTS_MAX);

  uint64_t length = 0;
  for (uint32_t i = 0; i < r->content_count; i++) {
    const edgestatic_segment *s = &r->segment[i];
    length += s->length;
    if (s->place == EDGESTATIC_IN_PACK) {
      HOLDS(s->offset >= edgestatic_store_index_size(store));
      HOLDS(s->offset <= edgestatic_store_pack_size(store));
      HOLDS(s->length <= edgestatic_store_pack_size(store) - s->offset);
    } else {
      HOLDS(s->place == EDGESTATIC_IN_TEXT);
      HOLDS(s->offset + s->length <= r->text_len);
    }
  }
  HOLDS(length == r->content_length);

  for (uint32_t i = 0; i < r->field_count; i++) {
    edgestatic_field f = edgestatic_response_field(store, r, i);
    HOLDS(f.name.len > 0);
    invariant_slice(f.name);
    invariant_slice(f.value);
    HOLDS(f.origin.base[f.origin.len] == '\0');
    bool first_or_own = i == 0 || i >= r->field_count - r->own_count;
    if (invariant_eq(f.name, "Content-Length") && first_or_own) {
      const char *s = f.value.base;
      HOLDS(!has_length);
      has_length = true;
      HOLDS(invariant_number(&s) == r->content_length && *s == '\0');
    }
    if (i < r->field_count - r->own_count)
      continue;
    if (invariant_eq(f.name, "Content-Range")) {
      has_range = true;
      invariant_content_range(r, f.value.base);
    } else if (invariant_eq(f.name, "Location")) {
      has_location = true;
      if (r->route != EDGESTATIC_ROUTE_REDIRECT)
        invariant_location(f.value, r->route == EDGESTATIC_ROUTE_RULE);
    } else if (invariant_eq(f.name, "Allow")) {
      has_allow = true;
    }
  }
  HOLDS(has_length || r->status == 204 || r->status == 304);
  HOLDS(has_location ==
        (r->status >= 301 && r->status <= 308 && r->status != 304));
  HOLDS(has_allow == (r->status == 405 || r->status == 204));
  HOLDS(has_range ==
        (r->status == 416 || (r->status == 206 && r->content_count == 1)));
  if (r->status == 204 || r->status == 304)
    HOLDS(r->content_count == 0 && !has_length);
  if (r->status == 206)
    HOLDS(!head && r->id == 0);
}

/* Available-Dictionary of a hash of ones, and what asks for digests. */
#define HOLDS_ONES ":AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=:"
#define WANT "sha-256=1"

/* Asks a store for each of its assets in many ways, and for what it lacks. */
static inline void invariants_of_store(const edgestatic_store *store) {
  static const char *const targets[] = {
      "/",         "/nums.txt",   "/page",   "/page.html",  "/page/",
      "/docs",     "/docs/",      "/docs/x", "//page",      "/old?a=b",
      "/x/y/z",    "/%zz",        "*",       "/index.html", "/a%2fb",
      "/docs/a/b", "/page?q=%7c", "/old/a",  "/all/b/c",    "/hello",
      "/gone/x",   "/find?q=1",   "/app.js"};
  static const struct {
    const char *method, *accept_encoding, *if_none_match, *range, *mode;
    bool asks; /* brings a dictionary, and wants digests */
  } ways[] = {{"GET", NULL, NULL, NULL, NULL, false},
              {"GET", "gzip, br, zstd", NULL, NULL, "navigate", false},
              {"HEAD", "br", "*", NULL, NULL, false},
              {"HEAD", "br", NULL, NULL, NULL, true},
              {"GET", "identity;q=0", NULL, NULL, NULL, false},
              {"GET", "gzip", NULL, "bytes=0-0,-1,5-5", NULL, true},
              {"GET", NULL, "\"nope\"", "bytes=1-", NULL, false},
              {"GET", NULL, NULL, "bytes=99999-", NULL, false},
              {"GET", "dcb, dcz", NULL, "bytes=0-", "navigate", true},
              {"GET", "dcb, dcz", NULL, "bytes=0-", NULL, false},
              {"OPTIONS", NULL, NULL, NULL, NULL, false},
              {"POST", NULL, NULL, NULL, NULL, false}};
  static edgestatic_response r;
  unsigned char sum = 0; /* so that every byte is read */

  for (uint32_t i = 0; i < edgestatic_store_asset_count(store); i++) {
    edgestatic_asset a = edgestatic_store_asset(store, i);
    HOLDS(a.variant_count > 0 &&
          a.variant + a.variant_count <= edgestatic_store_variant_count(store));
    HOLDS(a.path.base[a.path.len] == '\0' && a.file.base[a.file.len] == '\0');
    for (size_t k = 0; k < a.path.len; k++)
      sum = (unsigned char)(sum + a.path.base[k]);
    for (size_t k = 0; k < a.file.len; k++)
      sum = (unsigned char)(sum + a.file.base[k]);
    invariant_slice(a.type);
    uint32_t found = edgestatic_store_find(store, a.path);
    HOLDS(found == EDGESTATIC_NONE ||
          found < edgestatic_store_asset_count(store));
  }
  for (uint32_t i = 0; i < edgestatic_store_variant_count(store); i++) {
    edgestatic_variant v = edgestatic_store_variant(store, i);
    invariant_slice(v.etag);
    HOLDS(v.offset >= edgestatic_store_index_size(store) &&
          v.offset <= edgestatic_store_pack_size(store) &&
          v.size <= edgestatic_store_pack_size(store) - v.offset);
    for (size_t k = 0; v.sha256 != NULL && k < 32; k++)
      sum = (unsigned char)(sum + v.sha256[k]);
    if (v.dictionary != 0) {
      edgestatic_dictionary d =
          edgestatic_store_dictionary(store, v.dictionary - 1);
      for (size_t k = 0; k < 32; k++)
        sum = (unsigned char)(sum + d.sha256[k]);
      HOLDS(d.name.base[d.name.len] == '\0');
    }
  }
  for (size_t t = 0; t < sizeof targets / sizeof *targets; t++)
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
      edgestatic_request request = {
          .method = {ways[w].method, strlen(ways[w].method)},
          .target = {targets[t], strlen(targets[t])},
          .country = EDGESTATIC_LITERAL("DE")};
#define SET(id, value)                                                         \
  if ((value) != NULL)                                                         \
  request.field[id] = (edgestatic_slice){(value), strlen(value)}
      SET(EDGESTATIC_FIELD_ACCEPT_ENCODING, ways[w].accept_encoding);
      SET(EDGESTATIC_FIELD_IF_NONE_MATCH, ways[w].if_none_match);
      SET(EDGESTATIC_FIELD_RANGE, ways[w].range);
      SET(EDGESTATIC_FIELD_SEC_FETCH_MODE, ways[w].mode);
      SET(EDGESTATIC_FIELD_ACCEPT_LANGUAGE, "de");
      SET(EDGESTATIC_FIELD_COOKIE, "a=1");
      SET(EDGESTATIC_FIELD_ORIGIN, "https://a.example");
      if (ways[w].asks) {
        SET(EDGESTATIC_FIELD_AVAILABLE_DICTIONARY, HOLDS_ONES);
        SET(EDGESTATIC_FIELD_WANT_REPR_DIGEST, WANT);
        SET(EDGESTATIC_FIELD_WANT_CONTENT_DIGEST, WANT);
      }
#undef SET
      edgestatic_respond(store, &request, &r);
      invariants(store, &request, &r);
    }
}

#endif
