/* redirects_pack.h - puts the rules of _redirects into a pack.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_REDIRECTS_PACK_H
#define EDGESTATIC_REDIRECTS_PACK_H

#include "build/layout.h"
#include "build/redirects_file.h"

/* Adds all rules to a layout, which has none yet.  The texts that they were
 * read from have these names, each with a NUL behind it.
 * Returns EDGESTATIC_OK or _ERR_MEMORY; other errors stick to the layout. */
int redirects_pack(struct layout *, const struct redirects *,
                   const slice *name);

#endif
