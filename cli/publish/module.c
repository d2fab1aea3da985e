/* module.c - see module.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "module.h"

#include "refusal.h"

#include <string.h>

/* How many things the module imports of the kinds whose numbers it shares. */
struct imports {
  uint32_t functions, globals;
};

static int damaged_unless_done(const struct wasm_reader *reader) {
  return wasm_done(reader) ? REFUSAL_NONE : REFUSAL_DAMAGED;
}

static struct wasm_bytes since(const struct wasm_reader *reader,
                               const unsigned char *from) {
  return (struct wasm_bytes){from, (size_t)(reader->at - from)};
}

/* ---- Sections ---- */

/* Each at most once and in their order (spec 5.5.2). */
static int read_sections(struct module *module) {
  static const unsigned char no_vector[] = {0};
  for (int id = 0; id < WASM_SECTIONS; id++)
    module->section[id] = (struct wasm_section){
        .id = (unsigned char)id,
        .content = {no_vector, sizeof no_vector},
    };
  if (!wasm_is_module(module->bytes))
    return REFUSAL_DAMAGED;
  struct wasm_reader reader = wasm_sections(module->bytes);
  struct wasm_section section;
  for (int last = 0; wasm_section(&reader, &section);) {
    if (section.id == WASM_CUSTOM)
      continue;
    if (section.id >= WASM_SECTIONS)
      return REFUSAL_FEATURE;
    int order = wasm_section_order(section.id);
    if (order <= last)
      return REFUSAL_DAMAGED;
    last = order;
    module->section[section.id] = section;
  }
  return damaged_unless_done(&reader);
}

static int read_imports(const struct module *module, struct imports *imports) {
  struct wasm_reader reader = wasm_read(module->section[WASM_IMPORT].content);
  uint32_t count = wasm_u32(&reader);
  *imports = (struct imports){0, 0};
  for (uint32_t i = 0; i < count && !reader.bad; i++) {
    wasm_counted(&reader); /* module */
    wasm_counted(&reader); /* name */
    switch (wasm_byte(&reader)) {
    case WASM_FUNC:
      wasm_u32(&reader);
      imports->functions++;
      break;
    case WASM_TABLES:
      wasm_byte(&reader);
      wasm_limits(&reader);
      break;
    case WASM_MEM:
      return REFUSAL_MEMORY_IMPORTED;
    case WASM_GLOB:
      wasm_take(&reader, 2); /* type, mutability */
      imports->globals++;
      break;
    default:
      return REFUSAL_FEATURE;
    }
  }
  return damaged_unless_done(&reader);
}

static int read_memory(struct module *module) {
  struct wasm_reader reader = wasm_read(module->section[WASM_MEMORY].content);
  uint32_t count = wasm_u32(&reader);
  if (reader.bad)
    return REFUSAL_DAMAGED;
  if (count == 0)
    return REFUSAL_MEMORY_NONE;
  if (count > 1)
    return REFUSAL_MEMORY_TWO;
  if (reader.at<reader.end && * reader.at> WASM_LIMITS_MAX)
    return REFUSAL_MEMORY_KIND;
  struct wasm_limits limits = wasm_limits(&reader);
  module->memory = limits;
  if (limits.min > WASM_PAGES_MAX)
    return REFUSAL_DAMAGED;
  if (limits.flags & WASM_LIMITS_MAX &&
      (limits.max > WASM_PAGES_MAX || limits.max < limits.min))
    return REFUSAL_DAMAGED;
  return damaged_unless_done(&reader);
}

/* ---- Exports, and what they name ---- */

static bool find_export(struct wasm_bytes exports, const char *name,
                        unsigned char kind, uint32_t *number) {
  struct wasm_reader reader = wasm_read(exports);
  uint32_t count = wasm_u32(&reader);
  for (uint32_t i = 0; i < count && !reader.bad; i++) {
    bool is_named = wasm_same(wasm_counted(&reader), name);
    bool is_kind = wasm_byte(&reader) == kind;
    *number = wasm_u32(&reader);
    if (is_named && is_kind && !reader.bad)
      return true;
  }
  return false;
}

static int find_slot(struct module *module, const struct imports *imports) {
  uint32_t wanted;
  if (!find_export(module->section[WASM_EXPORT].content, MODULE_SLOT, WASM_GLOB,
                   &wanted))
    return REFUSAL_SLOT_NONE;
  if (wanted < imports->globals)
    return REFUSAL_SLOT_KIND; /* the host has its value */
  wanted -= imports->globals;

  struct wasm_reader reader = wasm_read(module->section[WASM_GLOBAL].content);
  uint32_t count = wasm_u32(&reader);
  if (wanted >= count)
    return REFUSAL_DAMAGED;
  unsigned char type = 0, is_mutable = 0;
  struct wasm_constant value = {false, 0};
  for (uint32_t i = 0; i <= wanted && !reader.bad; i++) {
    type = wasm_byte(&reader);
    is_mutable = wasm_byte(&reader);
    value = wasm_constant(&reader);
  }
  if (reader.bad)
    return REFUSAL_FEATURE;
  if (type != WASM_I32 || is_mutable || !value.is_i32)
    return REFUSAL_SLOT_KIND;
  module->slot = (uint32_t)value.value;
  uint64_t memory_size = (uint64_t)module->memory.min * WASM_PAGE;
  if ((uint64_t)module->slot + MODULE_SLOT_SIZE > memory_size)
    return REFUSAL_SLOT_PLACE;
  return REFUSAL_NONE;
}

/* A vector of value types of one byte each: numbers, vectors, and references
 * to any function or to the host's. */
static bool take_types(struct wasm_reader *reader) {
  struct wasm_bytes types = wasm_counted(reader);
  for (size_t i = 0; i < types.len; i++)
    if (types.base[i] < 0x6f || types.base[i] > WASM_I32)
      return false;
  return true;
}

/* Is type number `wanted` (i32, i32, i32) -> ()? */
static int check_type(const struct module *module, uint32_t wanted) {
  static const unsigned char right[] = {3, WASM_I32, WASM_I32, WASM_I32, 0};
  struct wasm_reader reader = wasm_read(module->section[WASM_TYPE].content);
  uint32_t count = wasm_u32(&reader);
  if (wanted >= count)
    return REFUSAL_DAMAGED;
  struct wasm_bytes type = {reader.at, 0};
  for (uint32_t i = 0; i <= wanted && !reader.bad; i++) {
    unsigned char form = wasm_byte(&reader);
    const unsigned char *from = reader.at;
    bool known = form == WASM_FUNC_TYPE;
    known = known && take_types(&reader); /* parameters */
    known = known && take_types(&reader); /* results */
    if (!known && !reader.bad)
      return REFUSAL_FEATURE;
    type = since(&reader, from);
  }
  if (reader.bad)
    return REFUSAL_DAMAGED;
  bool same =
      type.len == sizeof right && memcmp(type.base, right, sizeof right) == 0;
  return same ? REFUSAL_NONE : REFUSAL_BODIES_TYPE;
}

static int find_bodies(struct module *module, const struct imports *imports) {
  uint32_t number;
  if (!find_export(module->section[WASM_EXPORT].content, MODULE_BODIES,
                   WASM_FUNC, &number) ||
      number < imports->functions)
    return REFUSAL_BODIES_NONE;
  module->bodies = number - imports->functions;
  struct wasm_reader reader = wasm_read(module->section[WASM_FUNCTION].content);
  uint32_t count = wasm_u32(&reader), type = 0;
  if (module->bodies >= count)
    return REFUSAL_DAMAGED;
  for (uint32_t i = 0; i <= module->bodies && !reader.bad; i++)
    type = wasm_u32(&reader);
  return reader.bad ? REFUSAL_DAMAGED : check_type(module, type);
}

/* ---- Code and data ---- */

static int read_code(struct module *module) {
  struct wasm_reader reader = wasm_read(module->section[WASM_CODE].content);
  uint32_t count = wasm_u32(&reader);
  if (module->bodies >= count)
    return REFUSAL_DAMAGED;
  for (uint32_t i = 0; i < count && !reader.bad; i++) {
    const unsigned char *from = reader.at;
    wasm_counted(&reader);
    if (i == module->bodies)
      module->body = since(&reader, from);
  }
  return damaged_unless_done(&reader);
}

static int read_data(struct module *module) {
  enum { ACTIVE, PASSIVE, ACTIVE_IN_A_MEMORY };
  struct wasm_reader reader = wasm_read(module->section[WASM_DATA].content);
  module->segment_count = wasm_u32(&reader);
  const unsigned char *from = reader.at;
  for (uint32_t i = 0; i < module->segment_count && !reader.bad; i++) {
    uint32_t kind = wasm_u32(&reader);
    if (kind > ACTIVE_IN_A_MEMORY)
      return REFUSAL_DAMAGED;
    if (kind == ACTIVE_IN_A_MEMORY)
      wasm_u32(&reader);
    if (kind != PASSIVE)
      wasm_constant(&reader);
    wasm_counted(&reader);
  }
  module->segments = since(&reader, from);
  return damaged_unless_done(&reader);
}

/* Their number stands before the code, too, where code refers to them. */
static int check_count(const struct module *module) {
  const struct wasm_section *section = &module->section[WASM_DATA_COUNT];
  if (section->whole.len == 0)
    return REFUSAL_NONE;
  struct wasm_reader reader = wasm_read(section->content);
  if (wasm_u32(&reader) != module->segment_count)
    return REFUSAL_DAMAGED;
  return damaged_unless_done(&reader);
}

bool module_has_slot(struct wasm_bytes bytes) {
  struct module module = {.bytes = bytes};
  uint32_t number;
  return read_sections(&module) == REFUSAL_NONE &&
         find_export(module.section[WASM_EXPORT].content, MODULE_SLOT,
                     WASM_GLOB, &number);
}

int module_read(struct wasm_bytes bytes, struct module *module) {
  *module = (struct module){.bytes = bytes};
  struct imports imports;
  int refusal = read_sections(module);
  if (!refusal)
    refusal = read_imports(module, &imports);
  if (!refusal)
    refusal = read_memory(module);
  if (!refusal)
    refusal = find_slot(module, &imports);
  if (!refusal)
    refusal = find_bodies(module, &imports);
  if (!refusal)
    refusal = read_code(module);
  if (!refusal)
    refusal = read_data(module);
  if (!refusal)
    refusal = check_count(module);
  return refusal;
}
