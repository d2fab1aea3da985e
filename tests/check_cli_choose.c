/* check_cli_choose.c - collections by host name, prefix and cookie.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "util.h"

#include "../cli/choose.h"

#include <string.h>

static struct choose_rules rules;

static void reset(void) {
  memset(&rules, 0, sizeof rules);
}

/* What is chosen, as "host staging", "prefix staging 11", "cookie -" (no name),
 * "nothing"; " vary" behind it where the cookie was asked for. */
static const char *choice(const char *host, const char *target,
                          const char *cookie) {
  static const char *const by[] = {"nothing", "host", "prefix", "cookie"};
  static char text[160];
  struct choose_result result;
  edgestatic_request request = {.target = util_text(target)};
  if (host)
    request.field[EDGESTATIC_FIELD_HOST] = util_text(host);
  if (cookie)
    request.field[EDGESTATIC_FIELD_COOKIE] = util_text(cookie);
  choose_name(&rules, &request, &result);
  ck_assert_uint_eq(result.name_len, strlen(result.name));
  int len = snprintf(text, sizeof text, "%s", by[result.by]);
  if (result.by != CHOOSE_BY_NOTHING)
    len += snprintf(text + len, sizeof text - (size_t)len, " %s",
                    result.name_len ? result.name : "-");
  if (result.by == CHOOSE_BY_PREFIX)
    len += snprintf(text + len, sizeof text - (size_t)len, " %zu",
                    result.prefix_len);
  snprintf(text + len, sizeof text - (size_t)len, "%s",
           result.asked_cookie ? " vary" : "");
  return text;
}

static const char *host(const char *name) {
  return choice(name, "/", NULL);
}

static const char *path(const char *target) {
  return choice("a", target, NULL);
}

static const char *cookie(const char *value) {
  return choice("a", "/", value);
}

START_TEST(without_rules_nothing_is_chosen_and_no_cookie_asked_for) {
  ck_assert_str_eq(choice("staging", "/-/staging/", "c=staging"), "nothing");
  ck_assert_str_eq(choice(NULL, "*", NULL), "nothing");
}
END_TEST

START_TEST(a_star_in_a_host_is_the_name) {
  ck_assert_int_eq(choose_by_host(&rules, "*.preview.example.com"), 0);
  ck_assert_str_eq(host("pr-42.preview.example.com"), "host pr-42");
  ck_assert_str_eq(host("PR-42.Preview.Example.COM"), "host pr-42");
  ck_assert_str_eq(host("pr-42.preview.example.com:8080"), "host pr-42");
  ck_assert_str_eq(host("pr-42.preview.example.com."), "host pr-42");
  ck_assert_str_eq(host("pr-42.preview.example.com.:443"), "host pr-42");
  ck_assert_str_eq(host("preview.example.com"), "nothing");
  ck_assert_str_eq(host("xpreview.example.com"), "nothing");
  ck_assert_str_eq(host("example.com"), "nothing");
  ck_assert_str_eq(host("a.b.preview.example.com"), "nothing");
  ck_assert_str_eq(host("pr-42.preview.example.com.evil"), "nothing");
  ck_assert_str_eq(host("pr_42.preview.example.com"), "host -");
  ck_assert_str_eq(host(".preview.example.com"), "host -");
  ck_assert_str_eq(host(""), "nothing");
  ck_assert_str_eq(host(NULL), "nothing");
}
END_TEST

START_TEST(a_star_may_stand_within_a_label) {
  ck_assert_int_eq(choose_by_host(&rules, "site--*.example.com"), 0);
  ck_assert_str_eq(host("site--staging.example.com"), "host staging");
  ck_assert_str_eq(host("site--.example.com"), "host -");
  ck_assert_str_eq(host("site-.example.com"), "nothing");
}
END_TEST

START_TEST(a_host_may_name_a_collection_and_the_first_rule_wins) {
  ck_assert_int_eq(choose_by_host(&rules, "Next.example.com=staging"), 0);
  ck_assert_int_eq(choose_by_host(&rules, "[::1]=six"), 0);
  ck_assert_int_eq(choose_by_host(&rules, "*.example.com"), 0);
  ck_assert_str_eq(host("next.example.com"), "host staging");
  ck_assert_str_eq(host("other.example.com"), "host other");
  ck_assert_str_eq(host("next.example.comx"), "nothing");
  ck_assert_str_eq(host("[::1]"), "host six");
  ck_assert_str_eq(host("[::1]:81"), "host six");
}
END_TEST

START_TEST(a_host_rule_has_a_star_or_a_name) {
  static const char *const bad[] = {
      "",      "*",        "example.com", "*.a=b",     "**.a",
      "a b.*", "a=",       "=a",          "a.com=A",   "a.com=a_b",
      "*.a/b", "*.a.com/", "a.com=a.b",   "a\xC3\xA9*"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    ck_assert_msg(choose_by_host(&rules, bad[i]) == -1, "%s", bad[i]);
  for (int i = 0; i < CHOOSE_HOSTS_MAX; i++)
    ck_assert_int_eq(choose_by_host(&rules, "*.a"), 0);
  ck_assert_int_eq(choose_by_host(&rules, "*.a"), -1);
}
END_TEST

START_TEST(a_prefix_is_followed_by_the_name) {
  ck_assert_int_eq(choose_by_prefix(&rules, "/-/"), 0);
  ck_assert_str_eq(path("/-/staging/a.txt"), "prefix staging 10");
  ck_assert_str_eq(path("/-/staging"), "prefix staging 10");
  ck_assert_str_eq(path("/-/staging?q=/x"), "prefix staging 10");
  ck_assert_str_eq(path("/-/Staging/"), "prefix - 10");
  ck_assert_str_eq(path("/-/sta%67ing/"), "prefix - 12");
  ck_assert_str_eq(path("/-/"), "prefix - 3");
  ck_assert_str_eq(path("/-//x"), "prefix - 3");
  ck_assert_str_eq(path("/-"), "nothing");
  ck_assert_str_eq(path("/"), "nothing");
  ck_assert_str_eq(path("/a/-/staging/"), "nothing");
  ck_assert_str_eq(path("*"), "nothing");
  ck_assert_str_eq(path(""), "nothing");
}
END_TEST

START_TEST(a_name_too_long_is_none) {
  char target[200] = "/-/";
  ck_assert_int_eq(choose_by_prefix(&rules, "/-/"), 0);
  memset(target + 3, 'a', CHOOSE_NAME_MAX);
  ck_assert_int_eq(strncmp(path(target), "prefix aaa", 10), 0);
  memset(target + 3, 'a', CHOOSE_NAME_MAX + 1);
  ck_assert_str_eq(path(target), "prefix - 67");
}
END_TEST

START_TEST(a_prefix_rule_is_a_path_between_slashes) {
  static const char *const bad[] = {
      "", "/", "//", "-/", "/-", "/a b/", "/a?/", "/a//b/", "/%41/", "/\xC3/"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    ck_assert_msg(choose_by_prefix(&rules, bad[i]) == -1, "%s", bad[i]);
}
END_TEST

START_TEST(a_cookie_has_the_name_for_its_value) {
  ck_assert_int_eq(choose_by_cookie(&rules, "site"), 0);
  ck_assert_str_eq(cookie("site=staging"), "cookie staging vary");
  ck_assert_str_eq(cookie("a=b; site=staging; c=d"), "cookie staging vary");
  ck_assert_str_eq(cookie("site=\"staging\""), "cookie staging vary");
  ck_assert_str_eq(cookie("site=one; site=two"), "cookie one vary");
  ck_assert_str_eq(cookie("site=staging ;a=b"), "cookie staging vary");
  ck_assert_str_eq(cookie("Site=staging"), "nothing vary");
  ck_assert_str_eq(cookie("xsite=staging"), "nothing vary");
  ck_assert_str_eq(cookie("x=site=staging"), "nothing vary");
  ck_assert_str_eq(cookie("site"), "nothing vary");
  ck_assert_str_eq(cookie("site="), "cookie - vary");
  ck_assert_str_eq(cookie("site=\""), "cookie - vary");
  ck_assert_str_eq(cookie("site=../x"), "cookie - vary");
  ck_assert_str_eq(cookie(""), "nothing vary");
  ck_assert_str_eq(cookie("; ;;"), "nothing vary");
  ck_assert_str_eq(cookie(NULL), "nothing vary");
}
END_TEST

START_TEST(a_cookie_rule_is_a_token) {
  ck_assert_int_eq(choose_by_cookie(&rules, ""), -1);
  ck_assert_int_eq(choose_by_cookie(&rules, "a b"), -1);
  ck_assert_int_eq(choose_by_cookie(&rules, "a="), -1);
  ck_assert_int_eq(choose_by_cookie(&rules, "__Host-site"), 0);
}
END_TEST

START_TEST(hosts_come_before_the_prefix_and_that_before_the_cookie) {
  choose_by_host(&rules, "*.example.com");
  choose_by_prefix(&rules, "/-/");
  choose_by_cookie(&rules, "site");
  ck_assert_str_eq(choice("h.example.com", "/-/p/", "site=c"), "host h");
  ck_assert_str_eq(choice("example.com", "/-/p/", "site=c"), "prefix p 4");
  ck_assert_str_eq(choice("example.com", "/", "site=c"), "cookie c vary");
  ck_assert_str_eq(choice("example.com", "/", NULL), "nothing vary");
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("cli_choose");

  tcase_add_checked_fixture(tc, reset, NULL);
  tcase_add_test(tc, without_rules_nothing_is_chosen_and_no_cookie_asked_for);
  tcase_add_test(tc, a_star_in_a_host_is_the_name);
  tcase_add_test(tc, a_star_may_stand_within_a_label);
  tcase_add_test(tc, a_host_may_name_a_collection_and_the_first_rule_wins);
  tcase_add_test(tc, a_host_rule_has_a_star_or_a_name);
  tcase_add_test(tc, a_prefix_is_followed_by_the_name);
  tcase_add_test(tc, a_name_too_long_is_none);
  tcase_add_test(tc, a_prefix_rule_is_a_path_between_slashes);
  tcase_add_test(tc, a_cookie_has_the_name_for_its_value);
  tcase_add_test(tc, a_cookie_rule_is_a_token);
  tcase_add_test(tc, hosts_come_before_the_prefix_and_that_before_the_cookie);
  return util_run("cli_choose", tc);
}
