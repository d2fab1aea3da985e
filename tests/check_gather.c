/* check_gather.c - each content once, and the same pack from the same input.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"

#include "packing.h"

/* ---- Dedupe ---- */

START_TEST(equal_files_are_one_blob_in_each_coding) {
  edgestatic_slice text = samples_text(20000, 1);
  add_bytes("a.html", text);
  add_bytes("b/c.html", text);
  add_bytes("d.txt", text);
  finish();
  edgestatic_builder_stats stats;
  edgestatic_builder_get_stats(builder, &stats);
  ck_assert_uint_eq(stats.assets, 3);
  ck_assert_uint_eq(stats.input_bytes, 60000);
  ck_assert_uint_eq(stats.coding[EDGESTATIC_CODING_IDENTITY].variants, 3);
  ck_assert_uint_eq(stats.coding[EDGESTATIC_CODING_IDENTITY].before, 60000);
  ck_assert_uint_eq(stats.coding[EDGESTATIC_CODING_BR].variants, 3);
  ck_assert_uint_eq(stats.blobs, 3); /* identity, gzip, br */
  ck_assert_uint_eq(stats.pack_bytes, edgestatic_store_pack_size(store));
  ck_assert_uint_eq(stats.index_bytes, edgestatic_store_index_size(store));
  ck_assert_uint_eq(variant_at("/a", EDGESTATIC_CODING_BR).offset,
                    variant_at("/d.txt", EDGESTATIC_CODING_BR).offset);
}
END_TEST

START_TEST(a_file_that_is_the_encoding_of_another_shares_its_blob) {
  edgestatic_slice text = samples_text(20000, 1);
  add_bytes("a.js", text);
  finish();
  edgestatic_variant gzip = variant_at("/a.js", EDGESTATIC_CODING_GZIP);
  edgestatic_slice bytes = body_of(&gzip);
  add_bytes("a.js.gz", util_bytes(bytes.base, bytes.len));
  add_bytes("0.gz", util_bytes(bytes.base, bytes.len));
  finish();
  ck_assert_uint_eq(variant_at("/a.js", EDGESTATIC_CODING_GZIP).offset,
                    variant_at("/a.js.gz", EDGESTATIC_CODING_IDENTITY).offset);
  ck_assert_uint_eq(variant_at("/a.js", EDGESTATIC_CODING_GZIP).offset,
                    variant_at("/0.gz", EDGESTATIC_CODING_IDENTITY).offset);
}
END_TEST

/* A hash that gives the same for all. */
static void one_hash(const void *bytes, size_t len, unsigned char hash[16]) {
  (void)bytes;
  (void)len;
  memset(hash, 0x55, 16);
}

START_TEST(files_whose_hashes_collide_stay_apart) {
  use_cache("cache");
  for (unsigned round = 0; round < 2; round++) { /* by the cache as well */
    new_builder();
    builder->hash = one_hash;
    edgestatic_slice text[5];
    char path[16];
    for (uint32_t i = 0; i < 5; i++) {
      text[i] = samples_text(5000, i + 1);
      snprintf(path, sizeof path, "%u.txt", i);
      add_bytes(path, text[i]);
      snprintf(path, sizeof path, "same%u.txt", i);
      add_bytes(path, text[i]);
    }
    finish();
    for (uint32_t i = 0; i < 5; i++) {
      snprintf(path, sizeof path, "/%u.txt", i);
      edgestatic_variant v = variant_at(path, EDGESTATIC_CODING_IDENTITY);
      ck_assert_uint_eq(v.size, 5000);
      ck_assert(memcmp(body_of(&v).base, text[i].base, 5000) == 0);
      uint64_t br = variant_at(path, EDGESTATIC_CODING_BR).offset;
      snprintf(path, sizeof path, "/same%u.txt", i);
      ck_assert_uint_eq(variant_at(path, EDGESTATIC_CODING_BR).offset, br);
      for (uint32_t k = 0; k < i; k++) {
        snprintf(path, sizeof path, "/%u.txt", k);
        ck_assert_uint_ne(variant_at(path, EDGESTATIC_CODING_BR).offset, br);
      }
    }
  }
}
END_TEST

/* ---- Determinism ---- */

static edgestatic_slice pack_bytes(void) {
  finish();
  return util_bytes(store->base, store->len);
}

static void same_pack(edgestatic_slice expected, const char *how) {
  edgestatic_slice got = pack_bytes();
  ck_assert_msg(got.len == expected.len &&
                    memcmp(got.base, expected.base, got.len) == 0,
                "another pack: %s", how);
}

static edgestatic_slice many[40];

static void add_many(unsigned step) {
  char path[32];
  for (unsigned i = 0; i < 40; i++) {
    unsigned n = i * step % 40; /* step has no factor of 40 */
    snprintf(path, sizeof path, "%u/%u.html", n % 5, n);
    add_bytes(path, many[n]);
  }
}

START_TEST(the_same_input_gives_the_same_bytes_whatever_else) {
  for (uint32_t i = 0; i < 40; i++)
    many[i] = samples_text(i % 7 * 3000 + 100, i % 11 + 1);
  options.threads = 1;
  new_builder();
  add_many(1);
  edgestatic_slice first = pack_bytes();
  same_pack(first, "finished again");
  for (unsigned threads = 1; threads <= 4; threads += 3) {
    options.threads = threads;
    new_builder();
    add_many(threads == 1 ? 7 : 13);
    same_pack(first, "order and threads");
  }
  use_cache("cache");
  for (unsigned i = 0; i < 3; i++) {
    new_builder();
    add_many(3);
    same_pack(first, i ? "warm cache" : "cold cache");
    edgestatic_builder_stats stats;
    edgestatic_builder_get_stats(builder, &stats);
    ck_assert_int_eq(stats.cached_blobs > 0, i > 0);
  }
}
END_TEST

START_TEST(other_input_gives_other_bytes) {
  add("a.txt", "a");
  edgestatic_slice a = pack_bytes();
  add("a.txt", "b");
  edgestatic_slice b = pack_bytes();
  ck_assert(a.len != b.len || memcmp(a.base, b.base, a.len) != 0);
}
END_TEST

START_TEST(a_cache_that_cannot_be_used_is_a_warning) {
  tempdir_file("file", "");
  use_cache("file/cache");
  new_builder();
  add("a.txt", "a");
  finish();
  ck_assert_uint_eq(told.count, 1);
  ck_assert_int_eq(told.severity, EDGESTATIC_WARNING);
  assert_said(&told, "the cache");
  ck_assert_str_eq(told.file, options.cache_dir);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("gather");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, equal_files_are_one_blob_in_each_coding);
  tcase_add_test(tc, a_file_that_is_the_encoding_of_another_shares_its_blob);
  tcase_add_test(tc, files_whose_hashes_collide_stay_apart);
  tcase_add_test(tc, the_same_input_gives_the_same_bytes_whatever_else);
  tcase_add_test(tc, other_input_gives_other_bytes);
  tcase_add_test(tc, a_cache_that_cannot_be_used_is_a_warning);
  return util_run("gather", tc);
}
