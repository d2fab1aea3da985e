/* br.c - see br.h.
 *
 * libbrotlienc is usually built so that it ends the process when it gets no
 * memory (BROTLI_ENCODER_EXIT_ON_OOM, as in Debian).  An app that packs its
 * assets must live on, so the encoder never sees a NULL: our allocator jumps
 * out of it, and frees what it holds, which is memory only.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/br.h"

#include "edgestatic.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <setjmp.h>
#include <stdlib.h>

/* A block of the encoder's. */
union block {
  struct {
    union block *next, **link; /* link: what points to this one */
  } in;
  max_align_t align;
};

struct memory {
  union block *blocks;
  jmp_buf none_left;
};

static void *take(void *ctx, size_t size) {
  struct memory *m = ctx;
  union block *b =
      size > SIZE_MAX - sizeof *b ? NULL : malloc(sizeof *b + size);
  if (!b)
    longjmp(m->none_left, 1);
  b->in.next = m->blocks;
  b->in.link = &m->blocks;
  if (b->in.next)
    b->in.next->in.link = &b->in.next;
  m->blocks = b;
  return b + 1;
}

static void give_back(void *ctx, void *p) {
  (void)ctx;
  if (!p)
    return;
  union block *b = (union block *)p - 1;
  *b->in.link = b->in.next;
  if (b->in.next)
    b->in.next->in.link = b->in.link;
  free(b);
}

/* A larger window is no better and costs the client memory.  16 bytes of each
 * cannot be used (RFC 7932 section 9.1). */
static uint32_t window_bits(size_t length) {
  uint32_t bits = BROTLI_MIN_WINDOW_BITS;
  while (bits < BROTLI_MAX_WINDOW_BITS && ((size_t)1 << bits) - 16 < length)
    bits++;
  return bits;
}

struct encoding {
  int level;
  slice dictionary;
  const uint8_t *content;
  size_t length;
  uint8_t *out;
  size_t max, size;
};

/* False: out of memory, unless the encoder did not return at all. */
static bool attach(BrotliEncoderState *s, struct memory *m,
                   const struct encoding *e) {
  if (e->dictionary.len == 0)
    return true;
#if BR_HAS_DICTIONARY
  BrotliEncoderPreparedDictionary *d = BrotliEncoderPrepareDictionary(
      BROTLI_SHARED_DICTIONARY_RAW, e->dictionary.len,
      (const uint8_t *)e->dictionary.base, e->level, take, give_back, m);
  return d && BrotliEncoderAttachPreparedDictionary(s, d);
#else
  (void)s, (void)m;
  return false;
#endif
}

/* No variable of this function changes between setjmp and longjmp. */
static int run(struct memory *m, struct encoding *e) {
  if (setjmp(m->none_left))
    return EDGESTATIC_ERR_MEMORY;
  BrotliEncoderState *s = BrotliEncoderCreateInstance(take, give_back, m);
  if (!s)
    return EDGESTATIC_ERR_MEMORY;
  uint32_t hint = e->length < UINT32_MAX ? (uint32_t)e->length : UINT32_MAX;
  BrotliEncoderSetParameter(s, BROTLI_PARAM_QUALITY, (uint32_t)e->level);
  BrotliEncoderSetParameter(s, BROTLI_PARAM_LGWIN, window_bits(e->length));
  BrotliEncoderSetParameter(s, BROTLI_PARAM_SIZE_HINT, hint);
  size_t total = 0;
  if (!attach(s, m, e) ||
      !BrotliEncoderCompressStream(s, BROTLI_OPERATION_FINISH, &e->length,
                                   &e->content, &e->max, &e->out, &total))
    return EDGESTATIC_ERR_MEMORY;
  if (BrotliEncoderIsFinished(s))
    e->size = total;
  return EDGESTATIC_OK;
}

int br_encode(int level, slice dictionary, const void *content, size_t length,
              void *out, size_t max, size_t *size) {
  struct memory m = {.blocks = NULL};
  struct encoding e = {.level = level,
                       .dictionary = dictionary,
                       .content = content,
                       .length = length,
                       .out = out,
                       .max = max};
  int error = run(&m, &e);
  *size = error ? 0 : e.size;
  while (m.blocks) /* the encoder itself is one of them */
    give_back(&m, m.blocks + 1);
  return error;
}

int br_decode(slice dictionary, const void *bytes, size_t size, void *out,
              size_t max, size_t *got) {
  const uint8_t *in = bytes;
  uint8_t *end = out;
  size_t left = max;
  bool attached = dictionary.len == 0;
  BrotliDecoderState *s = BrotliDecoderCreateInstance(NULL, NULL, NULL);
  *got = 0;
  if (!s)
    return EDGESTATIC_ERR_MEMORY;
#if BR_HAS_DICTIONARY
  attached = attached || BrotliDecoderAttachDictionary(
                             s, BROTLI_SHARED_DICTIONARY_RAW, dictionary.len,
                             (const uint8_t *)dictionary.base);
#endif
  BrotliDecoderResult result = BROTLI_DECODER_RESULT_ERROR;
  if (attached)
    result = BrotliDecoderDecompressStream(s, &size, &in, &left, &end, NULL);
  /* What follows the stream is none of it. */
  if (result == BROTLI_DECODER_RESULT_SUCCESS && size == 0)
    *got = max - left;
  BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(s);
  BrotliDecoderDestroyInstance(s);
  return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
                 code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES
             ? EDGESTATIC_ERR_MEMORY
             : EDGESTATIC_OK;
}
