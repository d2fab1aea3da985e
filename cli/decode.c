/* decode.c - see decode.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "decode.h"

#include <brotli/decode.h>
#include <libdeflate.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* Decoded at a time; memory does not grow with the file. */
enum { CHUNK = 1 << 16 };

/* log2 of 8 MB, and of 128 MB: no delta's window is larger (RFC 9842 section
 * 5). */
enum { ZSTD_WINDOW = 23, ZSTD_WINDOW_DELTA = 27 };

static const edgestatic_slice no_dictionary;

static const char no_memory[] = "out of memory";
static const char broken[] = "does not decode";
static const char too_short[] = "decodes to fewer bytes than its identity";
static const char differs[] = "decodes to other bytes than its identity";
static const char trailing[] = "has bytes after its end";

/* Takes n decoded bytes off the front of what is expected. */
static bool matches(edgestatic_slice *rest, const unsigned char *bytes,
                    size_t n) {
  if (n > rest->len || (n > 0 && memcmp(rest->base, bytes, n) != 0))
    return false;
  rest->base += n;
  rest->len -= n;
  return true;
}

/* Whether what needs a dictionary can be decoded here: by libbrotli 1.1. */
static bool use_dictionary(BrotliDecoderState *state, edgestatic_slice bytes) {
  if (bytes.len == 0)
    return true;
#ifdef HAVE_BROTLIENCODERPREPAREDICTIONARY
  return BrotliDecoderAttachDictionary(state, BROTLI_SHARED_DICTIONARY_RAW,
                                       bytes.len, (const uint8_t *)bytes.base);
#else
  (void)state;
  return false;
#endif
}

static const char *compare_br(edgestatic_slice dictionary,
                              edgestatic_slice coded, edgestatic_slice rest) {
  BrotliDecoderState *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
  if (!state)
    return no_memory;
  if (!use_dictionary(state, dictionary)) {
    BrotliDecoderDestroyInstance(state);
    return NULL;
  }
  const uint8_t *in = (const uint8_t *)coded.base;
  size_t in_len = coded.len;
  const char *wrong = NULL;
  BrotliDecoderResult result;
  do {
    unsigned char chunk[CHUNK];
    uint8_t *out = chunk;
    size_t room = sizeof chunk;
    result =
        BrotliDecoderDecompressStream(state, &in_len, &in, &room, &out, NULL);
    if (!matches(&rest, chunk, sizeof chunk - room))
      wrong = differs;
  } while (!wrong && result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT);
  BrotliDecoderDestroyInstance(state);
  if (wrong)
    return wrong;
  if (result != BROTLI_DECODER_RESULT_SUCCESS)
    return broken;
  return rest.len > 0 ? too_short : in_len > 0 ? trailing : NULL;
}

static const char *compare_zstd(edgestatic_slice dictionary,
                                edgestatic_slice coded, edgestatic_slice rest) {
  ZSTD_DCtx *state = ZSTD_createDCtx();
  int window = ZSTD_WINDOW;
  if (!state)
    return no_memory;
  while (window < ZSTD_WINDOW_DELTA &&
         ((size_t)2 << window) <= dictionary.len + dictionary.len / 4)
    window++;
  ZSTD_DCtx_setParameter(state, ZSTD_d_windowLogMax, window);
  ZSTD_DCtx_refPrefix(state, dictionary.base, dictionary.len);
  ZSTD_inBuffer in = {coded.base, coded.len, 0};
  const char *wrong = NULL;
  size_t hint;
  bool more;
  do {
    unsigned char chunk[CHUNK];
    ZSTD_outBuffer out = {chunk, sizeof chunk, 0};
    hint = ZSTD_decompressStream(state, &out, &in);
    if (ZSTD_isError(hint))
      wrong = broken;
    else if (!matches(&rest, chunk, out.pos))
      wrong = differs;
    more = hint != 0 && (in.pos < in.size || out.pos == out.size);
  } while (!wrong && more);
  ZSTD_freeDCtx(state);
  if (wrong)
    return wrong;
  if (hint != 0)
    return broken;
  return rest.len > 0 ? too_short : in.pos < in.size ? trailing : NULL;
}

/* libdeflate has no streams: the whole file is decoded at once. */
static const char *compare_gzip(edgestatic_slice coded,
                                edgestatic_slice plain) {
  struct libdeflate_decompressor *state = libdeflate_alloc_decompressor();
  unsigned char *bytes = malloc(plain.len + 1);
  size_t in_len = 0, out_len = 0;
  const char *wrong = NULL;
  if (!state || !bytes) {
    wrong = no_memory;
  } else {
    enum libdeflate_result result = libdeflate_gzip_decompress_ex(
        state, coded.base, coded.len, bytes, plain.len + 1, &in_len, &out_len);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
      wrong = differs;
    else if (result != LIBDEFLATE_SUCCESS)
      wrong = broken;
    else if (out_len < plain.len)
      wrong = too_short;
    else if (!matches(&plain, bytes, out_len))
      wrong = differs;
    else if (in_len < coded.len)
      wrong = trailing;
  }
  free(bytes);
  if (state) /* older versions do not take NULL */
    libdeflate_free_decompressor(state);
  return wrong;
}

const char *decode_compare(uint32_t coding, edgestatic_slice coded,
                           edgestatic_slice plain) {
  switch (coding) {
  case EDGESTATIC_CODING_GZIP:
    return compare_gzip(coded, plain);
  case EDGESTATIC_CODING_BR:
    return compare_br(no_dictionary, coded, plain);
  case EDGESTATIC_CODING_ZSTD:
    return compare_zstd(no_dictionary, coded, plain);
  default:
    return NULL;
  }
}

const char *decode_delta(uint32_t coding, edgestatic_slice coded,
                         const struct decode_dictionary *dictionary,
                         edgestatic_slice plain) {
  static const char dcb[] = "\xff\x44\x43\x42";
  static const char dcz[] = "\x5e\x2a\x4d\x18\x20\x00\x00\x00";
  bool is_dcb = coding == EDGESTATIC_CODING_DCB;
  size_t magic = is_dcb ? sizeof dcb - 1 : sizeof dcz - 1;
  if (coded.len < magic + 32 ||
      memcmp(coded.base, is_dcb ? dcb : dcz, magic) != 0)
    return "lacks the header of its coding";
  if (memcmp(coded.base + magic, dictionary->sha256, 32) != 0)
    return "names another dictionary than the pack does";
  if (dictionary->bytes.len == 0)
    return NULL;
  coded.base += magic + 32;
  coded.len -= magic + 32;
  return is_dcb ? compare_br(dictionary->bytes, coded, plain)
                : compare_zstd(dictionary->bytes, coded, plain);
}
