/* origins.h - the sites that a CORS rule names, and its record in the pack.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_ORIGINS_H
#define EDGESTATIC_ORIGINS_H

#include "build/layout.h"

/* What is wrong with the value of a CORS rule, as half a sentence, or NULL:
 * it is "*", or a list of origins as browsers serialise them (RFC 6454
 * section 6.2, in ASCII).  *which is the part that it is about. */
const char *origins_fault(slice value, slice *which);

/* The record of a value that is right, for layout_asset.cors. */
uint32_t origins_layout(struct layout *, slice value);

#endif
