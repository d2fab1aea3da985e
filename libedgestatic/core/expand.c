/* expand.c - fills what a rule captured into its target.
 *
 * Rulings:
 * - A slash that was captured in a path stays one.  One that came in a
 *   parameter is written %2F: who asks must not choose folders by his query.
 * - In a query, what was captured of a decoded path or of a parameter is one
 *   value: "&", "=" and "+" in it are written as escapes.  What was captured
 *   as it came is left as it came, which is how the dialect that matches
 *   encoded paths has it.
 * - The query of the target is the query; else the request's is appended,
 *   before a fragment.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/expand.h"
#include "core/uri.h"

enum part { PART_HOST, PART_PATH, PART_QUERY, PART_FRAGMENT };

struct writer {
  char *out;
  size_t room, len;
  enum part part;
  bool local;   /* no scheme and host: the first byte is "/" */
  bool squeeze; /* repeated slashes of the path */
  bool full;
};

static void put(struct writer *w, char c) {
  if (w->len == w->room)
    w->full = true;
  else
    w->out[w->len++] = c;
}

static void put_escape(struct writer *w, char c) {
  static const char digits[] = "0123456789ABCDEF";
  put(w, '%');
  put(w, digits[(unsigned char)c >> 4]);
  put(w, digits[(unsigned char)c & 15]);
}

/* "//" at the beginning would name a host. */
static void put_slash(struct writer *w) {
  bool repeated =
      w->part == PART_PATH && w->len > 0 && w->out[w->len - 1] == '/';
  if (!repeated || !(w->squeeze || (w->local && w->len == 1)))
    put(w, '/');
}

static void put_literal(struct writer *w, char c) {
  if (c == '?' && w->part < PART_QUERY)
    w->part = PART_QUERY;
  else if (c == '#')
    w->part = PART_FRAGMENT;
  if (c == '/' && w->part <= PART_PATH)
    put_slash(w);
  else
    put(w, c);
}

static bool is_label(slice s) {
  for (size_t i = 0; i < s.len; i++)
    if (!uri_is_alnum(s.base[i]) && s.base[i] != '-' && s.base[i] != '_' &&
        s.base[i] != '.')
      return false;
  return s.len > 0;
}

static void put_capture(struct writer *w, const struct capture *c) {
  bool path = w->part == PART_PATH;
  for (size_t i = 0; i < c->text.len; i++) {
    char byte = c->text.base[i];
    bool escape = c->form != CAPTURE_DECODED && uri_is_escape(c->text, i);
    if (c->form == CAPTURE_PARAMETER && byte == '+')
      byte = ' ';
    if (escape && c->form == CAPTURE_PARAMETER)
      byte = uri_escaped(c->text, i);
    if (escape && c->form == CAPTURE_ENCODED) {
      put(w, '%');
      put(w, c->text.base[i + 1]);
      put(w, c->text.base[i + 2]);
    } else if (path && byte == '/' && c->form != CAPTURE_PARAMETER) {
      put_slash(w);
    } else if (path                         ? uri_is_path(byte)
               : c->form == CAPTURE_ENCODED ? uri_is_query(byte)
                                            : uri_is_parameter(byte)) {
      put(w, byte);
    } else {
      put_escape(w, byte);
    }
    if (escape)
      i += 2;
  }
}

/* As it came, but for what no URI may have. */
static void put_query(struct writer *w, slice query) {
  if (query.len < 2) /* none, or a "?" alone */
    return;
  for (size_t i = 0; i < query.len; i++)
    if (uri_is_query(query.base[i]) || uri_is_escape(query, i))
      put(w, query.base[i]);
    else
      put_escape(w, query.base[i]);
}

size_t expand_path(slice t) {
  size_t i;
  if (slice_starts(t, LIT("//")))
    i = 2;
  else if (slice_starts(t, LIT("https://")))
    i = 8;
  else if (slice_starts(t, LIT("http://")))
    i = 7;
  else
    return 0;
  while (i < t.len && t.base[i] != '/' && t.base[i] != '?' && t.base[i] != '#')
    i++;
  return i;
}

enum expand_result expand(const struct expand *e, char *out, size_t room,
                          size_t *len) {
  slice t = e->template;
  size_t path = expand_path(t);
  struct writer w = {.out = out,
                     .room = room,
                     .part = path > 0 ? PART_HOST : PART_PATH,
                     .local = path == 0,
                     .squeeze = e->squeeze};
  bool has_query = false;
  *len = 0;
  for (size_t i = 0; i < t.len && !w.full; i++) {
    unsigned char c = (unsigned char)t.base[i];
    if (i == path && w.part == PART_HOST)
      w.part = PART_PATH;
    if (c == '#' && !has_query && w.part != PART_FRAGMENT) {
      put_query(&w, e->query);
      has_query = true;
    }
    if (c > PATTERN_CAPTURES_MAX) {
      put_literal(&w, (char)c);
      has_query = has_query || w.part == PART_QUERY;
    } else if (c > 0 && c <= e->count) {
      const struct capture *capture = &e->capture[c - 1];
      if (w.part != PART_HOST)
        put_capture(&w, capture);
      else if (is_label(capture->text))
        for (size_t k = 0; k < capture->text.len; k++)
          put(&w, capture->text.base[k]);
      else
        return EXPAND_NOT_A_HOST;
    }
  }
  if (!has_query)
    put_query(&w, e->query);
  if (w.full)
    return EXPAND_TOO_LONG;
  *len = w.len;
  return EXPAND_OK;
}

/* A host is literal at its end, so that no request can name another one; "@"
 * would make what is before it a user (RFC 3986 section 3.2.1). */
static bool host_valid(slice host) {
  if (host.len == 0 || host.base[0] == '.' || host.base[0] == ':')
    return false;
  for (size_t i = 0; i < host.len; i++) {
    char c = host.base[i];
    if ((unsigned char)c <= PATTERN_CAPTURES_MAX) {
      if (i + 1 == host.len || host.base[i + 1] != '.')
        return false;
    } else if (!uri_is_alnum(c) && c != '-' && c != '.' && c != '_' &&
               c != ':' && c != '[' && c != ']') {
      return false;
    }
  }
  return host.base[host.len - 1] != '.';
}

bool expand_valid(slice t, bool local) {
  size_t path = expand_path(t), begin = 0;
  if (path > 0) {
    while (t.base[begin] != '/')
      begin++;
    begin += 2;
    if (local || path == t.len || t.base[path] != '/' ||
        !host_valid(slice_of(t.base + begin, path - begin)))
      return false;
  } else if (t.len == 0 || t.base[0] != '/') {
    return false;
  }
  bool fragment = false;
  for (size_t i = path; i < t.len; i++) {
    char c = t.base[i];
    if (c == '#' && fragment)
      return false;
    fragment = fragment || c == '#';
    if (c == '\0' || ((unsigned char)c > PATTERN_CAPTURES_MAX &&
                      !uri_is_query(c) && c != '#' && !uri_is_escape(t, i)))
      return false;
  }
  return true;
}
