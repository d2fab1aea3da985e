/* range.h - byte ranges (RFC 9110 section 14).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_RANGE_H
#define EDGESTATIC_RANGE_H

#include "core/str.h"

typedef struct byte_range {
  uint64_t first, last; /* both included */
} byte_range;

enum { RANGE_IGNORED = 0, RANGE_UNSATISFIABLE = -1 };

/* Reads a Range field for a representation of size bytes.  Returns how many
 * ranges to send, at most EDGESTATIC_RANGES_MAX, or one of the codes above:
 * to send everything, or a 416. */
int range_parse(slice value, uint64_t size,
                byte_range range[EDGESTATIC_RANGES_MAX]);

#endif
