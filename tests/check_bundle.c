/* check_bundle.c - a guest and a pack become a site.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "bundling.h"

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
  return util_run("bundle", tc);
}
