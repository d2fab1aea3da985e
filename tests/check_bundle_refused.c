/* check_bundle_refused.c - guests and packs of which no site is made.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "bundling.h"

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
  TCase *tc = tcase_create("bundle_refused");
  tcase_add_checked_fixture(tc, setup, NULL);
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
  return util_run("bundle_refused", tc);
}
