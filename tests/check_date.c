/* check_date.c - HTTP-date in its three forms.
 * SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* timegm */
#include "core/date.h"
#include "util.h"

#include <time.h>

static int64_t parse(const char *s) {
  int64_t seconds = -1;
  ck_assert_msg(date_parse(util_text(s), &seconds), "%s", s);
  return seconds;
}

static bool refused(const char *s) {
  int64_t seconds;
  return !date_parse(util_text(s), &seconds);
}

START_TEST(the_example_of_the_rfc_in_three_forms) {
  ck_assert_int_eq(parse("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  ck_assert_int_eq(parse("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
  ck_assert_int_eq(parse("Sun Nov  6 08:49:37 1994"), 784111777);
}
END_TEST

START_TEST(every_day_of_four_centuries_is_as_timegm_says) {
  static const char format[] = "%a, %d %b %Y %H:%M:%S GMT";
  for (int64_t t = -11676096000; t < 7258118400; t += 86400 - 7) {
    time_t time = (time_t)t;
    struct tm tm;
    char text[40];
    ck_assert_ptr_nonnull(gmtime_r(&time, &tm));
    ck_assert_uint_gt(strftime(text, sizeof text, format, &tm), 0);
    int64_t seconds;
    ck_assert(date_parse((edgestatic_slice){text, strlen(text)}, &seconds));
    ck_assert_int_eq(seconds, t);
  }
}
END_TEST

START_TEST(years_0_to_9999) {
  ck_assert_int_eq(parse("Sat, 01 Jan 0000 00:00:00 GMT"), -62167219200);
  ck_assert_int_eq(parse("Sun, 31 Dec 0000 00:00:00 GMT"), -62135683200);
  ck_assert_int_eq(parse("Mon, 01 Jan 0001 00:00:00 GMT"), -62135596800);
  ck_assert_int_eq(parse("Fri, 31 Dec 9999 23:59:59 GMT"), 253402300799);
}
END_TEST

START_TEST(two_digits_of_a_year_are_1970_to_2069) {
  ck_assert_int_eq(parse("Thursday, 01-Jan-70 00:00:00 GMT"), 0);
  ck_assert_int_eq(parse("Friday, 31-Dec-99 23:59:59 GMT"), 946684799);
  ck_assert_int_eq(parse("Saturday, 01-Jan-00 00:00:00 GMT"), 946684800);
  ck_assert_int_eq(parse("Tuesday, 01-Jan-69 00:00:00 GMT"), 3124224000);
}
END_TEST

START_TEST(asctime_has_one_digit_or_two) {
  ck_assert_int_eq(parse("Wed Nov 16 08:49:37 1994"), 784975777);
  ck_assert(refused("Sun Nov 6 08:49:37 1994"));
  ck_assert(refused("Sun Nov  06 08:49:37 1994"));
}
END_TEST

START_TEST(a_leap_second_is_the_next_minute) {
  ck_assert_int_eq(parse("Sat, 31 Dec 2016 23:59:60 GMT"), 1483228800);
}
END_TEST

START_TEST(leap_days_only_in_leap_years) {
  ck_assert_int_eq(parse("Tue, 29 Feb 2000 00:00:00 GMT"), 951782400);
  ck_assert(!refused("Thu, 29 Feb 2024 00:00:00 GMT"));
  ck_assert(refused("Wed, 29 Feb 2023 00:00:00 GMT"));
  ck_assert(refused("Thu, 29 Feb 1900 00:00:00 GMT"));
  ck_assert(refused("Thu, 30 Feb 2024 00:00:00 GMT"));
}
END_TEST

START_TEST(the_day_name_need_not_be_right) {
  ck_assert_int_eq(parse("Mon, 06 Nov 1994 08:49:37 GMT"), 784111777);
}
END_TEST

START_TEST(what_is_out_of_bounds_is_no_date) {
  ck_assert(refused("Sun, 00 Nov 1994 08:49:37 GMT"));
  ck_assert(refused("Sun, 31 Nov 1994 08:49:37 GMT"));
  ck_assert(refused("Sun, 06 Nov 1994 24:00:00 GMT"));
  ck_assert(refused("Sun, 06 Nov 1994 08:60:00 GMT"));
  ck_assert(refused("Sun, 06 Nov 1994 08:49:61 GMT"));
}
END_TEST

START_TEST(malformed_dates_are_none) {
  static const char *const dates[] = {
      "",
      "S",
      "Sun",
      "Sun,",
      "foo",
      "0",
      "Sunday",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 ",
      "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 08:49:37 GMT foo",
      "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
      "sun, 06 nov 1994 08:49:37 gmt",
      "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun,06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 94 08:49:37 GMT",
      "Sun, 06-Nov-94 08:49:37 GMT",
      "Sun, 06 Nxv 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 8:49:37 GMT",
      "Sun, 06 Nov 1994 08.49:37 GMT",
      "Sun, 06 Nov 1994 08:49 GMT",
      "Sun, -6 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-1994 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37",
      "Sundax, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994 GMT",
      "Sun Nov  6 08:49:37 94",
      " Sun, 06 Nov 1994 08:49:37 GMT"};
  for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
    ck_assert_msg(refused(dates[i]), "%s", dates[i]);
}
END_TEST

START_TEST(every_truncation_is_no_date) {
  static const char *const dates[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                      "Sunday, 06-Nov-94 08:49:37 GMT",
                                      "Sun Nov  6 08:49:37 1994"};
  for (size_t i = 0; i < 3; i++)
    for (size_t len = 0; len < strlen(dates[i]); len++) {
      int64_t seconds;
      ck_assert(!date_parse(util_bytes(dates[i], len), &seconds));
    }
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("date");
  tcase_add_test(tc, the_example_of_the_rfc_in_three_forms);
  tcase_add_test(tc, every_day_of_four_centuries_is_as_timegm_says);
  tcase_add_test(tc, years_0_to_9999);
  tcase_add_test(tc, two_digits_of_a_year_are_1970_to_2069);
  tcase_add_test(tc, asctime_has_one_digit_or_two);
  tcase_add_test(tc, a_leap_second_is_the_next_minute);
  tcase_add_test(tc, leap_days_only_in_leap_years);
  tcase_add_test(tc, the_day_name_need_not_be_right);
  tcase_add_test(tc, what_is_out_of_bounds_is_no_date);
  tcase_add_test(tc, malformed_dates_are_none);
  tcase_add_test(tc, every_truncation_is_no_date);
  return util_run("date", tc);
}
