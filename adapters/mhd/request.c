/* request.c - see request.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "request.h"

#include <microhttpd.h>

/* ---- Where libmicrohttpd 0.9 has to be watched ---- */

/* Its parser works in place: it writes a NUL over each line end, each colon
 * and the ends of method and target, and all that it found points in there.
 * What it misread leaves bytes that nothing points to:
 *   - a NUL in a target or a value: it takes it for the end;
 *   - obs-fold (RFC 9112 section 5.2): it appends the line to the field's
 *     name, so that "Transfer-Encoding: x" and " y" become a field
 *     "Transfer-Encodingy" that nobody looks for;
 *   - a line that begins with a colon: it takes it for the end of the header,
 *     and what follows for another request.
 * So the header is walked from its first byte to its last, and refused unless
 * every byte is accounted for.  Folded values are refused with it, as the
 * section allows. */
struct walk {
  const char *at, *end; /* [at, end) is not accounted for yet */
  bool lost;
};

static void walk_begin(struct walk *walk, const struct request_line *line) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(
      line->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  const char *version_end = line->version + strlen(line->version);

  walk->at = version_end;
  walk->end = version_end;
  walk->lost = info == NULL || line->method + info->header_size < version_end;
  if (!walk->lost)
    walk->end = line->method + info->header_size;
}

/* The target lies between url and version, with one blank behind it.  One byte
 * may be missing of it (see add_argument). */
static void walk_target(struct walk *walk, const struct request_line *line,
                        slice target) {
  size_t raw_len = (size_t)(line->version - line->url) - 1;

  if (raw_len != target.len && raw_len != target.len + 1)
    walk->lost = true;
}

/* One or two NULs: a line end was LF or CR LF. */
static void walk_line_end(struct walk *walk) {
  for (int i = 0; i < 2 && walk->at < walk->end && *walk->at == '\0'; i++)
    walk->at++;
}

/* The next field has to begin where the last one ended, and its value behind
 * the colon and white space. */
static void walk_field(struct walk *walk, slice name, slice value) {
  const char *p = name.base + name.len + 1;

  walk_line_end(walk);
  if (walk->lost || name.base != walk->at || name.len == 0 ||
      (size_t)(walk->end - walk->at) <= name.len) {
    walk->lost = true;
    return;
  }
  while (p < walk->end && is_ows(*p))
    p++;
  if (value.base != p || (size_t)(walk->end - p) < value.len)
    walk->lost = true;
  walk->at = p + value.len;
}

static bool walk_is_complete(struct walk *walk) {
  walk_line_end(walk);
  walk_line_end(walk);
  return !walk->lost && walk->at == walk->end;
}

/* ---- Reading ---- */

struct reader {
  const struct request_line *line;
  struct request_room *room;
  struct gate gate;            /* request_judge */
  edgestatic_request *request; /* request_read */
  slice target;
  bool has_query;
  bool watch; /* libmicrohttpd 0.9 */
  struct walk walk;
  int refused;
};

/* ---- Room ---- */

static bool append(struct request_room *room, slice s) {
  if (s.len > sizeof room->text - room->len)
    return false;
  if (s.len > 0)
    memcpy(room->text + room->len, s.base, s.len);
  room->len += s.len;
  return true;
}

/* Whether s is what was appended last, so that it can grow in place. */
static bool is_last(const struct request_room *room, slice s) {
  return s.base + s.len == room->text + room->len;
}

static slice slice_of_value(const char *s, size_t len) {
  return s != NULL ? slice_of(s, len) : slice_of("", 0);
}

/* ---- The target ---- */

/* libmicrohttpd cuts the query at "&" and "=" and makes blanks of "+" in it;
 * a blank cannot stand in a target, so this is undone without doubt.  An "&"
 * at the end and a "?" with nothing behind it are lost. */
static void add_argument(struct reader *r, slice key, const char *value,
                         size_t value_len) {
  struct request_room *room = r->room;
  bool fits = true;
  size_t first;

  if (!r->has_query) {
    r->has_query = true;
    room->len = 0;
    fits = append(room, r->target);
  }
  first = room->len;
  fits = fits && append(room, first == r->target.len ? LIT("?") : LIT("&")) &&
         append(room, key);
  if (value != NULL)
    fits = fits && append(room, LIT("=")) &&
           append(room, slice_of(value, value_len));
  if (!fits) {
    r->refused = GATE_TARGET_LONG;
    return;
  }
  for (size_t i = first; i < room->len; i++)
    if (room->text[i] == ' ')
      room->text[i] = '+';
}

/* With all arguments seen, before anything else is put into the room.  Not in
 * add_argument, since the path's length tells there whether an argument is the
 * first. */
static void finish_target(struct reader *r) {
  if (r->has_query) {
    r->target = slice_of(r->room->text, r->room->len);
    r->has_query = false;
  }
}

/* ---- The two steps ---- */

static enum MHD_Result judge_value(void *cls, enum MHD_ValueKind kind,
                                   const char *key, size_t key_len,
                                   const char *value, size_t value_len) {
  struct reader *r = cls;
  slice name = slice_of_value(key, key_len);

  if (kind == MHD_GET_ARGUMENT_KIND) {
    add_argument(r, name, value, value_len);
  } else {
    slice text = slice_of_value(value, value_len);
    if (r->watch)
      walk_field(&r->walk, name, text);
    gate_field(&r->gate, name, text);
  }
  return r->refused == GATE_PASS ? MHD_YES : MHD_NO;
}

int request_judge(const struct request_line *line, struct request_room *room,
                  slice *target) {
  struct reader r = {.line = line, .room = room};

  r.watch = MHD_get_version()[0] == '0';
  if (r.watch)
    walk_begin(&r.walk, line);
  r.target = slice_of(line->url, strlen(line->url));
  MHD_get_connection_values_n(line->connection,
                              MHD_HEADER_KIND | MHD_GET_ARGUMENT_KIND,
                              judge_value, &r);
  finish_target(&r);
  *target = r.target;
  if (r.refused != GATE_PASS)
    return r.refused;
  if (r.watch) {
    walk_target(&r.walk, line, r.target);
    if (!walk_is_complete(&r.walk))
      return GATE_HEADER;
  }
  return gate_rule(&r.gate, slice_of(line->version, strlen(line->version)),
                   r.target);
}

/* RFC 9110 section 5.3: lines of one field are joined with a comma, those of
 * Cookie with a semicolon (RFC 6265 section 5.4 sends one line; RFC 9113
 * section 8.2.3 says how several are joined). */
static bool add_field(struct reader *r, int id, slice value) {
  slice *field = &r->request->field[id];
  struct request_room *room = r->room;

  if (field->base == NULL) {
    *field = value;
    return true;
  }
  if (!is_last(room, *field)) {
    slice copy = slice_of(room->text + room->len, field->len);
    if (!append(room, *field))
      return false;
    *field = copy;
  }
  if (!append(room, id == EDGESTATIC_FIELD_COOKIE ? LIT("; ") : LIT(", ")) ||
      !append(room, value))
    return false;
  field->len += 2 + value.len;
  return true;
}

/* The arguments come first, in one piece of the room; fields follow. */
static enum MHD_Result read_value(void *cls, enum MHD_ValueKind kind,
                                  const char *key, size_t key_len,
                                  const char *value, size_t value_len) {
  struct reader *r = cls;
  slice name = slice_of_value(key, key_len);

  if (kind == MHD_GET_ARGUMENT_KIND) {
    add_argument(r, name, value, value_len);
  } else if (r->request != NULL) {
    int id = edgestatic_field_find(name);
    finish_target(r);
    if (id >= 0 &&
        !add_field(r, id, slice_trim(slice_of_value(value, value_len))))
      r->refused = GATE_FIELDS_LONG;
  }
  return r->refused == GATE_PASS ? MHD_YES : MHD_NO;
}

int request_read(const struct request_line *line, struct request_room *room,
                 edgestatic_request *request) {
  struct reader r = {.line = line, .room = room, .request = request};
  slice authority, rest;

  memset(request, 0, sizeof *request);
  room->len = 0;
  r.target = slice_of(line->url, strlen(line->url));
  MHD_get_connection_values_n(line->connection,
                              MHD_GET_ARGUMENT_KIND | MHD_HEADER_KIND,
                              read_value, &r);
  finish_target(&r);
  request->method = slice_of(line->method, strlen(line->method));
  request->target = r.target;
  /* RFC 9112 section 3.2.2: the target's authority is in force, not Host. */
  if (gate_cut_absolute(r.target, &authority, &rest))
    request->field[EDGESTATIC_FIELD_HOST] = authority;
  return r.refused;
}

slice request_target(const struct request_line *line,
                     struct request_room *room) {
  struct reader r = {.line = line, .room = room};

  r.target = slice_of(line->url, strlen(line->url));
  MHD_get_connection_values_n(line->connection, MHD_GET_ARGUMENT_KIND,
                              read_value, &r);
  finish_target(&r);
  return r.target;
}
