/* check_respond.c - whole responses: the order of the rulings, and the fields
 * and content of each status.
 * SPDX-License-Identifier: MIT */
#include "invariants.h"
#include "site.h"
#include "util.h"

static edgestatic_store store;
static unsigned char *pack;
static edgestatic_request request;
static edgestatic_response *r;

static void open_site(bool fallback) {
  size_t len;
  free(pack);
  pack = site_pack(&len, fallback);
  ck_assert_int_eq(edgestatic_store_open(&store, pack, len), EDGESTATIC_OK);
}

static void setup(void) {
  request = (edgestatic_request){.target = {NULL, 0}};
  pack = NULL;
  open_site(false);
}

static void teardown(void) {
  free(pack);
}

static void with(int field, const char *value) {
  request.field[field] = util_text(value);
}

/* Asks with the fields that were set; returns the status. */
static int ask(const char *method, const char *target) {
  request.method = util_text(method);
  request.target = util_text(target);
  r = util_alloc(sizeof *r);
  memset(r, 0xa5, sizeof *r);
  edgestatic_respond(&store, &request, r);
  invariants(&store, &request, r);
  return r->status;
}

/* The value of a field of the last response, or NULL. */
static const char *field(const char *name) {
  const char *value = NULL;
  for (uint32_t i = 0; i < r->field_count; i++) {
    edgestatic_field f = edgestatic_response_field(&store, r, i);
    if (strcmp(f.name.base, name) == 0) {
      ck_assert_msg(value == NULL, "%s twice", name);
      value = f.value.base;
    }
  }
  return value;
}

/* The content of the last response, even of a HEAD, as a C string. */
static const char *content(void) {
  char *text = util_alloc((size_t)r->content_length + 1);
  size_t len = 0;
  for (uint32_t i = 0; i < r->content_count; i++) {
    edgestatic_slice s = edgestatic_segment_bytes(&store, r, &r->segment[i]);
    memcpy(text + len, s.base, s.len);
    len += s.len;
  }
  text[len] = '\0';
  return text;
}

static void is_text(int status) {
  ck_assert_int_eq(r->status, status);
  ck_assert_str_eq(field("Content-Type"), "text/plain; charset=utf-8");
  ck_assert_str_eq(field("X-Content-Type-Options"), "nosniff");
  ck_assert_uint_eq(r->id, 0);
  ck_assert_ptr_null(field("ETag"));
  ck_assert_ptr_null(field("Last-Modified"));
  ck_assert_ptr_null(field("Content-Encoding"));
  ck_assert_int_eq(atoi(content()), status);
}

/* ---- 200 and HEAD ---- */

START_TEST(get_is_200_with_all_fields_and_the_body) {
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  ck_assert_uint_eq(r->field_count, 6);
  ck_assert_str_eq(field("Content-Length"), "9");
  ck_assert_str_eq(field("ETag"), "\"nums\"");
  ck_assert_str_eq(field("Content-Type"), "text/plain");
  ck_assert_str_eq(field("Cache-Control"), "public, max-age=60");
  ck_assert_str_eq(content(), "123456789");
  ck_assert_uint_eq(r->route, EDGESTATIC_ROUTE_ASSET);
  ck_assert_uint_eq(r->asset,
                    edgestatic_store_find(&store, util_text("/nums.txt")));
  ck_assert_int_eq(r->decided_by, -1);
  ck_assert_uint_eq(r->flags, 0);
}
END_TEST

START_TEST(head_is_get_without_segments) {
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  edgestatic_response get = *r;
  ck_assert_int_eq(ask("HEAD", "/nums.txt"), 200);
  ck_assert_uint_eq(r->segment_count, 0);
  ck_assert_uint_eq(r->content_count, 1);
  ck_assert_uint_eq(r->content_length, 9);
  ck_assert_uint_eq(r->id, get.id);
  ck_assert_uint_eq(r->field_count, get.field_count);
  for (uint32_t i = 0; i < r->field_count; i++)
    ck_assert_slice_eq(edgestatic_response_field(&store, r, i).value,
                       edgestatic_response_field(&store, &get, i).value.base);
}
END_TEST

START_TEST(head_of_a_404_has_no_segments) {
  ck_assert_int_eq(ask("HEAD", "/none"), 404);
  ck_assert_uint_eq(r->segment_count, 0);
  ck_assert_uint_eq(r->content_count, 1);
}
END_TEST

START_TEST(an_empty_asset_has_length_0) {
  ck_assert_int_eq(ask("GET", "/empty.txt"), 200);
  ck_assert_str_eq(field("Content-Length"), "0");
  ck_assert_uint_eq(r->content_length, 0);
}
END_TEST

START_TEST(a_response_may_be_copied) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=1-3");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
  edgestatic_response *copy = util_alloc(sizeof *copy);
  memcpy(copy, r, sizeof *r);
  memset(r, 0, sizeof *r);
  r = copy;
  ck_assert_str_eq(field("Content-Range"), "bytes 1-3/9");
  ck_assert_str_eq(content(), "234");
}
END_TEST

START_TEST(bodies_of_an_index_alone_are_absent) {
  edgestatic_slice index =
      util_bytes(pack, (size_t)edgestatic_store_index_size(&store));
  ck_assert_int_eq(edgestatic_store_open(&store, index.base, index.len), 0);
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  ck_assert_ptr_null(edgestatic_segment_bytes(&store, r, &r->segment[0]).base);
  ck_assert_int_eq(ask("GET", "*"), 400);
  ck_assert_ptr_nonnull(
      edgestatic_segment_bytes(&store, r, &r->segment[0]).base);
}
END_TEST

START_TEST(the_origin_of_a_field_is_told) {
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  ck_assert_slice_eq(edgestatic_response_field(&store, r, 0).origin,
                     "the test");
  ask("POST", "/nums.txt");
  ck_assert_slice_eq(edgestatic_response_field(&store, r, 0).origin,
                     "the core's own");
}
END_TEST

/* ---- Targets and methods ---- */

START_TEST(a_bad_target_is_400_and_a_long_one_414) {
  ask("GET", "/%zz");
  is_text(400);
  ck_assert_str_eq(field("Cache-Control"), "no-store");
  ck_assert_uint_eq(r->route, EDGESTATIC_ROUTE_BAD_TARGET);
  char *target = util_alloc(EDGESTATIC_TARGET_MAX + 2);
  memset(target, 'a', EDGESTATIC_TARGET_MAX + 1);
  target[0] = '/';
  target[EDGESTATIC_TARGET_MAX + 1] = '\0';
  ask("GET", target);
  is_text(414);
}
END_TEST

START_TEST(the_asterisk_is_for_options_only) {
  ck_assert_int_eq(ask("OPTIONS", "*"), 204);
  ck_assert_str_eq(field("Allow"), "GET, HEAD, OPTIONS");
  ask("GET", "*");
  is_text(400);
  ask("POST", "*");
  is_text(400);
}
END_TEST

START_TEST(options_is_204_with_allow_and_nothing_else) {
  ck_assert_int_eq(ask("OPTIONS", "/nums.txt"), 204);
  ck_assert_uint_eq(r->field_count, 1);
  ck_assert_str_eq(field("Allow"), "GET, HEAD, OPTIONS");
  ck_assert_uint_eq(r->content_count, 0);
  ck_assert_uint_eq(r->route, EDGESTATIC_ROUTE_METHOD);
  ck_assert_uint_eq(r->flags, 0);
  ck_assert_int_eq(ask("OPTIONS", "/none"), 204);
  ck_assert_uint_eq(r->flags, EDGESTATIC_RESPONSE_NOT_FOUND);
}
END_TEST

START_TEST(other_methods_are_405_with_allow) {
  static const char *const methods[] = {"POST",  "PUT",  "DELETE",  "PATCH",
                                        "TRACE", "FOO",  "get",     "Get",
                                        "",      "GETX", "CONNECT", "head"};
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    ask(methods[i], "/nums.txt");
    is_text(405);
    ck_assert_str_eq(field("Allow"), "GET, HEAD, OPTIONS");
    ck_assert_str_eq(field("Cache-Control"), "no-store");
    ck_assert_uint_eq(r->flags, 0);
  }
}
END_TEST

START_TEST(a_405_of_a_missing_path_says_that_it_is_missing) {
  ck_assert_int_eq(ask("POST", "/api"), 405);
  ck_assert_uint_eq(r->flags, EDGESTATIC_RESPONSE_NOT_FOUND);
  ck_assert_int_eq(ask("POST", "/page.html"), 405);
  ck_assert_uint_eq(r->flags, 0);
}
END_TEST

START_TEST(conditions_do_not_touch_other_methods) {
  with(EDGESTATIC_FIELD_IF_MATCH, "\"foo\"");
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-0");
  ck_assert_int_eq(ask("OPTIONS", "/nums.txt"), 204);
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "*");
  with(EDGESTATIC_FIELD_IF_MODIFIED_SINCE, SITE_DATE);
  ck_assert_int_eq(ask("POST", "/nums.txt"), 405);
  ck_assert_int_eq(ask("PUT", "/nums.txt"), 405);
}
END_TEST

/* ---- Redirects ---- */

START_TEST(a_redirect_has_location_and_a_line) {
  ask("GET", "/page.html");
  is_text(307);
  ck_assert_str_eq(field("Location"), "/page");
  ck_assert_str_eq(field("Cache-Control"), "no-cache");
  ck_assert_str_eq(content(), "307 Temporary Redirect\n");
  ck_assert_uint_eq(r->route, EDGESTATIC_ROUTE_CANONICAL);
  ck_assert_uint_eq(r->flags, 0);
  ask("GET", "/old");
  is_text(301);
  ck_assert_str_eq(field("Location"), "https://elsewhere.example/new");
  ck_assert_uint_eq(r->route, EDGESTATIC_ROUTE_REDIRECT);
}
END_TEST

START_TEST(a_redirect_keeps_the_query) {
  ask("GET", "/docs?a=b&c=/d?e%20f");
  ck_assert_str_eq(field("Location"), "/docs/?a=b&c=/d?e%20f");
  ask("GET", "/docs?");
  ck_assert_str_eq(field("Location"), "/docs/?");
  ask("GET", "http://example.com/docs?x");
  ck_assert_str_eq(field("Location"), "/docs/?x");
}
END_TEST

START_TEST(the_query_in_location_is_of_a_uri) {
  ask("GET", "/docs?\"<>[\\]^`{|}\xc3\xa9'%2f%zz%a%");
  ck_assert_str_eq(field("Location"),
                   "/docs/?%22%3C%3E%5B%5C%5D%5E%60%7B%7C%7D%C3%A9'%2f%25zz%25"
                   "a%25");
}
END_TEST

START_TEST(a_query_that_does_not_fit_is_414) {
  char *target = util_alloc(EDGESTATIC_TARGET_MAX + 1);
  memset(target, '|', EDGESTATIC_TARGET_MAX);
  memcpy(target, "/docs?", 6);
  target[EDGESTATIC_TARGET_MAX] = '\0';
  ask("GET", target);
  is_text(414);
  memset(target + 6, 'a', EDGESTATIC_TARGET_MAX - 6);
  ask("GET", target);
  is_text(307);
  ck_assert_uint_eq(strlen(field("Location")), EDGESTATIC_TARGET_MAX + 1);
}
END_TEST

START_TEST(no_location_leaves_the_site) {
  static const char *const targets[] = {"//docs",
                                        "///docs",
                                        "//evil.example",
                                        "/%2fevil.example/..",
                                        "/\\evil.example",
                                        "/%5cevil.example/..",
                                        "//evil.example//docs/..",
                                        "//evil.example/docs",
                                        "//docs/..",
                                        "/docs%0d%0aX: y",
                                        "//todo@txt",
                                        "http://evil.example/docs"};
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
    ask("GET", targets[i]); /* invariants() looks at Location */
    if (r->status == 307)
      ck_assert_str_eq(field("Location"), "/docs/");
  }
}
END_TEST

START_TEST(conditions_and_ranges_do_not_touch_redirects) {
  with(EDGESTATIC_FIELD_IF_MATCH, "\"foo\"");
  with(EDGESTATIC_FIELD_RANGE, "bytes=900-");
  ck_assert_int_eq(ask("GET", "/docs"), 307);
  ck_assert_int_eq(ask("HEAD", "/docs"), 307);
}
END_TEST

/* ---- 404 ---- */

START_TEST(an_error_page_is_sent_with_404_and_its_own_fields) {
  ck_assert_int_eq(ask("GET", "/none"), 404);
  ck_assert_str_eq(field("Content-Length"), "60");
  ck_assert_str_eq(field("Content-Type"), "text/html");
  ck_assert_uint_eq(r->flags, EDGESTATIC_RESPONSE_NOT_FOUND);
  ck_assert_uint_eq(r->route, EDGESTATIC_ROUTE_NOT_FOUND_PAGE);
  ck_assert_uint_ne(r->id, 0);
  ck_assert_int_eq(ask("GET", "/docs/none"), 404);
  ck_assert_str_eq(field("Content-Length"), "70");
}
END_TEST

START_TEST(an_error_page_is_negotiated) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "gzip, br");
  ck_assert_int_eq(ask("GET", "/none"), 404);
  ck_assert_str_eq(field("Content-Encoding"), "gzip");
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "*;q=0");
  ask("GET", "/none");
  is_text(404);
}
END_TEST

START_TEST(conditions_and_ranges_do_not_touch_a_404) {
  with(EDGESTATIC_FIELD_IF_MATCH, "\"foo\"");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "*");
  with(EDGESTATIC_FIELD_IF_MODIFIED_SINCE, "Wed, 08 Jul 2037 22:53:52 GMT");
  with(EDGESTATIC_FIELD_IF_UNMODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT");
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-0");
  ck_assert_int_eq(ask("GET", "/none"), 404);
  ck_assert_str_eq(field("Content-Length"), "60");
}
END_TEST

START_TEST(without_error_pages_a_line) {
  memset(&store, 0, sizeof store);
  ask("GET", "/");
  is_text(404);
  ck_assert_str_eq(content(), "404 Not Found\n");
  ck_assert_str_eq(field("Cache-Control"), "no-store");
  ck_assert_uint_eq(r->route, EDGESTATIC_ROUTE_NONE);
  ck_assert_uint_eq(r->flags, EDGESTATIC_RESPONSE_NOT_FOUND);
}
END_TEST

START_TEST(the_fallback_is_a_200) {
  open_site(true);
  with(EDGESTATIC_FIELD_SEC_FETCH_MODE, "navigate");
  ck_assert_int_eq(ask("GET", "/users/1"), 200);
  ck_assert_uint_eq(r->route, EDGESTATIC_ROUTE_FALLBACK);
  ck_assert_uint_eq(r->flags, 0);
  ck_assert_str_eq(field("ETag"), "\"app\"");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"app\"");
  ck_assert_int_eq(ask("HEAD", "/users/1"), 304);
  ck_assert_int_eq(ask("GET", "/page"), 200);
  ck_assert_uint_eq(r->route, EDGESTATIC_ROUTE_ASSET);
}
END_TEST

START_TEST(no_fallback_for_other_methods_or_requests) {
  open_site(true);
  ck_assert_int_eq(ask("GET", "/users/1"), 404);
  with(EDGESTATIC_FIELD_SEC_FETCH_MODE, "navigate");
  ck_assert_int_eq(ask("POST", "/users/1"), 405);
  ck_assert_uint_eq(r->flags, EDGESTATIC_RESPONSE_NOT_FOUND);
  ck_assert_int_eq(ask("GET", "/assets/index-BvI4qzlP.js"), 404);
}
END_TEST

/* ---- Codings ---- */

static const char *coding_for(const char *accept_encoding) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, accept_encoding);
  ck_assert_int_eq(ask("GET", "/page"), 200);
  const char *coding = field("Content-Encoding");
  return coding != NULL ? coding : "identity";
}

START_TEST(the_greatest_weight_then_the_smallest) {
  ck_assert_str_eq(coding_for("gzip, br, zstd"), "br");
  ck_assert_str_eq(coding_for("gzip, zstd"), "zstd");
  ck_assert_str_eq(coding_for("gzip"), "gzip");
  ck_assert_str_eq(coding_for("gzip;q=1.0, br;q=0.5"), "gzip");
  ck_assert_str_eq(coding_for("zstd;q=0.1, br;q=0.2, gzip;q=0.9"), "gzip");
  ck_assert_str_eq(coding_for("identity, gzip;q=0.5"), "identity");
  ck_assert_str_eq(coding_for("gzip;q=0.001"), "gzip");
  ck_assert_str_eq(coding_for("*"), "br");
  ck_assert_str_eq(coding_for("gzip;q=0, *"), "br");
  ck_assert_str_eq(coding_for("br;q=0, *"), "zstd");
  ck_assert_str_eq(coding_for(""), "identity");
  ck_assert_str_eq(coding_for("deflate, compress"), "identity");
  ck_assert_str_eq(coding_for("br;q=0, gzip;q=0, zstd;q=0"), "identity");
}
END_TEST

START_TEST(without_the_field_identity) {
  ck_assert_int_eq(ask("GET", "/page"), 200);
  ck_assert_ptr_null(field("Content-Encoding"));
  ck_assert_str_eq(field("Vary"), "Accept-Encoding");
}
END_TEST

START_TEST(each_variant_has_its_tag_and_id) {
  ck_assert_int_eq(ask("GET", "/page"), 200);
  uint32_t id = r->id;
  ck_assert_str_eq(field("ETag"), "\"page\"");
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "br");
  ck_assert_int_eq(ask("GET", "/page"), 200);
  ck_assert_str_eq(field("ETag"), "\"page-in-br\"");
  ck_assert_uint_ne(r->id, id);
}
END_TEST

START_TEST(nothing_acceptable_is_406_with_what_there_is) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "identity;q=0");
  ask("GET", "/page");
  is_text(406);
  ck_assert_str_eq(content(), "406 Not Acceptable: br, zstd, gzip, identity\n");
  ck_assert_str_eq(field("Vary"), "Accept-Encoding");
  ck_assert_int_eq(r->decided_by, EDGESTATIC_FIELD_ACCEPT_ENCODING);
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "gzip, identity;q=0");
  ask("GET", "/nums.txt");
  is_text(406);
  ck_assert_str_eq(content(), "406 Not Acceptable: identity\n");
  ck_assert_int_eq(ask("GET", "/page"), 200);
}
END_TEST

START_TEST(codings_and_dictionaries_of_later_versions_are_passed_over) {
  size_t len;
  mk *m = mk_new();
  uint32_t asset = mk_asset(m, "/x", "text/plain", 0);
  uint32_t delta = mk_variant(m, EDGESTATIC_CODING_ZSTD, "\"d\"", "d", 1);
  m->variant[delta].dictionary = put32(1);
  mk_variant(m, 9, "\"new\"", "dd", 2);
  mk_variant(m, EDGESTATIC_CODING_IDENTITY, "\"x\"", "ddd", 3);
  mk_entry(m, "/x", "/x", asset, 0);
  free(pack);
  pack = mk_finish(m, &len);
  ck_assert_int_eq(edgestatic_store_open(&store, pack, len), EDGESTATIC_OK);
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "*");
  ck_assert_int_eq(ask("GET", "/x"), 200);
  ck_assert_str_eq(field("ETag"), "\"x\"");
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "identity;q=0");
  ask("GET", "/x");
  ck_assert_str_eq(content(), "406 Not Acceptable: zstd, identity\n");
}
END_TEST

/* ---- Preconditions ---- */

START_TEST(a_304_keeps_the_fields_that_caches_need) {
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"nums\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 304);
  ck_assert_uint_eq(r->field_count, 3);
  ck_assert_str_eq(field("ETag"), "\"nums\"");
  ck_assert_str_eq(field("Cache-Control"), "public, max-age=60");
  ck_assert_str_eq(field("Vary"), "Accept-Encoding");
  ck_assert_ptr_null(field("Content-Type"));
  ck_assert_ptr_null(field("Content-Length"));
  ck_assert_int_eq(r->decided_by, EDGESTATIC_FIELD_IF_NONE_MATCH);
  ck_assert_uint_ne(r->id, 0);
  uint32_t id = r->id;
  request.field[EDGESTATIC_FIELD_IF_NONE_MATCH] = (edgestatic_slice){NULL, 0};
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  ck_assert_uint_ne(r->id, id);
}
END_TEST

START_TEST(a_304_of_a_coded_variant_has_no_content_encoding) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "br");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"page-in-br\"");
  ck_assert_int_eq(ask("GET", "/page"), 304);
  ck_assert_str_eq(field("ETag"), "\"page-in-br\"");
  ck_assert_ptr_null(field("Content-Encoding"));
}
END_TEST

START_TEST(the_tag_of_an_acceptable_sibling_selects_it) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "gzip;q=0.1, br");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "W/\"page-in-gzip\"");
  ck_assert_int_eq(ask("GET", "/page"), 304);
  ck_assert_str_eq(field("ETag"), "\"page-in-gzip\"");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"page-in-zstd\"");
  ck_assert_int_eq(ask("GET", "/page"), 200);
  ck_assert_str_eq(field("ETag"), "\"page-in-br\"");
}
END_TEST

START_TEST(of_several_tags_the_heavier_variant_is_selected) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "zstd;q=0.5, gzip, br");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"page-in-zstd\", \"page-in-gzip\"");
  ck_assert_int_eq(ask("GET", "/page"), 304);
  ck_assert_str_eq(field("ETag"), "\"page-in-gzip\"");
}
END_TEST

START_TEST(a_tag_that_a_proxy_made_of_ours_is_a_304) {
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "W/\"nums-gzip\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 304);
  ck_assert_str_eq(field("ETag"), "\"nums\"");
}
END_TEST

START_TEST(if_match_is_of_the_selected_variant) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "br");
  with(EDGESTATIC_FIELD_IF_MATCH, "\"page\"");
  ask("GET", "/page");
  is_text(412);
  ck_assert_int_eq(r->decided_by, EDGESTATIC_FIELD_IF_MATCH);
  ck_assert_str_eq(field("Cache-Control"), "no-store");
  with(EDGESTATIC_FIELD_IF_MATCH, "\"page-in-br\"");
  ck_assert_int_eq(ask("GET", "/page"), 200);
  with(EDGESTATIC_FIELD_IF_MATCH, "\"x\"");
  ck_assert_int_eq(ask("HEAD", "/page"), 412);
}
END_TEST

START_TEST(dates_are_compared_with_last_modified) {
  with(EDGESTATIC_FIELD_IF_MODIFIED_SINCE, SITE_DATE);
  ck_assert_int_eq(ask("GET", "/nums.txt"), 304);
  ck_assert_int_eq(r->decided_by, EDGESTATIC_FIELD_IF_MODIFIED_SINCE);
  ck_assert_int_eq(ask("GET", "/empty.txt"), 200); /* it has none */
}
END_TEST

START_TEST(what_is_not_acceptable_is_not_compared) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "identity;q=0");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "*");
  ck_assert_int_eq(ask("GET", "/page"), 406);
}
END_TEST

/* ---- Ranges ---- */

START_TEST(a_single_range_is_206_with_all_fields) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=2-5");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
  ck_assert_str_eq(field("Content-Range"), "bytes 2-5/9");
  ck_assert_str_eq(field("Content-Length"), "4");
  ck_assert_str_eq(field("Content-Type"), "text/plain");
  ck_assert_str_eq(field("ETag"), "\"nums\"");
  ck_assert_str_eq(field("Vary"), "Accept-Encoding");
  ck_assert_uint_eq(r->field_count, 7);
  ck_assert_str_eq(content(), "3456");
  ck_assert_int_eq(r->decided_by, EDGESTATIC_FIELD_RANGE);
  ck_assert_uint_eq(r->id, 0);
}
END_TEST

START_TEST(several_ranges_are_multipart) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-0, 5-6,-1");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
  ck_assert_str_eq(field("Content-Type"),
                   "multipart/byteranges; "
                   "boundary=a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0");
  ck_assert_ptr_null(field("Content-Range"));
  ck_assert_str_eq(field("ETag"), "\"nums\"");
#define PART "a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0"
#define HEAD PART "\r\nContent-Type: text/plain\r\nContent-Range: bytes "
  ck_assert_str_eq(content(), "--" HEAD "0-0/9\r\n\r\n1\r\n"
                              "--" HEAD "5-6/9\r\n\r\n67\r\n"
                              "--" HEAD "8-8/9\r\n\r\n9\r\n"
                              "--" PART "--\r\n");
  ck_assert_int_eq(atoi(field("Content-Length")), (int)strlen(content()));
  ck_assert_uint_eq(r->segment_count, 7);
}
END_TEST

START_TEST(several_ranges_that_join_are_no_multipart) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-3,4-5,100-");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
  ck_assert_str_eq(field("Content-Range"), "bytes 0-5/9");
}
END_TEST

START_TEST(the_most_ranges_and_the_longest_type_fit) {
  static char type[256], ranges[400] = "bytes=";
  static char body[2 * EDGESTATIC_RANGES_MAX + 1];
  memset(type, 't', sizeof type - 1);
  memset(body, 'b', sizeof body - 1);
  mk *m = mk_new();
  size_t len;
  mk_file(m, "/x", type, 0, "\"x\"", body);
  free(pack);
  pack = mk_finish(m, &len);
  ck_assert_int_eq(edgestatic_store_open(&store, pack, len), EDGESTATIC_OK);
  for (int i = 0; i < EDGESTATIC_RANGES_MAX; i++)
    sprintf(ranges + strlen(ranges), "%d-%d,", 2 * i, 2 * i);
  with(EDGESTATIC_FIELD_RANGE, ranges);
  ck_assert_int_eq(ask("GET", "/x"), 206);
  ck_assert_uint_eq(r->segment_count, EDGESTATIC_SEGMENTS_MAX);
  ck_assert_uint_eq(strlen(content()), r->content_length);
}
END_TEST

START_TEST(a_part_of_an_asset_without_type_has_none) {
  mk *m = mk_new();
  size_t len;
  mk_file(m, "/x", "", 0, "\"x\"", "abcdef");
  free(pack);
  pack = mk_finish(m, &len);
  ck_assert_int_eq(edgestatic_store_open(&store, pack, len), EDGESTATIC_OK);
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-0,2-2");
  ck_assert_int_eq(ask("GET", "/x"), 206);
  ck_assert_ptr_null(strstr(content(), "Content-Type"));
}
END_TEST

START_TEST(ranges_are_of_the_coded_bytes) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "gzip");
  with(EDGESTATIC_FIELD_RANGE, "bytes=-1");
  ck_assert_int_eq(ask("GET", "/page"), 206);
  ck_assert_str_eq(field("Content-Range"), "bytes 399-399/400");
  ck_assert_str_eq(field("Content-Encoding"), "gzip");
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-0,-1");
  ck_assert_int_eq(ask("GET", "/page"), 206);
  ck_assert_str_eq(field("Content-Encoding"), "gzip");
}
END_TEST

START_TEST(head_takes_no_range) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-0");
  ck_assert_int_eq(ask("HEAD", "/nums.txt"), 200);
  ck_assert_str_eq(field("Content-Length"), "9");
  with(EDGESTATIC_FIELD_RANGE, "bytes=900-");
  ck_assert_int_eq(ask("HEAD", "/nums.txt"), 200);
}
END_TEST

START_TEST(unsatisfiable_is_416_with_the_size) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=9-");
  ask("GET", "/nums.txt");
  is_text(416);
  ck_assert_str_eq(field("Content-Range"), "bytes */9");
  ck_assert_str_eq(field("Cache-Control"), "no-store");
  ck_assert_int_eq(r->decided_by, EDGESTATIC_FIELD_RANGE);
  ck_assert_int_eq(ask("GET", "/empty.txt"), 416);
}
END_TEST

START_TEST(an_ignored_range_is_a_plain_200) {
  with(EDGESTATIC_FIELD_RANGE, "items=0-1");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  ck_assert_uint_ne(r->id, 0);
  ck_assert_int_eq(r->decided_by, -1);
}
END_TEST

START_TEST(preconditions_come_before_ranges) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=900-");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"nums\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 304);
  with(EDGESTATIC_FIELD_IF_MATCH, "\"foo\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 412);
}
END_TEST

START_TEST(if_range_decides_between_part_and_whole) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-4");
  with(EDGESTATIC_FIELD_IF_RANGE, "\"nums\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
  ck_assert_str_eq(field("Content-Type"), "text/plain");
  with(EDGESTATIC_FIELD_IF_RANGE, "W/\"nums\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  with(EDGESTATIC_FIELD_IF_RANGE, "\"foo\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  with(EDGESTATIC_FIELD_IF_RANGE, SITE_DATE);
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
}
END_TEST

START_TEST(a_date_does_not_tell_codings_apart) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-4");
  with(EDGESTATIC_FIELD_IF_RANGE, SITE_DATE);
  ck_assert_int_eq(ask("GET", "/page"), 200);
  with(EDGESTATIC_FIELD_IF_RANGE, "\"page\"");
  ck_assert_int_eq(ask("GET", "/page"), 206);
}
END_TEST

START_TEST(if_range_without_range_is_nothing) {
  with(EDGESTATIC_FIELD_IF_RANGE, "\"foo\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
}
END_TEST

START_TEST(an_unsatisfiable_range_with_false_if_range_is_200) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=900-");
  with(EDGESTATIC_FIELD_IF_RANGE, "\"foo\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  with(EDGESTATIC_FIELD_IF_RANGE, "\"nums\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 416);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("respond");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, get_is_200_with_all_fields_and_the_body);
  tcase_add_test(tc, head_is_get_without_segments);
  tcase_add_test(tc, head_of_a_404_has_no_segments);
  tcase_add_test(tc, an_empty_asset_has_length_0);
  tcase_add_test(tc, a_response_may_be_copied);
  tcase_add_test(tc, bodies_of_an_index_alone_are_absent);
  tcase_add_test(tc, the_origin_of_a_field_is_told);
  tcase_add_test(tc, a_bad_target_is_400_and_a_long_one_414);
  tcase_add_test(tc, the_asterisk_is_for_options_only);
  tcase_add_test(tc, options_is_204_with_allow_and_nothing_else);
  tcase_add_test(tc, other_methods_are_405_with_allow);
  tcase_add_test(tc, a_405_of_a_missing_path_says_that_it_is_missing);
  tcase_add_test(tc, conditions_do_not_touch_other_methods);
  tcase_add_test(tc, a_redirect_has_location_and_a_line);
  tcase_add_test(tc, a_redirect_keeps_the_query);
  tcase_add_test(tc, the_query_in_location_is_of_a_uri);
  tcase_add_test(tc, a_query_that_does_not_fit_is_414);
  tcase_add_test(tc, no_location_leaves_the_site);
  tcase_add_test(tc, conditions_and_ranges_do_not_touch_redirects);
  tcase_add_test(tc, an_error_page_is_sent_with_404_and_its_own_fields);
  tcase_add_test(tc, an_error_page_is_negotiated);
  tcase_add_test(tc, conditions_and_ranges_do_not_touch_a_404);
  tcase_add_test(tc, without_error_pages_a_line);
  tcase_add_test(tc, the_fallback_is_a_200);
  tcase_add_test(tc, no_fallback_for_other_methods_or_requests);
  tcase_add_test(tc, the_greatest_weight_then_the_smallest);
  tcase_add_test(tc, without_the_field_identity);
  tcase_add_test(tc, each_variant_has_its_tag_and_id);
  tcase_add_test(tc, nothing_acceptable_is_406_with_what_there_is);
  tcase_add_test(tc,
                 codings_and_dictionaries_of_later_versions_are_passed_over);
  tcase_add_test(tc, a_304_keeps_the_fields_that_caches_need);
  tcase_add_test(tc, a_304_of_a_coded_variant_has_no_content_encoding);
  tcase_add_test(tc, the_tag_of_an_acceptable_sibling_selects_it);
  tcase_add_test(tc, of_several_tags_the_heavier_variant_is_selected);
  tcase_add_test(tc, a_tag_that_a_proxy_made_of_ours_is_a_304);
  tcase_add_test(tc, if_match_is_of_the_selected_variant);
  tcase_add_test(tc, dates_are_compared_with_last_modified);
  tcase_add_test(tc, what_is_not_acceptable_is_not_compared);
  tcase_add_test(tc, a_single_range_is_206_with_all_fields);
  tcase_add_test(tc, several_ranges_are_multipart);
  tcase_add_test(tc, several_ranges_that_join_are_no_multipart);
  tcase_add_test(tc, the_most_ranges_and_the_longest_type_fit);
  tcase_add_test(tc, a_part_of_an_asset_without_type_has_none);
  tcase_add_test(tc, ranges_are_of_the_coded_bytes);
  tcase_add_test(tc, head_takes_no_range);
  tcase_add_test(tc, unsatisfiable_is_416_with_the_size);
  tcase_add_test(tc, an_ignored_range_is_a_plain_200);
  tcase_add_test(tc, preconditions_come_before_ranges);
  tcase_add_test(tc, if_range_decides_between_part_and_whole);
  tcase_add_test(tc, a_date_does_not_tell_codings_apart);
  tcase_add_test(tc, if_range_without_range_is_nothing);
  tcase_add_test(tc, an_unsatisfiable_range_with_false_if_range_is_200);
  return util_run("respond", tc);
}
