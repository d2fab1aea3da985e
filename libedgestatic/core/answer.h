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
#include "core/structured.h"

/* What an answer itself can take of the text; the rest is for fields that are
 * put on top of it: what header rules capture, and the origin of CORS. */
#define ANSWER_TEXT_MAX (3 * EDGESTATIC_PATH_MAX + EDGESTATIC_TARGET_MAX + 2)

/* Own fields: of an answer at most 7, then of header rules, then of CORS and
 * of the flags of a request. */
#define ANSWER_OWN_MAX                                                         \
  (sizeof((edgestatic_response *)0)->own / sizeof(edgestatic_own_field))
#define ANSWER_OWN_RULES (ANSWER_OWN_MAX - 9)

/* Of the flags of a request, those that are known. */
#define ANSWER_FLAGS                                                           \
  (EDGESTATIC_REQUEST_TLS | EDGESTATIC_REQUEST_PREVIEW |                       \
   EDGESTATIC_REQUEST_BY_COOKIE)

/* Bytes of a digest's field value: sha-256 and its byte sequence. */
#define ANSWER_DIGEST_LEN (8 + STRUCTURED_BYTES(32))

/* In response.asked, beside EDGESTATIC_REQUEST_*: the asset is sent for its own
 * path, so with the fields that header rules gave it. */
#define ANSWER_BAKED 0x100u

/* Makes an empty response to a request of these flags; the text and the
 * segments stay unwritten. */
void answer_begin(edgestatic_response *r, uint32_t asked);

/* One more field.  All slices outlive the response; NUL follows them. */
void answer_field(edgestatic_response *r, slice name, slice value,
                  slice origin);

/* The same, with the text from `from` on as its value. */
void answer_field_text(edgestatic_response *r, slice name, uint32_t from,
                       slice origin);

/* Takes the stored fields of a name away, and the first *own own fields. */
void answer_hide(edgestatic_response *r, const edgestatic_store *store,
                 slice name, uint32_t *own);

/* Takes the own fields of a name in [first, *end) away. */
void answer_hide_own(edgestatic_response *r, slice name, uint32_t first,
                     uint32_t *end);

/* Whether the response has a field. */
bool answer_has(const edgestatic_response *r, const edgestatic_store *store,
                slice name);

/* Whether a field says how long something is kept. */
bool answer_is_caching(slice name);

/* A whole line of text as content, with the fields that it needs.  detail may
 * be empty. */
void answer_text(edgestatic_response *r, int status, slice detail);

/* Allow, as every path of a site has it. */
void answer_allow(edgestatic_response *r);

/* A redirect to the first len bytes of the text. */
void answer_location(edgestatic_response *r, int status, size_t len);

/* A redirect to location and query.  Becomes a 414 when they do not fit. */
void answer_redirect(edgestatic_response *r, int status, slice location,
                     slice query);

/* An asset in place of what a status says: without validators and ranges, and
 * not to be stored. */
void answer_error_page(edgestatic_response *r, const edgestatic_store *store,
                       int status, uint32_t asset, uint32_t variant);

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
