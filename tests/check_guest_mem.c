/* check_guest_mem.c - the guests' own memcmp; the rest of mem.c is one
 * instruction each, which every request goes through.
 * SPDX-License-Identifier: MIT */
#include "util.h"

#define memcpy guest_memcpy
#define memmove guest_memmove
#define memset guest_memset
#define memcmp guest_memcmp
void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
#include "guest/mem.c"
#undef memcmp

static int sign(int n) {
  return (n > 0) - (n < 0);
}

START_TEST(memcmp_orders_by_the_first_byte_that_differs) {
  for (size_t len = 0; len < 40; len++) {
    char a[40], b[40];
    for (size_t i = 0; i < len; i++)
      a[i] = b[i] = (char)(i * 37);
    edgestatic_slice left = util_bytes(a, len), same = util_bytes(b, len);
    ck_assert_int_eq(guest_memcmp(left.base, same.base, len), 0);
    for (size_t i = 0; i < len; i++) {
      b[i] = (char)(a[i] ^ 0x80);
      if (i + 1 < len)
        b[i + 1] = (char)(a[i + 1] ^ 0x80);
      edgestatic_slice right = util_bytes(b, len);
      ck_assert_int_eq(sign(guest_memcmp(left.base, right.base, len)),
                       sign(memcmp(a, b, len)));
      ck_assert_int_eq(sign(guest_memcmp(right.base, left.base, len)),
                       sign(memcmp(b, a, len)));
      b[i] = a[i];
      if (i + 1 < len)
        b[i + 1] = a[i + 1];
    }
  }
}
END_TEST

START_TEST(what_is_copied_and_set_is_there) {
  char bytes[] = "abcdef";
  ck_assert_ptr_eq(guest_memcpy(bytes, "xy", 2), bytes);
  ck_assert_ptr_eq(guest_memmove(bytes + 1, bytes, 4), bytes + 1);
  ck_assert_ptr_eq(guest_memset(bytes, '-', 1), bytes);
  ck_assert_str_eq(bytes, "-xycdf");
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("guest mem");
  tcase_add_checked_fixture(tc, NULL, util_free_all);
  tcase_add_test(tc, memcmp_orders_by_the_first_byte_that_differs);
  tcase_add_test(tc, what_is_copied_and_set_is_there);
  return util_run("guest mem", tc);
}
