/* siteio.c - see siteio.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "site/siteio.h"

#include "build/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int (*siteio_step)(void);
size_t siteio_piece = 1 << 20;

static int step(void) {
  return siteio_step ? siteio_step() : 0;
}

int siteio_create(int folder, const char *name, int *fd) {
  struct stat st;
  int reason = step();
  *fd = -1;
  if (reason)
    return reason;
  /* As readable as the store is, whatever the umask of this writer: it may run
   * as somebody else than the last one did. */
  bool old = fstatat(folder, "state", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
             S_ISREG(st.st_mode);
  mode_t mode = old ? st.st_mode & 0666 : 0666;
  *fd = openat(folder, name,
               O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  if (*fd < 0)
    return errno;
  /* Some file systems have no modes. */
  if (old && fchmod(*fd, mode) < 0 && errno != EPERM && errno != ENOTSUP)
    return errno;
  return 0;
}

int siteio_write(int fd, const void *bytes, size_t size, uint64_t offset) {
  const char *from = bytes;
  while (size > 0) {
    size_t n = size < siteio_piece ? size : siteio_piece;
    int reason = step();
    if (!reason)
      reason = io_write(fd, from, n, offset);
    if (reason)
      return reason;
    from += n;
    size -= n;
    offset += n;
  }
  return 0;
}

int siteio_truncate(int fd, uint64_t size) {
  int reason = step();
  if (!reason && ftruncate(fd, (off_t)size) < 0)
    reason = errno;
  return reason;
}

int siteio_sync(int fd) {
  int reason = step();
  /* Some file systems cannot sync a folder, and say EINVAL. */
  if (!reason && fsync(fd) < 0 && errno != EINVAL)
    reason = errno;
  return reason;
}

int siteio_rename(int folder, const char *from, const char *to) {
  int reason = step();
  if (!reason && renameat(folder, from, folder, to) < 0)
    reason = errno;
  return reason;
}

int siteio_unlink(int folder, const char *name) {
  int reason = step();
  if (!reason && unlinkat(folder, name, 0) < 0)
    reason = errno;
  return reason;
}
