/* site.c - a site store: opened, looked at, and read from.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/handle.h"
#include "build/io.h"
#include "build/report.h"
#include "core/pack.h"
#include "site/siteio.h"
#include "site/store.h"
#include "site/view.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A reader that finds a file gone reads the state again.  That it has to do so
 * this often means that something else removes files. */
#define READ_TRIES 100

int edgestatic_site_is(const char *dir) {
  char begin[32];
  ssize_t got = 0;
  int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    return 0;
  int fd =
      openat(folder, "state", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd >= 0) {
    got = read(fd, begin, sizeof begin);
    close(fd);
  }
  close(folder);
  return got > 0 && state_is(slice_of(begin, (size_t)got));
}

/* ---- Opening ---- */

/* Whether a folder has nothing but what a writer leaves that was killed while
 * it made the store; -1: errno. */
static int is_new(int folder) {
  int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  int empty = 1;
  if (!dir) {
    if (fd >= 0)
      close(fd);
    return -1;
  }
  for (struct dirent *e; empty && (e = readdir(dir)) != NULL;)
    empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            strcmp(e->d_name, "lock") == 0 ||
            strcmp(e->d_name, "data.1") == 0 || site_is_temporary(e->d_name);
  closedir(dir);
  return empty;
}

/* The folder may be new, and then its name is not on the disk yet.  Who may not
 * read the one above has not made it. */
static int sync_above(int folder) {
  int fd = openat(folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return errno == EACCES ? 0 : errno;
  int reason = siteio_sync(fd);
  close(fd);
  return reason;
}

/* The first state.  Under the lock, which site_lock cannot take yet: there is
 * no state to read. */
static int make_store(edgestatic_site *site) {
  int fd, reason = siteio_create(site->folder, site_data_name(1).text, &fd);
  if (!reason)
    reason = siteio_sync(fd);
  if (fd >= 0)
    close(fd);
  if (reason)
    return site_failed(site, EDGESTATIC_ERR_IO, "data.1", reason);
  reason = sync_above(site->folder);
  if (reason)
    return site_failed(site, EDGESTATIC_ERR_IO, "the folder above", reason);
  site->state = (struct state){.generation = 0, .next = 1, .data = 1};
  return site_commit(site);
}

static bool has_state(const edgestatic_site *site) {
  struct stat st;
  return fstatat(site->folder, "state", &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Makes the store where there is none. */
static int create(edgestatic_site *site) {
  if (has_state(site))
    return EDGESTATIC_OK;
  int fresh = is_new(site->folder);
  if (fresh < 0)
    return site_failed(site, EDGESTATIC_ERR_IO, "the folder", errno);
  /* Somebody else may have made it since, whose files these are. */
  if (!fresh && has_state(site))
    return EDGESTATIC_OK;
  if (!fresh)
    return report_error(&site->report, EDGESTATIC_ERR_INPUT, site->dir, 0,
                        "a folder with other files; name an empty or a new "
                        "one for the site store");
  int error = site_take_lock(site);
  if (!error && !has_state(site))
    error = make_store(site);
  site_give_lock(site);
  return error;
}

int edgestatic_site_open(edgestatic_site **made, const char *dir,
                         const edgestatic_site_options *options) {
  const edgestatic_site_options none = EDGESTATIC_SITE_OPTIONS_INIT;
  const edgestatic_builder_options report = EDGESTATIC_BUILDER_OPTIONS_INIT;
  *made = NULL;
  if (!options)
    options = &none;
  if (options->size != sizeof *options)
    return EDGESTATIC_ERR_INPUT;
  edgestatic_site *site = calloc(1, sizeof *site);
  if (!site)
    return EDGESTATIC_ERR_MEMORY;
  *site = (edgestatic_site){.report = report,
                            .lock = -1,
                            .file = -1,
                            .folder = -1,
                            .no_wait = options->no_wait != 0};
  site->report.message = options->message;
  site->report.message_ctx = options->message_ctx;
  site->dir = mem_copy(&report.allocator, slice_of(dir, strlen(dir)));
  int error = site->dir ? EDGESTATIC_OK : EDGESTATIC_ERR_MEMORY;
  if (!error) {
    site->folder = options->create
                       ? io_make_folder(dir)
                       : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (site->folder < 0)
      error =
          report_error(&site->report, EDGESTATIC_ERR_IO, dir, 0,
                       "the site store cannot be opened: %s", strerror(errno));
  }
  if (!error && options->create)
    error = create(site);
  if (!error)
    error = view_read(site);
  if (error)
    edgestatic_site_close(site);
  else
    *made = site;
  return error;
}

void edgestatic_site_close(edgestatic_site *site) {
  if (!site)
    return;
  view_free(site);
  if (site->folder >= 0)
    close(site->folder);
  if (site->dir)
    mem_free(&site->report.allocator, site->dir, strlen(site->dir) + 1);
  free(site);
}

int edgestatic_site_refresh(edgestatic_site *site, int *changed) {
  struct stat now, then;
  if (changed)
    *changed = 0;
  /* The state that was read is open, so that another file has another inode. */
  if (site->file >= 0 && fstat(site->file, &then) == 0 &&
      fstatat(site->folder, "state", &now, AT_SYMLINK_NOFOLLOW) == 0 &&
      now.st_ino == then.st_ino && now.st_dev == then.st_dev)
    return EDGESTATIC_OK;
  if (changed)
    *changed = 1;
  return view_read(site);
}

/* ---- Looking ---- */

const edgestatic_release *edgestatic_site_releases(const edgestatic_site *site,
                                                   size_t *count) {
  *count = site->releases ? site->state.releases : 0;
  return site->releases;
}

const edgestatic_collection *
edgestatic_site_collections(const edgestatic_site *site, size_t *count) {
  *count = site->collections ? site->state.collections : 0;
  return site->collections;
}

bool site_name_ok(edgestatic_site *site, slice name) {
  if (state_name_ok(name))
    return true;
  report(&site->report, EDGESTATIC_ERROR, site->dir, 0,
         "`%.*s' is no name of a collection: write 1 to %d lower-case letters, "
         "digits and hyphens, a letter among them",
         (int)(name.len < 100 ? name.len : 100), name.base, STATE_NAME_MAX);
  return false;
}

/* The number that a name is, or 0. */
static uint64_t number_of(slice name) {
  uint64_t n = 0;
  for (size_t i = 0; i < name.len; i++) {
    unsigned digit = (unsigned char)name.base[i] - (unsigned)'0';
    if (digit > 9 || n > (UINT64_MAX - 9) / 10)
      return 0;
    n = n * 10 + digit;
  }
  return n;
}

int edgestatic_site_find(edgestatic_site *site, const char *name,
                         uint64_t *release) {
  slice s = slice_of(name, strlen(name));
  uint64_t number = number_of(s);
  *release = number;
  if (number > 0) {
    if (state_release(&site->state, number))
      return EDGESTATIC_OK;
    return report_error(&site->report, EDGESTATIC_ERR_INPUT, site->dir, 0,
                        "there is no release %s", name);
  }
  if (!site_name_ok(site, s))
    return EDGESTATIC_ERR_INPUT;
  const struct state_collection *c = state_collection(&site->state, s);
  if (!c)
    return report_error(&site->report, EDGESTATIC_ERR_INPUT, site->dir, 0,
                        "there is no collection %s", name);
  *release = c->release;
  return EDGESTATIC_OK;
}

/* ---- Packs ---- */

int edgestatic_site_pack(edgestatic_site *site, const char *name,
                         edgestatic_pack **pack) {
  *pack = NULL;
  for (int i = 0;; i++) {
    uint64_t number;
    int changed, error = edgestatic_site_refresh(site, NULL);
    if (!error)
      error = edgestatic_site_find(site, name, &number);
    if (error)
      return error;
    const struct state_release *r = state_release(&site->state, number);
    error = site_open_pack(site, r, pack);
    int reason = errno;
    if (!error)
      return error;
    /* A writer may have removed the files since the state was read. */
    struct site_name file = site_release_name(number, r->file);
    bool gone = error == EDGESTATIC_ERR_IO && reason == ENOENT;
    if (gone && i < READ_TRIES) {
      int again = edgestatic_site_refresh(site, &changed);
      if (again)
        return again;
      if (changed)
        continue;
    }
    return site_failed(site, error, file.text, reason);
  }
}

/* Writes a pack as the builder laid it out: its bodies behind its index, in
 * their order. */
static int copy_pack(edgestatic_site *site, const edgestatic_store *store,
                     edgestatic_pack **pack) {
  struct place p = {.data = io_memory_file()};
  struct place_index index = {0};
  if (p.data < 0)
    return site_failed(site, EDGESTATIC_ERR_IO, "a temporary file", errno);
  pack_header header;
  memcpy(&header, store->base, sizeof header);
  p.end = get64(header.index_size);
  int error = place_init(&p, store->section[SECTION_BLOBS].count);
  if (!error)
    error = place_pack(&p, store, 0, &index);
  if (!error) {
    p.reason = io_write(p.data, index.bytes, index.size, 0);
    if (!p.reason && ftruncate(p.data, (off_t)index.pack_size) < 0)
      p.reason = errno;
    error = p.reason ? EDGESTATIC_ERR_IO : EDGESTATIC_OK;
  }
  place_index_free(&index);
  place_free(&p);
  if (!error)
    return pack_adopt_fd(pack, p.data);
  close(p.data);
  return site_failed(site, error, "the release", p.reason);
}

int edgestatic_site_copy(edgestatic_site *site, const char *name,
                         edgestatic_pack **pack) {
  edgestatic_pack *shared;
  *pack = NULL;
  int error = edgestatic_site_pack(site, name, &shared);
  if (error)
    return error;
  error = copy_pack(site, edgestatic_pack_store(shared), pack);
  edgestatic_pack_unref(shared);
  return error;
}
