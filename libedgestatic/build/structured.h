/* structured.h - structured fields (RFC 8941), as far as a build must know
 * whether a value is one: recipients ignore a value that is not, whole.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_STRUCTURED_H
#define EDGESTATIC_STRUCTURED_H

#include "core/str.h"

/* Whether a value is a dictionary with at least one member (section 4.2.2).
 * *rest is what is left where it ceases to be one. */
bool structured_dictionary(slice value, slice *rest);

#endif
