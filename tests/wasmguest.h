/* wasmguest.h - a guest put together section by section, for tests.
 *
 * wasmguest_good() is the smallest that publish takes; a test changes a section
 * and looks at what comes out.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_TESTS_WASMGUEST_H
#define EDGESTATIC_TESTS_WASMGUEST_H

#include "../cli/publish/mark.h"
#include "../cli/publish/wasm.h"

#include <stdbool.h>
#include <string.h>

enum { WASMGUEST_MAX = 8192, WASMGUEST_CUSTOM = WASM_SECTIONS };

struct wasmguest_out {
  unsigned char bytes[WASMGUEST_MAX];
  size_t len;
};

/* The contents of sections, by id; len 0: none. */
static struct {
  unsigned char bytes[512];
  size_t len;
} wasmguest_part[WASM_SECTIONS];

/* Custom sections between all others. */
static bool wasmguest_customs;

static inline void wasmguest_set(int id, const void *bytes, size_t len) {
  memcpy(wasmguest_part[id].bytes, bytes, len);
  wasmguest_part[id].len = len;
}

/* WASMGUEST_SET(WASM_MEMORY, 1, 0, 2): the bytes of a section. */
#define WASMGUEST_SET(id, ...)                                                 \
  wasmguest_set((id), (const unsigned char[]){__VA_ARGS__},                    \
                sizeof(const unsigned char[]){__VA_ARGS__})
#define WASMGUEST_TEXT(id, literal)                                            \
  wasmguest_set((id), (literal), sizeof(literal) - 1)

static inline void wasmguest_put(struct wasmguest_out *out, const void *bytes,
                                 size_t len) {
  memcpy(out->bytes + out->len, bytes, len);
  out->len += len;
}

static inline void wasmguest_section(struct wasmguest_out *out, unsigned id,
                                     const void *bytes, size_t len) {
  out->bytes[out->len++] = (unsigned char)id;
  out->len += wasm_put_u32(out->bytes + out->len, (uint32_t)len);
  wasmguest_put(out, bytes, len);
}

#define WASMGUEST_SLOT 0x20

/* Two functions, the second one edgestatic_bodies; two pages of memory, the
 * slot at 0x20; one data segment; no data count. */
static inline void wasmguest_good(void) {
  memset(wasmguest_part, 0, sizeof wasmguest_part);
  wasmguest_customs = false;
  WASMGUEST_SET(WASM_TYPE, 2, 0x60, 0, 0, 0x60, 3, 0x7f, 0x7f, 0x7f, 0);
  WASMGUEST_SET(WASM_FUNCTION, 2, 0, 1);
  WASMGUEST_SET(WASM_MEMORY, 1, 0, 2);
  WASMGUEST_SET(WASM_GLOBAL, 1, 0x7f, 0, 0x41, WASMGUEST_SLOT, 0x0b);
  WASMGUEST_TEXT(WASM_EXPORT, "\3\6memory\2\0\x0f"
                              "edgestatic_slot\3\0\x11"
                              "edgestatic_bodies\0\1");
  WASMGUEST_SET(WASM_CODE, 2, 2, 0, 0x0b, 3, 0, 0, 0x0b);
  WASMGUEST_TEXT(WASM_DATA, "\1\0\x41\x04\x0b\5hello");
}

/* The core module, without a mark. */
static inline void wasmguest_module(struct wasmguest_out *out) {
  static const unsigned char custom[] = "\4note some text that has to stay";
  static const unsigned char order[] = {
      WASM_TYPE,       WASM_IMPORT, WASM_FUNCTION, WASM_TABLE, WASM_MEMORY,
      WASM_TAG,        WASM_GLOBAL, WASM_EXPORT,   WASM_START, WASM_ELEMENT,
      WASM_DATA_COUNT, WASM_CODE,   WASM_DATA,
  };
  out->len = 0;
  wasmguest_put(out, "\0asm\1\0\0\0", 8);
  for (size_t i = 0; i < sizeof order; i++) {
    if (wasmguest_customs)
      wasmguest_section(out, WASM_CUSTOM, custom, sizeof custom - 1 - i);
    if (wasmguest_part[order[i]].len > 0)
      wasmguest_section(out, order[i], wasmguest_part[order[i]].bytes,
                        wasmguest_part[order[i]].len);
  }
  if (wasmguest_customs)
    wasmguest_section(out, WASM_CUSTOM, custom, sizeof custom - 1);
}

static inline void wasmguest_mark(struct wasmguest_out *out,
                                  const char *flavour) {
  out->len += mark_guest(out->bytes + out->len, flavour,
                         (struct wasm_bytes){out->bytes, out->len});
}

#endif
