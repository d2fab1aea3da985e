/* carry_rules.c - see carry_rules.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/carry_rules.h"

#include "build/report.h"
#include "core/pack.h"
#include "core/pattern.h"

#include <limits.h>

/* ---- Redirects ---- */

static void carry_rule(struct layout *layout, const edgestatic_store *s,
                       uint32_t i, bool dynamic) {
  const pack_rule *r = pack_rule_at(s, i);
  const struct layout_rule rule = {
      .path = pack_string(s, r->path),
      .target = pack_string(s, r->target),
      .host = pack_string(s, r->host),
      .origin = pack_string(s, r->origin),
      .order = get32(r->order),
      .status = get16(r->status),
      .flags = r->flags & ~RULE_MORE, /* which the layout finds itself */
      .dynamic = dynamic};
  layout_rule(layout, &rule);
  for (uint32_t k = 0; k < r->condition_count; k++) {
    const pack_condition *c = pack_condition_at(s, get32(r->condition) + k);
    layout_condition(layout, c->kind, pack_string(s, c->name),
                     pack_string(s, c->value));
  }
}

void carry_redirects(struct layout *layout, const edgestatic_store *s) {
  const pack_ruleset *set = pack_ruleset_of(s);
  if (!set)
    return;
  layout->ruleset_flags = get32(set->flags);
  uint32_t dynamic = get32(set->dynamic);
  for (uint32_t i = 0; i < dynamic; i++)
    carry_rule(layout, s, i, false);
  for (uint32_t i = 0; i < get32(set->dynamic_count); i++)
    carry_rule(layout, s, dynamic + i, true);
}

/* ---- Header rules ---- */

struct carrying {
  struct rulebook *book;
  const edgestatic_store *store;
};

/* Parts "_headers:12"; what is not like that names a text as a whole. */
static slice part_origin(slice origin, unsigned *line) {
  unsigned n = 0;
  size_t end = origin.len;
  while (end > 0 && is_digit(origin.base[end - 1]))
    end--;
  for (size_t i = end; i < origin.len && n < UINT_MAX / 10; i++)
    n = n * 10 + (unsigned)(origin.base[i] - '0');
  bool parted = end > 1 && end < origin.len && origin.base[end - 1] == ':';
  *line = parted ? n : 0;
  return parted ? slice_of(origin.base, end - 1) : origin;
}

/* The text of that name, which is that of the field before or a new one: texts
 * follow one another. */
static int find_source(const struct carrying *c, slice name, unsigned *source) {
  struct rulebook_texts *texts = &c->book->texts[SCAN_HEADERS];
  if (texts->count == 0 ||
      !slice_eq(texts->text[texts->count - 1].name, name)) {
    slice copy = mem_arena_copy(&c->book->headers.file.strings, name);
    if (!copy.base)
      return EDGESTATIC_ERR_MEMORY;
    int error = rulebook_add(c->book, SCAN_HEADERS,
                             (struct rulebook_text){copy, copy, LIT("")});
    if (error)
      return error;
  }
  *source = (unsigned)texts->count - 1;
  return EDGESTATIC_OK;
}

/* Whether every capture of a value is one of its block's pattern. */
static bool has_captures(slice value, slice path) {
  size_t captures = pattern_captures(path);
  if (captures > PATTERN_CAPTURES_MAX)
    return false;
  for (size_t i = 0; i < value.len; i++) {
    unsigned char b = (unsigned char)value.base[i];
    if (b <= PATTERN_CAPTURES_MAX && b > captures)
      return false;
  }
  return true;
}

static int add_field(const struct carrying *c, const pack_header_field *from,
                     slice path) {
  struct headers *h = &c->book->headers;
  slice value = pack_string(c->store, from->value);
  struct headers_field field = {.name = pack_string(c->store, from->name),
                                .value = value,
                                .unset = get32(from->flags) & HEADER_UNSET};
  slice name = part_origin(pack_string(c->store, from->origin), &field.line);
  if (name.len > RULEBOOK_NAME_MAX || value.len > HEADERS_VALUE_MAX ||
      !has_captures(value, path))
    return report_error(c->book->options, EDGESTATIC_ERR_INPUT, NULL, 0,
                        "the header rules of the pack to carry over are not a "
                        "builder's; build that pack anew");
  int error = find_source(c, name, &field.source);
  if (error)
    return error;
  struct headers_field *grown =
      mem_grow(&c->book->options->allocator, h->field, &h->field_room,
               h->fields + 1, sizeof *grown);
  if (!grown)
    return EDGESTATIC_ERR_MEMORY;
  h->field = grown;
  h->field[h->fields++] = field;
  return EDGESTATIC_OK;
}

static int add_block(const struct carrying *c, const pack_header_block *from) {
  struct headers *h = &c->book->headers;
  uint32_t count = get32(from->field_count);
  struct headers_block block = {.host = pack_string(c->store, from->host),
                                .path = pack_string(c->store, from->path),
                                .field = h->fields,
                                .fields = count};
  struct headers_block *grown = mem_grow(&c->book->options->allocator, h->block,
                                         &h->room, h->count + 1, sizeof *grown);
  if (!grown)
    return EDGESTATIC_ERR_MEMORY;
  h->block = grown;
  /* Of a builder each field is of one block. */
  if (count > c->store->section[SECTION_HEADER_FIELDS].count - h->fields)
    return report_error(c->book->options, EDGESTATIC_ERR_INPUT, NULL, 0,
                        "the header rules of the pack to carry over share "
                        "fields; build that pack anew");
  for (uint32_t i = 0; i < count; i++) {
    int error = add_field(
        c, pack_header_field_at(c->store, get32(from->field) + i), block.path);
    if (error)
      return error;
  }
  /* A block begins before its fields. */
  if (count > 0) {
    block.source = h->field[block.field].source;
    block.line = h->field[block.field].line;
  }
  h->block[h->count++] = block;
  return EDGESTATIC_OK;
}

void carry_presets(struct layout *layout, const edgestatic_store *s) {
  const pack_header_set *set = pack_header_set_of(s);
  for (uint32_t i = 0; set && i < get32(set->preset_count); i++) {
    const pack_header_field *f =
        pack_header_field_at(s, get32(set->preset) + i);
    layout_header_field(layout, pack_string(s, f->name),
                        pack_string(s, f->value), pack_string(s, f->origin),
                        get32(f->flags));
  }
}

int carry_headers(struct rulebook *book, const edgestatic_store *s) {
  const struct carrying c = {book, s};
  const pack_header_set *set = pack_header_set_of(s);
  if (!set)
    return EDGESTATIC_OK;
  book->headers.file.strings.allocator = &book->options->allocator;
  book->headers.file.dialect = get32(set->flags) & HEADERS_ENCODED
                                   ? RULEFILE_CLOUDFLARE
                                   : RULEFILE_NETLIFY;
  for (uint32_t i = 0; i < get32(set->block_count); i++) {
    int error = add_block(&c, pack_header_block_at(s, get32(set->block) + i));
    if (error)
      return error;
  }
  return EDGESTATIC_OK;
}
