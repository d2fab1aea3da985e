/* request.c - a request as the core wants it, from what hosts hand over.
 *
 * Ruling: field lines of one name are joined with ", " (RFC 9110 section 5.3),
 * Cookie with "; " (RFC 9113 section 8.2.3).
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/str.h"
#include "guest/guest.h"

void guest_begin(struct guest_request *r) {
  memset(&r->core, 0, sizeof r->core);
  r->refused = 0;
  r->used = 0;
}

edgestatic_slice guest_take(struct guest_request *r, size_t len) {
  slice taken = slice_of(guest_room(r), len);
  r->used += len;
  return taken;
}

/* What follows "scheme://authority", or all of a URI without one.  Whose
 * authority it is was the host's to judge. */
static slice cut_origin(slice uri) {
  if (uri.len == 0 || uri.base[0] == '/')
    return uri;
  for (size_t i = 0; i + 3 <= uri.len && uri.base[i] != '?'; i++) {
    if (uri.base[i] == '/')
      return uri;
    if (memcmp(uri.base + i, "://", 3) != 0)
      continue;
    slice rest = slice_skip(uri, i + 3);
    while (rest.len > 0 && rest.base[0] != '/' && rest.base[0] != '?')
      rest = slice_skip(rest, 1);
    return rest;
  }
  return uri;
}

void guest_target(struct guest_request *r, edgestatic_slice uri) {
  slice target = cut_origin(uri);
  /* "http://host" and "http://host?query" ask for "/" (RFC 9110 section
   * 4.2.3); the core knows that of the absolute form. */
  r->core.target = target.len > 0 && target.base[0] == '/' ? target : uri;
}

static slice append(struct guest_request *r, slice s) {
  memcpy(guest_room(r), s.base, s.len);
  return guest_take(r, s.len);
}

void guest_field(struct guest_request *r, int id, edgestatic_slice value) {
  if (id < 0)
    return;
  slice *field = &r->core.field[id];
  value = slice_trim(value);
  if (field->base == NULL) {
    *field = value;
    return;
  }

  /* One that was joined last grows in place: hosts of HTTP/2 hand Cookie over
   * in dozens of lines. */
  bool is_last = field->base + field->len == guest_room(r);
  size_t copied = is_last ? 0 : field->len;
  slice separator = id == EDGESTATIC_FIELD_COOKIE ? LIT("; ") : LIT(", ");
  size_t room = guest_room_size(r);
  if (copied > room || separator.len > room - copied ||
      value.len > room - copied - separator.len) {
    r->refused = 431;
    return;
  }
  if (!is_last)
    field->base = append(r, *field).base;
  append(r, separator);
  append(r, value);
  field->len += separator.len + value.len;
}

edgestatic_slice guest_cut(edgestatic_slice *list) {
  size_t len = 0;
  while (len < list->len && list->base[len] != '\0')
    len++;
  slice item = slice_of(list->base, len);
  *list = slice_skip(*list, len < list->len ? len + 1 : len);
  return item;
}
