/* pagelink.h - where a URL in a page leads (WHATWG URL section 4.4), as far as
 * it stays on the site.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_PAGELINK_H
#define EDGESTATIC_PAGELINK_H

#include "core/str.h"

/* Longest URL that is followed: what a request's target may be. */
#define PAGELINK_MAX EDGESTATIC_TARGET_MAX

/* Begins as a struct that is not set. */
struct pagelink {
  slice path;  /* decoded, as the site's paths are */
  slice query; /* with its "?", as it came; or empty */
  char whole[PAGELINK_MAX];
  char decoded[EDGESTATIC_PATH_MAX];
};

/* Resolves a URL against a page: its percent-encoded path and the href of its
 * <base> (absent: none).  false: it leads to another origin, to no path that
 * a site can have, or is too long.  A URL with an authority counts as another
 * origin, since a pack does not know its host. */
bool pagelink_resolve(struct pagelink *, slice page, slice base, slice url);

#endif
