/* digest.h - Repr-Digest and Content-Digest on request (RFC 9530).
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_DIGEST_H
#define EDGESTATIC_DIGEST_H

#include "core/answer.h"

/* Adds the digests that a request wants to a 200 or 206 of a variant. */
void digest_answer(edgestatic_response *r, const edgestatic_store *store,
                   const edgestatic_request *request, bool is_get);

#endif
