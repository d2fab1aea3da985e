/* budget.h - what a site uses of what its host allows.
 *
 * The limits are data (limits.c): each with the page that documents it and the
 * date of that page, since hosts change them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_BUDGET_H
#define PUBLISH_BUDGET_H

#include "../json.h"

#include <stdint.h>

/* What is measured of a site. */
#define BUDGET_USES(X)                                                         \
  X(PACKAGE, "package", SIZE) /* what is uploaded */                           \
  X(MODULE, "module", SIZE)   /* the Wasm module, the site in it or not */     \
  X(CODE, "code", SIZE)       /* of it, what is not the site */                \
  X(MEMORY, "memory", SIZE)   /* where the site is served */                   \
  X(FILES, "files", COUNT)    /* of the site */                                \
  X(LARGEST, "largest file", SIZE)                                             \
  X(PATH, "longest path", SIZE) /* as a URL has it */

enum budget_use {
#define BUDGET_X(id, name, unit) BUDGET_##id,
  BUDGET_USES(BUDGET_X)
#undef BUDGET_X
      BUDGET_USE_COUNT
};

enum limit_weight {
  LIMIT_BINDS,  /* nothing is published that exceeds it */
  LIMIT_WARNS,  /* the host takes it, but not all of it may work */
  LIMIT_INFORMS /* it concerns one way to use what is published */
};

struct limit {
  enum budget_use use;
  uint64_t most; /* 0: none is documented */
  enum limit_weight weight;
  const char *source; /* who says so: a page; NULL where most is 0 */
  const char *date;   /* of that page, YYYY-MM-DD; or "undated" */
  const char *advice; /* what to do when it is exceeded */
};

/* Each ends with an entry whose use is BUDGET_USE_COUNT. */
extern const struct limit limits_fastly[], limits_module[], limits_image[],
    limits_workers[], limits_node[];

struct budget {
  const struct limit *limit;
  uint64_t used[BUDGET_USE_COUNT];
};

/* From here on a limit is said to be near. */
#define BUDGET_NEAR_PERCENT 80

/* Prints the table to standard output.  Returns 0, or -1 without memory. */
int budget_print(const struct budget *budget);

/* The same as a JSON array; NULL: no memory. */
json_t *budget_json(const struct budget *budget);

/* Tells which limits are exceeded, or near.  Returns 0, or -1 when a binding
 * one is exceeded. */
int budget_check(const struct budget *budget);

/* Bytes that a decoded path takes in a URL (RFC 3986 section 2.1). */
uint64_t budget_path(edgestatic_slice path);

#endif
