/* write.c - see write.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/write.h"

#include "build/io.h"
#include "build/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Index and bodies ---- */

struct writing {
  struct compose *compose;
  int fd;
  atomic_int error, reason;
  atomic_uint blob; /* the one that failed */
  atomic_bool of_source;
};

static int write_one(void *ctx, unsigned worker, size_t index) {
  struct writing *w = ctx;
  const struct blob *blob = &w->compose->bodies.blob[index];
  struct gather_bytes got =
      gather_load(w->compose->gather, worker, blob->source);
  int none = 0, error = got.error, reason = got.reason;
  if (!error) {
    reason = io_write(w->fd, got.bytes, (size_t)got.size,
                      layout_blob_offset(&w->compose->layout, (uint32_t)index));
    error = reason ? EDGESTATIC_ERR_IO : EDGESTATIC_OK;
  }
  if (error && atomic_compare_exchange_strong(&w->error, &none, error)) {
    atomic_store(&w->reason, reason);
    atomic_store(&w->blob, (unsigned)index);
    atomic_store(&w->of_source, got.error != 0);
  }
  return error;
}

static int tick(void *ctx) {
  struct writing *w = ctx;
  return gather_tick(w->compose->gather);
}

static int cannot_write(const edgestatic_builder_options *options,
                        const char *file, int reason) {
  return report_error(options, EDGESTATIC_ERR_IO, file, 0,
                      "the pack cannot be written: %s", strerror(reason));
}

int write_bodies(int fd, const char *file, struct compose *c) {
  struct gather *g = c->gather;
  struct writing w = {.compose = c, .fd = fd};
  int reason = io_write(fd, c->index.bytes, c->index.size, 0);
  /* The last body may be empty or end in padding. */
  if (!reason && ftruncate(fd, (off_t)c->index.pack_size) < 0)
    reason = errno;
  if (reason)
    return cannot_write(g->options, file, reason);
  struct pool_work work = {write_one, tick, &w};
  if (pool_run(g->threads, c->bodies.count, &work))
    return EDGESTATIC_OK;
  int error = atomic_load(&w.error);
  if (error == EDGESTATIC_OK)
    return EDGESTATIC_ERR_CANCELLED;
  if (error == EDGESTATIC_ERR_MEMORY)
    return error;
  if (atomic_load(&w.of_source))
    return gather_report(g, c->bodies.blob[atomic_load(&w.blob)].source, error,
                         atomic_load(&w.reason));
  return cannot_write(g->options, file, atomic_load(&w.reason));
}

/* ---- The pack that is there ---- */

/* Non-zero when body `index`, or the padding before it, is another one. */
static int compare_one(void *ctx, unsigned worker, size_t index) {
  static const char zeros[PACK_PAGE];
  struct writing *w = ctx;
  const struct compose *c = w->compose;
  const struct blob *blob = &c->bodies.blob[index];
  uint32_t i = (uint32_t)index;
  uint64_t at = layout_blob_offset(&c->layout, i), end = c->index.size;
  if (i > 0)
    end = layout_blob_offset(&c->layout, i - 1) + blob[-1].size;
  if (!io_same(w->fd, zeros, (size_t)(at - end), end))
    return 1;
  struct gather_bytes got = gather_load(c->gather, worker, blob->source);
  return got.error || !io_same(w->fd, got.bytes, (size_t)got.size, at);
}

/* Whether the target is this very pack already.  Then nothing is written:
 * reading takes half the time, and spares the disk. */
static bool is_there(const struct write_target *t, struct compose *c) {
  struct stat st;
  struct writing w = {.compose = c};
  w.fd = openat(t->folder, t->name,
                O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (w.fd < 0)
    return false;
  const struct pool_work work = {compare_one, tick, &w};
  bool same = fstat(w.fd, &st) == 0 && S_ISREG(st.st_mode) &&
              (uint64_t)st.st_size == c->index.pack_size &&
              io_same(w.fd, c->index.bytes, c->index.size, 0) &&
              pool_run(c->gather->threads, c->bodies.count, &work) &&
              fsync(w.fd) == 0;
  if (same)
    futimens(w.fd, NULL); /* for make: it is newer than what it is made of */
  close(w.fd);
  return same;
}

/* ---- The file ---- */

/* Opens the folder of t->file and keeps the name in it; 0 or errno. */
static int open_folder(struct write_target *t) {
  const char *slash = strrchr(t->file, '/');
  const char *name = slash ? slash + 1 : t->file;
  size_t len = strlen(name);
  char folder[PATH_MAX] = ".";
  if (len >= sizeof t->name)
    return ENAMETOOLONG;
  memcpy(t->name, name, len + 1);
  if (slash) {
    size_t before = slash == t->file ? 1 : (size_t)(slash - t->file);
    if (before >= sizeof folder)
      return ENAMETOOLONG;
    memcpy(folder, t->file, before);
    folder[before] = '\0';
  }
  t->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return t->folder < 0 ? errno : 0;
}

int write_open(struct write_target *t,
               const edgestatic_builder_options *options, const char *file) {
  *t = (struct write_target){
      .options = options, .file = file, .folder = -1, .fd = -1};
  int reason = open_folder(t);
  if (reason == ENOENT || reason == ENOTDIR)
    return report_error(options, EDGESTATIC_ERR_IO, file, 0,
                        "there is no such folder to write the pack to; make "
                        "it first");
  if (reason)
    return cannot_write(options, file, reason);
  struct stat st;
  bool there = fstatat(t->folder, t->name, &st, 0) == 0;
  int error = EDGESTATIC_OK;
  if (t->name[0] == '\0' || (there && S_ISDIR(st.st_mode)))
    error = report_error(options, EDGESTATIC_ERR_IO, file, 0,
                         "this is a folder; name a file for the pack in it");
  else if (there && !S_ISREG(st.st_mode))
    /* A rename would put a file in the place of /dev/null. */
    error = report_error(options, EDGESTATIC_ERR_IO, file, 0,
                         "this is not a regular file; the pack would take "
                         "its place");
  else if (faccessat(t->folder, ".", W_OK | X_OK, AT_EACCESS) < 0)
    error = cannot_write(options, file, errno);
  if (error)
    write_close(t);
  return error;
}

/* What was written is on the disk, then it gets its name, then the name is on
 * the disk: after a crash there is the old pack or the new one. */
static int commit(struct write_target *t) {
  int reason = 0;
  if (fsync(t->fd) < 0)
    reason = errno;
  if (close(t->fd) < 0 && !reason)
    reason = errno;
  t->fd = -1;
  if (!reason && renameat(t->folder, t->temp, t->folder, t->name) < 0)
    reason = errno;
  if (reason)
    return reason;
  t->temp[0] = '\0';
  /* Some file systems cannot sync a folder, and say EINVAL.  The new pack is
   * in place, so nothing else is an error any more. */
  if (fsync(t->folder) < 0 && errno != EINVAL)
    report(t->options, EDGESTATIC_WARNING, t->file, 0,
           "the pack is there, but its folder cannot be synced, so a crash "
           "could bring the old one back: %s",
           strerror(errno));
  return 0;
}

int write_pack(struct write_target *t, struct compose *c) {
  if (is_there(t, c))
    return EDGESTATIC_OK;
  char prefix[sizeof t->name + 2];
  snprintf(prefix, sizeof prefix, ".%s-", t->name);
  t->fd = io_new_file(t->folder, prefix, t->temp, sizeof t->temp);
  if (t->fd < 0) {
    int reason = errno;
    t->temp[0] = '\0';
    return cannot_write(t->options, t->file, reason);
  }
  int error = write_bodies(t->fd, t->file, c);
  if (error)
    return error;
  int reason = commit(t);
  return reason ? cannot_write(t->options, t->file, reason) : EDGESTATIC_OK;
}

void write_close(struct write_target *t) {
  if (t->fd >= 0)
    close(t->fd);
  if (t->temp[0] != '\0')
    unlinkat(t->folder, t->temp, 0);
  if (t->folder >= 0)
    close(t->folder);
  t->fd = t->folder = -1;
  t->temp[0] = '\0';
}
