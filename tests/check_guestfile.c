/* check_guestfile.c - finding and reading the guest of a flavour, and what is
 * told when that fails.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "../cli/publish/guestfile.h"

#include "tempdir.h"
#include "told.h"
#include "util.h"
#include "wasmguest.h"

static void setup(void) {
  tempdir_make();
  told_reset();
  wasmguest_good();
}

static void write_guest(const char *name, const char *flavour) {
  static struct wasmguest_out out;
  wasmguest_module(&out);
  wasmguest_mark(&out, flavour);
  tempdir_bytes(name, out.bytes, out.len);
}

static void refused(const char *flavour, const char *words) {
  struct guestfile file;
  ck_assert_int_eq(guestfile_open(&file, flavour, tempdir), -1);
  ck_told(words);
  ck_assert_ptr_null(file.bytes);
  ck_assert_ptr_null(file.name);
}

/* ---- Tests ---- */

START_TEST(the_guest_of_a_flavour_is_read_and_checked) {
  write_guest("cgi.wasm", "cgi");
  struct guestfile file;
  ck_assert_int_eq(guestfile_open(&file, "cgi", tempdir), 0);
  ck_assert_str_eq(file.guest.mark.flavour, "cgi");
  ck_assert_uint_eq(file.guest.module.slot, WASMGUEST_SLOT);
  ck_assert_ptr_eq(file.guest.bytes.base, file.bytes);
  ck_assert_str_eq(told, "");
  guestfile_close(&file);
}
END_TEST

START_TEST(a_guest_that_is_not_there_is_named_with_what_to_do) {
  refused("fastly", "fastly.wasm: No such file");
  ck_assert_ptr_nonnull(strstr(hinted, "--guests"));
}
END_TEST

START_TEST(without_a_folder_the_installed_one_is_looked_into) {
  struct guestfile file;
  ck_assert_int_eq(guestfile_open(&file, "cgi", NULL), -1);
  ck_assert_ptr_nonnull(strstr(told, EDGESTATIC_GUESTDIR "/cgi.wasm"));
}
END_TEST

START_TEST(a_folder_is_no_guest) {
  tempdir_folders("cgi.wasm/file");
  refused("cgi", "Is a directory");
}
END_TEST

START_TEST(a_guest_under_another_name_is_refused) {
  write_guest("fastly.wasm", "cgi");
  refused("fastly", "fastly.wasm: a guest for cgi, not for fastly");
}
END_TEST

START_TEST(another_file_is_refused) {
  tempdir_file("cgi.wasm", "");
  refused("cgi", "cgi.wasm: not an edgestatic guest");
  told_reset();
  tempdir_file("cgi.wasm", "<!doctype html>\n");
  refused("cgi", "cgi.wasm: not an edgestatic guest");
}
END_TEST

START_TEST(a_guest_without_its_exports_is_refused) {
  wasmguest_part[WASM_EXPORT].len = 0;
  write_guest("cgi.wasm", "cgi");
  refused("cgi", "cgi.wasm: exports no edgestatic_slot");
}
END_TEST

/* A guest of so many bytes: a custom section fills it up. */
static void write_guest_of(size_t len) {
  static unsigned char zeros[300000];
  static struct wasmguest_out module;
  unsigned char mark[MARK_SIZE_MAX];
  wasmguest_module(&module);
  unsigned char *file = util_alloc(len);
  size_t n = module.len;
  memcpy(file, module.bytes, n);
  file[n++] = WASM_CUSTOM;
  size_t mark_len = mark_guest(mark, "cgi", (struct wasm_bytes){file, n});
  size_t content = len - n - 3 - mark_len;
  ck_assert_uint_eq(wasm_put_u32(file + n, (uint32_t)content), 3);
  n += 3;
  memcpy(file + n, zeros, content);
  n += content;
  mark_guest(mark, "cgi", (struct wasm_bytes){file, n});
  memcpy(file + n, mark, mark_len);
  ck_assert_uint_eq(n + mark_len, len);
  tempdir_bytes("cgi.wasm", file, len);
}

/* Sizes about those of the blocks in which it is read. */
START_TEST(guests_of_any_size_are_read_whole) {
  static const size_t sizes[] = {65535,  65536,  65537, 131071,
                                 131072, 131073, 262144};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    write_guest_of(sizes[i]);
    struct guestfile file;
    ck_assert_int_eq(guestfile_open(&file, "cgi", tempdir), 0);
    ck_assert_uint_eq(file.guest.bytes.len, sizes[i]);
    guestfile_close(&file);
  }
}
END_TEST

START_TEST(a_file_without_end_is_not_read) {
  tempdir_link("/dev/zero", "cgi.wasm");
  refused("cgi", "cgi.wasm: larger than any guest");
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("guestfile");
  tcase_add_checked_fixture(tc, setup, tempdir_remove);
  tcase_add_test(tc, the_guest_of_a_flavour_is_read_and_checked);
  tcase_add_test(tc, a_guest_that_is_not_there_is_named_with_what_to_do);
  tcase_add_test(tc, without_a_folder_the_installed_one_is_looked_into);
  tcase_add_test(tc, a_folder_is_no_guest);
  tcase_add_test(tc, a_guest_under_another_name_is_refused);
  tcase_add_test(tc, another_file_is_refused);
  tcase_add_test(tc, a_guest_without_its_exports_is_refused);
  tcase_add_test(tc, guests_of_any_size_are_read_whole);
  tcase_add_test(tc, a_file_without_end_is_not_read);
  return util_run("guestfile", tc);
}
