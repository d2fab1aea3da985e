/* imfdate.h - writes an HTTP-date (RFC 9110 section 5.6.7).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_IMFDATE_H
#define EDGESTATIC_IMFDATE_H

#include <stdint.h>

#define IMFDATE_LENGTH 29
#define IMFDATE_NEWEST INT64_C(253402300799) /* the year has four digits */

/* seconds since 1970, 0 to IMFDATE_NEWEST; a NUL follows. */
void imfdate(int64_t seconds, char date[IMFDATE_LENGTH + 1]);

#endif
