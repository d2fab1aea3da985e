/* redirects_pack.c - puts the rules of _redirects into a pack.
 *
 * Order: that of the file.  Cloudflare tries the rules above its first dynamic
 * one before all others, which is the same.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/redirects_pack.h"

#include <stdio.h>
#include <stdlib.h>

/* What a rule is sorted by. */
struct place {
  const struct redirect *rule;
  uint32_t order;
};

/* Exact rules first, by path; then all by order. */
static int compare(const void *a, const void *b) {
  const struct place *x = a, *y = b;
  if (x->rule->dynamic != y->rule->dynamic)
    return x->rule->dynamic ? 1 : -1;
  if (!x->rule->dynamic) {
    slice s = x->rule->path, t = y->rule->path;
    int order = memcmp(s.base, t.base, s.len < t.len ? s.len : t.len);
    if (order == 0)
      order = (s.len > t.len) - (s.len < t.len);
    if (order != 0)
      return order;
  }
  return (x->order > y->order) - (x->order < y->order);
}

static void add(struct layout *layout, const struct redirects *from,
                const slice *name, const struct place *place) {
  const struct redirect *r = place->rule;
  char origin[256 + 12]; /* RULEBOOK_NAME_MAX and a number */
  int len = snprintf(origin, sizeof origin, "%.255s:%u", name[r->source].base,
                     r->line);
  unsigned flags = (r->forced ? RULE_FORCED : 0) | (r->http ? RULE_HTTP : 0) |
                   (r->https ? RULE_HTTPS : 0) |
                   (r->squeeze ? RULE_SQUEEZE : 0);
  const struct layout_rule rule = {.path = r->path,
                                   .target = r->target,
                                   .host = r->host,
                                   .origin = slice_of(origin, (size_t)len),
                                   .order = place->order,
                                   .status = r->status,
                                   .flags = flags,
                                   .dynamic = r->dynamic};
  layout_rule(layout, &rule);
  for (size_t i = 0; i < r->conditions; i++) {
    const struct redirect_condition *c = &from->condition[r->condition + i];
    layout_condition(layout, c->kind, c->name, c->value);
  }
}

int redirects_pack(struct layout *layout, const struct redirects *from,
                   const slice *name) {
  const edgestatic_allocator *allocator = from->file.strings.allocator;
  size_t count = 0;
  if (from->count == 0)
    return EDGESTATIC_OK;
  struct place *place = mem_new(allocator, from->count, sizeof *place);
  if (!place)
    return EDGESTATIC_ERR_MEMORY;
  for (size_t i = 0; i < from->count; i++)
    if (from->rule[i].status != 0)
      place[count++] = (struct place){&from->rule[i], (uint32_t)i};
  qsort(place, count, sizeof *place, compare);
  layout->ruleset_flags |= from->file.dialect == RULEFILE_CLOUDFLARE
                               ? RULESET_ENCODED | RULESET_LOCAL | RULESET_PAGES
                               : RULESET_SLASH;
  for (size_t i = 0; i < count; i++)
    add(layout, from, name, &place[i]);
  mem_free(allocator, place, from->count * sizeof *place);
  return EDGESTATIC_OK;
}
