/* sri.c - see sri.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/sri.h"

#ifdef HAVE_HTML

#include <nettle/base64.h>
#include <nettle/sha2.h>

#define ALGORITHMS 3 /* the strongest last */

static const struct {
  slice name;
  size_t base64; /* length with padding */
  unsigned padding;
} algorithms[ALGORITHMS] = {
    {EDGESTATIC_LITERAL("sha256-"), BASE64_ENCODE_RAW_LENGTH(32), 1},
    {EDGESTATIC_LITERAL("sha384-"), BASE64_ENCODE_RAW_LENGTH(48), 0},
    {EDGESTATIC_LITERAL("sha512-"), BASE64_ENCODE_RAW_LENGTH(64), 2},
};

static slice digest_of(struct sri_digests *d, unsigned algorithm, slice bytes) {
  char *text = d->base64[algorithm];
  slice name = algorithms[algorithm].name;
  const uint8_t *data = (const uint8_t *)bytes.base;
  union {
    struct sha256_ctx sha256;
    struct sha512_ctx sha512;
  } ctx;
  uint8_t digest[SHA512_DIGEST_SIZE];
  size_t size = algorithm == 0   ? (size_t)SHA256_DIGEST_SIZE
                : algorithm == 1 ? (size_t)SHA384_DIGEST_SIZE
                                 : (size_t)SHA512_DIGEST_SIZE;
  if ((d->made & 1u << algorithm) == 0) {
    if (algorithm == 0) {
      sha256_init(&ctx.sha256);
      sha256_update(&ctx.sha256, bytes.len, data);
      sha256_digest(&ctx.sha256, size, digest);
    } else if (algorithm == 1) {
      sha384_init(&ctx.sha512);
      sha384_update(&ctx.sha512, bytes.len, data);
      sha384_digest(&ctx.sha512, size, digest);
    } else {
      sha512_init(&ctx.sha512);
      sha512_update(&ctx.sha512, bytes.len, data);
      sha512_digest(&ctx.sha512, size, digest);
    }
    memcpy(text, name.base, name.len);
    base64_encode_raw(text + name.len, size, digest);
    d->made |= 1u << algorithm;
  }
  return slice_of(text, name.len + algorithms[algorithm].base64);
}

static bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}

static bool next_token(slice *rest, slice *token) {
  size_t n = 0;
  while (rest->len > 0 && is_space(rest->base[0]))
    *rest = slice_skip(*rest, 1);
  while (n < rest->len && !is_space(rest->base[n]))
    n++;
  *token = slice_of(rest->base, n);
  *rest = slice_skip(*rest, n);
  return n > 0;
}

/* Browsers take the alphabet for URLs too. */
static char standard(char c) {
  return c == '-' ? '+' : c == '_' ? '/' : c;
}

static bool is_base64(char c) {
  c = standard(c);
  return (lower(c) >= 'a' && lower(c) <= 'z') || is_digit(c) || c == '+' ||
         c == '/';
}

/* Cuts options off and tells the algorithm; -1: an unknown one. */
static int algorithm_of(slice *token) {
  const char *options = memchr(token->base, '?', token->len);
  if (options)
    token->len = (size_t)(options - token->base);
  for (int i = 0; i < ALGORITHMS; i++) {
    slice name = algorithms[i].name;
    if (token->len >= name.len &&
        slice_eq_nocase(slice_of(token->base, name.len), name))
      return i;
  }
  return -1;
}

/* Whether a token has the length and the alphabet of a hash; padding may be
 * left out. */
static bool well_formed(slice token, int algorithm) {
  size_t len = algorithms[algorithm].base64 - algorithms[algorithm].padding;
  token = slice_skip(token, algorithms[algorithm].name.len);
  if (token.len < len || token.len > algorithms[algorithm].base64)
    return false;
  for (size_t i = 0; i < token.len; i++)
    if (i < len ? !is_base64(token.base[i]) : token.base[i] != '=')
      return false;
  return true;
}

static bool same(slice token, slice digest, int algorithm) {
  size_t from = algorithms[algorithm].name.len;
  size_t end = digest.len - algorithms[algorithm].padding;
  for (size_t i = from; i < end; i++)
    if (standard(token.base[i]) != digest.base[i])
      return false;
  return true;
}

enum sri_result sri_check(slice integrity, slice bytes,
                          struct sri_digests *digests, slice *wanted,
                          slice *actual) {
  int strongest = -1;
  bool malformed = false;
  slice rest = integrity, token;
  while (next_token(&rest, &token)) {
    int algorithm = algorithm_of(&token);
    if (algorithm >= 0 && !well_formed(token, algorithm))
      malformed = true;
    else if (algorithm > strongest)
      strongest = algorithm;
  }
  if (strongest < 0)
    return malformed ? SRI_MALFORMED : SRI_UNKNOWN;
  *actual = digest_of(digests, (unsigned)strongest, bytes);
  *wanted = LIT("");
  for (rest = integrity; next_token(&rest, &token);)
    if (algorithm_of(&token) == strongest && well_formed(token, strongest)) {
      if (same(token, *actual, strongest))
        return malformed ? SRI_MALFORMED : SRI_RIGHT;
      *wanted = token;
    }
  return SRI_WRONG;
}

#endif
