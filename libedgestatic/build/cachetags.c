/* cachetags.c - see cachetags.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/cachetags.h"

#include <stdio.h>

/* A tag of three parts; out has `used` bytes. */
static bool add(char *out, size_t *used, slice separator, slice prefix,
                slice text) {
  size_t gap = *used > 0 ? separator.len : 0;
  size_t len = prefix.len;
  for (size_t i = 0; i < text.len; i++)
    len += text.base[i] == ',' ? 3 : 1;
  if (len > CACHETAGS_TAG_MAX || gap + len > CACHETAGS_VALUE_MAX - *used)
    return false;
  char *p = out + *used;
  memcpy(p, separator.base, gap);
  memcpy(p + gap, prefix.base, prefix.len);
  p += gap + prefix.len;
  for (size_t i = 0; i < text.len; i++)
    if (text.base[i] == ',') { /* it ends a tag of Cache-Tag */
      memcpy(p, "%2C", 3);
      p += 3;
    } else {
      *p++ = text.base[i];
    }
  *used = (size_t)(p - out);
  return true;
}

/* "svg+xml" of "image/svg+xml; charset=utf-8"; empty where a tag could not be
 * made of it. */
static slice subtype(slice type) {
  size_t i = 0, begin;
  while (i < type.len && type.base[i] != '/')
    i++;
  begin = i < type.len ? i + 1 : i;
  for (i = begin; i < type.len && type.base[i] != ';'; i++)
    if (type.base[i] <= ' ' || type.base[i] == ',' || type.base[i] >= 0x7f)
      break;
  return slice_of(type.base + begin, i - begin);
}

slice cachetags_write(char out[CACHETAGS_VALUE_MAX], slice separator,
                      slice type, const unsigned char hash[16],
                      slice location) {
  size_t used = 0;
  char hex[33];
  for (int i = 0; i < 16; i++)
    snprintf(hex + 2 * i, 3, "%02x", hash[i]);
  slice kind = subtype(type);
  if (kind.len > 0)
    add(out, &used, separator, LIT("type-"), kind);
  add(out, &used, separator, LIT("hash-"), slice_of(hex, 32));
  add(out, &used, separator, LIT("/"), LIT(""));
  unsigned folders = 1;
  for (size_t i = 1; i < location.len && folders < CACHETAGS_FOLDERS_MAX; i++)
    if (location.base[i] == '/') {
      if (!add(out, &used, separator, LIT(""), slice_of(location.base, i)))
        break;
      folders++;
    }
  return slice_of(out, used);
}
