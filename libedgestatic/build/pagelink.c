/* pagelink.c - see pagelink.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/pagelink.h"

#include "core/target.h"
#include "core/uri.h"

/* Copies a URL without what parsers drop: blanks and controls around it, tabs
 * and line ends within, and the fragment.  A backslash is a slash, a
 * blank is encoded. */
static bool clean(slice url, char *out, size_t room, size_t *len) {
  bool query = false;
  while (url.len > 0 && (unsigned char)url.base[0] <= ' ')
    url = slice_skip(url, 1);
  while (url.len > 0 && (unsigned char)url.base[url.len - 1] <= ' ')
    url.len--;
  *len = 0;
  for (size_t i = 0; i < url.len && url.base[i] != '#'; i++) {
    char c = url.base[i];
    if (c == '\t' || c == '\n' || c == '\r')
      continue;
    if (room - *len < 3)
      return false;
    query |= c == '?';
    if (c == ' ') {
      memcpy(out + *len, "%20", 3);
      *len += 3;
      continue;
    }
    out[(*len)++] = c == '\\' && !query ? '/' : c;
  }
  return true;
}

static bool has_scheme(slice url) {
  for (size_t i = 0; i < url.len; i++) {
    char c = url.base[i];
    if (c == ':')
      return i > 0 && !is_digit(url.base[0]);
    if (!uri_is_alnum(c) && c != '+' && c != '-' && c != '.')
      return false;
  }
  return false;
}

/* The length of a dot segment at the beginning of s, or 0 (sections 4.4 and
 * 3.5: also percent-encoded); *dots: how many. */
static size_t dot_segment(slice s, int *dots) {
  size_t n = 0;
  for (*dots = 0; n < s.len && s.base[n] != '/'; ++*dots)
    if (s.base[n] == '.')
      n++;
    else if (uri_is_escape(s, n) && uri_escaped(s, n) == '.')
      n += 3;
    else
      return 0;
  return *dots == 1 || *dots == 2 ? n : 0;
}

/* Removes the dot segments of an absolute path in place; returns its length. */
static size_t remove_dots(char *path, size_t len) {
  size_t to = 0, i = 0;
  while (i < len) { /* at a slash */
    int dots;
    size_t end = i + 1;
    size_t skip = dot_segment(slice_of(path + end, len - end), &dots);
    if (skip > 0) {
      if (dots == 2)
        while (to > 0 && path[--to] != '/')
          continue;
      i = end + skip;
      if (i == len)
        path[to++] = '/';
      continue;
    }
    path[to++] = '/';
    for (i = end; i < len && path[i] != '/'; i++)
      path[to++] = path[i];
  }
  return to;
}

/* Resolves `url` against the path in `from`, into `out`: path and query. */
static bool join(slice from, slice url, char *out, slice *path, slice *query) {
  char text[PAGELINK_MAX];
  size_t len, at = 0, begin = 0;
  if (!clean(url, text, sizeof text, &len))
    return false;
  url = slice_of(text, len);
  if (has_scheme(url) || slice_starts(url, LIT("//")))
    return false;
  const char *mark = url.len > 0 ? memchr(url.base, '?', url.len) : NULL;
  *query = mark ? slice_skip(url, (size_t)(mark - url.base)) : LIT("");
  url.len -= query->len;
  if (url.len == 0)
    begin = from.len; /* the page itself */
  else if (url.base[0] != '/')
    for (begin = from.len; begin > 0 && from.base[begin - 1] != '/'; begin--)
      continue;
  if (begin + url.len + query->len > PAGELINK_MAX)
    return false;
  memcpy(out, from.base, begin);
  at = begin;
  if (url.len > 0)
    memcpy(out + at, url.base, url.len);
  at = remove_dots(out, at + url.len);
  if (query->len > 0)
    memcpy(out + at, query->base, query->len);
  *path = slice_of(out, at);
  *query = slice_of(out + at, query->len);
  return at > 0;
}

bool pagelink_resolve(struct pagelink *link, slice page, slice base,
                      slice url) {
  char based[PAGELINK_MAX];
  slice path = page, query;
  if (page.len == 0 || page.base[0] != '/' || page.len > PAGELINK_MAX)
    return false;
  if (base.base && !join(page, base, based, &path, &query))
    return false;
  if (!join(path, url, link->whole, &path, &link->query))
    return false;
  struct target target;
  if (target_parse(&target, path, link->decoded) != 0 || target.unmatchable)
    return false;
  link->path = target.path;
  return true;
}
