/* scan.c - finds the files of a site's folder.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/scan.h"

#include "build/ignore.h"
#include "build/readfile.h"
#include "build/report.h"
#include "build/utf8.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* How often the progress callback is asked whether to go on. */
#define SCAN_PROGRESS_EVERY 1000

/* A folder to read.  Each is opened from the root by its source, so that the
 * depth of a site costs neither stack nor descriptors. */
struct folder {
  slice path, source;
  size_t parent; /* number of the folder it was found in; the root's is 0 */
};

struct walk {
  struct scan *scan;
  const edgestatic_builder_options *options;
  const char *dir;
  char real[PATH_MAX]; /* dir without symbolic links; "" for "/" */
  struct ignore ignore;
  struct folder *folder; /* those from `next` on are still to be read */
  size_t count, room, next;
  uint32_t names;
};

/* A name in a folder, and what it turned out to be. */
struct found {
  slice path, source;
  struct stat st;
};

/* Reports what is wrong with a path and returns error. */
static int fail(const struct walk *w, int error, slice path, const char *what,
                const char *detail) {
  char file[REPORT_MAX + 1];
  size_t len = strlen(w->dir);
  bool slash = path.len > 0 && len > 0 && w->dir[len - 1] != '/';
  snprintf(file, sizeof file, "%s%s%.*s", w->dir, slash ? "/" : "",
           (int)path.len, path.len > 0 ? path.base : "");
  return report_error(w->options, error, file, 0, "%s%s", what, detail);
}

static int fail_errno(const struct walk *w, slice path, const char *what) {
  int reason = errno;
  if (reason == ENOMEM)
    return EDGESTATIC_ERR_MEMORY;
  return fail(w, EDGESTATIC_ERR_IO, path, what, strerror(reason));
}

const char *scan_path_fault(slice path) {
  if (path.len == 0)
    return "is empty";
  if (path.len + 1 > EDGESTATIC_PATH_MAX)
    return "is too long for a path of a site";
  if (!utf8_valid(path))
    return "is not UTF-8; rename it";
  if (utf8_has_control(path))
    return "has a control character; rename it";
  /* Browsers turn it into a slash (WHATWG URL), so that no link could reach
   * the file. */
  if (memchr(path.base, '\\', path.len) != NULL)
    return "has a backslash, which no URL can name; rename it";
  for (size_t begin = 0, i = 0; i <= path.len; i++) {
    if (i < path.len && path.base[i] != '/')
      continue;
    slice segment = slice_of(path.base + begin, i - begin);
    if (segment.len == 0 || slice_eq(segment, LIT(".")) ||
        slice_eq(segment, LIT("..")))
      return "has an empty, \".\" or \"..\" segment";
    begin = i + 1;
  }
  return NULL;
}

/* folder/name in the arena; absent when out of memory. */
static slice join(struct walk *w, slice folder, slice name) {
  if (folder.len == 0)
    return mem_arena_copy(&w->scan->strings, name);
  size_t len = folder.len + 1 + name.len;
  char *p = mem_arena_take(&w->scan->strings, len + 1);
  if (p == NULL)
    return (slice){NULL, 0};
  memcpy(p, folder.base, folder.len);
  p[folder.len] = '/';
  memcpy(p + folder.len + 1, name.base, name.len);
  p[len] = 0;
  return slice_of(p, len);
}

static int add_folder(struct walk *w, slice path, slice source, size_t parent) {
  struct folder *grown = mem_grow(w->ignore.allocator, w->folder, &w->room,
                                  w->count + 1, sizeof *grown);
  if (grown == NULL)
    return EDGESTATIC_ERR_MEMORY;
  w->folder = grown;
  w->folder[w->count++] = (struct folder){path, source, parent};
  return EDGESTATIC_OK;
}

slice scan_rules_name(enum scan_rules kind) {
  return kind == SCAN_REDIRECTS ? LIT("_redirects") : LIT("_headers");
}

static int add_rules(struct walk *w, enum scan_rules kind,
                     const struct found *found) {
  slice dir = slice_of(w->dir, strlen(w->dir));
  while (dir.len > 1 && dir.base[dir.len - 1] == '/')
    dir.len--;
  struct scan_rule_file file = {found->source, join(w, dir, found->path)};
  if (found->st.st_size > SCAN_RULE_FILE_MAX)
    return fail(w, EDGESTATIC_ERR_LIMIT, found->path,
                "is larger than 16 MiB, which no file of rules is", "");
  if (!file.file.base)
    return EDGESTATIC_ERR_MEMORY;
  w->scan->rules[kind] = file;
  return EDGESTATIC_OK;
}

static int add_file(struct walk *w, const struct found *found) {
  struct scan *scan = w->scan;
  for (int kind = 0; kind < SCAN_RULES; kind++)
    if (slice_eq(found->path, scan_rules_name(kind)))
      return add_rules(w, kind, found);
  struct scan_file *grown =
      mem_grow(scan->strings.allocator, scan->file, &scan->room,
               scan->count + 1, sizeof *grown);
  if (grown == NULL)
    return EDGESTATIC_ERR_MEMORY;
  scan->file = grown;
  scan->file[scan->count++] = (struct scan_file){
      .path = found->path,
      .source = found->source,
      .size = (uint64_t)found->st.st_size,
      .mtime = (int64_t)found->st.st_mtim.tv_sec,
  };
  return EDGESTATIC_OK;
}

/* Where a symbolic link leads: below the root, or it is an error.  The answer
 * is only used through readfile_open, which follows no link: whoever changes
 * the folder meanwhile makes an error, not a way out. */
static int resolve(struct walk *w, struct found *found) {
  char link[PATH_MAX], real[PATH_MAX];
  size_t root = strlen(w->real);
  int n = snprintf(link, sizeof link, "%s/%s", w->real, found->source.base);
  if (n < 0 || (size_t)n >= sizeof link)
    errno = ENAMETOOLONG;
  if (n < 0 || (size_t)n >= sizeof link || realpath(link, real) == NULL) {
    if (errno == ENOENT || errno == ENOTDIR)
      return fail(w, EDGESTATIC_ERR_INPUT, found->path,
                  "is a symbolic link to nothing; remove it or name it in "
                  ".edgestaticignore",
                  "");
    if (errno == ELOOP)
      return fail(w, EDGESTATIC_ERR_INPUT, found->path,
                  "is a symbolic link that leads to itself; remove it", "");
    return fail_errno(w, found->path, "is a symbolic link; cannot follow it: ");
  }
  slice target = slice_of(real, strlen(real));
  bool inside = slice_starts(target, slice_of(w->real, root)) &&
                (target.len == root || target.base[root] == '/');
  if (!inside)
    return fail(w, EDGESTATIC_ERR_INPUT, found->path,
                "is a symbolic link that leaves the folder; copy what it "
                "leads to, or name it in .edgestaticignore: ",
                real);
  target = slice_skip(target, root);
  if (target.len > 0)
    target = slice_skip(target, 1);
  found->source = mem_arena_copy(&w->scan->strings, target);
  if (found->source.base == NULL)
    return EDGESTATIC_ERR_MEMORY;
  if (fstatat(w->scan->root, target.len == 0 ? "." : found->source.base,
              &found->st, AT_SYMLINK_NOFOLLOW) != 0)
    return fail_errno(w, found->path, "cannot be read: ");
  return EDGESTATIC_OK;
}

/* Whether a link in that folder leads to one of the folders it lies in.  A
 * chain of links without end comes by some folder twice. */
static bool is_loop(const struct walk *w, size_t folder, slice source) {
  for (;; folder = w->folder[folder].parent) {
    if (slice_eq(w->folder[folder].source, source))
      return true;
    if (folder == 0)
      return false;
  }
}

/* Takes a name that was not left out by itself. */
static int take(struct walk *w, size_t folder, struct found *found) {
  bool link = S_ISLNK(found->st.st_mode);
  if (link) {
    int error = resolve(w, found);
    if (error != EDGESTATIC_OK)
      return error;
  }
  bool is_folder = S_ISDIR(found->st.st_mode);
  if (is_folder && ignore_match(&w->ignore, found->path, true))
    return EDGESTATIC_OK;
  const char *fault = scan_path_fault(found->path);
  if (fault != NULL)
    return fail(w,
                found->path.len < EDGESTATIC_PATH_MAX ? EDGESTATIC_ERR_INPUT
                                                      : EDGESTATIC_ERR_LIMIT,
                found->path, "the name ", fault);
  if (is_folder) {
    if (link && is_loop(w, folder, found->source))
      return fail(w, EDGESTATIC_ERR_INPUT, found->path,
                  "is a symbolic link to a folder that it lies in; remove it "
                  "or name it in .edgestaticignore",
                  "");
    return add_folder(w, found->path, found->source, folder);
  }
  if (S_ISREG(found->st.st_mode))
    return add_file(w, found);
  /* An error, not a warning that scrolls by: whoever put it there expects
   * something at that path, and a site cannot have it. */
  return fail(w, EDGESTATIC_ERR_INPUT, found->path,
              "is neither a file nor a folder; remove it or name it in "
              ".edgestaticignore",
              "");
}

/* Names that are never assets: dotfiles are a tool's. */
static bool is_left_out(slice name) {
  return name.base[0] == '.' && !slice_eq(name, LIT(".well-known"));
}

static int take_name(struct walk *w, size_t number, int fd, const char *text) {
  const struct folder folder = w->folder[number];
  slice name = slice_of(text, strlen(text));
  if (is_left_out(name))
    return EDGESTATIC_OK;
  if (++w->names > SCAN_NAMES_MAX)
    return fail(w, EDGESTATIC_ERR_LIMIT, folder.path,
                "the folder has too many files; do links multiply them?", "");
  if (w->names % SCAN_PROGRESS_EVERY == 0 && w->options->progress != NULL) {
    edgestatic_progress progress = {.files_done = (uint32_t)w->scan->count};
    if (w->options->progress(w->options->progress_ctx, &progress) != 0)
      return EDGESTATIC_ERR_CANCELLED;
  }
  struct found found = {.path = join(w, folder.path, name)};
  found.source = found.path;
  if (!slice_eq(folder.path, folder.source))
    found.source = join(w, folder.source, name);
  if (found.path.base == NULL || found.source.base == NULL)
    return EDGESTATIC_ERR_MEMORY;
  if (ignore_match(&w->ignore, found.path, false))
    return EDGESTATIC_OK;
  if (fstatat(fd, text, &found.st, AT_SYMLINK_NOFOLLOW) != 0)
    return fail_errno(w, found.path, "cannot be read: ");
  return take(w, number, &found);
}

static int read_folder(struct walk *w, size_t number) {
  slice path = w->folder[number].path;
  int fd = readfile_open(w->scan->root, w->folder[number].source,
                         O_RDONLY | O_DIRECTORY);
  if (fd < 0)
    return fail_errno(w, path, "the folder cannot be read: ");
  DIR *stream = fdopendir(fd);
  if (stream == NULL) {
    int error = fail_errno(w, path, "the folder cannot be read: ");
    close(fd);
    return error;
  }
  int error = EDGESTATIC_OK;
  while (error == EDGESTATIC_OK) {
    errno = 0;
    const struct dirent *entry = readdir(stream);
    if (entry == NULL) {
      if (errno != 0)
        error = fail_errno(w, path, "the folder cannot be read: ");
      break;
    }
    error = take_name(w, number, fd, entry->d_name);
  }
  closedir(stream);
  return error;
}

/* Opens the folder and learns its real name, against which links are held. */
static int open_root(struct walk *w) {
  slice none = {NULL, 0};
  w->scan->root = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (w->scan->root < 0) {
    if (errno == ENOENT)
      return fail(w, EDGESTATIC_ERR_IO, none, "no such folder", "");
    if (errno == ENOTDIR)
      return fail(w, EDGESTATIC_ERR_IO, none, "is not a folder", "");
    return fail_errno(w, none, "the folder cannot be opened: ");
  }
  if (realpath(w->dir, w->real) == NULL)
    return fail_errno(w, none, "the folder cannot be found: ");
  if (strcmp(w->real, "/") == 0)
    w->real[0] = 0;
  return EDGESTATIC_OK;
}

static int read_ignore(struct walk *w) {
  struct found found = {.path = LIT(SCAN_IGNORE_FILE),
                        .source = LIT(SCAN_IGNORE_FILE)};
  if (fstatat(w->scan->root, SCAN_IGNORE_FILE, &found.st,
              AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT)
      return EDGESTATIC_OK;
    return fail_errno(w, found.path, "cannot be read: ");
  }
  int error = S_ISLNK(found.st.st_mode) ? resolve(w, &found) : EDGESTATIC_OK;
  if (error != EDGESTATIC_OK)
    return error;
  if (!S_ISREG(found.st.st_mode))
    return fail(w, EDGESTATIC_ERR_INPUT, found.path, "is not a file", "");
  char name[REPORT_MAX + 1];
  snprintf(name, sizeof name, "%s/" SCAN_IGNORE_FILE, w->dir);
  struct readfile file = {.allocator = w->ignore.allocator};
  error = readfile(&file, w->scan->root, found.source);
  if (error != EDGESTATIC_OK)
    readfile_report(w->options, name, error, file.reason);
  else
    error = ignore_parse(&w->ignore, w->options, name,
                         slice_of(file.bytes, file.size));
  readfile_free(&file);
  return error;
}

static int by_path(const void *a, const void *b) {
  slice x = ((const struct scan_file *)a)->path;
  slice y = ((const struct scan_file *)b)->path;
  int order = memcmp(x.base, y.base, x.len < y.len ? x.len : y.len);
  return order != 0 ? order : (x.len > y.len) - (x.len < y.len);
}

static int walk(struct walk *w) {
  int error = open_root(w);
  if (error == EDGESTATIC_OK)
    error = read_ignore(w);
  if (error == EDGESTATIC_OK)
    error = add_folder(w, LIT(""), LIT(""), 0);
  for (; error == EDGESTATIC_OK && w->next < w->count; w->next++)
    error = read_folder(w, w->next);
  if (error == EDGESTATIC_OK && w->scan->count > 1)
    qsort(w->scan->file, w->scan->count, sizeof *w->scan->file, by_path);
  return error;
}

int scan_dir(struct scan *scan, const edgestatic_builder_options *options,
             const char *dir) {
  *scan = (struct scan){.root = -1, .strings = {&options->allocator, NULL}};
  struct walk w = {
      .scan = scan,
      .options = options,
      .dir = dir,
      .ignore = {.allocator = &options->allocator},
  };
  int error = walk(&w);
  ignore_free(&w.ignore);
  mem_free(&options->allocator, w.folder, w.room * sizeof *w.folder);
  if (error != EDGESTATIC_OK)
    scan_free(scan);
  return error;
}

void scan_free(struct scan *scan) {
  mem_free(scan->strings.allocator, scan->file,
           scan->room * sizeof *scan->file);
  mem_arena_free(&scan->strings);
  if (scan->root >= 0)
    close(scan->root);
  *scan = (struct scan){.root = -1};
}
