/* headers.c - see headers.h.
 *
 * Rulings:
 * - Left alone are the fields that speak of the content or the message
 *   (Content-Type, Location ...): they are true of this response, and rules
 *   were written for another one.  On 4xx and 5xx also those about caching: an
 *   error is never kept as long as what it stands for.
 * - What the core has set otherwise is replaced by the first rule that sets
 *   the field.  Vary is never taken away or replaced, or a cache would mix up
 *   responses (RFC 9110 section 12.5.5); a rule adds to it.
 * - Presets are the site's own and on redirects in every dialect.  For rules
 *   they are what the core has set: the first rule that sets one replaces it.
 * - A later block replaces or adds, as the dialect has it.  What is added is a
 *   field line of its own, which is the same as one after a comma (section
 *   5.3).
 * - Of a capture, bytes that are not visible ASCII are written as escapes.  A
 *   value that a long path makes too long for the response's text is left out.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/headers.h"
#include "core/host.h"
#include "core/pattern.h"

/* What CORS needs of the text afterwards: an origin and a number of seconds,
 * each with its NUL. */
#define CORS_TEXT_MAX (CORS_ORIGIN_MAX + 16)

struct applying {
  edgestatic_response *r;
  const edgestatic_store *store;
  uint32_t flags; /* HEADERS_* */
  uint32_t base;  /* own fields that no rule has set */
  uint32_t begin; /* and those that no field of this block has set */
  const slice *capture;
  size_t captures;
};

/* ---- Which fields ---- */

static bool starts_nocase(slice s, slice prefix) {
  return s.len >= prefix.len &&
         slice_eq_nocase(slice_of(s.base, prefix.len), prefix);
}

static bool is_of_message(slice name) {
  static const slice names[] = {
      EDGESTATIC_LITERAL("ETag"),          EDGESTATIC_LITERAL("Last-Modified"),
      EDGESTATIC_LITERAL("Accept-Ranges"), EDGESTATIC_LITERAL("Location"),
      EDGESTATIC_LITERAL("Allow"),         EDGESTATIC_LITERAL("Connection"),
      EDGESTATIC_LITERAL("Date"),          EDGESTATIC_LITERAL("Trailer"),
      EDGESTATIC_LITERAL("Upgrade"),       EDGESTATIC_LITERAL("Keep-Alive"),
      EDGESTATIC_LITERAL("Repr-Digest")};
  if (starts_nocase(name, LIT("Content-")))
    return !starts_nocase(name, LIT("Content-Security-Policy"));
  if (starts_nocase(name, LIT("Transfer-")))
    return true;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (slice_eq_nocase(name, names[i]))
      return true;
  return false;
}

static bool is_left_alone(const struct applying *a, slice name) {
  return is_of_message(name) ||
         (a->r->status >= 400 && answer_is_caching(name));
}

/* ---- Setting ---- */

static bool has_captures(slice value) {
  for (size_t i = 0; i < value.len; i++)
    if ((unsigned char)value.base[i] <= PATTERN_CAPTURES_MAX)
      return true;
  return false;
}

/* For an escape and the NUL that ends a value. */
static bool has_room(const edgestatic_response *r) {
  return r->text_len + 4 <= EDGESTATIC_TEXT_MAX - CORS_TEXT_MAX;
}

/* False: there is no room. */
static bool put(edgestatic_response *r, char c, bool literal) {
  static const char digits[] = "0123456789ABCDEF";
  if (!has_room(r))
    return false;
  if (literal || (c > ' ' && c < 0x7f)) {
    r->text[r->text_len++] = c;
  } else {
    r->text[r->text_len++] = '%';
    r->text[r->text_len++] = digits[(unsigned char)c >> 4];
    r->text[r->text_len++] = digits[(unsigned char)c & 15];
  }
  return true;
}

static bool put_capture(const struct applying *a, size_t number) {
  for (size_t i = 0; number < a->captures && i < a->capture[number].len; i++)
    if (!put(a->r, a->capture[number].base[i], false))
      return false;
  return true;
}

/* Writes a value with its captures to the text, from *from on; false: there is
 * no room.  An empty capture can leave blanks at the ends (RFC 9110 section
 * 5.5), and an empty value needs room for its NUL, too. */
static bool expand_value(const struct applying *a, slice value,
                         uint32_t *from) {
  edgestatic_response *r = a->r;
  uint32_t begin = r->text_len;
  bool room = has_room(r);
  for (size_t i = 0; i < value.len && room; i++) {
    unsigned char c = (unsigned char)value.base[i];
    room = c > PATTERN_CAPTURES_MAX ? put(r, (char)c, true)
                                    : put_capture(a, c - 1u);
  }
  if (!room) {
    r->text_len = begin;
    return false;
  }
  while (r->text_len > begin && r->text[r->text_len - 1] == ' ')
    r->text_len--;
  while (begin < r->text_len && r->text[begin] == ' ')
    begin++;
  *from = begin;
  return true;
}

static bool is_set_by_rule(const struct applying *a, slice name) {
  const edgestatic_response *r = a->r;
  for (uint32_t i = a->base; i < r->own_count; i++)
    if (slice_eq_nocase(slice_of(r->own[i].name, r->own[i].name_len), name))
      return true;
  return false;
}

static void set(struct applying *a, const pack_header_field *f) {
  edgestatic_response *r = a->r;
  slice name = pack_string(a->store, f->name);
  slice value = pack_string(a->store, f->value);
  slice origin = pack_string(a->store, f->origin);
  if ((get32(f->flags) & HEADER_TLS) != 0 &&
      (r->asked & EDGESTATIC_REQUEST_TLS) == 0)
    return;
  /* What has no room takes no other field's place. */
  bool expands = has_captures(value);
  uint32_t from = 0;
  if (r->own_count == ANSWER_OWN_RULES ||
      (expands && !expand_value(a, value, &from)))
    return;
  if (!slice_eq_nocase(name, LIT("Vary"))) {
    uint32_t before = a->base;
    if (!is_set_by_rule(a, name))
      answer_hide(r, a->store, name, &a->base);
    else if ((a->flags & HEADERS_APPEND) == 0)
      answer_hide_own(r, name, a->base, &a->begin);
    a->begin -= before - a->base;
  }
  if (expands)
    answer_field_text(r, name, from, origin);
  else
    answer_field(r, name, value, origin);
}

static void unset(struct applying *a, slice name) {
  uint32_t end = a->r->own_count;
  if (slice_eq_nocase(name, LIT("Vary")))
    return;
  answer_hide_own(a->r, name, a->base, &end);
  answer_hide(a->r, a->store, name, &a->base);
}

/* First what is taken away, then what is set. */
static void apply(struct applying *a, le32 first, le32 count) {
  for (int pass = 0; pass < 2; pass++) {
    a->begin = a->r->own_count;
    for (uint32_t i = 0; i < get32(count); i++) {
      const pack_header_field *f =
          pack_header_field_at(a->store, get32(first) + i);
      slice name = pack_string(a->store, f->name);
      bool takes = (get32(f->flags) & HEADER_UNSET) != 0;
      if (takes != (pass == 0) || is_left_alone(a, name))
        continue;
      if (takes)
        unset(a, name);
      else
        set(a, f);
    }
  }
}

/* ---- Which blocks ---- */

static bool matches(uint32_t flags, slice pattern, const struct target *target,
                    slice capture[PATTERN_CAPTURES_MAX]) {
  const struct pattern_way way = {.separator = '/',
                                  .nocase = (flags & HEADERS_NOCASE) != 0};
  slice path = (flags & HEADERS_ENCODED) != 0 ? target->raw : target->path;
  if (pattern_match(pattern, path, way, capture))
    return true;
  if ((flags & HEADERS_SLASH) == 0 || path.len < 2 ||
      path.base[path.len - 1] != '/')
    return false;
  path.len--;
  return pattern_match(pattern, path, way, capture);
}

void headers_answer(edgestatic_response *r, const edgestatic_store *store,
                    const edgestatic_request *request,
                    const struct target *target) {
  const pack_header_set *headers = pack_header_set_of(store);
  slice capture[PATTERN_CAPTURES_MAX];
  bool redirect = r->status >= 300 && r->status < 400 && r->status != 304;
  if (headers == NULL)
    return;
  struct applying a = {.r = r,
                       .store = store,
                       .flags = get32(headers->flags),
                       .base = r->own_count,
                       .capture = capture};
  if (r->run_count[0] + r->run_count[1] == 0) {
    apply(&a, headers->preset, headers->preset_count);
    a.base = r->own_count;
  }
  if (redirect && (a.flags & HEADERS_REDIRECT) == 0)
    return;
  for (uint32_t i = 0; i < get32(headers->block_count); i++) {
    const pack_header_block *b =
        pack_header_block_at(store, get32(headers->block) + i);
    slice host = pack_string(store, b->host);
    slice pattern = pack_string(store, b->path);
    if ((host.len > 0 && !slice_eq_nocase(host, host_of(request))) ||
        !matches(a.flags, pattern, target, capture))
      continue;
    a.captures = pattern_captures(pattern);
    apply(&a, b->field, b->field_count);
    r->id = 0; /* it depends on the path now */
  }
}
