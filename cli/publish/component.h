/* component.h - which core module of a component is the guest.
 *
 * A component is a preamble of layer 1 and sections; a core module is the
 * content of one of them and of the same form as a module file.  All that
 * refers to it does so by number, so that the rest stays as it is when the
 * module grows.  (WebAssembly component model, Binary.md.)
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_COMPONENT_H
#define PUBLISH_COMPONENT_H

#include "wasm.h"

/* The section whose module exports edgestatic_slot; a component may hold
 * others, shims between module and host.  Not searched: components inside.
 * Returns REFUSAL_NONE, _DAMAGED, _SLOT_NONE or _MODULE_TWO. */
int component_find(struct wasm_bytes component, struct wasm_section *found);

#endif
