/* told.h - stands in for cli/say.c: keeps what a person would be told.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TESTS_TOLD_H
#define EDGESTATIC_TESTS_TOLD_H

#include "cli/say.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The error, all warnings, the last hint. */
static char told[2048], warned[2048], hinted[2048];

static inline void told_reset(void) {
  told[0] = warned[0] = hinted[0] = '\0';
}

void say_error(const char *format, ...) {
  va_list list;
  va_start(list, format);
  ck_assert_str_eq(told, ""); /* one clear message */
  vsnprintf(told, sizeof told, format, list);
  va_end(list);
}

void say_warning(const char *format, ...) {
  size_t len = strlen(warned);
  va_list list;
  va_start(list, format);
  vsnprintf(warned + len, sizeof warned - len, format, list);
  va_end(list);
}

void say_hint(const char *format, ...) {
  va_list list;
  va_start(list, format);
  vsnprintf(hinted, sizeof hinted, format, list);
  va_end(list);
}

/* The text is part of what was told. */
#define ck_told(text)                                                          \
  ck_assert_msg(strstr(told, (text)) != NULL, "told: %s", told)

#endif
