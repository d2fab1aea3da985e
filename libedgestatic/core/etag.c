/* etag.c - lists of entity tags.
 *
 * Rulings:
 * - A malformed element (no quotes, no closing quote) is passed over up to the
 *   next comma, and matches nothing.  "w/" is no weak tag: it is case-sensitive
 *   (section 8.8.3).
 * - In If-None-Match a tag also matches with one of the suffixes that proxies
 *   put before the closing quote when they code our identity variant
 *   themselves ("abc-gzip", "abc;br").  The comparison is weak: it asks whether
 *   the content is equivalent, which a coding by a proxy keeps it.  Not in
 *   If-Match and If-Range, which ask for the same bytes.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/etag.h"

/* opaque-tag = DQUOTE *etagc DQUOTE; no quoted-pair, so that a backslash is an
 * ordinary byte.  Returns its length with the quotes, or 0. */
static size_t opaque_tag(slice s) {
  if (s.len < 2 || s.base[0] != '"')
    return 0;
  for (size_t i = 1; i < s.len; i++) {
    unsigned char c = (unsigned char)s.base[i];
    if (c == '"')
      return i + 1;
    if (c <= ' ' || c == 0x7f)
      return 0;
  }
  return 0;
}

/* "tag" and "tag-gzip" and the like; tag is without its closing quote. */
static bool has_proxy_suffix(slice s, slice tag) {
  if (!slice_starts(s, tag))
    return false;
  s = slice_skip(s, tag.len);
  s.len--; /* the closing quote */
  if (s.len > 0 && s.base[0] == ';')
    s = slice_skip(s, 1);
  else if (slice_starts(s, LIT("--")))
    s = slice_skip(s, 2);
  else if (slice_starts(s, LIT("-")))
    s = slice_skip(s, 1);
  else
    return false;
  return slice_eq(s, LIT("gzip")) || slice_eq(s, LIT("br")) ||
         slice_eq(s, LIT("zstd")) || slice_eq(s, LIT("deflate"));
}

bool etag_list_has(slice s, slice tag, enum etag_comparison how) {
  if (tag.len == 0)
    return false;
  while (s.len > 0) {
    if (s.base[0] == ',' || is_ows(s.base[0])) {
      s = slice_skip(s, 1);
      continue;
    }
    bool weak = slice_starts(s, LIT("W/"));
    if (weak)
      s = slice_skip(s, 2);
    size_t len = opaque_tag(s);
    slice found = slice_of(s.base, len);
    s = slice_skip(s, len);
    bool whole = len > 0;
    while (s.len > 0 && s.base[0] != ',') {
      whole = whole && is_ows(s.base[0]);
      s = slice_skip(s, 1);
    }
    if (!whole || (weak && how == ETAG_STRONG))
      continue;
    if (slice_eq(found, tag) ||
        (how == ETAG_WEAK &&
         has_proxy_suffix(found, slice_of(tag.base, tag.len - 1))))
      return true;
  }
  return false;
}
