/* gather.h - the first half of a build: what is in the files.
 *
 * Every file is read once, by several threads: hashed, typed and encoded,
 * unless it is the same as another one.  What is kept of it are numbers; its
 * encoded bytes go to a spool, and its own are read again when they are
 * written.  So memory is bounded by the largest file times the threads.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_GATHER_H
#define EDGESTATIC_GATHER_H

#include "build/blobs.h"
#include "build/cache.h"
#include "build/encode.h"
#include "build/html.h"
#include "build/pool.h"
#include "build/readfile.h"

/* One file of the site: in a folder, in memory, or an asset of a pack, which
 * is not gathered but carried over as it is (carry.h). */
struct gather_item {
  slice path;   /* "docs/a.html" */
  int root;     /* folder of the file, or -1 */
  slice source; /* what to open there; or the bytes */
  uint64_t size;
  slice type, cache_control;    /* absent: by rule */
  int64_t mtime;                /* of an item in memory */
  const edgestatic_store *pack; /* of a carried item, else NULL */
  uint32_t asset;               /* its number there */
  int64_t retained_until;       /* 0: of this very release */
};

/* What was found in it; nothing in a carried one. */
struct gather_file {
  uint32_t content;
  slice type;
  int64_t mtime;
  int error, reason; /* of readfile */
};

/* A coding of a content. */
struct gather_kept {
  unsigned coding;
  unsigned char hash[16];
  uint64_t size, at; /* in the spool */
  unsigned char sha256[DIGEST_SIZE];
};

struct gather_content {
  unsigned count;
  struct gather_kept kept[ENCODE_KEPT_MAX];
  unsigned char sha256[DIGEST_SIZE];
  _Atomic(struct html_page *) page; /* of a page, where they are read */
};

/* XXH3-128 in canonical form; another one for tests of collisions. */
typedef void gather_hash(const void *bytes, size_t len, unsigned char hash[16]);

struct gather_worker {
  struct encoder *encoder;
  struct readfile file, other;
  struct cache_buffer cached, spooled;
};

/* Which pages are read (html.h). */
enum gather_pages {
  GATHER_NO_PAGES,
  GATHER_INTEGRITY, /* those that may have integrity attributes */
  GATHER_PAGES
};

struct gather {
  const edgestatic_builder_options *options;
  const struct gather_item *item;
  size_t count;
  gather_hash *hash;
  struct cache *cache;
  int spool; /* descriptor; the gather's */
  enum gather_pages pages;

  /* Made by gather_run. */
  struct gather_file *file;       /* for each item */
  struct blobs contents;          /* source: number of an item that has it */
  struct gather_content *content; /* for each of contents */
  struct gather_worker *worker;
  unsigned threads;
  const struct deltas *deltas; /* once they were made, or NULL */
  uint32_t *order;             /* items that are gathered, the largest first */
  size_t jobs;                 /* how many */
  uint64_t bytes_total;
  atomic_ullong spool_end, bytes_done;
  atomic_uint files_done, cached;
  atomic_bool failed, cancelled;
  atomic_int error, reason; /* of what is no single file's fault */
};

/* Reads all items.  Set the members above first and zero the others;
 * call gather_free in any case.  EDGESTATIC_OK, _ERR_MEMORY, _ERR_IO,
 * _ERR_INPUT or _ERR_CANCELLED; what is wrong was reported. */
int gather_run(struct gather *);

/* Where the bytes of a body are: of a content, or of one of its codings; or of
 * a variant of a carried item, which are 25 bits (SCAN_NAMES_MAX) and 32. */
static inline uint64_t gather_source(uint32_t content, unsigned coding) {
  return (uint64_t)content << 8 | coding;
}

static inline uint64_t gather_carried(size_t item, uint32_t variant) {
  return (uint64_t)1 << 63 | (uint64_t)item << 32 | variant;
}

/* A delta of that number (deltas.h). */
static inline uint64_t gather_delta(uint32_t number, unsigned coding) {
  return (uint64_t)1 << 62 | (uint64_t)number << 8 | coding;
}

static inline bool gather_is_delta(uint64_t source) {
  return source >> 62 == 1;
}

static inline bool gather_is_carried(uint64_t source) {
  return source >> 63 != 0;
}

static inline const struct gather_item *
gather_carried_item(const struct gather *g, uint64_t source) {
  return &g->item[source << 1 >> 33];
}

/* Of a source that is not carried. */
static inline unsigned gather_coding(uint64_t source) {
  return source & 0xff;
}

/* The bytes of a source, valid until this worker's next call.  A file that
 * is not what it was, and a carried body that is not what its pack says, are
 * EDGESTATIC_ERR_INPUT. */
struct gather_bytes {
  const void *bytes;
  uint64_t size;
  int error, reason; /* EDGESTATIC_OK, or as readfile */
};
struct gather_bytes gather_load(struct gather *, unsigned worker,
                                uint64_t source);

/* The digest of such a body.  Packs of older builders have none: it is computed
 * then, and the only one who can be wrong is a pack that was forged. */
void gather_digest(const struct gather *, uint64_t source,
                   unsigned char sha256[DIGEST_SIZE]);

/* Says why gather_load could not; returns the error. */
int gather_report(const struct gather *, uint64_t source, int error,
                  int reason);

/* Tells the progress callback; whether it cancelled.  Only on the thread that
 * called the builder. */
bool gather_tick(struct gather *);

void gather_free(struct gather *);

#endif
