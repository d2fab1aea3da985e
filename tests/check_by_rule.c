/* check_by_rule.c - what rules make of a response: redirects and rewrites,
 * header fields, and the flags of a request.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "byrule.h"

/* ---- Redirects and rewrites ---- */

START_TEST(a_redirect_says_which_rule_it_was) {
  netlify("/one /about\n/old/* /new/:splat 302\n", "");
  asks("GET", "/old/a%20b?q=1", 302);
  is("Location", "/new/a%20b?q=1");
  is("Cache-Control", "no-cache");
  ck_assert_uint_eq(response.route, EDGESTATIC_ROUTE_RULE);
  ck_assert_str_eq(edgestatic_store_rule(store, response.rule).base,
                   "_redirects:2");
  asks("HEAD", "/one", 301);
  asks("GET", "/about", 200);
  ck_assert_uint_eq(response.rule, EDGESTATIC_NONE);
}
END_TEST

START_TEST(a_redirect_is_for_every_method_but_options) {
  netlify("/old /about\n/page /about 200\n", "");
  asks("POST", "/old", 301);
  asks("OPTIONS", "/old", 204);
  asks("POST", "/page", 405);
  asks("POST", "/none", 405);
}
END_TEST

START_TEST(a_file_wins_unless_the_rule_is_forced) {
  netlify("/about /gone\n/font.woff2 /gone 302!\n", "");
  asks("GET", "/about", 200);
  sends("about");
  asks("GET", "/font.woff2", 302);
  new_builder();
  cloudflare("/about /gone 301\n", "");
  asks("GET", "/about", 301);
}
END_TEST

/* "_redirects:1" */
static const char *hidden(const char *method, const char *target) {
  request.method = util_text(method);
  request.target = util_text(target);
  uint32_t rule = edgestatic_hidden_rule(store, &request);
  return rule == EDGESTATIC_NONE ? "" : edgestatic_store_rule(store, rule).base;
}

START_TEST(the_rule_that_a_file_hides_is_told) {
  netlify("/about /gone\n/docs/* /gone\n/font.woff2 /gone 302!\n"
          "/none /gone\n/gone /docs/ 302 Language=de\n",
          "");
  ck_assert_str_eq(hidden("GET", "/about"), "_redirects:1");
  ck_assert_str_eq(hidden("POST", "/about.html?q"), "");
  ck_assert_str_eq(hidden("POST", "/about/?q"), "_redirects:1");
  ck_assert_str_eq(hidden("OPTIONS", "/about"), "");
  ck_assert_str_eq(hidden("GET", "/docs/"), "_redirects:2");
  ck_assert_str_eq(hidden("GET", "/font.woff2"), "");
  ck_assert_str_eq(hidden("GET", "/none"), "");
  ck_assert_str_eq(hidden("GET", "about"), "");
  ck_assert_str_eq(hidden("OPTIONS", "*"), "");
  ck_assert_str_eq(hidden("GET", "*"), "");
  ck_assert_str_eq(hidden("GET", "/gone"), "");
  with(EDGESTATIC_FIELD_ACCEPT_LANGUAGE, "de");
  ck_assert_str_eq(hidden("GET", "/gone"), "_redirects:5");
  new_builder();
  cloudflare("/about /gone 301\n", "");
  ck_assert_str_eq(hidden("GET", "/about"), "");
}
END_TEST

START_TEST(a_rewrite_sends_the_page_of_another_path) {
  netlify("/a /about 200\n/b /about.html 200\n/c /none 200\n/d /docs 200\n",
          "");
  asks("GET", "/a", 200);
  sends("about");
  ck_assert_uint_eq(response.route, EDGESTATIC_ROUTE_REWRITE);
  asks("GET", "/b", 200);
  sends("about");
  asks("GET", "/d", 200);
  sends("docs");
  asks("GET", "/c", 404); /* as without the rule */
  sends("missing");
  ck_assert(response.flags & EDGESTATIC_RESPONSE_NOT_FOUND);
  asks("GET", "/a", 200);
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, field("ETag", NULL));
  asks("GET", "/a", 304);
  new_builder();
  cloudflare("/b /about.html 200\n/a /about 200\n", "");
  asks("GET", "/a", 200);
  asks("GET", "/b?q", 308);
  is("Location", "/about?q");
}
END_TEST

START_TEST(a_page_with_an_error_status_is_an_error_page) {
  netlify("/x /gone 410\n/y /none 410\n/z /none 404\n/v /gone 451\n", "");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "*");
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-1");
  asks("GET", "/x", 410);
  sends("gone");
  is("Cache-Control", "no-store");
  is("ETag", "");
  is("Last-Modified", "");
  is("Accept-Ranges", "");
  is("Content-Type", "text/html; charset=utf-8");
  ck_assert_uint_eq(lines("Cache-Control"), 1);
  asks("HEAD", "/x", 410);
  asks("GET", "/y", 410);
  sends("410 Gone\n");
  asks("GET", "/z", 404);
  sends("missing");
  asks("GET", "/v", 451);
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "identity;q=0");
  asks("GET", "/v", 451);
  sends("451 Unavailable For Legal Reasons\n");
}
END_TEST

START_TEST(a_location_that_is_too_long_is_refused) {
  char target[8192];
  netlify("/a/* /b/:splat/:splat/:splat\n", "");
  memset(target, 'x', sizeof target);
  memcpy(target, "/a/", 3);
  target[2000] = '\0';
  memcpy(target + 1990, "?", 1);
  asks("GET", target, 301);
  new_builder();
  cloudflare("/a/* /b/:splat/:splat/:splat\n", "");
  memset(target, 'x', sizeof target);
  memcpy(target, "/a/", 3);
  target[8000] = '\0';
  /* Longer than any path of an asset: it meets no rule. */
  asks("GET", target, 404);
}
END_TEST

START_TEST(conditions_are_in_vary_also_where_they_do_not_hold) {
  netlify("/l /about 302 Language=de\n/b /about 302 Cookie=c\n"
          "/k /about 302 Language=de Cookie=c\n/c /about 302 Country=ch,at\n",
          "");
  asks("GET", "/l", 404);
  is("Vary", "Accept-Language");
  with(EDGESTATIC_FIELD_ACCEPT_LANGUAGE, "de");
  asks("GET", "/l", 302);
  is("Vary", "Accept-Language");
  ck_assert_uint_eq(response.id, 0);
  asks("GET", "/b", 404);
  is("Vary", "Cookie");
  asks("GET", "/k", 404);
  is("Vary", "Accept-Language, Cookie");
}
END_TEST

START_TEST(a_country_is_the_hosts_to_say) {
  netlify("/c /about 302 Country=ch,at\n", "");
  asks("GET", "/c", 404);
  is("Vary", "");
  request.country = util_text("AT");
  asks("GET", "/c", 302);
  is("Vary", "*");
  request.country = util_text("DE");
  asks("GET", "/c", 404);
  is("Vary", "*");
}
END_TEST

START_TEST(a_rewrite_to_what_cannot_be_a_path_finds_nothing) {
  char target[1003];
  memset(target, '"', sizeof target); /* an escape of three bytes each */
  memcpy(target, "/a/", 3);
  target[sizeof target - 1] = '\0';
  netlify("/a/* /b/:splat/:splat/:splat 200\n", "");
  asks("GET", "/a/b", 404);
  asks("GET", target, 404);
  sends("missing");
}
END_TEST

START_TEST(a_location_beyond_the_text_of_a_response_is_414) {
  char target[2000];
  memset(target, '"', sizeof target); /* an escape of three bytes each */
  memcpy(target, "/a/", 3);
  target[sizeof target - 1] = '\0';
  netlify("/a/* /b/:splat/:splat/:splat/:splat/:splat\n", "");
  asks("GET", target, 414);
  is("Location", "");
  ck_assert_uint_eq(response.route, EDGESTATIC_ROUTE_RULE);
}
END_TEST

/* ---- Header rules ---- */

START_TEST(what_has_no_path_of_its_own_meets_header_rules_by_the_request) {
  netlify("/r /about 200\n",
          "/*\n  X-A: all\n/r\n  X-B: r\n  Content-Security-Policy: r\n"
          "/about\n  X-C: about\n");
  asks("GET", "/about", 200);
  is("X-A", "all");
  is("X-C", "about");
  ck_assert_uint_ne(response.id, 0);
  asks("GET", "/r", 200);
  is("X-A", "all");
  is("X-B", "r");
  is("Content-Security-Policy", "r");
  is("X-C", "");
  ck_assert_uint_eq(response.id, 0);
  asks("GET", "/none", 404);
  is("X-A", "all");
  asks("POST", "/none", 405);
  is("X-A", "all");
  asks("OPTIONS", "/none", 204);
  is("X-A", "all");
  asks("GET", "/%", 400);
  is("X-A", "");
}
END_TEST

START_TEST(redirects_have_header_rules_in_one_dialect) {
  netlify("/old /about\n", "/*\n  X-A: all\n");
  asks("GET", "/old", 301);
  is("X-A", "");
  new_builder();
  cloudflare("/old /about\n", "/*\n  X-A: all\n  Cache-Control: max-age=9\n");
  asks("GET", "/old", 302);
  is("X-A", "all");
  is("Cache-Control", "max-age=9");
  ck_assert_uint_eq(lines("Cache-Control"), 1);
  asks("GET", "/about.html", 308);
  is("X-A", "all");
}
END_TEST

START_TEST(an_error_is_not_kept_whatever_a_rule_says) {
  netlify("/x /gone 410\n",
          "/*\n  Cache-Control: public, max-age=31536000, immutable\n"
          "  CDN-Cache-Control: max-age=9\n  Expires: 9\n");
  asks("GET", "/none", 404);
  is("Cache-Control", "no-store");
  is("CDN-Cache-Control", "");
  is("Expires", "");
  asks("GET", "/x", 410);
  is("Cache-Control", "no-store");
  ck_assert_uint_eq(lines("Cache-Control"), 1);
  asks("GET", "/docs/", 200);
  is("CDN-Cache-Control", "max-age=9");
}
END_TEST

START_TEST(a_304_of_a_rewrite_has_the_fields_of_rules) {
  netlify("/r /about 200\n", "/r\n  Cache-Control: max-age=5\n  X-A: a\n");
  asks("GET", "/r", 200);
  is("Cache-Control", "max-age=5");
  ck_assert_uint_eq(lines("Cache-Control"), 1);
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, field("ETag", NULL));
  asks("GET", "/r", 304);
  is("Cache-Control", "max-age=5");
  is("X-A", "a");
}
END_TEST

START_TEST(a_later_block_replaces_or_adds) {
  static const char text[] = "/*\n  X-A: one\n  Set-Cookie: a=1\n"
                             "  Set-Cookie: b=2\n/n*\n  X-A: two\n";
  netlify("", text);
  asks("GET", "/none", 404);
  ck_assert_uint_eq(lines("X-A"), 1);
  is("X-A", "two");
  ck_assert_uint_eq(lines("Set-Cookie"), 2);
  new_builder();
  cloudflare("", text);
  asks("GET", "/none", 404);
  ck_assert(has_line("X-A", "one") && has_line("X-A", "two"));
}
END_TEST

START_TEST(a_rule_takes_a_field_away_from_whoever_set_it) {
  cloudflare("", "/*\n  X-A: one\n/n*\n  ! X-A\n  ! X-Content-Type-Options\n"
                 "  ! Vary\n  X-B: b\n");
  asks("GET", "/none", 404);
  is("X-A", "");
  is("X-Content-Type-Options", "");
  is("X-B", "b");
  asks("GET", "/other", 404);
  is("X-A", "one");
  is("X-Content-Type-Options", "nosniff");
}
END_TEST

START_TEST(what_is_taken_away_twice_is_gone_once) {
  cloudflare("/r /about 200\n", "/*\n  ! X-Content-Type-Options\n"
                                "/r\n  ! X-Content-Type-Options\n");
  asks("GET", "/r", 200);
  is("X-Content-Type-Options", "");
  is("Content-Type", "text/html; charset=utf-8");
}
END_TEST

START_TEST(what_a_rule_sets_takes_the_place_of_the_cores_own) {
  netlify("/r /about 200\n",
          "/*\n  X-Content-Type-Options: sniff\n  Vary: X-V\n");
  asks("GET", "/none", 404);
  is("X-Content-Type-Options", "sniff");
  ck_assert_uint_eq(lines("X-Content-Type-Options"), 1);
  asks("PUT", "/none", 405);
  is("X-Content-Type-Options", "sniff");
  ck_assert_uint_eq(lines("X-Content-Type-Options"), 1);
  ck_assert(has_line("Vary", "X-V"));
}
END_TEST

START_TEST(what_was_captured_makes_a_valid_value) {
  char target[8000];
  cloudflare("", "/p/:x/*\n  X-A: <:x> and :splat\n  X-B: b\n"
                 "  X-C: :splat of :x\n");
  asks("GET", "/p/a%20b/c/\xc3\xa9", 404);
  is("X-A", "<a%20b> and c/%C3%A9");
  asks("GET", "/p/a/", 404);
  is("X-A", "<a> and");
  is("X-C", "of a");
  /* Longer than there is room: left out. */
  memset(target, 'x', sizeof target);
  memcpy(target, "/p/a/", 5);
  target[sizeof target - 1] = '\0';
  new_builder();
  cloudflare("", "/p/*\n  X-A: :splat :splat :splat :splat\n  X-B: b\n");
  asks("GET", target, 404);
  is("X-A", "");
  is("X-B", "b");
}
END_TEST

START_TEST(what_has_no_room_takes_no_other_fields_place) {
  char headers[8000], target[8000];
  size_t len = 0;
  memset(target, 'x', sizeof target);
  memcpy(target, "/p/", 3);
  target[sizeof target - 1] = '\0';
  cloudflare("", "/p/*\n  X-Content-Type-Options: :splat :splat :splat\n");
  asks("GET", target, 404);
  is("X-Content-Type-Options", "nosniff");
  for (unsigned i = 0; i < 100; i++)
    len += (size_t)sprintf(headers + len, "/*\n  X-%u: a\n", i);
  sprintf(headers + len, "/*\n  X-Content-Type-Options: a\n");
  new_builder();
  netlify("", headers);
  asks("GET", "/none", 404);
  is("X-Content-Type-Options", "nosniff");
}
END_TEST

START_TEST(no_more_fields_than_there_is_room_for) {
  char text[4096] = "";
  size_t len = 0;
  for (unsigned i = 0; i < 100; i++)
    len += (size_t)sprintf(text + len, "/*\n  X-%u: a\n", i);
  netlify("", text);
  asks("GET", "/none", 404);
  is("X-60", "a");
  is("X-99", "");
  asks("GET", "/about", 200); /* its run has more */
  is("X-99", "a");
}
END_TEST

/* ---- TLS, previews, cookies ---- */

START_TEST(hsts_is_sent_over_tls_alone) {
  netlify("", "/*\n  Strict-Transport-Security: max-age=9\n");
  for (int tls = 0; tls < 2; tls++) {
    request.field[EDGESTATIC_FIELD_IF_NONE_MATCH].base = NULL;
    request.flags = tls ? EDGESTATIC_REQUEST_TLS : 0;
    asks("GET", "/none", 404);
    is("Strict-Transport-Security", tls ? "max-age=9" : "");
    asks("GET", "/about", 200);
    is("Strict-Transport-Security", tls ? "max-age=9" : "");
    with(EDGESTATIC_FIELD_IF_NONE_MATCH, "*");
    asks("GET", "/about", 304);
    is("Strict-Transport-Security", tls ? "max-age=9" : "");
  }
}
END_TEST

START_TEST(a_preview_says_once_that_it_is_not_to_be_indexed) {
  edgestatic_policy policy = EDGESTATIC_POLICY_INIT;
  policy.noindex = 1;
  ck_assert_int_eq(edgestatic_builder_policy(builder, &policy), EDGESTATIC_OK);
  netlify("/old /about\n", "/docs/\n  X-Robots-Tag: nofollow\n");
  request.flags = EDGESTATIC_REQUEST_PREVIEW;
  asks("GET", "/about", 200);
  ck_assert_uint_eq(lines("X-Robots-Tag"), 1);
  asks("GET", "/old", 301);
  ck_assert_uint_eq(lines("X-Robots-Tag"), 1);
  asks("GET", "/docs/", 200); /* the owner's own word is another one */
  ck_assert_uint_eq(lines("X-Robots-Tag"), 2);
}
END_TEST

START_TEST(an_id_is_of_a_variant_a_kind_and_the_flags) {
  uint32_t id[16], n = 0;
  netlify("", "");
  for (uint32_t flags = 0; flags < 8; flags++) {
    request.flags = flags;
    asks("GET", "/about", 200);
    ck_assert_uint_eq(lines("X-Robots-Tag"), (flags & 2) != 0);
    ck_assert_int_eq(has_line("Vary", "Cookie"), (flags & 4) != 0);
    id[n++] = response.id;
    asks("GET", "/none", 404);
    ck_assert_uint_eq(lines("X-Robots-Tag"), (flags & 2) != 0);
    id[n++] = response.id;
  }
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t k = 0; k < i; k++)
      ck_assert_uint_ne(id[i], id[k]);
  request.flags = EDGESTATIC_REQUEST_PREVIEW;
  asks("GET", "/%", 400);
  is("X-Robots-Tag", "noindex");
  request.flags = 0x100; /* not one that is known */
  asks("GET", "/about", 200);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("all");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, a_redirect_says_which_rule_it_was);
  tcase_add_test(tc, a_redirect_is_for_every_method_but_options);
  tcase_add_test(tc, a_file_wins_unless_the_rule_is_forced);
  tcase_add_test(tc, the_rule_that_a_file_hides_is_told);
  tcase_add_test(tc, a_rewrite_sends_the_page_of_another_path);
  tcase_add_test(tc, a_page_with_an_error_status_is_an_error_page);
  tcase_add_test(tc, a_location_that_is_too_long_is_refused);
  tcase_add_test(tc, a_rewrite_to_what_cannot_be_a_path_finds_nothing);
  tcase_add_test(tc, a_location_beyond_the_text_of_a_response_is_414);
  tcase_add_test(tc, conditions_are_in_vary_also_where_they_do_not_hold);
  tcase_add_test(tc, a_country_is_the_hosts_to_say);
  tcase_add_test(tc,
                 what_has_no_path_of_its_own_meets_header_rules_by_the_request);
  tcase_add_test(tc, redirects_have_header_rules_in_one_dialect);
  tcase_add_test(tc, an_error_is_not_kept_whatever_a_rule_says);
  tcase_add_test(tc, a_304_of_a_rewrite_has_the_fields_of_rules);
  tcase_add_test(tc, a_later_block_replaces_or_adds);
  tcase_add_test(tc, a_rule_takes_a_field_away_from_whoever_set_it);
  tcase_add_test(tc, what_is_taken_away_twice_is_gone_once);
  tcase_add_test(tc, what_a_rule_sets_takes_the_place_of_the_cores_own);
  tcase_add_test(tc, what_was_captured_makes_a_valid_value);
  tcase_add_test(tc, what_has_no_room_takes_no_other_fields_place);
  tcase_add_test(tc, no_more_fields_than_there_is_room_for);
  tcase_add_test(tc, hsts_is_sent_over_tls_alone);
  tcase_add_test(tc, a_preview_says_once_that_it_is_not_to_be_indexed);
  tcase_add_test(tc, an_id_is_of_a_variant_a_kind_and_the_flags);
  return util_run("by_rule", tc);
}
