/* digest.c - see digest.h.
 *
 * Rulings:
 * - Want-Repr-Digest and Want-Content-Digest ask for sha-256 with an integer
 *   from 1 to 10 (section 4); other algorithms aren't there, and a value that
 *   is malformed is ignored, whole.  A pack without digests has none to send.
 * - Repr-Digest is of the selected representation in its content coding
 *   (section 3.1), so of the variant's body: the same on a 200, a 206 of any
 *   ranges and to a HEAD.  Not on a 304, which needs no more than what updates
 *   a cache (RFC 9110 section 15.4.5).
 * - Content-Digest is of what this message carries (section 2): what is whole
 *   has the body's.  limit: of other ranges there is none, as the core never
 *   reads a body.  Nor to a HEAD, which has no content.
 * - What is sent is the same bytes with or without: no Vary.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/digest.h"
#include "core/structured.h"

static bool is_wanted(slice field) {
  int weight =
      field.base != NULL ? structured_integer(field, LIT("sha-256")) : 0;
  return weight >= 1 && weight <= 10;
}

static void add(edgestatic_response *r, const edgestatic_store *store,
                slice name, const pack_digest *digest) {
  static const char key[] = "sha-256=";
  uint32_t from = r->text_len;
  if (answer_has(r, store, name))
    return;
  memcpy(r->text + from, key, sizeof key - 1);
  structured_put_bytes(r->text + from + sizeof key - 1, digest->sha256,
                       sizeof digest->sha256);
  r->text_len += ANSWER_DIGEST_LEN;
  answer_field_text(r, name, from, LIT("asked for"));
  r->id = 0;
}

void digest_answer(edgestatic_response *r, const edgestatic_store *store,
                   const edgestatic_request *request, bool is_get) {
  if (store->section[SECTION_DIGESTS].count == 0)
    return;
  uint32_t blob = get32(pack_variant_at(store, r->variant)->blob);
  const pack_digest *digest = pack_digest_at(store, blob);
  if (is_wanted(request->field[EDGESTATIC_FIELD_WANT_REPR_DIGEST]))
    add(r, store, LIT("Repr-Digest"), digest);
  if (is_get && r->content_count == 1 &&
      r->content_length == get64(pack_blob_at(store, blob)->size) &&
      is_wanted(request->field[EDGESTATIC_FIELD_WANT_CONTENT_DIGEST]))
    add(r, store, LIT("Content-Digest"), digest);
}
