/* cgi_request.c - a request from CGI's meta-variables (RFC 3875 section 4.1).
 *
 * Rulings:
 * - REQUEST_URI is no variable of the RFC, but most servers give it: the
 *   target as the client sent it.  It is preferred, since the other ones are
 *   decoded (section 4.1.5), and "%2F" cannot be told from "/" there.
 * - Without it the target is SCRIPT_NAME and PATH_INFO, encoded again, so that
 *   the core's one decoding gives that path; QUERY_STRING is encoded as it is
 *   (section 4.1.7).  A query that is empty cannot be told from none.
 * - The connection is secured when HTTPS is "on" or "1", as Apache, nginx and
 *   lighttpd say it; the RFC has no variable for that.
 * - The server has joined field lines (section 4.1.18).
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/str.h"
#include "guest/cgi.h"

static slice slice_of_string(const char *s) {
  size_t len = 0;
  while (s[len] != '\0')
    len++;
  return slice_of(s, len);
}

/* "HTTP_IF_MATCH" is If-Match; the longest name that the core knows has 30
 * bytes. */
#define FIELD_NAME_MAX 64

static void add_field(struct guest_request *r, slice variable, slice value) {
  char name[FIELD_NAME_MAX];
  if (variable.len > sizeof name)
    return;
  for (size_t i = 0; i < variable.len; i++)
    name[i] = variable.base[i] == '_' ? '-' : variable.base[i];
  guest_field(r, edgestatic_field_find(slice_of(name, variable.len)), value);
}

/* What may stand in a path as it is: pchar and "/" (RFC 3986 section 3.3). */
static bool is_path_byte(char c) {
  char l = lower(c);
  if ((l >= 'a' && l <= 'z') || is_digit(c))
    return true;
  slice marks = LIT("-._~!$&'()*+,;=:@/");
  for (size_t i = 0; i < marks.len; i++)
    if (c == marks.base[i])
      return true;
  return false;
}

static void append(struct guest_request *r, char c) {
  if (guest_room_size(r) == 0) {
    r->refused = 414;
    return;
  }
  *guest_room(r) = c;
  guest_take(r, 1);
}

static void append_encoded(struct guest_request *r, slice path) {
  for (size_t i = 0; i < path.len; i++) {
    unsigned char c = (unsigned char)path.base[i];
    if (is_path_byte(path.base[i])) {
      append(r, path.base[i]);
      continue;
    }
    append(r, '%');
    append(r, "0123456789ABCDEF"[c >> 4]);
    append(r, "0123456789ABCDEF"[c & 15]);
  }
}

static void build_target(struct guest_request *r, slice script, slice info,
                         slice query) {
  size_t from = r->used;

  /* Some servers mount a script at "/"; the slash is in PATH_INFO too. */
  if (slice_ends(script, LIT("/")) && slice_starts(info, LIT("/")))
    script.len--;
  append_encoded(r, script);
  append_encoded(r, info);
  if (r->used == from)
    append(r, '/');
  if (query.len > 0) {
    append(r, '?');
    for (size_t i = 0; i < query.len; i++)
      append(r, query.base[i]);
  }
  r->core.target = slice_of(r->text + from, r->used - from);
}

void cgi_request(struct guest_request *r, const char *const *variable,
                 size_t count) {
  slice uri = LIT(""), script = LIT(""), info = LIT(""), query = LIT("");

  guest_begin(r);
  for (size_t i = 0; i < count; i++) {
    slice name = slice_of_string(variable[i]), value = LIT("");
    for (size_t at = 0; at < name.len; at++)
      if (name.base[at] == '=') {
        value = slice_skip(name, at + 1);
        name.len = at;
      }
    if (slice_starts(name, LIT("HTTP_")))
      add_field(r, slice_skip(name, 5), value);
    else if (slice_eq(name, LIT("REQUEST_METHOD")))
      r->core.method = value;
    else if (slice_eq(name, LIT("REQUEST_URI")))
      uri = value;
    else if (slice_eq(name, LIT("SCRIPT_NAME")))
      script = value;
    else if (slice_eq(name, LIT("PATH_INFO")))
      info = value;
    else if (slice_eq(name, LIT("QUERY_STRING")))
      query = value;
    else if (slice_eq(name, LIT("HTTPS")) &&
             (slice_eq_nocase(value, LIT("on")) || slice_eq(value, LIT("1"))))
      r->core.flags |= EDGESTATIC_REQUEST_TLS;
  }
  if (uri.len > 0)
    r->core.target = uri;
  else
    build_target(r, script, info, query);
}
