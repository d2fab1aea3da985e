/* guest.h - what the Wasm guests share.
 *
 * A guest is one file beside this one that speaks its host's interface; the
 * rest is the core and these parts, compiled without a C library:
 *
 *   slot.c     the pack's place in a published module, and its bodies
 *   request.c  puts a request together from what a host hands over
 *   refuse.c   answers where the core cannot
 *   body.c     hands a response's content over in pieces
 *   mem.c      memcpy and its three sisters
 *
 * Nothing is allocated: requests, responses and buffers are static, and what
 * does not fit is refused, never cut.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_GUEST_H
#define EDGESTATIC_GUEST_H

#include "edgestatic.h"

/* ---- slot.c: the pack inside the module ---- */

/* Opens the index that publishing put into the module.  The pack was checked
 * then, so a host that starts an instance for each request does not pay again.
 * Returns EDGESTATIC_OK, or _ERR_FORMAT when there is no pack: such a guest
 * answers 500 with GUEST_NO_PACK. */
int guest_open(edgestatic_store *store);

#define GUEST_NO_PACK "no site in this module, see edgestatic publish"

/* Copies len bytes of the pack's bodies, from offset (of the pack) on.  They
 * lie outside of linear memory; the caller stays inside the pack. */
void guest_bodies(const edgestatic_store *store, void *to, uint64_t offset,
                  size_t len);

/* ---- request.c: a request, and room for its text ---- */

/* Text of one request: its target and those fields that the core knows.  The
 * platforms stop at less: 8 KB of URL and 69 KB of fields at the most. */
#define GUEST_TEXT_MAX (96 * 1024)

struct guest_request {
  edgestatic_request core; /* for edgestatic_respond */
  int refused;             /* 414 or 431: answer so; or 0 */
  size_t used;             /* bytes of text that are taken */
  char text[GUEST_TEXT_MAX];
};

/* Makes *r a request without anything. */
void guest_begin(struct guest_request *r);

/* Where a host may write the next text, and how much of it. */
static inline char *guest_room(struct guest_request *r) {
  return r->text + r->used;
}

static inline size_t guest_room_size(const struct guest_request *r) {
  return GUEST_TEXT_MAX - r->used;
}

/* Takes len <= guest_room_size bytes that were written at guest_room. */
edgestatic_slice guest_take(struct guest_request *r, size_t len);

/* Sets the target from the URI that a host makes of it: scheme and authority,
 * which are the host's, are cut off.  uri is borrowed. */
void guest_target(struct guest_request *r, edgestatic_slice uri);

/* Adds the value of one field line; id is edgestatic_field_find's, and with -1
 * nothing happens.  The first one is borrowed; further ones are joined to it
 * in the room of r, which may refuse (431). */
void guest_field(struct guest_request *r, int id, edgestatic_slice value);

/* Cuts the first item off a list of NUL-terminated ones. */
edgestatic_slice guest_cut(edgestatic_slice *list);

/* ---- refuse.c: a response without the core ---- */

/* Makes *r one of this status, whose line of text ends with a static detail
 * where that is not empty.  It borrows from no store, so the one that its
 * fields are asked of need not be open.  method: empty where it is unknown. */
void guest_refuse(edgestatic_response *r, int status, edgestatic_slice detail,
                  edgestatic_slice method);

/* ---- body.c: the content of a response, piece by piece ---- */

struct guest_body {
  const edgestatic_store *store;
  const edgestatic_segment *segment; /* segments that are left */
  uint32_t count;
  const char *text; /* of the response */
  uint64_t done;    /* bytes of segment[0] that were handed over */
};

/* The content to send, from its first byte.  Borrows both. */
void guest_body(struct guest_body *body, const edgestatic_store *store,
                const edgestatic_response *response);

/* The next bytes: at most size, copied to chunk where they are the pack's.
 * Empty at the end.  Valid until chunk is written again. */
edgestatic_slice guest_body_next(struct guest_body *body, char *chunk,
                                 size_t size);

#endif
