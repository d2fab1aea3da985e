/* text.h - numbers as text, without a libc.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TEXT_H
#define EDGESTATIC_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* 2^64 - 1 has 20 digits. */
#define TEXT_DIGITS 20

/* Writes n in decimal, without a NUL; returns how many digits. */
static inline size_t text_decimal(char out[TEXT_DIGITS], uint64_t n) {
  char digits[TEXT_DIGITS];
  size_t len = 0;
  do {
    digits[len++] = (char)('0' + n % 10);
    n /= 10;
  } while (n > 0);
  for (size_t i = 0; i < len; i++)
    out[i] = digits[len - 1 - i];
  return len;
}

#endif
