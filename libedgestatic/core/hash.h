/* hash.h - XXH3-64, of paths and of the index.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_HASH_H
#define EDGESTATIC_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash64(const void *bytes, size_t len);

#endif
