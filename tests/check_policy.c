/* check_policy.c - Cache-Control by rule and by default.
 * SPDX-License-Identifier: MIT */
#include "build/policy.h"

#include "build/glob.h"

#include "memtest.h"
#include "util.h"

static const edgestatic_builder_options plain = EDGESTATIC_BUILDER_OPTIONS_INIT;
static struct policy policy;

static void setup(void) {
  policy_init(&policy, &plain);
}

static void teardown(void) {
  policy_free(&policy);
}

static void is(const char *file, const char *type, bool error_page,
               const char *value, const char *origin) {
  struct policy_answer a =
      policy_cache(&policy, util_text(file), util_text(type), error_page);
  ck_assert_slice_eq(a.value, value);
  ck_assert_slice_eq(a.origin, origin);
}

static int add(const char *glob, const char *value) {
  return policy_add(&policy, EDGESTATIC_RULE_CACHE, util_text(glob),
                    util_text(value));
}

START_TEST(a_page_is_revalidated_each_time) {
  is("a/index.html", "text/html; charset=utf-8", false, "no-cache",
     "default: HTML");
  is("a.xhtml", "application/xhtml+xml", false, "no-cache", "default: HTML");
  /* Even under a name with a fingerprint. */
  is("app.3f2a9c1b7d.html", "text/html", false, "no-cache", "default: HTML");
}
END_TEST

START_TEST(a_fingerprinted_name_is_immutable) {
  is("js/app.3f2a9c1b7d.js", "text/javascript", false,
     "max-age=31536000, immutable", "default: fingerprint in the name");
  /* A folder's fingerprint is not the file's. */
  is("3f2a9c1b7d3f2a9c/app.js", "text/javascript", false,
     "max-age=300, stale-while-revalidate=3600",
     "default: no fingerprint in the name");
}
END_TEST

START_TEST(the_rest_is_kept_for_minutes_and_refreshed_behind) {
  is("style.css", "text/css", false, "max-age=300, stale-while-revalidate=3600",
     "default: no fingerprint in the name");
}
END_TEST

START_TEST(the_last_rule_that_matches_wins) {
  ck_assert_int_eq(add("*.js", "max-age=1"), EDGESTATIC_OK);
  ck_assert_int_eq(add("js/*", "max-age=2"), EDGESTATIC_OK);
  ck_assert_int_eq(add("*.css", " \tmax-age=3 "), EDGESTATIC_OK);
  ck_assert_int_eq(add("*.html", "max-age=4"), EDGESTATIC_OK);
  is("a.js", "text/javascript", false, "max-age=1", "--cache-rule *.js");
  is("js/a.js", "text/javascript", false, "max-age=2", "--cache-rule js/*");
  is("js/a.css", "text/css", false, "max-age=3", "--cache-rule *.css");
  is("a.html", "text/html", false, "max-age=4", "--cache-rule *.html");
  is("js/app.3f2a9c1b7d.js", "text/javascript", false, "max-age=2",
     "--cache-rule js/*");
  is("a.png", "image/png", false, "max-age=300, stale-while-revalidate=3600",
     "default: no fingerprint in the name");
}
END_TEST

START_TEST(an_error_page_is_not_stored_whatever_the_rules) {
  ck_assert_int_eq(add("**", "immutable"), EDGESTATIC_OK);
  is("404.html", "text/html", true, "no-store", "default: error page");
}
END_TEST

START_TEST(a_value_is_a_field_value) {
  static const char *const bad[] = {"",      " \t",  "a\r\nX: y",  "a\nb",
                                    "a\x01", "\x7f", "caf\xc3\xa9"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ck_assert_msg(add("*", bad[i]) == EDGESTATIC_ERR_INPUT, "%s", bad[i]);
  ck_assert_int_eq(policy_add(&policy, EDGESTATIC_RULE_CACHE, LIT("*"),
                              util_bytes("a\0b", 3)),
                   EDGESTATIC_ERR_INPUT);
  ck_assert_int_eq(add("*", "private=\"a, b\",\tmax-age=0"), EDGESTATIC_OK);
  char value[POLICY_VALUE_MAX + 1];
  memset(value, 'a', sizeof value);
  ck_assert_int_eq(policy_add(&policy, EDGESTATIC_RULE_CACHE, LIT("*"),
                              util_bytes(value, POLICY_VALUE_MAX)),
                   EDGESTATIC_OK);
  ck_assert_int_eq(policy_add(&policy, EDGESTATIC_RULE_CACHE, LIT("*"),
                              util_bytes(value, POLICY_VALUE_MAX + 1)),
                   EDGESTATIC_ERR_INPUT);
}
END_TEST

START_TEST(a_glob_that_matches_nothing_is_refused) {
  ck_assert_int_eq(add("", "a"), EDGESTATIC_ERR_INPUT);
  ck_assert_int_eq(add("[", "a"), EDGESTATIC_ERR_INPUT);
  char glob[GLOB_MAX + 1];
  memset(glob, 'a', sizeof glob);
  ck_assert_int_eq(policy_add(&policy, EDGESTATIC_RULE_CACHE,
                              util_bytes(glob, GLOB_MAX), LIT("a")),
                   EDGESTATIC_OK);
  ck_assert_int_eq(policy_add(&policy, EDGESTATIC_RULE_CACHE,
                              util_bytes(glob, GLOB_MAX + 1), LIT("a")),
                   EDGESTATIC_ERR_INPUT);
}
END_TEST

START_TEST(there_is_an_end_to_the_rules) {
  for (int i = 0; i < POLICY_RULES_MAX; i++)
    ck_assert_int_eq(
        policy_add(&policy, EDGESTATIC_RULE_CACHE, LIT("a"), LIT("b")),
        EDGESTATIC_OK);
  ck_assert_int_eq(
      policy_add(&policy, EDGESTATIC_RULE_CACHE, LIT("a"), LIT("b")),
      EDGESTATIC_ERR_LIMIT);
}
END_TEST

static int add_some(const edgestatic_allocator *allocator, void *arg) {
  (void)arg;
  edgestatic_builder_options o = EDGESTATIC_BUILDER_OPTIONS_INIT;
  struct policy p;
  o.allocator = *allocator;
  policy_init(&p, &o);
  int error = EDGESTATIC_OK;
  for (int i = 0; i < 20 && error == EDGESTATIC_OK; i++)
    error =
        policy_add(&p, EDGESTATIC_RULE_CACHE, LIT("*.css"), LIT("no-cache"));
  policy_free(&p);
  return error;
}

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  memtest_fail_each(add_some, NULL);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("policy");
  tcase_add_checked_fixture(c, setup, teardown);
  tcase_add_test(c, a_page_is_revalidated_each_time);
  tcase_add_test(c, a_fingerprinted_name_is_immutable);
  tcase_add_test(c, the_rest_is_kept_for_minutes_and_refreshed_behind);
  tcase_add_test(c, the_last_rule_that_matches_wins);
  tcase_add_test(c, an_error_page_is_not_stored_whatever_the_rules);
  tcase_add_test(c, a_value_is_a_field_value);
  tcase_add_test(c, a_glob_that_matches_nothing_is_refused);
  tcase_add_test(c, there_is_an_end_to_the_rules);
  tcase_add_test(c, each_failing_allocation_is_an_error_without_a_leak);
  return util_run("policy", c);
}
