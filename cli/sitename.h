/* sitename.h - a release of a site store, named where a pack could stand: SITE,
 * SITE@COLLECTION or SITE@NUMBER.  SPDX-License-Identifier: MIT */
#ifndef CLI_SITENAME_H
#define CLI_SITENAME_H

#include <stdbool.h>

struct sitename {
  char *dir;        /* the caller frees it */
  const char *name; /* of the collection or release; "live" */
  bool is_plain;    /* there was no @ */
};

/* Whether text names a release of a site store that is there (a file of that
 * name is no store, and a folder only with a store in it).  Fills *site then;
 * of one without memory dir is NULL. */
bool sitename_parse(struct sitename *site, const char *text);

#endif
