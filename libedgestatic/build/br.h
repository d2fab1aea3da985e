/* br.h - the br coding (RFC 7932).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_BR_H
#define EDGESTATIC_BR_H

#include <stddef.h>

/* Encodes with the smallest window that holds the content.  Writes at most max
 * bytes and sets *size, to 0 where they do not suffice.
 * EDGESTATIC_OK or _ERR_MEMORY. */
int br_encode(int level, const void *content, size_t length, void *out,
              size_t max, size_t *size);

#endif
