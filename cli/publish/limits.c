/* limits.c - what hosts document of their limits, for budget.h.
 *
 * "MB" is taken as 1,000,000 bytes where a page does not say otherwise, which
 * is the careful reading.
 *
 * SPDX-License-Identifier: MIT
 */
#include "config.h"

#include "budget.h"

#define KB UINT64_C(1000)
#define MB UINT64_C(1000000)
#define MIB UINT64_C(1048576)
#define GIB UINT64_C(1073741824)

#define NONE(use)                                                              \
  { BUDGET_##use, 0, LIMIT_INFORMS, NULL, NULL, NULL }
#define END                                                                    \
  { BUDGET_USE_COUNT, 0, LIMIT_INFORMS, NULL, NULL, NULL }

#define SMALLER                                                                \
  "leave large files out by .edgestaticignore, and serve them from elsewhere"

#define FASTLY "docs.fastly.com/products/compute-resource-limits", "2025-10-09"

/* Its command counts 100,000,000 bytes for the package. */
const struct limit limits_fastly[] = {
    {BUDGET_PACKAGE, 100 * MB, LIMIT_BINDS, FASTLY, SMALLER},
    NONE(MODULE),
    NONE(CODE),
    {BUDGET_MEMORY, 128 * MB, LIMIT_BINDS, FASTLY,
     "publish fewer files: memory holds the index of all"},
    NONE(FILES),
    NONE(LARGEST),
    {BUDGET_PATH, 8192, LIMIT_WARNS, FASTLY, "shorten the path"},
    END,
};

#define WASM "webassembly.github.io/spec/core", "3.0"

/* Hosts of plain modules and components document none; the format has these. */
#define MODULE                                                                 \
  {BUDGET_MODULE, 4 * GIB, LIMIT_BINDS, WASM, SMALLER}, NONE(CODE),            \
      {BUDGET_MEMORY, 4 * GIB, LIMIT_BINDS, WASM, "publish fewer files"},      \
      NONE(FILES), NONE(LARGEST), NONE(PATH), END

const struct limit limits_module[] = {MODULE};
const struct limit limits_image[] = {NONE(PACKAGE), MODULE};

#define CLOUDFLARE                                                             \
  "developers.cloudflare.com/workers/platform/limits", "2026-09-04"

/* All modules of the worker together, not compressed, on every plan.  Older
 * copies of the page say 3 MB (free) and 10 MB (paid) after gzip. */
const struct limit limits_workers[] = {
    {BUDGET_PACKAGE, 64 * MIB, LIMIT_BINDS, CLOUDFLARE,
     "leave large files out by .edgestaticignore, and serve them as static "
     "assets"},
    NONE(CODE),
    {BUDGET_MEMORY, 128 * MB, LIMIT_BINDS, CLOUDFLARE, SMALLER},
    NONE(FILES),
    NONE(LARGEST),
    {BUDGET_PATH, 16 * KB, LIMIT_WARNS, CLOUDFLARE, "shorten the path"},
    END,
};

#define LAMBDA "AWS, quotas on Lambda@Edge (from a copy)", "undated"

/* A server of one's own has none.  Those of Lambda@Edge are for its event
 * origin-request, and bind nobody who runs server.mjs. */
const struct limit limits_node[] = {
    {BUDGET_PACKAGE, 50 * MB, LIMIT_INFORMS, LAMBDA,
     "on Lambda@Edge the package, zipped, must be smaller"},
    NONE(CODE),
    NONE(MEMORY),
    NONE(FILES),
    {BUDGET_LARGEST, 1 * MB, LIMIT_INFORMS, LAMBDA,
     "on Lambda@Edge larger files are the origin's to send"},
    {BUDGET_PATH, 8192, LIMIT_INFORMS, LAMBDA, "shorten the path"},
    END,
};
