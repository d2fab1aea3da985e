/* digest.h - the SHA-256 of bodies: for Repr-Digest (RFC 9530), and the name
 * that clients give a dictionary (RFC 9842).
 *
 * XXH3 names contents where the builder can look at them again; who has a
 * digest only, and trusts nobody on the way, needs a cryptographic one.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_BUILD_DIGEST_H
#define EDGESTATIC_BUILD_DIGEST_H

#include <stddef.h>

#define DIGEST_SIZE 32

struct encoded; /* encode.h */

void digest_sha256(const void *bytes, size_t len,
                   unsigned char sha256[DIGEST_SIZE]);

/* Sets the digests of the codings that were kept, and of their content. */
void digest_encoded(struct encoded *, const void *content, size_t size);

#endif
