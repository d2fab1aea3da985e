/* check_delta.c - contents encoded against what a client holds.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/delta.h"

#include "memtest.h"
#include "samples.h"

#include <zstd.h>

static const edgestatic_allocator heap = {NULL, NULL};
static const unsigned char hash[DELTA_HASH] = "0123456789abcdef0123456789abcde";
static struct delta_encoder *encoder;

static void setup(void) {
  encoder = delta_encoder_new(&heap, EDGESTATIC_EFFORT_BEST);
  ck_assert_ptr_nonnull(encoder);
}

static void teardown(void) {
  delta_encoder_free(encoder);
}

static const unsigned codings[] = {EDGESTATIC_CODING_DCZ,
                                   EDGESTATIC_CODING_DCB};

static struct delta_dictionary dictionary_of(slice bytes) {
  return (struct delta_dictionary){bytes, hash};
}

/* The body in a block of the test. */
static slice delta_of(unsigned coding, slice old, slice content) {
  struct delta_dictionary d = dictionary_of(old);
  slice body;
  ck_assert_int_eq(
      delta_encode(encoder, coding, &d, content, content.len, &body),
      EDGESTATIC_OK);
  return util_bytes(body.base, body.len);
}

static int verify(unsigned coding, slice old, slice body, slice content) {
  struct delta_dictionary d = dictionary_of(old);
  return delta_verify(encoder, coding, &d, body, content);
}

/* A content with one line changed. */
static slice changed(slice content) {
  slice copy = util_bytes(content.base, content.len);
  memcpy((char *)copy.base + content.len / 2, "another line", 12);
  return copy;
}

#define FOR_EACH_CODING(coding)                                                \
  for (unsigned i = 0, coding; i < 2; i++)                                     \
    if (coding = codings[i], delta_makes(coding))

START_TEST(a_small_change_is_a_small_delta) {
  slice old = samples_text(50000, 1), content = changed(old);
  ck_assert(delta_makes(EDGESTATIC_CODING_DCZ));
  ck_assert(!delta_makes(EDGESTATIC_CODING_ZSTD));
  FOR_EACH_CODING(coding) {
    slice body = delta_of(coding, old, content);
    ck_assert_uint_gt(body.len, 0);
    ck_assert_uint_lt(body.len, 150);
    ck_assert_int_eq(verify(coding, old, body, content), EDGESTATIC_OK);
  }
}
END_TEST

/* RFC 9842 sections 4 and 5. */
START_TEST(a_body_begins_with_its_magic_and_the_dictionarys_hash) {
  slice old = samples_text(5000, 1), content = changed(old);
  slice dcz = delta_of(EDGESTATIC_CODING_DCZ, old, content);
  ck_assert(memcmp(dcz.base, "\x5e\x2a\x4d\x18\x20\0\0\0", 8) == 0);
  ck_assert(memcmp(dcz.base + 8, hash, DELTA_HASH) == 0);
  /* Any decoder of zstd passes the head over: it is a skippable frame. */
  ck_assert_uint_eq(ZSTD_findFrameCompressedSize(dcz.base, dcz.len), 40);
  if (!delta_makes(EDGESTATIC_CODING_DCB))
    return;
  slice dcb = delta_of(EDGESTATIC_CODING_DCB, old, content);
  ck_assert(memcmp(dcb.base,
                   "\xff"
                   "DCB",
                   4) == 0);
  ck_assert(memcmp(dcb.base + 4, hash, DELTA_HASH) == 0);
}
END_TEST

/* As a client does that knows zstd and the dictionary only. */
START_TEST(dcz_decodes_with_the_raw_dictionary) {
  slice old = samples_text(50000, 1), content = changed(old);
  slice body = delta_of(EDGESTATIC_CODING_DCZ, old, content);
  char *out = util_alloc(content.len);
  ZSTD_DCtx *d = ZSTD_createDCtx();
  ZSTD_DCtx_refPrefix(d, old.base, old.len);
  ck_assert_uint_eq(
      ZSTD_decompressDCtx(d, out, content.len, body.base + 40, body.len - 40),
      content.len);
  ck_assert(memcmp(out, content.base, content.len) == 0);
  ZSTD_freeDCtx(d);
}
END_TEST

/* 8 MB, or 1.25 times the dictionary. */
START_TEST(a_window_of_dcz_is_one_that_clients_have) {
  static const struct {
    size_t old, content;
    uint64_t most;
  } row[] = {{1000, 9 << 20, 8 << 20},
             {9 << 20, 11 << 20, (uint64_t)(9 << 20) / 4 * 5},
             {15 << 20, 20 << 20, (uint64_t)(15 << 20) / 4 * 5}};
  struct delta_encoder *fast = delta_encoder_new(&heap, EDGESTATIC_EFFORT_FAST);
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    slice content = samples_text(row[i].content, 2);
    struct delta_dictionary d =
        dictionary_of(slice_of(content.base, row[i].old));
    slice body;
    ck_assert_int_eq(delta_encode(fast, EDGESTATIC_CODING_DCZ, &d, content,
                                  content.len, &body),
                     EDGESTATIC_OK);
    ck_assert_uint_gt(body.len, 40);
    /* RFC 8878 section 3.1.1.1: behind the frame's magic, the descriptor; bit
     * 5: one segment, whose window is the content. */
    unsigned char descriptor = (unsigned char)body.base[44];
    unsigned char window = (unsigned char)body.base[45];
    uint64_t base = (uint64_t)1 << (10 + (window >> 3));
    uint64_t size =
        (descriptor & 0x20) != 0 ? content.len : base + base / 8 * (window & 7);
    ck_assert_uint_le(size, row[i].most);
    ck_assert_uint_eq(ZSTD_getFrameContentSize(body.base + 40, body.len - 40),
                      content.len);
    ck_assert_int_eq(delta_verify(fast, EDGESTATIC_CODING_DCZ, &d,
                                  util_bytes(body.base, body.len), content),
                     EDGESTATIC_OK);
  }
  delta_encoder_free(fast);
}
END_TEST

START_TEST(what_does_not_fit_is_empty) {
  slice old = samples_text(5000, 1), noise = samples_noise(5000, 2), body;
  struct delta_dictionary d = dictionary_of(old);
  FOR_EACH_CODING(coding) {
    slice fits = delta_of(coding, old, changed(old));
    for (size_t max = 0; max < fits.len; max++) {
      ck_assert_int_eq(
          delta_encode(encoder, coding, &d, changed(old), max, &body),
          EDGESTATIC_OK);
      ck_assert_uint_eq(body.len, 0);
    }
    ck_assert_int_eq(delta_encode(encoder, coding, &d, noise, 4000, &body),
                     EDGESTATIC_OK);
    ck_assert_uint_eq(body.len, 0);
  }
}
END_TEST

START_TEST(the_content_itself_is_the_smallest_delta) {
  slice content = samples_text(50000, 1);
  FOR_EACH_CODING(coding) {
    slice body = delta_of(coding, content, content);
    ck_assert_uint_lt(body.len, 80);
    ck_assert_int_eq(verify(coding, content, body, content), EDGESTATIC_OK);
  }
}
END_TEST

START_TEST(what_was_encoded_before_does_not_matter) {
  slice old = samples_text(9000, 1), content = changed(old);
  FOR_EACH_CODING(coding) {
    slice first = delta_of(coding, old, content);
    delta_of(coding, samples_text(20000, 3), samples_text(30000, 4));
    slice again = delta_of(coding, old, content);
    ck_assert(slice_eq(first, again));
  }
}
END_TEST

START_TEST(another_body_dictionary_or_content_is_told) {
  slice old = samples_text(9000, 1), content = changed(old);
  slice other = samples_text(9000, 2);
  FOR_EACH_CODING(coding) {
    slice body = delta_of(coding, old, content);
    ck_assert_int_eq(verify(coding, other, body, content),
                     EDGESTATIC_ERR_FORMAT);
    ck_assert_int_eq(verify(coding, old, body, old), EDGESTATIC_ERR_FORMAT);
    ck_assert_int_eq(verify(coding, old, body, slice_of(content.base, 8999)),
                     EDGESTATIC_ERR_FORMAT);
    for (size_t len = 0; len < body.len; len++)
      ck_assert_int_eq(verify(coding, old, util_bytes(body.base, len), content),
                       EDGESTATIC_ERR_FORMAT);
    for (size_t at = 0; at < 40; at += 4) {
      slice bad = util_bytes(body.base, body.len);
      ((char *)bad.base)[at] ^= 1;
      ck_assert_int_eq(verify(coding, old, bad, content),
                       EDGESTATIC_ERR_FORMAT);
    }
  }
}
END_TEST

static bool is_worth(slice old, slice content, size_t max) {
  struct delta_dictionary d = dictionary_of(old);
  bool worth;
  ck_assert_int_eq(delta_probe(encoder, &d, content, max, &worth),
                   EDGESTATIC_OK);
  return worth;
}

START_TEST(what_shares_nothing_with_its_dictionary_is_not_worth_the_time) {
  slice old = samples_text(50000, 1), other = samples_noise(50000, 2);
  slice content = changed(old);
  size_t alone = delta_of(EDGESTATIC_CODING_DCZ, other, content).len;
  ck_assert(is_worth(old, content, alone));
  ck_assert(!is_worth(other, content, alone));
  ck_assert(is_worth(other, content, content.len));
  ck_assert(!is_worth(old, content, 10));
}
END_TEST

START_TEST(codings_and_efforts_have_recipes_of_their_own) {
  char recipe[3][DELTA_RECIPE_MAX];
  delta_recipe(EDGESTATIC_CODING_DCZ, EDGESTATIC_EFFORT_BEST, recipe[0]);
  delta_recipe(EDGESTATIC_CODING_DCZ, EDGESTATIC_EFFORT_FAST, recipe[1]);
  delta_recipe(EDGESTATIC_CODING_DCB, EDGESTATIC_EFFORT_BEST, recipe[2]);
  for (int i = 0; i < 3; i++) {
    ck_assert_str_ne(recipe[i], recipe[(i + 1) % 3]);
    ck_assert_uint_lt(strlen(recipe[i]), DELTA_RECIPE_MAX - 1); /* not cut */
  }
}
END_TEST

static int encode_and_verify(const edgestatic_allocator *a, void *arg) {
  const slice *pair = arg;
  struct delta_dictionary d = dictionary_of(pair[0]);
  struct delta_encoder *e = delta_encoder_new(a, EDGESTATIC_EFFORT_FAST);
  slice body;
  bool worth;
  if (!e)
    return EDGESTATIC_ERR_MEMORY;
  int error = delta_probe(e, &d, pair[1], 2000, &worth);
  if (!error)
    error = delta_encode(e, EDGESTATIC_CODING_DCZ, &d, pair[1], 3000, &body);
  if (!error) {
    body = util_bytes(body.base, body.len);
    error = delta_verify(e, EDGESTATIC_CODING_DCZ, &d, body, pair[1]);
  }
  delta_encoder_free(e);
  return error;
}

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  slice pair[2] = {samples_text(9000, 1), {NULL, 0}};
  pair[1] = changed(pair[0]);
  memtest_fail_each(encode_and_verify, pair);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("delta");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, a_small_change_is_a_small_delta);
  tcase_add_test(tc, a_body_begins_with_its_magic_and_the_dictionarys_hash);
  tcase_add_test(tc, dcz_decodes_with_the_raw_dictionary);
  tcase_add_test(tc, a_window_of_dcz_is_one_that_clients_have);
  tcase_add_test(tc, what_does_not_fit_is_empty);
  tcase_add_test(tc, the_content_itself_is_the_smallest_delta);
  tcase_add_test(tc, what_was_encoded_before_does_not_matter);
  tcase_add_test(tc, another_body_dictionary_or_content_is_told);
  tcase_add_test(tc,
                 what_shares_nothing_with_its_dictionary_is_not_worth_the_time);
  tcase_add_test(tc, codings_and_efforts_have_recipes_of_their_own);
  tcase_add_test(tc, each_failing_allocation_is_an_error_without_a_leak);
  return util_run("delta", tc);
}
