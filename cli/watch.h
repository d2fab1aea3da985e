/* watch.h - tells when a folder tree, or one file, has changed (inotify).
 * SPDX-License-Identifier: MIT */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdbool.h>

struct watch {
  const char *path;
  bool is_tree;
  int fd;           /* poll it */
  int wd;           /* of the folder */
  char *folder;     /* the tree's root, or what the file lies in */
  const char *name; /* of the file there */
};

/* Returns 0, or -1 after telling why. */
int watch_open(struct watch *watch, const char *path, bool is_tree);
void watch_close(struct watch *watch);

/* Reads what has come.  True when something changed that matters: for a tree
 * any file that a build would read, for a file its replacement. */
bool watch_read(struct watch *watch);

/* Looks for folders that are new since.  To be called before what is watched
 * is read again, so that no later change is missed.  Returns 0, or -1 when the
 * root is gone for now: call again after a while. */
int watch_renew(struct watch *watch);

#endif
