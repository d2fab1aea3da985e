/* module.h - a guest's core module: what has to be rewritten in it, and where.
 *
 * Everything is checked here once; bundle.c then only adds.  All is borrowed
 * from the module's bytes.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_MODULE_H
#define PUBLISH_MODULE_H

#include "wasm.h"

/* What a guest exports: the address of its slot, and the function that is to
 * copy from the bodies. */
#define MODULE_SLOT "edgestatic_slot"
#define MODULE_BODIES "edgestatic_bodies"

#define MODULE_SLOT_SIZE 8 /* two 32-bit numbers: the index, its length */

struct module {
  struct wasm_bytes bytes;
  /* By id.  One that the module does not have has no `whole`, and an empty
   * vector for its content. */
  struct wasm_section section[WASM_SECTIONS];
  struct wasm_limits memory;
  uint32_t slot;              /* its address */
  uint32_t bodies;            /* which of its functions, imports not counted */
  struct wasm_bytes body;     /* of that function, with its length */
  uint32_t segment_count;     /* of data */
  struct wasm_bytes segments; /* without their number */
};

/* Does a core module export edgestatic_slot?  False for damaged ones too. */
bool module_has_slot(struct wasm_bytes bytes);

/* Returns REFUSAL_NONE, _DAMAGED, _FEATURE or one of _MEMORY_*, _SLOT_* and
 * _BODIES_*. */
int module_read(struct wasm_bytes bytes, struct module *module);

#endif
