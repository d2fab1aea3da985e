/* gate.h - refuses what RFC 9112 forbids and libmicrohttpd lets through.
 *
 * Start with a zeroed struct gate, show it each header field once, then ask
 * for the ruling.  Nothing here knows libmicrohttpd, allocates or keeps a
 * pointer other than to the fields shown.  SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_MHD_GATE_H
#define EDGESTATIC_MHD_GATE_H

#include "core/str.h"

/* id, status, what the client is told.  The first three are ruled by who
 * reads the request. */
#define GATE_RULINGS(X)                                                        \
  X(PASS, 0, "")                                                               \
  X(CONTENT, 0, "")                                                            \
  X(HEADER, 400, "the header has a NUL, a folded line or a nameless field")    \
  X(TARGET_LONG, 414, "the request target is too long")                        \
  X(FIELDS_LONG, 431, "the repeated header fields are too long")               \
  X(NAME, 400, "a field name has a character that names cannot have")          \
  X(VALUE, 400, "a field value has a control character")                       \
  X(TARGET, 400, "the request target is malformed")                            \
  X(HOST_MISSING, 400, "the Host field is missing")                            \
  X(HOST_REPEATED, 400, "there is more than one Host field")                   \
  X(HOST_MALFORMED, 400, "the Host field is not a host and a port")            \
  X(LENGTH, 400, "Content-Length is repeated or not a number")                 \
  X(LENGTH_AND_CODING, 400, "Content-Length beside Transfer-Encoding")         \
  X(CODING, 400, "Transfer-Encoding does not end with one chunked")            \
  X(CODING_IN_HTTP10, 400, "Transfer-Encoding in an HTTP/1.0 request")         \
  X(CODING_UNKNOWN, 501, "a transfer coding is not known here")

enum gate_ruling {
#define GATE_X(id, status, text) GATE_##id,
  GATE_RULINGS(GATE_X)
#undef GATE_X
      GATE_COUNT
};

/* Its members are private. */
struct gate {
  slice host;
  unsigned hosts, lengths, coding_fields, codings, chunked;
  bool content; /* Content-Length is not 0 */
  bool chunked_last;
  int refused; /* the first field that broke a rule by itself, or PASS */
};

/* One header field, in the order of the request.  White space around the
 * value may still be there. */
void gate_field(struct gate *gate, slice name, slice value);

/* GATE_PASS; GATE_CONTENT for a good request that brings content, which is to
 * be answered without reading it, and the connection closed; or the reason to
 * refuse.  version is "HTTP/1.0" and so on. */
int gate_rule(const struct gate *gate, slice version, slice target);

/* The status of a refusal and one line for the client. */
int gate_status(int ruling);
const char *gate_text(int ruling);

/* uri-host [ ":" port ] (RFC 9110 section 7.2; RFC 3986 section 3.2.2). */
bool gate_is_host(slice s);

/* Cuts the target of a request in absolute-form with the scheme http or https
 * (RFC 9112 section 3.2.2) into its authority and what follows: "", "/..." or
 * "?...".  False, and nothing stored, for any other form. */
bool gate_cut_absolute(slice target, slice *authority, slice *rest);

#endif
