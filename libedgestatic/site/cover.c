/* cover.c - see cover.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "site/cover.h"

#include <stdlib.h>

static const edgestatic_allocator allocator;

/* The tags of one key. */
struct group {
  size_t first, count;
  size_t next; /* of the same gain, + 1; 0: none */
  bool chosen;
};

struct cover {
  struct cover_tag *tag;
  struct group *group;
  size_t groups;
  size_t *head;  /* by gain: the first group, + 1 */
  size_t most;   /* the greatest gain there can be */
  size_t *times; /* how often an item is covered */
};

static int compare(const void *left, const void *right) {
  const struct cover_tag *a = left, *b = right;
  size_t n = a->key.len < b->key.len ? a->key.len : b->key.len;
  int order = n > 0 ? memcmp(a->key.base, b->key.base, n) : 0;
  if (order == 0)
    order = (a->key.len > b->key.len) - (a->key.len < b->key.len);
  return order != 0 ? order : (a->item > b->item) - (a->item < b->item);
}

/* Groups the sorted tags by key; those of what has to stay are left out. */
static void make_groups(struct cover *c, size_t count) {
  for (size_t i = 0, end; i < count; i = end) {
    for (end = i + 1; end < count; end++)
      if (!slice_eq(c->tag[end].key, c->tag[i].key))
        break;
    /* COVER_STAYS is the largest item. */
    if (c->tag[end - 1].item == COVER_STAYS)
      continue;
    c->group[c->groups++] = (struct group){.first = i, .count = end - i};
    if (end - i > c->most)
      c->most = end - i;
  }
}

static void put(struct cover *c, size_t group, size_t gain) {
  c->group[group].next = c->head[gain];
  c->head[gain] = group + 1;
}

/* How many items a key covers that no other one does yet. */
static size_t gain_of(const struct cover *c, const struct group *g) {
  size_t gain = 0;
  for (size_t i = g->first; i < g->first + g->count; i++)
    gain += c->times[c->tag[i].item] == 0 &&
            (i == g->first || c->tag[i].item != c->tag[i - 1].item);
  return gain;
}

static void add(const struct cover *c, const struct group *g, bool take) {
  for (size_t i = g->first; i < g->first + g->count; i++)
    if (i == g->first || c->tag[i].item != c->tag[i - 1].item)
      c->times[c->tag[i].item] += take ? 1 : (size_t)-1;
}

/* A key's gain only falls, so that each is looked at again when it would be
 * its turn. */
static void choose(struct cover *c) {
  for (size_t i = c->groups; i > 0; i--)
    put(c, i - 1, c->group[i - 1].count);
  for (size_t gain = c->most; gain > 0; gain--)
    while (c->head[gain] != 0) {
      size_t number = c->head[gain] - 1;
      struct group *g = &c->group[number];
      c->head[gain] = g->next;
      size_t now = gain_of(c, g);
      if (now == gain) {
        g->chosen = true;
        add(c, g, true);
      } else if (now > 0) {
        put(c, number, now);
      }
    }
}

/* Keys whose items later ones cover, too. */
static void drop_needless(struct cover *c) {
  for (size_t k = 0; k < c->groups; k++) {
    struct group *g = &c->group[k];
    bool needed = !g->chosen;
    for (size_t i = g->first; i < g->first + g->count; i++)
      needed = needed || c->times[c->tag[i].item] == 1;
    if (!needed) {
      g->chosen = false;
      add(c, g, false);
    }
  }
}

int cover_choose(struct cover_tag *tag, size_t count, size_t items,
                 bool *covered, void (*chosen)(void *ctx, slice key),
                 void *ctx) {
  struct cover c = {.tag = tag};
  if (count == 0 || items == 0)
    return EDGESTATIC_OK;
  qsort(tag, count, sizeof *tag, compare);
  c.group = mem_new(&allocator, count, sizeof *c.group);
  c.head = mem_new(&allocator, count + 1, sizeof *c.head);
  c.times = mem_new(&allocator, items, sizeof *c.times);
  bool ok = c.group && c.head && c.times;
  if (ok) {
    memset(c.head, 0, (count + 1) * sizeof *c.head);
    memset(c.times, 0, items * sizeof *c.times);
    make_groups(&c, count);
    choose(&c);
    drop_needless(&c);
    for (size_t i = 0; i < c.groups; i++)
      if (c.group[i].chosen)
        chosen(ctx, tag[c.group[i].first].key);
    for (size_t i = 0; i < items; i++)
      covered[i] = c.times[i] > 0;
  }
  mem_free(&allocator, c.group, count * sizeof *c.group);
  mem_free(&allocator, c.head, (count + 1) * sizeof *c.head);
  mem_free(&allocator, c.times, items * sizeof *c.times);
  return ok ? EDGESTATIC_OK : EDGESTATIC_ERR_MEMORY;
}
