/* mime.h - Content-Type by a file's name and bytes (RFC 9110 section 8.3).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_MIME_H
#define EDGESTATIC_MIME_H

#include "core/str.h"

/* The type of a file by its last extension, in any letter case, without
 * parameters: "text/html".  An unknown or missing extension gives
 * application/octet-stream.  Static storage; no NUL need follow. */
slice mime_type(slice file);

/* The same as a field value: with "; charset=utf-8" where the type has that
 * parameter and the bytes are UTF-8.  Static storage. */
slice mime_type_for(slice file, const void *bytes, size_t len);

/* Whether it is text/html or application/xhtml+xml, with or without
 * parameters: a page, for cache policy. */
bool mime_is_page(slice type);

/* The generated table (mime_table.c), sorted by extension. */
#define MIME_EXTENSION_ROOM 14

struct mime_row {
  char extension[MIME_EXTENSION_ROOM]; /* lower case, NUL-padded */
  uint8_t length;                      /* of the type without parameters */
  uint8_t charset;                     /* "; charset=utf-8" follows it */
  const char *type;
};

extern const struct mime_row mime_table[];
extern const size_t mime_table_count;

#endif
