/* headers_pack.h - puts _headers into a pack, for what is sent for another
 * path than its own: redirects, texts, error pages, the fallback, rewrites.
 *
 * Left out is what a rule cannot change there: Content-Type, which says what
 * the body is, and the loss of Vary (rulebook.h); and blocks of other hosts.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_HEADERS_PACK_H
#define EDGESTATIC_HEADERS_PACK_H

#include "build/headers_file.h"
#include "build/layout.h"

/* Adds all blocks to a layout, which has none yet; host is the site's own, or
 * absent.  The texts that they were read from have these names, each with a
 * NUL behind it.  Errors stick to the layout. */
void headers_pack(struct layout *, const struct headers *, slice host,
                  const slice *name);

#endif
