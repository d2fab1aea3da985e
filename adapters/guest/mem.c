/* mem.c - the four functions that the core imports.  The first three are one
 * instruction each of the bulk memory operations.
 * SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>

void *memcpy(void *to, const void *from, size_t len) {
  return __builtin_memcpy(to, from, len);
}

void *memmove(void *to, const void *from, size_t len) {
  return __builtin_memmove(to, from, len);
}

void *memset(void *to, int byte, size_t len) {
  return __builtin_memset(to, byte, len);
}

static uint64_t load64(const unsigned char *p) {
  uint64_t n;
  __builtin_memcpy(&n, p, sizeof n);
  return n;
}

/* Wasm is little-endian: the first byte that differs is the lowest. */
int memcmp(const void *a, const void *b, size_t len) {
  const unsigned char *p = a, *q = b;
  for (; len >= 8; len -= 8, p += 8, q += 8) {
    uint64_t differ = load64(p) ^ load64(q);
    if (differ != 0) {
      unsigned at = (unsigned)__builtin_ctzll(differ) / 8;
      return p[at] - q[at];
    }
  }
  for (; len > 0; len--, p++, q++)
    if (*p != *q)
      return *p - *q;
  return 0;
}
