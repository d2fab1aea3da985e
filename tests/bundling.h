/* bundling.h - a guest, a pack and the site of both, for tests.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TEST_BUNDLING_H
#define EDGESTATIC_TEST_BUNDLING_H

#include "../cli/publish/bundle.h"
#include "../cli/publish/refusal.h"

#include "util.h"
#include "wasmguest.h"

static struct guest guest;
static struct bundle bundle;
static struct wasm_bytes bytes; /* of the guest */
static edgestatic_store store;
static struct wasmguest_out scratch;

static inline void setup(void) {
  wasmguest_good();
}

static inline struct wasm_bytes block(const void *from, size_t len) {
  edgestatic_slice s = util_bytes(from, len);
  return (struct wasm_bytes){(const unsigned char *)s.base, s.len};
}

/* ---- A guest and a pack ---- */

static inline int read_guest(void) {
  wasmguest_module(&scratch);
  wasmguest_mark(&scratch, "cgi");
  bytes = block(scratch.bytes, scratch.len);
  return guest_read(bytes, &guest);
}

/* Some bytes as a pack: bundling asks for their lengths, and for the checksum
 * in the header. */
static inline void have_pack(size_t index_len, size_t pack_len) {
  unsigned char *pack = util_alloc(pack_len);
  for (size_t i = 0; i < pack_len; i++)
    pack[i] = (unsigned char)(i * 7 + i / 251);
  memcpy(pack + 32, "\xef\xcd\xab\x89\x67\x45\x23\x01", 8);
  store = (edgestatic_store){.base = pack,
                             .len = pack_len,
                             .index_size = index_len,
                             .pack_size = pack_len};
}

/* A pack that is said to be larger than any memory. */
static inline int plan_of_size(uint64_t index_len, uint64_t pack_len) {
  have_pack(64, 64);
  store.index_size = index_len;
  store.pack_size = pack_len;
  store.len = SIZE_MAX;
  return bundle_plan(&bundle, &guest, &store);
}

static inline int append(void *ctx, const void *piece, size_t len) {
  struct wasm_bytes *site = ctx;
  ck_assert_uint_gt(len, 0);
  ck_assert_uint_le(len, bundle.size - site->len);
  memcpy((unsigned char *)site->base + site->len, piece, len);
  site->len += len;
  return 0;
}

static inline struct wasm_bytes flatten(void) {
  struct wasm_bytes site = {util_alloc((size_t)bundle.size), 0};
  ck_assert_int_eq(bundle_each(&bundle, append, &site), 0);
  ck_assert_uint_eq(site.len, bundle.size);
  return site;
}

static inline struct wasm_bytes make_site(void) {
  ck_assert_int_eq(read_guest(), REFUSAL_NONE);
  ck_assert_int_eq(bundle_plan(&bundle, &guest, &store), REFUSAL_NONE);
  return flatten();
}

/* ---- What a host would make of a site ---- */

static struct module made;
static unsigned char *memory; /* after the start */
static struct wasm_bytes passive;

/* The module up to its last section, which is the mark. */
static inline struct wasm_bytes without_mark(struct wasm_bytes site) {
  struct wasm_reader reader = wasm_sections(site);
  struct wasm_section section = {0};
  while (wasm_section(&reader, &section))
    continue;
  ck_assert(wasm_done(&reader));
  ck_assert_uint_eq(section.id, WASM_CUSTOM);
  return (struct wasm_bytes){site.base, site.len - section.whole.len};
}

/* Does what a host does with data segments. */
static inline void start(struct wasm_bytes module) {
  ck_assert_int_eq(module_read(module, &made), REFUSAL_NONE);
  size_t size = (size_t)made.memory.min * WASM_PAGE;
  memory = util_alloc(size);
  memset(memory, 0, size);
  struct wasm_reader reader = wasm_read(made.segments);
  for (uint32_t i = 0; i < made.segment_count; i++) {
    uint32_t kind = wasm_u32(&reader);
    struct wasm_constant at = {false, 0};
    if (kind == 0)
      at = wasm_constant(&reader);
    struct wasm_bytes content = wasm_counted(&reader);
    if (kind == 1) {
      passive = content;
      continue;
    }
    ck_assert(at.is_i32);
    ck_assert_uint_le((uint32_t)at.value + content.len, size);
    memcpy(memory + (uint32_t)at.value, content.base, content.len);
  }
  ck_assert(wasm_done(&reader));
}

static uint32_t load32(uint32_t at) {
  const unsigned char *p = memory + at;
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
         (uint32_t)p[3] << 24;
}

static inline void has_the_pack(uint32_t base) {
  ck_assert_uint_eq(load32(made.slot), base);
  ck_assert_uint_eq(load32(made.slot + 4), store.index_size);
  ck_assert_mem_eq(memory + base, store.base, store.index_size);
  ck_assert_uint_eq(passive.len, store.pack_size - store.index_size);
  if (passive.len > 0)
    ck_assert_mem_eq(passive.base, store.base + store.index_size, passive.len);
}

/* The function copies from that segment. */
static inline void reads_segment(unsigned segment) {
  const unsigned char wanted[] = {
      12, 0,   0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 8, (unsigned char)segment,
      0,  0x0b};
  ck_assert_uint_eq(made.body.len, sizeof wanted);
  ck_assert_mem_eq(made.body.base, wanted, sizeof wanted);
}

static inline bool is_rewritten(unsigned id) {
  return id == WASM_MEMORY || id == WASM_DATA_COUNT || id == WASM_CODE ||
         id == WASM_DATA;
}

static inline bool next_kept(struct wasm_reader *reader,
                             struct wasm_section *section) {
  while (wasm_section(reader, section))
    if (!is_rewritten(section->id))
      return true;
  return false;
}

/* The other sections of two modules are the same, byte by byte. */
static inline void keeps_the_rest(struct wasm_bytes before,
                                  struct wasm_bytes after) {
  struct wasm_reader a = wasm_sections(before), b = wasm_sections(after);
  struct wasm_section x, y;
  while (next_kept(&a, &x)) {
    ck_assert(next_kept(&b, &y));
    ck_assert_uint_eq(x.whole.len, y.whole.len);
    ck_assert_mem_eq(x.whole.base, y.whole.base, x.whole.len);
  }
  ck_assert(!next_kept(&b, &y));
  ck_assert(wasm_done(&a) && wasm_done(&b));
  ck_assert_mem_eq(before.base, after.base, WASM_PREAMBLE_SIZE);
}

static inline void is_a_good_site(struct wasm_bytes site) {
  struct wasm_bytes module = without_mark(site);
  start(module);
  has_the_pack(guest.module.memory.min * WASM_PAGE);
  reads_segment(made.segment_count - 1);
  ck_assert_uint_eq(made.segment_count, guest.module.segment_count + 3);
  ck_assert_uint_gt(made.section[WASM_DATA_COUNT].whole.len, 0);
  keeps_the_rest(guest.module.bytes, module);
}

#endif
