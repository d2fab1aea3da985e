/* outdir.c - see outdir.h; outcommit.c writes.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "outdir.h"

#include "path.h"

#include "../say.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Configuration that people edit is far smaller; stops a wrong file. */
#define SCAFFOLD_SIZE_MAX (1u << 20)

static int no_memory(void) {
  say_error("%s", strerror(ENOMEM));
  return -1;
}

/* The caller frees it; NULL: no memory, which was told. */
static char *join(const struct outdir *dir, const char *name) {
  char *path = path_join(dir->path, name);
  if (!path)
    no_memory();
  return path;
}

static int cannot(const char *what, const char *path) {
  say_error("cannot %s %s: %s", what, path, strerror(errno));
  return -1;
}

/* A whole small file as a string in *text, NULL when there is none. */
static int read_text(const char *path, size_t max, char **text) {
  *text = NULL;
  /* It may be a FIFO, which nobody writes to. */
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return errno == ENOENT ? 0 : cannot("read", path);
  struct stat st;
  int status = 0;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
      (uint64_t)st.st_size > max) {
    say_error("%s is no text file of ours", path);
    status = -1;
  } else if ((*text = calloc(1, (size_t)st.st_size + 1)) == NULL) {
    status = no_memory();
  } else if (read(fd, *text, (size_t)st.st_size) != (ssize_t)st.st_size) {
    status = cannot("read", path);
  }
  close(fd);
  if (status != 0) {
    free(*text);
    *text = NULL;
  }
  return status;
}

static int take_record(struct outdir *dir, const char *text) {
  if (record_read(&dir->old, text) != 0) {
    if (dir->force)
      return 0;
    say_error("%s/" RECORD_FILE " is damaged, so nothing tells what in the "
              "folder is whose",
              dir->path);
    say_hint("remove the folder, or replace what is in the way by --force");
    return -1;
  }
  if (strcmp(dir->old.target, dir->target) == 0) {
    dir->ours = true;
    return 0;
  }
  if (!dir->force) {
    say_error("%s was published for %s, not for %s", dir->path, dir->old.target,
              dir->target);
    say_hint("name another folder by -o, or add to this one by --force");
    return -1;
  }
  record_free(&dir->old);
  return 0;
}

static bool is_one_of(const char *const *list, const char *name) {
  for (; *list; list++)
    if (strcmp(*list, name) == 0)
      return true;
  return false;
}

/* What lies in a folder that publish has never written; the first by name, so
 * that the message is the same each time. */
static int refuse_foreign(const struct outdir *dir,
                          const char *const *scaffold) {
  DIR *stream = opendir(dir->path);
  if (!stream)
    return cannot("read", dir->path);
  char *first = NULL;
  const struct dirent *entry;
  while ((entry = readdir(stream)) != NULL) {
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        strcmp(name, OUTDIR_STAGE) == 0 || is_one_of(scaffold, name) ||
        (first && strcmp(name, first) >= 0))
      continue;
    free(first);
    first = strdup(name);
  }
  closedir(stream);
  if (!first)
    return 0;
  say_error("%s holds something else: %s, which publish did not write",
            dir->path, first);
  say_hint("name another folder by -o, or add to this one by --force");
  free(first);
  return -1;
}

/* Could it be made? */
static int check_new(const char *path) {
  char *whole = path_absolute(path);
  int status = whole ? 0 : cannot("make", path);
  free(whole);
  return status;
}

int outdir_open(struct outdir *dir, const char *path, const char *target,
                const char *const *scaffold, bool force) {
  *dir = (struct outdir){.path = path, .target = target, .force = force};
  struct stat st;
  if (stat(path, &st) != 0)
    return errno == ENOENT ? check_new(path) : cannot("look at", path);
  if (!S_ISDIR(st.st_mode)) {
    say_error("%s is a file, and `%s' is published as a folder", path, target);
    say_hint("name a folder by -o");
    return -1;
  }
  dir->exists = true;
  char *name = join(dir, RECORD_FILE);
  char *text = NULL;
  int status = name ? read_text(name, RECORD_SIZE_MAX, &text) : -1;
  if (text)
    status = take_record(dir, text);
  free(text);
  free(name);
  if (status == 0 && !dir->ours && !force)
    status = refuse_foreign(dir, scaffold);
  return status;
}

int outdir_kept(const struct outdir *dir, const char *name, char **text) {
  *text = NULL;
  if (!dir->exists || dir->force)
    return 0;
  char *path = join(dir, name);
  int status = path ? read_text(path, SCAFFOLD_SIZE_MAX, text) : -1;
  free(path);
  return status;
}

int outdir_add(struct outdir *dir, enum outdir_kind kind, const char *name,
               struct pieces *content) {
  struct outdir_file *file = &dir->file[dir->count];
  char *copy = dir->count < OUTDIR_FILES_MAX ? strdup(name) : NULL;
  if (!copy || content->failed) {
    free(copy);
    pieces_free(content);
    return no_memory();
  }
  *file = (struct outdir_file){.name = copy, .kind = kind, .content = *content};
  memset(content, 0, sizeof *content);
  pieces_hash(&file->content, file->hash);
  dir->count++;
  return 0;
}

uint64_t outdir_size(const struct outdir *dir) {
  uint64_t size = 0;
  for (size_t i = 0; i < dir->count; i++)
    if (dir->file[i].fate == OUTDIR_WRITE)
      size += dir->file[i].content.size;
  return size;
}

void outdir_free(struct outdir *dir) {
  for (size_t i = 0; i < dir->count; i++) {
    pieces_free(&dir->file[i].content);
    free(dir->file[i].name);
  }
  dir->count = 0;
  record_free(&dir->old);
}

/* ---- What is there already ---- */

/* A folder on the way to a file, the stage's device: files are moved there one
 * by one, and what would stop that halfway is told before the first. */
static int check_folder(const char *path, dev_t device) {
  struct stat st;
  if (stat(path, &st) != 0)
    return 0; /* not there yet */
  if (!S_ISDIR(st.st_mode)) {
    say_error("%s is in the way: it is a file, and should be a folder", path);
    return -1;
  }
  if (faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) != 0)
    return cannot("write to", path);
  if (st.st_dev != device) {
    say_error("%s lies on another file system than the folder around it", path);
    say_hint("make a folder of it, or name another place by -o");
    return -1;
  }
  return 0;
}

static int check_way(const struct outdir *dir, const char *name) {
  struct stat st;
  char *path = join(dir, name);
  if (!path)
    return -1;
  int status = stat(dir->path, &st) == 0 ? 0 : cannot("look at", dir->path);
  char *p = path + strlen(dir->path);
  while (status == 0 && p) {
    *p = '\0';
    status = check_folder(path, st.st_dev);
    *p = '/';
    p = strchr(p + 1, '/');
  }
  free(path);
  return status;
}

/* Is what lies there of our making? */
static bool may_replace(const struct outdir *dir,
                        const struct outdir_file *file,
                        const unsigned char *hash) {
  return dir->force || (dir->ours && file->kind == OUTDIR_SHARED) ||
         record_has(&dir->old, file->name, hash);
}

static int check_present(const struct outdir *dir, struct outdir_file *file,
                         const char *path) {
  unsigned char hash[PIECES_HASH_SIZE];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  int failed = fd < 0 || pieces_hash_fd(fd, hash) != 0;
  if (failed)
    cannot("read", path);
  if (fd >= 0)
    close(fd);
  if (failed)
    return -1;
  if (memcmp(hash, file->hash, sizeof hash) == 0) {
    file->fate = OUTDIR_SAME;
  } else if (file->kind == OUTDIR_SCAFFOLD && !dir->force) {
    file->fate = OUTDIR_KEEP;
  } else if (!may_replace(dir, file, hash)) {
    say_error("%s was not written by publish, or was changed since", path);
    say_hint("keep it under another name, or replace it by --force");
    return -1;
  }
  return 0;
}

static int check_file(const struct outdir *dir, struct outdir_file *file) {
  file->fate = OUTDIR_WRITE;
  if (check_way(dir, file->name) != 0)
    return -1;
  char *path = join(dir, file->name);
  if (!path)
    return -1;
  struct stat st;
  int status = 0;
  if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
    status = check_present(dir, file, path);
  } else if (lstat(path, &st) == 0) { /* or a link to nothing */
    say_error("%s is in the way: it should be a file", path);
    status = -1;
  } else if (errno != ENOENT) {
    status = cannot("look at", path);
  }
  free(path);
  return status;
}

int outdir_check(struct outdir *dir) {
  if (!dir->exists)
    return 0;
  for (size_t i = 0; i < dir->count; i++)
    if (check_file(dir, &dir->file[i]) != 0)
      return -1;
  return 0;
}
