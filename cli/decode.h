/* decode.h - does a compressed variant hold exactly these bytes?
 * SPDX-License-Identifier: MIT */
#ifndef CLI_DECODE_H
#define CLI_DECODE_H

#include "edgestatic.h"

/* NULL when the coded bytes decode to plain, all of it and nothing more; else
 * what is wrong, in static storage.  Windows larger than what a client has to
 * support are wrong too: 8 MB for zstd (RFC 9659 section 3), 16 MB for br
 * (RFC 7932 section 9.1). */
const char *decode_compare(uint32_t coding, edgestatic_slice coded,
                           edgestatic_slice plain);

/* NULL when a dcb or dcz body begins as RFC 9842 sections 4 and 5 say and names
 * that dictionary, whose bytes the pack hasn't; else what is wrong. */
const char *decode_delta_head(uint32_t coding, edgestatic_slice coded,
                              const unsigned char dictionary[32]);

#endif
