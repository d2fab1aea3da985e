/* cors.h - which other sites may read a response (WHATWG Fetch section 3.3).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_CORS_H
#define EDGESTATIC_CORS_H

#include "core/answer.h"

/* Whether an OPTIONS asks in the name of another site (section 3.3.1). */
bool cors_is_preflight(const edgestatic_request *request);

/* Adds what a request from another site, or the preflight of one, is told of
 * an asset.  What a header rule has said already stands. */
void cors_answer(edgestatic_response *r, const edgestatic_store *store,
                 const edgestatic_request *request, uint32_t asset,
                 bool preflight);

#endif
