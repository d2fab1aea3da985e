/* lint_ask.c - see lint_ask.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/lint_ask.h"

#include "core/format.h"
#include "core/list.h"
#include "core/pattern.h"
#include "core/uri.h"

struct writer {
  char *out;
  size_t room, len;
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

/* A pattern with "x" for what it captures. */
static void put_pattern(struct writer *w, slice pattern, bool decoded) {
  for (size_t i = 0; i < pattern.len; i++) {
    char c = pattern.base[i];
    if (c == PATTERN_REST)
      put(w, '/');
    if (c == PATTERN_ONE || c == PATTERN_ANY || c == PATTERN_REST)
      put(w, 'x');
    else if (c == '/' || uri_is_path(c) || (!decoded && c == '%'))
      put(w, c);
    else
      put_escape(w, c);
  }
}

/* The pattern of the folder that a splat at the end is in; absent: none. */
static slice folder_of(slice pattern) {
  char last = pattern.len > 0 ? pattern.base[pattern.len - 1] : '\0';
  if (last == PATTERN_REST && pattern.len > 1)
    return slice_of(pattern.base, pattern.len - 1);
  if (last == PATTERN_ANY && pattern.len > 2 &&
      pattern.base[pattern.len - 2] == '/')
    return slice_of(pattern.base, pattern.len - 2);
  return (slice){NULL, 0};
}

/* Writes the last letter or digit as an escape; false: there is none. */
static bool escape_letter(struct writer *w) {
  size_t i = w->len;
  while (i > 0 && !uri_is_alnum(w->out[i - 1]))
    i--;
  if (i == 0 || i + 2 > w->room || w->len + 2 > w->room ||
      (i > 2 && (w->out[i - 2] == '%' || w->out[i - 3] == '%')))
    return false;
  char c = w->out[i - 1];
  size_t behind = w->len - i;
  memmove(w->out + i + 2, w->out + i, behind);
  w->len = i - 1;
  put_escape(w, c);
  w->len += behind;
  return true;
}

static bool put_path(struct writer *w, const struct redirects *of,
                     const struct redirect *r, enum lint_spelling spelling) {
  slice pattern = r->path;
  if (spelling == LINT_PREFIX)
    pattern = folder_of(pattern);
  if (!pattern.base)
    return false;
  put_pattern(w, pattern, of->file.dialect == RULEFILE_NETLIFY);
  bool slash = w->len > 1 && w->out[w->len - 1] == '/';
  /* Netlify's patterns have none; this is how the line has it. */
  if (!slash && !r->dynamic && w->len > 1 && slice_ends(r->from, LIT("/")) &&
      spelling != LINT_SLASH)
    put(w, '/');
  else if (spelling == LINT_SLASH && folder_of(pattern).base)
    return false; /* says no more than the plain one */
  else if (spelling == LINT_SLASH && slash)
    w->len--;
  else if (spelling == LINT_SLASH && w->len > 1 &&
           !(slice_ends(r->from, LIT("/")) && !r->dynamic))
    put(w, '/');
  else if (spelling == LINT_SLASH && w->len == 1)
    return false;
  return spelling != LINT_ENCODED || escape_letter(w);
}

static void put_parameter(struct writer *w, slice s) {
  for (size_t i = 0; i < s.len; i++)
    if (uri_is_parameter(s.base[i]))
      put(w, s.base[i]);
    else
      put_escape(w, s.base[i]);
}

static slice first_of(slice names) {
  slice name = {NULL, 0};
  list_next(&names, &name);
  return name;
}

/* A cookie of that name in a block. */
static slice make_cookie(struct lint_ask *ask, slice name) {
  if (name.len + 2 > sizeof ask->cookie)
    return (slice){NULL, 0};
  memcpy(ask->cookie, name.base, name.len);
  memcpy(ask->cookie + name.len, "=1", 2);
  return slice_of(ask->cookie, name.len + 2);
}

/* False: no request is known to meet it. */
static bool meet(struct lint_ask *ask, struct writer *w, char *delimiter,
                 const struct redirect_condition *c) {
  slice *field = ask->request.field, name = first_of(c->value);
  switch (c->kind) {
  case CONDITION_PARAMETER:
  case CONDITION_CAPTURE:
    put(w, *delimiter);
    put_parameter(w, c->name);
    put(w, '=');
    put_parameter(w, c->kind == CONDITION_CAPTURE ? LIT("x") : c->value);
    *delimiter = '&';
    return true;
  case CONDITION_LANGUAGE:
    field[EDGESTATIC_FIELD_ACCEPT_LANGUAGE] = name;
    return name.len > 0;
  case CONDITION_COOKIE:
    field[EDGESTATIC_FIELD_COOKIE] = make_cookie(ask, name);
    return name.len > 0;
  case CONDITION_COUNTRY:
    ask->request.country = name;
    return name.len > 0;
  default:
    return false;
  }
}

bool lint_ask_rule(struct lint_ask *ask, const struct redirects *of,
                   const struct redirect *r, enum lint_spelling spelling) {
  struct writer w = {.out = ask->target, .room = sizeof ask->target};
  char delimiter = '?';
  ask->request = (edgestatic_request){.method = LIT("GET")};
  ask->request.field[EDGESTATIC_FIELD_SEC_FETCH_MODE] = LIT("navigate");
  if (r->host.len > 0)
    ask->request.field[EDGESTATIC_FIELD_HOST] = r->host;
  if (r->https)
    ask->request.flags = EDGESTATIC_REQUEST_TLS;
  if (!put_path(&w, of, r, spelling))
    return false;
  for (size_t i = 0; i < r->conditions; i++)
    if (!meet(ask, &w, &delimiter, &of->condition[r->condition + i]))
      return false;
  if (spelling == LINT_QUERY) {
    put(&w, delimiter);
    put_parameter(&w, LIT("edgestatic"));
    put(&w, '=');
    put(&w, '1');
  }
  ask->request.target = slice_of(ask->target, w.len);
  return !w.full;
}

void lint_ask(struct lint_ask *ask, const struct lint_reading *reading) {
  edgestatic_respond(edgestatic_pack_store(reading->pack), &ask->request,
                     &ask->response);
}

unsigned lint_ask_line(const struct lint_ask *ask,
                       const struct lint_reading *reading) {
  unsigned line = 0;
  if (ask->response.rule == EDGESTATIC_NONE)
    return 0;
  slice origin = edgestatic_store_rule(edgestatic_pack_store(reading->pack),
                                       ask->response.rule);
  for (size_t i = sizeof "_redirects:" - 1; i < origin.len; i++)
    line = line * 10 + (unsigned)(origin.base[i] - '0');
  return line;
}

slice lint_ask_location(const struct lint_ask *ask,
                        const struct lint_reading *reading) {
  const edgestatic_store *store = edgestatic_pack_store(reading->pack);
  bool redirect = ask->response.status >= 300 && ask->response.status < 400;
  for (uint32_t i = 0; redirect && i < ask->response.field_count; i++) {
    edgestatic_field f = edgestatic_response_field(store, &ask->response, i);
    if (slice_eq_nocase(f.name, LIT("Location")))
      return f.value;
  }
  return (slice){NULL, 0};
}

slice lint_ask_file(const struct lint_ask *ask,
                    const struct lint_reading *reading) {
  if (ask->response.variant == EDGESTATIC_NONE)
    return (slice){NULL, 0};
  return edgestatic_store_asset(edgestatic_pack_store(reading->pack),
                                ask->response.asset)
      .file;
}

bool lint_ask_follow(const struct lint *l, struct lint_ask *ask,
                     slice location) {
  slice host = l->options->host;
  bool secured = slice_starts(location, LIT("https://"));
  if (secured || slice_starts(location, LIT("http://"))) {
    location = slice_skip(location, secured ? 8 : 7);
    if (host.len == 0 || location.len <= host.len ||
        location.base[host.len] != '/' ||
        !slice_eq_nocase(slice_of(location.base, host.len), host))
      return false;
    location = slice_skip(location, host.len);
    ask->request.field[EDGESTATIC_FIELD_HOST] = host;
    ask->request.flags = secured ? EDGESTATIC_REQUEST_TLS : 0;
  }
  if (location.len == 0 || location.base[0] != '/' ||
      slice_starts(location, LIT("//")))
    return false;
  for (size_t i = 0; i < location.len; i++)
    if (location.base[i] == '#')
      location.len = i; /* is not sent (RFC 9110 section 4.2) */
  if (location.len > sizeof ask->target)
    return false;
  memcpy(ask->target, location.base, location.len);
  ask->request.target = slice_of(ask->target, location.len);
  return true;
}
