/* request.h - from a connection of libmicrohttpd to an edgestatic_request.
 *
 * A request is read in two steps, since libmicrohttpd calls its handler twice:
 * request_judge looks at every byte of the header and rules whether it may
 * pass; request_read takes what the core wants to know.  Results point into
 * the connection's memory and into the room, and last until libmicrohttpd says
 * that the request is completed.  SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_MHD_REQUEST_H
#define EDGESTATIC_MHD_REQUEST_H

#include "gate.h"

struct MHD_Connection;

/* Where text is put together: a target with its query, which libmicrohttpd
 * has cut apart, and fields that came on several lines.  The latter are few
 * and short in good requests; 4096 bytes are twice what Cookie, the longest,
 * has in browsers on average sites. */
#define REQUEST_ROOM_MAX (EDGESTATIC_TARGET_MAX + 4096)

struct request_room {
  size_t len;
  char text[REQUEST_ROOM_MAX];
};

/* What the access handler of libmicrohttpd is told. */
struct request_line {
  struct MHD_Connection *connection;
  const char *url, *method, *version;
};

/* Rules on a request (enum gate_ruling) and stores its raw target. */
int request_judge(const struct request_line *line, struct request_room *room,
                  slice *target);

/* Fills *request for the core.  Returns GATE_PASS, GATE_TARGET_LONG or
 * GATE_FIELDS_LONG. */
int request_read(const struct request_line *line, struct request_room *room,
                 edgestatic_request *request);

/* The raw target alone, as far as there is room for it. */
slice request_target(const struct request_line *line,
                     struct request_room *room);

#endif
