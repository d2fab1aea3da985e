/* date.c - HTTP-date (RFC 9110 section 5.6.7).
 *
 * Rulings:
 * - All three forms, to the letter: they are case-sensitive, in GMT, and have
 *   no white space to spare.  The name of the day must be one, but need not be
 *   the right one: it is redundant, and no recipient must check it.
 * - Second 60 is a leap second (section 5.6.7 allows it) and reads as the
 *   first one of the next minute, as POSIX time does.
 * - Two digits of a year: 70 to 99 are 19xx, others 20xx.  The rule proper
 *   (not more than 50 years ahead) needs a clock; it says the same until the
 *   years that it moves, and those name dates from before the Web or after
 *   2069, which no Last-Modified of ours can equal.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/date.h"

static const char day_names[7][10] = {"Sunday",    "Monday",   "Tuesday",
                                      "Wednesday", "Thursday", "Friday",
                                      "Saturday"};
static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr",
                                        "May", "Jun", "Jul", "Aug",
                                        "Sep", "Oct", "Nov", "Dec"};

struct fields {
  int year, month, day, hour, minute, second; /* month 0 to 11 */
};

static bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool to_seconds(const struct fields *f, int64_t *seconds) {
  static const int month_days[] = {31, 28, 31, 30, 31, 30,
                                   31, 31, 30, 31, 30, 31};
  static const int before[] = {0,   31,  59,  90,  120, 151,
                               181, 212, 243, 273, 304, 334};
  int leap = is_leap(f->year);
  if (f->day < 1 || f->day > month_days[f->month] + (f->month == 1 && leap) ||
      f->hour > 23 || f->minute > 59 || f->second > 60)
    return false;

  int64_t y = f->year - 1; /* whole years since year 1, which day 1 begins */
  int64_t days = y * 365 + y / 4 - y / 100 + y / 400 + before[f->month] +
                 (f->month > 1 && leap) + f->day - 1;
  if (f->year == 0) /* a leap year of its own before year 1 */
    days -= 1;
  *seconds =
      (days - 719162) * 86400 + f->hour * 3600 + f->minute * 60 + f->second;
  return true;
}

/* Takes n digits off *s. */
static bool take_number(slice *s, size_t n, int *value) {
  if (s->len < n)
    return false;
  *value = 0;
  for (size_t i = 0; i < n; i++) {
    if (!is_digit(s->base[i]))
      return false;
    *value = *value * 10 + (s->base[i] - '0');
  }
  *s = slice_skip(*s, n);
  return true;
}

static bool take(slice *s, slice what) {
  if (!slice_starts(*s, what))
    return false;
  *s = slice_skip(*s, what.len);
  return true;
}

static bool take_month(slice *s, int *month) {
  for (*month = 0; *month < 12; ++*month)
    if (take(s, slice_of(month_names[*month], 3)))
      return true;
  return false;
}

static bool take_time(slice *s, struct fields *f) {
  return take_number(s, 2, &f->hour) && take(s, LIT(":")) &&
         take_number(s, 2, &f->minute) && take(s, LIT(":")) &&
         take_number(s, 2, &f->second);
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static bool imf_fixdate(slice s, struct fields *f) {
  return take(&s, LIT(", ")) && take_number(&s, 2, &f->day) &&
         take(&s, LIT(" ")) && take_month(&s, &f->month) &&
         take(&s, LIT(" ")) && take_number(&s, 4, &f->year) &&
         take(&s, LIT(" ")) && take_time(&s, f) && slice_eq(s, LIT(" GMT"));
}

/* Sunday, 06-Nov-94 08:49:37 GMT */
static bool rfc850_date(slice s, struct fields *f) {
  bool ok = take(&s, LIT(", ")) && take_number(&s, 2, &f->day) &&
            take(&s, LIT("-")) && take_month(&s, &f->month) &&
            take(&s, LIT("-")) && take_number(&s, 2, &f->year) &&
            take(&s, LIT(" ")) && take_time(&s, f) && slice_eq(s, LIT(" GMT"));
  if (ok)
    f->year += f->year >= 70 ? 1900 : 2000;
  return ok;
}

/* Sun Nov  6 08:49:37 1994 */
static bool asctime_date(slice s, struct fields *f) {
  return take(&s, LIT(" ")) && take_month(&s, &f->month) &&
         take(&s, LIT(" ")) &&
         (take(&s, LIT(" ")) ? take_number(&s, 1, &f->day)
                             : take_number(&s, 2, &f->day)) &&
         take(&s, LIT(" ")) && take_time(&s, f) && take(&s, LIT(" ")) &&
         take_number(&s, 4, &f->year) && s.len == 0;
}

bool date_parse(slice s, int64_t *seconds) {
  struct fields f;
  for (int i = 0; i < 7; i++) {
    size_t len = 0;
    while (day_names[i][len] != '\0')
      len++;
    if (s.len < 3 || memcmp(s.base, day_names[i], 3) != 0)
      continue;
    slice short_form = slice_skip(s, 3);
    if (imf_fixdate(short_form, &f) || asctime_date(short_form, &f))
      return to_seconds(&f, seconds);
    return take(&s, slice_of(day_names[i], len)) && rfc850_date(s, &f) &&
           to_seconds(&f, seconds);
  }
  return false;
}
