/* str.h - slices, cutting and byte classes: what the core has for strings.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_STR_H
#define EDGESTATIC_STR_H

#include "edgestatic.h"

#include <stdbool.h>
#include <string.h>

typedef edgestatic_slice slice;

#define LIT(s) ((slice){(s), sizeof(s) - 1})

static inline slice slice_of(const char *base, size_t len) {
  return (slice){base, len};
}

static inline bool slice_eq(slice a, slice b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.base, b.base, a.len) == 0);
}

static inline char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Equal but for ASCII letter case, as field names, codings and units are. */
static inline bool slice_eq_nocase(slice a, slice b) {
  if (a.len != b.len)
    return false;
  for (size_t i = 0; i < a.len; i++)
    if (lower(a.base[i]) != lower(b.base[i]))
      return false;
  return true;
}

static inline bool slice_starts(slice s, slice prefix) {
  return s.len >= prefix.len &&
         (prefix.len == 0 || memcmp(s.base, prefix.base, prefix.len) == 0);
}

static inline bool slice_ends(slice s, slice suffix) {
  return s.len >= suffix.len &&
         (suffix.len == 0 ||
          memcmp(s.base + s.len - suffix.len, suffix.base, suffix.len) == 0);
}

/* s without its first n bytes; n <= s.len. */
static inline slice slice_skip(slice s, size_t n) {
  return (slice){s.base + n, s.len - n};
}

static inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Optional white space (RFC 9110 section 5.6.3). */
static inline bool is_ows(char c) {
  return c == ' ' || c == '\t';
}

static inline slice slice_trim(slice s) {
  while (s.len > 0 && is_ows(s.base[0]))
    s = slice_skip(s, 1);
  while (s.len > 0 && is_ows(s.base[s.len - 1]))
    s.len--;
  return s;
}

#endif
