/* gather.c - see gather.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/gather.h"

#include "build/deltas.h"
#include "build/digest.h"
#include "build/io.h"
#include "build/mime.h"
#include "build/report.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- Bytes of a source ---- */

static struct gather_bytes load_item(struct readfile *file,
                                     const struct gather_item *item) {
  if (item->root < 0)
    return (struct gather_bytes){.bytes = item->source.base,
                                 .size = item->source.len};
  int error = readfile(file, item->root, item->source);
  if (error)
    return (struct gather_bytes){.error = error, .reason = file->reason};
  return (struct gather_bytes){.bytes = file->bytes, .size = file->size};
}

static struct gather_bytes load_kept(struct gather *g, struct cache_buffer *to,
                                     const struct gather_kept *kept) {
  size_t size = (size_t)kept->size; /* it was in memory before */
  if (size > to->room) {
    void *more = mem_resize(&g->options->allocator, to->bytes, to->room, size);
    if (!more)
      return (struct gather_bytes){.error = EDGESTATIC_ERR_MEMORY};
    to->bytes = more;
    to->room = size;
  }
  int reason = io_read(g->spool, to->bytes, size, kept->at);
  if (reason)
    return (struct gather_bytes){.error = EDGESTATIC_ERR_IO, .reason = reason};
  return (struct gather_bytes){.bytes = to->bytes, .size = size};
}

/* Packs are checked when they are opened, but for their bodies. */
static struct gather_bytes load_carried(const struct gather *g,
                                        uint64_t source) {
  const struct gather_item *item = gather_carried_item(g, source);
  edgestatic_variant v = edgestatic_store_variant(item->pack, (uint32_t)source);
  struct gather_bytes got = {.bytes = item->pack->base + v.offset,
                             .size = v.size};
  unsigned char hash[16];
  g->hash(got.bytes, (size_t)got.size, hash);
  if (memcmp(hash, v.hash, sizeof hash) != 0)
    got.error = EDGESTATIC_ERR_INPUT;
  return got;
}

static const struct gather_kept *delta_of(const struct gather *g,
                                          uint64_t source) {
  return &g->deltas->one[(uint32_t)(source >> 8)].kept;
}

static const struct gather_item *item_of(const struct gather *g,
                                         uint64_t source) {
  if (gather_is_carried(source))
    return gather_carried_item(g, source);
  return &g->item[g->contents.blob[source >> 8].source];
}

struct gather_bytes gather_load(struct gather *g, unsigned worker,
                                uint64_t source) {
  if (gather_is_carried(source))
    return load_carried(g, source);
  struct gather_worker *w = &g->worker[worker];
  if (gather_is_delta(source))
    return load_kept(g, &w->spooled, delta_of(g, source));
  const struct gather_content *content = &g->content[source >> 8];
  unsigned coding = gather_coding(source);
  for (unsigned i = 0; i < content->count; i++)
    if (content->kept[i].coding == coding)
      return load_kept(g, &w->spooled, &content->kept[i]);

  struct gather_bytes got = load_item(&w->file, item_of(g, source));
  unsigned char hash[16];
  const struct blob *known = &g->contents.blob[source >> 8];
  if (!got.error) {
    g->hash(got.bytes, (size_t)got.size, hash);
    if (got.size != known->size || memcmp(hash, known->hash, 16) != 0)
      got.error = EDGESTATIC_ERR_INPUT;
  }
  return got;
}

void gather_digest(const struct gather *g, uint64_t source,
                   unsigned char sha256[DIGEST_SIZE]) {
  if (gather_is_carried(source)) {
    const edgestatic_store *s = gather_carried_item(g, source)->pack;
    edgestatic_variant v = edgestatic_store_variant(s, (uint32_t)source);
    if (v.sha256)
      memcpy(sha256, v.sha256, DIGEST_SIZE);
    else
      digest_sha256(s->base + v.offset, (size_t)v.size, sha256);
    return;
  }
  if (gather_is_delta(source)) {
    memcpy(sha256, delta_of(g, source)->sha256, DIGEST_SIZE);
    return;
  }
  const struct gather_content *content = &g->content[source >> 8];
  const unsigned char *known = content->sha256;
  for (unsigned i = 0; i < content->count; i++)
    if (content->kept[i].coding == gather_coding(source))
      known = content->kept[i].sha256;
  memcpy(sha256, known, DIGEST_SIZE);
}

int gather_report(const struct gather *g, uint64_t source, int error,
                  int reason) {
  if (gather_is_carried(source))
    return report_error(g->options, error, item_of(g, source)->path.base, 0,
                        "the pack that it is carried over from is damaged: a "
                        "body does not match its hash; build that pack anew");
  if (error == EDGESTATIC_ERR_IO &&
      gather_coding(source) != EDGESTATIC_CODING_IDENTITY)
    return report_error(g->options, error, NULL, 0,
                        "the temporary file cannot be read: %s",
                        strerror(reason));
  return readfile_report(g->options, item_of(g, source)->path.base, error,
                         reason);
}

/* ---- One file ---- */

struct comparison {
  struct gather *gather;
  struct gather_worker *worker;
  const void *bytes;
};

static bool same_content(void *ctx, const struct blob *have) {
  struct comparison *c = ctx;
  struct gather_bytes other =
      load_item(&c->worker->other, &c->gather->item[have->source]);
  /* One that cannot be read any more is another one here, and an error when
   * it is to be written. */
  return !other.error && other.size == have->size &&
         memcmp(other.bytes, c->bytes, (size_t)other.size) == 0;
}

static void stop(struct gather *g, int error, int reason) {
  int none = 0;
  if (atomic_compare_exchange_strong(&g->error, &none, error))
    atomic_store(&g->reason, reason);
}

/* Fills content with the codings of its bytes. */
static int encode_content(struct gather *g, struct gather_worker *w,
                          const struct blob *blob, const void *bytes,
                          struct gather_content *content) {
  size_t size = (size_t)blob->size;
  struct encoded kept;
  int error;
  bool found = cache_load(g->cache, &w->cached, blob->hash, size, &kept);
  if (found && kept.count > 0) {
    error = encode_verify(w->encoder, &kept, bytes, size);
    if (error == EDGESTATIC_ERR_MEMORY)
      return error;
    found = error == EDGESTATIC_OK;
  }
  if (found) {
    atomic_fetch_add(&g->cached, kept.count);
    /* What decodes to this content is of it, and so is the digest; of one that
     * nothing encodes the hash alone says so, which can be made to collide. */
    if (kept.count == 0)
      digest_sha256(bytes, size, kept.sha256);
  } else {
    error = encode(w->encoder, bytes, size, &kept);
    if (error)
      return error;
    digest_encoded(&kept, bytes, size);
    cache_store(g->cache, blob->hash, size, &kept);
  }

  uint64_t at = atomic_fetch_add(&g->spool_end, kept.size);
  int reason = io_write(g->spool, kept.bytes, kept.size, at);
  if (reason) {
    stop(g, EDGESTATIC_ERR_IO, reason);
    return EDGESTATIC_ERR_IO;
  }
  for (unsigned i = 0; i < kept.count; i++) {
    struct gather_kept *k = &content->kept[i];
    k->coding = kept.kept[i].coding;
    k->size = kept.kept[i].size;
    k->at = at + kept.kept[i].offset;
    memcpy(k->sha256, kept.kept[i].sha256, DIGEST_SIZE);
    g->hash(kept.bytes + kept.kept[i].offset, kept.kept[i].size, k->hash);
  }
  content->count = kept.count;
  memcpy(content->sha256, kept.sha256, DIGEST_SIZE);
  return EDGESTATIC_OK;
}

/* Reads a page.  Two files with its bytes may be at it at once; one of them may
 * be no page. */
static int read_page(struct gather *g, const struct gather_file *file,
                     const struct gather_bytes *got) {
  struct gather_content *content = &g->content[file->content];
  struct html_page *none = NULL;
  if (g->pages == GATHER_NO_PAGES || !mime_is_page(file->type) ||
      atomic_load(&content->page))
    return EDGESTATIC_OK;
  if (g->pages == GATHER_INTEGRITY &&
      !html_has_integrity(got->bytes, (size_t)got->size))
    return EDGESTATIC_OK;
  struct html_page *page =
      html_read(&g->options->allocator, got->bytes, (size_t)got->size);
  if (!page)
    return EDGESTATIC_ERR_MEMORY;
  if (!atomic_compare_exchange_strong(&content->page, &none, page))
    html_free(page);
  return EDGESTATIC_OK;
}

static int gather_one(struct gather *g, struct gather_worker *w, uint32_t i) {
  const struct gather_item *item = &g->item[i];
  struct gather_file *file = &g->file[i];
  struct gather_bytes got = load_item(&w->file, item);
  if (got.error) {
    file->error = got.error;
    file->reason = got.reason;
    atomic_store(&g->failed, true);
    return got.error;
  }
  file->mtime = item->root < 0 ? item->mtime : w->file.mtime;
  file->type = item->type.base
                   ? item->type
                   : mime_type_for(item->path, got.bytes, (size_t)got.size);
  unsigned char hash[16];
  g->hash(got.bytes, (size_t)got.size, hash);
  struct comparison comparison = {g, w, got.bytes};
  bool fresh;
  file->content = blobs_share(&g->contents, hash, got.size, i, same_content,
                              &comparison, &fresh);
  /* After an error the other files are read to name every one that is wrong,
   * but not encoded for nothing. */
  if (atomic_load(&g->failed))
    return EDGESTATIC_OK;
  int error = read_page(g, file, &got);
  if (error || !fresh)
    return error;
  return encode_content(g, w, &g->contents.blob[file->content], got.bytes,
                        &g->content[file->content]);
}

static int gather_job(void *ctx, unsigned worker, size_t index) {
  struct gather *g = ctx;
  uint32_t i = g->order[index];
  int error = gather_one(g, &g->worker[worker], i);
  if (error == EDGESTATIC_ERR_MEMORY)
    stop(g, error, 0);
  atomic_fetch_add(&g->bytes_done, g->item[i].size);
  atomic_fetch_add(&g->files_done, 1);
  return atomic_load(&g->error);
}

/* ---- All of them ---- */

bool gather_tick(struct gather *g) {
  if (!g->options->progress || atomic_load(&g->cancelled))
    return atomic_load(&g->cancelled);
  edgestatic_progress progress = {
      .files_done = atomic_load(&g->files_done),
      .files_total = (uint32_t)g->jobs,
      .bytes_done = atomic_load(&g->bytes_done),
      .bytes_total = g->bytes_total,
  };
  if (g->options->progress(g->options->progress_ctx, &progress) != 0)
    atomic_store(&g->cancelled, true);
  return atomic_load(&g->cancelled);
}

static int tick(void *ctx) {
  return gather_tick(ctx);
}

struct sized {
  uint64_t size;
  uint32_t item;
};

static int largest_first(const void *a, const void *b) {
  const struct sized *x = a, *y = b;
  if (x->size != y->size)
    return x->size < y->size ? 1 : -1;
  return (x->item > y->item) - (x->item < y->item);
}

/* A large file that is begun last would keep one thread busy alone. */
static int make_order(struct gather *g) {
  const edgestatic_allocator *allocator = &g->options->allocator;
  struct sized *sized = mem_new(allocator, g->count + 1, sizeof *sized);
  g->order = mem_new(allocator, g->count + 1, sizeof *g->order);
  if (sized && g->order) {
    for (size_t i = 0; i < g->count; i++) {
      if (g->item[i].pack)
        continue;
      sized[g->jobs++] = (struct sized){g->item[i].size, (uint32_t)i};
      g->bytes_total += g->item[i].size;
    }
    qsort(sized, g->jobs, sizeof *sized, largest_first);
    for (size_t i = 0; i < g->jobs; i++)
      g->order[i] = sized[i].item;
  }
  mem_free(allocator, sized, (g->count + 1) * sizeof *sized);
  return sized && g->order ? EDGESTATIC_OK : EDGESTATIC_ERR_MEMORY;
}

static int prepare(struct gather *g) {
  const edgestatic_allocator *allocator = &g->options->allocator;
  g->threads = pool_threads(g->options->threads);
  g->file = mem_new(allocator, g->count + 1, sizeof *g->file);
  g->content = mem_new(allocator, g->count + 1, sizeof *g->content);
  g->worker = mem_new(allocator, g->threads, sizeof *g->worker);
  if (g->content) /* which gather_free looks into */
    memset(g->content, 0, g->count * sizeof *g->content);
  if (g->worker)
    memset(g->worker, 0, g->threads * sizeof *g->worker);
  if (!g->file || !g->content || !g->worker || make_order(g) ||
      blobs_init(&g->contents, allocator, (uint32_t)g->count))
    return EDGESTATIC_ERR_MEMORY;
  memset(g->file, 0, g->count * sizeof *g->file);
  for (unsigned i = 0; i < g->threads; i++) {
    struct gather_worker *w = &g->worker[i];
    w->file.allocator = w->other.allocator = allocator;
    w->encoder = encoder_new(allocator, g->options->effort);
    if (!w->encoder)
      return EDGESTATIC_ERR_MEMORY;
  }
  return EDGESTATIC_OK;
}

int gather_run(struct gather *g) {
  int error = prepare(g);
  if (error)
    return error;
  struct pool_work work = {gather_job, tick, g};
  pool_run(g->threads, g->jobs, &work);
  if (atomic_load(&g->cancelled))
    return EDGESTATIC_ERR_CANCELLED;
  if (atomic_load(&g->error) == EDGESTATIC_ERR_IO)
    return report_error(g->options, EDGESTATIC_ERR_IO, NULL, 0,
                        "the temporary file cannot be written: %s",
                        strerror(atomic_load(&g->reason)));
  if (atomic_load(&g->error))
    return atomic_load(&g->error);
  for (size_t i = 0; i < g->count; i++) {
    const struct gather_file *f = &g->file[i];
    if (f->error) {
      readfile_report(g->options, g->item[i].path.base, f->error, f->reason);
      if (!error)
        error = f->error;
    }
  }
  return error;
}

void gather_free(struct gather *g) {
  const edgestatic_allocator *allocator = &g->options->allocator;
  for (unsigned i = 0; g->worker && i < g->threads; i++) {
    struct gather_worker *w = &g->worker[i];
    encoder_free(w->encoder);
    readfile_free(&w->file);
    readfile_free(&w->other);
    cache_buffer_free(allocator, &w->cached);
    cache_buffer_free(allocator, &w->spooled);
  }
  for (size_t i = 0; g->content && i < g->count; i++)
    html_free(atomic_load(&g->content[i].page));
  mem_free(allocator, g->worker, g->threads * sizeof *g->worker);
  mem_free(allocator, g->order, (g->count + 1) * sizeof *g->order);
  mem_free(allocator, g->content, (g->count + 1) * sizeof *g->content);
  mem_free(allocator, g->file, (g->count + 1) * sizeof *g->file);
  blobs_free(&g->contents);
  if (g->spool >= 0)
    close(g->spool);
  g->spool = -1;
}
