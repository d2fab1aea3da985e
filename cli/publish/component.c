/* component.c - see component.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "component.h"

#include "module.h"
#include "refusal.h"

int component_find(struct wasm_bytes component, struct wasm_section *found) {
  struct wasm_reader reader = wasm_sections(component);
  struct wasm_section section;
  unsigned count = 0;
  while (wasm_section(&reader, &section)) {
    if (section.id != WASM_COMPONENT_MODULE ||
        !module_has_slot(section.content))
      continue;
    *found = section;
    count++;
  }
  if (!wasm_done(&reader))
    return REFUSAL_DAMAGED;
  if (count == 0)
    return REFUSAL_SLOT_NONE;
  return count == 1 ? REFUSAL_NONE : REFUSAL_MODULE_TWO;
}
