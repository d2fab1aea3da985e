/* collect.c - see collect.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/collect.h"

#include "build/carry.h"
#include "build/report.h"

#include <stdlib.h>

struct ranked {
  struct gather_item item;
  size_t rank; /* the higher one wins a path */
};

struct collecting {
  struct ranked *file;
  size_t count;
};

static int by_path(const void *a, const void *b) {
  const struct ranked *x = a, *y = b;
  int order = builder_path_order(x->item.path, y->item.path);
  if (order != 0)
    return order;
  return (x->rank < y->rank) - (x->rank > y->rank);
}

static void add(struct collecting *c, struct gather_item item) {
  c->file[c->count] = (struct ranked){item, c->count};
  c->count++;
}

/* What an earlier release leaves behind. */
static int add_previous(struct collecting *c, const edgestatic_builder *b,
                        const struct builder_pack *previous) {
  const edgestatic_store *s = edgestatic_pack_store(previous->pack);
  struct evidence release = {.allocator = &b->options.allocator};
  if (previous->time == 0)
    return EDGESTATIC_OK;
  int error = carry_evidence(s, &release);
  for (uint32_t i = 0; !error && i < edgestatic_store_asset_count(s); i++)
    if (carry_is_kept(s, i, &b->policy.fingerprints, &release)) {
      struct gather_item item = carry_item(s, i);
      item.retained_until = previous->time;
      add(c, item);
    }
  evidence_free(&release);
  return error;
}

static void add_base(struct collecting *c, const struct builder_pack *base) {
  const edgestatic_store *s = edgestatic_pack_store(base->pack);
  for (uint32_t i = 0; i < edgestatic_store_asset_count(s); i++) {
    int64_t until = edgestatic_store_asset(s, i).retained_until;
    if (carry_is_file(s, i) && (until == 0 || until > base->time))
      add(c, carry_item(s, i));
  }
}

static void add_scan(struct collecting *c, const struct scan *scan) {
  for (size_t i = 0; i < scan->count; i++) {
    const struct scan_file *f = &scan->file[i];
    add(c, (struct gather_item){.path = f->path,
                                .root = scan->root,
                                .source = f->source,
                                .size = f->size});
  }
}

static void add_asset(struct collecting *c, const struct builder_asset *a) {
  add(c, (struct gather_item){.path = a->path,
                              .root = -1,
                              .source = a->bytes,
                              .size = a->bytes.len,
                              .type = a->type,
                              .cache_control = a->cache_control,
                              .mtime = a->mtime});
}

/* Most items, of all sources. */
static size_t most(const edgestatic_builder *b) {
  size_t n = b->assets;
  for (size_t i = 0; i < b->scans; i++)
    n += b->scan[i].count;
  for (size_t i = 0; i < b->previous_count; i++)
    if (b->previous[i].time != 0)
      n += edgestatic_store_asset_count(
          edgestatic_pack_store(b->previous[i].pack));
  if (b->base.pack)
    n += edgestatic_store_asset_count(edgestatic_pack_store(b->base.pack));
  return n;
}

/* Of the same path, what was added last counts: first what earlier releases
 * leave behind, the oldest of them below the others, then the pack that this
 * one is made from, then the folders in their order, and an asset from memory
 * before all: an app replaces a file by what it makes at run time, whatever
 * the order of its calls. */
int collect(const edgestatic_builder *b, struct collection *to) {
  const edgestatic_allocator *allocator = &b->options.allocator;
  size_t total = most(b);
  if (total > SCAN_NAMES_MAX)
    return report_error(&b->options, EDGESTATIC_ERR_LIMIT, NULL, 0,
                        "the site has more than %u files", SCAN_NAMES_MAX);
  struct collecting c = {.file = mem_new(allocator, total + 1, sizeof *c.file)};
  to->room = total + 1;
  to->item = mem_new(allocator, to->room, sizeof *to->item);
  if (!c.file || !to->item) {
    mem_free(allocator, c.file, (total + 1) * sizeof *c.file);
    return EDGESTATIC_ERR_MEMORY;
  }
  int error = EDGESTATIC_OK;
  for (size_t i = b->previous_count; !error && i > 0; i--)
    error = add_previous(&c, b, &b->previous[i - 1]);
  if (b->base.pack)
    add_base(&c, &b->base);
  for (size_t i = 0; i < b->scans; i++)
    add_scan(&c, &b->scan[i]);
  for (size_t i = 0; i < b->assets; i++)
    if (!builder_rules_has(b->asset[i]->path))
      add_asset(&c, b->asset[i]);
  qsort(c.file, c.count, sizeof *c.file, by_path);
  for (size_t i = 0; i < c.count; i++)
    if (i == 0 || !slice_eq(c.file[i].item.path, c.file[i - 1].item.path))
      to->item[to->count++] = c.file[i].item;
  mem_free(allocator, c.file, (total + 1) * sizeof *c.file);
  return error;
}

void collect_free(const edgestatic_builder *b, struct collection *c) {
  mem_free(&b->options.allocator, c->item, c->room * sizeof *c->item);
}
