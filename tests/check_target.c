/* check_target.c - request targets.
 * SPDX-License-Identifier: MIT */
#include "core/target.h"
#include "util.h"

static struct target t;

static int parse_bytes(const void *raw, size_t len) {
  return target_parse(&t, util_bytes(raw, len),
                      util_alloc(EDGESTATIC_PATH_MAX));
}

static int parse(const char *raw) {
  return parse_bytes(raw, strlen(raw));
}

static void path_is(const char *raw, const char *path) {
  ck_assert_msg(parse(raw) == 0, "%s", raw);
  ck_assert_msg(t.path.len == strlen(path) &&
                    memcmp(t.path.base, path, t.path.len) == 0,
                "%s: %.*s", raw, (int)t.path.len, t.path.base);
  ck_assert_msg(!t.unmatchable && !t.empty_segments && !t.asterisk, "%s", raw);
}

static void is_unmatchable(const char *raw) {
  ck_assert_msg(parse(raw) == 0, "%s", raw);
  ck_assert_msg(t.unmatchable, "%s", raw);
}

START_TEST(origin_form) {
  path_is("/", "/");
  path_is("/nums.txt", "/nums.txt");
  path_is("/a/b/", "/a/b/");
  path_is("/semi;colon,paren(1)&+~!$'*=:@.txt",
          "/semi;colon,paren(1)&+~!$'*=:@.txt");
  ck_assert_ptr_null(t.query.base);
}
END_TEST

START_TEST(a_path_without_percent_signs_is_not_copied) {
  edgestatic_slice raw = util_text("/nums.txt?x");
  ck_assert_int_eq(target_parse(&t, raw, util_alloc(EDGESTATIC_PATH_MAX)), 0);
  ck_assert_ptr_eq(t.path.base, raw.base);
}
END_TEST

START_TEST(the_query_is_cut_off_and_kept_as_it_came) {
  path_is("/a?b=%2F%zz&c?d/../", "/a");
  ck_assert_uint_eq(t.query.len, strlen("?b=%2F%zz&c?d/../"));
  ck_assert_int_eq(memcmp(t.query.base, "?b=%2F%zz&c?d/../", t.query.len), 0);
  path_is("/a?", "/a");
  ck_assert_uint_eq(t.query.len, 1);
}
END_TEST

START_TEST(percent_encoding_is_decoded_once) {
  path_is("/some%20thing.txt", "/some thing.txt");
  path_is("/nums%2Etxt", "/nums.txt");
  path_is("/%6Eums.txt", "/nums.txt");
  path_is("/tilde%7E%7e", "/tilde~~");
  path_is("/hash%23%3F%25", "/hash#?%");
  path_is("/caf%C3%a9", "/caf\xc3\xa9");
  path_is("/%252e%252e/x", "/%2e%2e/x");
  path_is("/plus+%2B", "/plus++");
}
END_TEST

START_TEST(malformed_percent_encoding_is_400) {
  static const char *const raw[] = {"/%",    "/%2",   "/a%zz",  "/a%2g",
                                    "/a%g2", "/%%20", "/a%2?b", "/a%/b",
                                    "/%-1",  "/% 1"};
  for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
    ck_assert_msg(parse(raw[i]) == 400, "%s", raw[i]);
}
END_TEST

START_TEST(nul_and_control_bytes_are_400_raw_or_encoded) {
  for (unsigned c = 0; c < 256; c++) {
    bool bad = c < ' ' || c == 0x7f;
    char raw[] = {'/', 'a', (char)c, 'b'};
    if (c != '?' && c != '#' && c != '%')
      ck_assert_int_eq(parse_bytes(raw, 4), bad || c == ' ' ? 400 : 0);
    char query[] = {'/', '?', (char)c, 'b'};
    ck_assert_int_eq(parse_bytes(query, 4),
                     bad || c == ' ' || c == '#' ? 400 : 0);
    char encoded[8];
    sprintf(encoded, "/a%%%02xb", c);
    ck_assert_int_eq(parse(encoded), bad ? 400 : 0);
  }
}
END_TEST

START_TEST(a_fragment_is_400) {
  ck_assert_int_eq(parse("/nums.txt#frag"), 400);
  ck_assert_int_eq(parse("/a?b#c"), 400);
  ck_assert_int_eq(parse("#"), 400);
}
END_TEST

START_TEST(no_leading_slash_is_400) {
  static const char *const raw[] = {"",   "nums.txt", "\\nums.txt",
                                    "?a", "**",       "example.com:443",
                                    "*/", "%2Fa",     "a/b"};
  for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
    ck_assert_msg(parse(raw[i]) == 400, "%s", raw[i]);
}
END_TEST

START_TEST(absolute_form_is_its_path) {
  path_is("http://example.com/nums.txt", "/nums.txt");
  path_is("HTTP://example.com:8080/a%20b?q", "/a b");
  ck_assert_uint_eq(t.query.len, 2);
  path_is("https://[::1]:443/a", "/a");
  path_is("hTTps://x/", "/");
}
END_TEST

START_TEST(an_absolute_form_without_a_path_is_the_root) {
  path_is("http://example.com", "/");
  path_is("http://example.com?q=1", "/");
  ck_assert_uint_eq(t.query.len, 4);
}
END_TEST

START_TEST(a_bad_absolute_form_is_400) {
  static const char *const raw[] = {
      "http://",        "http:///a",   "http://?q",     "http://:80/a",
      "http:/a",        "http:a",      "ftp://x/a",     "http://u@x/a",
      "http://u:p@x/a", "http://x#f",  "http://x/a#f",  "http://x y/a",
      "http://x\\y/a",  "http://x%20", "https://\x01/", "htt",
      "https//x/",      "ws://x/",     "http://x/%zz"};
  for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
    ck_assert_msg(parse(raw[i]) == 400, "%s", raw[i]);
}
END_TEST

START_TEST(asterisk_form) {
  ck_assert_int_eq(parse("*"), 0);
  ck_assert(t.asterisk);
}
END_TEST

START_TEST(dot_segments_name_nothing_encoded_or_not) {
  static const char *const raw[] = {
      "/.",        "/..",   "/./a",      "/../a",
      "/a/..",     "/a/.",  "/a/../b",   "/%2e",
      "/%2E%2e/a", "/.%2e", "/a/%2e./b", "/a/b/../../../etc/passwd",
      "/pets/..?q"};
  for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
    is_unmatchable(raw[i]);
}
END_TEST

START_TEST(names_that_begin_with_dots_are_names) {
  path_is("/.well-known/x", "/.well-known/x");
  path_is("/...", "/...");
  path_is("/..a/.b/c..", "/..a/.b/c..");
  path_is("/a./b../c", "/a./b../c");
}
END_TEST

START_TEST(encoded_slashes_and_backslashes_name_nothing) {
  static const char *const raw[] = {
      "/users%2Ftobi.txt", "/%2f",  "/..%2foutside/x", "/a%5Cb",
      "/..%5coutside",     "/a\\b", "/\\evil.example", "/%2fevil.example/.."};
  for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
    is_unmatchable(raw[i]);
}
END_TEST

START_TEST(overlong_utf8_is_not_decoded_to_dots) {
  path_is("/%c0%ae%c0%ae/x", "/\xc0\xae\xc0\xae/x");
}
END_TEST

START_TEST(empty_segments_are_seen) {
  static const char *const raw[] = {"//",  "//a",     "/a//b",       "/a//",
                                    "///", "/%61//b", "http://x//a", "//a?b"};
  for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
    ck_assert_int_eq(parse(raw[i]), 0);
    ck_assert_msg(t.empty_segments, "%s", raw[i]);
  }
  path_is("/a/", "/a/");
  path_is("/a?//", "/a");
}
END_TEST

START_TEST(a_target_over_the_limit_is_414) {
  char *raw = util_alloc(EDGESTATIC_TARGET_MAX + 1);
  memset(raw, 'a', EDGESTATIC_TARGET_MAX + 1);
  raw[0] = '/';
  ck_assert_int_eq(parse_bytes(raw, EDGESTATIC_TARGET_MAX + 1), 414);
  ck_assert_int_eq(parse_bytes(raw, EDGESTATIC_TARGET_MAX), 0);
  ck_assert(t.unmatchable);
}
END_TEST

START_TEST(a_path_over_the_limit_names_nothing) {
  char *raw = util_alloc(3 * EDGESTATIC_PATH_MAX);
  memset(raw, 'a', EDGESTATIC_PATH_MAX + 1);
  raw[0] = '/';
  ck_assert_int_eq(parse_bytes(raw, EDGESTATIC_PATH_MAX), 0);
  ck_assert(!t.unmatchable);
  ck_assert_int_eq(parse_bytes(raw, EDGESTATIC_PATH_MAX + 1), 0);
  ck_assert(t.unmatchable);
  /* Decoded length counts. */
  memcpy(raw + EDGESTATIC_PATH_MAX - 1, "%61", 3);
  ck_assert_int_eq(parse_bytes(raw, EDGESTATIC_PATH_MAX + 2), 0);
  ck_assert(!t.unmatchable);
  ck_assert_uint_eq(t.path.len, EDGESTATIC_PATH_MAX);
  memcpy(raw + EDGESTATIC_PATH_MAX, "%61", 3);
  ck_assert_int_eq(parse_bytes(raw, EDGESTATIC_PATH_MAX + 3), 400);
  memcpy(raw + EDGESTATIC_PATH_MAX - 1, "a%61", 4);
  ck_assert_int_eq(parse_bytes(raw, EDGESTATIC_PATH_MAX + 3), 0);
  ck_assert(t.unmatchable);
  ck_assert_uint_eq(t.path.len, EDGESTATIC_PATH_MAX);
}
END_TEST

START_TEST(malformed_encoding_behind_the_limit_is_still_400) {
  char *raw = util_alloc(EDGESTATIC_PATH_MAX + 9);
  memset(raw, 'a', EDGESTATIC_PATH_MAX + 9);
  raw[0] = '/';
  raw[EDGESTATIC_PATH_MAX + 8] = '%';
  ck_assert_int_eq(parse_bytes(raw, EDGESTATIC_PATH_MAX + 9), 400);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("target");
  tcase_add_test(tc, origin_form);
  tcase_add_test(tc, a_path_without_percent_signs_is_not_copied);
  tcase_add_test(tc, the_query_is_cut_off_and_kept_as_it_came);
  tcase_add_test(tc, percent_encoding_is_decoded_once);
  tcase_add_test(tc, malformed_percent_encoding_is_400);
  tcase_add_test(tc, nul_and_control_bytes_are_400_raw_or_encoded);
  tcase_add_test(tc, a_fragment_is_400);
  tcase_add_test(tc, no_leading_slash_is_400);
  tcase_add_test(tc, absolute_form_is_its_path);
  tcase_add_test(tc, an_absolute_form_without_a_path_is_the_root);
  tcase_add_test(tc, a_bad_absolute_form_is_400);
  tcase_add_test(tc, asterisk_form);
  tcase_add_test(tc, dot_segments_name_nothing_encoded_or_not);
  tcase_add_test(tc, names_that_begin_with_dots_are_names);
  tcase_add_test(tc, encoded_slashes_and_backslashes_name_nothing);
  tcase_add_test(tc, overlong_utf8_is_not_decoded_to_dots);
  tcase_add_test(tc, empty_segments_are_seen);
  tcase_add_test(tc, a_target_over_the_limit_is_414);
  tcase_add_test(tc, a_path_over_the_limit_names_nothing);
  tcase_add_test(tc, malformed_encoding_behind_the_limit_is_still_400);
  return util_run("target", tc);
}
