/* samples.h - contents to compress: the same in every run.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TEST_SAMPLES_H
#define EDGESTATIC_TEST_SAMPLES_H

#include "util.h"

static inline uint32_t samples_random(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

/* Text that compresses as pages do: words, tags, and passages that were there
 * before, near and far; another one for each seed > 0. */
static inline edgestatic_slice samples_text(size_t len, uint32_t seed) {
  static const char *const words[] = {
      "the ",  "pack ",  "is ",      "read ",          "in ",      "place ",
      "<p>",   "</p>\n", "every ",   "time ",          "body ",    "once ",
      "index", ".html",  "class=\"", "\"><a href=\"/", "website ", "number "};
  char *p = util_alloc(len);
  size_t n = 0;
  while (n < len) {
    const char *from = words[samples_random(&seed) % 18];
    size_t size = strlen(from);
    if (n > 1000 && samples_random(&seed) % 8 == 0) {
      size = 20 + samples_random(&seed) % 300;
      from = p + samples_random(&seed) % (n - size);
    }
    if (size > len - n)
      size = len - n;
    memcpy(p + n, from, size);
    n += size;
  }
  return (edgestatic_slice){p, len};
}

/* Text that begins as another one does. */
static inline edgestatic_slice samples_alike(edgestatic_slice text,
                                             size_t begin, uint32_t seed) {
  edgestatic_slice own = samples_text(text.len, seed);
  memcpy((char *)(uintptr_t)own.base, text.base, begin);
  return own;
}

/* Bytes that do not compress. */
static inline edgestatic_slice samples_noise(size_t len, uint32_t seed) {
  char *p = util_alloc(len);
  for (size_t i = 0; i < len; i++)
    p[i] = (char)(samples_random(&seed) >> 8);
  return (edgestatic_slice){p, len};
}

#endif
