/* check_expand.c - captures into a target.
 * SPDX-License-Identifier: MIT */
#include "core/expand.h"

#include "util.h"

static struct capture capture[PATTERN_CAPTURES_MAX];
static size_t count;

static void setup(void) {
  count = 0;
}

static void captured(const char *text, enum capture_form form) {
  capture[count++] = (struct capture){util_text(text), form};
}

/* What a template becomes in a block of so many bytes. */
static const char *in(size_t room, const char *template, const char *query,
                      bool squeeze) {
  const struct expand e = {.template = util_text(template),
                           .capture = capture,
                           .count = count,
                           .query = util_text(query),
                           .squeeze = squeeze};
  char *out = util_alloc(room), *text = util_alloc(room + 1);
  size_t len;
  ck_assert(expand_valid(e.template, false));
  switch (expand(&e, out, room, &len)) {
  case EXPAND_TOO_LONG:
    return "too long";
  case EXPAND_NOT_A_HOST:
    return "not a host";
  default:
    memcpy(text, out, len);
    text[len] = '\0';
    return text;
  }
}

#define IS(template, query, expected)                                          \
  ck_assert_str_eq(in(4096, template, query, false), expected)

START_TEST(a_decoded_capture_is_encoded_again) {
  captured("x y/\xc3\xa9%?#\\|\"", CAPTURE_DECODED);
  IS("/a/\1", "", "/a/x%20y/%C3%A9%25%3F%23%5C%7C%22");
}
END_TEST

START_TEST(an_encoded_capture_stays_but_for_what_no_uri_has) {
  captured("x%20y/%c3%a9%zz|", CAPTURE_ENCODED);
  IS("/a/\1", "", "/a/x%20y/%c3%a9%25zz%7C");
}
END_TEST

START_TEST(a_parameter_chooses_no_folder) {
  captured("a+b%2Fc/..%0d%0a%", CAPTURE_PARAMETER);
  IS("/x/\1", "", "/x/a%20b%2Fc%2F..%0D%0A%25");
}
END_TEST

START_TEST(a_value_stays_one_value_in_a_query) {
  captured("a&b=c+d;e", CAPTURE_DECODED);
  captured("a%26b%3dc+d", CAPTURE_PARAMETER);
  captured("a&b=c", CAPTURE_ENCODED);
  IS("/x?q=\1", "", "/x?q=a%26b%3Dc%2Bd%3Be");
  IS("/x?q=\2", "", "/x?q=a%26b%3Dc%20d");
  IS("/x?q=\3", "", "/x?q=a&b=c");
}
END_TEST

START_TEST(a_path_never_begins_with_two_slashes) {
  captured("/", CAPTURE_DECODED);
  captured("//evil.example", CAPTURE_ENCODED);
  captured("\\evil.example", CAPTURE_DECODED);
  captured("", CAPTURE_DECODED);
  IS("/\1\1\1x", "", "/x");
  IS("/\2", "", "/evil.example");
  IS("/\1\2", "", "/evil.example");
  IS("/\3", "", "/%5Cevil.example");
  IS("/\4/\2", "", "/evil.example");
  IS("/a\1\2", "", "/a///evil.example");
}
END_TEST

START_TEST(repeated_slashes_of_the_path_are_squeezed_on_request) {
  captured("/b//c", CAPTURE_ENCODED);
  ck_assert_str_eq(in(99, "/a/\1/d?x=//\1#//", "", true),
                   "/a/b/c/d?x=///b//c#//");
}
END_TEST

START_TEST(the_query_of_the_target_goes_before_that_of_the_request) {
  IS("/a", "?x=1", "/a?x=1");
  IS("/a?y", "?x=1", "/a?y");
  IS("/a#f", "?x=1", "/a?x=1#f");
  IS("/a?y#f", "?x=1", "/a?y#f");
  IS("/a#f?g", "?x=1", "/a?x=1#f?g");
  IS("/a", "?", "/a");
  IS("/a", "?x={\"%7\xff", "/a?x=%7B%22%257%FF");
}
END_TEST

START_TEST(a_host_gets_labels_and_nothing_else) {
  captured("de", CAPTURE_DECODED);
  captured("evil.example/", CAPTURE_DECODED);
  captured("", CAPTURE_DECODED);
  captured("u@v", CAPTURE_DECODED);
  captured("a%2e", CAPTURE_ENCODED);
  IS("https://\1.example/\2", "", "https://de.example/evil.example/");
  IS("https://\2.example/", "", "not a host");
  IS("https://\3.example/", "", "not a host");
  IS("https://\4.example/", "", "not a host");
  IS("//\5.example/", "", "not a host");
}
END_TEST

START_TEST(what_was_not_captured_is_empty) {
  IS("/a/\7/b", "", "/a//b");
}
END_TEST

START_TEST(what_does_not_fit_is_not_written) {
  captured("\xff/x", CAPTURE_DECODED);
  const char *whole = "/a/%FF/x?q=%22#f";
  for (size_t room = 0; room < 20; room++)
    ck_assert_str_eq(in(room, "/a/\1#f", "?q=\"", false),
                     room < strlen(whole) ? "too long" : whole);
}
END_TEST

START_TEST(a_template_is_a_path_or_a_uri) {
  static const char *const good[] = {"/", "/a\1?\2#\3", "/%41", "/a?b?c#d?e"},
                           *const remote[] = {"https://a/", "http://a:1/\1",
                                              "//\1.b/", "https://[::1]/"},
                           *const bad[] = {
                               "",          "a",          "\1",
                               "/a b",      "/%4",        "/a#b#c",
                               "/\xc3\xa9", "https://",   "https:///a",
                               "https://a", "https://a?", "https://\1/",
                               "//a\1/",    "//u@a/",     "///a",
                               "//.a/",     "//a./",      "ftp://a/",
                               "/\"",       "/\\a",       "https://:1/"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    ck_assert_msg(expand_valid(util_text(good[i]), true), "%s", good[i]);
    ck_assert(expand_valid(util_text(good[i]), false));
  }
  for (size_t i = 0; i < sizeof remote / sizeof *remote; i++) {
    ck_assert_msg(expand_valid(util_text(remote[i]), false), "%s", remote[i]);
    ck_assert(!expand_valid(util_text(remote[i]), true));
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ck_assert_msg(!expand_valid(util_text(bad[i]), false), "%s", bad[i]);
  ck_assert(!expand_valid(util_bytes("/a\0b", 4), false));
}
END_TEST

int main(void) {
  TCase *c = tcase_create("expand");
  tcase_add_checked_fixture(c, setup, NULL);
  tcase_add_test(c, a_decoded_capture_is_encoded_again);
  tcase_add_test(c, an_encoded_capture_stays_but_for_what_no_uri_has);
  tcase_add_test(c, a_parameter_chooses_no_folder);
  tcase_add_test(c, a_value_stays_one_value_in_a_query);
  tcase_add_test(c, a_path_never_begins_with_two_slashes);
  tcase_add_test(c, repeated_slashes_of_the_path_are_squeezed_on_request);
  tcase_add_test(c, the_query_of_the_target_goes_before_that_of_the_request);
  tcase_add_test(c, a_host_gets_labels_and_nothing_else);
  tcase_add_test(c, what_was_not_captured_is_empty);
  tcase_add_test(c, what_does_not_fit_is_not_written);
  tcase_add_test(c, a_template_is_a_path_or_a_uri);
  return util_run("expand", c);
}
