/* request.c - see request.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "request.h"

#include <microhttpd.h>

struct reader {
  const struct request_line *line;
  struct request_room *room;
  struct gate gate;            /* request_judge */
  edgestatic_request *request; /* request_read */
  slice target;
  bool has_query;
  bool lax; /* libmicrohttpd 0.9: its parser needs watching */
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

/* With all arguments seen.  Not in add_argument, since the path's length tells
 * there whether an argument is the first. */
static void finish_target(struct reader *r) {
  if (r->has_query)
    r->target = slice_of(r->room->text, r->room->len);
}

/* ---- Where libmicrohttpd 0.9 has to be watched ---- */

/* Its strings end at a NUL, so "/a\0b" would be taken for "/a".  But url and
 * version lie in one buffer, as they came: what is between them is the target
 * and one blank.  One byte may be missing (see add_argument). */
static bool target_has_nul(const struct reader *r) {
  uintptr_t raw_len = (uintptr_t)r->line->version - (uintptr_t)r->line->url - 1;

  return raw_len != r->target.len && raw_len != r->target.len + 1;
}

/* It unfolds obs-fold (RFC 9112 section 5.2) into the name of the field: of
 * "Transfer-Encoding: x" and " y" it makes "Transfer-Encodingy", which nobody
 * looks for.  The value of a field that was not folded begins where the name
 * ends, after the colon (now a NUL) and white space; folded ones are refused,
 * as the section allows. */
static bool is_folded(slice name, const char *value) {
  const char *p = name.base + name.len + 1;

  if ((uintptr_t)value < (uintptr_t)p ||
      (uintptr_t)value - (uintptr_t)p > REQUEST_ROOM_MAX)
    return true;
  while (p < value && is_ows(*p))
    p++;
  return p != value;
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
    if (r->lax && is_folded(name, value))
      r->refused = GATE_VALUE;
    gate_field(&r->gate, name, slice_of_value(value, value_len));
  }
  return r->refused == GATE_PASS ? MHD_YES : MHD_NO;
}

int request_judge(const struct request_line *line, struct request_room *room,
                  slice *target) {
  struct reader r = {.line = line, .room = room};

  r.lax = MHD_get_version()[0] == '0';
  r.target = slice_of(line->url, strlen(line->url));
  MHD_get_connection_values_n(line->connection,
                              MHD_HEADER_KIND | MHD_GET_ARGUMENT_KIND,
                              judge_value, &r);
  finish_target(&r);
  *target = r.target;
  if (r.refused != GATE_PASS)
    return r.refused;
  if (r.lax && target_has_nul(&r))
    return GATE_TARGET;
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

static enum MHD_Result read_argument(void *cls, enum MHD_ValueKind kind,
                                     const char *key, size_t key_len,
                                     const char *value, size_t value_len) {
  struct reader *r = cls;

  (void)kind;
  add_argument(r, slice_of_value(key, key_len), value, value_len);
  return r->refused == GATE_PASS ? MHD_YES : MHD_NO;
}

static enum MHD_Result read_field(void *cls, enum MHD_ValueKind kind,
                                  const char *key, size_t key_len,
                                  const char *value, size_t value_len) {
  struct reader *r = cls;
  int id = edgestatic_field_find(slice_of_value(key, key_len));

  (void)kind;
  if (id < 0 || add_field(r, id, slice_trim(slice_of_value(value, value_len))))
    return MHD_YES;
  r->refused = GATE_FIELDS_LONG;
  return MHD_NO;
}

static int read_target(struct reader *r) {
  r->target = slice_of(r->line->url, strlen(r->line->url));
  r->room->len = 0;
  MHD_get_connection_values_n(r->line->connection, MHD_GET_ARGUMENT_KIND,
                              read_argument, r);
  finish_target(r);
  return r->refused;
}

int request_read(const struct request_line *line, struct request_room *room,
                 edgestatic_request *request) {
  struct reader r = {.line = line, .room = room, .request = request};
  slice authority, rest;

  memset(request, 0, sizeof *request);
  if (read_target(&r) != GATE_PASS)
    return r.refused;
  request->method = slice_of(line->method, strlen(line->method));
  request->target = r.target;
  MHD_get_connection_values_n(line->connection, MHD_HEADER_KIND, read_field,
                              &r);
  /* RFC 9112 section 3.2.2: the target's authority is in force, not Host. */
  if (gate_cut_absolute(r.target, &authority, &rest))
    request->field[EDGESTATIC_FIELD_HOST] = authority;
  return r.refused;
}

slice request_target(const struct request_line *line,
                     struct request_room *room) {
  struct reader r = {.line = line, .room = room};

  read_target(&r);
  return r.target;
}
