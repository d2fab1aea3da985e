/* utf8.h - well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates,
 * nothing above U+10FFFF).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_UTF8_H
#define EDGESTATIC_UTF8_H

#include "core/str.h"

/* Bytes of the well-formed sequence that s begins with, 1 to 4, or 0. */
size_t utf8_sequence(slice s);

/* Whether all of s is well-formed; the empty slice is. */
bool utf8_valid(slice s);

/* Whether valid UTF-8 has a control character: U+0000 to U+001F, U+007F to
 * U+009F. */
bool utf8_has_control(slice s);

#endif
