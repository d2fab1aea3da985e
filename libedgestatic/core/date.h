/* date.h - HTTP-date (RFC 9110 section 5.6.7), without a libc or a clock.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_DATE_H
#define EDGESTATIC_DATE_H

#include "core/str.h"

/* Reads one of the three forms into seconds since 1970.  False: not a date. */
bool date_parse(slice s, int64_t *seconds);

#endif
