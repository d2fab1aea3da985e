/* readfile.c - reads a file of a scanned folder whole.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/readfile.h"

#include "build/mem.h"
#include "build/report.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_quietly(int fd) {
  int saved = errno;
  close(fd);
  errno = saved;
}

int readfile_open(int root, slice path, int flags) {
  char names[EDGESTATIC_PATH_MAX + 1];
  if (path.len > EDGESTATIC_PATH_MAX) {
    errno = ENAMETOOLONG;
    return -1;
  }
  if (path.len > 0)
    memcpy(names, path.base, path.len);
  names[path.len] = 0;
  int fd = root;
  char *name = names;
  for (char *slash; (slash = strchr(name, '/')) != NULL; name = slash + 1) {
    *slash = 0;
    int next =
        openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd != root)
      close_quietly(fd);
    if (next < 0)
      return -1;
    fd = next;
  }
  int file =
      openat(fd, *name == 0 ? "." : name, flags | O_NOFOLLOW | O_CLOEXEC);
  if (fd != root)
    close_quietly(fd);
  return file;
}

/* Whether nothing was written between two looks at an open file.  mtime alone
 * can be set back (cp -p, rsync -t), ctime cannot.  limit: a write within the
 * same tick of the file system's clock as the last one is seen only when it
 * changes the size. */
static bool same(const struct stat *a, const struct stat *b) {
  return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
         a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
         a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
         a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Reads to the end of the file, or until the buffer is full. */
static int read_all(struct readfile *file, int fd, size_t want) {
  file->size = 0;
  while (file->size < want) {
    ssize_t n = read(fd, file->bytes + file->size, want - file->size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return EDGESTATIC_ERR_IO;
    if (n == 0)
      break;
    file->size += (size_t)n;
  }
  return EDGESTATIC_OK;
}

static int read_open(struct readfile *file, int fd) {
  struct stat before, after;
  if (fstat(fd, &before) != 0)
    return EDGESTATIC_ERR_IO;
  if (!S_ISREG(before.st_mode))
    return EDGESTATIC_ERR_INPUT;
  size_t need;
  /* One byte more than there should be shows that the file grew; it is also
   * the place of the NUL. */
  if ((uintmax_t)before.st_size > SIZE_MAX ||
      !mem_add((size_t)before.st_size, 1, &need))
    return EDGESTATIC_ERR_MEMORY;
  if (need > file->room) {
    /* The old bytes are not worth a copy. */
    mem_free(file->allocator, file->bytes, file->room);
    file->bytes = mem_new(file->allocator, need, 1);
    file->room = file->bytes == NULL ? 0 : need;
    if (file->bytes == NULL)
      return EDGESTATIC_ERR_MEMORY;
  }
  int error = read_all(file, fd, need);
  if (error != EDGESTATIC_OK)
    return error;
  if (fstat(fd, &after) != 0)
    return EDGESTATIC_ERR_IO;
  if (file->size != (size_t)before.st_size || !same(&before, &after))
    return EDGESTATIC_ERR_INPUT;
  file->bytes[file->size] = 0;
  file->mtime = (int64_t)after.st_mtim.tv_sec;
  return EDGESTATIC_OK;
}

int readfile(struct readfile *file, int root, slice source) {
  file->size = 0;
  /* Without O_NONBLOCK a file that became a pipe would wait for a writer. */
  int fd = readfile_open(root, source, O_RDONLY | O_NONBLOCK);
  if (fd < 0) {
    file->reason = errno;
    return EDGESTATIC_ERR_IO;
  }
  int error = read_open(file, fd);
  file->reason = error == EDGESTATIC_ERR_IO ? errno : 0;
  close_quietly(fd);
  return error;
}

void readfile_free(struct readfile *file) {
  mem_free(file->allocator, file->bytes, file->room);
  *file = (struct readfile){.allocator = file->allocator};
}

int readfile_report(const edgestatic_builder_options *options, const char *path,
                    int error, int reason) {
  switch (error) {
  case EDGESTATIC_ERR_MEMORY:
    return report_error(options, error, path, 0, "no memory to read it whole");
  case EDGESTATIC_ERR_INPUT:
    return report_error(options, error, path, 0,
                        "changed while it was being read; build again");
  default:
    return report_error(options, error, path, 0, "cannot be read: %s",
                        strerror(reason));
  }
}
