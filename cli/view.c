/* view.c - see view.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "view.h"

#include <stdio.h>
#include <string.h>

bool view_variant(const edgestatic_store *store, const edgestatic_asset *asset,
                  int coding, edgestatic_variant *variant) {
  for (uint32_t i = 0; i < asset->variant_count; i++) {
    *variant = edgestatic_store_variant(store, asset->variant + i);
    if (variant->coding == (uint32_t)coding)
      return true;
  }
  memset(variant, 0, sizeof *variant);
  return false;
}

const unsigned char *view_bytes(const edgestatic_store *store,
                                const edgestatic_variant *variant) {
  return store->base + variant->offset;
}

const char *view_hash(char buffer[VIEW_HASH_MAX],
                      const edgestatic_variant *variant) {
  for (size_t i = 0; i < sizeof variant->hash; i++)
    snprintf(buffer + 2 * i, 3, "%02x", variant->hash[i]);
  return buffer;
}
