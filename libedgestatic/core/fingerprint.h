/* fingerprint.h - file names that carry a hash of their content.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_FINGERPRINT_H
#define EDGESTATIC_FINGERPRINT_H

#include "core/str.h"

/* Whether the last segment of a path looks as if a build tool had put a hash
 * of the file's content into it: such a file never changes under its name. */
bool fingerprint_in_name(slice last_segment);

#endif
