/* guestfile.h - the installed guest of a flavour, read and checked.
 * SPDX-License-Identifier: MIT */
#ifndef PUBLISH_GUESTFILE_H
#define PUBLISH_GUESTFILE_H

#include "bundle.h"

struct guestfile {
  char *name; /* of the file */
  unsigned char *bytes;
  struct guest guest; /* borrows from bytes */
};

/* Reads FLAVOUR.wasm in a folder; NULL: where edgestatic was installed.
 * Returns 0, or -1 after telling why; there is nothing to close then. */
int guestfile_open(struct guestfile *file, const char *flavour,
                   const char *folder);

void guestfile_close(struct guestfile *file);

#endif
