/* check_pattern.c - patterns over paths.
 * SPDX-License-Identifier: MIT */
#include "core/pattern.h"

#include "util.h"

#include <time.h>

static const struct pattern_way path = {.separator = '/'};

/* What a pattern captures, joined by "|"; "-": it does not match. */
static const char *captures(const char *pattern, const char *text,
                            struct pattern_way way) {
  slice capture[PATTERN_CAPTURES_MAX], p = util_text(pattern);
  char *out = util_alloc(4096);
  size_t len = 0;
  if (!pattern_match(p, util_text(text), way, capture))
    return "-";
  for (size_t i = 0; i < pattern_captures(p); i++) {
    if (i > 0)
      out[len++] = '|';
    memcpy(out + len, capture[i].base, capture[i].len);
    len += capture[i].len;
  }
  out[len] = '\0';
  return out;
}

#define IS(pattern, text, expected)                                            \
  ck_assert_str_eq(captures(pattern, text, path), expected)

START_TEST(a_literal_is_itself) {
  IS("/a", "/a", "");
  IS("/a", "/A", "-");
  IS("/a", "/a/", "-");
  IS("/a", "/", "-");
  IS("", "", "");
  IS("", "a", "-");
  IS("a", "", "-");
  ck_assert_str_eq(captures("/Ab\1", "/aBC", (struct pattern_way){'/', true}),
                   "C");
}
END_TEST

START_TEST(a_placeholder_is_within_a_segment_and_not_empty) {
  IS("/\1", "/a", "a");
  IS("/\1", "/", "-");
  IS("/\1", "/a/b", "-");
  IS("/\1/\1", "/a/b", "a|b");
  IS("/\1/x", "/a/x", "a");
  IS("/p-\1.html", "/p-a.b.html", "a.b");
  IS("/p-\1.html", "/p-.html", "-");
  IS("\1", "", "-");
  ck_assert_str_eq(captures("\1.x", "a.x", (struct pattern_way){'.', false}),
                   "a");
  ck_assert_str_eq(captures("\1.x", "a.b.x", (struct pattern_way){'.', false}),
                   "-");
}
END_TEST

START_TEST(the_first_capture_is_the_longest) {
  IS("/\1-\1", "/a-b-c", "a-b|c");
  IS("/\1\1", "/abc", "ab|c");
  IS("/\2-\2", "/a-b/c-d", "a-b/c|d");
  IS("/\1-\2", "/a-b/c-d", "a|b/c-d");
  IS("/\2-\1", "/a-b/c-d", "a-b/c|d");
  IS("/\2/x/\2", "/1/x/x/2", "1/x|2");
}
END_TEST

START_TEST(a_splat_is_anything) {
  IS("/a/\2", "/a/", "");
  IS("/a/\2", "/a/b/c", "b/c");
  IS("/a/\2", "/a", "-");
  IS("\2", "", "");
  IS("\2x", "/x/x", "/x/");
  IS("/\2/end", "/end", "-");
}
END_TEST

START_TEST(a_rest_takes_its_slash_along) {
  IS("/a\3", "/a", "");
  IS("/a\3", "/a/", "");
  IS("/a\3", "/a/b/c", "b/c");
  IS("/a\3", "/ab", "-");
  IS("/a\3/end", "/a/end", "");
  IS("/a\3/end", "/a/b/c/end", "b/c");
  IS("/a\3/end", "/a/bend", "-");
  IS("/a\3/\1", "/a/b/c", "b|c");
  IS("\3", "/", "");
  IS("\3", "/a", "a");
}
END_TEST

START_TEST(a_placeholder_that_fails_in_a_segment_sends_the_splat_on) {
  IS("\2a\1/x\2", "/ay/x/q/ab/x", "/ay/x/q/|b|");
  IS("/\2/a-\1/z", "/a-/a-b/a-/a-c/z", "a-/a-b/a-|c");
  IS("/\1/q\2", "/ab/qc/qd", "ab|c/qd");
  IS("/x\1y\2", "/xay/xby", "a|/xby");
}
END_TEST

START_TEST(more_captures_than_there_are_names_match_nothing) {
  char pattern[PATTERN_CAPTURES_MAX + 2] = "", text[PATTERN_CAPTURES_MAX + 2];
  memset(pattern, PATTERN_ONE, PATTERN_CAPTURES_MAX + 1);
  memset(text, 'a', sizeof text - 1);
  text[PATTERN_CAPTURES_MAX + 1] = '\0';
  IS(pattern, text, "-");
  pattern[PATTERN_CAPTURES_MAX] = '\0';
  text[PATTERN_CAPTURES_MAX] = '\0';
  ck_assert_str_ne(captures(pattern, text, path), "-");
}
END_TEST

/* The same by plain backtracking, the longest capture first. */
static bool slow(slice p, slice t, slice *capture) {
  if (p.len == 0)
    return t.len == 0;
  char c = p.base[0];
  slice rest = slice_skip(p, 1);
  if (c != PATTERN_ONE && c != PATTERN_ANY && c != PATTERN_REST)
    return t.len > 0 && t.base[0] == c && slow(rest, slice_skip(t, 1), capture);
  if (c == PATTERN_REST && (t.len == 0 || t.base[0] != '/')) {
    *capture = slice_of(t.base, 0);
    return slow(rest, t, capture + 1);
  }
  size_t most = t.len, least = c == PATTERN_ONE;
  for (size_t i = 0; c == PATTERN_ONE && i < most; i++)
    if (t.base[i] == '/')
      most = i;
  for (size_t n = most + 1; n-- > least;) {
    if (n > most)
      return false;
    size_t skip = c == PATTERN_REST && n > 0;
    *capture = slice_of(t.base + skip, n - skip);
    if (slow(rest, slice_skip(t, n), capture + 1))
      return true;
  }
  return false;
}

static uint32_t seed;

static uint32_t below(uint32_t n) {
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % n;
}

START_TEST(it_captures_what_a_greedy_regular_expression_does) {
  seed = 20261122u + (uint32_t)_i;
  unsigned matches = 0;
  for (int round = 0; round < 20000; round++) {
    char p[16], t[16];
    size_t pn = 0, tn = below(14), length = below(9);
    while (pn < length) {
      uint32_t kind = below(10);
      /* A rest is before a slash, or the end. */
      if (kind == 0 && pn + 2 <= length) {
        p[pn++] = PATTERN_REST;
        p[pn++] = '/';
      } else {
        p[pn++] = kind < 2   ? PATTERN_ANY
                  : kind < 5 ? PATTERN_ONE
                  : kind < 7 ? '/'
                             : (char)('a' + below(2));
      }
    }
    if (below(6) == 0)
      p[pn++] = PATTERN_REST;
    for (size_t i = 0; i < tn; i++)
      t[i] = below(3) == 0 ? '/' : (char)('a' + below(2));
    slice pattern = util_bytes(p, pn), text = util_bytes(t, tn);
    slice fast[PATTERN_CAPTURES_MAX], want[PATTERN_CAPTURES_MAX];
    bool expected = slow(pattern, text, want);
    bool got = pattern_match(pattern, text, path, fast);
    ck_assert_msg(got == expected, "%.*s", (int)tn, t);
    matches += got;
    for (size_t i = 0; got && i < pattern_captures(pattern); i++)
      ck_assert_msg(slice_eq(fast[i], want[i]),
                    "capture %zu of %.*s: \"%.*s\", not \"%.*s\"", i, (int)tn,
                    t, (int)fast[i].len, fast[i].base, (int)want[i].len,
                    want[i].base);
    util_free_all();
  }
  ck_assert_uint_gt(matches, 500);
}
END_TEST

START_TEST(no_pattern_takes_more_time_than_the_product_of_the_lengths) {
  static char text[8192], pattern[2048];
  static const char *const units[] = {"\2a",  "\1a",    "\2\1a", "a\1/",
                                      "\3/a", "\2/\1b", "\1"};
  slice capture[PATTERN_CAPTURES_MAX];
  clock_t before = clock();
  for (size_t u = 0; u < sizeof units / sizeof *units; u++)
    for (int slashes = 0; slashes < 3; slashes++) {
      size_t n = 0, unit = strlen(units[u]), variables = 0;
      memset(text, 'a', sizeof text);
      for (size_t i = 0; slashes > 0 && i < sizeof text;
           i += slashes == 1 ? 2 : 97)
        text[i] = '/';
      while (variables + 2 < PATTERN_CAPTURES_MAX) {
        memcpy(pattern + n, units[u], unit);
        n += unit;
        variables = pattern_captures(slice_of(pattern, n));
      }
      memset(pattern + n, 'a', 500);
      pattern[0] = PATTERN_ANY;
      pattern[n] = 'b';
      pattern_match(slice_of(pattern, n + 501), slice_of(text, sizeof text),
                    path, capture);
      pattern_match(slice_of(pattern, n), slice_of(text, sizeof text), path,
                    capture);
    }
  double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
  ck_assert_msg(seconds < 20, "%g seconds", seconds);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("pattern");
  tcase_add_test(c, a_literal_is_itself);
  tcase_add_test(c, a_placeholder_is_within_a_segment_and_not_empty);
  tcase_add_test(c, the_first_capture_is_the_longest);
  tcase_add_test(c, a_splat_is_anything);
  tcase_add_test(c, a_rest_takes_its_slash_along);
  tcase_add_test(c, a_placeholder_that_fails_in_a_segment_sends_the_splat_on);
  tcase_add_test(c, more_captures_than_there_are_names_match_nothing);
  tcase_add_loop_test(c, it_captures_what_a_greedy_regular_expression_does, 0,
                      4);
  tcase_add_test(c, no_pattern_takes_more_time_than_the_product_of_the_lengths);
  return util_run("pattern", c);
}
