/* rulepath.c - see rulepath.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/rulepath.h"

#include "core/expand.h"
#include "core/uri.h"

static bool fail(struct rulepath_fault *fault, enum rulefile_kind kind,
                 const char *at, const char *text) {
  *fault = (struct rulepath_fault){kind, at, text};
  return false;
}

static void put(struct rulepath *out, char c) {
  out->bytes[out->len++] = c;
}

static void put_escape(struct rulepath *out, char c) {
  static const char digits[] = "0123456789ABCDEF";
  put(out, '%');
  put(out, digits[(unsigned char)c >> 4]);
  put(out, digits[(unsigned char)c & 15]);
}

static bool is_word(char c) {
  return uri_is_alnum(c) || c == '_';
}

static bool is_dots(slice s) {
  return slice_eq(s, LIT(".")) || slice_eq(s, LIT(".."));
}

/* What follows i in a segment. */
static slice segment_at(slice path, size_t i) {
  size_t end = i;
  while (end < path.len && path.base[end] != '/')
    end++;
  return slice_of(path.base + i, end - i);
}

/* ---- Patterns ---- */

static bool capture(struct rulepath *out, char kind, slice name,
                    struct rulepath_fault *fault) {
  if (out->names == PATTERN_CAPTURES_MAX)
    return fail(fault, RULEFILE_LIMIT, name.base,
                "there are more than 31 placeholders; use a splat (*)");
  put(out, kind);
  out->name[out->names++] = name;
  out->dynamic = true;
  return true;
}

/* A literal byte of a path that is matched decoded; moves *i behind it. */
static bool put_decoded(struct rulepath *out, slice path, size_t *i,
                        struct rulepath_fault *fault) {
  char c = path.base[*i];
  const char *at = path.base + *i;
  if (uri_is_escape(path, *i)) {
    c = uri_escaped(path, *i);
    *i += 2;
    if ((unsigned char)c < ' ' || c == 0x7f || c == '/')
      return fail(fault, RULEFILE_DEAD, at,
                  "never matches: a request with this escape in its path is "
                  "not for a path of the site; remove it");
  }
  ++*i;
  if (c == '\\')
    return fail(fault, RULEFILE_DEAD, at,
                "never matches: a path has no backslash; write /");
  if (c == '?' || c == '#')
    return fail(fault, RULEFILE_DEAD, at,
                "never matches: a path has neither query nor fragment; a "
                "query is a condition of its own: /from name=value /to");
  put(out, c);
  return true;
}

/* A splat: where it is a whole segment its slash goes with it. */
static bool put_splat(struct rulepath *out, enum rulepath_style style,
                      slice path, size_t i, struct rulepath_fault *fault) {
  bool begins = path.base[i - 1] == '/';
  bool ends = i + 1 == path.len;
  char kind = PATTERN_ANY;
  if (style == RULEPATH_NETLIFY && begins &&
      (ends || path.base[i + 1] == '/')) {
    kind = PATTERN_REST;
    out->len--;
  } else if (style == RULEPATH_NETLIFY_HEADERS && begins && ends) {
    out->len--;
  }
  return capture(out, kind, LIT("splat"), fault);
}

/* Netlify's redirects know a splat as a segment and at the end. */
static bool is_splat(enum rulepath_style style, slice path, size_t i) {
  return style == RULEPATH_NETLIFY_HEADERS || i + 1 == path.len ||
         (path.base[i - 1] == '/' && path.base[i + 1] == '/');
}

static bool netlify_pattern(struct rulepath *out, enum rulepath_style style,
                            slice path, struct rulepath_fault *fault) {
  size_t i = 0;
  while (i < path.len) {
    bool begins = i > 0 && path.base[i - 1] == '/';
    slice segment = segment_at(path, i);
    if (begins && is_dots(segment))
      return fail(fault, RULEFILE_DEAD, segment.base,
                  "never matches: clients take \".\" and \"..\" out of a path; "
                  "write the path without");
    if (begins && segment.len > 1 && segment.base[0] == ':') {
      if (!capture(out, PATTERN_ONE, slice_skip(segment, 1), fault))
        return false;
      i += segment.len;
    } else if (i > 0 && path.base[i] == '*' && is_splat(style, path, i)) {
      if (!put_splat(out, style, path, i, fault))
        return false;
      i++;
    } else if (!put_decoded(out, path, &i, fault)) {
      return false;
    }
  }
  if (out->len > 1 && out->bytes[out->len - 1] == '/')
    out->len--;
  return true;
}

/* Of a path that a URL parser has seen (WHATWG URL, path percent-encode set;
 * the rest of it cannot be in a word of a line). */
static bool is_encoded_there(char c) {
  return (unsigned char)c >= 0x80 || c == '"' || c == '<' || c == '>' ||
         c == '`' || c == '{' || c == '}';
}

/* Cloudflare makes a regular expression of it, which a name twice breaks; and
 * it replaces each name wherever it stands, in longer names too. */
static bool name_is_free(const struct rulepath *out, slice name,
                         struct rulepath_fault *fault) {
  for (size_t i = 0; i < out->names; i++)
    if (slice_starts(name, out->name[i]))
      return fail(fault, RULEFILE_SYNTAX, name.base,
                  slice_eq(name, out->name[i])
                      ? "Cloudflare drops the rule: this placeholder or splat "
                        "is there twice; give it another name"
                      : "Cloudflare drops the rule: this name begins with that "
                        "of an earlier placeholder; rename one");
  return true;
}

static bool cloudflare_pattern(struct rulepath *out, slice path,
                               struct rulepath_fault *fault) {
  for (size_t i = 0; i < path.len; i++) {
    char c = path.base[i];
    if (i > 0 && path.base[i - 1] == '/' && is_dots(segment_at(path, i)))
      return fail(fault, RULEFILE_DEAD, path.base + i,
                  "never matches: clients take \".\" and \"..\" out of a path; "
                  "write the path without");
    size_t len = 0; /* of a name */
    if (c == ':' && i + 1 < path.len && uri_is_alnum(path.base[i + 1]) &&
        !is_digit(path.base[i + 1]))
      while (i + 1 + len < path.len && is_word(path.base[i + 1 + len]))
        len++;
    slice name = c == '*' ? LIT("splat") : slice_of(path.base + i + 1, len);
    if (c == '*' || len > 0) {
      bool is_free = name_is_free(out, name, fault);
      if (!is_free)
        fault->at = path.base + i;
      if (!is_free ||
          !capture(out, c == '*' ? PATTERN_ANY : PATTERN_ONE, name, fault))
        return false;
      i += len;
    } else if (c == '\\') {
      return fail(fault, RULEFILE_DEAD, path.base + i,
                  "never matches: a path has no backslash; write /");
    } else if (is_encoded_there(c)) {
      put_escape(out, c);
    } else {
      put(out, c);
    }
  }
  return true;
}

bool rulepath_pattern(struct rulepath *out, enum rulepath_style style,
                      slice path, struct rulepath_fault *fault) {
  out->len = out->names = 0;
  out->dynamic = false;
  if (!(style == RULEPATH_CLOUDFLARE
            ? cloudflare_pattern(out, path, fault)
            : netlify_pattern(out, style, path, fault)))
    return false;
  if (out->len > PACK_LOCATION_MAX)
    return fail(fault, RULEFILE_LIMIT, path.base,
                "the path is longer than that of any request; shorten it");
  return true;
}

/* ---- Targets ---- */

/* The number + 1 of the name that stands behind a colon, and its length. */
static size_t find_name(const struct rulepath *from, slice rest, size_t *len) {
  for (size_t i = 0; i < from->names; i++)
    if (from->name[i].len > 0 && slice_starts(rest, from->name[i])) {
      *len = from->name[i].len;
      return i + 1;
    }
  return 0;
}

static const char host_fault[] =
    "a host has letters, digits, \"-\" and \".\" (an international name as "
    "xn--), no user, and a placeholder in it goes before a \".\"";

bool rulepath_target(struct rulepath *out, const struct rulepath *from,
                     slice target, bool page, struct rulepath_fault *fault,
                     const char **unknown) {
  size_t path = expand_path(target); /* of the host's end, or 0 */
  size_t i = 0;
  char delimiter = '\0'; /* the last of "?" and "#" */
  *unknown = NULL;
  out->len = out->names = 0;
  out->dynamic = false;
  if (path > 0)
    for (; i == 0 || target.base[i - 1] != '/' || target.base[i] != '/'; i++)
      put(out, target.base[i]); /* the scheme, and one slash */
  for (; i <= target.len; i++) {
    if (i == path && path > 0 && (i == target.len || target.base[i] != '/'))
      put(out, '/');
    if (i == target.len)
      break;
    char c = target.base[i];
    slice rest = slice_skip(target, i + 1);
    size_t len = 0;
    size_t number = c == ':' ? find_name(from, rest, &len) : 0;
    if (number > 0) {
      put(out, (char)number);
      out->dynamic = true;
      i += len;
      continue;
    }
    if (c == ':' && i >= path && rest.len > 0 && uri_is_alnum(rest.base[0]) &&
        !is_digit(rest.base[0]) && from->names > 0)
      *unknown = target.base + i;
    if ((c == '?' && delimiter == '\0') || (c == '#' && delimiter != '#')) {
      /* One with nothing behind it says nothing. */
      if (page && path == 0)
        break;
      delimiter = c;
      if (rest.len > 0 && !(c == '?' && rest.base[0] == '#'))
        put(out, c);
    } else if (i < path || uri_is_query(c) || uri_is_escape(target, i)) {
      put(out, c);
    } else {
      put_escape(out, c);
    }
  }
  slice template = slice_of(out->bytes, out->len);
  if (out->len > PACK_LOCATION_MAX)
    return fail(fault, RULEFILE_LIMIT, target.base,
                "the target is too long; shorten it");
  if (!expand_valid(template, false))
    return fail(fault, RULEFILE_VALUE, target.base, host_fault);
  return true;
}

bool rulepath_loops(const struct rulepath *from, const struct rulepath *to,
                    enum rulepath_style style) {
  size_t i = 0, k = 0, number = 0;
  slice path = slice_of(to->bytes, to->len);
  for (size_t n = 0; n < path.len; n++)
    if (path.base[n] == '?')
      return false;
    else if (path.base[n] == '#')
      path.len = n;
  if (style != RULEPATH_CLOUDFLARE && path.len > 1 &&
      path.base[path.len - 1] == '/')
    path.len--;
  for (; i < from->len; i++) {
    char c = from->bytes[i];
    if (c == PATTERN_REST && (k == path.len || path.base[k++] != '/'))
      return false;
    if (c == PATTERN_ONE || c == PATTERN_ANY || c == PATTERN_REST)
      c = (char)++number;
    if (k == path.len || path.base[k++] != c)
      return false;
  }
  return k == path.len;
}
