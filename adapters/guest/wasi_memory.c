/* wasi_memory.c - where a host of components puts what it hands over.
 * SPDX-License-Identifier: MIT */
#include "guest/wasi.h"

_Static_assert(sizeof(edgestatic_slice) == 8 &&
                   sizeof(struct wasi_text) == 12 &&
                   sizeof(struct wasi_scheme) == 16,
               "structs are laid out as the canonical ABI has it");

#define PAGE 65536

/* Pages for what has no room.  Nobody reads it, since the request is refused;
 * but the host has to put it somewhere, and a trap would end all the requests
 * of the instance.  One block is enough: the next may lie over it. */
static void *spill(size_t size) {
  static size_t base, pages;
  size_t needed = size / PAGE + 1;
  if (needed > pages) {
    size_t before = __builtin_wasm_memory_grow(0, needed - pages);
    if (before == SIZE_MAX)
      __builtin_trap();
    if (pages == 0)
      base = before * PAGE;
    pages = needed;
  }
  return (void *)base;
}

WASI_EXPORT("cabi_realloc")
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size);

/* Nothing is given back: the room is emptied for the next request. */
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  void *room = wasi_room(old, old_size, align, size);
  return room != NULL ? room : spill(size);
}
