/* headers.h - header fields by rule, for what no asset of its own path has.
 *
 * An asset that is sent for its own path has the fields of header rules among
 * its own; all else meets them here, by the path of the request: redirects,
 * texts, error pages, the fallback, rewrites.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_HEADERS_H
#define EDGESTATIC_HEADERS_H

#include "core/answer.h"
#include "core/target.h"

/* Applies the blocks that match to a response that is answered but for what
 * CORS and the flags of the request add. */
void headers_answer(edgestatic_response *r, const edgestatic_store *store,
                    const edgestatic_request *request,
                    const struct target *target);

#endif
