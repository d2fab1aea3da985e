/* check_cli_decode.c - does `verify` find every way in which a variant can
 * differ from its identity?  SPDX-License-Identifier: MIT */
#include "../cli/decode.h"

#include "util.h"

#include <brotli/encode.h>
#include <libdeflate.h>
#include <stdbool.h>
#include <zstd.h>

/* More than one chunk of the decoder, and compressible. */
enum { LENGTH = 200000 };

static edgestatic_slice plain_of(size_t len) {
  char *text = util_alloc(len);
  for (size_t i = 0; i < len; i++)
    text[i] = (char)('a' + i * i / 7 % 26);
  return util_bytes(text, len);
}

static edgestatic_slice br_of(edgestatic_slice plain, bool large_window) {
  size_t room = BrotliEncoderMaxCompressedSize(plain.len) + 64, out_left = room;
  uint8_t *bytes = util_alloc(room), *out = bytes;
  BrotliEncoderState *state = BrotliEncoderCreateInstance(NULL, NULL, NULL);
  BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, 5);
  if (large_window) {
    BrotliEncoderSetParameter(state, BROTLI_PARAM_LARGE_WINDOW, 1);
    BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN, 26);
  }
  const uint8_t *in = (const uint8_t *)plain.base;
  size_t in_left = plain.len;
  ck_assert(BrotliEncoderCompressStream(state, BROTLI_OPERATION_FINISH,
                                        &in_left, &in, &out_left, &out, NULL));
  ck_assert(BrotliEncoderIsFinished(state));
  BrotliEncoderDestroyInstance(state);
  return util_bytes(bytes, room - out_left);
}

static edgestatic_slice zstd_of(edgestatic_slice plain, int window) {
  size_t room = ZSTD_compressBound(plain.len) + 64;
  void *bytes = util_alloc(room);
  ZSTD_CCtx *state = ZSTD_createCCtx();
  /* Without the size a frame needs the window that it names. */
  ZSTD_CCtx_setParameter(state, ZSTD_c_contentSizeFlag, 0);
  ZSTD_CCtx_setParameter(state, ZSTD_c_windowLog, window);
  ZSTD_inBuffer in = {plain.base, plain.len, 0};
  ZSTD_outBuffer out = {bytes, room, 0};
  size_t half = plain.len / 2;
  in.size = half;
  ck_assert(
      !ZSTD_isError(ZSTD_compressStream2(state, &out, &in, ZSTD_e_continue)));
  in.size = plain.len;
  ck_assert_uint_eq(ZSTD_compressStream2(state, &out, &in, ZSTD_e_end), 0);
  ZSTD_freeCCtx(state);
  return util_bytes(bytes, out.pos);
}

static edgestatic_slice gzip_of(edgestatic_slice plain) {
  struct libdeflate_compressor *state = libdeflate_alloc_compressor(6);
  size_t room = libdeflate_gzip_compress_bound(state, plain.len);
  void *bytes = util_alloc(room);
  size_t len =
      libdeflate_gzip_compress(state, plain.base, plain.len, bytes, room);
  libdeflate_free_compressor(state);
  return util_bytes(bytes, len);
}

static edgestatic_slice coded_of(int coding, edgestatic_slice plain) {
  if (coding == EDGESTATIC_CODING_BR)
    return br_of(plain, false);
  return coding == EDGESTATIC_CODING_ZSTD ? zstd_of(plain, 20) : gzip_of(plain);
}

static const int codings[] = {EDGESTATIC_CODING_GZIP, EDGESTATIC_CODING_BR,
                              EDGESTATIC_CODING_ZSTD};

static const char *compare(int coding, edgestatic_slice coded,
                           edgestatic_slice plain) {
  return decode_compare((uint32_t)coding, coded, plain);
}

START_TEST(what_decodes_to_its_identity_is_right) {
  const size_t lengths[] = {0, 1, 65535, 65536, 65537, LENGTH};
  int coding = codings[_i];
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    edgestatic_slice plain = plain_of(lengths[i]);
    ck_assert_ptr_null(compare(coding, coded_of(coding, plain), plain));
  }
}
END_TEST

START_TEST(other_bytes_are_found) {
  edgestatic_slice plain = plain_of(LENGTH);
  edgestatic_slice coded = coded_of(codings[_i], plain);
  const size_t places[] = {0, 65536, LENGTH - 1};
  for (size_t i = 0; i < 3; i++) {
    edgestatic_slice other = util_bytes(plain.base, plain.len);
    ((char *)other.base)[places[i]] ^= 1;
    ck_assert_str_eq(compare(codings[_i], coded, other),
                     "decodes to other bytes than its identity");
  }
}
END_TEST

START_TEST(fewer_and_more_bytes_are_found) {
  edgestatic_slice plain = plain_of(LENGTH);
  edgestatic_slice coded = coded_of(codings[_i], plain);
  edgestatic_slice longer = plain_of(LENGTH + 1);
  ck_assert_str_eq(compare(codings[_i], coded, longer),
                   "decodes to fewer bytes than its identity");
  edgestatic_slice shorter = util_bytes(plain.base, LENGTH - 1);
  ck_assert_str_eq(compare(codings[_i], coded, shorter),
                   "decodes to other bytes than its identity");
  ck_assert_ptr_nonnull(compare(codings[_i], coded, util_bytes("", 0)));
}
END_TEST

START_TEST(what_is_cut_off_does_not_decode) {
  edgestatic_slice plain = plain_of(LENGTH);
  edgestatic_slice coded = coded_of(codings[_i], plain);
  for (size_t cut = 1; cut <= coded.len; cut += 1 + coded.len / 50)
    ck_assert_ptr_nonnull(
        compare(codings[_i], util_bytes(coded.base, coded.len - cut), plain));
}
END_TEST

START_TEST(bytes_after_the_end_are_found) {
  edgestatic_slice plain = plain_of(LENGTH);
  edgestatic_slice coded = coded_of(codings[_i], plain);
  char *longer = util_alloc(coded.len + 1);
  memcpy(longer, coded.base, coded.len);
  longer[coded.len] = 'x';
  ck_assert_str_eq(
      compare(codings[_i], (edgestatic_slice){longer, coded.len + 1}, plain),
      "has bytes after its end");
}
END_TEST

START_TEST(a_window_that_clients_need_not_have_is_found) {
  /* RFC 9659 section 3: 8 MB; RFC 7932 section 9.1: 24 bits. */
  edgestatic_slice plain = plain_of(LENGTH);
  ck_assert_ptr_null(
      compare(EDGESTATIC_CODING_ZSTD, zstd_of(plain, 23), plain));
  ck_assert_ptr_nonnull(
      compare(EDGESTATIC_CODING_ZSTD, zstd_of(plain, 24), plain));
  ck_assert_ptr_nonnull(
      compare(EDGESTATIC_CODING_BR, br_of(plain, true), plain));
}
END_TEST

START_TEST(identity_and_unknown_codings_are_not_decoded) {
  edgestatic_slice plain = util_text("abc");
  ck_assert_ptr_null(compare(EDGESTATIC_CODING_IDENTITY, plain, plain));
  ck_assert_ptr_null(compare(EDGESTATIC_CODING_COUNT, plain, plain));
}
END_TEST

/* Of a delta whose dictionary's bytes are not known. */
static const char *head(uint32_t coding, edgestatic_slice coded,
                        const unsigned char sha256[32]) {
  const struct decode_dictionary d = {sha256, {NULL, 0}};
  return decode_delta(coding, coded, &d, (edgestatic_slice){"", 0});
}

static edgestatic_slice dcz_of(edgestatic_slice old, edgestatic_slice plain,
                               const unsigned char sha256[32], int window) {
  size_t room = ZSTD_compressBound(plain.len) + 40;
  char *bytes = util_alloc(room);
  memcpy(bytes, "\x5e\x2a\x4d\x18\x20\0\0\0", 8);
  memcpy(bytes + 8, sha256, 32);
  ZSTD_CCtx *state = ZSTD_createCCtx();
  ZSTD_inBuffer in = {plain.base, plain.len, 0};
  ZSTD_outBuffer out = {bytes + 40, room - 40, 0};
  ZSTD_CCtx_setParameter(state, ZSTD_c_contentSizeFlag, 0);
  ZSTD_CCtx_setParameter(state, ZSTD_c_windowLog, window);
  ZSTD_CCtx_refPrefix(state, old.base, old.len);
  in.size = plain.len / 2;
  ck_assert(
      !ZSTD_isError(ZSTD_compressStream2(state, &out, &in, ZSTD_e_continue)));
  in.size = plain.len;
  ck_assert_uint_eq(ZSTD_compressStream2(state, &out, &in, ZSTD_e_end), 0);
  ZSTD_freeCCtx(state);
  return util_bytes(bytes, 40 + out.pos);
}

START_TEST(a_delta_decodes_with_its_dictionary) {
  unsigned char sha256[32] = {7};
  edgestatic_slice old = plain_of(LENGTH), plain = util_bytes(old.base, LENGTH);
  edgestatic_slice none = {util_alloc(LENGTH), LENGTH};
  memset((char *)(uintptr_t)none.base, 'x', LENGTH);
  memset((char *)(uintptr_t)plain.base + 1000, 'x', 500);
  edgestatic_slice coded = dcz_of(old, plain, sha256, 20);
  const struct decode_dictionary right = {sha256, old}, wrong = {sha256, none};
  ck_assert_uint_lt(coded.len, 500);
  ck_assert_ptr_null(decode_delta(EDGESTATIC_CODING_DCZ, coded, &right, plain));
  ck_assert_ptr_nonnull(
      decode_delta(EDGESTATIC_CODING_DCZ, coded, &right, old));
  ck_assert_ptr_nonnull(
      decode_delta(EDGESTATIC_CODING_DCZ, coded, &wrong, plain));
  coded.len--;
  ck_assert_ptr_nonnull(
      decode_delta(EDGESTATIC_CODING_DCZ, coded, &right, plain));
}
END_TEST

/* RFC 9842 section 5: 8 MB, or 1.25 times the dictionary. */
START_TEST(a_window_that_clients_need_not_have_for_a_delta_is_found) {
  static const struct {
    size_t dictionary;
    int largest;
  } of[] = {{1000, 23}, {13421772, 23}, {13421773, 24}};
  unsigned char sha256[32] = {7};
  edgestatic_slice plain = plain_of(LENGTH);
  for (int i = 0; i < 3; i++) {
    edgestatic_slice old = {util_alloc(of[i].dictionary), of[i].dictionary};
    memset((char *)(uintptr_t)old.base, 'x', old.len);
    const struct decode_dictionary d = {sha256, old};
    ck_assert_ptr_null(decode_delta(EDGESTATIC_CODING_DCZ,
                                    dcz_of(old, plain, sha256, of[i].largest),
                                    &d, plain));
    ck_assert_ptr_nonnull(
        decode_delta(EDGESTATIC_CODING_DCZ,
                     dcz_of(old, plain, sha256, of[i].largest + 1), &d, plain));
  }
}
END_TEST

START_TEST(a_delta_begins_with_its_coding_and_dictionary) {
  static const struct {
    uint32_t coding;
    size_t magic;
    const char *head;
  } of[] = {{EDGESTATIC_CODING_DCB, 4, "\xff\x44\x43\x42"},
            {EDGESTATIC_CODING_DCZ, 8, "\x5e\x2a\x4d\x18\x20\0\0\0"}};
  unsigned char sha256[32], other[32] = {0};
  memset(sha256, 7, sizeof sha256);
  for (int i = 0; i < 2; i++) {
    char body[8 + 32];
    size_t len = of[i].magic + sizeof sha256;
    memcpy(body, of[i].head, of[i].magic);
    memcpy(body + of[i].magic, sha256, sizeof sha256);
    edgestatic_slice coded = util_bytes(body, len);
    ck_assert_ptr_null(head(of[i].coding, coded, sha256));
    ck_assert_ptr_nonnull(head(of[i].coding, coded, other));
    ck_assert_ptr_nonnull(head(of[1 - i].coding, coded, sha256));
    coded = util_bytes(body, len - 1);
    ck_assert_ptr_nonnull(head(of[i].coding, coded, sha256));
  }
}
END_TEST

int main(void) {
  TCase *c = tcase_create("decode");
  tcase_add_loop_test(c, what_decodes_to_its_identity_is_right, 0, 3);
  tcase_add_loop_test(c, other_bytes_are_found, 0, 3);
  tcase_add_loop_test(c, fewer_and_more_bytes_are_found, 0, 3);
  tcase_add_loop_test(c, what_is_cut_off_does_not_decode, 0, 3);
  tcase_add_loop_test(c, bytes_after_the_end_are_found, 0, 3);
  tcase_add_test(c, a_window_that_clients_need_not_have_is_found);
  tcase_add_test(c, identity_and_unknown_codings_are_not_decoded);
  tcase_add_test(c, a_delta_begins_with_its_coding_and_dictionary);
  tcase_add_test(c, a_delta_decodes_with_its_dictionary);
  tcase_add_test(c, a_window_that_clients_need_not_have_for_a_delta_is_found);
  return util_run("decode", c);
}
