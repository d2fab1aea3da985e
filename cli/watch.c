/* watch.c - see watch.h.
 *
 * inotify watches folders, not trees: each folder gets a watch, and the tree
 * is walked again before each rebuild.  Adding a watch that is there already
 * changes nothing.
 *
 * SPDX-License-Identifier: MIT
 */
#include "config.h"

#include "watch.h"

#include "say.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_INOTIFY_INIT1
#include <sys/inotify.h>

#define EVENTS                                                                 \
  (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |      \
   IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* Descriptors that the walk over a tree may hold open. */
#define WALK_FDS 16

static struct watch *walked; /* nftw hands nothing on */

static int add_folder(const char *path, const struct stat *st, int kind,
                      struct FTW *where) {
  (void)st;
  if (kind != FTW_D)
    return 0;
  int wd = inotify_add_watch(walked->fd, path, EVENTS);
  if (where->level == 0)
    walked->wd = wd;
  /* A folder that went away in the meantime has sent an event. */
  if (wd < 0 && (errno == ENOSPC || errno == ENOMEM)) {
    say_warning("cannot watch %s: the system's limit is reached; raise "
                "fs.inotify.max_user_watches",
                path);
    return 1;
  }
  return 0;
}

int watch_renew(struct watch *watch) {
  if (!watch->is_tree)
    return 0;
  walked = watch;
  watch->wd = -1;
  nftw(watch->folder, add_folder, WALK_FDS, FTW_PHYS);
  return watch->wd >= 0 ? 0 : -1;
}

/* The folder to watch: that of the file; or the tree, with a slash behind it
 * so that a symbolic link is followed. */
static int find_folder(struct watch *watch) {
  const char *slash = strrchr(watch->path, '/');
  watch->name = slash ? slash + 1 : watch->path;
  size_t len = slash ? (size_t)(slash - watch->path) : 0;
  int written;
  if (watch->is_tree)
    written = asprintf(&watch->folder, "%s/", watch->path);
  else
    written = asprintf(&watch->folder, "%.*s%s", (int)len, watch->path,
                       slash ? "/" : ".");
  if (written >= 0)
    return 0;
  watch->folder = NULL;
  return -1;
}

static int add_first(struct watch *watch) {
  if (find_folder(watch) != 0)
    return -1;
  if (watch->is_tree)
    return watch_renew(watch);
  watch->wd = inotify_add_watch(watch->fd, watch->folder, EVENTS);
  return watch->wd >= 0 ? 0 : -1;
}

int watch_open(struct watch *watch, const char *path, bool is_tree) {
  *watch = (struct watch){.path = path, .is_tree = is_tree, .wd = -1};
  watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (watch->fd >= 0 && add_first(watch) == 0)
    return 0;
  say_error("cannot watch %s: %s", path, strerror(errno));
  watch_close(watch);
  return -1;
}

/* Editors write swap files with names like these; a build leaves them out. */
static bool is_hidden(const char *name) {
  return name[0] == '.' && strcmp(name, ".well-known") != 0 &&
         strcmp(name, ".edgestaticignore") != 0;
}

static bool matters(struct watch *watch, const struct inotify_event *event) {
  if (event->mask & IN_Q_OVERFLOW)
    return true;
  if (!watch->is_tree)
    return event->len > 0 && strcmp(event->name, watch->name) == 0 &&
           (event->mask & (IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO)) != 0;
  if (event->wd == watch->wd && (event->mask & IN_IGNORED))
    watch->wd = -1;
  if (event->mask & IN_IGNORED)
    return false;
  return event->len == 0 || !is_hidden(event->name);
}

bool watch_read(struct watch *watch) {
  /* Room for many events; one with the longest name always fits. */
  _Alignas(struct inotify_event) char buffer[16 * 1024];
  _Static_assert(sizeof buffer > sizeof(struct inotify_event) + NAME_MAX + 1,
                 "read fails when one event does not fit");
  bool any = false;
  ssize_t len;
  while ((len = read(watch->fd, buffer, sizeof buffer)) > 0)
    for (char *p = buffer; p < buffer + len;) {
      const struct inotify_event *event = (const void *)p;
      if (matters(watch, event))
        any = true;
      p += sizeof *event + event->len;
    }
  return any;
}

void watch_close(struct watch *watch) {
  if (watch->fd >= 0)
    close(watch->fd);
  free(watch->folder);
  watch->fd = -1;
  watch->folder = NULL;
}

#else

int watch_open(struct watch *watch, const char *path, bool is_tree) {
  *watch = (struct watch){.path = path, .is_tree = is_tree, .fd = -1};
  say_error("--watch needs inotify, which this system has not");
  return -1;
}

void watch_close(struct watch *watch) {
  (void)watch;
}

bool watch_read(struct watch *watch) {
  (void)watch;
  return false;
}

int watch_renew(struct watch *watch) {
  (void)watch;
  return 0;
}

#endif
