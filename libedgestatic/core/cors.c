/* cors.c - see cors.h.
 *
 * Rulings:
 * - An origin is compared byte by byte: browsers send it serialised (RFC 6454
 *   section 6.2), and so it lies in the pack.  What is sent is the pack's.
 * - An empty Origin is none: no browser sends one (Fetch section 3.2), and
 *   hosts drop it.
 * - Where every origin may read, "*" is sent to who sends no Origin too: so
 *   one response serves all, as Fetch says in "CORS protocol and HTTP caches".
 *   Where it is some, each response says Vary: Origin, without an Origin and
 *   with one that may not as well.
 * - A preflight whose method is not allowed is answered as any OPTIONS, which
 *   a browser takes for a refusal.  Which request fields are allowed is for
 *   the browser to compare; GET, HEAD and POST need no permission (section
 *   3.3.5).
 * - Without Vary on Access-Control-Request-*: an answer to OPTIONS is not
 *   cacheable (RFC 9110 section 9.3.7).
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/cors.h"
#include "core/list.h"
#include "core/text.h"

#define ORIGIN LIT("the pack's CORS record")

static void add(edgestatic_response *r, slice name, slice value) {
  if (value.len > 0)
    answer_field(r, name, value, ORIGIN);
}

/* Copies to the text, for which there is room. */
static void add_text(edgestatic_response *r, slice name, slice value) {
  uint32_t from = r->text_len;
  memcpy(r->text + from, value.base, value.len);
  r->text_len += (uint32_t)value.len;
  answer_field_text(r, name, from, ORIGIN);
}

static bool has(slice list, slice wanted) {
  slice member;
  while (list_next(&list, &member))
    if (slice_eq(member, wanted))
      return true;
  return false;
}

static bool method_allowed(slice list, slice method) {
  return slice_eq(method, LIT("GET")) || slice_eq(method, LIT("HEAD")) ||
         slice_eq(method, LIT("POST")) || has(list, method);
}

/* A list of names of fields that fits behind the text, or nothing. */
static slice echoed(const edgestatic_response *r, slice list) {
  static const slice nothing = {NULL, 0};
  slice rest = list, name;
  if (list.len >= EDGESTATIC_TEXT_MAX - 32 - r->text_len)
    return nothing;
  while (list_next(&rest, &name))
    if (!pack_check_token(name))
      return nothing;
  return list;
}

bool cors_is_preflight(const edgestatic_request *request) {
  return request->field[EDGESTATIC_FIELD_ORIGIN].len > 0 &&
         request->field[EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_METHOD].base !=
             NULL;
}

static void permit(edgestatic_response *r, const edgestatic_store *store,
                   const edgestatic_request *request, const pack_cors *cors) {
  slice wanted =
      request->field[EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_HEADERS];
  uint32_t max_age = get32(cors->max_age);
  char digits[TEXT_DIGITS];
  add(r, LIT("Access-Control-Allow-Methods"),
      pack_string(store, cors->methods));
  if (max_age > 0)
    add_text(r, LIT("Access-Control-Max-Age"),
             slice_of(digits, text_decimal(digits, max_age)));
  if ((get32(cors->flags) & CORS_ECHO) == 0)
    add(r, LIT("Access-Control-Allow-Headers"),
        pack_string(store, cors->headers));
  else if (echoed(r, wanted).len > 0)
    add_text(r, LIT("Access-Control-Allow-Headers"), wanted);
}

void cors_answer(edgestatic_response *r, const edgestatic_store *store,
                 const edgestatic_request *request, uint32_t asset,
                 bool preflight) {
  uint32_t number = get32(pack_asset_at(store, asset)->cors);
  slice origin = request->field[EDGESTATIC_FIELD_ORIGIN];
  slice method = request->field[EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_METHOD];
  if (number == 0 || answer_has(r, store, LIT("Access-Control-Allow-Origin")))
    return;
  const pack_cors *cors = pack_cors_at(store, number - 1);
  uint32_t flags = get32(cors->flags);
  if ((flags & CORS_ANY) == 0)
    add(r, LIT("Vary"), LIT("Origin"));
  if (preflight && !method_allowed(pack_string(store, cors->methods), method))
    return;
  if ((flags & CORS_ANY) != 0) {
    add(r, LIT("Access-Control-Allow-Origin"), LIT("*"));
  } else {
    if (origin.base == NULL || !has(pack_string(store, cors->origins), origin))
      return;
    r->id = 0; /* it depends on the request now */
    add_text(r, LIT("Access-Control-Allow-Origin"), origin);
  }
  if ((flags & CORS_CREDENTIALS) != 0)
    add(r, LIT("Access-Control-Allow-Credentials"), LIT("true"));
  if (preflight)
    permit(r, store, request, cors);
  else
    add(r, LIT("Access-Control-Expose-Headers"),
        pack_string(store, cors->exposed));
}
