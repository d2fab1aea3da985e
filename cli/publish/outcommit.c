/* outcommit.c - writes the folder; see outdir.h for the order of things.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "outdir.h"

#include "path.h"

#include "../say.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Descriptors that the removal of a stage may hold open; it is three deep. */
#define REMOVE_DEPTH 8

struct stage {
  char *path;
  int fd; /* locked: one publish at a time */
};

static int cannot_write(const struct outdir *dir) {
  say_error("cannot write %s: %s", dir->path, strerror(errno));
  return -1;
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *at) {
  (void)st;
  (void)type;
  /* The stage itself stays: it is locked. */
  return at->level == 0 ? 0 : remove(path);
}

static int empty(const char *path) {
  return nftw(path, remove_one, REMOVE_DEPTH, FTW_DEPTH | FTW_PHYS);
}

/* Is this descriptor still the folder of that name? */
static bool is_at(int fd, const char *path) {
  struct stat a, b;
  return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

static int stage_open(struct stage *stage, const struct outdir *dir) {
  stage->fd = -1;
  if (asprintf(&stage->path, "%s%s" OUTDIR_STAGE, dir->path,
               dir->exists ? "/" : "") < 0) {
    stage->path = NULL;
    return cannot_write(dir);
  }
  if (mkdir(stage->path, 0777) != 0 && errno != EEXIST)
    return cannot_write(dir);
  stage->fd =
      open(stage->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (stage->fd < 0)
    return cannot_write(dir);
  /* One that was killed left its stage, and no lock. */
  int locked = flock(stage->fd, LOCK_EX | LOCK_NB);
  if (locked != 0 || !is_at(stage->fd, stage->path)) {
    if (locked != 0 && errno != EWOULDBLOCK)
      cannot_write(dir); /* a file system without locks */
    else
      say_error("another publish is writing %s", dir->path);
    close(stage->fd);
    stage->fd = -1;
    return -1;
  }
  return empty(stage->path) == 0 ? 0 : cannot_write(dir);
}

/* Removes what is left of it.  Only who has the lock may do that. */
static void stage_close(struct stage *stage) {
  if (stage->fd >= 0) {
    if (is_at(stage->fd, stage->path) && empty(stage->path) == 0)
      rmdir(stage->path);
    close(stage->fd);
  }
  free(stage->path);
}

/* Returns 0, or -1 with errno. */
static int stage_write(const struct stage *stage, const char *name,
                       const struct pieces *content,
                       struct pieces_watch watch) {
  char *path = path_join(stage->path, name);
  size_t made;
  if (!path || path_make_parents(path, &made) != 0) {
    free(path);
    return -1;
  }
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  free(path);
  if (fd < 0)
    return -1;
  int failed = pieces_write(content, fd, watch) != 0 || fsync(fd) != 0;
  int why = errno;
  if (close(fd) != 0 && !failed) {
    failed = 1;
    why = errno;
  }
  errno = why;
  return failed ? -1 : 0;
}

static int stage_record(const struct stage *stage,
                        const struct record *record) {
  struct pieces text = {0};
  record_print(record, &text);
  int failed = stage_write(stage, RECORD_FILE, &text, (struct pieces_watch){0});
  pieces_free(&text);
  return failed;
}

/* From the stage to its place. */
static int place(const struct stage *stage, const struct outdir *dir,
                 const char *name) {
  char *from = path_join(stage->path, name), *to = path_join(dir->path, name);
  size_t made;
  int failed = !from || !to || path_make_parents(to, &made) != 0 ||
               rename(from, to) != 0;
  free(from);
  free(to);
  return failed ? -1 : 0;
}

static int sync_folder(const char *path) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  int failed = fsync(fd);
  close(fd);
  return failed;
}

/* A file of the last publish that this one does not write, when nobody has
 * changed it; and the folders that are empty then. */
static void remove_stale(const struct outdir *dir,
                         const struct record_file *old) {
  for (size_t i = 0; i < dir->count; i++)
    if (strcmp(dir->file[i].name, old->name) == 0)
      return;
  char *path = path_join(dir->path, old->name);
  unsigned char hash[PIECES_HASH_SIZE];
  int fd = path ? open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
  if (fd >= 0 && pieces_hash_fd(fd, hash) == 0 &&
      memcmp(hash, old->hash, sizeof hash) == 0 && unlink(path) == 0)
    for (char *slash; (slash = strrchr(path, '/')) != NULL &&
                      (size_t)(slash - path) > strlen(dir->path);) {
      *slash = '\0';
      if (rmdir(path) != 0)
        break;
    }
  if (fd >= 0)
    close(fd);
  free(path);
}

static int add_new(struct record *record, const struct outdir *dir) {
  for (size_t i = 0; i < dir->count; i++)
    if (dir->file[i].kind != OUTDIR_SCAFFOLD &&
        record_add(record, dir->file[i].name, dir->file[i].hash) != 0) {
      errno = ENOMEM;
      return -1;
    }
  return 0;
}

/* Returns 0, or -1 with errno; then some files may be new already. */
static int place_all(struct stage *stage, struct outdir *dir,
                     const struct record *new) {
  /* Both: whatever happens from here on, each file is known as ours. */
  memcpy(dir->old.target, new->target, sizeof new->target);
  memcpy(dir->old.name, new->name, sizeof new->name);
  size_t stale = dir->old.count;
  if (add_new(&dir->old, dir) != 0 || stage_record(stage, &dir->old) != 0 ||
      place(stage, dir, RECORD_FILE) != 0 || sync_folder(dir->path) != 0)
    return -1;
  for (size_t i = 0; i < dir->count; i++)
    if (dir->file[i].fate == OUTDIR_WRITE &&
        place(stage, dir, dir->file[i].name) != 0)
      return -1;
  for (size_t i = 0; i < stale; i++)
    remove_stale(dir, &dir->old.file[i]);
  if (stage_record(stage, new) != 0 || place(stage, dir, RECORD_FILE) != 0)
    return -1;
  return sync_folder(dir->path);
}

/* Returns 0, or -1 with errno. */
static int commit(struct stage *stage, struct outdir *dir,
                  const struct record *record, struct pieces_watch watch) {
  for (size_t i = 0; i < dir->count; i++)
    if (dir->file[i].fate == OUTDIR_WRITE &&
        stage_write(stage, dir->file[i].name, &dir->file[i].content, watch))
      return -1;
  if (dir->exists)
    return place_all(stage, dir, record);
  if (stage_record(stage, record) != 0 || sync_folder(stage->path) != 0)
    return -1;
  return rename(stage->path, dir->path);
}

int outdir_commit(struct outdir *dir, const char *name,
                  struct pieces_watch watch) {
  struct record record = {0};
  snprintf(record.target, sizeof record.target, "%s", dir->target);
  snprintf(record.name, sizeof record.name, "%s", name);
  struct stage stage = {NULL, -1};
  size_t made = 0;
  int status = add_new(&record, dir);
  if (status != 0 || (status = path_make_parents(dir->path, &made)) != 0)
    cannot_write(dir);
  else
    status = stage_open(&stage, dir);
  if (status == 0) {
    status = commit(&stage, dir, &record, watch);
    if (status != 0 && errno != ECANCELED)
      cannot_write(dir);
  }
  stage_close(&stage);
  if (status != 0)
    path_remove_parents(dir->path, made);
  record_free(&record);
  return status;
}
