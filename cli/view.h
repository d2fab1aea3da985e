/* view.h - looking into a pack, for several verbs.
 * SPDX-License-Identifier: MIT */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

#include "edgestatic.h"

#include <stdbool.h>

/* The variant of an asset in a coding.  False, and *variant zeroed, when it
 * has none. */
bool view_variant(const edgestatic_store *store, const edgestatic_asset *asset,
                  int coding, edgestatic_variant *variant);

/* The bytes of a variant; the pack is in memory as a whole. */
const unsigned char *view_bytes(const edgestatic_store *store,
                                const edgestatic_variant *variant);

/* Its hash as hexadecimal digits. */
#define VIEW_HASH_MAX 33
const char *view_hash(char buffer[VIEW_HASH_MAX],
                      const edgestatic_variant *variant);

#endif
