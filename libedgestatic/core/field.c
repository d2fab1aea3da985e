/* field.c - names that the public header lists: request fields, reasons,
 * errors.
 * SPDX-License-Identifier: MIT */
#include "core/str.h"

static const slice names[EDGESTATIC_FIELD_COUNT] = {
#define EDGESTATIC_X(id, name)                                                 \
  [EDGESTATIC_FIELD_##id] = EDGESTATIC_LITERAL(name),
    EDGESTATIC_FIELDS(EDGESTATIC_X)
#undef EDGESTATIC_X
};

_Static_assert(EDGESTATIC_FIELD_COUNT <= EDGESTATIC_FIELD_ROOM,
               "a request has room for every field");

edgestatic_slice edgestatic_field_name(int id) {
  if (id < 0 || id >= EDGESTATIC_FIELD_COUNT)
    return (slice){NULL, 0};
  return names[id];
}

/* A bit for each length that there is: a host may ask for every field of every
 * request, and most are none of ours. */
static const uint32_t lengths = 0
#define EDGESTATIC_X(id, name) | UINT32_C(1) << (sizeof(name) - 1)
    EDGESTATIC_FIELDS(EDGESTATIC_X)
#undef EDGESTATIC_X
    ;

int edgestatic_field_find(edgestatic_slice name) {
  if (name.len > 31 || (lengths >> name.len & 1) == 0)
    return -1;
  char first = lower(name.base[0]); /* no name is empty */
  for (int i = 0; i < EDGESTATIC_FIELD_COUNT; i++)
    if (names[i].len == name.len && lower(names[i].base[0]) == first &&
        slice_eq_nocase(names[i], name))
      return i;
  return -1;
}

const char *edgestatic_reason(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 204:
    return "No Content";
  case 206:
    return "Partial Content";
  case 301:
    return "Moved Permanently";
  case 302:
    return "Found";
  case 303:
    return "See Other";
  case 304:
    return "Not Modified";
  case 307:
    return "Temporary Redirect";
  case 308:
    return "Permanent Redirect";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 406:
    return "Not Acceptable";
  case 410:
    return "Gone";
  case 412:
    return "Precondition Failed";
  case 414:
    return "URI Too Long";
  case 416:
    return "Range Not Satisfiable";
  case 431:
    return "Request Header Fields Too Large";
  case 451:
    return "Unavailable For Legal Reasons";
  case 500:
    return "Internal Server Error";
  case 503:
    return "Service Unavailable";
  default: /* a rule may have any of them */
    return status >= 500 && status < 600   ? "Server Error"
           : status >= 400 && status < 500 ? "Client Error"
                                           : "";
  }
}

const char *edgestatic_strerror(int error) {
  switch (error) {
#define EDGESTATIC_X(name, code, text)                                         \
  case code:                                                                   \
    return text;
    EDGESTATIC_ERRORS(EDGESTATIC_X)
#undef EDGESTATIC_X
  default:
    return "no such error code";
  }
}
