/* body.c - the content of a response in pieces that a host takes.
 * SPDX-License-Identifier: MIT */
#include "core/str.h"
#include "guest/guest.h"

void guest_body(struct guest_body *body, const edgestatic_store *store,
                const edgestatic_response *response) {
  *body = (struct guest_body){.store = store,
                              .segment = response->segment,
                              .count = response->segment_count,
                              .text = response->text};
}

edgestatic_slice guest_body_next(struct guest_body *body, char *chunk,
                                 size_t size) {
  while (body->count > 0 && body->done == body->segment->length) {
    body->segment++;
    body->count--;
    body->done = 0;
  }
  if (body->count == 0)
    return slice_of("", 0);

  const edgestatic_segment *segment = body->segment;
  uint64_t from = segment->offset + body->done;
  uint64_t left = segment->length - body->done;
  size_t len = left < size ? (size_t)left : size;
  body->done += len;
  if (segment->place == EDGESTATIC_IN_TEXT)
    return slice_of(body->text + from, len);
  guest_bodies(body->store, chunk, from, len);
  return slice_of(chunk, len);
}
