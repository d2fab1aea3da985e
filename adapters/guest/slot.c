/* slot.c - where publishing puts a pack into a module that is compiled
 * already.
 *
 * `edgestatic publish` adds the pack's index to the module as an active data
 * segment in new pages, writes its place into edgestatic_slot, adds the bodies
 * as one passive segment and makes `memory.init` of that segment the body of
 * edgestatic_bodies.  Here the slot is empty and the function a trap; volatile
 * keeps compilers and optimisers from concluding that it stays so.
 *
 * SPDX-License-Identifier: MIT
 */
#include "guest/guest.h"

struct slot {
  uint32_t index, index_len; /* address and size of the index */
};

/* Exported as a global by the linker (local.mk). */
extern volatile struct slot edgestatic_slot;
volatile struct slot edgestatic_slot;

__attribute__((export_name("edgestatic_bodies"), noinline)) void
edgestatic_bodies(void *to, uint32_t offset, uint32_t len);

void edgestatic_bodies(void *to, uint32_t offset, uint32_t len) {
  (void)to;
  (void)offset;
  (void)len;
  __builtin_trap();
}

static void (*volatile const read_bodies)(void *, uint32_t,
                                          uint32_t) = edgestatic_bodies;

int guest_open(edgestatic_store *store) {
  const void *index = (const void *)(uintptr_t)edgestatic_slot.index;
  return edgestatic_store_open_trusted(store, index, edgestatic_slot.index_len);
}

void guest_bodies(const edgestatic_store *store, void *to, uint64_t offset,
                  size_t len) {
  read_bodies(to, (uint32_t)(offset - store->index_size), (uint32_t)len);
}
