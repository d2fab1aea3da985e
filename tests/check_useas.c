/* check_useas.c - who is told to be kept as a dictionary, and for what (RFC
 * 9842 section 2.1).
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/useas.h"

#include "edgestatic_rules.h"
#include "packing.h"

/* ---- The pattern ---- */

/* hash: where it is in the path, or NULL. */
static void matches(const char *path, const char *hash, const char *value) {
  char text[USEAS_VALUE_MAX];
  slice p = util_text(path), h = {NULL, 0};
  if (hash) {
    const char *at = strstr(p.base, hash);
    ck_assert_ptr_nonnull(at);
    h = slice_of(at, strlen(hash));
  }
  ck_assert_bytes_eq(useas_value(text, p, h), value);
}

START_TEST(a_stable_name_matches_itself) {
  matches("/style.css", NULL, "match=\"/style.css\"");
  matches("/", NULL, "match=\"/\"");
  matches("/a-b_c~d/e,f;g=h@i!j$k&l'.js", NULL,
          "match=\"/a-b_c~d/e,f;g=h@i!j$k&l'.js\"");
}
END_TEST

START_TEST(a_hash_is_a_group_that_ends_at_a_slash) {
  matches("/js/app.0f2e9a1d.js", "0f2e9a1d", "match=\"/js/app.:h.js\"");
  matches("/0f2e9a1d4c5b6a79.js", "0f2e9a1d4c5b6a79", "match=\"/:h.js\"");
  matches("/app-0f2e9a1d-min.js", "0f2e9a1d", "match=\"/app-:h-min.js\"");
  matches("/app~0f2e9a1d~x.js", "0f2e9a1d", "match=\"/app~:h~x.js\"");
}
END_TEST

/* ":h_x" would be one name. */
START_TEST(a_group_before_an_underscore_has_no_name) {
  matches("/app_0f2e9a1d_x.js", "0f2e9a1d", "match=\"/app_*_x.js\"");
}
END_TEST

/* By a backslash, which the string of the field doubles. */
START_TEST(what_a_url_pattern_reads_as_more_is_escaped) {
  matches("/c++(1):x*.js", NULL,
          "match=\"/c\\\\+\\\\+\\\\(1\\\\)\\\\:x\\\\*.js\"");
  matches("/c+.0f2e9a1d.js", "0f2e9a1d", "match=\"/c\\\\+.:h.js\"");
}
END_TEST

START_TEST(a_pattern_is_percent_encoded_as_the_path_of_a_request_is) {
  matches("/d\xc3\xbc.js", NULL, "match=\"/d%C3%BC.js\"");
  matches("/{a}?b#c\"d\\e[f] g%h|i^j`k<l>.js", NULL,
          "match=\"/%7Ba%7D%3Fb%23c%22d%5Ce%5Bf%5D%20g%25h%7Ci%5Ej%60k%3Cl%3E"
          ".js\"");
}
END_TEST

START_TEST(the_longest_path_has_room) {
  char text[USEAS_VALUE_MAX];
  for (int kind = 0; kind < 2; kind++) {
    char *path = util_alloc(EDGESTATIC_PATH_MAX);
    memset(path, kind == 0 ? '*' : '\xff', EDGESTATIC_PATH_MAX);
    path[0] = '/';
    slice hash = {path + EDGESTATIC_PATH_MAX - 1, 1};
    slice p = {path, EDGESTATIC_PATH_MAX};
    ck_assert_uint_eq(useas_value(text, p, (slice){NULL, 0}).len,
                      3 * (EDGESTATIC_PATH_MAX - 1) + 1 + strlen("match=\"\""));
    ck_assert_uint_le(useas_value(text, p, hash).len, USEAS_VALUE_MAX);
  }
}
END_TEST

/* ---- Cache-Control ---- */

static bool keeps(const char *first, const char *second) {
  static const edgestatic_allocator heap = {NULL, NULL};
  struct fieldlist list;
  fieldlist_begin(&list, &heap);
  fieldlist_add(&list, LIT("X-Other"), LIT("max-age=9"), LIT("test"), 0);
  if (first)
    fieldlist_add(&list, LIT("cache-control"), util_text(first), LIT("test"),
                  0);
  if (second)
    fieldlist_add(&list, LIT("Cache-Control"), util_text(second), LIT("test"),
                  0);
  bool yes = useas_keeps(&list);
  fieldlist_free(&list);
  return yes;
}

START_TEST(a_dictionary_is_fresh_for_some_time_or_may_be_stale) {
  static const char *const yes[] = {
      "max-age=1",
      "MAX-AGE=0600",
      "public, max-age=31536000, immutable",
      "private,max-age=60",
      "must-revalidate, max-age=60",
      "max-age=0, stale-while-revalidate=60",
  };
  for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
    ck_assert_msg(keeps(yes[i], NULL), "%s", yes[i]);
  ck_assert(keeps("public", "max-age=60"));
}
END_TEST

START_TEST(what_may_not_be_used_without_asking_is_none) {
  static const char *const no[] = {
      "",
      "public",
      "no-cache",
      "no-store, max-age=60",
      "max-age=60, No-Cache",
      "max-age=60, no-cache=\"Set-Cookie\"",
      "max-age=0",
      "max-age=00",
      "max-age",
      "max-age=",
      "max-age=\"60\"",
      "max-age=-1",
      "max-age=1h",
      "s-maxage=60", /* of shared caches */
      "x-max-age=60",
      "max-age=0, must-revalidate, stale-while-revalidate=60",
      "stale-if-error=60",
  };
  ck_assert(!keeps(NULL, NULL));
  for (size_t i = 0; i < sizeof no / sizeof *no; i++)
    ck_assert_msg(!keeps(no[i], NULL), "%s", no[i]);
  ck_assert(!keeps("max-age=60", "no-store"));
}
END_TEST

/* ---- Who has the field ---- */

static void rule(const char *glob, const char *value) {
  ck_assert_int_eq(edgestatic_builder_rule(builder, EDGESTATIC_RULE_CACHE,
                                           util_text(glob), util_text(value)),
                   EDGESTATIC_OK);
}

static void headers(const char *text) {
  ck_assert_int_eq(
      edgestatic_builder_headers(builder, util_text(text), "_headers"),
      EDGESTATIC_OK);
}

static void announces(const char *path, const char *value) {
  get(path, NULL);
  ck_assert_str_eq(field("Use-As-Dictionary", NULL), value);
}

START_TEST(files_that_are_compressed_and_kept_are_announced) {
  slice text = samples_text(9000, 1);
  add_bytes("a.css", text);
  add_bytes("app.0f2e9a1d.js", text);
  add_bytes("noise.js", samples_noise(9000, 1));
  add_bytes("least.js", slice_of(text.base, USEAS_MIN));
  add_bytes("less.js", slice_of(text.base, USEAS_MIN - 1));
  add_bytes("index.html", text);
  add_bytes("404.html", text);
  finish();
  announces("/a.css", "match=\"/a.css\"");
  announces("/app.0f2e9a1d.js", "match=\"/app.:h.js\"");
  announces("/least.js", "match=\"/least.js\"");
  announces("/less.js", "");
  announces("/noise.js", "");
  announces("/", ""); /* no-cache */
  announces("/404", "");
  announces("/nothing", "");
}
END_TEST

START_TEST(a_page_with_a_rule_is_announced_for_its_address) {
  rule("*.html", "max-age=60");
  slice text = samples_text(9000, 1);
  add_bytes("index.html", text);
  add_bytes("about.html", text);
  add_bytes("p.0f2e9a1d.html", text);
  add_bytes("docs/index.html", text);
  add_bytes("404.html", text);
  finish();
  announces("/", "match=\"/\"");
  announces("/about", "match=\"/about\"");
  announces("/p.0f2e9a1d", "match=\"/p.0f2e9a1d\"");
  announces("/docs/", "match=\"/docs/\"");
  announces("/nothing", ""); /* as an error page */
}
END_TEST

START_TEST(a_single_page_app_is_none_at_other_paths) {
  options.not_found = EDGESTATIC_NOT_FOUND_SPA;
  new_builder();
  rule("*.html", "max-age=60");
  add_bytes("index.html", samples_text(9000, 1));
  finish();
  announces("/", "match=\"/\"");
  edgestatic_request request = {.method = LIT("GET"), .target = LIT("/app/x")};
  request.field[EDGESTATIC_FIELD_SEC_FETCH_MODE] = LIT("navigate");
  edgestatic_respond(store, &request, &response);
  ck_assert_int_eq(response.status, 200);
  ck_assert_str_eq(field("Use-As-Dictionary", NULL), "");
}
END_TEST

START_TEST(without_deltas_nothing_is_announced) {
  edgestatic_policy p = EDGESTATIC_POLICY_INIT;
  p.no_deltas = 1;
  ck_assert_int_eq(edgestatic_builder_policy(builder, &p), EDGESTATIC_OK);
  add_bytes("a.css", samples_text(9000, 1));
  finish();
  announces("/a.css", "");
}
END_TEST

START_TEST(what_headers_say_of_caches_counts) {
  slice text = samples_text(9000, 1);
  headers("/a.css\n  Cache-Control: no-store\n"
          "/about\n  Cache-Control: max-age=60\n");
  add_bytes("a.css", text);
  add_bytes("b.css", text);
  add_bytes("about.html", text);
  finish();
  announces("/a.css", "");
  announces("/b.css", "match=\"/b.css\"");
  announces("/about", "match=\"/about\"");
}
END_TEST

START_TEST(who_takes_it_away_by_headers_has_none) {
  edgestatic_rules_options rules = EDGESTATIC_RULES_OPTIONS_INIT;
  rules.dialect = EDGESTATIC_DIALECT_CLOUDFLARE;
  ck_assert_int_eq(edgestatic_builder_rules(builder, &rules), EDGESTATIC_OK);
  headers("/a.css\n  ! Use-As-Dictionary\n"
          "/b.css\n  ! Use-As-Dictionary\n  Cache-Control: max-age=60\n"
          "/about\n  ! Use-As-Dictionary\n  Cache-Control: max-age=60\n");
  slice text = samples_text(9000, 1);
  add_bytes("a.css", text);
  add_bytes("b.css", text);
  add_bytes("about.html", text);
  finish();
  announces("/a.css", "");
  announces("/b.css", "");
  announces("/about", "");
}
END_TEST

START_TEST(who_writes_it_himself_keeps_his_own) {
  headers("/a.css\n  Use-As-Dictionary: match=\"/x\"\n"
          "/about\n  Use-As-Dictionary: match=\"/y\"\n");
  slice text = samples_text(9000, 1);
  add_bytes("a.css", text);
  add_bytes("about.html", text);
  finish();
  announces("/a.css", "match=\"/x\"");
  announces("/about", "match=\"/y\"");
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("useas");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, a_stable_name_matches_itself);
  tcase_add_test(tc, a_hash_is_a_group_that_ends_at_a_slash);
  tcase_add_test(tc, a_group_before_an_underscore_has_no_name);
  tcase_add_test(tc, what_a_url_pattern_reads_as_more_is_escaped);
  tcase_add_test(tc, a_pattern_is_percent_encoded_as_the_path_of_a_request_is);
  tcase_add_test(tc, the_longest_path_has_room);
  tcase_add_test(tc, a_dictionary_is_fresh_for_some_time_or_may_be_stale);
  tcase_add_test(tc, what_may_not_be_used_without_asking_is_none);
  tcase_add_test(tc, files_that_are_compressed_and_kept_are_announced);
  tcase_add_test(tc, a_page_with_a_rule_is_announced_for_its_address);
  tcase_add_test(tc, a_single_page_app_is_none_at_other_paths);
  tcase_add_test(tc, without_deltas_nothing_is_announced);
  tcase_add_test(tc, what_headers_say_of_caches_counts);
  tcase_add_test(tc, who_takes_it_away_by_headers_has_none);
  tcase_add_test(tc, who_writes_it_himself_keeps_his_own);
  return util_run("useas", tc);
}
