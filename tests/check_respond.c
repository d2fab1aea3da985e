/* check_respond.c - whole responses: targets, methods, redirects and what is
 * missing.
 * SPDX-License-Identifier: MIT */
#include "ask.h"

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
  ck_assert_slice_eq(edgestatic_response_field(&store, r, 0).origin, "default");
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
  return util_run("respond", tc);
}
