/* check_blobs.c - which bodies are the same bytes.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/blobs.h"

#include "build/pool.h"

#include "memtest.h"
#include "util.h"

#include <stdatomic.h>

static const edgestatic_allocator heap = {NULL, NULL};

/* Bodies of a test are their sources: the same number, the same bytes. */
static bool same_number(void *ctx, const struct blob *have) {
  const uint64_t *source = ctx;
  return have->source == *source;
}

static uint32_t share(struct blobs *b, unsigned char hash, uint64_t size,
                      uint64_t source, bool *fresh) {
  const unsigned char bytes[16] = {hash};
  return blobs_share(b, bytes, size, source, same_number, &source, fresh);
}

START_TEST(the_same_bytes_are_one_blob) {
  struct blobs b;
  bool fresh;
  ck_assert_int_eq(blobs_init(&b, &heap, 4), EDGESTATIC_OK);
  ck_assert_uint_eq(share(&b, 1, 10, 100, &fresh), 0);
  ck_assert(fresh);
  ck_assert_uint_eq(share(&b, 2, 10, 200, &fresh), 1);
  ck_assert(fresh);
  ck_assert_uint_eq(share(&b, 1, 10, 100, &fresh), 0);
  ck_assert(!fresh);
  ck_assert_uint_eq(b.count, 2);
  blobs_free(&b);
}
END_TEST

START_TEST(other_bytes_of_the_same_hash_are_another_blob) {
  struct blobs b;
  bool fresh;
  ck_assert_int_eq(blobs_init(&b, &heap, 6), EDGESTATIC_OK);
  for (uint32_t i = 0; i < 5; i++) {
    ck_assert_uint_eq(share(&b, 7, 10, i, &fresh), i);
    ck_assert(fresh);
  }
  for (uint32_t i = 0; i < 5; i++) {
    ck_assert_uint_eq(share(&b, 7, 10, i, &fresh), i);
    ck_assert(!fresh);
  }
  /* Another size is another body, without a look. */
  ck_assert_uint_eq(share(&b, 7, 11, 3, &fresh), 5);
  ck_assert(fresh);
  blobs_free(&b);
}
END_TEST

START_TEST(a_table_for_nothing_can_be_made) {
  struct blobs b;
  ck_assert_int_eq(blobs_init(&b, &heap, 0), EDGESTATIC_OK);
  blobs_free(&b);
  blobs_free(&b);
}
END_TEST

#define BODIES 2000
#define DIFFERENT 150

struct shared {
  struct blobs blobs;
  atomic_uint fresh;
  uint32_t id[BODIES];
};

static int share_one(void *ctx, unsigned worker, size_t index) {
  struct shared *s = ctx;
  bool fresh;
  uint64_t source = index % DIFFERENT;
  (void)worker;
  /* Three bodies to a hash. */
  s->id[index] =
      share(&s->blobs, (unsigned char)(source / 3), 1, source, &fresh);
  atomic_fetch_add(&s->fresh, fresh);
  return 0;
}

START_TEST(threads_agree_on_the_blob_of_a_body) {
  static struct shared s;
  ck_assert_int_eq(blobs_init(&s.blobs, &heap, DIFFERENT), EDGESTATIC_OK);
  const struct pool_work work = {share_one, NULL, &s};
  ck_assert(pool_run(4, BODIES, &work));
  ck_assert_uint_eq(atomic_load(&s.fresh), DIFFERENT);
  ck_assert_uint_eq(s.blobs.count, DIFFERENT);
  for (size_t i = 0; i < BODIES; i++)
    ck_assert_uint_eq(s.blobs.blob[s.id[i]].source, i % DIFFERENT);
  blobs_free(&s.blobs);
}
END_TEST

static int make(const edgestatic_allocator *a, void *arg) {
  struct blobs b;
  (void)arg;
  int error = blobs_init(&b, a, 100);
  blobs_free(&b);
  return error;
}

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  memtest_fail_each(make, NULL);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("blobs");
  tcase_add_test(tc, the_same_bytes_are_one_blob);
  tcase_add_test(tc, other_bytes_of_the_same_hash_are_another_blob);
  tcase_add_test(tc, a_table_for_nothing_can_be_made);
  tcase_add_test(tc, threads_agree_on_the_blob_of_a_body);
  tcase_add_test(tc, each_failing_allocation_is_an_error_without_a_leak);
  return util_run("blobs", tc);
}
