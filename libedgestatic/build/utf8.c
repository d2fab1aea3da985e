/* utf8.c - well-formed UTF-8 (RFC 3629 section 4).
 * SPDX-License-Identifier: MIT */
#include "build/utf8.h"

#include <stdint.h>

size_t utf8_sequence(slice s) {
  if (s.len == 0)
    return 0;
  unsigned char b[4] = {0};
  memcpy(b, s.base, s.len < 4 ? s.len : 4);
  /* The second byte's limits depend on the first: that is what keeps out
   * overlong forms (E0, F0), surrogates (ED) and what is above U+10FFFF. */
  unsigned char low = 0x80, high = 0xbf;
  size_t n;
  if (b[0] < 0x80)
    return 1;
  if (b[0] >= 0xc2 && b[0] <= 0xdf) {
    n = 2;
  } else if (b[0] >= 0xe0 && b[0] <= 0xef) {
    n = 3;
    if (b[0] == 0xe0)
      low = 0xa0;
    if (b[0] == 0xed)
      high = 0x9f;
  } else if (b[0] >= 0xf0 && b[0] <= 0xf4) {
    n = 4;
    if (b[0] == 0xf0)
      low = 0x90;
    if (b[0] == 0xf4)
      high = 0x8f;
  } else {
    return 0;
  }
  if (n > s.len || b[1] < low || b[1] > high)
    return 0;
  for (size_t i = 2; i < n; i++)
    if ((b[i] & 0xc0) != 0x80)
      return 0;
  return n;
}

/* Most text is mostly ASCII: it is passed by eight bytes at a time. */
static slice skip_ascii(slice s) {
  while (s.len >= 8) {
    uint64_t word;
    memcpy(&word, s.base, 8);
    if ((word & UINT64_C(0x8080808080808080)) != 0)
      break;
    s = slice_skip(s, 8);
  }
  while (s.len > 0 && (unsigned char)s.base[0] < 0x80)
    s = slice_skip(s, 1);
  return s;
}

bool utf8_valid(slice s) {
  for (s = skip_ascii(s); s.len > 0;) {
    size_t n = utf8_sequence(s);
    if (n == 0)
      return false;
    s = slice_skip(s, n);
    if (s.len > 0 && (unsigned char)s.base[0] < 0x80)
      s = skip_ascii(s);
  }
  return true;
}

bool utf8_has_control(slice s) {
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.base[i];
    if (c < 0x20 || c == 0x7f)
      return true;
    /* U+0080 to U+009F are C2 80 to C2 9F. */
    if (c == 0xc2 && i + 1 < s.len && (unsigned char)s.base[i + 1] < 0xa0)
      return true;
  }
  return false;
}
