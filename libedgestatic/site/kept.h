/* kept.h - whether a shared cache may have kept a response.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_KEPT_H
#define EDGESTATIC_KEPT_H

#include "core/str.h"

enum kept {
  KEPT_NOT,   /* it is never stored */
  KEPT_ASKED, /* stored, but the site is asked before each use */
  KEPT_USED   /* it may be sent without asking */
};

/* By a cache, enum edgestatic_cache. */
enum kept kept_by(int cache, const edgestatic_store *,
                  const edgestatic_response *);

/* The value of a response's field, or absent. */
slice kept_field(const edgestatic_store *, const edgestatic_response *,
                 slice name);

#endif
