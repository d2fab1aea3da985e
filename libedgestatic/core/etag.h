/* etag.h - lists of entity tags (RFC 9110 sections 8.8.3, 13.1.1, 13.1.2).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_ETAG_H
#define EDGESTATIC_ETAG_H

#include "core/str.h"

enum etag_comparison {
  ETAG_STRONG, /* both strong (section 8.8.3.2) */
  ETAG_WEAK    /* W/ does not count, nor what a proxy appended */
};

/* Whether a list of entity tags has one that matches tag, which is strong and
 * in its quotes, or empty: then nothing matches. */
bool etag_list_has(slice list, slice tag, enum etag_comparison how);

#endif
