/* sri.h - integrity attributes (Subresource Integrity) held against bytes.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_SRI_H
#define EDGESTATIC_SRI_H

#include "build/mem.h"

/* "sha512-" and the base64 of 64 bytes, with a NUL. */
#define SRI_HASH_MAX (7 + 88 + 1)

/* The digests of one file, each made when it is asked for. */
struct sri_digests {
  unsigned made; /* bits by algorithm */
  char base64[3][SRI_HASH_MAX];
};

enum sri_result {
  SRI_RIGHT,
  SRI_WRONG,    /* browsers refuse the file */
  SRI_UNKNOWN,  /* no hash by an algorithm that browsers know */
  SRI_MALFORMED /* one that they know, and cannot be a hash of that */
};

/* Holds an attribute against a file.  As browsers do (section 3.3.4), of the
 * strongest algorithm one hash has to be right; options behind "?" and unknown
 * algorithms do not count.  After SRI_WRONG, actual is the hash by that
 * algorithm, and wanted lies in the attribute. */
enum sri_result sri_check(slice integrity, slice bytes, struct sri_digests *,
                          slice *wanted, slice *actual);

#endif
