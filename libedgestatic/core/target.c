/* target.c - request targets (RFC 9112 section 3.2, RFC 3986).
 *
 * Rulings:
 * - Refused with 400 (RFC 9112 section 3.2: an invalid request line SHOULD get
 *   400): no leading slash, a bad absolute form, "%" without two hex digits, a
 *   fragment (never part of a target), NUL, space and control bytes, raw or
 *   encoded.  A NUL would cut C strings, a CR LF could reach a Location.
 * - Over EDGESTATIC_TARGET_MAX: 414 (RFC 9110 section 15.5.15).
 * - Well-formed, but the name of nothing (so 404): dot segments, %2F, %5C and
 *   backslashes.  Clients remove dot segments before they ask (RFC 3986
 *   section 5.2.4); who sends them is looking for a way out of the root, and
 *   to resolve them for him would give each asset further names.  An encoded
 *   slash is not a separator (RFC 3986 section 2.2) and files cannot have one
 *   in their names.  404 rather than 400: the syntax is right, and an app's
 *   own routes may mean something by it.
 * - Other bytes that are not of a URI (raw UTF-8, "|", "{" ...) are let
 *   through: browsers and curl send some of them, and as names of assets they
 *   match or do not.  They are never echoed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/target.h"

enum byte_class { PLAIN, BAD, PERCENT, QUERY, FRAGMENT, SLASH, BACKSLASH };

static const unsigned char byte_class[256] = {
    [0x00] = BAD,     [0x01] = BAD,  [0x02] = BAD,       [0x03] = BAD,
    [0x04] = BAD,     [0x05] = BAD,  [0x06] = BAD,       [0x07] = BAD,
    [0x08] = BAD,     [0x09] = BAD,  [0x0a] = BAD,       [0x0b] = BAD,
    [0x0c] = BAD,     [0x0d] = BAD,  [0x0e] = BAD,       [0x0f] = BAD,
    [0x10] = BAD,     [0x11] = BAD,  [0x12] = BAD,       [0x13] = BAD,
    [0x14] = BAD,     [0x15] = BAD,  [0x16] = BAD,       [0x17] = BAD,
    [0x18] = BAD,     [0x19] = BAD,  [0x1a] = BAD,       [0x1b] = BAD,
    [0x1c] = BAD,     [0x1d] = BAD,  [0x1e] = BAD,       [0x1f] = BAD,
    [' '] = BAD,      [0x7f] = BAD,  ['%'] = PERCENT,    ['?'] = QUERY,
    ['#'] = FRAGMENT, ['/'] = SLASH, ['\\'] = BACKSLASH,
};

static int class_of(char c) {
  return byte_class[(unsigned char)c];
}

/* Cuts scheme and authority off an absolute form.  Which authority it names is
 * for the host to judge, which sees the Host field too (RFC 9112 section
 * 3.2.2).  Other schemes than http and https are not ours to answer. */
static bool cut_origin(slice *s) {
  static const slice schemes[] = {EDGESTATIC_LITERAL("http://"),
                                  EDGESTATIC_LITERAL("https://")};
  for (size_t i = 0; i < 2; i++) {
    size_t at = schemes[i].len;
    if (s->len < at || !slice_eq_nocase(slice_of(s->base, at), schemes[i]))
      continue;
    size_t host = at;
    for (; at < s->len && class_of(s->base[at]) != SLASH &&
           class_of(s->base[at]) != QUERY;
         at++)
      /* An empty host is invalid (RFC 9110 section 4.2.1), user information
       * is an attempt to deceive (section 4.2.4). */
      if (class_of(s->base[at]) != PLAIN || s->base[at] == '@')
        return false;
    if (at == host || s->base[host] == ':')
      return false;
    *s = slice_skip(*s, at);
    return true;
  }
  return false;
}

static bool is_dots(slice segment) {
  return (segment.len == 1 || segment.len == 2) && segment.base[0] == '.' &&
         segment.base[segment.len - 1] == '.';
}

/* Looks at the segments of a decoded path. */
static void judge_segments(struct target *t) {
  size_t begin = 1;
  for (size_t i = 1; i <= t->path.len; i++) {
    bool last = i == t->path.len;
    if (!last && t->path.base[i] != '/')
      continue;
    if (i == begin && !last)
      t->empty_segments = true;
    else if (is_dots(slice_of(t->path.base + begin, i - begin)))
      t->unmatchable = true;
    begin = i + 1;
  }
}

static int hex(char c) {
  if (is_digit(c))
    return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes the path of t into a buffer.  What does not fit is dropped: no asset
 * has such a path, but the folders that begin it may have an error page. */
static bool decode(struct target *t, char *buffer) {
  size_t len = 0;
  for (size_t i = 0; i < t->path.len; i++) {
    char c = t->path.base[i];
    if (class_of(c) == PERCENT) {
      if (t->path.len - i < 3 || hex(t->path.base[i + 1]) < 0 ||
          hex(t->path.base[i + 2]) < 0)
        return false;
      c = (char)(hex(t->path.base[i + 1]) << 4 | hex(t->path.base[i + 2]));
      if (class_of(c) == BAD && c != ' ')
        return false;
      if (class_of(c) == SLASH || class_of(c) == BACKSLASH)
        t->unmatchable = true;
      i += 2;
    }
    if (len < EDGESTATIC_PATH_MAX)
      buffer[len++] = c;
    else
      t->unmatchable = true;
  }
  t->path = slice_of(buffer, len);
  return true;
}

int target_parse(struct target *t, slice raw,
                 char buffer[EDGESTATIC_PATH_MAX]) {
  *t = (struct target){0};
  if (raw.len > EDGESTATIC_TARGET_MAX)
    return 414;
  if (raw.len == 1 && raw.base[0] == '*') {
    t->asterisk = true;
    return 0;
  }
  if (raw.len == 0 || (raw.base[0] != '/' && !cut_origin(&raw)))
    return 400;

  bool encoded = false;
  bool judge = false; /* a segment is empty or begins with a dot */
  size_t end = 0;
  for (; end < raw.len; end++) {
    int c = class_of(raw.base[end]);
    if (c == PLAIN)
      continue;
    if (c == QUERY)
      break;
    if (c == BAD || c == FRAGMENT)
      return 400;
    if (c == PERCENT)
      encoded = true;
    else if (c == BACKSLASH)
      t->unmatchable = true;
    else if (end + 1 < raw.len &&
             (raw.base[end + 1] == '/' || raw.base[end + 1] == '.'))
      judge = true;
  }
  t->path = slice_of(raw.base, end);
  if (end < raw.len)
    t->query = slice_skip(raw, end);
  for (size_t i = 1; i < t->query.len; i++)
    if (class_of(t->query.base[i]) == BAD ||
        class_of(t->query.base[i]) == FRAGMENT)
      return 400;

  if (t->path.len == 0)
    t->path = LIT("/"); /* http://host?query (RFC 9110 section 4.2.3) */
  t->raw = t->path;
  if (encoded && !decode(t, buffer))
    return 400;
  if (t->path.len > EDGESTATIC_PATH_MAX)
    t->unmatchable = true;
  if (encoded || judge)
    judge_segments(t);
  return 0;
}
