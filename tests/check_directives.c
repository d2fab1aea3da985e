/* check_directives.c - directives that do not do what they look like.
 * SPDX-License-Identifier: MIT */
#include "build/directives.h"

#include "util.h"

static char said[4096];
static unsigned messages;

static void keep(void *ctx, const edgestatic_message *message) {
  (void)ctx;
  size_t len = strlen(said);
  snprintf(said + len, sizeof said - len, "%s\n", message->text);
  messages++;
}

static int check(int kind, const char *value) {
  edgestatic_builder_options options = EDGESTATIC_BUILDER_OPTIONS_INIT;
  options.message = keep;
  said[0] = '\0';
  messages = 0;
  return directives_check(&options, kind, LIT("rule"), util_text(value));
}

static void fine(int kind, const char *value) {
  ck_assert_int_eq(check(kind, value), EDGESTATIC_OK);
  ck_assert_msg(messages == 0, "%s: %s", value, said);
}

/* One warning, with these words. */
static void warns(int kind, const char *value, const char *words) {
  ck_assert_int_eq(check(kind, value), EDGESTATIC_OK);
  ck_assert_msg(messages == 1 && strstr(said, words), "%s: %u: %s", value,
                messages, said);
}

enum {
  CACHE = EDGESTATIC_RULE_CACHE,
  CDN = EDGESTATIC_RULE_CDN,
  SURROGATE = EDGESTATIC_RULE_SURROGATE
};

START_TEST(what_caches_know_is_fine) {
  fine(CACHE, "max-age=31536000, immutable");
  fine(CACHE, "public, s-maxage=60, max-age=0, stale-while-revalidate=30, "
              "stale-if-error=86400");
  fine(CACHE, "No-Cache, no-store, max-age=0, must-revalidate");
  fine(CACHE, "private=\"a, b\\\", c\", max-age=60,, no-transform");
  fine(CACHE, "no-cache=\"set-cookie\", max-age=5");
  fine(CACHE, "must-understand, no-store, max-age=60");
  fine(CDN, "max-age=600, must-revalidate");
  fine(SURROGATE, "max-age=3600+600;abc, content=\"ESI/1.0\"");
  fine(SURROGATE, "no-store, no-store-remote;abc");
}
END_TEST

START_TEST(a_misspelt_directive_is_named_with_what_was_meant) {
  warns(CACHE, "maxage=60",
        "rule: maxage=60: caches do not know this "
        "directive; max-age is one");
  warns(CACHE, "max-age=1, imutable", "immutable is one");
  warns(CACHE, "stale-while-revaildate=5", "stale-while-revalidate is one");
  warns(CACHE, "s-max-age=5", "s-maxage is one");
  warns(CACHE, "forever", "rule: forever: caches do not know this directive\n");
  warns(CACHE, "a-name-of-more-than-thirty-two-letters", "do not know");
  warns(CACHE, "content=x", "do not know");
  warns(SURROGATE, "immutable", "do not know");
}
END_TEST

START_TEST(seconds_are_digits_alone) {
  static const char *const bad[] = {
      "max-age=1y", "max-age=\"60\"", "max-age",          "max-age=",
      "max-age=-1", "max-age=60+5",   "stale-if-error=1d"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    warns(CACHE, bad[i], "not a number of seconds");
  warns(SURROGATE, "max-age=60+", "not a number of seconds");
  warns(CDN, "max-age=60.5", "not a number of seconds");
}
END_TEST

START_TEST(a_value_where_none_belongs_or_none_where_one_does) {
  warns(CACHE, "max-age=1, immutable=1", "has no value");
  warns(SURROGATE, "content", "needs a value");
}
END_TEST

START_TEST(a_directive_is_there_once) {
  warns(CACHE, "max-age=1, Max-Age=2", "there twice");
}
END_TEST

START_TEST(contradictions_are_named) {
  static const char *const bad[] = {
      "no-store, immutable",
      "no-store, public",
      "no-store, max-age=60",
      "no-store, s-maxage=60",
      "no-store, stale-while-revalidate=1",
      "no-store, stale-if-error=1",
      "no-cache, immutable",
      "no-cache, stale-while-revalidate=1",
      "no-cache, stale-if-error=1",
      "max-age=1, must-revalidate, stale-while-revalidate=1",
      "max-age=1, must-revalidate, stale-if-error=1",
      "public, private",
      "private, s-maxage=60"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    warns(CACHE, bad[i], "contradict each other");
}
END_TEST

START_TEST(immutable_needs_a_time) {
  warns(CACHE, "immutable", "max-age");
  warns(CACHE, "max-age=0, immutable", "max-age");
}
END_TEST

START_TEST(a_cdn_cache_control_that_is_no_dictionary_is_refused) {
  static const char *const bad[] = {"max-age=1y", "Max-Age=5",
                                    "max-age=", "max-age=1,"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    ck_assert_int_eq(check(CDN, bad[i]), EDGESTATIC_ERR_INPUT);
    ck_assert_uint_eq(messages, 1);
  }
  check(CDN, "max-age=1y");
  ck_assert_ptr_nonnull(strstr(said, "(RFC 8941) from \"y\" on"));
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("directives");
  tcase_add_test(tc, what_caches_know_is_fine);
  tcase_add_test(tc, a_misspelt_directive_is_named_with_what_was_meant);
  tcase_add_test(tc, seconds_are_digits_alone);
  tcase_add_test(tc, a_value_where_none_belongs_or_none_where_one_does);
  tcase_add_test(tc, a_directive_is_there_once);
  tcase_add_test(tc, contradictions_are_named);
  tcase_add_test(tc, immutable_needs_a_time);
  tcase_add_test(tc, a_cdn_cache_control_that_is_no_dictionary_is_refused);
  return util_run("directives", tc);
}
