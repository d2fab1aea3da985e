/* duration.c - see duration.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "duration.h"

/* Seconds of a unit, or 0. */
static int64_t unit(char letter) {
  switch (letter) {
  case 'm':
    return 60;
  case 'h':
    return 60 * 60;
  case 'd':
    return 24 * 60 * 60;
  case 'w':
    return 7 * 24 * 60 * 60;
  default:
    return 0;
  }
}

int duration_parse(const char *text, int64_t *seconds) {
  int64_t n = 0;
  for (; *text >= '0' && *text <= '9' && n <= DURATION_MAX; text++)
    n = n * 10 + (*text - '0');
  int64_t each = unit(*text);
  /* No unit is taken for granted: "7" could be days or seconds. */
  if (n == 0 || each == 0 || text[1] != '\0' || n > DURATION_MAX / each)
    return -1;
  *seconds = n * each;
  return 0;
}
