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

#endif
