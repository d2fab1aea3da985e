/* route.h - from a target to what is there.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_ROUTE_H
#define EDGESTATIC_ROUTE_H

#include "core/pack.h"
#include "core/target.h"

struct route {
  int kind;       /* enum edgestatic_route */
  int status;     /* 200, a redirect's or 404 */
  uint32_t asset; /* what to send, or EDGESTATIC_NONE */
  slice location; /* of a redirect */
};

/* What the path itself names: ROUTE_ASSET, _CANONICAL, _REDIRECT or _NONE. */
struct route route_path(const edgestatic_store *store, const struct target *t);

/* What a GET of a path that names nothing gets: ROUTE_FALLBACK,
 * _NOT_FOUND_PAGE or _NONE. */
struct route route_missing(const edgestatic_store *store,
                           const struct target *t,
                           const edgestatic_request *request);

#endif
