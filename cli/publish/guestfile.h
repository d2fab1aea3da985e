/* guestfile.h - the installed guest of a flavour, read and checked.
 * SPDX-License-Identifier: MIT */
#ifndef PUBLISH_GUESTFILE_H
#define PUBLISH_GUESTFILE_H

#include "bundle.h"

struct guestfile {
  char *name; /* of the file */
  unsigned char *bytes;
  size_t len;
  struct guest guest; /* borrows from bytes */
};

/* Both take the folder; NULL: where edgestatic was installed.  They return 0,
 * or -1 after telling why; there is nothing to close then. */

/* Reads a file, a script for example, up to one byte more than GUEST_SIZE_MAX:
 * so one that is larger can be told. */
int guestfile_read(struct guestfile *file, const char *name,
                   const char *folder);

/* Reads FLAVOUR.wasm and checks it. */
int guestfile_open(struct guestfile *file, const char *flavour,
                   const char *folder);

void guestfile_close(struct guestfile *file);

#endif
