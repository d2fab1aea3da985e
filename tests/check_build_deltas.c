/* check_build_deltas.c - which deltas a build makes, and which it keeps.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "build/deltas.h"
#include "build/io.h"

#include "deltas.h"
#include "packing.h"

#define NAME LIT("/old")

/* ---- Of one content ---- */

static struct gather gather;
static struct gather_item item;
static struct cache no_cache;
static struct deltas deltas;

static int open_one(slice content) {
  item = (struct gather_item){.path = LIT("a.css"),
                              .root = -1,
                              .source = content,
                              .size = content.len,
                              .mtime = INT64_MIN};
  no_cache = (struct cache){.dir = -1};
  gather = (struct gather){.options = &options,
                           .item = &item,
                           .count = 1,
                           .hash = builder_xxh3,
                           .cache = &no_cache,
                           .spool = io_memory_file()};
  deltas = (struct deltas){.gather = &gather};
  return gather_run(&gather);
}

static void close_one(void) {
  deltas_free(&deltas);
  gather_free(&gather);
}

static void begin_one(slice content) {
  ck_assert_int_eq(open_one(content), EDGESTATIC_OK);
}

static void add_version(slice dictionary) {
  ck_assert_int_eq(deltas_add(&deltas, 0, dictionary, NAME), EDGESTATIC_OK);
}

static void add_shared(slice dictionary) {
  ck_assert_int_eq(deltas_add_shared(&deltas, 0, dictionary, NULL, NAME),
                   EDGESTATIC_OK);
}

static void add_self(bool again) {
  ck_assert_int_eq(deltas_add_self(&deltas, 0, again, NAME), EDGESTATIC_OK);
}

static uint32_t number[DELTAS_MAX];

static size_t made(void) {
  ck_assert_int_eq(deltas_run(&deltas), EDGESTATIC_OK);
  return deltas_of(&deltas, 0, number);
}

static uint64_t plain(void) {
  return gather.content[0].kept[0].size;
}

/* In how many codings a delta takes at most so many bytes. */
static unsigned codings_within(slice content, slice dictionary, uint64_t most) {
  static const unsigned char any[DELTA_HASH];
  const struct delta_dictionary d = {dictionary, any};
  struct delta_encoder *e =
      delta_encoder_new(&options.allocator, options.effort);
  unsigned count = 0;
  for (unsigned k = 0; k < EDGESTATIC_CODING_COUNT; k++) {
    slice body = {NULL, 0};
    if (delta_makes(k))
      ck_assert_int_eq(delta_encode(e, k, &d, content, (size_t)most, &body),
                       EDGESTATIC_OK);
    count += body.len > 0;
  }
  delta_encoder_free(e);
  return count;
}

/* The most bytes of a delta to a version that is kept, and to a dictionary of
 * many. */
static uint64_t most_of_version(void) {
  return plain() - plain() / DELTAS_SHARE;
}

static uint64_t most_of_shared(void) {
  return plain() - DELTAS_COST - 1;
}

START_TEST(a_delta_decodes_with_its_dictionary_to_the_content) {
  slice new = samples_text(20000, 1), old = samples_alike(new, 18000, 2);
  begin_one(new);
  add_version(old);
  add_self(false);
  ck_assert_uint_eq(made(), 2 * EACH);
  struct delta_encoder *e =
      delta_encoder_new(&options.allocator, options.effort);
  gather.deltas = &deltas;
  for (size_t i = 0; i < 2 * EACH; i++) {
    const struct deltas_one *one = &deltas.one[number[i]];
    struct gather_bytes got =
        gather_load(&gather, 0, gather_delta(number[i], one->coding));
    const struct delta_dictionary d = {one->self ? new : old, one->sha256};
    unsigned char sha256[DIGEST_SIZE];
    ck_assert_int_eq(got.error, EDGESTATIC_OK);
    digest_sha256(d.bytes.base, d.bytes.len, sha256);
    ck_assert_mem_eq(sha256, one->sha256, DIGEST_SIZE);
    digest_sha256(got.bytes, (size_t)got.size, sha256);
    ck_assert_mem_eq(sha256, one->kept.sha256, DIGEST_SIZE);
    ck_assert_int_eq(delta_verify(e, one->coding, &d,
                                  slice_of(got.bytes, (size_t)got.size), new),
                     EDGESTATIC_OK);
  }
  delta_encoder_free(e);
  close_one();
}
END_TEST

START_TEST(the_smallest_comes_first) {
  slice new = samples_text(20000, 1);
  begin_one(new);
  add_version(samples_alike(new, 12000, 2));
  add_version(samples_alike(new, 18000, 3));
  add_version(samples_alike(new, 15000, 4));
  add_self(false);
  size_t count = made();
  ck_assert_uint_ge(count, 3);
  ck_assert(deltas.one[number[0]].self);
  for (size_t i = 1; i < count; i++)
    ck_assert_uint_ge(deltas.one[number[i]].kept.size,
                      deltas.one[number[i - 1]].kept.size);
  close_one();
}
END_TEST

START_TEST(one_that_saves_less_than_a_quarter_is_left_out_and_so_is_the_self) {
  slice new = samples_text(20000, 1);
  unsigned little = 0, none = 0;
  for (uint32_t begin = 1000; begin < 20000; begin += 1000) {
    slice old = samples_alike(new, begin, 2);
    begin_one(new);
    unsigned some = codings_within(new, old, most_of_version());
    little += codings_within(new, old, most_of_shared()) > some;
    none += some == 0;
    add_version(old);
    add_self(false);
    ck_assert_uint_eq(made(), some > 0 ? some + EACH : 0);
    close_one();
  }
  ck_assert(little > 0 && none > 0);
}
END_TEST

START_TEST(one_of_a_shared_dictionary_may_save_little) {
  slice new = samples_text(20000, 1);
  for (uint32_t begin = 1000; begin < 20000; begin += 1000) {
    slice old = samples_alike(new, begin, 2);
    begin_one(new);
    add_shared(old);
    ck_assert_uint_eq(made(), codings_within(new, old, most_of_shared()));
    close_one();
  }
}
END_TEST

START_TEST(one_that_saves_less_than_its_fields_is_left_out) {
  slice new = samples_text(20000, 1), old = samples_noise(3000, 2);
  begin_one(new);
  add_shared(old);
  ck_assert_uint_eq(made(), 0);
  close_one();
}
END_TEST

START_TEST(the_self_stays_alone_where_an_earlier_release_had_deltas) {
  begin_one(samples_text(20000, 1));
  add_self(true);
  ck_assert_uint_eq(made(), EACH);
  ck_assert(deltas.one[number[0]].self);
  ck_assert_uint_lt(deltas.one[number[0]].kept.size, 100);
  close_one();
}
END_TEST

START_TEST(of_two_files_with_a_content_one_with_deltas_before_suffices) {
  begin_one(samples_text(20000, 1));
  add_self(false);
  add_self(true);
  add_self(false);
  ck_assert_uint_eq(made(), EACH);
  close_one();
}
END_TEST

START_TEST(the_same_dictionary_counts_once) {
  slice new = samples_text(20000, 1), old = samples_alike(new, 18000, 2);
  begin_one(new);
  add_version(old);
  add_version(util_bytes(old.base, old.len));
  add_shared(old);
  ck_assert_uint_eq(made(), EACH);
  close_one();
}
END_TEST

START_TEST(a_version_that_is_the_shared_dictionary_too_may_save_little) {
  slice new = samples_text(20000, 1);
  for (uint32_t begin = 1000; begin < 20000; begin += 1000) {
    slice old = samples_alike(new, begin, 2);
    begin_one(new);
    add_version(old);
    add_shared(old);
    ck_assert_uint_eq(made(), codings_within(new, old, most_of_shared()));
    close_one();
  }
}
END_TEST

START_TEST(what_does_not_shrink_has_none) {
  slice noise = samples_noise(20000, 1);
  begin_one(noise);
  add_version(noise);
  add_self(true);
  ck_assert_uint_eq(made(), 0);
  close_one();
}
END_TEST

START_TEST(what_shrank_to_little_has_none) {
  slice old = samples_text(170000, 1);
  slice new = util_bytes(old.base + 90000, 10000);
  begin_one(new);
  add_version(old);
  ck_assert_uint_eq(made(), 0);
  close_one();
  begin_one(new);
  add_version(slice_of(old.base, 160000));
  ck_assert_uint_eq(made(), EACH);
  close_one();
}
END_TEST

START_TEST(there_are_no_more_than_so_many) {
  slice new = samples_text(20000, 1);
  begin_one(new);
  for (uint32_t i = 0; i < DELTAS_MAX + 3; i++)
    add_version(samples_alike(new, 19990, i + 2));
  ck_assert_uint_eq(deltas.count, DELTAS_MAX);
  ck_assert_uint_le(made(), DELTAS_MAX);
  close_one();
}
END_TEST

START_TEST(all_take_a_quarter_of_the_other_bodies_at_most_the_best_stay) {
  slice new = samples_text(20000, 1);
  begin_one(new);
  for (uint32_t i = 0; i < 12; i++)
    add_version(samples_alike(new, i == 5 ? 19500 : 12000, i + 2));
  size_t count = made();
  uint64_t bytes = 20000, sum = 0;
  for (unsigned i = 0; i < gather.content[0].count; i++)
    bytes += gather.content[0].kept[i].size;
  for (size_t i = 0; i < count; i++)
    sum += deltas.one[number[i]].kept.size;
  ck_assert_uint_ge(count, 1);
  ck_assert_uint_lt(count, 12 * EACH);
  ck_assert_uint_le(sum, bytes / DELTAS_BUDGET);
  ck_assert(deltas.one[number[0]].kept.size * 4 <
            deltas.one[number[count - 1]].kept.size);
  assert_said(&told, "deltas were left out");
  ck_assert_int_eq(told.severity, EDGESTATIC_NOTE);
  close_one();
}
END_TEST

/* ---- The cache ---- */

/* What is not worth it as a version may be as a shared dictionary. */
START_TEST(what_the_cache_says_of_the_one_kind_is_not_for_the_other) {
  slice new = samples_text(20000, 1);
  use_cache("cache");
  for (int round = 0; round < 2; round++)
    for (uint32_t begin = 1000; begin < 20000; begin += 1000) {
      slice old = samples_alike(new, begin, 2);
      begin_one(new);
      add_version(old);
      ck_assert_uint_eq(made(), codings_within(new, old, most_of_version()));
      close_one();
      begin_one(new);
      add_shared(old);
      ck_assert_uint_eq(made(), codings_within(new, old, most_of_shared()));
      ck_assert(round > 0 || atomic_load(&gather.cached) == 0);
      close_one();
    }
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("build_deltas");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, a_delta_decodes_with_its_dictionary_to_the_content);
  tcase_add_test(tc, the_smallest_comes_first);
  tcase_add_test(
      tc, one_that_saves_less_than_a_quarter_is_left_out_and_so_is_the_self);
  tcase_add_test(tc, one_of_a_shared_dictionary_may_save_little);
  tcase_add_test(tc, one_that_saves_less_than_its_fields_is_left_out);
  tcase_add_test(tc, the_self_stays_alone_where_an_earlier_release_had_deltas);
  tcase_add_test(tc,
                 of_two_files_with_a_content_one_with_deltas_before_suffices);
  tcase_add_test(tc, the_same_dictionary_counts_once);
  tcase_add_test(tc,
                 a_version_that_is_the_shared_dictionary_too_may_save_little);
  tcase_add_test(tc, what_does_not_shrink_has_none);
  tcase_add_test(tc, what_shrank_to_little_has_none);
  tcase_add_test(tc, there_are_no_more_than_so_many);
  tcase_add_test(tc,
                 all_take_a_quarter_of_the_other_bodies_at_most_the_best_stay);
  tcase_add_test(tc, what_the_cache_says_of_the_one_kind_is_not_for_the_other);
  return util_run("build_deltas", tc);
}
