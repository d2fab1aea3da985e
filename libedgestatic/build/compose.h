/* compose.h - from what was gathered to the index: which header fields, which
 * paths, which bodies.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_COMPOSE_H
#define EDGESTATIC_COMPOSE_H

#include "build/deltas_find.h"
#include "build/gather.h"
#include "build/layout.h"
#include "build/pages.h"
#include "build/policy.h"
#include "build/rulebook.h"
#include "build/sitedict_use.h"

struct compose {
  struct gather *gather;
  const struct policy *policy;
  const struct rulebook *rules;
  const edgestatic_store *base; /* of the pack that is carried over, or NULL */
  const struct sitedict *dictionary; /* of pages, or NULL */
  const struct versions *versions;   /* of earlier releases, or NULL */
  int64_t now;
  struct deltas deltas;
  struct pages pages;
  struct layout layout;
  struct blobs bodies; /* of the layout's blobs; source: a gather_source */
  struct layout_index index;
};

/* Composes the pack of what was gathered; fills layout, bodies and index.
 * Set gather, policy and rules, zero the rest, and call compose_free in any
 * case. EDGESTATIC_OK, _ERR_MEMORY, _ERR_LIMIT or _ERR_INPUT; what is wrong was
 * reported. */
int compose(struct compose *);

void compose_free(struct compose *);

#endif
