/* store.c - see store.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "site/store.h"

#include "build/handle.h"
#include "build/io.h"
#include "build/report.h"
#include "core/pack.h"
#include "site/siteio.h"
#include "site/view.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct site_name site_release_name(uint64_t number, uint64_t file) {
  struct site_name name;
  snprintf(name.text, sizeof name.text, "release.%" PRIu64 ".%" PRIu64, number,
           file);
  return name;
}

struct site_name site_data_name(uint64_t file) {
  struct site_name name;
  snprintf(name.text, sizeof name.text, "data.%" PRIu64, file);
  return name;
}

int site_failed(edgestatic_site *site, int error, const char *file,
                int reason) {
  if (error == EDGESTATIC_ERR_IO)
    return report_error(&site->report, error, site->dir, 0, "%s: %s", file,
                        strerror(reason));
  if (error == EDGESTATIC_ERR_LIMIT)
    report(&site->report, EDGESTATIC_ERROR, site->dir, 0,
           "the store has more files than one can have");
  else if (error == EDGESTATIC_ERR_VERSION)
    report(&site->report, EDGESTATIC_ERROR, site->dir, 0,
           "%s is of a newer edgestatic", file);
  else if (error != EDGESTATIC_ERR_MEMORY)
    report(&site->report, EDGESTATIC_ERROR, site->dir, 0,
           "%s is damaged: put the store back from a copy, or begin another "
           "one",
           file);
  return error;
}

/* ---- The lock ---- */

static int flock_it(edgestatic_site *site) {
  site->lock = openat(site->folder, "lock",
                      O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (site->lock < 0)
    return site_failed(site, EDGESTATIC_ERR_IO, "lock", errno);
  if (flock(site->lock, LOCK_EX | LOCK_NB) == 0)
    return EDGESTATIC_OK;
  if (errno == EWOULDBLOCK && site->no_wait)
    return report_error(&site->report, EDGESTATIC_ERR_BUSY, site->dir, 0,
                        "another writer is at work; try again when it is done");
  if (errno == EWOULDBLOCK)
    report(&site->report, EDGESTATIC_NOTE, site->dir, 0,
           "waiting for another writer");
  while (flock(site->lock, LOCK_EX) < 0)
    if (errno != EINTR)
      return site_failed(site, EDGESTATIC_ERR_IO, "lock", errno);
  return EDGESTATIC_OK;
}

void site_give_lock(edgestatic_site *site) {
  if (site->lock >= 0)
    close(site->lock);
  site->lock = -1;
}

int site_take_lock(edgestatic_site *site) {
  assert(site->lock < 0);
  int error = flock_it(site);
  if (error)
    site_give_lock(site);
  return error;
}

int site_lock(edgestatic_site *site) {
  int error = site_take_lock(site);
  if (error)
    return error;
  error = edgestatic_site_refresh(site, NULL);
  if (error)
    site_give_lock(site);
  return error;
}

int site_unlock(edgestatic_site *site, int error) {
  if (error) {
    /* What was changed in memory alone is read again. */
    if (view_read(site) == EDGESTATIC_OK)
      site_sweep(site);
  }
  site_give_lock(site);
  return error;
}

/* ---- Committing ---- */

int site_commit(edgestatic_site *site) {
  struct site_name temp;
  size_t len = 0;
  int fd = -1;
  site->state.generation++;
  snprintf(temp.text, sizeof temp.text, ".state-%" PRIu64,
           site->state.generation);
  char *text = state_print(&site->state, &len);
  int error = text ? view_make(site) : EDGESTATIC_ERR_MEMORY;
  if (error) {
    free(text);
    return error;
  }
  int reason = siteio_create(site->folder, temp.text, &fd);
  if (!reason)
    reason = siteio_write(fd, text, len, 0);
  if (!reason)
    reason = siteio_sync(fd);
  if (!reason)
    reason = siteio_rename(site->folder, temp.text, "state");
  free(text);
  if (reason) {
    if (fd >= 0)
      close(fd);
    return site_failed(site, EDGESTATIC_ERR_IO, "state", reason);
  }
  if (site->file >= 0)
    close(site->file);
  site->file = fd;
  /* The new state is in place, so nothing is an error any more. */
  reason = siteio_sync(site->folder);
  if (reason)
    report(&site->report, EDGESTATIC_WARNING, site->dir, 0,
           "it is done, but the folder cannot be synced, so a crash could "
           "bring the old state back: %s",
           strerror(reason));
  else
    site_sweep(site);
  return EDGESTATIC_OK;
}

/* The number after a prefix of a name, up to a dot or the end; false: none. */
static bool cut_number(const char **name, const char *prefix, uint64_t *n) {
  size_t len = strlen(prefix);
  if (strncmp(*name, prefix, len) != 0)
    return false;
  *name += len;
  *n = 0;
  for (; **name >= '0' && **name <= '9'; (*name)++)
    *n = *n * 10 + (unsigned)(**name - '0');
  return true;
}

bool site_is_temporary(const char *name) {
  return strncmp(name, ".state-", 7) == 0 ||
         strncmp(name, IO_NAMELESS_PREFIX, sizeof IO_NAMELESS_PREFIX - 1) == 0;
}

/* Whether a file is one of a store's that its state does not name. */
static bool is_stray(const struct state *s, const char *name) {
  const char *rest = name;
  uint64_t number, file;
  if (site_is_temporary(name))
    return true;
  if (cut_number(&rest, "data.", &file))
    return strcmp(name, site_data_name(file).text) == 0 && file != s->data;
  if (!cut_number(&rest, "release.", &number) ||
      !cut_number(&rest, ".", &file) ||
      strcmp(name, site_release_name(number, file).text) != 0)
    return false;
  const struct state_release *r = state_release(s, number);
  return !r || r->file != file;
}

/* Gives back what lies behind the bytes in use: the disk may be full. */
static void cut_data(edgestatic_site *site) {
  struct stat st;
  int fd = openat(site->folder, site_data_name(site->state.data).text,
                  O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return;
  if (fstat(fd, &st) == 0 && (uint64_t)st.st_size > site->state.data_size)
    siteio_truncate(fd, site->state.data_size);
  close(fd);
}

void site_sweep(edgestatic_site *site) {
  cut_data(site);
  int fd = openat(site->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  if (!dir) {
    if (fd >= 0)
      close(fd);
    return;
  }
  /* What cannot be removed now, the next writer removes. */
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
    if (is_stray(&site->state, entry->d_name))
      siteio_unlink(site->folder, entry->d_name);
  closedir(dir);
}

/* ---- Packs ---- */

/* Reads where the parts of a pack are; EDGESTATIC_OK or an error, errno. */
static int find_parts(const struct state_release *r, const struct state *s,
                      struct pack_parts *parts) {
  pack_header header;
  struct stat st;
  if (fstat(parts->index, &st) < 0)
    return EDGESTATIC_ERR_IO;
  if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != r->index ||
      r->index < sizeof header)
    return EDGESTATIC_ERR_FORMAT;
  ssize_t got = pread(parts->index, &header, sizeof header, 0);
  if (got < 0)
    return EDGESTATIC_ERR_IO;
  uint64_t pack_size = get64(header.pack_size);
  parts->index_size = r->index;
  parts->shift = place_shift(r->index);
  if ((size_t)got < sizeof header || get64(header.index_size) != r->index ||
      pack_size < parts->shift || pack_size - parts->shift > s->data_size)
    return EDGESTATIC_ERR_FORMAT;
  parts->data_size = pack_size - parts->shift;
  return EDGESTATIC_OK;
}

int site_open_pack(const edgestatic_site *site, const struct state_release *r,
                   edgestatic_pack **pack) {
  struct pack_parts parts = {.data = -1};
  struct site_name index = site_release_name(r->info.number, r->file);
  struct site_name data = site_data_name(site->state.data);
  const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  int error = EDGESTATIC_ERR_IO;
  *pack = NULL;
  parts.index = openat(site->folder, index.text, flags);
  if (parts.index >= 0)
    parts.data = openat(site->folder, data.text, flags);
  if (parts.data >= 0)
    error = find_parts(r, &site->state, &parts);
  if (!error)
    error = pack_adopt_parts(pack, &parts);
  int reason = errno;
  if (parts.index >= 0)
    close(parts.index);
  if (parts.data >= 0)
    close(parts.data);
  errno = reason;
  return error;
}

int site_need_pack(edgestatic_site *site, const struct state_release *r,
                   edgestatic_pack **pack) {
  int error = site_open_pack(site, r, pack);
  if (error)
    site_failed(site, error, site_release_name(r->info.number, r->file).text,
                errno);
  return error;
}

int64_t site_retained_until(const edgestatic_store *store) {
  int64_t first = 0;
  for (uint32_t i = 0; i < edgestatic_store_asset_count(store); i++) {
    int64_t until = edgestatic_store_asset(store, i).retained_until;
    if (until > 0 && (first == 0 || until < first))
      first = until;
  }
  return first;
}

uint64_t site_bytes(const struct state *s) {
  uint64_t sum = s->data_size;
  for (size_t i = 0; i < s->releases; i++)
    sum += s->release[i].index;
  return sum;
}

/* ---- Storing ---- */

int site_place(edgestatic_site *site, struct place *p, uint64_t more) {
  const struct state *s = &site->state;
  struct site_name name = site_data_name(s->data);
  *p = (struct place){.data = -1, .end = s->data_size};
  int error = place_init(p, s->data_blobs + more);
  for (size_t i = 0; !error && i < s->releases; i++) {
    edgestatic_pack *pack;
    error = site_need_pack(site, &s->release[i], &pack);
    if (error)
      break;
    error = place_known(p, edgestatic_pack_store(pack),
                        place_shift(s->release[i].index));
    edgestatic_pack_unref(pack);
    if (error)
      site_failed(site, error, "state", 0);
  }
  if (error)
    return error;
  p->data = openat(site->folder, name.text, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  int reason = p->data < 0 ? errno : siteio_truncate(p->data, s->data_size);
  return reason ? site_failed(site, EDGESTATIC_ERR_IO, name.text, reason)
                : EDGESTATIC_OK;
}

void site_place_end(struct place *p) {
  if (p->data >= 0)
    close(p->data);
  place_free(p);
}

int site_store_pack(edgestatic_site *site, struct place *p,
                    const edgestatic_store *store, uint64_t number,
                    struct state_release *r) {
  uint64_t file = site->state.generation + 1;
  struct site_name name = site_release_name(number, file);
  struct place_index index;
  pack_header header;
  memcpy(&header, store->base, sizeof header);
  int error =
      place_pack(p, store, place_shift(get64(header.index_size)), &index);
  if (error)
    return site_failed(site, error,
                       error == EDGESTATIC_ERR_IO
                           ? site_data_name(site->state.data).text
                           : name.text,
                       p->reason);
  int fd, reason = siteio_create(site->folder, name.text, &fd);
  if (!reason)
    reason = siteio_write(fd, index.bytes, index.size, 0);
  if (!reason)
    reason = siteio_sync(fd);
  if (fd >= 0 && close(fd) < 0 && !reason)
    reason = errno;
  r->file = file;
  r->index = index.size;
  r->info.bytes = index.size + index.sum;
  r->info.new_bytes = index.size + index.fresh;
  place_index_free(&index);
  return reason ? site_failed(site, EDGESTATIC_ERR_IO, name.text, reason)
                : EDGESTATIC_OK;
}

int site_store_data(edgestatic_site *site, struct place *p) {
  int reason = siteio_sync(p->data);
  if (!reason)
    reason = siteio_sync(site->folder);
  if (reason)
    return site_failed(site, EDGESTATIC_ERR_IO, "data", reason);
  site->state.data_size = p->end;
  site->state.data_blobs = p->known.count;
  return EDGESTATIC_OK;
}
