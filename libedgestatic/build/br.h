/* br.h - the br coding (RFC 7932), alone or with a dictionary (RFC 9842).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_BR_H
#define EDGESTATIC_BR_H

#include "core/str.h"

/* Whether libbrotli knows dictionaries, since 1.1. */
#ifdef HAVE_BROTLIENCODERPREPAREDICTIONARY
#define BR_HAS_DICTIONARY 1
#else
#define BR_HAS_DICTIONARY 0
#endif

/* Encodes with the smallest window that holds the content, with the bytes of a
 * dictionary before it where there are some (not without BR_HAS_DICTIONARY).
 * Writes at most max bytes and sets *size, to 0 where they do not suffice.
 * EDGESTATIC_OK or _ERR_MEMORY. */
int br_encode(int level, slice dictionary, const void *content, size_t length,
              void *out, size_t max, size_t *size);

/* Decodes to at most max bytes and sets *got; 0: it does not decode.
 * EDGESTATIC_OK or _ERR_MEMORY. */
int br_decode(slice dictionary, const void *bytes, size_t size, void *out,
              size_t max, size_t *got);

#endif
