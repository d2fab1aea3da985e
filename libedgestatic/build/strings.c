/* strings.c - see strings.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/strings.h"

#include "core/format.h"

#include <xxhash.h>

static slice at(const struct strings *t, uint32_t offset) {
  le16 len;
  memcpy(&len, t->bytes + offset, sizeof len);
  return slice_of(t->bytes + offset + sizeof len, get16(len));
}

static uint32_t *find(const struct strings *t, slice s) {
  size_t i = (size_t)XXH3_64bits(s.base, s.len) & (t->slots - 1);
  while (t->slot[i] != 0 && !slice_eq(at(t, t->slot[i] - 1), s))
    i = (i + 1) & (t->slots - 1);
  return &t->slot[i];
}

/* Makes the table twice as large. */
static bool grow(struct strings *t) {
  struct strings more = *t;
  more.slots = t->slots ? t->slots * 2 : 256;
  more.slot = mem_new(t->allocator, more.slots, sizeof *more.slot);
  if (!more.slot)
    return false;
  memset(more.slot, 0, more.slots * sizeof *more.slot);
  for (size_t i = 0; i < t->slots; i++)
    if (t->slot[i] != 0)
      *find(&more, at(t, t->slot[i] - 1)) = t->slot[i];
  mem_free(t->allocator, t->slot, t->slots * sizeof *t->slot);
  t->slot = more.slot;
  t->slots = more.slots;
  return true;
}

static uint32_t fail(struct strings *t, int error) {
  t->error = error;
  return 0;
}

uint32_t strings_add(struct strings *t, slice s) {
  if (t->error)
    return 0;
  if (s.len > UINT16_MAX)
    return fail(t, EDGESTATIC_ERR_LIMIT);
  if (t->count * 2 >= t->slots && !grow(t))
    return fail(t, EDGESTATIC_ERR_MEMORY);
  uint32_t *slot = find(t, s);
  if (*slot != 0)
    return *slot - 1;

  le16 len = put16((uint16_t)s.len);
  size_t need = t->size + sizeof len + s.len + 1;
  if (need > UINT32_MAX)
    return fail(t, EDGESTATIC_ERR_LIMIT);
  char *bytes = mem_grow(t->allocator, t->bytes, &t->room, need, 1);
  if (!bytes)
    return fail(t, EDGESTATIC_ERR_MEMORY);
  t->bytes = bytes;
  uint32_t offset = (uint32_t)t->size;
  memcpy(bytes + offset, &len, sizeof len);
  if (s.len > 0)
    memcpy(bytes + offset + sizeof len, s.base, s.len);
  bytes[need - 1] = '\0';
  t->size = need;
  t->count++;
  *slot = offset + 1;
  return offset;
}

void strings_free(struct strings *t) {
  mem_free(t->allocator, t->bytes, t->room);
  mem_free(t->allocator, t->slot, t->slots * sizeof *t->slot);
  *t = (struct strings){0};
}
