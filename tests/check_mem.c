/* check_mem.c - mem, report and utf8.
 * SPDX-License-Identifier: MIT */
#include "build/mem.h"
#include "build/report.h"
#include "build/utf8.h"

#include "memtest.h"
#include "messages.h"
#include "util.h"

#include <errno.h>
#include <stdint.h>

START_TEST(sums_and_products_that_do_not_fit_are_refused) {
  size_t n;
  ck_assert(mem_add(SIZE_MAX - 1, 1, &n));
  ck_assert(n == SIZE_MAX);
  ck_assert(!mem_add(SIZE_MAX, 1, &n));
  ck_assert(mem_multiply(SIZE_MAX / 2, 2, &n));
  ck_assert(!mem_multiply(SIZE_MAX / 2 + 1, 2, &n));
  ck_assert(mem_multiply(SIZE_MAX, 0, &n));
  ck_assert(n == 0);
  const edgestatic_allocator allocator = {NULL, NULL};
  ck_assert_ptr_null(mem_new(&allocator, SIZE_MAX / 2, 4));
  size_t room = 0;
  ck_assert_ptr_null(mem_grow(&allocator, NULL, &room, SIZE_MAX, 1));
  ck_assert_ptr_null(mem_grow(&allocator, NULL, &room, SIZE_MAX / 8, 32));
  ck_assert(room == 0);
}
END_TEST

static int use_everything(const edgestatic_allocator *a, void *arg) {
  (void)arg;
  int error = EDGESTATIC_ERR_MEMORY;
  size_t room = 0;
  int *array = NULL;
  char *copy = NULL;
  struct mem_arena arena = {.allocator = a};
  for (size_t i = 0; i < 100; i++) {
    int *grown = mem_grow(a, array, &room, i + 1, sizeof *array);
    if (grown == NULL)
      goto out;
    array = grown;
    array[i] = (int)i;
  }
  for (int i = 0; i < 100; i++)
    ck_assert_int_eq(array[i], i);
  copy = mem_copy(a, LIT("text"));
  if (copy == NULL)
    goto out;
  ck_assert_str_eq(copy, "text");
  slice first = mem_arena_copy(&arena, LIT("a"));
  if (first.base == NULL)
    goto out;
  for (size_t len = 1; len < 200000; len *= 3) {
    char *p = mem_arena_take(&arena, len);
    if (p == NULL)
      goto out;
    memset(p, 'x', len);
  }
  ck_assert_slice_eq(first, "a");
  error = EDGESTATIC_OK;
out:
  mem_free(a, array, room * sizeof *array);
  mem_free(a, copy, 5);
  mem_arena_free(&arena);
  return error;
}

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  memtest_fail_each(use_everything, NULL);
}
END_TEST

START_TEST(without_a_hook_memory_is_mallocs) {
  const edgestatic_allocator allocator = {NULL, NULL};
  ck_assert_int_eq(use_everything(&allocator, NULL), EDGESTATIC_OK);
}
END_TEST

static bool valid(const char *bytes, size_t len) {
  bool is = utf8_valid(util_bytes(bytes, len));
  util_free_all();
  return is;
}

#define VALID(s) valid((s), sizeof(s) - 1)

START_TEST(utf8_is_that_of_rfc_3629) {
  ck_assert(VALID(""));
  ck_assert(VALID("plain text of more than eight bytes"));
  ck_assert(VALID("caf\xc3\xa9 au lait, s'il vous pla\xc3\xaet"));
  ck_assert(!VALID("caf\xc3\xa9 au lait, s'il vous pla\xee"));
  ck_assert(VALID("\x7f\xc2\x80\xdf\xbf"));
  ck_assert(VALID("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"));
  ck_assert(VALID("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
  /* Overlong forms. */
  ck_assert(!VALID("\xc0\x80"));
  ck_assert(!VALID("\xc1\xbf"));
  ck_assert(!VALID("\xe0\x9f\xbf"));
  ck_assert(!VALID("\xf0\x8f\xbf\xbf"));
  /* Surrogates, and what is above U+10FFFF. */
  ck_assert(!VALID("\xed\xa0\x80"));
  ck_assert(!VALID("\xf4\x90\x80\x80"));
  ck_assert(!VALID("\xf5\x80\x80\x80"));
  ck_assert(!VALID("\xff\xfe"));
  /* A sequence without its end or its begin. */
  ck_assert(!VALID("12345678\xe4"));
  ck_assert(!VALID("\xe4\xbd"));
  ck_assert(!VALID("\xf0\x9f\x98"));
  ck_assert(!VALID("\x80"));
  ck_assert(!VALID("\xe4\xbd\x41"));
  ck_assert(!VALID("caf\xe9 au lait, in Latin-1"));
}
END_TEST

START_TEST(utf8_agrees_with_its_definition_for_all_of_two_bytes) {
  for (unsigned a = 0; a < 256; a++)
    for (unsigned b = 0; b < 256; b++) {
      const char bytes[2] = {(char)a, (char)b};
      bool is = (a < 0x80 && b < 0x80) ||
                (a >= 0xc2 && a < 0xe0 && b >= 0x80 && b < 0xc0);
      ck_assert_int_eq(valid(bytes, 2), is);
    }
}
END_TEST

START_TEST(control_characters_are_c0_del_and_c1) {
  ck_assert(!utf8_has_control(LIT("caf\xc3\xa9 \xc2\xa0")));
  ck_assert(utf8_has_control(LIT("a\nb")));
  ck_assert(utf8_has_control(LIT("\x7f")));
  ck_assert(utf8_has_control(LIT("\xc2\x9b")));
  /* Half a sequence at the end is for utf8_valid to refuse. */
  ck_assert(!utf8_has_control(util_text("a\xc2")));
}
END_TEST

START_TEST(a_message_is_one_printable_line) {
  struct messages m = {0};
  edgestatic_builder_options o = EDGESTATIC_BUILDER_OPTIONS_INIT;
  o.message = messages_keep;
  o.message_ctx = &m;
  errno = EPERM;
  report(&o, EDGESTATIC_WARNING, "a\x1b[2J.html", 7, "%s\n%d", "caf\xe9", 42);
  ck_assert_int_eq(errno, EPERM);
  ck_assert_uint_eq(m.count, 1);
  ck_assert_int_eq(m.severity, EDGESTATIC_WARNING);
  ck_assert_uint_eq(m.line, 7);
  ck_assert_str_eq(m.file, "a\\x1b[2J.html");
  ck_assert_str_eq(m.text, "caf\\xe9\\x0a42");
  ck_assert_int_eq(report_error(&o, EDGESTATIC_ERR_IO, NULL, 0, "x"),
                   EDGESTATIC_ERR_IO);
  ck_assert_int_eq(m.severity, EDGESTATIC_ERROR);
}
END_TEST

START_TEST(a_message_that_is_too_long_is_cut) {
  struct messages m = {0};
  edgestatic_builder_options o = EDGESTATIC_BUILDER_OPTIONS_INIT;
  o.message = messages_keep;
  o.message_ctx = &m;
  for (size_t len = REPORT_MAX - 20; len < REPORT_MAX + 20; len++)
    for (int c = 'a'; c != 0; c = c == 'a' ? '\x01' : 0) {
      char text[REPORT_MAX + 20];
      memset(text, c, len);
      text[len] = 0;
      report(&o, EDGESTATIC_NOTE, text, 0, "%s", text);
      ck_assert_str_eq(m.text, m.file);
      size_t said = strlen(m.text);
      ck_assert_uint_lt(said, REPORT_MAX);
      bool whole = c == 'a' && said == len;
      ck_assert(whole || strcmp(m.text + said - 3, "...") == 0);
    }
}
END_TEST

START_TEST(without_a_callback_nothing_is_told) {
  const edgestatic_builder_options o = EDGESTATIC_BUILDER_OPTIONS_INIT;
  report(&o, EDGESTATIC_ERROR, NULL, 0, "%d", 1);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("mem");
  tcase_add_test(c, sums_and_products_that_do_not_fit_are_refused);
  tcase_add_test(c, each_failing_allocation_is_an_error_without_a_leak);
  tcase_add_test(c, without_a_hook_memory_is_mallocs);
  tcase_add_test(c, utf8_is_that_of_rfc_3629);
  tcase_add_test(c, utf8_agrees_with_its_definition_for_all_of_two_bytes);
  tcase_add_test(c, control_characters_are_c0_del_and_c1);
  tcase_add_test(c, a_message_is_one_printable_line);
  tcase_add_test(c, a_message_that_is_too_long_is_cut);
  tcase_add_test(c, without_a_callback_nothing_is_told);
  return util_run("mem", c);
}
