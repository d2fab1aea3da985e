/* pattern.c - matches from the end to the beginning, without a stack.
 *
 * The boundaries of all ways to match form a lattice: of two ways, the later
 * boundary at each place makes a way too.  So the way whose captures are as
 * long as they can be, the first one first (as a greedy regular expression
 * has it), is the one whose captures are as short as they can be, the last
 * one first.  Going backwards it is found by extending the capture met last:
 *
 * - What a literal does not match is taken by the placeholder met last.
 * - Where that would take a separator, it lies in this segment in no way; the
 *   splat met last has to take a separator more.  Nothing between the two can
 *   help, since the separators between them are all literal.
 * - What was met before that splat (right of it) stays: a splat takes
 *   anything.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/pattern.h"

/* The variable met last, and what it has: text[start, end). */
struct mark {
  size_t at; /* its place in the pattern */
  size_t start, end;
  size_t number;
  bool set;
};

static bool is_variable(char c) {
  return c == PATTERN_ONE || c == PATTERN_ANY || c == PATTERN_REST;
}

size_t pattern_captures(slice pattern) {
  size_t n = 0;
  for (size_t i = 0; i < pattern.len; i++)
    n += is_variable(pattern.base[i]);
  return n;
}

static bool same(char a, char b, bool nocase) {
  return a == b || (nocase && lower(a) == lower(b));
}

/* Whether text begins as the pattern does, before its first variable: most
 * patterns of a list are told apart here. */
static bool begins(slice pattern, slice text, bool nocase) {
  for (size_t i = 0; i < pattern.len && !is_variable(pattern.base[i]); i++)
    if (i == text.len || !same(pattern.base[i], text.base[i], nocase))
      return false;
  return true;
}

/* Extends a splat to the left, by a byte or past the next separator; false:
 * there is no more. */
static bool extend(struct mark *any, slice pattern, slice text, char separator,
                   bool past_separator) {
  if (!any->set || any->start == 0)
    return false;
  size_t i = any->start - 1;
  if (past_separator || pattern.base[any->at] == PATTERN_REST)
    while (text.base[i] != separator) {
      if (i == 0)
        return false;
      i--;
    }
  any->start = i;
  return true;
}

/* What a splat captured. */
static slice taken(const struct mark *any, slice pattern, slice text) {
  size_t skip = pattern.base[any->at] == PATTERN_REST && any->end > any->start;
  return slice_of(text.base + any->start + skip, any->end - any->start - skip);
}

bool pattern_match(slice pattern, slice text, struct pattern_way way,
                   slice capture[PATTERN_CAPTURES_MAX]) {
  if (!begins(pattern, text, way.nocase))
    return false;
  size_t left = pattern_captures(pattern); /* variables not met yet */
  size_t p = pattern.len, n = text.len;    /* what is not matched yet */
  struct mark one = {.set = false}, any = {.set = false};

  if (left > PATTERN_CAPTURES_MAX)
    return false;
  while (p > 0 || n > 0) {
    char c = p > 0 ? pattern.base[p - 1] : PATTERN_ONE;
    bool blocked = false; /* a placeholder cannot lie in this segment */
    if (p > 0 && (c == PATTERN_ANY || c == PATTERN_REST)) {
      any = (struct mark){--p, n, n, --left, true};
      one.set = false;
      capture[left] = taken(&any, pattern, text);
      continue;
    }
    if (p > 0 && c == PATTERN_ONE) {
      if (n > 0 && text.base[n - 1] != way.separator) {
        n--;
        one = (struct mark){--p, n, n + 1, --left, true};
        capture[left] = slice_of(text.base + n, 1);
        continue;
      }
      blocked = true;
    } else if (p > 0 && n > 0 && same(c, text.base[n - 1], way.nocase)) {
      p--;
      n--;
      continue;
    } else if (one.set) {
      if (one.start > 0 && text.base[one.start - 1] != way.separator) {
        n = --one.start;
        p = one.at;
        left = one.number;
        capture[left] = slice_of(text.base + n, one.end - n);
        continue;
      }
      blocked = true;
    }
    if (!extend(&any, pattern, text, way.separator, blocked))
      return false;
    one.set = false;
    n = any.start;
    p = any.at;
    left = any.number;
    capture[left] = taken(&any, pattern, text);
  }
  return true;
}
