/* json.c - see json.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "json.h"

#include "term.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *json_text(edgestatic_slice text) {
  json_t *value = json_stringn(text.base, text.len);
  if (value)
    return value;
  static const char replacement[] = "\xEF\xBF\xBD";
  char *fixed = malloc(text.len * 3 + 1);
  if (!fixed)
    return NULL;
  size_t len = 0;
  for (size_t i = 0; i < text.len;) {
    size_t n = term_utf8(text.base + i, text.len - i);
    memcpy(fixed + len, n ? text.base + i : replacement, n ? n : 3);
    len += n ? n : 3;
    i += n ? n : 1;
  }
  value = json_stringn(fixed, len);
  free(fixed);
  return value;
}

int json_print(json_t *value, size_t flags) {
  if (!value)
    return -1;
  char *text = json_dumps(value, flags);
  json_decref(value);
  if (!text)
    return -1;
  puts(text);
  free(text);
  return 0;
}
