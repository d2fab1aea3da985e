/* fuzz_rules.c - the text of _redirects or _headers, and a request that it is
 * tried with.
 *
 * Input: a byte whose bits choose dialect, html handling, phase and TLS; a line
 * that is the target; a line that is Cookie and Accept-Language; the file.
 *
 * SPDX-License-Identifier: MIT
 */
#include "build/headers_file.h"
#include "tests/rules_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A block of its own, so that reading past its end is an error. */
static edgestatic_slice block(const char *base, size_t len) {
  char *p = malloc(len > 0 ? len : 1);
  if (len > 0)
    memcpy(p, base, len);
  return (edgestatic_slice){p, len};
}

static void release(edgestatic_slice s) {
  free((char *)(uintptr_t)s.base);
}

/* Cuts a line off. */
static edgestatic_slice line(const char **s, size_t *len) {
  const char *end = *len > 0 ? memchr(*s, '\n', *len) : NULL;
  size_t n = end ? (size_t)(end - *s) : *len;
  edgestatic_slice cut = block(*s, n);
  *s += n + (end != NULL);
  *len -= n + (end != NULL);
  return cut;
}

static void diagnosed(const struct rulefile *file) {
  for (size_t i = 0; i < file->count; i++) {
    const struct rulefile_diagnostic *d = &file->diagnostic[i];
    HOLDS(d->line > 0 && d->column > 0 && d->column <= RULEFILE_LINE_MAX * 4);
    HOLDS(d->text.len == strlen(d->text.base));
  }
}

static void try_redirects(unsigned bits, const edgestatic_request *request,
                          edgestatic_slice file) {
  static char text[RULES_TEXT_MAX + 1];
  struct world w;
  world_make(&w, bits & 1 ? RULEFILE_CLOUDFLARE : RULEFILE_NETLIFY,
             (bits & 2) != 0, file);
  diagnosed(&w.rules.file);
  struct rules_answer a =
      world_ask(&w, request, bits & 4 ? RULES_BEFORE : RULES_AFTER, text);
  world_invariants(&w, &a, text);
  world_free(&w);
}

static void try_headers(unsigned bits, edgestatic_slice path,
                        edgestatic_slice file) {
  struct headers h;
  struct headers_changes changes = {.strings = {&world_plain, NULL}};
  HOLDS(headers_read(&h, &world_plain,
                     bits & 1 ? RULEFILE_CLOUDFLARE : RULEFILE_NETLIFY,
                     file) == EDGESTATIC_OK);
  diagnosed(&h.file);
  /* As a location has it. */
  for (size_t i = 0; i < path.len; i++)
    if (path.base[i] <= ' ' || path.base[i] == 0x7f)
      path.len = i;
  headers_apply(&h, path, path, (edgestatic_slice){NULL, 0}, &changes);
  for (size_t i = 0; i < changes.count; i++) {
    invariant_slice(changes.change[i].name);
    invariant_slice(changes.change[i].value);
    HOLDS(strncasecmp(changes.change[i].name.base, "Content-Length", 15) != 0);
  }
  headers_changes_free(&changes);
  headers_free(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  unsigned bits = data[0];
  const char *s = (const char *)data + 1;
  size_t len = size - 1;
  edgestatic_request request = {.flags = bits & 8 ? EDGESTATIC_REQUEST_TLS : 0};
  request.target = line(&s, &len);
  edgestatic_slice fields = line(&s, &len);
  request.field[EDGESTATIC_FIELD_COOKIE] = fields;
  request.field[EDGESTATIC_FIELD_ACCEPT_LANGUAGE] = fields;
  request.field[EDGESTATIC_FIELD_HOST] = fields;
  edgestatic_slice file = block(s, len);
  if (bits & 16)
    try_headers(bits, request.target, file);
  else
    try_redirects(bits, &request, file);
  release(request.target);
  release(fields);
  release(file);
  return 0;
}
