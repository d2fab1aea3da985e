/* glob.c - shell patterns over paths, as gitignore(5) has them.
 * SPDX-License-Identifier: MIT */
#include "build/glob.h"

/* A character class of POSIX, over ASCII whatever the locale is. */
static bool in_class(slice name, char c, bool *known) {
  bool upper = c >= 'A' && c <= 'Z', low = c >= 'a' && c <= 'z';
  bool digit = is_digit(c), alpha = upper || low;
  bool blank = c == ' ' || c == '\t';
  bool graph = c > ' ' && c < 0x7f;
  bool control = (unsigned char)c < ' ' || c == 0x7f;
  const struct {
    slice name;
    bool is;
  } classes[] = {
      {LIT("alnum"), alpha || digit},
      {LIT("alpha"), alpha},
      {LIT("blank"), blank},
      {LIT("cntrl"), control},
      {LIT("digit"), digit},
      {LIT("graph"), graph},
      {LIT("lower"), low},
      {LIT("print"), graph || c == ' '},
      {LIT("punct"), graph && !alpha && !digit},
      {LIT("space"), blank || (c >= '\n' && c <= '\r')},
      {LIT("upper"), upper},
      {LIT("xdigit"), digit || (lower(c) >= 'a' && lower(c) <= 'f')},
  };
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
    if (slice_eq(classes[i].name, name)) {
      *known = true;
      return classes[i].is;
    }
  *known = false;
  return false;
}

/* The [:name:] that p begins with; absent when it is none. */
static slice class_name(slice p) {
  if (p.len < 2 || p.base[0] != '[' || p.base[1] != ':')
    return (slice){NULL, 0};
  size_t end = 2;
  while (end < p.len && p.base[end] != ']')
    end++;
  if (end == p.len || end < 3 || p.base[end - 1] != ':')
    return (slice){NULL, 0};
  return slice_of(p.base + 2, end - 3);
}

/* Holds c against the set that p begins with.  Returns the set's length in the
 * pattern, or 0 when it is not closed or names an unknown class. */
static size_t match_set(slice p, char c, bool *matched) {
  unsigned char byte = (unsigned char)c;
  size_t i = 1;
  bool negated = i < p.len && (p.base[i] == '!' || p.base[i] == '^');
  if (negated)
    i++;
  bool found = false;
  int low = -1; /* the member before, which may begin a range */
  /* A "]" that comes first is a member. */
  for (size_t first = i; i < p.len; i++) {
    if (p.base[i] == ']' && i > first) {
      *matched = found != negated;
      return i + 1;
    }
    slice name = class_name(slice_skip(p, i));
    if (name.base != NULL) {
      bool known;
      if (in_class(name, c, &known))
        found = true;
      if (!known)
        return 0;
      i += name.len + 3;
      low = -1;
      continue;
    }
    bool range =
        p.base[i] == '-' && low >= 0 && i + 1 < p.len && p.base[i + 1] != ']';
    if (range)
      i++;
    if (p.base[i] == '\\' && ++i == p.len)
      return 0;
    unsigned char member = (unsigned char)p.base[i];
    if (range ? byte >= low && byte <= member : byte == member)
      found = true;
    low = range ? -1 : member;
  }
  return 0;
}

/* Holds one byte of a path against the element that p begins with, which is
 * not "*".  Returns the element's length, or 0 when they do not match. */
static size_t match_one(slice p, char c) {
  bool matched;
  size_t n;
  switch (p.base[0]) {
  case '?':
    return c != '/';
  case '[':
    n = match_set(p, c, &matched);
    return n > 0 && matched && c != '/' ? n : 0;
  case '\\':
    return p.len > 1 && p.base[1] == c ? 2 : 0;
  default:
    return p.base[0] == c;
  }
}

/* Whether the element at `at` is a slash, and how long it is. */
static size_t slash_at(slice p, size_t at) {
  return at < p.len ? match_one(slice_skip(p, at), '/') : 0;
}

bool glob_valid(slice pattern) {
  if (pattern.len == 0 || pattern.len > GLOB_MAX ||
      memchr(pattern.base, 0, pattern.len) != NULL)
    return false;
  for (size_t i = 0; i < pattern.len;) {
    bool matched;
    size_t n = 1;
    if (pattern.base[i] == '[')
      n = match_set(slice_skip(pattern, i), 0, &matched);
    else if (pattern.base[i] == '\\')
      n = i + 1 < pattern.len ? 2 : 0;
    if (n == 0)
      return false;
    i += n;
  }
  return true;
}

/* A place to go on from when what follows a star does not match. */
struct retry {
  size_t pattern, path;
  bool set;
};

/* Only the last "*" and the last "**" are worth trying again: those before
 * them matched as little as possible, and more of the path for them leaves
 * less for the rest.  A "*" ends at the slash after it for the same reason. */
bool glob_match(slice pattern, slice path) {
  struct retry star = {0}, folders = {0};
  size_t p = 0, t = 0;
  if (pattern.len > GLOB_MAX || path.len > EDGESTATIC_PATH_MAX)
    return false;
  for (;;) {
    if (p < pattern.len && pattern.base[p] == '*') {
      size_t end = p;
      while (end < pattern.len && pattern.base[end] == '*')
        end++;
      size_t slash = slash_at(pattern, end);
      bool segment = end - p > 1 && (p == 0 || pattern.base[p - 1] == '/') &&
                     (end == pattern.len || slash > 0);
      if (segment && end == pattern.len)
        return true;
      p = end;
      if (segment) {
        p += slash;
        folders = (struct retry){p, t, true};
        star.set = false;
      } else {
        star = (struct retry){p, t, true};
      }
      continue;
    }
    if (p == pattern.len && t == path.len)
      return true;
    if (p < pattern.len && t < path.len) {
      size_t n = match_one(slice_skip(pattern, p), path.base[t]);
      if (n > 0) {
        if (path.base[t] == '/')
          star.set = false;
        p += n;
        t++;
        continue;
      }
    }
    if (star.set && star.path < path.len && path.base[star.path] != '/') {
      star.path++;
      p = star.pattern;
      t = star.path;
      continue;
    }
    if (!folders.set)
      return false;
    while (folders.path < path.len && path.base[folders.path] != '/')
      folders.path++;
    if (folders.path == path.len)
      return false;
    folders.path++;
    p = folders.pattern;
    t = folders.path;
    star.set = false;
  }
}

slice glob_last_segment(slice path) {
  size_t begin = path.len;
  while (begin > 0 && path.base[begin - 1] != '/')
    begin--;
  return slice_skip(path, begin);
}

bool glob_match_file(slice pattern, slice path) {
  if (pattern.len == 0 || memchr(pattern.base, '/', pattern.len) == NULL)
    return glob_match(pattern, glob_last_segment(path));
  if (pattern.base[0] == '/')
    pattern = slice_skip(pattern, 1);
  return glob_match(pattern, path);
}
