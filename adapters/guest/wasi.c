/* wasi.c - wasi:http requests and field lists in the canonical ABI.
 *
 * Ruling: a host that keeps Host from its guests, as the WASI hosts do, gives
 * the authority, which says the same (RFC 9110 section 7.2).
 *
 * Ruling: lines of one name go out as one, joined by ", " (section 5.3), since
 * jco 1.35 would send the last alone; not Set-Cookie, which is no list.
 *
 * SPDX-License-Identifier: MIT
 */
#include "guest/wasi.h"
#include "core/str.h"

/* More fields are handed over one by one: no site is known to need it. */
#define FIELDS_MAX 256

/* The cases of the variants, in their order. */
static const slice method_name[] = {
    EDGESTATIC_LITERAL("GET"),     EDGESTATIC_LITERAL("HEAD"),
    EDGESTATIC_LITERAL("POST"),    EDGESTATIC_LITERAL("PUT"),
    EDGESTATIC_LITERAL("DELETE"),  EDGESTATIC_LITERAL("CONNECT"),
    EDGESTATIC_LITERAL("OPTIONS"), EDGESTATIC_LITERAL("TRACE"),
    EDGESTATIC_LITERAL("PATCH"),
};
#define METHOD_COUNT (sizeof method_name / sizeof method_name[0])
enum { SCHEME_HTTPS = 1 };

static struct guest_request request;

void wasi_begin(void) {
  guest_begin(&request);
}

/* The block that was allocated last grows in place: JavaScript hosts make
 * strings that way. */
void *wasi_room(void *old, size_t old_size, size_t align, size_t size) {
  struct guest_request *r = &request;
  if (old_size > 0 && (char *)old + old_size == guest_room(r))
    r->used -= old_size;

  size_t pad = -(size_t)guest_room(r) & (align - 1);
  size_t room = guest_room_size(r);
  if (pad > room || size > room - pad) {
    r->refused = 431;
    return NULL;
  }
  guest_take(r, pad);
  char *new = guest_room(r);
  guest_take(r, size);
  if (old_size > 0)
    memmove(new, old, old_size < size ? old_size : size);
  return new;
}

/* ---- Answering ---- */

static void set_request(const struct wasi_head *head) {
  struct guest_request *r = &request;
  r->core.target = head->path.some ? head->path.text : LIT("/");
  if (head->scheme.some && head->scheme.scheme.kind == SCHEME_HTTPS)
    r->core.flags |= EDGESTATIC_REQUEST_TLS;

  const struct wasi_field *field = head->fields.field;
  for (size_t i = 0; i < head->fields.count; i++)
    guest_field(r, edgestatic_field_find(field[i].name), field[i].value);
  if (r->core.field[EDGESTATIC_FIELD_HOST].base == NULL && head->authority.some)
    guest_field(r, EDGESTATIC_FIELD_HOST, head->authority.text);
}

/* When the host could not lower all of a request, the text of its parts may
 * lie over others, but what is no text is right. */
static slice method_of(const struct wasi_head *head) {
  if (head->method.kind < METHOD_COUNT)
    return method_name[head->method.kind];
  return request.refused == 0 ? head->method.other : LIT("");
}

const edgestatic_store *wasi_answer(const struct wasi_head *head,
                                    edgestatic_response *response) {
  static edgestatic_store store;

  request.core.method = method_of(head);
  if (guest_open(&store) != EDGESTATIC_OK) {
    guest_refuse(response, 500, LIT(GUEST_NO_PACK), request.core.method);
    return &store;
  }
  if (request.refused == 0)
    set_request(head);
  else if (head->path.some && head->path.text.len > EDGESTATIC_TARGET_MAX)
    request.refused = 414;

  if (request.refused != 0)
    guest_refuse(response, request.refused, LIT(""), request.core.method);
  else
    edgestatic_respond(&store, &request.core, response);
  return &store;
}

/* ---- The response ---- */

/* Puts the value behind that of an earlier line of its name; false: there is
 * none, or no room. */
static bool join(struct wasi_field *list, size_t count, slice name,
                 slice value) {
  size_t at = 0, room = guest_room_size(&request);
  while (at < count && !slice_eq_nocase(list[at].name, name))
    at++;
  if (at == count || slice_eq_nocase(name, LIT("Set-Cookie")))
    return false;

  slice first = list[at].value, separator = LIT(", ");
  if (first.len + separator.len + value.len > room)
    return false;
  char *to = guest_room(&request);
  memcpy(to, first.base, first.len);
  memcpy(to + first.len, separator.base, separator.len);
  memcpy(to + first.len + separator.len, value.base, value.len);
  list[at].value = guest_take(&request, first.len + separator.len + value.len);
  return true;
}

struct wasi_fields wasi_fields(const edgestatic_store *store,
                               const edgestatic_response *response) {
  static struct wasi_field list[FIELDS_MAX];
  struct wasi_fields fields = {list, 0};
  if (response->field_count > FIELDS_MAX)
    return fields;
  for (uint32_t i = 0; i < response->field_count; i++) {
    edgestatic_field field = edgestatic_response_field(store, response, i);
    if (!join(list, fields.count, field.name, field.value))
      list[fields.count++] = (struct wasi_field){field.name, field.value};
  }
  return fields;
}

size_t wasi_fill(struct guest_body *body, char *chunk, size_t size) {
  size_t filled = 0;
  while (filled < size) {
    char *to = chunk + filled;
    slice piece = guest_body_next(body, to, size - filled);
    if (piece.len == 0)
      break;
    if (piece.base != to)
      memcpy(to, piece.base, piece.len);
    filled += piece.len;
  }
  return filled;
}
