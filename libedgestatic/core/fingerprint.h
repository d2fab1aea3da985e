/* fingerprint.h - file names that carry a hash of their content.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_FINGERPRINT_H
#define EDGESTATIC_FINGERPRINT_H

#include "core/str.h"

/* The part of the last segment of a path that looks like a hash of the file's
 * content, put there by a build tool; absent: there is none. */
slice fingerprint_of(slice last_segment);

/* Whether there is one: such a file never changes under its name. */
static inline bool fingerprint_in_name(slice last_segment) {
  return fingerprint_of(last_segment).base != NULL;
}

#endif
