/* write.h - the file of a pack: made beside its target, and renamed over it
 * when it is whole and on the disk.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_WRITE_H
#define EDGESTATIC_WRITE_H

#include "build/compose.h"

struct write_target {
  const edgestatic_builder_options *options;
  const char *file;
  int folder;     /* descriptor */
  int fd;         /* of the new file, or -1 */
  char name[256]; /* the target's in the folder */
  char temp[320]; /* the new file's */
};

/* Checks that a target can be written, before hours are spent on it.
 * EDGESTATIC_OK or _ERR_IO, which was reported; then there is nothing to
 * close. */
int write_open(struct write_target *, const edgestatic_builder_options *,
               const char *file);

/* Writes the pack beside the target, syncs it and renames it; a target that is
 * this pack already is left there.  EDGESTATIC_OK, or the error that was
 * reported: then the target is as it was. */
int write_pack(struct write_target *, struct compose *);

void write_close(struct write_target *);

/* Writes index and bodies into a file, by the gather's threads. */
int write_bodies(int fd, const char *file, struct compose *);

#endif
