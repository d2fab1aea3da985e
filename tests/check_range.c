/* check_range.c - byte ranges.
 * SPDX-License-Identifier: MIT */
#include "core/range.h"
#include "util.h"

static byte_range range[EDGESTATIC_RANGES_MAX];

/* The ranges of a field as text: "0-4,7-8"; "200" when it is ignored, "416"
 * when it cannot be satisfied. */
static const char *parse(const char *field, uint64_t size) {
  static char text[1024];
  int n = range_parse(util_text(field), size, range);
  if (n == RANGE_IGNORED)
    return "200";
  if (n == RANGE_UNSATISFIABLE)
    return "416";
  text[0] = '\0';
  for (int i = 0; i < n; i++)
    sprintf(text + strlen(text), "%s%llu-%llu", i > 0 ? "," : "",
            (unsigned long long)range[i].first,
            (unsigned long long)range[i].last);
  return text;
}

START_TEST(single_ranges) {
  ck_assert_str_eq(parse("bytes=0-4", 10), "0-4");
  ck_assert_str_eq(parse("bytes=0-0", 10), "0-0");
  ck_assert_str_eq(parse("bytes=9-9", 10), "9-9");
  ck_assert_str_eq(parse("bytes=3-", 10), "3-9");
  ck_assert_str_eq(parse("bytes=0-", 10), "0-9");
}
END_TEST

START_TEST(a_last_position_behind_the_end_is_cut) {
  ck_assert_str_eq(parse("bytes=5-1000", 10), "5-9");
  ck_assert_str_eq(parse("bytes=0-10", 10), "0-9");
}
END_TEST

START_TEST(suffixes_count_from_the_end) {
  ck_assert_str_eq(parse("bytes=-1", 10), "9-9");
  ck_assert_str_eq(parse("bytes=-10", 10), "0-9");
}
END_TEST

START_TEST(a_suffix_longer_than_the_representation_is_all_of_it) {
  ck_assert_str_eq(parse("bytes=-11", 10), "0-9");
  ck_assert_str_eq(parse("bytes=-99999999999999999999999", 10), "0-9");
}
END_TEST

START_TEST(a_suffix_of_nothing_cannot_be_satisfied) {
  ck_assert_str_eq(parse("bytes=-0", 10), "416");
  ck_assert_str_eq(parse("bytes=-0,0-1", 10), "0-1");
}
END_TEST

START_TEST(beyond_the_end_cannot_be_satisfied) {
  ck_assert_str_eq(parse("bytes=10-", 10), "416");
  ck_assert_str_eq(parse("bytes=10-11", 10), "416");
  ck_assert_str_eq(parse("bytes=100-110,200-", 10), "416");
}
END_TEST

START_TEST(what_can_be_satisfied_is_sent_without_the_rest) {
  ck_assert_str_eq(parse("bytes=15-,0-5", 10), "0-5");
  ck_assert_str_eq(parse("bytes=0-1,15-20,4-4", 10), "0-1,4-4");
}
END_TEST

START_TEST(of_an_empty_representation) {
  ck_assert_str_eq(parse("bytes=0-", 0), "416");
  ck_assert_str_eq(parse("bytes=0-0", 0), "416");
  ck_assert_str_eq(parse("bytes=-5", 0), "200");
  ck_assert_str_eq(parse("bytes=-0", 0), "416");
  ck_assert_str_eq(parse("bytes=0-0,-5", 0), "200");
}
END_TEST

START_TEST(units_are_case_insensitive_and_others_ignored) {
  ck_assert_str_eq(parse("BYTES=0-1", 10), "0-1");
  ck_assert_str_eq(parse("Bytes=0-1", 10), "0-1");
  ck_assert_str_eq(parse("byte=0-1", 10), "200");
  ck_assert_str_eq(parse("items=0-1", 10), "200");
  ck_assert_str_eq(parse("bytes =0-1", 10), "200");
  ck_assert_str_eq(parse("seconds=1-2", 10), "200");
}
END_TEST

START_TEST(malformed_sets_are_ignored) {
  static const char *const fields[] = {"",
                                       "bytes",
                                       "bytes=",
                                       "bytes=,",
                                       "bytes= , , ",
                                       "bytes=-",
                                       "bytes= - ",
                                       "bytes=--0",
                                       "bytes=--5",
                                       "bytes=-6-",
                                       "bytes= 7 ",
                                       "bytes=7",
                                       "bytes=5-4",
                                       "bytes=A-",
                                       "bytes=A-Z",
                                       "bytes=5-Z",
                                       "bytes=Ran-dom, garbage",
                                       "bytes=0x01-0x02",
                                       "bytes=2-5,4-3",
                                       "bytes=--5,4--3",
                                       "bytes=100-200-300",
                                       "bytes=-100-150",
                                       "bytes=01a-150",
                                       "bytes=1-4,x",
                                       "bytes=100000-110000,5-2",
                                       "bytes=10-11 12-",
                                       "bytes 20-1002",
                                       "bytes= 1-3",
                                       "bytes=1 -3",
                                       "bytes=1- 3",
                                       "bytes=+1-3",
                                       "0",
                                       "bytes=0-3, 0",
                                       "bytes=0-1, bytes=3-4",
                                       "=0-1",
                                       "bytes=x-,0-1"};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    ck_assert_msg(strcmp(parse(fields[i], 1000), "200") == 0, "%s", fields[i]);
}
END_TEST

START_TEST(white_space_and_empty_elements_between_ranges) {
  ck_assert_str_eq(parse("bytes=0-1 , 7-", 11), "0-1,7-10");
  ck_assert_str_eq(parse("bytes=0-1,,\t 3-4,", 11), "0-1,3-4");
  ck_assert_str_eq(parse("bytes=,1-2", 11), "1-2");
  ck_assert_str_eq(parse("bytes=1-\t,5-10", 100), "1-99");
}
END_TEST

START_TEST(positions_of_any_length) {
  ck_assert_str_eq(parse("bytes=0-18446744073709551615", 10), "0-9");
  ck_assert_str_eq(parse("bytes=0-18446744073709551616", 10), "0-9");
  ck_assert_str_eq(parse("bytes=0-99999999999999999999999999", 10), "0-9");
  ck_assert_str_eq(parse("bytes=18446744073709551616-18446744073709551620", 10),
                   "416");
  ck_assert_str_eq(parse("bytes=4294967296-4294967299", 10), "416");
  ck_assert_str_eq(parse("bytes=9223372036854775808-", 10), "416");
  ck_assert_str_eq(parse("bytes=00000000000000000000000000000002-0000000000000"
                         "00000000000000000004",
                         10),
                   "2-4");
}
END_TEST

START_TEST(ranges_that_overlap_or_touch_are_joined) {
  ck_assert_str_eq(parse("bytes=0-100,70-200", 1000), "0-200");
  ck_assert_str_eq(parse("bytes=0-70,71-100", 1000), "0-100");
  ck_assert_str_eq(parse("bytes=71-100,0-70", 1000), "0-100");
  ck_assert_str_eq(parse("bytes=0-70,72-100", 1000), "0-70,72-100");
  ck_assert_str_eq(parse("bytes=1-10,1-9,99-99", 1000), "1-10,99-99");
  ck_assert_str_eq(parse("bytes=0-,1-,2-,3-", 1000), "0-999");
  ck_assert_str_eq(parse("bytes=9-10,8-9,7-8,6-7,5-6,4-5,3-4,2-3,1-2,0-1", 99),
                   "0-10");
}
END_TEST

START_TEST(order_is_kept_and_a_joined_range_stands_where_its_first_did) {
  ck_assert_str_eq(parse("bytes=1000-1100,100-200", 9999), "1000-1100,100-200");
  ck_assert_str_eq(parse("bytes=-1,20-100,0-1,101-120", 150),
                   "149-149,20-120,0-1");
  ck_assert_str_eq(parse("bytes=50-60,5-6,1-2,3-4", 99), "50-60,1-6");
  ck_assert_str_eq(parse("bytes=50-60,5-6,10-11,7-9,70-71", 99),
                   "50-60,5-11,70-71");
}
END_TEST

static void many(char *field, int n, int step) {
  strcpy(field, "bytes=");
  for (int i = 0; i < n; i++)
    sprintf(field + strlen(field), "%d-%d,", i * step, i * step);
}

START_TEST(more_than_the_most_are_ignored) {
  static char field[2000];
  many(field, EDGESTATIC_RANGES_MAX, 2);
  ck_assert_int_eq(range_parse(util_text(field), 1000, range),
                   EDGESTATIC_RANGES_MAX);
  many(field, EDGESTATIC_RANGES_MAX + 1, 2);
  ck_assert_str_eq(parse(field, 1000), "200");
}
END_TEST

START_TEST(any_number_that_join_are_one) {
  static char field[2000];
  many(field, 200, 1);
  ck_assert_str_eq(parse(field, 1000), "0-199");
}
END_TEST

START_TEST(the_largest_representation) {
  ck_assert_str_eq(parse("bytes=-1", INT64_MAX),
                   "9223372036854775806-9223372036854775806");
  ck_assert_str_eq(parse("bytes=0-0,9223372036854775806-", INT64_MAX),
                   "0-0,9223372036854775806-9223372036854775806");
}
END_TEST

/* Against a plain model: a bitmap of what was asked for. */
START_TEST(joined_ranges_cover_what_was_asked_and_no_more) {
  enum { SIZE = 24 };
  unsigned seed = 1;
  for (int round = 0; round < 20000; round++) {
    char field[200] = "bytes=", wanted[SIZE] = {0}, sent[SIZE] = {0};
    int n = 1 + (int)(seed >> 16) % 5;
    for (int i = 0; i < n; i++) {
      seed = seed * 1103515245 + 12345;
      int a = (int)(seed >> 16) % SIZE, b = (int)(seed >> 8) % SIZE;
      int first = a < b ? a : b, last = a < b ? b : a;
      sprintf(field + strlen(field), "%d-%d,", first, last);
      memset(wanted + first, 1, (size_t)(last - first + 1));
    }
    int count =
        range_parse((edgestatic_slice){field, strlen(field)}, SIZE, range);
    ck_assert_int_gt(count, 0);
    for (int i = 0; i < count; i++)
      for (uint64_t k = range[i].first; k <= range[i].last; k++) {
        ck_assert_int_eq(sent[k], 0);
        sent[k] = 1;
      }
    ck_assert_int_eq(memcmp(wanted, sent, SIZE), 0);
    /* Nothing that touches is left apart. */
    for (int i = 0; i < count; i++)
      ck_assert(range[i].last + 1 >= SIZE || sent[range[i].last + 1] == 0);
  }
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("range");
  tcase_add_test(tc, single_ranges);
  tcase_add_test(tc, a_last_position_behind_the_end_is_cut);
  tcase_add_test(tc, suffixes_count_from_the_end);
  tcase_add_test(tc, a_suffix_longer_than_the_representation_is_all_of_it);
  tcase_add_test(tc, a_suffix_of_nothing_cannot_be_satisfied);
  tcase_add_test(tc, beyond_the_end_cannot_be_satisfied);
  tcase_add_test(tc, what_can_be_satisfied_is_sent_without_the_rest);
  tcase_add_test(tc, of_an_empty_representation);
  tcase_add_test(tc, units_are_case_insensitive_and_others_ignored);
  tcase_add_test(tc, malformed_sets_are_ignored);
  tcase_add_test(tc, white_space_and_empty_elements_between_ranges);
  tcase_add_test(tc, positions_of_any_length);
  tcase_add_test(tc, ranges_that_overlap_or_touch_are_joined);
  tcase_add_test(tc,
                 order_is_kept_and_a_joined_range_stands_where_its_first_did);
  tcase_add_test(tc, more_than_the_most_are_ignored);
  tcase_add_test(tc, any_number_that_join_are_one);
  tcase_add_test(tc, the_largest_representation);
  tcase_add_test(tc, joined_ranges_cover_what_was_asked_and_no_more);
  return util_run("range", tc);
}
