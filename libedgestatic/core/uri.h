/* uri.h - which bytes may stand where in a URI (RFC 3986 section 3).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_URI_H
#define EDGESTATIC_URI_H

#include "core/str.h"

/* The value of a hexadecimal digit, or -1. */
static inline int uri_hex(char c) {
  if (is_digit(c))
    return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Whether s goes on with "%" and two hexadecimal digits at i. */
static inline bool uri_is_escape(slice s, size_t i) {
  return s.base[i] == '%' && s.len - i > 2 && uri_hex(s.base[i + 1]) >= 0 &&
         uri_hex(s.base[i + 2]) >= 0;
}

static inline char uri_escaped(slice s, size_t i) {
  return (char)(uri_hex(s.base[i + 1]) << 4 | uri_hex(s.base[i + 2]));
}

static inline bool uri_is_alnum(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

/* unreserved, sub-delims, ":" and "@"; not "/" and "%". */
static inline bool uri_is_path(char c) {
  if (uri_is_alnum(c))
    return true;
  switch (c) {
  case '-':
  case '.':
  case '_':
  case '~':
  case '!':
  case '$':
  case '&':
  case '\'':
  case '(':
  case ')':
  case '*':
  case '+':
  case ',':
  case ';':
  case '=':
  case ':':
  case '@':
    return true;
  default:
    return false;
  }
}

/* The same with "/" and "?": of a query or a fragment. */
static inline bool uri_is_query(char c) {
  return uri_is_path(c) || c == '/' || c == '?';
}

/* As a value within a query: without what divides and joins there. */
static inline bool uri_is_parameter(char c) {
  return uri_is_query(c) && c != '&' && c != '=' && c != '+' && c != ';' &&
         c != '?';
}

#endif
