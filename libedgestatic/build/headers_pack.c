/* headers_pack.c - see headers_pack.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/headers_pack.h"

#include "build/rulebook.h"

#include <stdio.h>

static bool is_left_out(const struct headers_field *f) {
  return slice_eq_nocase(f->name, LIT("Content-Type")) ||
         (f->unset && slice_eq_nocase(f->name, LIT("Vary")));
}

static void add_field(struct layout *layout, const struct headers_field *f,
                      const slice *name) {
  char origin[RULEBOOK_NAME_MAX + 12];
  int len =
      snprintf(origin, sizeof origin, "%s:%u", name[f->source].base, f->line);
  unsigned flags = f->unset ? HEADER_UNSET : 0;
  if (slice_eq_nocase(f->name, LIT("Strict-Transport-Security")))
    flags |= HEADER_TLS;
  layout_header_field(layout, f->name, f->value, slice_of(origin, (size_t)len),
                      flags);
}

static void add_block(struct layout *layout, const struct headers *from,
                      const struct headers_block *b, const slice *name) {
  bool any = false;
  for (size_t i = b->field; i < b->field + b->fields; i++) {
    if (is_left_out(&from->field[i]))
      continue;
    if (!any)
      layout_header_block(layout, LIT(""), b->path);
    any = true;
    add_field(layout, &from->field[i], name);
  }
}

void headers_pack(struct layout *layout, const struct headers *from, slice host,
                  const slice *name) {
  layout->header_flags |=
      from->file.dialect == RULEFILE_CLOUDFLARE
          ? HEADERS_ENCODED | HEADERS_APPEND | HEADERS_REDIRECT
          : HEADERS_NOCASE | HEADERS_SLASH;
  for (size_t i = 0; i < from->count; i++) {
    const struct headers_block *b = &from->block[i];
    if (!b->replaced && (b->host.len == 0 || slice_eq_nocase(b->host, host)))
      add_block(layout, from, b, name);
  }
}
