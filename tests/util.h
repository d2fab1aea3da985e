/* util.h - what the unit tests share.
 *
 * Every input of a test is a heap block of exactly its length, so that one
 * byte read too many is an error under AddressSanitizer or valgrind.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_TESTS_UTIL_H
#define EDGESTATIC_TESTS_UTIL_H

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edgestatic.h"

static void *util_blocks[4096];
static size_t util_block_count;

/* A block that lives until the end of the test. */
static inline void *util_alloc(size_t len) {
  void *p = malloc(len > 0 ? len : 1);
  ck_assert_ptr_nonnull(p);
  ck_assert_uint_lt(util_block_count, 4096);
  util_blocks[util_block_count++] = p;
  return p;
}

static inline void util_free_all(void) {
  while (util_block_count > 0)
    free(util_blocks[--util_block_count]);
}

/* The bytes in a block of their own.  Of no bytes, the end of a block. */
static inline edgestatic_slice util_bytes(const void *bytes, size_t len) {
  char *p = util_alloc(len);
  if (len > 0)
    memcpy(p, bytes, len);
  return (edgestatic_slice){len > 0 ? p : p + 1, len};
}

/* The bytes of a C string, without its NUL. */
static inline edgestatic_slice util_text(const char *s) {
  return util_bytes(s, strlen(s));
}

/* A slice is equal to a C string, and ends with a NUL of its own. */
#define ck_assert_slice_eq(slice, string)                                      \
  do {                                                                         \
    edgestatic_slice ck_s = (slice);                                           \
    ck_assert_ptr_nonnull(ck_s.base);                                          \
    ck_assert_str_eq(ck_s.base, (string));                                     \
    ck_assert_uint_eq(ck_s.len, strlen(string));                               \
  } while (0)

/* The same for a slice that has no NUL after it. */
#define ck_assert_bytes_eq(slice, string)                                      \
  do {                                                                         \
    edgestatic_slice ck_b = (slice);                                           \
    ck_assert_ptr_nonnull(ck_b.base);                                          \
    ck_assert_uint_eq(ck_b.len, strlen(string));                               \
    ck_assert_mem_eq(ck_b.base, (string), ck_b.len);                           \
  } while (0)

/* For what hangs: no test is timed, and machines may be slow or busy. */
enum { UTIL_SECONDS_MAX = 600 };

/* Runs one suite of one case; the exit status of main. */
static inline int util_run(const char *name, TCase *tc) {
  Suite *suite = suite_create(name);
  tcase_add_checked_fixture(tc, NULL, util_free_all);
  tcase_set_timeout(tc, UTIL_SECONDS_MAX);
  suite_add_tcase(suite, tc);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
