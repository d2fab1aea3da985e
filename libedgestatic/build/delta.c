/* delta.c - see delta.h.
 *
 * Rulings:
 * - Windows.  A client need not decode dcz with one larger than 8 MB or 1.25
 *   times the dictionary, whichever is greater, nor dcb with one larger than
 *   16 MB (RFC 9842 sections 4 and 5).  dcz writes powers of two only, but for
 *   a content that fits whole: then its size is the window.
 * - The size of the content is in the frame, so that clients take no more
 *   memory than it needs; a checksum is not: TLS and the hash guard the bytes.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/delta.h"

#include "build/br.h"
#include "edgestatic.h"

#include <brotli/encode.h>
#include <stdio.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

/* 8 MB, which every client of dcz has (RFC 9842 section 5). */
#define WINDOW_LOG_MIN 23

/* From here on zstd also looks for long matches far away, which its search in
 * trees reaches no more; below they cost time and find nothing else. */
#define FAR_MIN ((size_t)1 << 22)

static const struct {
  int br, zstd;
} levels[] = {
    [EDGESTATIC_EFFORT_BEST] = {11, 19},
    [EDGESTATIC_EFFORT_FAST] = {5, 3},
};

static const slice magics[] = {
    [EDGESTATIC_CODING_DCB] = EDGESTATIC_LITERAL("\xff"
                                                 "DCB"),
    /* A skippable frame (RFC 8878 section 3.1.2) of DELTA_HASH bytes. */
    [EDGESTATIC_CODING_DCZ] = EDGESTATIC_LITERAL("\x5e\x2a\x4d\x18"
                                                 "\x20\0\0\0"),
};

struct delta_encoder {
  const edgestatic_allocator *allocator;
  int effort;
  ZSTD_CCtx *zstd;
  ZSTD_DCtx *unzstd;
  unsigned char *bytes;
  size_t room;
};

bool delta_makes(unsigned coding) {
  return coding == EDGESTATIC_CODING_DCZ ||
         (coding == EDGESTATIC_CODING_DCB && BR_HAS_DICTIONARY);
}

struct delta_encoder *delta_encoder_new(const edgestatic_allocator *allocator,
                                        int effort) {
  struct delta_encoder *e = mem_new(allocator, 1, sizeof *e);
  if (e)
    *e = (struct delta_encoder){.allocator = allocator, .effort = effort};
  return e;
}

void delta_encoder_free(struct delta_encoder *e) {
  if (!e)
    return;
  ZSTD_freeCCtx(e->zstd);
  ZSTD_freeDCtx(e->unzstd);
  mem_free(e->allocator, e->bytes, e->room);
  mem_free(e->allocator, e, sizeof *e);
}

void delta_recipe(unsigned coding, int effort, char recipe[DELTA_RECIPE_MAX]) {
  if (coding == EDGESTATIC_CODING_DCZ)
    snprintf(recipe, DELTA_RECIPE_MAX, "dcz %d %u, long %zu, probe %d",
             levels[effort].zstd, ZSTD_versionNumber(), FAR_MIN,
             levels[EDGESTATIC_EFFORT_FAST].zstd);
  else
    snprintf(recipe, DELTA_RECIPE_MAX, "dcb %d %x", levels[effort].br,
             (unsigned)BrotliEncoderVersion());
}

/* Room for that many bytes. */
static bool make_room(struct delta_encoder *e, size_t want) {
  if (want <= e->room)
    return true;
  unsigned char *more = mem_resize(e->allocator, e->bytes, e->room, want);
  if (!more)
    return false;
  e->bytes = more;
  e->room = want;
  return true;
}

static int window_log(size_t dictionary) {
  int log = WINDOW_LOG_MIN;
  while (((size_t)2 << log) <= dictionary + dictionary / 4)
    log++;
  return log;
}

static int encode_zstd(struct delta_encoder *e, int level, slice dictionary,
                       slice content, unsigned char *out, size_t max,
                       size_t *size) {
  if (!e->zstd)
    e->zstd = ZSTD_createCCtx();
  if (!e->zstd)
    return EDGESTATIC_ERR_MEMORY;
  ZSTD_CCtx_reset(e->zstd, ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter(e->zstd, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(e->zstd, ZSTD_c_windowLog, window_log(dictionary.len));
  ZSTD_CCtx_setParameter(e->zstd, ZSTD_c_enableLongDistanceMatching,
                         dictionary.len + content.len >= FAR_MIN);
  ZSTD_CCtx_refPrefix(e->zstd, dictionary.base, dictionary.len);
  size_t n = ZSTD_compress2(e->zstd, out, max, content.base, content.len);
  *size = ZSTD_isError(n) ? 0 : n;
  return ZSTD_isError(n) && ZSTD_getErrorCode(n) != ZSTD_error_dstSize_tooSmall
             ? EDGESTATIC_ERR_MEMORY
             : EDGESTATIC_OK;
}

int delta_encode(struct delta_encoder *e, unsigned coding,
                 const struct delta_dictionary *d, slice content, size_t max,
                 slice *body) {
  slice magic = magics[coding];
  size_t head = magic.len + DELTA_HASH, size;
  bool same = content.base == d->bytes.base;
  *body = (slice){NULL, 0};
  if (max <= head)
    return EDGESTATIC_OK;
  if (max > SIZE_MAX - content.len ||
      !make_room(e, same ? max + content.len : max))
    return EDGESTATIC_ERR_MEMORY;
  /* zstd forgets a prefix whose memory the content overwrites. */
  if (same)
    content.base = memcpy(e->bytes + max, content.base, content.len);
  unsigned char *out = e->bytes + head;
  memcpy(e->bytes, magic.base, magic.len);
  memcpy(e->bytes + magic.len, d->sha256, DELTA_HASH);
  int error = coding == EDGESTATIC_CODING_DCZ
                  ? encode_zstd(e, levels[e->effort].zstd, d->bytes, content,
                                out, max - head, &size)
                  : br_encode(levels[e->effort].br, d->bytes, content.base,
                              content.len, out, max - head, &size);
  if (!error && size > 0)
    *body = slice_of((const char *)e->bytes, head + size);
  return error;
}

int delta_probe(struct delta_encoder *e, const struct delta_dictionary *d,
                slice content, size_t max, bool *worth) {
  size_t size;
  *worth = false;
  if (!make_room(e, max))
    return EDGESTATIC_ERR_MEMORY;
  int error = encode_zstd(e, levels[EDGESTATIC_EFFORT_FAST].zstd, d->bytes,
                          content, e->bytes, max, &size);
  *worth = !error && size > 0;
  return error;
}

static int decode_zstd(struct delta_encoder *e, slice dictionary, slice body,
                       size_t max, size_t *got) {
  if (!e->unzstd)
    e->unzstd = ZSTD_createDCtx();
  if (!e->unzstd)
    return EDGESTATIC_ERR_MEMORY;
  ZSTD_DCtx_reset(e->unzstd, ZSTD_reset_session_and_parameters);
  ZSTD_DCtx_refPrefix(e->unzstd, dictionary.base, dictionary.len);
  size_t n = ZSTD_decompressDCtx(e->unzstd, e->bytes, max, body.base, body.len);
  *got = ZSTD_isError(n) ? 0 : n;
  return ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation
             ? EDGESTATIC_ERR_MEMORY
             : EDGESTATIC_OK;
}

int delta_verify(struct delta_encoder *e, unsigned coding,
                 const struct delta_dictionary *d, slice body, slice content) {
  slice magic = magics[coding];
  size_t head = magic.len + DELTA_HASH, got;
  if (body.len <= head || memcmp(body.base, magic.base, magic.len) != 0 ||
      memcmp(body.base + magic.len, d->sha256, DELTA_HASH) != 0)
    return EDGESTATIC_ERR_FORMAT;
  if (!make_room(e, content.len))
    return EDGESTATIC_ERR_MEMORY;
  slice stream = slice_skip(body, head);
  int error = coding == EDGESTATIC_CODING_DCZ
                  ? decode_zstd(e, d->bytes, stream, content.len, &got)
                  : br_decode(d->bytes, stream.base, stream.len, e->bytes,
                              content.len, &got);
  if (error)
    return error;
  return slice_eq(slice_of((const char *)e->bytes, got), content)
             ? EDGESTATIC_OK
             : EDGESTATIC_ERR_FORMAT;
}
