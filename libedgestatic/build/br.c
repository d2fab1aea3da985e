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

/* No variable of this function changes between setjmp and longjmp. */
static int run(struct memory *m, int level, const uint8_t *content,
               size_t length, uint8_t *out, size_t max, size_t *size) {
  if (setjmp(m->none_left))
    return EDGESTATIC_ERR_MEMORY;
  BrotliEncoderState *s = BrotliEncoderCreateInstance(take, give_back, m);
  if (!s)
    return EDGESTATIC_ERR_MEMORY;
  uint32_t hint = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX;
  BrotliEncoderSetParameter(s, BROTLI_PARAM_QUALITY, (uint32_t)level);
  BrotliEncoderSetParameter(s, BROTLI_PARAM_LGWIN, window_bits(length));
  BrotliEncoderSetParameter(s, BROTLI_PARAM_SIZE_HINT, hint);
  size_t total = 0;
  if (!BrotliEncoderCompressStream(s, BROTLI_OPERATION_FINISH, &length,
                                   &content, &max, &out, &total))
    return EDGESTATIC_ERR_MEMORY;
  if (BrotliEncoderIsFinished(s))
    *size = total;
  return EDGESTATIC_OK;
}

int br_encode(int level, const void *content, size_t length, void *out,
              size_t max, size_t *size) {
  struct memory m = {.blocks = NULL};
  *size = 0;
  int error = run(&m, level, content, length, out, max, size);
  while (m.blocks) /* the encoder itself is one of them */
    give_back(&m, m.blocks + 1);
  return error;
}
