/* check_bundle.c - a guest and a pack become a site, or are refused.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "../cli/publish/bundle.h"
#include "../cli/publish/refusal.h"

#include "util.h"
#include "wasmguest.h"

static struct guest guest;
static struct bundle bundle;
static struct wasm_bytes bytes; /* of the guest */
static edgestatic_store store;
static struct wasmguest_out scratch;

static void setup(void) {
  wasmguest_good();
}

static struct wasm_bytes block(const void *from, size_t len) {
  edgestatic_slice s = util_bytes(from, len);
  return (struct wasm_bytes){(const unsigned char *)s.base, s.len};
}

/* ---- A guest and a pack ---- */

static int read_guest(void) {
  wasmguest_module(&scratch);
  wasmguest_mark(&scratch, "cgi");
  bytes = block(scratch.bytes, scratch.len);
  return guest_read(bytes, &guest);
}

/* Some bytes as a pack: bundling asks for their lengths, and for the checksum
 * in the header. */
static void have_pack(size_t index_len, size_t pack_len) {
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
static int plan_of_size(uint64_t index_len, uint64_t pack_len) {
  have_pack(64, 64);
  store.index_size = index_len;
  store.pack_size = pack_len;
  store.len = SIZE_MAX;
  return bundle_plan(&bundle, &guest, &store);
}

static int append(void *ctx, const void *piece, size_t len) {
  struct wasm_bytes *site = ctx;
  ck_assert_uint_gt(len, 0);
  ck_assert_uint_le(len, bundle.size - site->len);
  memcpy((unsigned char *)site->base + site->len, piece, len);
  site->len += len;
  return 0;
}

static struct wasm_bytes flatten(void) {
  struct wasm_bytes site = {util_alloc((size_t)bundle.size), 0};
  ck_assert_int_eq(bundle_each(&bundle, append, &site), 0);
  ck_assert_uint_eq(site.len, bundle.size);
  return site;
}

static struct wasm_bytes make_site(void) {
  ck_assert_int_eq(read_guest(), REFUSAL_NONE);
  ck_assert_int_eq(bundle_plan(&bundle, &guest, &store), REFUSAL_NONE);
  return flatten();
}

/* ---- What a host would make of a site ---- */

static struct module made;
static unsigned char *memory; /* after the start */
static struct wasm_bytes passive;

/* The module up to its last section, which is the mark. */
static struct wasm_bytes without_mark(struct wasm_bytes site) {
  struct wasm_reader reader = wasm_sections(site);
  struct wasm_section section = {0};
  while (wasm_section(&reader, &section))
    continue;
  ck_assert(wasm_done(&reader));
  ck_assert_uint_eq(section.id, WASM_CUSTOM);
  return (struct wasm_bytes){site.base, site.len - section.whole.len};
}

/* Does what a host does with data segments. */
static void start(struct wasm_bytes module) {
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

static void has_the_pack(uint32_t base) {
  ck_assert_uint_eq(load32(made.slot), base);
  ck_assert_uint_eq(load32(made.slot + 4), store.index_size);
  ck_assert_mem_eq(memory + base, store.base, store.index_size);
  ck_assert_uint_eq(passive.len, store.pack_size - store.index_size);
  if (passive.len > 0)
    ck_assert_mem_eq(passive.base, store.base + store.index_size, passive.len);
}

/* The function copies from that segment. */
static void reads_segment(unsigned segment) {
  const unsigned char wanted[] = {
      12, 0,   0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 8, (unsigned char)segment,
      0,  0x0b};
  ck_assert_uint_eq(made.body.len, sizeof wanted);
  ck_assert_mem_eq(made.body.base, wanted, sizeof wanted);
}

static bool is_rewritten(unsigned id) {
  return id == WASM_MEMORY || id == WASM_DATA_COUNT || id == WASM_CODE ||
         id == WASM_DATA;
}

static bool next_kept(struct wasm_reader *reader,
                      struct wasm_section *section) {
  while (wasm_section(reader, section))
    if (!is_rewritten(section->id))
      return true;
  return false;
}

/* The other sections of two modules are the same, byte by byte. */
static void keeps_the_rest(struct wasm_bytes before, struct wasm_bytes after) {
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

static void is_a_good_site(struct wasm_bytes site) {
  struct wasm_bytes module = without_mark(site);
  start(module);
  has_the_pack(guest.module.memory.min * WASM_PAGE);
  reads_segment(made.segment_count - 1);
  ck_assert_uint_eq(made.segment_count, guest.module.segment_count + 3);
  ck_assert_uint_gt(made.section[WASM_DATA_COUNT].whole.len, 0);
  keeps_the_rest(guest.module.bytes, module);
}

/* ---- Sites ---- */

START_TEST(the_index_is_in_new_pages_and_the_bodies_are_passive) {
  have_pack(1000, 5000);
  is_a_good_site(make_site());
  ck_assert_uint_eq(made.memory.min, 3);
  ck_assert_mem_eq(memory + 4, "hello", 5);
}
END_TEST

START_TEST(a_guest_without_data_gets_some) {
  wasmguest_part[WASM_DATA].len = 0;
  have_pack(100, 200);
  is_a_good_site(make_site());
  ck_assert_uint_eq(made.segment_count, 3);
}
END_TEST

START_TEST(an_empty_data_section_is_filled) {
  WASMGUEST_SET(WASM_DATA, 0);
  have_pack(100, 200);
  is_a_good_site(make_site());
}
END_TEST

START_TEST(a_data_count_is_corrected) {
  WASMGUEST_SET(WASM_DATA_COUNT, 1);
  have_pack(100, 200);
  is_a_good_site(make_site());
}
END_TEST

START_TEST(passive_segments_of_the_guest_keep_their_numbers) {
  WASMGUEST_SET(WASM_DATA_COUNT, 2);
  WASMGUEST_TEXT(WASM_DATA, "\2\1\3abc\2\0\x41\x05\x0b\1z");
  have_pack(100, 200);
  wasmguest_customs = true;
  struct wasm_bytes site = make_site();
  ck_assert_int_eq(module_read(without_mark(site), &made), REFUSAL_NONE);
  ck_assert_mem_eq(made.segments.base, "\1\3abc\2\0\x41\x05\x0b\1z", 11);
  reads_segment(4);
}
END_TEST

START_TEST(a_declared_maximum_grows_as_well) {
  WASMGUEST_SET(WASM_MEMORY, 1, 1, 2, 9);
  have_pack(3 * WASM_PAGE, 3 * WASM_PAGE + 1);
  is_a_good_site(make_site());
  ck_assert_uint_eq(made.memory.min, 5);
  ck_assert_uint_eq(made.memory.max, 12);
}
END_TEST

START_TEST(the_memory_grows_by_the_pages_of_the_index) {
  static const struct {
    size_t index_len;
    uint32_t pages;
  } cases[] = {
      {WASM_PAGE - 1, 1}, {WASM_PAGE, 1}, {WASM_PAGE + 1, 2}, {200000, 4}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    have_pack(cases[i].index_len, cases[i].index_len + 10);
    is_a_good_site(make_site());
    ck_assert_uint_eq(made.memory.min, 2 + cases[i].pages);
  }
}
END_TEST

START_TEST(a_pack_without_bodies_has_an_empty_segment) {
  have_pack(300, 300);
  is_a_good_site(make_site());
  ck_assert_uint_eq(passive.len, 0);
}
END_TEST

START_TEST(custom_sections_stay_wherever_they_stand) {
  wasmguest_customs = true;
  have_pack(100, 200);
  is_a_good_site(make_site());
  WASMGUEST_SET(WASM_DATA_COUNT, 1);
  is_a_good_site(make_site());
  wasmguest_part[WASM_DATA_COUNT].len = wasmguest_part[WASM_DATA].len = 0;
  is_a_good_site(make_site());
}
END_TEST

START_TEST(imports_count_in_the_numbers_of_functions_and_globals) {
  WASMGUEST_TEXT(WASM_IMPORT, "\4\1m\1f\0\0\1m\1t\1\x70\0\1"
                              "\1m\1g\3\x7f\0\1m\1h\0\1");
  WASMGUEST_TEXT(WASM_GLOBAL, "\2\x7e\0\x42\x80\x01\x0b"
                              "\x7f\0\x41\x28\x0b");
  WASMGUEST_TEXT(WASM_EXPORT, "\2\x0f"
                              "edgestatic_slot\3\2\x11"
                              "edgestatic_bodies\0\3");
  have_pack(100, 200);
  is_a_good_site(make_site());
  ck_assert_uint_eq(made.slot, 0x28);
}
END_TEST

START_TEST(the_function_may_be_the_first_or_among_large_ones) {
  WASMGUEST_SET(WASM_FUNCTION, 2, 1, 0);
  WASMGUEST_TEXT(WASM_EXPORT, "\2\x11"
                              "edgestatic_bodies\0\0\x0f"
                              "edgestatic_slot\3\0");
  /* The section's length takes a byte more afterwards. */
  unsigned char code[1 + 4 + 1 + 116] = {2, 3, 0, 0, 0x0b, 116, 0};
  memset(code + 7, 1, 114);
  code[sizeof code - 1] = 0x0b;
  wasmguest_set(WASM_CODE, code, sizeof code);
  have_pack(100, 200);
  struct wasm_bytes site = make_site();
  is_a_good_site(site);
  struct wasm_bytes rest = made.section[WASM_CODE].content;
  ck_assert_uint_eq(rest.len, 131);
  ck_assert_mem_eq(rest.base + 1 + 13, code + 5, 117);
}
END_TEST

START_TEST(segments_past_127_take_two_bytes) {
  unsigned char data[2 + 3 * 126] = {126};
  for (size_t i = 0; i < 126; i++)
    memcpy(data + 1 + 3 * i, "\1\1a", 3);
  wasmguest_set(WASM_DATA, data, 1 + 3 * 126);
  have_pack(100, 200);
  struct wasm_bytes site = make_site();
  ck_assert_int_eq(module_read(without_mark(site), &made), REFUSAL_NONE);
  ck_assert_uint_eq(made.segment_count, 129);
  const unsigned char wanted[] = {0xfc, 8, 0x80, 1, 0, 0x0b};
  ck_assert_mem_eq(made.body.base + made.body.len - 6, wanted, 6);
}
END_TEST

START_TEST(the_slot_may_be_the_last_bytes_of_memory) {
  WASMGUEST_SET(WASM_GLOBAL, 1, 0x7f, 0, 0x41, 0xf8, 0xff, 0x07, 0x0b);
  have_pack(100, 200);
  is_a_good_site(make_site());
  ck_assert_uint_eq(made.slot, 2 * WASM_PAGE - 8);
}
END_TEST

START_TEST(the_mark_names_flavour_and_pack) {
  have_pack(100, 200);
  struct wasm_bytes site = make_site();
  static const char wanted[] = "edgestaticsite cgi 1 0123456789abcdef\n";
  size_t len = sizeof wanted - 1;
  ck_assert_mem_eq(site.base + site.len - len, wanted, len);
  ck_assert_int_eq(guest_read(site, &guest), REFUSAL_SITE);
}
END_TEST

START_TEST(the_same_guest_and_pack_give_the_same_site) {
  have_pack(1000, 5000);
  struct wasm_bytes first = make_site(), second = make_site();
  ck_assert_uint_eq(first.len, second.len);
  ck_assert_mem_eq(first.base, second.base, first.len);
}
END_TEST

static int take_two(void *ctx, const void *piece, size_t len) {
  (void)piece;
  (void)len;
  return ++*(int *)ctx == 2 ? 42 : 0;
}

START_TEST(who_takes_the_pieces_may_stop) {
  have_pack(1000, 5000);
  make_site();
  int taken = 0;
  ck_assert_int_eq(bundle_each(&bundle, take_two, &taken), 42);
  ck_assert_int_eq(taken, 2);
}
END_TEST

START_TEST(a_guest_for_javascript_stays_as_it_is) {
  wasmguest_part[WASM_EXPORT].len = 0;
  wasmguest_module(&scratch);
  wasmguest_mark(&scratch, GUEST_BESIDE);
  bytes = block(scratch.bytes, scratch.len);
  ck_assert_int_eq(guest_read(bytes, &guest), REFUSAL_NONE);
  ck_assert_str_eq(guest.mark.flavour, GUEST_BESIDE);
}
END_TEST

/* ---- Components ---- */

/* A component with so many guests among other things. */
static int read_component(unsigned guests) {
  struct wasmguest_out *out = &scratch, module;
  wasmguest_module(&module);
  out->len = 0;
  wasmguest_put(out, "\0asm\r\0\1\0", 8);
  wasmguest_section(out, 7, "types", 5);
  wasmguest_section(out, 1, "\0asm\1\0\0\0\1\4\1\x60\0\0", 14);
  for (unsigned i = 0; i < guests; i++)
    wasmguest_section(out, 1, module.bytes, module.len);
  wasmguest_section(out, 2, "instances", 9);
  wasmguest_section(out, 1, "not even a module", 17);
  wasmguest_section(out, 2, "more instances", 14);
  wasmguest_mark(out, "wasi-http");
  bytes = block(out->bytes, out->len);
  return guest_read(bytes, &guest);
}

START_TEST(the_module_inside_a_component_is_rewritten_in_its_place) {
  wasmguest_customs = true;
  ck_assert_int_eq(read_component(1), REFUSAL_NONE);
  have_pack(1000, 70000);
  ck_assert_int_eq(bundle_plan(&bundle, &guest, &store), REFUSAL_NONE);
  struct wasm_bytes site = flatten();

  struct wasm_reader before = wasm_sections(bytes), after = wasm_sections(site);
  struct wasm_section x, y;
  for (int i = 0; i < 6; i++) {
    ck_assert(wasm_section(&before, &x));
    ck_assert(wasm_section(&after, &y));
    ck_assert_uint_eq(x.id, y.id);
    if (i == 2) {
      start(y.content);
      has_the_pack(2 * WASM_PAGE);
      reads_segment(3);
      keeps_the_rest(x.content, y.content);
    } else {
      ck_assert_uint_eq(x.whole.len, y.whole.len);
      ck_assert_mem_eq(x.whole.base, y.whole.base, x.whole.len);
    }
  }
  ck_assert(wasm_section(&after, &y));
  ck_assert_uint_eq(y.id, WASM_CUSTOM);
  ck_assert(!wasm_section(&after, &y));
  ck_assert(wasm_done(&after));
  ck_assert_int_eq(guest_read(site, &guest), REFUSAL_SITE);
}
END_TEST

START_TEST(a_component_holds_one_guest) {
  ck_assert_int_eq(read_component(0), REFUSAL_SLOT_NONE);
  ck_assert_int_eq(read_component(2), REFUSAL_MODULE_TWO);
}
END_TEST

START_TEST(a_component_may_not_exceed_4_gib) {
  ck_assert_int_eq(read_component(1), REFUSAL_NONE);
  ck_assert_int_eq(plan_of_size(1000, UINT32_MAX - 100), REFUSAL_PACK_SIZE);
}
END_TEST

/* ---- Refusals ---- */

#define REFUSED(why) ck_assert_int_eq(read_guest(), REFUSAL_##why)

START_TEST(one_memory_is_wanted) {
  wasmguest_part[WASM_MEMORY].len = 0;
  REFUSED(MEMORY_NONE);
  WASMGUEST_SET(WASM_MEMORY, 0);
  REFUSED(MEMORY_NONE);
  WASMGUEST_SET(WASM_MEMORY, 2, 0, 2, 0, 1);
  REFUSED(MEMORY_TWO);
  WASMGUEST_TEXT(WASM_IMPORT, "\1\1m\1m\2\0\1");
  REFUSED(MEMORY_IMPORTED);
}
END_TEST

START_TEST(memory_is_of_32_bits_and_not_shared) {
  WASMGUEST_SET(WASM_MEMORY, 1, 4, 2);
  REFUSED(MEMORY_KIND);
  WASMGUEST_SET(WASM_MEMORY, 1, 3, 2, 3);
  REFUSED(MEMORY_KIND);
  WASMGUEST_SET(WASM_MEMORY, 1, 8, 2, 0);
  REFUSED(MEMORY_KIND);
}
END_TEST

START_TEST(memory_has_possible_limits) {
  WASMGUEST_SET(WASM_MEMORY, 1, 0, 0x81, 0x80, 4);
  REFUSED(DAMAGED);
  WASMGUEST_SET(WASM_MEMORY, 1, 1, 2, 1);
  REFUSED(DAMAGED);
  WASMGUEST_SET(WASM_MEMORY, 1, 1, 2, 0x81, 0x80, 4);
  REFUSED(DAMAGED);
  WASMGUEST_SET(WASM_MEMORY, 1, 0);
  REFUSED(DAMAGED);
}
END_TEST

START_TEST(the_slot_is_exported_as_a_global) {
  WASMGUEST_TEXT(WASM_EXPORT, "\1\x11"
                              "edgestatic_bodies\0\1");
  REFUSED(SLOT_NONE);
  WASMGUEST_TEXT(WASM_EXPORT, "\2\x0f"
                              "edgestatic_slot\0\0\x11"
                              "edgestatic_bodies\0\1");
  REFUSED(SLOT_NONE);
  wasmguest_part[WASM_EXPORT].len = 0;
  REFUSED(SLOT_NONE);
}
END_TEST

START_TEST(the_slot_is_a_constant_of_the_modules_own) {
  WASMGUEST_SET(WASM_GLOBAL, 1, 0x7f, 1, 0x41, 0x20, 0x0b); /* mutable */
  REFUSED(SLOT_KIND);
  WASMGUEST_SET(WASM_GLOBAL, 1, 0x7e, 0, 0x42, 0x20, 0x0b); /* i64 */
  REFUSED(SLOT_KIND);
  WASMGUEST_SET(WASM_GLOBAL, 1, 0x7f, 0, 0x23, 0, 0x0b); /* global.get */
  REFUSED(SLOT_KIND);
  WASMGUEST_SET(WASM_GLOBAL, 1, 0x7f, 0, 0x41, 0x10, 0x41, 0x10, 0x6a, 0x0b);
  REFUSED(FEATURE);
  WASMGUEST_SET(WASM_GLOBAL, 0);
  REFUSED(DAMAGED);
  WASMGUEST_TEXT(WASM_IMPORT, "\1\1m\1g\3\x7f\0");
  REFUSED(SLOT_KIND);
}
END_TEST

START_TEST(the_slot_lies_in_memory) {
  WASMGUEST_SET(WASM_GLOBAL, 1, 0x7f, 0, 0x41, 0xf9, 0xff, 0x07, 0x0b);
  REFUSED(SLOT_PLACE);
  WASMGUEST_SET(WASM_GLOBAL, 1, 0x7f, 0, 0x41, 0x7f, 0x0b);
  REFUSED(SLOT_PLACE);
  WASMGUEST_SET(WASM_GLOBAL, 1, 0x7f, 0, 0x41, 0x20, 0x0b);
  WASMGUEST_SET(WASM_MEMORY, 1, 0, 0);
  REFUSED(SLOT_PLACE);
}
END_TEST

START_TEST(edgestatic_bodies_is_a_function_of_the_modules_own) {
  WASMGUEST_TEXT(WASM_EXPORT, "\1\x0f"
                              "edgestatic_slot\3\0");
  REFUSED(BODIES_NONE);
  WASMGUEST_TEXT(WASM_EXPORT, "\2\x0f"
                              "edgestatic_slot\3\0\x11"
                              "edgestatic_bodies\2\0");
  REFUSED(BODIES_NONE);
  WASMGUEST_TEXT(WASM_EXPORT, "\2\x0f"
                              "edgestatic_slot\3\0\x11"
                              "edgestatic_bodies\0\1");
  WASMGUEST_TEXT(WASM_IMPORT, "\2\1m\1f\0\0\1m\1f\0\1");
  REFUSED(BODIES_NONE);
}
END_TEST

START_TEST(edgestatic_bodies_takes_three_numbers) {
  WASMGUEST_SET(WASM_FUNCTION, 2, 0, 0);
  REFUSED(BODIES_TYPE);
  WASMGUEST_SET(WASM_FUNCTION, 2, 0, 1);
  WASMGUEST_SET(WASM_TYPE, 2, 0x60, 0, 0, 0x60, 3, 0x7f, 0x7e, 0x7f, 0);
  REFUSED(BODIES_TYPE);
  WASMGUEST_SET(WASM_TYPE, 2, 0x60, 0, 0, 0x60, 3, 0x7f, 0x7f, 0x7f, 1, 0x7f);
  REFUSED(BODIES_TYPE);
  WASMGUEST_SET(WASM_TYPE, 2, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7f, 0);
  REFUSED(BODIES_TYPE);
}
END_TEST

START_TEST(types_that_are_not_known_are_refused) {
  WASMGUEST_SET(WASM_TYPE, 2, 0x5f, 0, 0x60, 3, 0x7f, 0x7f, 0x7f, 0);
  REFUSED(FEATURE);
  WASMGUEST_SET(WASM_TYPE, 2, 0x60, 2, 0x64, 0, 0, 0x60, 3, 0x7f, 0x7f, 0x7f,
                0);
  REFUSED(FEATURE);
}
END_TEST

START_TEST(numbers_that_name_nothing_are_damage) {
  WASMGUEST_SET(WASM_FUNCTION, 2, 0, 2); /* no such type */
  REFUSED(DAMAGED);
  WASMGUEST_SET(WASM_FUNCTION, 1, 0); /* no such function */
  REFUSED(DAMAGED);
  WASMGUEST_SET(WASM_FUNCTION, 2, 0, 1);
  WASMGUEST_SET(WASM_CODE, 1, 2, 0, 0x0b); /* no such code */
  REFUSED(DAMAGED);
}
END_TEST

START_TEST(a_data_count_that_lies_is_damage) {
  WASMGUEST_SET(WASM_DATA_COUNT, 2);
  REFUSED(DAMAGED);
  WASMGUEST_SET(WASM_DATA_COUNT, 0);
  REFUSED(DAMAGED);
}
END_TEST

START_TEST(no_section_has_bytes_left_over) {
  static const int ids[] = {WASM_MEMORY, WASM_CODE, WASM_DATA, WASM_IMPORT,
                            WASM_DATA_COUNT};
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    wasmguest_good();
    if (ids[i] == WASM_IMPORT)
      WASMGUEST_SET(WASM_IMPORT, 0);
    if (ids[i] == WASM_DATA_COUNT)
      WASMGUEST_SET(WASM_DATA_COUNT, 1);
    ck_assert_int_eq(read_guest(), REFUSAL_NONE);
    wasmguest_part[ids[i]].len++;
    REFUSED(DAMAGED);
  }
}
END_TEST

START_TEST(no_section_is_cut_off) {
  for (int id = 1; id < WASM_SECTIONS; id++) {
    wasmguest_good();
    while (wasmguest_part[id].len > 1) {
      wasmguest_part[id].len--;
      ck_assert_int_ne(read_guest(), REFUSAL_NONE);
    }
  }
}
END_TEST

/* The good guest with one more section at its end, before the mark. */
static int read_with_section(unsigned id, const char *content) {
  wasmguest_module(&scratch);
  wasmguest_section(&scratch, id, content, strlen(content));
  wasmguest_mark(&scratch, "cgi");
  bytes = block(scratch.bytes, scratch.len);
  return guest_read(bytes, &guest);
}

START_TEST(sections_stand_in_order_and_once) {
  ck_assert_int_eq(read_with_section(WASM_DATA, ""), REFUSAL_DAMAGED);
  ck_assert_int_eq(read_with_section(WASM_MEMORY, ""), REFUSAL_DAMAGED);
  ck_assert_int_eq(read_with_section(WASM_DATA_COUNT, ""), REFUSAL_DAMAGED);
  ck_assert_int_eq(read_with_section(14, ""), REFUSAL_FEATURE);
  ck_assert_int_eq(read_with_section(WASM_CUSTOM, "\1a"), REFUSAL_NONE);
}
END_TEST

START_TEST(garbage_at_the_end_is_refused) {
  wasmguest_module(&scratch);
  wasmguest_put(&scratch, "\x0b", 1);
  wasmguest_mark(&scratch, "cgi");
  bytes = block(scratch.bytes, scratch.len);
  ck_assert_int_ne(guest_read(bytes, &guest), REFUSAL_NONE);
}
END_TEST

START_TEST(a_file_that_is_too_large_is_no_guest) {
  struct wasm_bytes large = {bytes.base, GUEST_SIZE_MAX + 1};
  ck_assert_int_eq(guest_read(large, &guest), REFUSAL_SIZE);
}
END_TEST

START_TEST(the_index_fits_into_4_gib_with_the_guest) {
  ck_assert_int_eq(read_guest(), REFUSAL_NONE);
  uint64_t room = (uint64_t)(WASM_PAGES_MAX - 2) * WASM_PAGE;
  /* As far as the memory goes; the module's file is full a little earlier. */
  ck_assert_int_eq(plan_of_size(room, room), REFUSAL_NONE);
  ck_assert_int_eq(plan_of_size(room + 1, room + 1), REFUSAL_INDEX_SIZE);
  ck_assert_int_eq(plan_of_size(UINT64_MAX / 2, UINT64_MAX / 2),
                   REFUSAL_INDEX_SIZE);
  WASMGUEST_SET(WASM_MEMORY, 1, 1, 2, 3);
  ck_assert_int_eq(read_guest(), REFUSAL_NONE);
  ck_assert_int_eq(plan_of_size(room, room), REFUSAL_INDEX_SIZE);
  ck_assert_int_eq(plan_of_size(room - WASM_PAGE, room), REFUSAL_NONE);
}
END_TEST

START_TEST(the_pack_fits_into_a_section) {
  have_pack(100, 200);
  struct wasm_section section;
  struct wasm_bytes site = make_site();
  struct wasm_reader reader = wasm_sections(site);
  while (wasm_section(&reader, &section) && section.id != WASM_DATA)
    continue;
  /* Three lengths of its bodies take four bytes more than that of 100. */
  uint64_t most = UINT32_MAX - (section.content.len - 200) - 4;
  ck_assert_int_eq(plan_of_size(100, most), REFUSAL_NONE);
  ck_assert_uint_gt(bundle.size, UINT32_MAX);
  ck_assert_int_eq(plan_of_size(100, most + 1), REFUSAL_PACK_SIZE);
  ck_assert_int_eq(plan_of_size(100, (uint64_t)UINT32_MAX + 1),
                   REFUSAL_PACK_SIZE);
  ck_assert_int_eq(plan_of_size(100, UINT64_MAX / 2), REFUSAL_PACK_SIZE);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("bundle");
  tcase_add_checked_fixture(tc, setup, NULL);
  tcase_add_test(tc, the_index_is_in_new_pages_and_the_bodies_are_passive);
  tcase_add_test(tc, a_guest_without_data_gets_some);
  tcase_add_test(tc, an_empty_data_section_is_filled);
  tcase_add_test(tc, a_data_count_is_corrected);
  tcase_add_test(tc, passive_segments_of_the_guest_keep_their_numbers);
  tcase_add_test(tc, a_declared_maximum_grows_as_well);
  tcase_add_test(tc, the_memory_grows_by_the_pages_of_the_index);
  tcase_add_test(tc, a_pack_without_bodies_has_an_empty_segment);
  tcase_add_test(tc, custom_sections_stay_wherever_they_stand);
  tcase_add_test(tc, imports_count_in_the_numbers_of_functions_and_globals);
  tcase_add_test(tc, the_function_may_be_the_first_or_among_large_ones);
  tcase_add_test(tc, segments_past_127_take_two_bytes);
  tcase_add_test(tc, the_slot_may_be_the_last_bytes_of_memory);
  tcase_add_test(tc, the_mark_names_flavour_and_pack);
  tcase_add_test(tc, the_same_guest_and_pack_give_the_same_site);
  tcase_add_test(tc, who_takes_the_pieces_may_stop);
  tcase_add_test(tc, a_guest_for_javascript_stays_as_it_is);
  tcase_add_test(tc, the_module_inside_a_component_is_rewritten_in_its_place);
  tcase_add_test(tc, a_component_holds_one_guest);
  tcase_add_test(tc, a_component_may_not_exceed_4_gib);
  tcase_add_test(tc, one_memory_is_wanted);
  tcase_add_test(tc, memory_is_of_32_bits_and_not_shared);
  tcase_add_test(tc, memory_has_possible_limits);
  tcase_add_test(tc, the_slot_is_exported_as_a_global);
  tcase_add_test(tc, the_slot_is_a_constant_of_the_modules_own);
  tcase_add_test(tc, the_slot_lies_in_memory);
  tcase_add_test(tc, edgestatic_bodies_is_a_function_of_the_modules_own);
  tcase_add_test(tc, edgestatic_bodies_takes_three_numbers);
  tcase_add_test(tc, types_that_are_not_known_are_refused);
  tcase_add_test(tc, numbers_that_name_nothing_are_damage);
  tcase_add_test(tc, a_data_count_that_lies_is_damage);
  tcase_add_test(tc, no_section_has_bytes_left_over);
  tcase_add_test(tc, no_section_is_cut_off);
  tcase_add_test(tc, sections_stand_in_order_and_once);
  tcase_add_test(tc, garbage_at_the_end_is_refused);
  tcase_add_test(tc, a_file_that_is_too_large_is_no_guest);
  tcase_add_test(tc, the_index_fits_into_4_gib_with_the_guest);
  tcase_add_test(tc, the_pack_fits_into_a_section);
  return util_run("bundle", tc);
}
