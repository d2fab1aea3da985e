/* outfile.c - see outfile.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "outfile.h"

#include "say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool outfile_ends(const char *name, const char *end) {
  size_t len = strlen(name), end_len = strlen(end);
  return len > end_len && strcmp(name + len - end_len, end) == 0;
}

/* As the shell's redirection would make it. */
static int allow_by_umask(int fd) {
  mode_t mask = umask(0);
  umask(mask);
  return fchmod(fd, 0666 & ~mask);
}

int outfile_open(struct outfile *file, const char *name) {
  *file = (struct outfile){.name = name};
  if (asprintf(&file->beside, "%s.XXXXXX", name) < 0) {
    file->beside = NULL;
    say_error("%s", strerror(ENOMEM));
    return -1;
  }
  int fd = mkstemp(file->beside);
  if (fd >= 0 && allow_by_umask(fd) == 0)
    file->stream = fdopen(fd, "wb");
  if (file->stream)
    return 0;
  say_error("cannot write %s: %s", name, strerror(errno));
  if (fd >= 0) {
    close(fd);
    unlink(file->beside);
  }
  free(file->beside);
  return -1;
}

int outfile_commit(struct outfile *file) {
  int failed = fflush(file->stream) != 0 || ferror(file->stream) ||
               fsync(fileno(file->stream)) != 0;
  int why = errno;
  if (fclose(file->stream) != 0 && !failed) {
    failed = 1;
    why = errno;
  }
  if (!failed && rename(file->beside, file->name) != 0) {
    failed = 1;
    why = errno;
  }
  if (failed) {
    unlink(file->beside);
    say_error("cannot write %s: %s", file->name, strerror(why));
  }
  free(file->beside);
  return failed ? -1 : 0;
}

void outfile_abandon(struct outfile *file) {
  fclose(file->stream);
  unlink(file->beside);
  free(file->beside);
}
