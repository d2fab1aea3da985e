/* answer.h - writes a response: its fields, its text, its segments.
 *
 * Everything here appends to a response that answer_begin made.  The text of a
 * response has room for the largest that each function can write; answer.c
 * shows the sums.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_ANSWER_H
#define EDGESTATIC_ANSWER_H

#include "core/pack.h"
#include "core/range.h"

/* Makes an empty response; the text and the segments stay unwritten. */
void answer_begin(edgestatic_response *r, int status);

/* A whole line of text as content, with the fields that it needs.  detail may
 * be empty. */
void answer_text(edgestatic_response *r, int status, slice detail);

/* Allow, as every path of a site has it. */
void answer_allow(edgestatic_response *r);

/* A redirect to location and query.  Becomes a 414 when they do not fit. */
void answer_redirect(edgestatic_response *r, int status, slice location,
                     slice query);

/* The stored fields and body of a variant, whole. */
void answer_variant(edgestatic_response *r, const edgestatic_store *store,
                    int status, uint32_t asset, uint32_t variant);

/* The fields that a 304 keeps of answer_variant's; no content. */
void answer_not_modified(edgestatic_response *r, const edgestatic_store *store,
                         uint32_t asset, uint32_t variant);

/* count >= 1 ranges of a variant, as 206. */
void answer_ranges(edgestatic_response *r, const edgestatic_store *store,
                   uint32_t asset, uint32_t variant, const byte_range *range,
                   int count);

/* 416, with the size that there is. */
void answer_unsatisfiable(edgestatic_response *r, uint64_t size);

/* 406, with the codings that an asset has. */
void answer_not_acceptable(edgestatic_response *r,
                           const edgestatic_store *store, uint32_t asset);

/* Takes the content off what is not to send it. */
void answer_head(edgestatic_response *r);

#endif
