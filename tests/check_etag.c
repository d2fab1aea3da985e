/* check_etag.c - lists of entity tags.
 * SPDX-License-Identifier: MIT */
#include "core/etag.h"
#include "util.h"

static bool weak(const char *list) {
  return etag_list_has(util_text(list), util_text("\"abc\""), ETAG_WEAK);
}

static bool strong(const char *list) {
  return etag_list_has(util_text(list), util_text("\"abc\""), ETAG_STRONG);
}

START_TEST(strong_comparison_wants_two_strong_tags) {
  ck_assert(strong("\"abc\""));
  ck_assert(!strong("W/\"abc\""));
  ck_assert(!strong("\"abd\""));
  ck_assert(!strong("\"abcd\""));
  ck_assert(!strong("\"ab\""));
  ck_assert(strong("W/\"abc\", \"abc\""));
}
END_TEST

START_TEST(weak_comparison_does_not_look_at_w) {
  ck_assert(weak("\"abc\""));
  ck_assert(weak("W/\"abc\""));
  ck_assert(!weak("W/\"abd\""));
}
END_TEST

START_TEST(lists_with_white_space_and_empty_elements) {
  ck_assert(weak("\"1\", \"2\", \"abc\""));
  ck_assert(weak("\"1\",\t\"abc\""));
  ck_assert(weak("\"1\",\"abc\""));
  ck_assert(weak(", \"1\",, \"abc\" ,"));
  ck_assert(weak("  \"abc\"\t"));
  ck_assert(strong("\"foo\", \"bar\", \t\"abc\" , \"baz\""));
  ck_assert(!weak(""));
  ck_assert(!weak(" , ,"));
}
END_TEST

START_TEST(any_byte_of_a_tag_but_quotes_is_literal) {
  ck_assert(weak("\"\xc3\xbc[]{}|\\\", \"abc\""));
  ck_assert(weak("\"a,b\", \"abc\""));
  ck_assert(weak("\"\", \"abc\""));
  ck_assert(!weak("\"*\""));
  ck_assert(!weak("\"abc,\""));
}
END_TEST

START_TEST(malformed_elements_match_nothing) {
  ck_assert(!weak("\"abc"));
  ck_assert(!weak("\""));
  ck_assert(!weak("abc"));
  ck_assert(!weak("abc\""));
  ck_assert(!weak("w/\"abc\""));
  ck_assert(!weak("W/ \"abc\""));
  ck_assert(!weak("W/"));
  ck_assert(!weak("W/abc"));
  ck_assert(!weak("\"abc\"x"));
  ck_assert(!weak("\"abc\" \"abc\""));
  ck_assert(!weak("x\"abc\""));
  ck_assert(!weak("\"a c\""));
  ck_assert(!weak("\"abc\x7f\""));
}
END_TEST

START_TEST(what_follows_a_malformed_element_counts) {
  ck_assert(weak("abc, \"abc\""));
  ck_assert(weak("w/\"x\", W/\"abc\""));
  ck_assert(weak("\"a b,\"abc\""));
  ck_assert(weak("\"a\x7f,\"abc\""));
}
END_TEST

START_TEST(suffixes_of_proxies_match_weakly_only) {
  static const char *const tags[] = {
      "\"abc-gzip\"",   "\"abc-br\"",      "\"abc-zstd\"",
      "\"abc--gzip\"",  "\"abc;gzip\"",    "\"abc;br\"",
      "W/\"abc-gzip\"", "\"abc-deflate\"", "\"1\", \"abc--zstd\""};
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
    ck_assert_msg(weak(tags[i]), "%s", tags[i]);
    ck_assert_msg(!strong(tags[i]), "%s", tags[i]);
  }
}
END_TEST

START_TEST(other_suffixes_do_not_match) {
  static const char *const tags[] = {
      "\"abc-\"",       "\"abc-foo\"", "\"abcgzip\"",  "\"abc-gzip-gzip\"",
      "\"abc---gzip\"", "\"abc;\"",    "\"abc-GZIP\"", "\"-gzip\"",
      "\"abd-gzip\"",   "\"abc;-br\"", "\"abc-gzi\""};
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
    ck_assert_msg(!weak(tags[i]), "%s", tags[i]);
}
END_TEST

START_TEST(no_tag_matches_nothing) {
  ck_assert(!etag_list_has(util_text("\"\""), util_text(""), ETAG_WEAK));
  ck_assert(!etag_list_has(util_text("\"\""), util_text(""), ETAG_STRONG));
}
END_TEST

START_TEST(long_lists_are_read_to_the_end) {
  char list[120 * 12 + 6] = "";
  for (int i = 0; i < 120; i++)
    sprintf(list + i * 12, "\"%08x\", ", (unsigned)i);
  strcat(list, "\"abc\"");
  ck_assert(weak(list));
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("etag");
  tcase_add_test(tc, strong_comparison_wants_two_strong_tags);
  tcase_add_test(tc, weak_comparison_does_not_look_at_w);
  tcase_add_test(tc, lists_with_white_space_and_empty_elements);
  tcase_add_test(tc, any_byte_of_a_tag_but_quotes_is_literal);
  tcase_add_test(tc, malformed_elements_match_nothing);
  tcase_add_test(tc, what_follows_a_malformed_element_counts);
  tcase_add_test(tc, suffixes_of_proxies_match_weakly_only);
  tcase_add_test(tc, other_suffixes_do_not_match);
  tcase_add_test(tc, no_tag_matches_nothing);
  tcase_add_test(tc, long_lists_are_read_to_the_end);
  return util_run("etag", tc);
}
