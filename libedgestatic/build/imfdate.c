/* imfdate.c - see imfdate.h.  Without a libc's idea of time zones and locales.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/imfdate.h"

#include <stdio.h>
#include <string.h>

void imfdate(int64_t seconds, char date[IMFDATE_LENGTH + 1]) {
  static const char days[] = "ThuFriSatSunMonTueWed";
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  unsigned day = (unsigned)(seconds / 86400);
  unsigned second = (unsigned)(seconds % 86400);
  /* Years from March on, so that the leap day is a year's last; from
   * 0000-03-01, in eras of 400 years. */
  unsigned from_march = day + 719468;
  unsigned era = from_march / 146097, of_era = from_march % 146097;
  unsigned year =
      (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
  unsigned month = (5 * of_year + 2) / 153; /* 0 is March */
  unsigned of_month = of_year - (153 * month + 2) / 5 + 1;
  month = (month + 2) % 12; /* 0 is January */
  year += era * 400 + (month < 2);
  char text[64]; /* more than seven numbers of any size take */
  snprintf(text, sizeof text, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
           days + day % 7 * 3, of_month, months + month * 3, year,
           second / 3600, second / 60 % 60, second % 60);
  memcpy(date, text, IMFDATE_LENGTH);
  date[IMFDATE_LENGTH] = '\0';
}
