/* finish.c - builds the pack of a builder: gather, compose, write.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "build/carry.h"
#include "build/carry_rules.h"
#include "build/collect.h"
#include "build/compose.h"
#include "build/handle.h"
#include "build/io.h"
#include "build/pages.h"
#include "build/report.h"
#include "build/write.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

/* ---- Figures ---- */

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void count_variant(edgestatic_builder_stats *s, unsigned coding,
                          uint64_t before, uint64_t after) {
  s->coding[coding].variants++;
  s->coding[coding].before += before;
  s->coding[coding].after += after;
}

static void count_file(edgestatic_builder_stats *s, const struct gather *g,
                       const struct deltas *d, size_t i) {
  uint64_t size = g->contents.blob[g->file[i].content].size;
  const struct gather_content *content = &g->content[g->file[i].content];
  s->input_bytes += size;
  count_variant(s, EDGESTATIC_CODING_IDENTITY, size, size);
  for (unsigned k = 0; k < content->count; k++)
    count_variant(s, content->kept[k].coding, size, content->kept[k].size);
  uint32_t number[DELTAS_MAX];
  size_t deltas = deltas_of(d, g->file[i].content, number);
  for (size_t k = 0; k < deltas; k++)
    count_variant(s, d->one[number[k]].coding, content->kept[0].size,
                  d->one[number[k]].kept.size);
}

static void count_carried(edgestatic_builder_stats *s,
                          const struct gather_item *item) {
  uint32_t variant[CARRY_VARIANTS_MAX];
  unsigned count = carry_variants(item->pack, item->asset, variant);
  uint64_t plain = edgestatic_store_variant(item->pack, variant[0]).size;
  s->input_bytes += item->size;
  s->retained += item->retained_until != 0;
  for (unsigned k = 0; k < count; k++) {
    edgestatic_variant v = edgestatic_store_variant(item->pack, variant[k]);
    count_variant(s, v.coding, item->size, v.size);
  }
  count = carry_deltas(item, item->asset, variant);
  for (unsigned k = 0; k < count; k++) {
    edgestatic_variant v = edgestatic_store_variant(item->pack, variant[k]);
    count_variant(s, v.coding, plain, v.size);
  }
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
  for (size_t i = 0; i < g->count; i++)
    if (g->item[i].pack)
      count_carried(s, &g->item[i]);
    else
      count_file(s, g, &c->deltas, i);
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

/* A descriptor of a new file without a name, in a folder or, where that is -1,
 * in memory; -1 when that was reported. */
static int new_file(const edgestatic_builder *b, int folder) {
  int fd = folder >= 0 ? io_nameless_file(folder) : io_memory_file();
  if (fd < 0)
    report_error(&b->options, EDGESTATIC_ERR_IO, NULL, 0,
                 "no temporary file can be made: %s", strerror(errno));
  return fd;
}

/* Makes the pack of what was composed: the target, or *pack in a folder or in
 * memory. */
static int output(const edgestatic_builder *b, struct write_target *target,
                  int folder, edgestatic_pack **pack, struct compose *c) {
  if (target)
    return write_pack(target, c);
  int fd = new_file(b, folder);
  if (fd < 0)
    return EDGESTATIC_ERR_IO;
  int error = write_bodies(fd, NULL, c);
  if (!error)
    return pack_adopt_fd(pack, fd);
  close(fd);
  return error;
}

/* What the files of this release have in common; not those that an earlier one
 * left behind, since they were chosen by their names. */
static int learn(edgestatic_builder *b, const struct collection *items) {
  int error = EDGESTATIC_OK;
  evidence_free(&b->policy.evidence);
  for (size_t i = 0; !error && i < items->count; i++)
    if (items->item[i].retained_until == 0)
      error = evidence_add(&b->policy.evidence, items->item[i].path);
  evidence_settle(&b->policy.evidence);
  return error;
}

/* What clients may hold of earlier releases. */
static int find_versions(const edgestatic_builder *b,
                         struct versions *versions) {
  int error = EDGESTATIC_OK;
  for (size_t i = 0; !error && i < b->previous_count && i < VERSIONS_MAX &&
                     !b->policy.site.no_deltas;
       i++)
    error = versions_add(versions, edgestatic_pack_store(b->previous[i].pack));
  versions_settle(versions);
  return error;
}

/* The dictionary of the pages becomes one of the files. */
static int add_dictionary(const edgestatic_builder *b, struct sitedict *d,
                          struct collection *items) {
  const edgestatic_store *previous = NULL;
  size_t at = 0;
  d->options = &b->options;
  if (b->previous_count > 0)
    previous = edgestatic_pack_store(b->previous[0].pack);
  int error = sitedict_find(d, items->item, items->count, previous);
  if (error || !d->bytes.base)
    return error;
  struct gather_item file = sitedict_item(d);
  while (at < items->count &&
         builder_path_order(items->item[at].path, file.path) < 0)
    at++;
  if (at < items->count && slice_eq(items->item[at].path, file.path)) {
    items->item[at] = file; /* carried over, or left behind: the same bytes */
    return EDGESTATIC_OK;
  }
  struct gather_item *more =
      mem_grow(&b->options.allocator, items->item, &items->room,
               items->count + 1, sizeof *more);
  if (!more)
    return EDGESTATIC_ERR_MEMORY;
  items->item = more;
  memmove(more + at + 1, more + at, (items->count++ - at) * sizeof *more);
  more[at] = file;
  return EDGESTATIC_OK;
}

/* Into the target, or, when it is NULL, into *pack. */
static int build(edgestatic_builder *b, struct write_target *target, int folder,
                 edgestatic_pack **pack) {
  double began = now();
  struct cache cache;
  struct gather g = {
      .options = &b->options, .hash = b->hash, .cache = &cache, .spool = -1};
  struct rulebook rules;
  struct compose c = {.gather = &g, .policy = &b->policy, .rules = &rules};
  struct collection items = {0};
  struct versions versions = {.allocator = &b->options.allocator,
                              .keys = {&b->options.allocator, NULL}};
  struct sitedict dictionary = {.options = NULL};
  c.versions = &versions;
  if (b->base.pack)
    c.base = edgestatic_pack_store(b->base.pack);

  g.pages = pages_wanted(&b->policy);
  b->stats = (edgestatic_builder_stats){0};
  int error = builder_rules_read(b, &rules);
  if (!error && c.base && rules.texts[SCAN_HEADERS].count == 0)
    error = carry_headers(&rules, c.base);
  if (!error)
    error = collect(b, &items);
  if (!error)
    error = learn(b, &items);
  if (!error)
    error = find_versions(b, &versions);
  if (!error && b->policy.site.site_dictionary) {
    error = add_dictionary(b, &dictionary, &items);
    c.dictionary = &dictionary;
  }
  g.item = items.item;
  g.count = items.count;
  if (!error) {
    g.spool = new_file(b, folder);
    error = g.spool < 0 ? EDGESTATIC_ERR_IO : EDGESTATIC_OK;
  }
  if (!error) {
    open_cache(b, &cache);
    error = gather_run(&g);
    close_cache(b, &cache);
  }
  if (!error && b->previous_count > 0)
    error = carry_verify(&g, &b->policy.fingerprints,
                         edgestatic_pack_store(b->previous[0].pack));
  if (!error) {
    error = compose(&c);
    if (!error)
      error = output(b, target, folder, pack, &c);
    if (!error)
      count(&b->stats, &c, began);
    compose_free(&c);
  }
  gather_free(&g);
  versions_free(&versions);
  sitedict_free(&dictionary);
  rulebook_free(&rules);
  evidence_free(&b->policy.evidence);
  collect_free(b, &items);
  return error;
}

int edgestatic_builder_finish(edgestatic_builder *b, edgestatic_pack **pack) {
  *pack = NULL;
  return build(b, NULL, -1, pack);
}

int builder_finish_in(edgestatic_builder *b, int folder,
                      edgestatic_pack **pack) {
  *pack = NULL;
  return build(b, NULL, folder, pack);
}

int edgestatic_builder_write(edgestatic_builder *b, const char *file) {
  struct write_target target;
  int error = write_open(&target, &b->options, file);
  if (error)
    return error;
  error = build(b, &target, target.folder, NULL);
  write_close(&target);
  return error;
}
