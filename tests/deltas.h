/* deltas.h - how many deltas to expect, for tests.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TEST_DELTAS_H
#define EDGESTATIC_TEST_DELTAS_H

#include "build/delta.h"

/* Of each: one for a coding that is made here. */
#define EACH (delta_makes(EDGESTATIC_CODING_DCB) ? 2u : 1u)

#endif
