/* check_pages.c - what pages say, as fields and errors of a build.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "edgestatic_policy.h"

#include "packing.h"

static edgestatic_policy policy;

static void begin(void) {
  setup();
  policy = (edgestatic_policy)EDGESTATIC_POLICY_INIT;
}

static void set(void) {
  ck_assert_int_eq(edgestatic_builder_policy(builder, &policy), EDGESTATIC_OK);
}

static void link_of(const char *html, const char *link) {
  policy.preload = 1;
  set();
  add("p/index.html", html);
  add("a.css", "a");
  add("p/b.js", "b");
  add("sp ace.css", "c");
  finish();
  get("/p/", NULL);
  field_is("Link", link, *link ? "--preload" : NULL);
}

/* ---- Content-Security-Policy ---- */

#define HELLO "<script>alert('Hello, world.');</script>"
#define HELLO_HASH "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"

START_TEST(each_page_has_its_own_hashes_and_other_files_none) {
  policy.csp = "script-src 'self'";
  set();
  add("a.html", HELLO);
  add("b.html", "<p>");
  add("404.html", HELLO);
  add("c.css", HELLO);
  finish();
  get("/a", NULL);
  field_is("Content-Security-Policy", "script-src 'self' " HELLO_HASH, "--csp");
  get("/b", NULL);
  field_is("Content-Security-Policy", "script-src 'self'", "--csp");
  get("/missing", NULL);
  field_is("Content-Security-Policy", "script-src 'self' " HELLO_HASH, "--csp");
  get("/c.css", NULL);
  field_is("Content-Security-Policy", "", NULL);
}
END_TEST

START_TEST(a_page_is_read_whatever_file_had_its_bytes_before) {
  policy.csp = "script-src 'self'";
  set();
  add("a.txt", HELLO);
  add("b.html", HELLO);
  finish();
  get("/b", NULL);
  field_is("Content-Security-Policy", "script-src 'self' " HELLO_HASH, NULL);
  get("/a.txt", NULL);
  field_is("Content-Security-Policy", "", NULL);
}
END_TEST

START_TEST(the_default_policy_allows_what_the_site_brings) {
  policy.csp = "";
  set();
  add("a.html", "<p>");
  finish();
  get("/a", NULL);
  ck_assert_ptr_nonnull(
      strstr(field("Content-Security-Policy", NULL), "default-src 'self'; "));
}
END_TEST

START_TEST(code_in_attributes_is_told_with_its_place) {
  policy.csp = "";
  set();
  add("a.html", "<p>\n<a onclick='x()'>");
  finish();
  ck_assert_uint_eq(told.count, 1);
  ck_assert_int_eq(told.severity, EDGESTATIC_WARNING);
  ck_assert_str_eq(told.file, "a.html");
  ck_assert_uint_eq(told.line, 2);
  ck_assert_uint_eq(told.column, 4);
  assert_said(&told, "onclick");
  assert_said(&told, "'unsafe-hashes'");
}
END_TEST

START_TEST(a_page_that_is_not_read_is_told) {
  static char html[3001];
  policy.csp = "";
  set();
  for (size_t i = 0; i < 3000; i += 3)
    memcpy(html + i, "<i>", 3);
  add("a.html", html);
  finish();
  ck_assert_int_eq(told.severity, EDGESTATIC_WARNING);
  assert_said(&told, "nested");
}
END_TEST

START_TEST(too_many_hashes_for_a_field_fail_the_build) {
  static char html[20000];
  char *p = html;
  policy.csp = "";
  set();
  for (int i = 0; i < 200; i++)
    p += sprintf(p, "<script>%d</script>", i);
  add("a.html", html);
  finish_fails(EDGESTATIC_ERR_INPUT, "move them to files");
}
END_TEST

/* ---- Subresource Integrity ---- */

#define ONE "sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s="
#define ZERO "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

START_TEST(a_wrong_integrity_fails_the_build_with_both_hashes) {
  add("d/a.js", "1");
  add("d/index.html", "<p>\n  <script src=a.js integrity='" ZERO "'></script>");
  finish_fails(EDGESTATIC_ERR_INPUT, "browsers will refuse d/a.js");
  assert_said(&told, ZERO);
  assert_said(&told, ONE);
  ck_assert_str_eq(told.file, "d/index.html");
  ck_assert_uint_eq(told.line, 2);
  ck_assert_uint_eq(told.column, 3);
}
END_TEST

START_TEST(the_check_can_be_left_out) {
  policy.no_sri = 1;
  set();
  add("a.js", "1");
  add("index.html", "<script src=a.js integrity='" ZERO "'></script>");
  finish();
}
END_TEST

START_TEST(what_is_right_or_elsewhere_is_let_be) {
  add("a.js", "1");
  add("index.html", "<script src=a.js integrity='" ONE "'></script>"
                    "<script src=//x/a.js integrity='" ZERO "'></script>"
                    "<script src=none.js integrity='" ZERO "'></script>");
  finish();
  ck_assert_uint_eq(told.count, 0);
}
END_TEST

START_TEST(an_integrity_that_browsers_ignore_is_a_warning) {
  add("a.js", "1");
  add("index.html", "<script src=a.js integrity='md5-x'></script>");
  finish();
  ck_assert_uint_eq(told.count, 1);
  ck_assert_int_eq(told.severity, EDGESTATIC_WARNING);
  assert_said(&told, "protects nothing");
}
END_TEST

/* ---- Link ---- */

START_TEST(styles_and_scripts_of_the_head_are_preloaded) {
  link_of("<link rel=stylesheet href=/a.css><script src=b.js></script>",
          "</a.css>; rel=preload; as=style, </p/b.js>; rel=preload; as=script");
}
END_TEST

START_TEST(a_module_is_modulepreloaded_with_its_mode_and_query) {
  link_of("<script type=module src='b.js?v=1' crossorigin=use-credentials>",
          "</p/b.js?v=1>; rel=modulepreload; crossorigin=use-credentials");
}
END_TEST

START_TEST(links_are_kept_as_they_are) {
  link_of("<link rel=preload href=../a.css as=style type=text/css "
          "fetchpriority=high media='(min-width: 9em)'>"
          "<link rel=preconnect href=https://f.example crossorigin>",
          "</a.css>; rel=preload; as=style; type=\"text/css\"; "
          "media=\"(min-width: 9em)\"; fetchpriority=high, "
          "<https://f.example>; rel=preconnect; crossorigin");
}
END_TEST

START_TEST(a_file_that_does_not_exist_or_is_elsewhere_is_not_preloaded) {
  link_of("<link rel=stylesheet href=none.css>"
          "<link rel=stylesheet href=https://x.example/a.css>",
          "");
}
END_TEST

START_TEST(what_is_not_wanted_at_once_is_not_preloaded) {
  link_of("<script async src=b.js></script><script nomodule src=b.js></script>"
          "<link rel=stylesheet href=/a.css media=print>"
          "<link rel='alternate stylesheet' href=/a.css>"
          "<noscript><link rel=stylesheet href=/a.css></noscript>"
          "<body><script src=b.js></script>",
          "");
}
END_TEST

START_TEST(the_same_link_twice_is_one_and_paths_are_encoded) {
  link_of("<link rel=preload as=style href=/a.css>"
          "<link rel=stylesheet href=/a.css>"
          "<link rel=stylesheet href='/sp ace.css'>",
          "</a.css>; rel=preload; as=style, "
          "</sp%20ace.css>; rel=preload; as=style");
}
END_TEST

START_TEST(what_would_not_be_a_field_is_left_out) {
  link_of("<link rel=preload as='a b' href=/a.css>"
          "<link rel=preload as=style type='\"' href=/a.css>"
          "<link rel=stylesheet href='/a.css?>'>"
          "<link rel=preconnect href='https://x>y'>",
          "");
}
END_TEST

START_TEST(error_pages_have_no_link) {
  policy.preload = 1;
  set();
  add("404.html", "<link rel=stylesheet href=/a.css>");
  add("a.css", "a");
  finish();
  get("/missing", NULL);
  field_is("Link", "", NULL);
}
END_TEST

START_TEST(a_single_page_app_preloads_what_is_the_same_on_all_paths) {
  options.not_found = EDGESTATIC_NOT_FOUND_SPA;
  new_builder();
  policy.preload = 1;
  set();
  add("index.html", "<link rel=stylesheet href=/a.css>"
                    "<link rel=stylesheet href=b.css>");
  add("a.css", "a");
  add("b.css", "b");
  finish();
  edgestatic_request request = {.method = LIT("GET"), .target = LIT("/x/y")};
  request.field[EDGESTATIC_FIELD_SEC_FETCH_MODE] = LIT("navigate");
  request.field[EDGESTATIC_FIELD_ACCEPT] = LIT("text/html");
  edgestatic_respond(store, &request, &response);
  ck_assert_int_eq(response.status, 200);
  field_is("Link", "</a.css>; rel=preload; as=style", NULL);
}
END_TEST

START_TEST(a_304_carries_policy_and_links) {
  policy.preload = 1;
  policy.csp = "script-src 'self'";
  set();
  add("index.html", "<link rel=stylesheet href=/a.css>");
  add("a.css", "a");
  finish();
  edgestatic_request request = {.method = LIT("GET"), .target = LIT("/")};
  request.field[EDGESTATIC_FIELD_IF_NONE_MATCH] = LIT("*");
  edgestatic_respond(store, &request, &response);
  ck_assert_int_eq(response.status, 304);
  field_is("Content-Security-Policy", "script-src 'self'", NULL);
  field_is("Link", "</a.css>; rel=preload; as=style", NULL);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("pages");
  tcase_add_checked_fixture(c, begin, teardown);
  tcase_add_test(c, each_page_has_its_own_hashes_and_other_files_none);
  tcase_add_test(c, a_page_is_read_whatever_file_had_its_bytes_before);
  tcase_add_test(c, the_default_policy_allows_what_the_site_brings);
  tcase_add_test(c, code_in_attributes_is_told_with_its_place);
  tcase_add_test(c, a_page_that_is_not_read_is_told);
  tcase_add_test(c, too_many_hashes_for_a_field_fail_the_build);
  tcase_add_test(c, a_wrong_integrity_fails_the_build_with_both_hashes);
  tcase_add_test(c, the_check_can_be_left_out);
  tcase_add_test(c, what_is_right_or_elsewhere_is_let_be);
  tcase_add_test(c, an_integrity_that_browsers_ignore_is_a_warning);
  tcase_add_test(c, styles_and_scripts_of_the_head_are_preloaded);
  tcase_add_test(c, a_module_is_modulepreloaded_with_its_mode_and_query);
  tcase_add_test(c, links_are_kept_as_they_are);
  tcase_add_test(c,
                 a_file_that_does_not_exist_or_is_elsewhere_is_not_preloaded);
  tcase_add_test(c, what_is_not_wanted_at_once_is_not_preloaded);
  tcase_add_test(c, the_same_link_twice_is_one_and_paths_are_encoded);
  tcase_add_test(c, what_would_not_be_a_field_is_left_out);
  tcase_add_test(c, error_pages_have_no_link);
  tcase_add_test(c, a_single_page_app_preloads_what_is_the_same_on_all_paths);
  tcase_add_test(c, a_304_carries_policy_and_links);
  return util_run("pages", c);
}
