/* mime.c - Content-Type by a file's name and bytes.
 *
 * The charset parameter is a claim about the bytes, so the bytes decide.  A
 * browser believes it before a page's own <meta charset> (WHATWG HTML, section
 * 13.2.3.2) and before an XML declaration (RFC 7303 section 3); a page in
 * Latin-1 or Shift_JIS would turn into garbage under "utf-8".  So:
 *
 *   - Only types that define the parameter have it: text/ and the XML types.
 *     application/json has none (RFC 8259 section 11).
 *   - It is given only to bytes that are UTF-8.  NUL shows UTF-16 or UTF-32
 *     without a byte order mark (with one they are not UTF-8), ESC shows
 *     ISO-2022-JP; both would pass for UTF-8 otherwise.
 *   - No other charset is ever named: what a file says itself is better than a
 *     guess.
 *
 * SPDX-License-Identifier: MIT
 */
#include "build/mime.h"

#include "build/glob.h"
#include "build/utf8.h"

static const struct mime_row *find(slice file) {
  slice name = glob_last_segment(file);
  size_t dot = name.len;
  while (dot > 0 && name.base[dot - 1] != '.')
    dot--;
  /* Neither "README" nor ".profile" has an extension. */
  if (dot < 2 || name.len - dot >= MIME_EXTENSION_ROOM)
    return NULL;
  char extension[MIME_EXTENSION_ROOM] = {0};
  for (size_t i = dot; i < name.len; i++)
    extension[i - dot] = lower(name.base[i]);
  size_t low = 0, high = mime_table_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order =
        memcmp(mime_table[middle].extension, extension, MIME_EXTENSION_ROOM);
    if (order == 0)
      return &mime_table[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

static slice row_type(const struct mime_row *row) {
  if (row == NULL)
    return LIT("application/octet-stream");
  return slice_of(row->type, row->length);
}

slice mime_type(slice file) {
  return row_type(find(file));
}

slice mime_type_for(slice file, const void *bytes, size_t len) {
  const struct mime_row *row = find(file);
  slice type = row_type(row);
  slice text = slice_of(bytes, len);
  bool utf8 = row != NULL && row->charset && utf8_valid(text) &&
              (len == 0 || (memchr(bytes, 0, len) == NULL &&
                            memchr(bytes, '\x1b', len) == NULL));
  return utf8 ? slice_of(row->type, strlen(row->type)) : type;
}

bool mime_is_page(slice type) {
  for (size_t i = 0; i < type.len; i++)
    if (type.base[i] == ';')
      type.len = i;
  type = slice_trim(type);
  return slice_eq_nocase(type, LIT("text/html")) ||
         slice_eq_nocase(type, LIT("application/xhtml+xml"));
}
