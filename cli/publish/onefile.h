/* onefile.h - a site that is published as one file.
 * SPDX-License-Identifier: MIT */
#ifndef PUBLISH_ONEFILE_H
#define PUBLISH_ONEFILE_H

#include "pieces.h"

/* Refuses to replace what is no published site, but with force.  Returns 0, or
 * -1 after telling why. */
int onefile_check(const char *name, bool force);

/* Writes it, complete or not at all.  Returns as outdir_commit. */
int onefile_write(const char *name, const struct pieces *content,
                  struct pieces_watch watch);

#endif
