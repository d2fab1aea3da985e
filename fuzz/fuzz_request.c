/* fuzz_request.c - the text of a request against fixed packs, with and without
 * rules and policy.
 *
 * Input: "METHOD TARGET", then lines "Name: value".  Each piece is handed over
 * in a block of its own, so that reading past its end is an error.  The last
 * bits of its length are the flags of the request.
 *
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/policypack.h"
#include "tests/site.h"

#define STORES (2 + POLICYPACKS)
#define FLAGS                                                                  \
  (EDGESTATIC_REQUEST_TLS | EDGESTATIC_REQUEST_PREVIEW |                       \
   EDGESTATIC_REQUEST_BY_COOKIE)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static edgestatic_slice block(const char *base, size_t len) {
  char *p = malloc(len > 0 ? len : 1);
  if (len > 0)
    memcpy(p, base, len);
  return (edgestatic_slice){p, len};
}

static void ask(const edgestatic_store *store,
                const edgestatic_request *request) {
  static edgestatic_response first, second;
  memset(&first, 0x11, sizeof first);
  memset(&second, 0xee, sizeof second);
  edgestatic_respond(store, request, &first);
  invariants(store, request, &first);

  /* Deterministic, whatever the memory held before. */
  edgestatic_respond(store, request, &second);
  HOLDS(first.status == second.status && first.id == second.id &&
        first.field_count == second.field_count &&
        first.text_len == second.text_len &&
        memcmp(first.text, second.text, first.text_len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static edgestatic_store store[STORES];
  if (store[0].base == NULL)
    for (int i = 0; i < STORES; i++) {
      size_t len;
      const unsigned char *pack =
          i < 2 ? site_pack(&len, i == 1) : policypack(i - 2, &len);
      HOLDS(edgestatic_store_open(&store[i], pack, len) == EDGESTATIC_OK);
    }

  const char *s = (const char *)data, *end = s + size;
  edgestatic_request request = {.flags = (uint32_t)size & FLAGS,
                                .country = EDGESTATIC_LITERAL("DE")};
  const char *line = memchr(s, '\n', size);
  if (line == NULL)
    line = end;
  const char *space = memchr(s, ' ', (size_t)(line - s));
  if (space == NULL)
    space = line;
  request.method = block(s, (size_t)(space - s));
  s = space < line ? space + 1 : line;
  request.target = block(s, (size_t)(line - s));
  while (line < end) {
    s = line + 1;
    line = memchr(s, '\n', (size_t)(end - s));
    if (line == NULL)
      line = end;
    const char *colon = memchr(s, ':', (size_t)(line - s));
    if (colon == NULL)
      continue;
    int id = edgestatic_field_find((edgestatic_slice){s, (size_t)(colon - s)});
    if (id < 0)
      continue;
    free((char *)(uintptr_t)request.field[id].base);
    request.field[id] = block(colon + 1, (size_t)(line - colon - 1));
  }
  for (int i = 0; i < STORES; i++)
    ask(&store[i], &request);
  free((char *)(uintptr_t)request.method.base);
  free((char *)(uintptr_t)request.target.base);
  for (int i = 0; i < EDGESTATIC_FIELD_COUNT; i++)
    free((char *)(uintptr_t)request.field[i].base);
  return 0;
}
