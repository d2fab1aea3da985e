/* outfile.h - a file that appears complete or not at all: written beside its
 * name, synced, renamed.  SPDX-License-Identifier: MIT */
#ifndef CLI_OUTFILE_H
#define CLI_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

struct outfile {
  const char *name;
  char *beside;
  FILE *stream; /* write here; errors are found by outfile_commit */
};

/* Does the name end so, behind something else: "a.c" in ".c"? */
bool outfile_ends(const char *name, const char *end);

/* Returns 0, or -1 after telling why. */
int outfile_open(struct outfile *file, const char *name);

/* Puts the file in place.  Returns 0, or -1 after telling why; what was there
 * before is then still there.  Frees what file holds. */
int outfile_commit(struct outfile *file);

/* Leaves what was there before.  Frees what file holds. */
void outfile_abandon(struct outfile *file);

#endif
