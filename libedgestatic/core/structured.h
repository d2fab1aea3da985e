/* structured.h - structured fields (RFC 8941), as far as they are needed:
 * whether a value is a dictionary, one integer of it, and byte sequences.
 *
 * Recipients ignore a value that is malformed anywhere, whole (section 4.2).
 * limit: so is one with a date or a display string in it, which RFC 9651 added;
 * no field that is read here has any, but as a parameter that says nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_STRUCTURED_H
#define EDGESTATIC_STRUCTURED_H

#include "core/str.h"

/* Whether a value is a dictionary with at least one member (section 4.2.2).
 * *rest is what is left where it ceases to be one. */
bool structured_dictionary(slice value, slice *rest);

/* What integers are read to; the larger ones are for no field of ours. */
#define STRUCTURED_INTEGER_MAX 999

/* The last member of that key of a dictionary, where it is an integer (section
 * 3.3.1) from 0 to STRUCTURED_INTEGER_MAX; else -1. */
int structured_integer(slice value, slice key);

/* Reads an item that is a byte sequence of exactly len bytes (sections 3.3.5
 * and 4.2.7), whatever its parameters.  False: it is not. */
bool structured_bytes(slice value, unsigned char *bytes, size_t len);

/* Bytes that structured_put_bytes writes for len. */
#define STRUCTURED_BYTES(len) (2 + ((len) + 2) / 3 * 4)

/* Writes a byte sequence, without a NUL. */
void structured_put_bytes(char *out, const unsigned char *bytes, size_t len);

#endif
