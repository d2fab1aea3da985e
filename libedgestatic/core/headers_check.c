/* headers_check.c - follows every number of the header rules and of the CORS
 * records of a pack once; a part of check.c.
 *
 * What may become a line of a response is checked here, captures apart: they
 * are escaped when they are filled in (headers.c).
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/list.h"
#include "core/pack.h"
#include "core/pattern.h"

static bool sets_ok(const edgestatic_store *s) {
  for (uint32_t i = 0; i < s->section[SECTION_HEADER_SETS].count; i++) {
    const pack_header_set *set =
        (const pack_header_set *)pack_record(s, SECTION_HEADER_SETS, i);
    if (get32(set->block_count) > HEADER_BLOCKS_MAX ||
        !pack_check_records(s, SECTION_HEADER_BLOCKS, set->block,
                            get32(set->block_count)) ||
        !pack_check_records(s, SECTION_HEADER_FIELDS, set->preset,
                            get32(set->preset_count)))
      return false;
  }
  return true;
}

static bool blocks_ok(const edgestatic_store *s) {
  for (uint32_t i = 0; i < s->section[SECTION_HEADER_BLOCKS].count; i++) {
    const pack_header_block *b = pack_header_block_at(s, i);
    if (!pack_check_string(s, b->host) || !pack_check_string(s, b->path) ||
        !pack_check_records(s, SECTION_HEADER_FIELDS, b->field,
                            get32(b->field_count)))
      return false;
  }
  return true;
}

/* Visible ASCII, spaces and captures. */
static bool is_template(slice s) {
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.base[i];
    if (c == 0 || c >= 0x7f)
      return false;
  }
  return true;
}

static bool fields_ok(const edgestatic_store *s) {
  for (uint32_t i = 0; i < s->section[SECTION_HEADER_FIELDS].count; i++) {
    const pack_header_field *f = pack_header_field_at(s, i);
    if (!pack_check_string(s, f->name) || !pack_check_string(s, f->value) ||
        !pack_check_string(s, f->origin) ||
        !pack_check_token(pack_string(s, f->name)) ||
        !is_template(pack_string(s, f->value)))
      return false;
  }
  return true;
}

static bool list_ok(const edgestatic_store *s, le32 ref) {
  return pack_check_string(s, ref) && pack_check_value(pack_string(s, ref));
}

static bool origins_ok(slice list) {
  slice origin;
  while (list_next(&list, &origin))
    if (origin.len > CORS_ORIGIN_MAX)
      return false;
  return true;
}

static bool cors_ok(const edgestatic_store *s) {
  for (uint32_t i = 0; i < s->section[SECTION_CORS].count; i++) {
    const pack_cors *c = pack_cors_at(s, i);
    uint32_t flags = get32(c->flags);
    if (!list_ok(s, c->origins) || !list_ok(s, c->methods) ||
        !list_ok(s, c->headers) || !list_ok(s, c->exposed) ||
        !origins_ok(pack_string(s, c->origins)) ||
        ((flags & CORS_ANY) != 0 && (flags & CORS_CREDENTIALS) != 0))
      return false;
  }
  return true;
}

bool pack_check_headers(const edgestatic_store *s) {
  return sets_ok(s) && blocks_ok(s) && fields_ok(s) && cors_ok(s);
}
