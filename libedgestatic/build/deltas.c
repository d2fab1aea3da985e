/* deltas.c - see deltas.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/deltas.h"

#include "build/io.h"
#include "build/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

/* ---- What is to be made ---- */

static const struct gather_content *content_of(const struct deltas *d,
                                               uint32_t content) {
  return &d->gather->content[content];
}

static uint64_t size_of(const struct deltas *d, uint32_t content) {
  return d->gather->contents.blob[content].size;
}

/* The smallest variant that everybody can decode. */
static uint64_t plain_size(const struct deltas *d, uint32_t content) {
  return content_of(d, content)->kept[0].size;
}

/* Whether a dictionary is there already.  What it is wanted for is joined: the
 * same bytes may be of an earlier release and of all pages, and of two files
 * with one content only one may have been another before. */
static bool join(struct deltas *d, const struct deltas_one *new) {
  bool found = false;
  for (uint32_t i = d->first[new->content]; i != 0; i = d->one[i - 1].next) {
    struct deltas_one *one = &d->one[i - 1];
    if (one->self != new->self || !slice_eq(one->dictionary, new->dictionary))
      continue;
    one->shared = one->shared || new->shared;
    one->again = one->again || new->again;
    found = true;
  }
  return found;
}

static unsigned count_of(const struct deltas *d, uint32_t content) {
  unsigned count = 0;
  for (uint32_t i = d->first[content]; i != 0; i = d->one[i - 1].next)
    count++;
  return count;
}

static int add(struct deltas *d, const struct deltas_one *new) {
  struct deltas_one *more = mem_grow(&d->gather->options->allocator, d->one,
                                     &d->room, d->count + 1, sizeof *more);
  if (!more)
    return EDGESTATIC_ERR_MEMORY;
  d->one = more;
  d->one[d->count] = *new;
  d->one[d->count].next = d->first[new->content];
  d->first[new->content] = (uint32_t)++d->count;
  return EDGESTATIC_OK;
}

/* In each coding.  sha256 may be NULL. */
static int add_all(struct deltas *d, struct deltas_one *new,
                   const unsigned char *sha256) {
  const struct gather *g = d->gather;
  int error = EDGESTATIC_OK;
  if (!d->first) {
    d->first = mem_new(&g->options->allocator, g->contents.count + (size_t)1,
                       sizeof *d->first);
    if (!d->first)
      return EDGESTATIC_ERR_MEMORY;
    memset(d->first, 0, g->contents.count * sizeof *d->first);
  }
  if (content_of(d, new->content)->count == 0 ||
      size_of(d, new->content) > DELTA_INPUT_MAX || join(d, new))
    return EDGESTATIC_OK;
  /* Of the bytes, whatever the pack that they are in says of them: by a wrong
   * one clients would decode with other bytes. */
  if (sha256)
    memcpy(new->sha256, sha256, DIGEST_SIZE);
  else
    digest_sha256(new->dictionary.base, new->dictionary.len, new->sha256);
  for (unsigned coding = 0; !error && coding < EDGESTATIC_CODING_COUNT;
       coding++) {
    new->coding = coding;
    if (delta_makes(coding) && count_of(d, new->content) < DELTAS_MAX)
      error = add(d, new);
  }
  return error;
}

int deltas_add(struct deltas *d, uint32_t content, slice dictionary,
               slice name) {
  struct deltas_one new = {
      .content = content, .dictionary = dictionary, .name = name};
  if (dictionary.len / DELTAS_SHRUNK > size_of(d, content))
    return EDGESTATIC_OK;
  return add_all(d, &new, NULL);
}

int deltas_add_self(struct deltas *d, uint32_t content, bool again,
                    slice name) {
  struct deltas_one new = {
      .content = content, .self = true, .again = again, .name = name};
  return add_all(d, &new, content_of(d, content)->sha256);
}

int deltas_add_shared(struct deltas *d, uint32_t content, slice dictionary,
                      const unsigned char *sha256, slice name) {
  struct deltas_one new = {.content = content,
                           .shared = true,
                           .dictionary = dictionary,
                           .name = name};
  return add_all(d, &new, sha256);
}

/* ---- One of them ---- */

/* The most bytes that still pay. */
static size_t paying(uint64_t plain, bool shared) {
  uint64_t most = shared ? plain : plain - plain / DELTAS_SHARE;
  if (plain <= DELTAS_COST)
    return 0;
  return (size_t)(most < plain - DELTAS_COST ? most : plain - DELTAS_COST - 1);
}

static size_t paying_for(const struct deltas *d, const struct deltas_one *one) {
  return paying(plain_size(d, one->content), one->shared);
}

/* Names a delta in the cache; what it is made by is in the recipe.  A shared
 * one may save little where another one would have been left out. */
static void key_of(const struct deltas *d, const struct deltas_one *one,
                   unsigned char key[16]) {
  unsigned char all[16 + DIGEST_SIZE + 2];
  XXH128_canonical_t canonical;
  memcpy(all, d->gather->contents.blob[one->content].hash, 16);
  memcpy(all + 16, one->sha256, DIGEST_SIZE);
  all[sizeof all - 2] = (unsigned char)one->coding;
  all[sizeof all - 1] = one->shared;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(all, sizeof all));
  memcpy(key, canonical.digest, 16);
}

/* Whether the cache has it: *body is its bytes, or empty where it is known
 * not to pay. */
static int load(struct deltas *d, struct delta_encoder *encoder,
                struct gather_worker *w, const struct deltas_one *one,
                const struct delta_dictionary *dictionary, slice content,
                const unsigned char key[16], slice *body, bool *found) {
  struct encoded entry;
  *body = (slice){NULL, 0};
  *found = cache_load(&d->cache, &w->cached, key, content.len, &entry);
  if (!*found || entry.count == 0)
    return EDGESTATIC_OK;
  *found = entry.count == 1 && entry.kept[0].coding == one->coding &&
           entry.kept[0].size <= paying_for(d, one);
  if (!*found)
    return EDGESTATIC_OK;
  *body = slice_of((const char *)entry.bytes + entry.kept[0].offset,
                   entry.kept[0].size);
  int error = delta_verify(encoder, one->coding, dictionary, *body, content);
  *found = error == EDGESTATIC_OK;
  return error == EDGESTATIC_ERR_MEMORY ? error : EDGESTATIC_OK;
}

static void store(struct deltas *d, const struct deltas_one *one,
                  const unsigned char key[16], size_t size, slice body) {
  struct encoded entry = {.count = body.len > 0,
                          .bytes = (const unsigned char *)body.base,
                          .size = body.len};
  entry.kept[0].coding = one->coding;
  entry.kept[0].size = body.len;
  cache_store(&d->cache, key, size, &entry);
}

static int keep(struct deltas *d, struct deltas_one *one, slice body) {
  struct gather *g = d->gather;
  int none = 0;
  one->kept.coding = one->coding;
  one->kept.at = atomic_fetch_add(&g->spool_end, body.len);
  int reason = io_write(g->spool, body.base, body.len, one->kept.at);
  if (reason) {
    if (atomic_compare_exchange_strong(&d->error, &none, EDGESTATIC_ERR_IO))
      atomic_store(&d->reason, reason);
    return EDGESTATIC_ERR_IO;
  }
  one->kept.size = body.len;
  g->hash(body.base, body.len, one->kept.hash);
  digest_sha256(body.base, body.len, one->kept.sha256);
  return EDGESTATIC_OK;
}

/* Encodes one that the cache does not have. */
static int encode_one(struct deltas *d, struct delta_encoder *encoder,
                      const struct deltas_one *one,
                      const struct delta_dictionary *dictionary, slice content,
                      slice *body) {
  bool worth = true;
  int error = EDGESTATIC_OK;
  *body = (slice){NULL, 0};
  /* Names that differ by their hash alone may be of files that have nothing in
   * common.  A fast encoding is about a third larger than a good one, which is
   * to save a quarter: so what it saves nothing at will not pay. */
  if (d->gather->options->effort == EDGESTATIC_EFFORT_BEST && !one->shared &&
      !one->self)
    error = delta_probe(encoder, dictionary, content,
                        (size_t)plain_size(d, one->content), &worth);
  if (error || !worth)
    return error;
  return delta_encode(encoder, one->coding, dictionary, content,
                      paying_for(d, one), body);
}

static int make(struct deltas *d, unsigned worker, struct deltas_one *one) {
  struct gather *g = d->gather;
  uint64_t source = gather_source(one->content, EDGESTATIC_CODING_IDENTITY);
  struct gather_bytes got = gather_load(g, worker, source);
  if (got.error) {
    int none = 0;
    if (got.error != EDGESTATIC_ERR_MEMORY &&
        atomic_compare_exchange_strong(&d->error, &none, got.error))
      gather_report(g, source, got.error, got.reason);
    return got.error;
  }
  slice content = slice_of(got.bytes, (size_t)got.size), body;
  const struct delta_dictionary dictionary = {
      one->self ? content : one->dictionary, one->sha256};
  unsigned char key[16];
  bool found;
  key_of(d, one, key);
  int error = load(d, d->encoder[worker], &g->worker[worker], one, &dictionary,
                   content, key, &body, &found);
  if (!error && !found) {
    error = encode_one(d, d->encoder[worker], one, &dictionary, content, &body);
    if (!error)
      store(d, one, key, content.len, body);
  }
  if (!error && found && body.len > 0)
    atomic_fetch_add(&g->cached, 1);
  if (!error && body.len > 0)
    error = keep(d, one, body);
  return error;
}

static int job(void *ctx, unsigned worker, size_t index) {
  struct deltas *d = ctx;
  struct deltas_one *one = &d->one[index];
  int none = 0, error = make(d, worker, one);
  if (error)
    atomic_compare_exchange_strong(&d->error, &none, error);
  atomic_fetch_add(&d->gather->bytes_done, size_of(d, one->content));
  return error;
}

static int tick(void *ctx) {
  struct deltas *d = ctx;
  return gather_tick(d->gather);
}

/* ---- Those that stay ---- */

struct saving {
  uint64_t bytes;
  uint32_t number;
  bool second; /* there is a smaller one in another coding */
};

/* Clients that decode the one coding decode the other, so far; so a second one
 * comes after all that save something to somebody. */
static bool is_second(const struct deltas *d, uint32_t number) {
  const struct deltas_one *one = &d->one[number];
  for (uint32_t i = d->first[one->content]; i != 0; i = d->one[i - 1].next) {
    const struct deltas_one *other = &d->one[i - 1];
    if (other->coding != one->coding && other->kept.size > 0 &&
        memcmp(other->sha256, one->sha256, DIGEST_SIZE) == 0 &&
        (other->kept.size < one->kept.size ||
         (other->kept.size == one->kept.size && other < one)))
      return true;
  }
  return false;
}

static int most_first(const void *a, const void *b) {
  const struct saving *x = a, *y = b;
  if (x->second != y->second)
    return x->second ? 1 : -1;
  if (x->bytes != y->bytes)
    return x->bytes < y->bytes ? 1 : -1;
  return (x->number > y->number) - (x->number < y->number);
}

static uint64_t budget(const struct gather *g) {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < g->contents.count; i++) {
    bytes += g->contents.blob[i].size;
    for (unsigned k = 0; k < g->content[i].count; k++)
      bytes += g->content[i].kept[k].size;
  }
  return bytes / DELTAS_BUDGET;
}

static int drop_beyond_budget(struct deltas *d) {
  const edgestatic_allocator *allocator = &d->gather->options->allocator;
  struct saving *saving = mem_new(allocator, d->count, sizeof *saving);
  uint64_t left = budget(d->gather);
  size_t dropped = 0;
  if (!saving)
    return EDGESTATIC_ERR_MEMORY;
  for (size_t i = 0; i < d->count; i++)
    saving[i] = (struct saving){.bytes = plain_size(d, d->one[i].content) -
                                         d->one[i].kept.size,
                                .number = (uint32_t)i,
                                .second = is_second(d, (uint32_t)i)};
  qsort(saving, d->count, sizeof *saving, most_first);
  for (size_t i = 0; i < d->count; i++) {
    struct gather_kept *kept = &d->one[saving[i].number].kept;
    if (kept->size > left) {
      kept->size = 0;
      dropped++;
    }
    left -= kept->size;
  }
  mem_free(allocator, saving, d->count * sizeof *saving);
  if (dropped > 0)
    report(d->gather->options, EDGESTATIC_NOTE, NULL, 0,
           "%zu deltas were left out: together they would take more than a "
           "quarter of the bytes of all else",
           dropped);
  return EDGESTATIC_OK;
}

/* Nobody has a delta's tag where no other delta is or was. */
static void drop_lonely(struct deltas *d, uint32_t content) {
  bool others = false;
  for (uint32_t i = d->first[content]; i != 0; i = d->one[i - 1].next)
    others = others || d->one[i - 1].again ||
             (!d->one[i - 1].self && d->one[i - 1].kept.size > 0);
  for (uint32_t i = d->first[content]; i != 0 && !others;
       i = d->one[i - 1].next)
    d->one[i - 1].kept.size = 0;
}

size_t deltas_of(const struct deltas *d, uint32_t content,
                 uint32_t number[DELTAS_MAX]) {
  size_t count = 0;
  if (!d->first)
    return 0;
  for (uint32_t i = d->first[content]; i != 0; i = d->one[i - 1].next) {
    if (d->one[i - 1].kept.size == 0)
      continue;
    size_t at = count++;
    for (; at > 0 && d->one[number[at - 1]].kept.size > d->one[i - 1].kept.size;
         at--)
      number[at] = number[at - 1];
    number[at] = i - 1;
  }
  return count;
}

/* ---- All of them ---- */

static void open_cache(struct deltas *d) {
  const edgestatic_builder_options *o = d->gather->options;
  char recipe[ENCODE_RECIPE_MAX + EDGESTATIC_CODING_COUNT * DELTA_RECIPE_MAX];
  d->cache = (struct cache){.dir = -1};
  if (!o->cache_dir)
    return;
  encode_recipe(o->effort, recipe); /* it decides what pays */
  for (unsigned coding = 0; coding < EDGESTATIC_CODING_COUNT; coding++)
    if (delta_makes(coding))
      delta_recipe(coding, o->effort, recipe + strlen(recipe));
  /* Why it cannot be opened was said when the gather tried to. */
  cache_open(&d->cache, &o->allocator, o->cache_dir, recipe);
}

static int run(struct deltas *d) {
  struct gather *g = d->gather;
  const struct pool_work work = {job, tick, d};
  d->encoder = mem_new(&g->options->allocator, g->threads, sizeof(*d->encoder));
  if (!d->encoder)
    return EDGESTATIC_ERR_MEMORY;
  memset(d->encoder, 0, g->threads * sizeof(*d->encoder));
  for (unsigned i = 0; i < g->threads; i++) {
    d->encoder[i] =
        delta_encoder_new(&g->options->allocator, g->options->effort);
    if (!d->encoder[i])
      return EDGESTATIC_ERR_MEMORY;
  }
  open_cache(d);
  for (size_t i = 0; i < d->count; i++)
    g->bytes_total += size_of(d, d->one[i].content);
  bool done = pool_run(g->threads, d->count, &work);
  cache_close(&d->cache);
  int error = atomic_load(&d->error);
  if (error == EDGESTATIC_ERR_IO && atomic_load(&d->reason) != 0)
    return report_error(g->options, error, NULL, 0,
                        "the temporary file cannot be written: %s",
                        strerror(atomic_load(&d->reason)));
  return error || done ? error : EDGESTATIC_ERR_CANCELLED;
}

int deltas_run(struct deltas *d) {
  if (d->count == 0)
    return EDGESTATIC_OK;
  int error = run(d);
  if (!error)
    error = drop_beyond_budget(d);
  for (uint32_t i = 0; !error && i < d->gather->contents.count; i++)
    drop_lonely(d, i);
  return error;
}

void deltas_free(struct deltas *d) {
  const edgestatic_allocator *allocator = &d->gather->options->allocator;
  for (unsigned i = 0; d->encoder && i < d->gather->threads; i++)
    delta_encoder_free(d->encoder[i]);
  mem_free(allocator, d->encoder, d->gather->threads * sizeof(*d->encoder));
  mem_free(allocator, d->one, d->room * sizeof *d->one);
  mem_free(allocator, d->first,
           (d->gather->contents.count + (size_t)1) * sizeof *d->first);
}
