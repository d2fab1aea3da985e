/* hash.c - the one file that sees xxhash.h, so that the core has one place
 * that is not its own.
 * SPDX-License-Identifier: MIT */
#include "core/hash.h"

/* Its streaming states, which the core has no use for, ask for memory; a
 * compiler that keeps unused functions (-O0) would import what gives it. */
#include <stdlib.h>
#define malloc(size) ((void)(size), NULL)
#define free(p) ((void)(p))

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t hash64(const void *bytes, size_t len) {
  return XXH3_64bits(bytes, len);
}
