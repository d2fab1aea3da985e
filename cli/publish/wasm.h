/* wasm.h - the binary format of WebAssembly, as far as a rewriter needs it.
 *
 * A reader is a cursor over borrowed bytes.  Once it has met something that is
 * malformed or cut off it is `bad`: it is at its end, and all that it reads
 * from then on is 0 or empty.  So a caller reads on, and looks once.
 *
 * Chapter 5 of the WebAssembly core specification is meant by "spec" here.
 * Not done: that names are UTF-8, and function bodies; a host validates both.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_WASM_H
#define PUBLISH_WASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wasm_bytes {
  const unsigned char *base;
  size_t len;
};

/* ---- Reading ---- */

struct wasm_reader {
  const unsigned char *at, *end;
  bool bad;
};

struct wasm_reader wasm_read(struct wasm_bytes bytes);

/* Everything was read, and was well-formed. */
bool wasm_done(const struct wasm_reader *reader);

unsigned char wasm_byte(struct wasm_reader *reader);
/* LEB128 of at most the bytes that the width takes (spec 5.2.2). */
uint32_t wasm_u32(struct wasm_reader *reader);
int32_t wasm_s32(struct wasm_reader *reader);
int64_t wasm_s64(struct wasm_reader *reader);
/* The next len bytes, and a length with the bytes that it counts: a name, a
 * function body, the content of a data segment. */
struct wasm_bytes wasm_take(struct wasm_reader *reader, size_t len);
struct wasm_bytes wasm_counted(struct wasm_reader *reader);

bool wasm_same(struct wasm_bytes bytes, const char *text);

/* Limits of a memory or table (spec 5.3.9): page counts in 32 bits. */
struct wasm_limits {
  unsigned char flags; /* WASM_LIMITS_* */
  uint32_t min, max;   /* max is 0 where there is none */
};
#define WASM_LIMITS_MAX 1u /* there is a maximum; other flags: bad here */

struct wasm_limits wasm_limits(struct wasm_reader *reader);

/* A constant expression (spec 5.4.9) of one instruction; longer ones are bad
 * here, since no C compiler makes them. */
struct wasm_constant {
  bool is_i32; /* an i32.const, of this value */
  int32_t value;
};

struct wasm_constant wasm_constant(struct wasm_reader *reader);

/* ---- Sections ---- */

/* The first eight bytes: magic, version and layer. */
#define WASM_PREAMBLE_SIZE 8
#define WASM_PAGE 65536u
#define WASM_PAGES_MAX 65536u /* what 32 bits can address */

bool wasm_is_module(struct wasm_bytes bytes);    /* layer 0, version 1 */
bool wasm_is_component(struct wasm_bytes bytes); /* layer 1 */

enum wasm_section_id {
  WASM_CUSTOM,
  WASM_TYPE,
  WASM_IMPORT,
  WASM_FUNCTION,
  WASM_TABLE,
  WASM_MEMORY,
  WASM_GLOBAL,
  WASM_EXPORT,
  WASM_START,
  WASM_ELEMENT,
  WASM_CODE,
  WASM_DATA,
  WASM_DATA_COUNT,
  WASM_TAG,
  WASM_SECTIONS
};
#define WASM_COMPONENT_MODULE 1 /* in a component: a core module */

enum wasm_external { WASM_FUNC, WASM_TABLES, WASM_MEM, WASM_GLOB, WASM_TAGS };

#define WASM_I32 0x7f
#define WASM_FUNC_TYPE 0x60

struct wasm_section {
  unsigned char id;
  struct wasm_bytes whole;   /* with id and length */
  struct wasm_bytes content; /* without */
};

/* Cuts the preamble off. */
struct wasm_reader wasm_sections(struct wasm_bytes bytes);
/* False at the end, or when the reader is bad. */
bool wasm_section(struct wasm_reader *reader, struct wasm_section *section);

/* Where a section stands in a module (spec 5.5.2): 1 and up; 0 for custom
 * sections, which stand anywhere, and for what is unknown. */
int wasm_section_order(unsigned char id);

/* ---- Writing ---- */

#define WASM_U32_MAX 5 /* bytes of the longest LEB128 of 32 bits */

/* Put into bytes as few as will do; return how many those are. */
size_t wasm_put_u32(unsigned char *bytes, uint32_t value);
size_t wasm_put_s32(unsigned char *bytes, int32_t value);

#endif
