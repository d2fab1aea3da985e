/* purgelist.h - what a cache has to forget, as it is told to it.
 *
 * A line for each:
 *
 *   plain        URL, or URL* for all that begin so
 *   fastly       key KEY, url URL, or all alone
 *   cloudflare   tag TAG, url URL, prefix HOST/PATH
 *   cloudfront   /path, or /path* (no URL; the path of an invalidation)
 *
 * SPDX-License-Identifier: MIT */
#ifndef CLI_PURGELIST_H
#define CLI_PURGELIST_H

#include "json.h"

#include <stdbool.h>

struct purgelist {
  int cache;        /* enum edgestatic_cache */
  const char *base; /* "https://example.com", without a last slash; or "" */
  struct purgelist_item {
    const char *kind; /* "key" ... */
    char *text;       /* NULL: of "all" */
  } * item;
  size_t count, room;
  bool failed; /* no memory */
  bool all;    /* there is no way to name it all */
  bool needs_base;
  size_t wildcards;
};

/* The number of a cache, or -1. */
int purgelist_cache(const char *name);

/* Whether text can be a base; cuts its last slash off. */
bool purgelist_is_base(char *text);

/* Zero it and set the first two members.  0, or -1 without memory. */
int purgelist_make(struct purgelist *, const edgestatic_store *old_store,
                   const edgestatic_store *new_store);

void purgelist_print(const struct purgelist *);

/* An array of {"kind", "value"}; NULL: no memory. */
json_t *purgelist_json(const struct purgelist *);

void purgelist_free(struct purgelist *);

#endif
