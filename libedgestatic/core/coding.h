/* coding.h - Accept-Encoding (RFC 9110 section 12.5.3).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_CODING_H
#define EDGESTATIC_CODING_H

#include "core/str.h"

/* Reads the weight of a list element's parameters, ";q=0.5" without the first
 * semicolon, in thousandths; -1 when it is not a weight. */
int weight_parse(slice parameter);

/* The weight of each coding, 0 to 1000; 0: refused. */
void coding_weights(slice accept_encoding,
                    uint16_t weight[EDGESTATIC_CODING_COUNT]);

#endif
