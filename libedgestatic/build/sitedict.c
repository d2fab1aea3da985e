/* sitedict.c - see sitedict.h.
 *
 * Pages are sampled evenly.  Every other one trains the dictionary, and what it
 * saves is measured on those between, which it has not seen: else it would be
 * taken for better than it is on the pages of tomorrow.
 *
 * What zstd trains has its best parts at the end, so the end of a large
 * dictionary is a small one: that size is taken that saves most by the pages of
 * a visitor (SITEDICT_VIEWS), less the bytes to fetch it.
 *
 * Small sites are better served by one of their pages as it is: zstd's training
 * takes the frame of few pages to pieces.  So that is tried, too.
 *
 * It is used as raw content, as RFC 9842 section 2.1.4 has it; zstd's tables
 * before the content are left out.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/sitedict.h"

#include "build/carry.h"
#include "build/delta.h"
#include "build/mime.h"
#include "build/report.h"
#include "core/pack.h"

#include <stdio.h>
#include <zdict.h>

/* Pages to train by, and the bytes of each: zstd advises a hundred times the
 * dictionary, and pages have in common how they begin. */
#define TRAINED_MAX 512
#define TRAINED_BYTES ((size_t)32 << 10)

/* Pages to measure by: what one of them saves is then known to a few percent,
 * and a build takes some seconds longer. */
#define MEASURED_MAX 32
#define MEASURED_BYTES ((size_t)64 << 10)

#define NAME_BEGIN LIT("dictionary.")
#define NAME_END LIT(".dat")
#define NAME_DIGITS 16

/* Dictionaries to choose from, besides all that was trained. */
static const size_t part[] = {(size_t)48 << 10, (size_t)24 << 10,
                              (size_t)12 << 10, (size_t)6 << 10};
#define PARTS (sizeof part / sizeof *part)

struct sampled {
  slice bytes;
  uint64_t plain; /* its smallest variant; of pages that measure */
};

struct search {
  struct sitedict *found;
  struct mem_arena texts;
  struct readfile file;
  struct encoder *encoder;
  struct delta_encoder *deltas;
  struct sampled trained[TRAINED_MAX], measured[MEASURED_MAX];
  size_t trains, measures;
  size_t pages; /* of the site */
  uint64_t plain;
};

struct candidate {
  slice bytes;
  uint64_t cost, small;
};

/* ---- Names ---- */

static void name_of(const unsigned char sha256[DIGEST_SIZE],
                    char name[SITEDICT_NAME_MAX]) {
  int n = snprintf(name, SITEDICT_NAME_MAX, "%s", NAME_BEGIN.base);
  for (size_t i = 0; i < NAME_DIGITS / 2; i++)
    n += snprintf(name + n, SITEDICT_NAME_MAX - (size_t)n, "%02x", sha256[i]);
  snprintf(name + n, SITEDICT_NAME_MAX - (size_t)n, "%s", NAME_END.base);
}

/* The site dictionary of a release.  By its name, which its bytes must bear
 * out: a file of the site's own that is named like it is none. */
static slice find_earlier(const edgestatic_store *s,
                          unsigned char sha256[DIGEST_SIZE],
                          char name[SITEDICT_NAME_MAX]) {
  for (uint32_t i = 0; s && i < edgestatic_store_asset_count(s); i++) {
    edgestatic_asset a = edgestatic_store_asset(s, i);
    uint32_t variant[EDGESTATIC_CODING_COUNT];
    if (a.retained_until != 0 || !carry_is_file(s, i) ||
        a.file.len != NAME_BEGIN.len + NAME_DIGITS + NAME_END.len ||
        !slice_starts(a.file, NAME_BEGIN))
      continue;
    unsigned count = carry_variants(s, i, variant);
    edgestatic_variant v = edgestatic_store_variant(s, variant[count - 1]);
    if (v.size == 0 || v.size > SITEDICT_MAX)
      continue;
    slice bytes = slice_of((const char *)s->base + v.offset, (size_t)v.size);
    digest_sha256(bytes.base, bytes.len, sha256);
    name_of(sha256, name);
    if (slice_eq(a.file, slice_of(name, strlen(name))))
      return bytes;
  }
  return (slice){NULL, 0};
}

/* Whether who builds has had enough: each measurement takes a second or so.
 * How far it is cannot be told, as while folders are read. */
static int cancelled(const struct search *s) {
  const edgestatic_builder_options *o = s->found->options;
  const edgestatic_progress unknown = {0, 0, 0, 0};
  return o->progress && o->progress(o->progress_ctx, &unknown) != 0
             ? EDGESTATIC_ERR_CANCELLED
             : EDGESTATIC_OK;
}

/* ---- Samples ---- */

static bool is_page(const struct gather_item *item) {
  return !item->pack && item->size > 0 && item->size <= DELTA_INPUT_MAX &&
         mime_is_page(item->type.base ? item->type : mime_type(item->path));
}

static int load(struct search *s, const struct gather_item *item, size_t most,
                slice *bytes) {
  slice all = item->source;
  if (item->root >= 0) {
    int error = readfile(&s->file, item->root, item->source);
    if (error)
      return readfile_report(s->found->options, item->path.base, error,
                             s->file.reason);
    all = slice_of(s->file.bytes, s->file.size);
  }
  all.len = all.len < most ? all.len : most;
  *bytes = mem_arena_copy(&s->texts, all);
  return bytes->base ? EDGESTATIC_OK : EDGESTATIC_ERR_MEMORY;
}

static int add_measured(struct search *s, const struct gather_item *item) {
  struct sampled *m = &s->measured[s->measures];
  struct encoded plain;
  int error = load(s, item, MEASURED_BYTES, &m->bytes);
  if (!error)
    error = encode(s->encoder, m->bytes.base, m->bytes.len, &plain);
  if (error)
    return error;
  m->plain = plain.count > 0 ? plain.kept[0].size : m->bytes.len;
  s->plain += m->plain;
  s->measures++;
  return EDGESTATIC_OK;
}

/* The places of `want` out of n things, evenly. */
static bool is_sampled(size_t i, size_t n, size_t want) {
  return want >= n || i * want / n != (i + 1) * want / n;
}

static int take_samples(struct search *s, const struct gather_item *item,
                        size_t count) {
  size_t half = s->pages / 2, seen = 0;
  int error = EDGESTATIC_OK;
  for (size_t i = 0; !error && i < count; i++) {
    if (!is_page(&item[i]))
      continue;
    error = cancelled(s);
    if (error)
      return error;
    size_t pair = seen / 2;
    bool trains = seen++ % 2 == 0;
    if (pair == half) /* the last of an odd number */
      break;
    if (!trains && is_sampled(pair, half, MEASURED_MAX))
      error = add_measured(s, &item[i]);
    else if (trains && is_sampled(pair, half, TRAINED_MAX))
      error = load(s, &item[i], TRAINED_BYTES, &s->trained[s->trains++].bytes);
  }
  return error;
}

/* ---- Training ---- */

static int train(struct search *s, slice *trained) {
  struct sitedict *d = s->found;
  const edgestatic_allocator *allocator = &d->options->allocator;
  size_t length[TRAINED_MAX], total = 0, at = 0;
  for (size_t i = 0; i < s->trains; i++)
    total += length[i] = s->trained[i].bytes.len;
  char *all = mem_new(allocator, total, 1);
  d->room = mem_new(allocator, SITEDICT_MAX, 1);
  *trained = (slice){NULL, 0};
  if (all && d->room) {
    for (size_t i = 0; i < s->trains; i++) {
      memcpy(all + at, s->trained[i].bytes.base, length[i]);
      at += length[i];
    }
    /* It refuses pages that are too few or too small: then there is none. */
    size_t n = ZDICT_trainFromBuffer(d->room, SITEDICT_MAX, all, length,
                                     (unsigned)s->trains);
    size_t head = ZDICT_isError(n) ? n : ZDICT_getDictHeaderSize(d->room, n);
    if (!ZDICT_isError(head) && head < n)
      *trained = slice_of(d->room + head, n - head);
  }
  int error = all && d->room ? EDGESTATIC_OK : EDGESTATIC_ERR_MEMORY;
  mem_free(allocator, all, total);
  return error;
}

/* ---- Measuring ---- */

bool sitedict_pays(uint64_t cost, uint64_t pages, uint64_t plain,
                   uint64_t small) {
  return plain > small &&
         (plain - small) / pages * SITEDICT_VIEWS +
                 (plain - small) % pages * SITEDICT_VIEWS / pages >
             cost;
}

/* Sizes of the measured pages with a dictionary, and of itself. */
static int measure(struct search *s, struct candidate *c) {
  static const unsigned char any[DELTA_HASH];
  const struct delta_dictionary dictionary = {c->bytes, any};
  struct encoded itself;
  int error = cancelled(s);
  if (!error)
    error = encode(s->encoder, c->bytes.base, c->bytes.len, &itself);
  if (error)
    return error;
  c->cost = itself.count > 0 ? itself.kept[0].size : c->bytes.len;
  c->small = 0;
  for (size_t i = 0; !error && i < s->measures; i++) {
    const struct sampled *m = &s->measured[i];
    uint64_t least = m->plain;
    for (unsigned k = 0; !error && k < EDGESTATIC_CODING_COUNT; k++) {
      slice body = {NULL, 0};
      if (delta_makes(k))
        error = delta_encode(s->deltas, k, &dictionary, m->bytes,
                             (size_t)m->plain, &body);
      if (body.len > 0 && body.len < least)
        least = body.len;
    }
    c->small += least;
  }
  return error;
}

/* The page of middle size: the smallest ones are often redirects only. */
static slice middle_page(const struct search *s) {
  for (size_t i = 0; i < s->trains; i++) {
    size_t before = 0, len = s->trained[i].bytes.len;
    for (size_t k = 0; k < s->trains; k++)
      before += s->trained[k].bytes.len < len ||
                (k < i && s->trained[k].bytes.len == len);
    if (before == s->trains / 2)
      return s->trained[i].bytes;
  }
  return s->trained[0].bytes; /* never */
}

/* What a visitor of all measured pages saves, less the bytes of as many
 * dictionaries as that is visitors. */
static int64_t gain(const struct search *s, const struct candidate *c) {
  return (int64_t)(s->plain - c->small) * SITEDICT_VIEWS -
         (int64_t)(c->cost * s->measures);
}

static int try(struct search *s, slice bytes, struct candidate *best) {
  struct candidate c = {.bytes = bytes};
  int error = measure(s, &c);
  if (!error && (!best->bytes.base || gain(s, &c) > gain(s, best)))
    *best = c;
  return error;
}

static int choose(struct search *s, slice trained, struct candidate *best) {
  int error = try(s, middle_page(s), best);
  for (size_t i = 0; !error && i < PARTS; i++)
    if (trained.len > part[i])
      error = try(s, slice_skip(trained, trained.len - part[i]), best);
  if (!error && trained.base)
    error = try(s, trained, best);
  return error;
}

/* ---- The one that is taken ---- */

static void tell_none(const struct search *s, const struct candidate *c) {
  report(s->found->options, EDGESTATIC_NOTE, NULL, 0,
         "no site dictionary: %zu pages take %llu bytes with it and %llu "
         "without, so a visitor of %d pages would not get back the %llu bytes "
         "of the dictionary",
         s->measures, (unsigned long long)c->small,
         (unsigned long long)s->plain, SITEDICT_VIEWS,
         (unsigned long long)c->cost);
}

static void take(struct search *s, slice earlier, const struct candidate *new,
                 const struct candidate *old) {
  struct sitedict *d = s->found;
  uint64_t saved = s->plain - new->small, kept = s->plain - old->small;
  bool again =
      old->bytes.base && kept > 0 &&
      (!new->bytes.base || saved * 100 < kept *(100 + SITEDICT_BETTER));
  const struct candidate *best = again ? old : new;
  /* The one that visitors hold costs those nothing; but it must not be carried
   * on for ever when new visitors lose by it. */
  if (!sitedict_pays(best->cost, s->measures, s->plain, best->small)) {
    tell_none(s, best);
    return;
  }
  if (again)
    d->bytes = old->bytes;
  else
    d->bytes = slice_of(memmove(d->room, new->bytes.base, new->bytes.len),
                        new->bytes.len);
  d->cost = best->cost;
  digest_sha256(d->bytes.base, d->bytes.len, d->sha256);
  name_of(d->sha256, d->name);
  if (!again)
    d->earlier = earlier;
}

static int search(struct search *s, const struct gather_item *item,
                  size_t count, const edgestatic_store *previous) {
  struct sitedict *d = s->found;
  struct candidate new = {.cost = 0}, old = {.cost = 0};
  slice trained;
  s->encoder = encoder_new(&d->options->allocator, d->options->effort);
  s->deltas = delta_encoder_new(&d->options->allocator, d->options->effort);
  if (!s->encoder || !s->deltas)
    return EDGESTATIC_ERR_MEMORY;
  int error = take_samples(s, item, count);
  if (!error)
    error = train(s, &trained);
  if (!error)
    error = choose(s, trained, &new);
  if (error)
    return error;
  old.bytes = find_earlier(previous, d->earlier_sha256, d->earlier_name);
  if (old.bytes.base)
    error = measure(s, &old);
  if (!error)
    take(s, old.bytes, &new, &old);
  return error;
}

int sitedict_find(struct sitedict *d, const struct gather_item *item,
                  size_t count, const edgestatic_store *previous) {
  const edgestatic_allocator *allocator = &d->options->allocator;
  size_t pages = 0;
  for (size_t i = 0; i < count; i++)
    pages += is_page(&item[i]);
  if (pages < SITEDICT_PAGES_MIN) {
    report(d->options, EDGESTATIC_NOTE, NULL, 0,
           "no site dictionary: there are fewer than %d pages",
           SITEDICT_PAGES_MIN);
    return EDGESTATIC_OK;
  }
  struct search *s = mem_new(allocator, 1, sizeof *s);
  if (!s)
    return EDGESTATIC_ERR_MEMORY;
  *s = (struct search){.found = d,
                       .texts = {.allocator = allocator},
                       .file = {.allocator = allocator},
                       .pages = pages};
  int error = search(s, item, count, previous);
  encoder_free(s->encoder);
  delta_encoder_free(s->deltas);
  readfile_free(&s->file);
  mem_arena_free(&s->texts);
  mem_free(allocator, s, sizeof *s);
  return error;
}

struct gather_item sitedict_item(const struct sitedict *d) {
  return (struct gather_item){.path = slice_of(d->name, strlen(d->name)),
                              .root = -1,
                              .source = d->bytes,
                              .size = d->bytes.len,
                              .type = LIT("application/octet-stream"),
                              .cache_control =
                                  LIT("public, max-age=31536000, immutable"),
                              .mtime = INT64_MIN};
}

void sitedict_free(struct sitedict *d) {
  if (d->options)
    mem_free(&d->options->allocator, d->room, d->room ? SITEDICT_MAX : 0);
}
