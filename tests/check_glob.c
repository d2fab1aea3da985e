/* check_glob.c - shell patterns; check_ignore.c has the table of git.
 * SPDX-License-Identifier: MIT */
#include "build/glob.h"

#include "util.h"

#include <time.h>

static bool match(const char *pattern, const char *path) {
  return glob_match(util_text(pattern), util_text(path));
}

START_TEST(one_star_stays_within_a_segment) {
  ck_assert(match("*.html", "a.html"));
  ck_assert(match("*", "a"));
  ck_assert(match("a*", "a"));
  ck_assert(match("a*c*e", "abcde"));
  ck_assert(!match("a*c*e", "abcd"));
  ck_assert(!match("*.html", "a/b.html"));
  ck_assert(match("*/*.html", "a/b.html"));
  ck_assert(!match("a/*", "a/b/c"));
  ck_assert(!match("*", "a/"));
}
END_TEST

START_TEST(two_stars_as_a_segment_are_any_number_of_segments) {
  ck_assert(match("**", "a/b/c"));
  ck_assert(match("**/c", "c"));
  ck_assert(match("**/c", "a/b/c"));
  ck_assert(match("a/**/c", "a/c"));
  ck_assert(match("a/**/c", "a/b/b/c"));
  ck_assert(match("a/**", "a/b/c"));
  ck_assert(!match("a/**", "a"));
  ck_assert(match("**/b/*/d/**/e", "x/b/y/b/c/d/z/e"));
  ck_assert(!match("**/b/*/d/**/e", "x/b/y/z/c/d/z/e"));
}
END_TEST

START_TEST(two_stars_within_a_segment_are_one) {
  ck_assert(match("a**c", "abc"));
  ck_assert(!match("a**c", "a/c"));
  ck_assert(!match("**c", "a/c"));
  ck_assert(!match("a/b**", "a/b/c"));
  ck_assert(!match("a**/d", "a/b/d"));
  ck_assert(match("a**/d", "abc/d"));
}
END_TEST

START_TEST(a_question_mark_is_one_byte_and_no_slash) {
  ck_assert(match("a?c", "abc"));
  ck_assert(!match("a?c", "ac"));
  ck_assert(!match("a?c", "a/c"));
}
END_TEST

START_TEST(a_set_is_one_byte_and_no_slash) {
  ck_assert(match("[a-c]", "b"));
  ck_assert(!match("[a-c]", "d"));
  ck_assert(match("[!a-c]", "d"));
  ck_assert(match("[^a-c]", "d"));
  ck_assert(!match("a[!b]c", "a/c"));
  ck_assert(!match("a[/]c", "a/c"));
  ck_assert(match("[]a]", "]"));
  ck_assert(match("[a-]", "-"));
  ck_assert(match("[\\]]", "]"));
  ck_assert(match("[[:digit:]x]", "7"));
  ck_assert(!match("[![:digit:]]", "7"));
  ck_assert(match("caf[\xc3]?", "caf\xc3\xa9"));
}
END_TEST

START_TEST(the_classes_are_those_of_posix_over_ascii) {
  static const struct {
    const char *pattern;
    int members; /* of 0x01 to 0xff but for the slash */
  } classes[] = {
      {"[[:alnum:]]", 62}, {"[[:alpha:]]", 52}, {"[[:blank:]]", 2},
      {"[[:cntrl:]]", 32}, {"[[:digit:]]", 10}, {"[[:graph:]]", 93},
      {"[[:lower:]]", 26}, {"[[:print:]]", 94}, {"[[:punct:]]", 31},
      {"[[:space:]]", 6},  {"[[:upper:]]", 26}, {"[[:xdigit:]]", 22},
  };
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
    int members = 0;
    for (int c = 1; c < 256; c++)
      members += match(classes[i].pattern, (char[]){(char)c, 0});
    ck_assert_msg(members == classes[i].members, "%s has %d members",
                  classes[i].pattern, members);
    util_free_all();
  }
}
END_TEST

START_TEST(a_backslash_takes_the_meaning_of_what_follows) {
  ck_assert(match("\\*", "*"));
  ck_assert(!match("\\*", "a"));
  ck_assert(match("a\\/b", "a/b"));
  ck_assert(match("\\a", "a"));
}
END_TEST

START_TEST(what_can_match_nothing_is_not_valid) {
  static const char *const bad[] = {
      "",     "[",   "a[b",         "[]",     "[!]",         "[a-",
      "[a\\", "a\\", "[[:bogus:]]", "[[::]]", "x[[:alpha:]",
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    ck_assert_msg(!glob_valid(util_text(bad[i])), "%s", bad[i]);
    if (bad[i][0] != 0)
      ck_assert_msg(!match(bad[i], "a") && !match(bad[i], bad[i]), "%s",
                    bad[i]);
  }
  ck_assert(!glob_valid(util_bytes("a\0b", 3)));
  /* What only looks like a class is members. */
  ck_assert(match("[[:alpha]", ":"));
  ck_assert(match("[[:alpha]", "["));
  ck_assert(!match("[[:alpha]", "b"));
  ck_assert(match("[[:]", ":"));
  ck_assert(glob_valid(util_text("**/[!]a-c[:digit:]]\\[?*")));
}
END_TEST

START_TEST(a_pattern_may_be_as_long_as_glob_max_and_no_longer) {
  char text[GLOB_MAX + 1];
  memset(text, '*', sizeof text);
  ck_assert(glob_valid(util_bytes(text, GLOB_MAX)));
  ck_assert(!glob_valid(util_bytes(text, GLOB_MAX + 1)));
  ck_assert(glob_match(util_bytes(text, GLOB_MAX), util_text("a")));
  ck_assert(!glob_match(util_bytes(text, GLOB_MAX + 1), util_text("a")));
}
END_TEST

/* Rulings by all ways through a pattern, for patterns without sets. */
static bool slow(const char *p, const char *begin, const char *t) {
  if (*p == 0)
    return *t == 0;
  if (*p != '*')
    return *t != 0 && (*p == *t || (*p == '?' && *t != '/')) &&
           slow(p + 1, begin, t + 1);
  const char *end = p;
  while (*end == '*')
    end++;
  bool segment =
      end - p > 1 && (p == begin || p[-1] == '/') && (*end == 0 || *end == '/');
  if (segment && *end == 0)
    return true;
  if (segment) {
    if (slow(end + 1, begin, t))
      return true;
    while ((t = strchr(t, '/')) != NULL)
      if (slow(end + 1, begin, ++t))
        return true;
    return false;
  }
  for (;; t++) {
    if (slow(end, begin, t))
      return true;
    if (*t == 0 || *t == '/')
      return false;
  }
}

static void next_word(char *word, size_t len, const char *letters,
                      uint32_t *state) {
  for (size_t i = 0; i < len; i++) {
    *state = *state * 1664525 + 1013904223;
    word[i] = letters[(*state >> 16) % strlen(letters)];
  }
  word[len] = 0;
}

START_TEST(taking_only_the_last_star_back_loses_no_match) {
  uint32_t state = 1;
  unsigned matches = 0;
  for (unsigned i = 0; i < 300000; i++) {
    char pattern[11], path[13];
    next_word(pattern, 1 + i % 10, "ab/***?", &state);
    next_word(path, 1 + i % 12, "aab/", &state);
    bool is = glob_match(slice_of(pattern, strlen(pattern)),
                         slice_of(path, strlen(path)));
    ck_assert_msg(is == slow(pattern, pattern, path), "%s and %s: %d", pattern,
                  path, is);
    matches += is;
  }
  ck_assert_uint_gt(matches, 3000);
}
END_TEST

START_TEST(no_pattern_takes_more_time_than_the_product_of_the_lengths) {
  char pattern[GLOB_MAX], path[EDGESTATIC_PATH_MAX];
  static const char *const parts[] = {"*a",  "**/",      "*",
                                      "a*?", "**/a/*a/", "[a-z]*"};
  clock_t begin = clock();
  for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
    for (int slashes = 0; slashes < 3; slashes++) {
      size_t n = strlen(parts[p]);
      for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = parts[p][i % n];
      pattern[sizeof pattern - 1] = 'b';
      memset(path, 'a', sizeof path);
      for (size_t i = 1; slashes > 0 && i < sizeof path;
           i += slashes == 1 ? 2 : 50)
        path[i] = '/';
      ck_assert(!glob_match(slice_of(pattern, sizeof pattern),
                            slice_of(path, sizeof path)));
    }
  ck_assert_int_lt((clock() - begin) / CLOCKS_PER_SEC, 10);
}
END_TEST

START_TEST(a_cache_rule_without_a_slash_is_for_the_last_segment) {
  ck_assert(glob_match_file(LIT("*.js"), LIT("a/b/c.js")));
  ck_assert(!glob_match_file(LIT("a"), LIT("a/b")));
  ck_assert(glob_match_file(LIT("js/?*.mjs"), LIT("js/a.mjs")));
  ck_assert(!glob_match_file(LIT("js/?*.mjs"), LIT("x/js/a.mjs")));
  ck_assert(glob_match_file(LIT("/*.js"), LIT("a.js")));
  ck_assert(!glob_match_file(LIT("/*.js"), LIT("a/a.js")));
  ck_assert(glob_match_file(LIT("**/js/*"), LIT("x/js/a")));
  ck_assert(!glob_match_file(LIT(""), LIT("a")));
}
END_TEST

int main(void) {
  TCase *c = tcase_create("glob");
  tcase_add_test(c, one_star_stays_within_a_segment);
  tcase_add_test(c, two_stars_as_a_segment_are_any_number_of_segments);
  tcase_add_test(c, two_stars_within_a_segment_are_one);
  tcase_add_test(c, a_question_mark_is_one_byte_and_no_slash);
  tcase_add_test(c, a_set_is_one_byte_and_no_slash);
  tcase_add_test(c, the_classes_are_those_of_posix_over_ascii);
  tcase_add_test(c, a_backslash_takes_the_meaning_of_what_follows);
  tcase_add_test(c, what_can_match_nothing_is_not_valid);
  tcase_add_test(c, a_pattern_may_be_as_long_as_glob_max_and_no_longer);
  tcase_add_test(c, taking_only_the_last_star_back_loses_no_match);
  tcase_add_test(c, no_pattern_takes_more_time_than_the_product_of_the_lengths);
  tcase_add_test(c, a_cache_rule_without_a_slash_is_for_the_last_segment);
  return util_run("glob", c);
}
