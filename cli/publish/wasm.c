/* wasm.c - see wasm.h.  As mark.c, it is a part of a build program too.
 * SPDX-License-Identifier: MIT */
#include "wasm.h"

#include <string.h>

/* ---- Reading ---- */

struct wasm_reader wasm_read(struct wasm_bytes bytes) {
  return (struct wasm_reader){bytes.base, bytes.base + bytes.len, false};
}

bool wasm_done(const struct wasm_reader *reader) {
  return !reader->bad && reader->at == reader->end;
}

static void fail(struct wasm_reader *reader) {
  reader->bad = true;
  reader->at = reader->end;
}

unsigned char wasm_byte(struct wasm_reader *reader) {
  if (reader->at == reader->end) {
    fail(reader);
    return 0;
  }
  return *reader->at++;
}

/* The bits of a LEB128 number of so many bits.  The last byte that the width
 * allows ends the number, and what it has beyond the width is the sign's
 * continuation, or zero without a sign. */
static uint64_t leb(struct wasm_reader *reader, unsigned bits, bool is_signed) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    unsigned char byte = wasm_byte(reader);
    unsigned left = bits - shift;
    if (left < 7) {
      unsigned beyond = (byte & 0x7fu) >> left;
      unsigned ones = 0x7fu >> left;
      bool negative = is_signed && ((unsigned)byte >> (left - 1) & 1u);
      if (byte & 0x80u || beyond != (negative ? ones : 0))
        fail(reader);
    }
    value |= (uint64_t)(byte & 0x7fu) << shift;
    if (!(byte & 0x80u)) {
      if (is_signed && byte & 0x40u && shift + 7 < 64)
        value |= UINT64_MAX << (shift + 7);
      break;
    }
  }
  return reader->bad ? 0 : value;
}

uint32_t wasm_u32(struct wasm_reader *reader) {
  return (uint32_t)leb(reader, 32, false);
}

int32_t wasm_s32(struct wasm_reader *reader) {
  return (int32_t)leb(reader, 32, true);
}

int64_t wasm_s64(struct wasm_reader *reader) {
  return (int64_t)leb(reader, 64, true);
}

struct wasm_bytes wasm_take(struct wasm_reader *reader, size_t len) {
  if (len > (size_t)(reader->end - reader->at)) {
    fail(reader);
    len = 0;
  }
  struct wasm_bytes bytes = {reader->at, len};
  reader->at += len;
  return bytes;
}

struct wasm_bytes wasm_counted(struct wasm_reader *reader) {
  return wasm_take(reader, wasm_u32(reader));
}

bool wasm_same(struct wasm_bytes bytes, const char *text) {
  size_t len = strlen(text);
  return bytes.len == len && memcmp(bytes.base, text, len) == 0;
}

struct wasm_limits wasm_limits(struct wasm_reader *reader) {
  struct wasm_limits limits = {.flags = wasm_byte(reader)};
  if (limits.flags > WASM_LIMITS_MAX)
    fail(reader);
  limits.min = wasm_u32(reader);
  if (limits.flags & WASM_LIMITS_MAX)
    limits.max = wasm_u32(reader);
  return limits;
}

struct wasm_constant wasm_constant(struct wasm_reader *reader) {
  enum {
    END = 0x0b,
    GLOBAL_GET = 0x23,
    I32 = 0x41,
    I64 = 0x42,
    F32 = 0x43,
    F64 = 0x44,
  };
  struct wasm_constant constant = {false, 0};
  switch (wasm_byte(reader)) {
  case GLOBAL_GET:
    wasm_u32(reader);
    break;
  case I32:
    constant = (struct wasm_constant){true, wasm_s32(reader)};
    break;
  case I64:
    wasm_s64(reader);
    break;
  case F32:
    wasm_take(reader, 4);
    break;
  case F64:
    wasm_take(reader, 8);
    break;
  default:
    fail(reader);
  }
  if (wasm_byte(reader) != END)
    fail(reader);
  return constant;
}

/* ---- Sections ---- */

static bool begins(struct wasm_bytes bytes, const unsigned char *preamble) {
  return bytes.len >= WASM_PREAMBLE_SIZE &&
         memcmp(bytes.base, preamble, WASM_PREAMBLE_SIZE) == 0;
}

bool wasm_is_module(struct wasm_bytes bytes) {
  static const unsigned char preamble[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  return begins(bytes, preamble);
}

bool wasm_is_component(struct wasm_bytes bytes) {
  static const unsigned char preamble[] = {0, 'a', 's', 'm', 13, 0, 1, 0};
  return begins(bytes, preamble);
}

struct wasm_reader wasm_sections(struct wasm_bytes bytes) {
  struct wasm_reader reader = wasm_read(bytes);
  wasm_take(&reader, WASM_PREAMBLE_SIZE);
  return reader;
}

bool wasm_section(struct wasm_reader *reader, struct wasm_section *section) {
  if (reader->at == reader->end)
    return false;
  const unsigned char *from = reader->at;
  section->id = wasm_byte(reader);
  section->content = wasm_counted(reader);
  section->whole = (struct wasm_bytes){from, (size_t)(reader->at - from)};
  return !reader->bad;
}

int wasm_section_order(unsigned char id) {
  static const unsigned char order[WASM_SECTIONS] = {
      [WASM_TYPE] = 1,     [WASM_IMPORT] = 2,      [WASM_FUNCTION] = 3,
      [WASM_TABLE] = 4,    [WASM_MEMORY] = 5,      [WASM_TAG] = 6,
      [WASM_GLOBAL] = 7,   [WASM_EXPORT] = 8,      [WASM_START] = 9,
      [WASM_ELEMENT] = 10, [WASM_DATA_COUNT] = 11, [WASM_CODE] = 12,
      [WASM_DATA] = 13,
  };
  return id < WASM_SECTIONS ? order[id] : 0;
}

/* ---- Writing ---- */

size_t wasm_put_u32(unsigned char *bytes, uint32_t value) {
  size_t n = 0;
  for (; value >= 0x80; value >>= 7)
    bytes[n++] = (unsigned char)(value | 0x80);
  bytes[n++] = (unsigned char)value;
  return n;
}

/* The last byte's bit 6 is the sign; the width of the steps is such that the
 * shift of a negative value is done on its complement. */
size_t wasm_put_s32(unsigned char *bytes, int32_t value) {
  uint32_t flip = value < 0 ? UINT32_MAX : 0;
  uint32_t rest = (uint32_t)value ^ flip;
  size_t n = 0;
  for (; rest >= 0x40; rest >>= 7)
    bytes[n++] = (unsigned char)(((rest ^ flip) & 0x7f) | 0x80);
  bytes[n++] = (unsigned char)((rest ^ flip) & 0x7f);
  return n;
}
