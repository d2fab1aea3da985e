/* headers_file.h - reads _headers in the dialect of Netlify or Cloudflare, and
 * says what it makes of the fields of a path.
 *
 *   /path/:name           (a pattern, see rulepath.h)
 *     Name: value
 *     ! Name              Cloudflare alone: take it away
 *
 * Names are tokens and values are field values (RFC 9110 sections 5.1 and
 * 5.5), of ASCII alone: hosts in JavaScript take no other bytes as they are.
 * Refused are fields that belong to the message rather than to the site
 * (framing, connection, Date), that say what the body is (Content-Encoding,
 * Content-Range, ETag, Last-Modified), and Netlify's Basic-Auth, which is a
 * password and no field.
 *
 * Not copied: two blanks behind Cloudflare's "!" (every answer becomes a 500
 * there) are one; Set-Cookie lines stay apart (RFC 9110 section 5.3), where
 * both owners join them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_HEADERS_FILE_H
#define EDGESTATIC_HEADERS_FILE_H

#include "build/rulefile.h"

/* Blocks that Cloudflare reads: its limit says 100, its code lets one more
 * through. */
#define HEADERS_CLOUDFLARE_BLOCKS_MAX 101

/* Most blocks: each is held against every path of the site. */
#define HEADERS_BLOCKS_MAX 10000

/* Longest value, lines and rules joined: what servers commonly take for all
 * fields of a message. */
#define HEADERS_VALUE_MAX 8192

/* Most fields that the rules can make for one path: a record counts a run of
 * fields by a byte, and the site's own go in front. */
#define HEADERS_CHANGES_MAX 200

struct headers_field {
  slice name, value; /* value: with captures as in core/expand.h */
  bool unset;
  unsigned source, line;
};

struct headers_block {
  slice host;           /* pattern of a host, or empty: any */
  slice path;           /* pattern of a path */
  size_t field, fields; /* first, in headers.field, and how many */
  unsigned source, line;
  bool replaced; /* by a later block of the same path (Cloudflare) */
};

struct headers {
  struct rulefile file; /* its diagnostics */
  struct headers_block *block;
  size_t count, room;
  struct headers_field *field;
  size_t fields, field_room;
};

/* Reads texts, whose blocks are one list; nothing is kept of them.
 * Returns EDGESTATIC_OK, whatever the lines are, or _ERR_MEMORY: there is then
 * nothing to free. */
int headers_read_texts(struct headers *, const edgestatic_allocator *,
                       enum rulefile_dialect, const slice *text,
                       unsigned count);

/* The same of one text. */
static inline int headers_read(struct headers *out,
                               const edgestatic_allocator *allocator,
                               enum rulefile_dialect dialect, slice bytes) {
  return headers_read_texts(out, allocator, dialect, &bytes, 1);
}

void headers_free(struct headers *);

/* One field of an answer that the rules change. */
struct headers_change {
  slice name, value; /* NUL follows */
  bool unset;        /* take it away, whoever has set it */
  unsigned source;   /* of the last rule that had a part in it */
  unsigned line;
};

struct headers_changes {
  struct headers_change *change;
  size_t count, room;
  struct mem_arena strings;
};

/* What the blocks make of the fields of a path, all blocks that match in
 * their order.  A set field takes the place of one that the site has by
 * itself.  path is decoded, location percent-encoded: each dialect matches
 * one of them.  host may be absent: blocks that name one do not match then.
 * Zero *changes first and set its allocator; free it in any case.
 * Returns EDGESTATIC_OK, _ERR_MEMORY, or _ERR_LIMIT where a value or their
 * number is too large. */
int headers_apply(const struct headers *, slice path, slice location,
                  slice host, struct headers_changes *changes);

void headers_changes_free(struct headers_changes *);

/* Looks for a path that gets more than `most` fields where it has no run of its
 * own, in the order and by the rulings of core/headers.c.  One path of each
 * block is tried: what is found is true, and blocks that meet on none of these
 * paths are not found.
 * The field that has no room first, with the path, or NULL; room is for `most`
 * slices. */
const struct headers_field *
headers_crowded(const struct headers *, slice host, slice *room, size_t most,
                char path[EDGESTATIC_TARGET_MAX + 1]);

#endif
