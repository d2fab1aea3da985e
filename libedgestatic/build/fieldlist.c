/* fieldlist.c - see fieldlist.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/fieldlist.h"

#include "core/list.h"

void fieldlist_begin(struct fieldlist *list,
                     const edgestatic_allocator *allocator) {
  list->strings = (struct mem_arena){allocator, NULL};
  list->count = 0;
  list->error = EDGESTATIC_OK;
}

void fieldlist_free(struct fieldlist *list) {
  mem_arena_free(&list->strings);
}

void fieldlist_add(struct fieldlist *list, slice name, slice value,
                   slice origin, unsigned flags) {
  if (!list->error && list->count == FIELDLIST_MAX)
    list->error = EDGESTATIC_ERR_LIMIT;
  if (!list->error)
    list->field[list->count++] =
        (struct fieldlist_field){name, value, origin, flags};
}

struct fieldlist_field *fieldlist_find(struct fieldlist *list, slice name) {
  for (size_t i = 0; i < list->count; i++)
    if (slice_eq_nocase(list->field[i].name, name))
      return &list->field[i];
  return NULL;
}

void fieldlist_remove(struct fieldlist *list, slice name) {
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++)
    if (!slice_eq_nocase(list->field[i].name, name))
      list->field[kept++] = list->field[i];
  list->count = kept;
}

void fieldlist_set(struct fieldlist *list, slice name, slice value,
                   slice origin, unsigned flags) {
  struct fieldlist_field field = {name, value, origin, flags};
  struct fieldlist_field *there = fieldlist_find(list, name);
  if (!there) {
    fieldlist_add(list, name, value, origin, flags);
    return;
  }
  /* The first one's place: Content-Type stays in front. */
  size_t at = (size_t)(there - list->field), kept = at + 1;
  list->field[at] = field;
  for (size_t i = kept; i < list->count; i++)
    if (!slice_eq_nocase(list->field[i].name, name))
      list->field[kept++] = list->field[i];
  list->count = kept;
}

slice fieldlist_copy(struct fieldlist *list, slice s) {
  slice copy = mem_arena_copy(&list->strings, s);
  if (copy.base)
    return copy;
  list->error = EDGESTATIC_ERR_MEMORY;
  return LIT("");
}

static bool has_member(slice members, slice wanted) {
  slice member;
  while (list_next(&members, &member))
    if (slice_eq_nocase(member, wanted))
      return true;
  return false;
}

void fieldlist_merge(struct fieldlist *list, slice name, slice value,
                     slice origin, unsigned flags) {
  struct fieldlist_field *f = fieldlist_find(list, name);
  if (!f) {
    fieldlist_add(list, name, value, origin, flags);
    return;
  }
  slice rest = value, member;
  size_t room = f->value.len + 2 * value.len + 2, len = f->value.len;
  char *joined = mem_arena_take(&list->strings, room + 1);
  if (!joined) {
    list->error = EDGESTATIC_ERR_MEMORY;
    return;
  }
  memcpy(joined, f->value.base, len);
  while (list_next(&rest, &member))
    if (!has_member(slice_of(joined, len), member)) {
      if (len > 0) {
        memcpy(joined + len, ", ", 2);
        len += 2;
      }
      memcpy(joined + len, member.base, member.len);
      len += member.len;
    }
  joined[len] = '\0';
  if (len > f->value.len)
    *f = (struct fieldlist_field){f->name, slice_of(joined, len), origin,
                                  f->flags | flags};
}

/* Which part of a run a field belongs to. */
static int part_of(const struct fieldlist_field *field) {
  if (field->flags & FIELDLIST_TLS)
    return 2;
  return field->flags & FIELDLIST_KEPT ? 1 : 0;
}

struct layout_run fieldlist_layout(const struct fieldlist *list,
                                   struct layout *layout, bool error_page) {
  struct layout_field field[FIELDLIST_MAX];
  size_t n = 0, part[3] = {0};
  if (list->error) {
    if (!layout->error)
      layout->error = list->error;
    return (struct layout_run){0};
  }
  for (int p = 0; p < 3; p++)
    for (size_t i = 0; i < list->count; i++)
      if (part_of(&list->field[i]) == p) {
        const struct fieldlist_field *f = &list->field[i];
        field[n++] = (struct layout_field){f->name, f->value, f->origin};
        part[p]++;
      }
  struct layout_run run =
      layout_run(layout, field, n, error_page ? 0 : part[1] + part[2]);
  run.tls = (unsigned char)part[2];
  return run;
}
