/* redirects_number.c - numbers as JavaScript reads them: a status is what the
 * code of a dialect's owner takes for one.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/redirects_file.h"

#include "core/uri.h"

/* No status is larger; keeps sums small. */
#define NUMBER_MAX 9999

static slice cut_sign(slice s, bool *negative) {
  *negative = s.len > 0 && s.base[0] == '-';
  return s.len > 0 && (s.base[0] == '-' || s.base[0] == '+') ? slice_skip(s, 1)
                                                             : s;
}

/* Digits of a base; *used is how many.  -1: too large. */
static int digits(slice s, int base, size_t *used) {
  int n = 0;
  size_t i = 0;
  for (; i < s.len; i++) {
    int digit = uri_hex(s.base[i]);
    if (digit < 0 || digit >= base)
      break;
    if (n >= 0)
      n = n * base + digit;
    if (n > NUMBER_MAX)
      n = -1;
  }
  *used = i;
  return n;
}

/* 16, 8 or 2 for "0x", "0o" and "0b"; else 10. */
static int base_of(slice s) {
  if (s.len < 2 || s.base[0] != '0')
    return 10;
  switch (lower(s.base[1])) {
  case 'x':
    return 16;
  case 'o':
    return 8;
  case 'b':
    return 2;
  default:
    return 10;
  }
}

int redirects_parse_int(slice s) {
  bool negative;
  size_t used;
  s = cut_sign(s, &negative);
  int base = base_of(s) == 16 ? 16 : 10;
  int n = digits(base == 16 ? slice_skip(s, 2) : s, base, &used);
  return used == 0 || (negative && n != 0) ? -1 : n;
}

/* Digits, a fraction, an exponent: whole and not too large, or -1. */
static int decimal(slice s) {
  int mantissa = 0, scale = 0;
  size_t seen = 0, i = 0;
  bool fraction = false;
  for (; i < s.len && (is_digit(s.base[i]) || s.base[i] == '.'); i++) {
    if (s.base[i] == '.') {
      if (fraction)
        return -1;
      fraction = true;
      continue;
    }
    seen++;
    if (mantissa > NUMBER_MAX * 100)
      return -1;
    mantissa = mantissa * 10 + (s.base[i] - '0');
    scale -= fraction;
  }
  if (seen == 0)
    return -1;
  if (i < s.len) {
    bool negative;
    size_t used;
    if (lower(s.base[i]) != 'e')
      return -1;
    slice rest = cut_sign(slice_skip(s, i + 1), &negative);
    int exponent = digits(rest, 10, &used);
    if (used == 0 || used < rest.len || exponent < 0)
      return -1;
    scale += negative ? -exponent : exponent;
  }
  for (; scale < 0 && mantissa > 0; scale++, mantissa /= 10)
    if (mantissa % 10 != 0)
      return -1;
  for (; scale > 0 && mantissa > 0 && mantissa <= NUMBER_MAX; scale--)
    mantissa *= 10;
  return mantissa <= NUMBER_MAX ? mantissa : -1;
}

int redirects_number(slice s) {
  bool negative;
  size_t used;
  int base = base_of(s);
  if (base != 10) { /* which takes no sign */
    int n = digits(slice_skip(s, 2), base, &used);
    return used == 0 || used + 2 < s.len ? -1 : n;
  }
  s = cut_sign(s, &negative);
  int n = decimal(s);
  return negative && n != 0 ? -1 : n;
}
