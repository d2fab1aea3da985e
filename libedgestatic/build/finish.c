/* finish.c - builds the pack of a builder: gather, compose, write.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "build/compose.h"
#include "build/handle.h"
#include "build/io.h"
#include "build/report.h"
#include "build/write.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- What is packed ---- */

struct ranked {
  struct gather_item item;
  size_t rank; /* the higher one wins a path */
};

static int by_path(const void *a, const void *b) {
  const struct ranked *x = a, *y = b;
  int order = builder_path_order(x->item.path, y->item.path);
  if (order != 0)
    return order;
  return (x->rank < y->rank) - (x->rank > y->rank);
}

/* Of the same path, the folder that was added last counts, and an asset from
 * memory before any folder: an app replaces a file by what it makes at run
 * time, whatever the order of its calls.  *items has *room; *count are used. */
static int collect(const edgestatic_builder *b, struct gather_item **items,
                   size_t *room, size_t *count) {
  const edgestatic_allocator *allocator = &b->options.allocator;
  size_t n = 0, total = b->assets;
  for (size_t i = 0; i < b->scans; i++)
    total += b->scan[i].count;
  if (total > SCAN_NAMES_MAX)
    return report_error(&b->options, EDGESTATIC_ERR_LIMIT, NULL, 0,
                        "the site has more than %u files", SCAN_NAMES_MAX);
  *room = total + 1;
  struct ranked *all = mem_new(allocator, *room, sizeof *all);
  *items = mem_new(allocator, *room, sizeof **items);
  if (!all || !*items) {
    mem_free(allocator, all, *room * sizeof *all);
    return EDGESTATIC_ERR_MEMORY;
  }
  for (size_t i = 0; i < b->scans; i++)
    for (size_t k = 0; k < b->scan[i].count; k++) {
      const struct scan_file *f = &b->scan[i].file[k];
      all[n++] = (struct ranked){{.path = f->path,
                                  .root = b->scan[i].root,
                                  .source = f->source,
                                  .size = f->size},
                                 i};
    }
  for (size_t i = 0; i < b->assets; i++) {
    const struct builder_asset *a = b->asset[i];
    if (builder_rules_has(a->path))
      continue;
    all[n++] = (struct ranked){{.path = a->path,
                                .root = -1,
                                .source = a->bytes,
                                .size = a->bytes.len,
                                .type = a->type,
                                .cache_control = a->cache_control,
                                .mtime = a->mtime},
                               b->scans};
  }
  qsort(all, n, sizeof *all, by_path);
  *count = 0;
  for (size_t i = 0; i < n; i++)
    if (i == 0 || !slice_eq(all[i].item.path, all[i - 1].item.path))
      (*items)[(*count)++] = all[i].item;
  mem_free(allocator, all, *room * sizeof *all);
  return EDGESTATIC_OK;
}

/* ---- Figures ---- */

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void count(edgestatic_builder_stats *s, const struct compose *c,
                  double began) {
  const struct gather *g = c->gather;
  *s = (edgestatic_builder_stats){.assets = (uint32_t)g->count,
                                  .blobs = c->bodies.count,
                                  .index_bytes = c->index.size,
                                  .pack_bytes = c->index.pack_size,
                                  .cached_blobs = atomic_load(&g->cached),
                                  .seconds = now() - began};
  for (size_t i = 0; i < g->count; i++) {
    uint64_t size = g->contents.blob[g->file[i].content].size;
    const struct gather_content *content = &g->content[g->file[i].content];
    s->input_bytes += size;
    s->coding[EDGESTATIC_CODING_IDENTITY].variants++;
    s->coding[EDGESTATIC_CODING_IDENTITY].before += size;
    s->coding[EDGESTATIC_CODING_IDENTITY].after += size;
    for (unsigned k = 0; k < content->count; k++) {
      const struct gather_kept *kept = &content->kept[k];
      s->coding[kept->coding].variants++;
      s->coding[kept->coding].before += size;
      s->coding[kept->coding].after += kept->size;
    }
  }
}

/* ---- The build ---- */

static void open_cache(edgestatic_builder *b, struct cache *cache) {
  *cache = (struct cache){.dir = -1};
  const char *dir = b->options.cache_dir;
  if (!dir)
    return;
  char recipe[ENCODE_RECIPE_MAX];
  encode_recipe(b->options.effort, recipe);
  if (cache_open(cache, &b->options.allocator, dir, recipe))
    report(&b->options, EDGESTATIC_WARNING, dir, 0,
           "the cache cannot be opened, so everything is compressed anew: %s",
           strerror(errno));
}

static void close_cache(edgestatic_builder *b, struct cache *cache) {
  int reason = cache_close(cache);
  if (reason)
    report(&b->options, EDGESTATIC_WARNING, b->options.cache_dir, 0,
           "the cache cannot be written, so the next build is slow too: %s",
           strerror(reason));
}

/* A descriptor of a new file without a name, on the target's disk or, without
 * a target, in memory; -1 when that was reported. */
static int new_file(const edgestatic_builder *b,
                    const struct write_target *target) {
  int fd = target ? io_nameless_file(target->folder) : io_memory_file();
  if (fd < 0)
    report_error(&b->options, EDGESTATIC_ERR_IO, NULL, 0,
                 "no temporary file can be made: %s", strerror(errno));
  return fd;
}

/* Makes the pack of what was composed: the target, or *pack. */
static int output(const edgestatic_builder *b, struct write_target *target,
                  edgestatic_pack **pack, struct compose *c) {
  if (target)
    return write_pack(target, c);
  int fd = new_file(b, NULL);
  if (fd < 0)
    return EDGESTATIC_ERR_IO;
  int error = write_bodies(fd, NULL, c);
  if (!error)
    return pack_adopt_fd(pack, fd);
  close(fd);
  return error;
}

/* Into the target, or, when it is NULL, into memory. */
static int build(edgestatic_builder *b, struct write_target *target,
                 edgestatic_pack **pack) {
  double began = now();
  struct cache cache;
  struct gather g = {
      .options = &b->options, .hash = b->hash, .cache = &cache, .spool = -1};
  struct rulebook rules;
  struct compose c = {.gather = &g, .policy = &b->policy, .rules = &rules};
  struct gather_item *items = NULL;
  size_t room = 0;

  b->stats = (edgestatic_builder_stats){0};
  int error = builder_rules_read(b, &rules);
  if (!error)
    error = collect(b, &items, &room, &g.count);
  g.item = items;
  if (!error) {
    g.spool = new_file(b, target);
    error = g.spool < 0 ? EDGESTATIC_ERR_IO : EDGESTATIC_OK;
  }
  if (!error) {
    open_cache(b, &cache);
    error = gather_run(&g);
    close_cache(b, &cache);
  }
  if (!error) {
    error = compose(&c);
    if (!error)
      error = output(b, target, pack, &c);
    if (!error)
      count(&b->stats, &c, began);
    compose_free(&c);
  }
  gather_free(&g);
  rulebook_free(&rules);
  mem_free(&b->options.allocator, items, room * sizeof *items);
  return error;
}

int edgestatic_builder_finish(edgestatic_builder *b, edgestatic_pack **pack) {
  *pack = NULL;
  return build(b, NULL, pack);
}

int edgestatic_builder_write(edgestatic_builder *b, const char *file) {
  struct write_target target;
  int error = write_open(&target, &b->options, file);
  if (error)
    return error;
  error = build(b, &target, NULL);
  write_close(&target);
  return error;
}
