/* fuzz_html.c - a page, and what a build makes of it.
 *
 * Input: a byte whose bits choose a policy and where the page is; the page.
 * Whatever it is, the value of a field has to be one that may be sent.
 *
 * SPDX-License-Identifier: MIT
 */
#include "build/csp.h"
#include "build/preload.h"
#include "build/sri.h"
#include "tests/invariants.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const edgestatic_allocator plain;

static const char *const policies[] = {
    "", "default-src *; style-src-elem 'none'; script-src 'nonce-x'",
    "script-src 'unsafe-inline'; style-src 'self'", "; ;default-src"};

/* A block of its own, so that reading past its end is an error. */
static edgestatic_slice block(const uint8_t *data, size_t len) {
  char *p = malloc(len > 0 ? len : 1);
  if (len > 0)
    memcpy(p, data, len);
  return (edgestatic_slice){p, len};
}

static void value(edgestatic_slice s, size_t max) {
  HOLDS(s.len <= max);
  invariant_slice(s);
}

/* Half of all paths. */
static bool exists(const void *ctx, edgestatic_slice path) {
  (void)ctx;
  return path.len % 2 == 0;
}

static void try_csp(const char *text, const struct html_page *page) {
  struct mem_arena strings = {&plain, NULL};
  edgestatic_slice policy = csp_policy(text), csp = {NULL, 0};
  int error = csp_value(policy, page, &strings, &csp);
  HOLDS(error == EDGESTATIC_OK || error == EDGESTATIC_ERR_LIMIT);
  if (!error)
    value(csp, CSP_VALUE_MAX);
  csp_refuses_attributes(policy, false);
  csp_refuses_attributes(policy, true);
  mem_arena_free(&strings);
}

static void try_preload(unsigned bits, const struct html_page *page) {
  struct mem_arena strings = {&plain, NULL};
  const struct preload preload = {.page = page,
                                  .location =
                                      bits & 4 ? LIT("/a%20b/c") : LIT("/"),
                                  .anywhere = (bits & 8) != 0,
                                  .exists = exists};
  edgestatic_slice link;
  HOLDS(preload_value(&preload, &strings, &link) == EDGESTATIC_OK);
  value(link, PRELOAD_VALUE_MAX);
  mem_arena_free(&strings);
}

static void try_resources(const struct html_page *page,
                          edgestatic_slice bytes) {
  struct sri_digests digests = {.made = 0};
  for (size_t i = 0; i < page->resources; i++) {
    const struct html_resource *r = &page->resource[i];
    HOLDS(r->place.line > 0 && r->place.column > 0);
    edgestatic_slice wanted, actual;
    if (r->integrity.len > 0 &&
        sri_check(r->integrity, bytes, &digests, &wanted, &actual) == SRI_WRONG)
      HOLDS(wanted.base >= r->integrity.base &&
            wanted.base + wanted.len <= r->integrity.base + r->integrity.len &&
            actual.len < SRI_HASH_MAX);
  }
  for (size_t i = 0; i < page->attributes; i++)
    HOLDS(page->attribute[i].place.line > 0 && page->attribute[i].name.len > 0);
  for (size_t i = 1; i < page->scripts.count; i++)
    HOLDS(memcmp(&page->scripts.hash[i - 1], &page->scripts.hash[i],
                 sizeof page->scripts.hash[0]) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  unsigned bits = data[0];
  edgestatic_slice bytes = block(data + 1, size - 1);
  html_has_integrity(bytes.base, bytes.len);
  struct html_page *page = html_read(&plain, bytes.base, bytes.len);
  HOLDS(page);
  try_csp(policies[bits & 3], page);
  try_preload(bits, page);
  try_resources(page, bytes);
  html_free(page);
  free((char *)(uintptr_t)bytes.base);
  return 0;
}
