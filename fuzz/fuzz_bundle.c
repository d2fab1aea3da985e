/* fuzz_bundle.c - bytes as a guest: whatever is taken must become a site that
 * reads as its guest did, with a pack inside.
 *
 * Input: after a first byte of 0, a whole guest before its mark.  Else sections
 * of a good guest, each a number (1 byte), a length (1 byte) and a content that
 * takes the place of the good one; the first byte's bits tell whether there are
 * custom sections, and whether a component is around it.  The mark is put on
 * here, so that the fuzzer need not find a checksum.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cli/publish/bundle.h"
#include "cli/publish/refusal.h"
#include "tests/wasmguest.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROMISE(condition)                                                     \
  do {                                                                         \
    if (!(condition))                                                          \
      abort();                                                                 \
  } while (0)

enum { INDEX = 70000, PACK = 70100 };

static int append(void *ctx, const void *bytes, size_t len) {
  unsigned char **to = ctx;
  memcpy(*to, bytes, len);
  *to += len;
  return 0;
}

/* The bytes up to the last section, which is the mark. */
static struct wasm_bytes without_mark(struct wasm_bytes site) {
  struct wasm_reader reader = wasm_sections(site);
  struct wasm_section section = {0};
  while (wasm_section(&reader, &section))
    continue;
  PROMISE(wasm_done(&reader) && section.id == WASM_CUSTOM);
  return (struct wasm_bytes){site.base, site.len - section.whole.len};
}

/* Looked at once more, the site has what was promised. */
static void look(struct wasm_bytes site, const struct module *before) {
  struct wasm_bytes bytes = without_mark(site);
  struct module module;
  struct wasm_section nested;
  if (wasm_is_component(bytes)) {
    struct wasm_reader reader = wasm_sections(bytes);
    bool found = false;
    while (!found && wasm_section(&reader, &nested))
      found =
          nested.id == WASM_COMPONENT_MODULE && module_has_slot(nested.content);
    PROMISE(found);
    bytes = nested.content;
  }
  PROMISE(module_read(bytes, &module) == REFUSAL_NONE);
  PROMISE(module.memory.min == before->memory.min + 2);
  PROMISE(module.segment_count == before->segment_count + 3);
  PROMISE(module.segments.len > before->segments.len + PACK);
  PROMISE(memcmp(module.segments.base, before->segments.base,
                 before->segments.len) == 0);
  PROMISE(module.slot == before->slot && module.bodies == before->bodies);
  PROMISE(module.section[WASM_DATA_COUNT].whole.len > 0);
}

static void try(const unsigned char *unmarked, size_t size) {
  static unsigned char pack[PACK];
  const edgestatic_store store = {
      .base = pack, .len = PACK, .index_size = INDEX, .pack_size = PACK};
  unsigned char mark[MARK_SIZE_MAX];
  size_t mark_len =
      mark_guest(mark, "cgi", (struct wasm_bytes){unmarked, size});
  /* In a block of its own length, so that a byte too many is an error. */
  size_t len = size + mark_len;
  unsigned char *bytes = malloc(len);
  memcpy(bytes, unmarked, size);
  memcpy(bytes + size, mark, mark_len);

  struct guest guest;
  struct bundle bundle;
  if (guest_read((struct wasm_bytes){bytes, len}, &guest) == REFUSAL_NONE &&
      bundle_plan(&bundle, &guest, &store) == REFUSAL_NONE) {
    unsigned char *site = malloc((size_t)bundle.size), *to = site;
    bundle_each(&bundle, append, &to);
    PROMISE(to == site + bundle.size);
    struct wasm_bytes whole = {site, (size_t)bundle.size};
    look(whole, &guest.module);
    PROMISE(guest_read(whole, &guest) == REFUSAL_SITE);
    free(site);
  }
  free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  enum { CUSTOMS = 2, COMPONENT = 4 };
  static struct wasmguest_out module, out;
  if (size == 0)
    return 0;
  struct mark mark;
  mark_read((struct wasm_bytes){data, size}, &mark);
  if (data[0] == 0) {
    try(data + 1, size - 1);
    return 0;
  }
  wasmguest_good();
  wasmguest_customs = (data[0] & CUSTOMS) != 0;
  for (size_t i = 1; i + 2 <= size;) {
    int id = data[i] % WASM_SECTIONS;
    size_t len = data[i + 1];
    i += 2;
    if (len > size - i)
      len = size - i;
    if (id != WASM_CUSTOM)
      wasmguest_set(id, data + i, len);
    i += len;
  }
  wasmguest_module(&module);
  out.len = 0;
  if (data[0] & COMPONENT) {
    wasmguest_put(&out, "\0asm\r\0\1\0", WASM_PREAMBLE_SIZE);
    wasmguest_section(&out, WASM_COMPONENT_MODULE, module.bytes, module.len);
  } else {
    wasmguest_put(&out, module.bytes, module.len);
  }
  try(out.bytes, out.len);
  return 0;
}
