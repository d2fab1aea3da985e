/* deltas_find.h - what clients may hold of each file of a site.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_DELTAS_FIND_H
#define EDGESTATIC_DELTAS_FIND_H

#include "build/deltas.h"
#include "build/policy.h"
#include "build/urls.h"
#include "build/versions.h"

/* Adds the versions of each gathered file as its dictionaries.  EDGESTATIC_OK
 * or _ERR_MEMORY. */
int deltas_find(struct deltas *, const struct policy *, const struct versions *,
                const struct urls *);

#endif
