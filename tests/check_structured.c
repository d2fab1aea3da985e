/* check_structured.c - dictionaries of RFC 8941.
 * SPDX-License-Identifier: MIT */
#include "build/structured.h"

#include "util.h"

static void are(bool expected, const char *const *values, size_t count) {
  slice rest;
  for (size_t i = 0; i < count; i++)
    ck_assert_msg(structured_dictionary(util_text(values[i]), &rest) ==
                      expected,
                  "%s: not %d", values[i], expected);
}

#define ARE(expected, ...)                                                     \
  do {                                                                         \
    static const char *const values[] = {__VA_ARGS__};                         \
    are((expected), values, sizeof values / sizeof *values);                   \
  } while (0)

START_TEST(members_are_keys_with_or_without_a_value) {
  ARE(true, "a", "*a_b-c.d*1", "max-age=60, must-revalidate", "a=1 ,\tb",
      "a;x, b;y=1; z", " a", "a ");
  ARE(false, "", " ", "A", "1a", "-a", "a,", "a,,b", "a b", "a =1", "a= 1",
      "a;", "a;X", "a=1y", "a\x01");
}
END_TEST

START_TEST(items_are_numbers_strings_tokens_bytes_and_booleans) {
  ARE(true, "a=0", "a=-1", "a=999999999999999", "a=1.5", "a=-12.345", "a=\"\"",
      "a=\"x \\\" \\\\\"", "a=t", "a=*t/x:1", "a=::", "a=:aGk=:", "a=?0",
      "a=?1;x");
  ARE(false, "a=", "a=-", "a=1000000000000000", "a=1.", "a=1.2345",
      "a=1234567890123.4", "a=\"", "a=\"\\x\"", "a=\"\\", "a=\"\x7f\"",
      "a=:aGk=", "a=:a b:", "a=?2", "a=?", "a='x'", "a=.5");
}
END_TEST

START_TEST(a_value_may_be_an_inner_list) {
  ARE(true, "a=()", "a=( 1  \"x\" t;p )", "a=(1);q=2");
  ARE(false, "a=(", "a=(1", "a=(1\"x\")", "a=(1,2)", "a=(1;P)", "a=(1 (2))");
}
END_TEST

START_TEST(what_is_left_tells_where_it_is_wrong) {
  slice rest;
  ck_assert(!structured_dictionary(util_text("a=1, max-age=1y, c"), &rest));
  ck_assert(slice_eq(rest, util_text("y, c")));
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("structured");
  tcase_add_test(tc, members_are_keys_with_or_without_a_value);
  tcase_add_test(tc, items_are_numbers_strings_tokens_bytes_and_booleans);
  tcase_add_test(tc, a_value_may_be_an_inner_list);
  tcase_add_test(tc, what_is_left_tells_where_it_is_wrong);
  return util_run("structured", tc);
}
