/* encode.c - see encode.h.
 *
 * Levels, measured on python3.11-doc (every eighth file, 7.3 MB of HTML, one
 * core; bytes of each coding, seconds of processor time):
 *
 *   gzip  6 1,411,196 0.07    br  4 1,345,926 0.08    zstd  5 1,341,454 0.07
 *   gzip  9 1,386,724 0.20    br  5 1,253,542 0.12    zstd 17 1,239,074 1.13
 *   gzip 12 1,351,922 1.43    br  9 1,220,947 0.47    zstd 19 1,232,481 2.75
 *                             br 11 1,094,592 7.64    zstd 22 1,231,911 3.18
 *
 * zstd above 19 saves 0.05 %: not worth its time.  EFFORT_FAST is gzip 6 and
 * br 5: every browser takes br, and br 5 is smaller than any zstd below 17.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/encode.h"

#include "build/br.h"
#include "edgestatic.h"

#include <assert.h>
#include <brotli/encode.h>
#include <libdeflate.h>
#include <stdio.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

/* RFC 9659: a client need not have more than 8 MB to decode zstd. */
#define ZSTD_WINDOW_LOG_MAX 23

/* What does not shrink by 1/128 in a quick try, as images and archives, is
 * not tried further.  A content above PROBE_ALL is tried in a few places. */
#define PROBE_SHARE 128
#define PROBE_MIN 4096 /* shorter ones cost little, and br may have a word */
#define PROBE_ALL ((size_t)1 << 20)
#define PROBE_PIECE ((size_t)1 << 18)
#define PROBE_PIECES 4
#define PROBE_LEVEL 1

#define NO_LEVEL (-1)

static const struct {
  int gzip, br, zstd;
} levels[] = {
    [EDGESTATIC_EFFORT_BEST] = {12, 11, 19},
    [EDGESTATIC_EFFORT_FAST] = {6, 5, NO_LEVEL},
};

struct encoder {
  const edgestatic_allocator *allocator;
  int effort;
  struct libdeflate_compressor *deflate;
  struct libdeflate_decompressor *inflate;
  ZSTD_CCtx *zstd;
  ZSTD_DCtx *unzstd;
  unsigned char *bytes; /* what was struct encoded */
  size_t bytes_size;
  unsigned char *decoded;
  size_t decoded_size;
};

struct encoder *encoder_new(const edgestatic_allocator *allocator, int effort) {
  struct encoder *e = mem_new(allocator, 1, sizeof *e);
  if (e)
    *e = (struct encoder){.allocator = allocator, .effort = effort};
  return e;
}

void encoder_free(struct encoder *e) {
  if (!e)
    return;
  libdeflate_free_compressor(e->deflate);
  libdeflate_free_decompressor(e->inflate);
  ZSTD_freeCCtx(e->zstd);
  ZSTD_freeDCtx(e->unzstd);
  mem_free(e->allocator, e->bytes, e->bytes_size);
  mem_free(e->allocator, e->decoded, e->decoded_size);
  mem_free(e->allocator, e, sizeof *e);
}

void encode_recipe(int effort, char recipe[ENCODE_RECIPE_MAX]) {
  /* libdeflate does not tell its version at run time. */
  snprintf(recipe, ENCODE_RECIPE_MAX,
           "gzip %d " LIBDEFLATE_VERSION_STRING
           ", br %d %x, zstd %d %u, cost %d, share %d, probe %d",
           levels[effort].gzip, levels[effort].br,
           (unsigned)BrotliEncoderVersion(), levels[effort].zstd,
           ZSTD_versionNumber(), ENCODE_COST, ENCODE_SHARE, PROBE_SHARE);
}

/* The most bytes that still pay; 0: none do. */
static size_t paying(size_t content) {
  size_t least = content / ENCODE_SHARE;
  if (least < ENCODE_COST)
    least = ENCODE_COST;
  return content > least + 1 ? content - least - 1 : 0;
}

bool encode_pays(size_t content, size_t size) {
  return size > 0 && size <= paying(content);
}

/* Each of these writes at most max bytes and sets *size, to 0 where they do
 * not suffice; EDGESTATIC_OK or _ERR_MEMORY. */

int encode_zstd(struct encoder *e, int level, const void *content,
                size_t length, void *out, size_t max, size_t *size) {
  *size = 0;
  if (!e->zstd)
    e->zstd = ZSTD_createCCtx();
  if (!e->zstd)
    return EDGESTATIC_ERR_MEMORY;
  ZSTD_CCtx_reset(e->zstd, ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter(e->zstd, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(e->zstd, ZSTD_c_windowLog, ZSTD_WINDOW_LOG_MAX);
  size_t n = ZSTD_compress2(e->zstd, out, max, content, length);
  if (!ZSTD_isError(n))
    *size = n;
  else if (ZSTD_getErrorCode(n) != ZSTD_error_dstSize_tooSmall)
    return EDGESTATIC_ERR_MEMORY;
  return EDGESTATIC_OK;
}

static int gzip_at(struct encoder *e, int level, const void *content,
                   size_t length, void *out, size_t max, size_t *size) {
  *size = 0;
  if (!e->deflate)
    e->deflate = libdeflate_alloc_compressor(level);
  if (!e->deflate)
    return EDGESTATIC_ERR_MEMORY;
  /* libdeflate writes no name, and 0 for the time. */
  *size = libdeflate_gzip_compress(e->deflate, content, length, out, max);
  return EDGESTATIC_OK;
}

/* One cheap try; needs PROBE_ALL bytes or the length of room in e->bytes. */
static int probe(struct encoder *e, const unsigned char *content, size_t length,
                 bool *promising) {
  size_t piece = length <= PROBE_ALL ? length : PROBE_PIECE;
  size_t pieces = length <= PROBE_ALL ? 1 : PROBE_PIECES;
  *promising = length < PROBE_MIN;
  for (size_t i = 0; i < pieces && !*promising; i++) {
    size_t at = pieces == 1 ? 0 : (length - piece) / (pieces - 1) * i;
    size_t size;
    int err = encode_zstd(e, PROBE_LEVEL, content + at, piece, e->bytes,
                          piece - piece / PROBE_SHARE, &size);
    if (err)
      return err;
    *promising = size > 0;
  }
  return EDGESTATIC_OK;
}

static int make_room(const edgestatic_allocator *allocator, unsigned char **p,
                     size_t *have, size_t want) {
  if (want <= *have)
    return EDGESTATIC_OK;
  unsigned char *more = mem_resize(allocator, *p, *have, want);
  if (!more)
    return EDGESTATIC_ERR_MEMORY;
  *p = more;
  *have = want;
  return EDGESTATIC_OK;
}

/* Keeps the `size` bytes at the end of out, in the place that their size
 * gives them. */
static void keep(struct encoded *out, unsigned coding, size_t size) {
  unsigned at = out->count++;
  for (; at > 0 && out->kept[at - 1].size > size; at--)
    out->kept[at] = out->kept[at - 1];
  out->kept[at].coding = coding;
  out->kept[at].offset = out->size;
  out->kept[at].size = size;
  out->size += size;
}

int encode(struct encoder *e, const void *content, size_t length,
           struct encoded *out) {
  *out = (struct encoded){0};
  size_t max = paying(length);
  if (max == 0)
    return EDGESTATIC_OK;
  int err = make_room(e->allocator, &e->bytes, &e->bytes_size, length);
  bool promising = false;
  if (!err)
    err = probe(e, content, length, &promising);
  if (err || !promising)
    return err;

  size_t size;
  err =
      gzip_at(e, levels[e->effort].gzip, content, length, e->bytes, max, &size);
  if (err)
    return err;
  if (size > 0) {
    keep(out, EDGESTATIC_CODING_GZIP, size);
    /* Whoever takes br or zstd takes gzip: they must be smaller. */
    max = size - 1;
  }
  err = make_room(e->allocator, &e->bytes, &e->bytes_size, size + 2 * max);
  if (err)
    return err;
  err = br_encode(levels[e->effort].br, (slice){NULL, 0}, content, length,
                  e->bytes + out->size, max, &size);
  if (err)
    return err;
  if (size > 0)
    keep(out, EDGESTATIC_CODING_BR, size);
  if (levels[e->effort].zstd != NO_LEVEL) {
    err = encode_zstd(e, levels[e->effort].zstd, content, length,
                      e->bytes + out->size, max, &size);
    if (err)
      return err;
    if (size > 0)
      keep(out, EDGESTATIC_CODING_ZSTD, size);
  }
  out->bytes = e->bytes;
  return EDGESTATIC_OK;
}

static int decode(struct encoder *e, unsigned coding, const void *bytes,
                  size_t size, size_t expected, size_t *got) {
  *got = 0;
  if (coding == EDGESTATIC_CODING_ZSTD) {
    if (!e->unzstd)
      e->unzstd = ZSTD_createDCtx();
    if (!e->unzstd)
      return EDGESTATIC_ERR_MEMORY;
    size_t n =
        ZSTD_decompressDCtx(e->unzstd, e->decoded, expected, bytes, size);
    if (ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation)
      return EDGESTATIC_ERR_MEMORY;
    *got = ZSTD_isError(n) ? 0 : n;
  } else if (coding == EDGESTATIC_CODING_GZIP) {
    if (!e->inflate)
      e->inflate = libdeflate_alloc_decompressor();
    if (!e->inflate)
      return EDGESTATIC_ERR_MEMORY;
    if (libdeflate_gzip_decompress(e->inflate, bytes, size, e->decoded,
                                   expected, got) != LIBDEFLATE_SUCCESS)
      *got = 0;
  } else {
    return br_decode((slice){NULL, 0}, bytes, size, e->decoded, expected, got);
  }
  return EDGESTATIC_OK;
}

int encode_verify(struct encoder *e, const struct encoded *kept,
                  const void *content, size_t size) {
  /* Measured on HTML: zstd 1.07 GB/s, gzip 1.03, br 0.48. */
  static const unsigned char fastest[] = {
      EDGESTATIC_CODING_ZSTD, EDGESTATIC_CODING_GZIP, EDGESTATIC_CODING_BR};
  int err = make_room(e->allocator, &e->decoded, &e->decoded_size, size);
  if (err)
    return err;
  for (size_t f = 0; f < sizeof fastest; f++)
    for (unsigned i = 0; i < kept->count; i++) {
      if (kept->kept[i].coding != fastest[f])
        continue;
      size_t got;
      err = decode(e, fastest[f], kept->bytes + kept->kept[i].offset,
                   kept->kept[i].size, size, &got);
      if (err)
        return err;
      return got == size && memcmp(e->decoded, content, size) == 0
                 ? EDGESTATIC_OK
                 : EDGESTATIC_ERR_FORMAT;
    }
  return EDGESTATIC_ERR_FORMAT; /* nothing to verify it by */
}
