/* onefile.c - see onefile.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "onefile.h"

#include "mark.h"
#include "path.h"
#include "refusal.h"

#include "../outfile.h"
#include "../say.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Its mark says so. */
static bool is_site(const void *bytes, size_t len) {
  struct mark mark;
  return mark_read((struct wasm_bytes){bytes, len}, &mark) == REFUSAL_SITE;
}

int onefile_check(const char *name, bool force) {
  struct stat st;
  if (stat(name, &st) != 0)
    return 0; /* what is wrong with it, writing tells */
  if (!S_ISREG(st.st_mode)) {
    say_error("%s is in the way: it should be a file", name);
    return -1;
  }
  if (force || st.st_size == 0)
    return 0;
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  size_t len = (size_t)st.st_size;
  void *bytes =
      fd < 0 ? MAP_FAILED : mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
  bool ours = bytes != MAP_FAILED && is_site(bytes, len);
  if (bytes != MAP_FAILED)
    munmap(bytes, len);
  if (fd >= 0)
    close(fd);
  if (ours)
    return 0;
  say_error("%s is no site that publish wrote", name);
  say_hint("name another file by -o, or replace this one by --force");
  return -1;
}

int onefile_write(const char *name, const struct pieces *content,
                  struct pieces_watch watch) {
  struct outfile file;
  size_t made;
  if (path_make_parents(name, &made) != 0) {
    say_error("cannot write %s: %s", name, strerror(errno));
    return -1;
  }
  int status = outfile_open(&file, name);
  if (status == 0 && pieces_write(content, fileno(file.stream), watch) == 0) {
    status = outfile_commit(&file);
  } else if (status == 0) {
    int why = errno;
    outfile_abandon(&file);
    if (why != ECANCELED)
      say_error("cannot write %s: %s", name, strerror(why));
    status = -1;
  }
  if (status != 0)
    path_remove_parents(name, made);
  return status;
}
