/* check_wasm.c - numbers, names and sections of the Wasm binary format, and
 * the mark of a guest.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "../cli/publish/mark.h"
#include "../cli/publish/refusal.h"
#include "../cli/publish/wasm.h"

#include "util.h"

static struct wasm_bytes block(const void *bytes, size_t len) {
  edgestatic_slice s = util_bytes(bytes, len);
  return (struct wasm_bytes){(const unsigned char *)s.base, s.len};
}

/* The bytes of a literal, in a block of their own. */
#define BYTES(literal) block((literal), sizeof(literal) - 1)

/* ---- Numbers ---- */

#define U32_IS(literal, value)                                                 \
  do {                                                                         \
    struct wasm_reader reader = wasm_read(BYTES(literal));                     \
    ck_assert_uint_eq(wasm_u32(&reader), (value));                             \
    ck_assert(wasm_done(&reader));                                             \
  } while (0)

#define S32_IS(literal, value)                                                 \
  do {                                                                         \
    struct wasm_reader reader = wasm_read(BYTES(literal));                     \
    ck_assert_int_eq(wasm_s32(&reader), (value));                              \
    ck_assert(wasm_done(&reader));                                             \
  } while (0)

#define S64_IS(literal, value)                                                 \
  do {                                                                         \
    struct wasm_reader reader = wasm_read(BYTES(literal));                     \
    ck_assert_int_eq(wasm_s64(&reader), (value));                              \
    ck_assert(wasm_done(&reader));                                             \
  } while (0)

#define IS_BAD(read, literal)                                                  \
  do {                                                                         \
    struct wasm_reader reader = wasm_read(BYTES(literal));                     \
    ck_assert(read(&reader) == 0);                                             \
    ck_assert(reader.bad);                                                     \
    ck_assert(!wasm_done(&reader));                                            \
  } while (0)

START_TEST(unsigned_numbers_have_seven_bits_a_byte) {
  U32_IS("\0", 0u);
  U32_IS("\x7f", 127u);
  U32_IS("\x80\x01", 128u);
  U32_IS("\xe5\x8e\x26", 624485u);
  U32_IS("\xff\xff\xff\xff\x0f", UINT32_MAX);
}
END_TEST

START_TEST(signed_numbers_extend_the_sign_of_their_last_byte) {
  S32_IS("\0", 0);
  S32_IS("\x3f", 63);
  S32_IS("\x40", -64);
  S32_IS("\x7f", -1);
  S32_IS("\x80\x7f", -128);
  S32_IS("\xc0\0", 64);
  S32_IS("\xff\xff\xff\xff\x07", INT32_MAX);
  S32_IS("\x80\x80\x80\x80\x78", INT32_MIN);
  S64_IS("\x7f", -1);
  S64_IS("\xff\xff\xff\xff\xff\xff\xff\xff\xff\0", INT64_MAX);
  S64_IS("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f", INT64_MIN);
}
END_TEST

START_TEST(padded_numbers_are_read_up_to_the_width) {
  U32_IS("\x83\x80\x80\x80\0", 3u);
  S32_IS("\x83\x80\x80\x80\0", 3);
  S32_IS("\xff\xff\xff\xff\x7f", -1);
  S64_IS("\x83\x80\x80\x80\x80\x80\x80\x80\x80\0", 3);
}
END_TEST

START_TEST(numbers_with_bits_beyond_the_width_are_bad) {
  IS_BAD(wasm_u32, "\xff\xff\xff\xff\x1f");
  IS_BAD(wasm_u32, "\x80\x80\x80\x80\x10");
  IS_BAD(wasm_u32, "\x80\x80\x80\x80\x80\0");
  IS_BAD(wasm_s32, "\xff\xff\xff\xff\x0f");
  IS_BAD(wasm_s32, "\x80\x80\x80\x80\x70");
  IS_BAD(wasm_s32, "\x80\x80\x80\x80\x08");
  IS_BAD(wasm_s32, "\x80\x80\x80\x80\x80\0");
  IS_BAD(wasm_s64, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01");
  IS_BAD(wasm_s64, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7e");
}
END_TEST

START_TEST(numbers_that_are_cut_off_are_bad) {
  IS_BAD(wasm_u32, "");
  IS_BAD(wasm_u32, "\x80");
  IS_BAD(wasm_u32, "\xff\xff\xff\xff");
  IS_BAD(wasm_s32, "\xff\xff");
  IS_BAD(wasm_s64, "\xff\xff\xff\xff\xff\xff\xff\xff\xff");
}
END_TEST

START_TEST(numbers_are_written_as_they_are_read_and_no_longer_than_needed) {
  for (unsigned shift = 0; shift < 32; shift++)
    for (int near = -1; near <= 1; near++) {
      unsigned char bytes[WASM_U32_MAX];
      uint32_t value = (1u << shift) + (uint32_t)near;
      size_t len = wasm_put_u32(bytes, value);
      struct wasm_reader reader = wasm_read(block(bytes, len));
      ck_assert_uint_eq(wasm_u32(&reader), value);
      ck_assert(wasm_done(&reader));
      ck_assert(len == 1 || bytes[len - 1] != 0);

      for (int sign = -1; sign <= 1; sign += 2) {
        int32_t number = (int32_t)((uint32_t)sign * value);
        len = wasm_put_s32(bytes, number);
        reader = wasm_read(block(bytes, len));
        ck_assert_int_eq(wasm_s32(&reader), number);
        ck_assert(wasm_done(&reader));
        if (len > 1) {
          bool negative = bytes[len - 2] & 0x40;
          ck_assert_uint_ne(bytes[len - 1], negative ? 0x7fu : 0u);
        }
      }
    }
}
END_TEST

/* ---- Bytes ---- */

START_TEST(a_length_beyond_the_end_is_bad) {
  struct wasm_reader reader = wasm_read(BYTES("\3ab"));
  ck_assert_uint_eq(wasm_counted(&reader).len, 0);
  ck_assert(reader.bad);
  ck_assert_uint_eq(wasm_byte(&reader), 0);

  reader = wasm_read(BYTES("\xff\xff\xff\xff\x0f"));
  ck_assert_uint_eq(wasm_counted(&reader).len, 0);
  ck_assert(reader.bad);

  reader = wasm_read(BYTES("\2ab"));
  ck_assert(wasm_same(wasm_counted(&reader), "ab"));
  ck_assert(wasm_done(&reader));
}
END_TEST

START_TEST(what_is_left_over_is_not_done) {
  struct wasm_reader reader = wasm_read(BYTES("\1\2"));
  wasm_byte(&reader);
  ck_assert(!wasm_done(&reader));
  ck_assert(!reader.bad);
}
END_TEST

START_TEST(names_are_the_same_with_all_their_bytes) {
  ck_assert(wasm_same(BYTES("name"), "name"));
  ck_assert(!wasm_same(BYTES("nam"), "name"));
  ck_assert(!wasm_same(BYTES("names"), "name"));
  ck_assert(!wasm_same(BYTES("name\0"), "name"));
  ck_assert(wasm_same(BYTES(""), ""));
}
END_TEST

START_TEST(limits_have_a_minimum_and_perhaps_a_maximum) {
  struct wasm_reader reader = wasm_read(BYTES("\0\2\1\2\x80\1"));
  struct wasm_limits limits = wasm_limits(&reader);
  ck_assert_uint_eq(limits.flags, 0);
  ck_assert_uint_eq(limits.min, 2);
  limits = wasm_limits(&reader);
  ck_assert_uint_eq(limits.flags, WASM_LIMITS_MAX);
  ck_assert_uint_eq(limits.min, 2);
  ck_assert_uint_eq(limits.max, 128);
  ck_assert(wasm_done(&reader));
  reader = wasm_read(BYTES("\4\2"));
  wasm_limits(&reader);
  ck_assert(reader.bad);
}
END_TEST

START_TEST(constants_are_one_instruction) {
  struct wasm_reader reader = wasm_read(BYTES("\x41\x7f\x0b"
                                              "\x42\x80\x01\x0b"
                                              "\x43\1\2\3\4\x0b"
                                              "\x44\1\2\3\4\5\6\7\x08\x0b"
                                              "\x23\5\x0b"));
  struct wasm_constant constant = wasm_constant(&reader);
  ck_assert(constant.is_i32);
  ck_assert_int_eq(constant.value, -1);
  for (int i = 0; i < 4; i++)
    ck_assert(!wasm_constant(&reader).is_i32);
  ck_assert(wasm_done(&reader));

  reader = wasm_read(BYTES("\x41\1\x41\2\x6a\x0b")); /* i32.add */
  wasm_constant(&reader);
  ck_assert(reader.bad);
  reader = wasm_read(BYTES("\xd2\0\x0b")); /* ref.func */
  wasm_constant(&reader);
  ck_assert(reader.bad);
}
END_TEST

/* ---- Sections ---- */

#define MODULE "\0asm\1\0\0\0"
#define COMPONENT "\0asm\r\0\1\0"

START_TEST(layers_are_told_by_the_preamble) {
  ck_assert(wasm_is_module(BYTES(MODULE)));
  ck_assert(!wasm_is_component(BYTES(MODULE)));
  ck_assert(wasm_is_component(BYTES(COMPONENT)));
  ck_assert(!wasm_is_module(BYTES(COMPONENT)));
  ck_assert(!wasm_is_module(BYTES("\0asm\2\0\0\0")));
  ck_assert(!wasm_is_component(BYTES("\0asm\x0c\0\1\0")));
  ck_assert(!wasm_is_module(BYTES("\0asm\1\0\0")));
  ck_assert(!wasm_is_module(BYTES("")));
}
END_TEST

START_TEST(sections_come_one_after_another) {
  struct wasm_bytes bytes = BYTES(MODULE "\1\3abc\x80\0\0\1z");
  struct wasm_reader reader = wasm_sections(bytes);
  struct wasm_section section;
  ck_assert(wasm_section(&reader, &section));
  ck_assert_uint_eq(section.id, 1);
  ck_assert_ptr_eq(section.whole.base, bytes.base + 8);
  ck_assert_uint_eq(section.whole.len, 5);
  ck_assert(wasm_same(section.content, "abc"));
  ck_assert(wasm_section(&reader, &section));
  ck_assert_uint_eq(section.id, 0x80);
  ck_assert_uint_eq(section.content.len, 0);
  ck_assert(wasm_section(&reader, &section));
  ck_assert_uint_eq(section.id, WASM_CUSTOM);
  ck_assert(!wasm_section(&reader, &section));
  ck_assert(wasm_done(&reader));
}
END_TEST

START_TEST(a_section_that_is_cut_off_ends_them) {
  struct wasm_section section;
  struct wasm_reader reader = wasm_sections(BYTES(MODULE "\1\3ab"));
  ck_assert(!wasm_section(&reader, &section));
  ck_assert(reader.bad);
  reader = wasm_sections(BYTES(MODULE "\1"));
  ck_assert(!wasm_section(&reader, &section));
  ck_assert(reader.bad);
}
END_TEST

START_TEST(the_order_is_the_specifications) {
  static const unsigned char order[] = {
      WASM_TYPE,       WASM_IMPORT, WASM_FUNCTION, WASM_TABLE, WASM_MEMORY,
      WASM_TAG,        WASM_GLOBAL, WASM_EXPORT,   WASM_START, WASM_ELEMENT,
      WASM_DATA_COUNT, WASM_CODE,   WASM_DATA,
  };
  for (size_t i = 0; i < sizeof order; i++)
    ck_assert_int_eq(wasm_section_order(order[i]), (int)i + 1);
  ck_assert_int_eq(wasm_section_order(WASM_CUSTOM), 0);
  ck_assert_int_eq(wasm_section_order(WASM_SECTIONS), 0);
  ck_assert_int_eq(wasm_section_order(255), 0);
}
END_TEST

/* ---- The mark ---- */

/* A module with a custom section and the mark of a guest. */
static struct wasm_bytes guest(const char *flavour) {
  static const unsigned char module[] = MODULE "\0\5\4name";
  unsigned char bytes[sizeof module - 1 + MARK_SIZE_MAX];
  size_t len = sizeof module - 1;
  memcpy(bytes, module, len);
  size_t mark_len =
      mark_guest(bytes + len, flavour, (struct wasm_bytes){module, len});
  ck_assert_uint_gt(mark_len, 0);
  return block(bytes, len + mark_len);
}

static int read_mark(struct wasm_bytes bytes) {
  struct mark mark;
  return mark_read(bytes, &mark);
}

START_TEST(a_mark_is_read_as_it_was_written) {
  struct mark mark;
  struct wasm_bytes bytes = guest("wasi-http-p3");
  ck_assert_int_eq(mark_read(bytes, &mark), REFUSAL_NONE);
  ck_assert_str_eq(mark.flavour, "wasi-http-p3");
  ck_assert_uint_eq(mark.offset, 15);
}
END_TEST

START_TEST(a_mark_is_a_custom_section_of_one_line) {
  unsigned char bytes[MARK_SIZE_MAX];
  static const char wanted[] = "\0\x29\x0a"
                               "edgestatic"
                               "site cgi 1 0123456789abcdef\n";
  size_t len = mark_site(bytes, "cgi", 0x0123456789abcdef);
  ck_assert_uint_eq(bytes[1], len - 2);
  ck_assert_uint_eq(len, sizeof wanted - 1);
  ck_assert_mem_eq(bytes + 2, wanted + 2, len - 2);
}
END_TEST

START_TEST(the_longest_mark_has_room) {
  unsigned char *bytes = util_alloc(MARK_SIZE_MAX);
  char name[MARK_FLAVOUR_MAX + 1];
  memset(name, 'a', sizeof name);
  name[MARK_FLAVOUR_MAX] = '\0';
  ck_assert_uint_eq(mark_site(bytes, name, 0), 0);
  name[MARK_FLAVOUR_MAX - 1] = '\0';
  ck_assert_uint_le(mark_site(bytes, name, UINT64_MAX), MARK_SIZE_MAX);
  struct mark mark;
  ck_assert_int_eq(mark_read(guest(name), &mark), REFUSAL_NONE);
  ck_assert_str_eq(mark.flavour, name);
}
END_TEST

START_TEST(flavours_are_plain_words) {
  unsigned char bytes[MARK_SIZE_MAX];
  ck_assert_uint_eq(mark_site(bytes, "", 0), 0);
  ck_assert_uint_eq(mark_site(bytes, "a b", 0), 0);
  ck_assert_uint_eq(mark_site(bytes, "a\n", 0), 0);
  ck_assert_uint_eq(mark_site(bytes, "../a", 0), 0);
  ck_assert_uint_eq(mark_site(bytes, "CGI", 0), 0);
}
END_TEST

START_TEST(what_has_no_mark_is_foreign) {
  ck_assert_int_eq(read_mark(BYTES("")), REFUSAL_FOREIGN);
  ck_assert_int_eq(read_mark(BYTES("#!/bin/sh\nexit 0\n")), REFUSAL_FOREIGN);
  ck_assert_int_eq(read_mark(BYTES(MODULE)), REFUSAL_FOREIGN);
  ck_assert_int_eq(read_mark(BYTES(COMPONENT)), REFUSAL_FOREIGN);
  ck_assert_int_eq(read_mark(BYTES(MODULE "\0\5\4name")), REFUSAL_FOREIGN);
  ck_assert_int_eq(read_mark(BYTES(MODULE "\0\0")), REFUSAL_FOREIGN);
  ck_assert_int_eq(read_mark(BYTES(MODULE "\0\x0b\x0a"
                                          "edgestatic")),
                   REFUSAL_FOREIGN);
}
END_TEST

START_TEST(a_mark_that_is_not_the_last_section_is_none) {
  struct wasm_bytes good = guest("cgi");
  unsigned char *longer = util_alloc(good.len + 2);
  memcpy(longer, good.base, good.len);
  memset(longer + good.len, 0, 2);
  struct wasm_bytes bytes = {longer, good.len + 2};
  ck_assert_int_eq(read_mark(bytes), REFUSAL_FOREIGN);
}
END_TEST

START_TEST(a_published_site_is_no_guest) {
  unsigned char bytes[8 + MARK_SIZE_MAX] = MODULE;
  size_t len = 8 + mark_site(bytes + 8, "cgi", 1);
  ck_assert_int_eq(read_mark(block(bytes, len)), REFUSAL_SITE);
}
END_TEST

START_TEST(a_guest_of_another_abi_says_so_whatever_follows) {
  ck_assert_int_eq(read_mark(BYTES(MODULE "\0\x17\x0a"
                                          "edgestaticguest cgi 2 ")),
                   REFUSAL_ABI);
  ck_assert_int_eq(read_mark(BYTES(MODULE "\0\x18\x0a"
                                          "edgestaticguest cgi 11 ")),
                   REFUSAL_ABI);
}
END_TEST

START_TEST(a_guest_that_was_changed_or_cut_anywhere_is_refused) {
  struct wasm_bytes good = guest("cgi");
  for (size_t i = 0; i < good.len; i++) {
    unsigned char *changed = util_alloc(good.len);
    memcpy(changed, good.base, good.len);
    for (unsigned bit = 0; bit < 8; bit++) {
      changed[i] = (unsigned char)(good.base[i] ^ 1u << bit);
      struct wasm_bytes bytes = {changed, good.len};
      struct mark mark;
      /* The flavour is outside of the checksum; who asked for one sees. */
      ck_assert_msg(mark_read(bytes, &mark) != REFUSAL_NONE ||
                        strcmp(mark.flavour, "cgi") != 0,
                    "bit %u of byte %zu", bit, i);
    }
    ck_assert_int_ne(read_mark(block(good.base, i)), REFUSAL_NONE);
  }
  struct wasm_bytes bytes = block(good.base, good.len);
  ((unsigned char *)bytes.base)[12] ^= 1; /* in the name section */
  ck_assert_int_eq(read_mark(bytes), REFUSAL_DAMAGED);
}
END_TEST

START_TEST(every_refusal_has_a_text) {
  for (int i = 0; i < REFUSAL_COUNT; i++)
    ck_assert_uint_gt(strlen(refusal_text(i)), 0);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("wasm");
  tcase_add_test(tc, unsigned_numbers_have_seven_bits_a_byte);
  tcase_add_test(tc, signed_numbers_extend_the_sign_of_their_last_byte);
  tcase_add_test(tc, padded_numbers_are_read_up_to_the_width);
  tcase_add_test(tc, numbers_with_bits_beyond_the_width_are_bad);
  tcase_add_test(tc, numbers_that_are_cut_off_are_bad);
  tcase_add_test(
      tc, numbers_are_written_as_they_are_read_and_no_longer_than_needed);
  tcase_add_test(tc, a_length_beyond_the_end_is_bad);
  tcase_add_test(tc, what_is_left_over_is_not_done);
  tcase_add_test(tc, names_are_the_same_with_all_their_bytes);
  tcase_add_test(tc, limits_have_a_minimum_and_perhaps_a_maximum);
  tcase_add_test(tc, constants_are_one_instruction);
  tcase_add_test(tc, layers_are_told_by_the_preamble);
  tcase_add_test(tc, sections_come_one_after_another);
  tcase_add_test(tc, a_section_that_is_cut_off_ends_them);
  tcase_add_test(tc, the_order_is_the_specifications);
  tcase_add_test(tc, a_mark_is_read_as_it_was_written);
  tcase_add_test(tc, a_mark_is_a_custom_section_of_one_line);
  tcase_add_test(tc, the_longest_mark_has_room);
  tcase_add_test(tc, flavours_are_plain_words);
  tcase_add_test(tc, what_has_no_mark_is_foreign);
  tcase_add_test(tc, a_mark_that_is_not_the_last_section_is_none);
  tcase_add_test(tc, a_published_site_is_no_guest);
  tcase_add_test(tc, a_guest_of_another_abi_says_so_whatever_follows);
  tcase_add_test(tc, a_guest_that_was_changed_or_cut_anywhere_is_refused);
  tcase_add_test(tc, every_refusal_has_a_text);
  return util_run("wasm", tc);
}
