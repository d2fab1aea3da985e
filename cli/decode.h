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

/* What a delta was made with; no bytes: they are not known. */
struct decode_dictionary {
  const unsigned char *sha256;
  edgestatic_slice bytes;
};

/* NULL when a dcb or dcz body begins as RFC 9842 sections 4 and 5 say and names
 * that dictionary, and decodes with its bytes, where they are known, to plain;
 * else what is wrong.  The windows are those of these sections: of dcz 8 MB, or
 * 1.25 times the dictionary. */
const char *decode_delta(uint32_t coding, edgestatic_slice coded,
                         const struct decode_dictionary *dictionary,
                         edgestatic_slice plain);

#endif
