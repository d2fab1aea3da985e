/* check_encode.c - which codings are kept, and what is in them.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/encode.h"

#include "build/br.h"

#include "memtest.h"
#include "samples.h"
#include "util.h"

#include <brotli/decode.h>
#include <libdeflate.h>
#include <zstd.h>

static const edgestatic_allocator heap = {NULL, NULL};

/* Encodes by an encoder of its own; what is kept lies in blocks of the test. */
static struct encoded encoded_of(edgestatic_slice content, int effort) {
  struct encoder *e = encoder_new(&heap, effort);
  struct encoded kept;
  ck_assert_ptr_nonnull(e);
  ck_assert_int_eq(encode(e, content.base, content.len, &kept), EDGESTATIC_OK);
  kept.bytes = (const unsigned char *)util_bytes(kept.bytes, kept.size).base;
  encoder_free(e);
  return kept;
}

static edgestatic_slice variant(const struct encoded *kept, unsigned coding) {
  for (unsigned i = 0; i < kept->count; i++)
    if (kept->kept[i].coding == coding)
      return util_bytes(kept->bytes + kept->kept[i].offset, kept->kept[i].size);
  return (edgestatic_slice){NULL, 0};
}

static void decodes(const struct encoded *kept, unsigned coding,
                    edgestatic_slice content) {
  edgestatic_slice v = variant(kept, coding);
  ck_assert_ptr_nonnull(v.base);
  char *out = util_alloc(content.len);
  size_t got = content.len;
  if (coding == EDGESTATIC_CODING_GZIP) {
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    ck_assert_int_eq(
        libdeflate_gzip_decompress(d, v.base, v.len, out, content.len, &got),
        LIBDEFLATE_SUCCESS);
    libdeflate_free_decompressor(d);
  } else if (coding == EDGESTATIC_CODING_BR) {
    ck_assert_int_eq(BrotliDecoderDecompress(v.len, (const uint8_t *)v.base,
                                             &got, (uint8_t *)out),
                     BROTLI_DECODER_RESULT_SUCCESS);
  } else {
    got = ZSTD_decompress(out, content.len, v.base, v.len);
  }
  ck_assert_uint_eq(got, content.len);
  ck_assert(memcmp(out, content.base, content.len) == 0);
}

START_TEST(each_coding_decodes_to_the_content) {
  edgestatic_slice text = samples_text(50000, 1);
  struct encoded best = encoded_of(text, EDGESTATIC_EFFORT_BEST);
  ck_assert_uint_eq(best.count, 3);
  decodes(&best, EDGESTATIC_CODING_GZIP, text);
  decodes(&best, EDGESTATIC_CODING_BR, text);
  decodes(&best, EDGESTATIC_CODING_ZSTD, text);
}
END_TEST

START_TEST(the_smallest_comes_first) {
  for (uint32_t seed = 1; seed < 6; seed++) {
    struct encoded kept =
        encoded_of(samples_text(seed * 700, seed), EDGESTATIC_EFFORT_BEST);
    for (unsigned i = 1; i < kept.count; i++)
      ck_assert_uint_le(kept.kept[i - 1].size, kept.kept[i].size);
  }
}
END_TEST

START_TEST(br_and_zstd_are_kept_only_where_smaller_than_gzip) {
  bool left_out = false;
  for (uint32_t seed = 1; seed < 16; seed++) {
    struct encoded kept =
        encoded_of(samples_text(300 + seed * 50, seed), EDGESTATIC_EFFORT_BEST);
    edgestatic_slice gzip = variant(&kept, EDGESTATIC_CODING_GZIP);
    ck_assert_ptr_nonnull(gzip.base);
    ck_assert_uint_eq(kept.kept[kept.count - 1].coding, EDGESTATIC_CODING_GZIP);
    left_out |= kept.count < 3;
  }
  ck_assert(left_out); /* the rule was put to the test */
}
END_TEST

START_TEST(what_does_not_compress_is_left_alone) {
  static const size_t sizes[] = {0, 1, 100, 4095, 4096, 70000, 1100000};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    ck_assert_uint_eq(
        encoded_of(samples_noise(sizes[i], 7), EDGESTATIC_EFFORT_FAST).count,
        0);
}
END_TEST

START_TEST(a_large_content_is_tried_in_several_places) {
  /* Noise, but for a text at its end: a quarter of it pays. */
  edgestatic_slice noise = samples_noise(1200000, 3);
  edgestatic_slice text = samples_text(290000, 4);
  memcpy((char *)(uintptr_t)noise.base + 900000, text.base, text.len);
  struct encoded kept = encoded_of(noise, EDGESTATIC_EFFORT_FAST);
  ck_assert_uint_ge(kept.count, 1);
}
END_TEST

START_TEST(a_variant_saves_more_than_its_fields_cost) {
  ck_assert(!encode_pays(0, 0));
  ck_assert(!encode_pays(48, 1));
  ck_assert(encode_pays(49, 1));
  ck_assert(!encode_pays(1000, 953));
  ck_assert(encode_pays(1000, 952));
  char *same = util_alloc(60);
  memset(same, 'a', 60);
  edgestatic_slice line = {same, 60};
  ck_assert_uint_eq(encoded_of(line, EDGESTATIC_EFFORT_BEST).count, 1);
  line.len = 48;
  ck_assert_uint_eq(encoded_of(line, EDGESTATIC_EFFORT_BEST).count, 0);
}
END_TEST

START_TEST(a_variant_saves_a_share_of_the_content) {
  ck_assert(!encode_pays(3200000, 3100000));
  ck_assert(encode_pays(3200000, 3099999));
}
END_TEST

START_TEST(gzip_has_no_time_and_no_name) {
  struct encoded kept =
      encoded_of(samples_text(5000, 1), EDGESTATIC_EFFORT_BEST);
  edgestatic_slice gzip = variant(&kept, EDGESTATIC_CODING_GZIP);
  ck_assert(memcmp(gzip.base, "\x1f\x8b\x08\0\0\0\0\0", 8) == 0);
}
END_TEST

/* The window of a frame, RFC 8878 section 3.1.1.1.2. */
static uint64_t zstd_window(edgestatic_slice frame) {
  const unsigned char *p = (const unsigned char *)frame.base;
  if (p[4] & 0x20) { /* a single segment: the content's size */
    unsigned long long size = ZSTD_getFrameContentSize(frame.base, frame.len);
    return size;
  }
  uint64_t base = (uint64_t)1 << (10 + (p[5] >> 3));
  return base + base / 8 * (p[5] & 7);
}

START_TEST(a_zstd_window_is_at_most_8_mb_as_rfc_9659_asks) {
  /* The level that would take the largest window, and a content that it is
   * quick with. */
  edgestatic_slice once = samples_text(1000, 1);
  size_t len = 9000000, room = 100000, size;
  char *text = util_alloc(len), *out = util_alloc(room);
  for (size_t i = 0; i < len; i++)
    text[i] = once.base[i % once.len];
  struct encoder *e = encoder_new(&heap, EDGESTATIC_EFFORT_BEST);
  ck_assert_int_eq(encode_zstd(e, 22, text, len, out, room, &size),
                   EDGESTATIC_OK);
  ck_assert_uint_gt(size, 0);
  ck_assert_uint_le(zstd_window((edgestatic_slice){out, size}),
                    (uint64_t)8 << 20);
  encoder_free(e);
}
END_TEST

START_TEST(what_does_not_fit_has_no_size) {
  edgestatic_slice text = samples_text(10000, 1);
  char *out = util_alloc(100);
  struct encoder *e = encoder_new(&heap, EDGESTATIC_EFFORT_BEST);
  size_t size = 1;
  ck_assert_int_eq(encode_zstd(e, 3, text.base, text.len, out, 100, &size),
                   EDGESTATIC_OK);
  ck_assert_uint_eq(size, 0);
  encoder_free(e);
}
END_TEST

/* WBITS of a stream, RFC 7932 section 9.1. */
static unsigned br_window(edgestatic_slice stream) {
  unsigned b = (unsigned char)stream.base[0];
  if ((b & 1) == 0)
    return 16;
  if (b >> 1 & 7)
    return 17 + (b >> 1 & 7);
  return b >> 4 & 7 ? 8 + (b >> 4 & 7) : 17;
}

START_TEST(a_br_window_is_the_smallest_that_holds_the_content) {
  static const struct {
    size_t size;
    unsigned bits;
  } rows[] = {{500, 10}, {1008, 10}, {1009, 11}, {65520, 16}, {65521, 17}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct encoded kept =
        encoded_of(samples_text(rows[i].size, 5), EDGESTATIC_EFFORT_FAST);
    edgestatic_slice br = variant(&kept, EDGESTATIC_CODING_BR);
    ck_assert_ptr_nonnull(br.base);
    ck_assert_uint_eq(br_window(br), rows[i].bits);
  }
}
END_TEST

START_TEST(the_fast_effort_leaves_zstd_out) {
  struct encoded kept =
      encoded_of(samples_text(50000, 1), EDGESTATIC_EFFORT_FAST);
  ck_assert_uint_eq(kept.count, 2);
  ck_assert_ptr_null(variant(&kept, EDGESTATIC_CODING_ZSTD).base);
}
END_TEST

START_TEST(what_was_encoded_before_does_not_matter) {
  struct encoder *used = encoder_new(&heap, EDGESTATIC_EFFORT_BEST);
  for (uint32_t seed = 1; seed < 7; seed++) {
    edgestatic_slice text = samples_text(seed % 5 * 7000 + 300, seed);
    struct encoded again, fresh = encoded_of(text, EDGESTATIC_EFFORT_BEST);
    ck_assert_int_eq(encode(used, text.base, text.len, &again), EDGESTATIC_OK);
    ck_assert_uint_eq(again.count, fresh.count);
    ck_assert_uint_eq(again.size, fresh.size);
    ck_assert(memcmp(again.bytes, fresh.bytes, again.size) == 0);
  }
  encoder_free(used);
}
END_TEST

START_TEST(encodings_of_another_content_are_told) {
  edgestatic_slice text = samples_text(20000, 1),
                   other = samples_text(20000, 2);
  struct encoder *e = encoder_new(&heap, EDGESTATIC_EFFORT_BEST);
  struct encoded all = encoded_of(text, EDGESTATIC_EFFORT_BEST);
  for (unsigned i = 0; i < 3; i++) {
    struct encoded one = {.count = 1, .bytes = all.bytes, .size = all.size};
    one.kept[0] = all.kept[i];
    ck_assert_int_eq(encode_verify(e, &one, text.base, text.len),
                     EDGESTATIC_OK);
    ck_assert_int_eq(encode_verify(e, &one, other.base, other.len),
                     EDGESTATIC_ERR_FORMAT);
    ck_assert_int_eq(encode_verify(e, &one, text.base, text.len - 1),
                     EDGESTATIC_ERR_FORMAT);
    one.kept[0].size--;
    ck_assert_int_eq(encode_verify(e, &one, text.base, text.len),
                     EDGESTATIC_ERR_FORMAT);
  }
  all.count = 0;
  ck_assert_int_eq(encode_verify(e, &all, text.base, text.len),
                   EDGESTATIC_ERR_FORMAT);
  encoder_free(e);
}
END_TEST

START_TEST(efforts_have_recipes_of_their_own) {
  char best[ENCODE_RECIPE_MAX], fast[ENCODE_RECIPE_MAX];
  encode_recipe(EDGESTATIC_EFFORT_BEST, best);
  encode_recipe(EDGESTATIC_EFFORT_FAST, fast);
  ck_assert_str_ne(best, fast);
  ck_assert_uint_lt(strlen(best), ENCODE_RECIPE_MAX - 1); /* not cut */
}
END_TEST

static int encode_and_verify(const edgestatic_allocator *a, void *arg) {
  const edgestatic_slice *text = arg;
  struct encoded kept;
  struct encoder *e = encoder_new(a, EDGESTATIC_EFFORT_FAST);
  if (!e)
    return EDGESTATIC_ERR_MEMORY;
  int error = encode(e, text->base, text->len, &kept);
  if (!error)
    error = encode_verify(e, &kept, text->base, text->len);
  encoder_free(e);
  return error;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
static size_t malloc_calls, malloc_fails_at; /* 0: none fails */

void *__wrap_malloc(size_t size) {
  return ++malloc_calls == malloc_fails_at ? NULL : __real_malloc(size);
}

/* libbrotlienc may be built to end the process in this case. */
START_TEST(br_without_memory_is_an_error_without_a_leak) {
  edgestatic_slice text = samples_text(3000, 1);
  char *out = util_alloc(text.len);
  size_t size;
  for (size_t i = 1;; i++) {
    malloc_calls = 0;
    malloc_fails_at = i;
    int error = br_encode(9, (edgestatic_slice){NULL, 0}, text.base, text.len,
                          out, text.len, &size);
    malloc_fails_at = 0;
    if (malloc_calls < i) {
      ck_assert_uint_gt(i, 2);
      ck_assert_int_eq(error, EDGESTATIC_OK);
      ck_assert_uint_gt(size, 0);
      break;
    }
    ck_assert_int_eq(error, EDGESTATIC_ERR_MEMORY);
    ck_assert_uint_eq(size, 0);
  }
}
END_TEST

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  edgestatic_slice text = samples_text(9000, 1);
  memtest_fail_each(encode_and_verify, &text);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("encode");
  tcase_add_test(tc, each_coding_decodes_to_the_content);
  tcase_add_test(tc, the_smallest_comes_first);
  tcase_add_test(tc, br_and_zstd_are_kept_only_where_smaller_than_gzip);
  tcase_add_test(tc, what_does_not_compress_is_left_alone);
  tcase_add_test(tc, a_large_content_is_tried_in_several_places);
  tcase_add_test(tc, a_variant_saves_more_than_its_fields_cost);
  tcase_add_test(tc, a_variant_saves_a_share_of_the_content);
  tcase_add_test(tc, gzip_has_no_time_and_no_name);
  tcase_add_test(tc, a_zstd_window_is_at_most_8_mb_as_rfc_9659_asks);
  tcase_add_test(tc, what_does_not_fit_has_no_size);
  tcase_add_test(tc, a_br_window_is_the_smallest_that_holds_the_content);
  tcase_add_test(tc, the_fast_effort_leaves_zstd_out);
  tcase_add_test(tc, what_was_encoded_before_does_not_matter);
  tcase_add_test(tc, encodings_of_another_content_are_told);
  tcase_add_test(tc, efforts_have_recipes_of_their_own);
  tcase_add_test(tc, br_without_memory_is_an_error_without_a_leak);
  tcase_add_test(tc, each_failing_allocation_is_an_error_without_a_leak);
  return util_run("encode", tc);
}
