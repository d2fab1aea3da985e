/* io.c - see io.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Other builds may take names at the same time. */
#define NEW_FILE_TRIES 100

int io_read(int fd, void *bytes, size_t size, uint64_t offset) {
  char *p = bytes;
  while (size > 0) {
    ssize_t n = pread(fd, p, size, (off_t)offset);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return errno;
    if (n == 0)
      return EIO;
    p += n;
    size -= (size_t)n;
    offset += (uint64_t)n;
  }
  return 0;
}

int io_write(int fd, const void *bytes, size_t size, uint64_t offset) {
  const char *p = bytes;
  while (size > 0) {
    ssize_t n = pwrite(fd, p, size, (off_t)offset);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return errno;
    p += n;
    size -= (size_t)n;
    offset += (uint64_t)n;
  }
  return 0;
}

bool io_same(int fd, const void *bytes, size_t size, uint64_t offset) {
  char there[65536];
  const char *p = bytes;
  while (size > 0) {
    size_t n = size < sizeof there ? size : sizeof there;
    if (io_read(fd, there, n, offset) != 0 || memcmp(there, p, n) != 0)
      return false;
    p += n;
    size -= n;
    offset += n;
  }
  return true;
}

int io_make_folder(const char *path) {
  char part[PATH_MAX];
  size_t len = strlen(path);
  if (len >= sizeof part) {
    errno = ENAMETOOLONG;
    return -1;
  }
  int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  int fd = open(path, flags);
  if (fd >= 0 || errno != ENOENT)
    return fd;
  memcpy(part, path, len + 1);
  for (size_t i = 1; i <= len; i++) {
    if (path[i] != '/' && path[i] != '\0')
      continue;
    part[i] = '\0';
    if (mkdir(part, 0777) < 0 && errno != EEXIST)
      return -1;
    part[i] = path[i];
  }
  return open(path, flags);
}

int io_new_file(int folder, const char *prefix, char *name, size_t size) {
  static atomic_uint serial;
  for (int i = 0; i < NEW_FILE_TRIES; i++) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int n = snprintf(name, size, "%s%lx%lx%x", prefix, (unsigned long)getpid(),
                     (unsigned long)now.tv_nsec, atomic_fetch_add(&serial, 1));
    if (n < 0 || (size_t)n >= size) {
      errno = ENAMETOOLONG;
      return -1;
    }
    int fd = openat(folder, name,
                    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd >= 0 || errno != EEXIST)
      return fd;
  }
  return -1;
}

int io_nameless_file(int folder) {
#ifdef O_TMPFILE
  int unnamed = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (unnamed >= 0)
    return unnamed;
#endif
  char name[64];
  int fd = io_new_file(folder, IO_NAMELESS_PREFIX, name, sizeof name);
  if (fd >= 0)
    unlinkat(folder, name, 0);
  return fd;
}

int io_memory_file(void) {
#ifdef HAVE_MEMFD_CREATE
  int memory = memfd_create("edgestatic", MFD_CLOEXEC);
  if (memory >= 0)
    return memory;
#endif
  const char *path = getenv("TMPDIR");
  int folder =
      open(path && path[0] ? path : "/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    return -1;
  int fd = io_nameless_file(folder);
  int reason = errno;
  close(folder);
  errno = reason;
  return fd;
}
