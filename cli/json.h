/* json.h - JSON out, by jansson.  SPDX-License-Identifier: MIT */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "edgestatic.h"

#include <jansson.h>

/* A string; bytes that are no UTF-8 become U+FFFD, since JSON has no other
 * text (RFC 8259 section 8.1).  NULL: no memory. */
json_t *json_text(edgestatic_slice text);

/* Prints to standard output with a newline and takes the reference.  Returns
 * 0, or -1 when value is NULL or there is no memory. */
int json_print(json_t *value, size_t flags);

#endif
