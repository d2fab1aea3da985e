/* check_structured.c - structured fields (RFC 8941).
 * SPDX-License-Identifier: MIT */
#include "core/structured.h"

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

static int integer(const char *value) {
  return structured_integer(util_text(value), LIT("k"));
}

START_TEST(an_integer_is_the_last_of_its_key) {
  ck_assert_int_eq(integer("k=0"), 0);
  ck_assert_int_eq(integer("a, k=7;p=1, b"), 7);
  ck_assert_int_eq(integer("k=1, k=2"), 2);
  ck_assert_int_eq(integer("k=007"), 7);
  ck_assert_int_eq(integer("k=999"), STRUCTURED_INTEGER_MAX);
  ck_assert_int_eq(integer("k=1000"), -1);
  ck_assert_int_eq(integer("k=999999999999999"), -1);
  ck_assert_int_eq(integer("k=-1"), -1);
  ck_assert_int_eq(integer("k=1.0"), -1);
  ck_assert_int_eq(integer("k=\"1\""), -1);
  ck_assert_int_eq(integer("k=(1)"), -1);
  ck_assert_int_eq(integer("k"), -1);
  ck_assert_int_eq(integer("kk=1, j=2"), -1);
  ck_assert_int_eq(integer("k=1, k"), -1);
  ck_assert_int_eq(integer("k=1, ?"), -1);
  ck_assert_int_eq(integer(""), -1);
}
END_TEST

START_TEST(byte_sequences_are_read_as_they_were_written) {
  unsigned char in[40], out[40];
  for (unsigned i = 0; i < sizeof in; i++)
    in[i] = (unsigned char)(251 - 37 * i);
  for (size_t len = 0; len <= sizeof in; len++) {
    edgestatic_slice given = util_bytes(in, len);
    size_t size = STRUCTURED_BYTES(len);
    char *text = util_alloc(size);
    structured_put_bytes(text, (const unsigned char *)given.base, len);
    ck_assert(structured_bytes(slice_of(text, size), out, len));
    ck_assert_mem_eq(out, in, len);
    ck_assert(!structured_bytes(slice_of(text, size), out, len + 1));
    ck_assert(len == 0 ||
              !structured_bytes(slice_of(text, size), out, len - 1));
    for (size_t cut = 0; cut < size; cut++)
      ck_assert(!structured_bytes(util_bytes(text, cut), out, len));
  }
  char text[STRUCTURED_BYTES(5)];
  structured_put_bytes(text, (const unsigned char *)"hello", 5);
  ck_assert_int_eq(memcmp(text, ":aGVsbG8=:", sizeof text), 0);
}
END_TEST

START_TEST(padding_may_be_missing_and_parameters_are_passed_over) {
  static const char *const good[] = {
      ":aGVsbG8=:", ":aGVsbG8:",       "  :aGVsbG8=:  ",
      ":aGVsbG9=:", ":aGVsbG8=:;a; b", ":aGVsbG8=:;a=\"x\""};
  static const char *const bad[] = {
      "aGVsbG8=:",  ":aGVsbG8==:",  ":aGVs bG8=:",  ":aGVs\nbG8=:",
      ":=aGVsbG8:", ":aGVsbG8=:x",  ":aGVsbG8=:;",  ":aGVsbG8=:;a=",
      ":aGVs-G8=:", ":aGVsbG8=:,a", "\"aGVsbG8=\"", "\t:aGVsbG8=:"};
  unsigned char out[5];
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    ck_assert_msg(structured_bytes(util_text(good[i]), out, 5), "%s", good[i]);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ck_assert_msg(!structured_bytes(util_text(bad[i]), out, 5), "%s", bad[i]);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("structured");
  tcase_add_test(tc, members_are_keys_with_or_without_a_value);
  tcase_add_test(tc, items_are_numbers_strings_tokens_bytes_and_booleans);
  tcase_add_test(tc, a_value_may_be_an_inner_list);
  tcase_add_test(tc, what_is_left_tells_where_it_is_wrong);
  tcase_add_test(tc, an_integer_is_the_last_of_its_key);
  tcase_add_test(tc, byte_sequences_are_read_as_they_were_written);
  tcase_add_test(tc, padding_may_be_missing_and_parameters_are_passed_over);
  return util_run("structured", tc);
}
