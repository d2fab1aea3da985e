/* check_tarball.c - archives in memory: cli/publish/tarball.c, pieces.c.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/publish/tarball.h"

#include "util.h"

#include <archive.h>
#include <archive_entry.h>
#include <libdeflate.h>

/* A file of three blocks of memory, each of exactly its size. */
static struct pieces in_three(const char *a, const char *b, const char *c) {
  struct pieces content = {0};
  const char *part[] = {a, b, c};
  for (int i = 0; i < 3; i++) {
    edgestatic_slice text = util_text(part[i]);
    pieces_add(&content, text.base, text.len);
  }
  return content;
}

static struct archive *reader(const void *bytes, size_t len) {
  struct archive *archive = archive_read_new();
  ck_assert_int_eq(archive_read_support_format_tar(archive), ARCHIVE_OK);
  ck_assert_int_eq(archive_read_open_memory(archive, bytes, len), ARCHIVE_OK);
  return archive;
}

static void ck_next(struct archive *archive, const char *name, unsigned mode,
                    const char *content) {
  struct archive_entry *entry;
  ck_assert_int_eq(archive_read_next_header(archive, &entry), ARCHIVE_OK);
  ck_assert_str_eq(archive_entry_pathname(entry), name);
  ck_assert_uint_eq(archive_entry_perm(entry), mode);
  ck_assert_int_eq(archive_entry_uid(entry), 0);
  ck_assert_int_eq(archive_entry_gid(entry), 0);
  ck_assert_int_eq(archive_entry_mtime(entry), 1000000000);
  char bytes[2000] = "";
  la_ssize_t n = archive_read_data(archive, bytes, sizeof bytes - 1);
  ck_assert_int_eq(n, (la_ssize_t)strlen(content));
  ck_assert_str_eq(bytes, content);
}

START_TEST(an_archive_holds_its_files_in_order) {
  struct pieces a = in_three("one", " and ", "two"), b = {0};
  const struct tarball_entry entry[] = {{"s/a.txt", &a, 0644},
                                        {"s/bin/b", &b, 0755}};
  unsigned char *bytes;
  size_t len;
  ck_assert_int_eq(tarball_make(entry, 2, 1000000000, &bytes, &len), 0);
  ck_assert_uint_eq(len, 512 + 512 + 512 + 1024);
  struct archive *archive = reader(bytes, len);
  ck_next(archive, "s/a.txt", 0644, "one and two");
  ck_next(archive, "s/bin/b", 0755, "");
  struct archive_entry *end;
  ck_assert_int_eq(archive_read_next_header(archive, &end), ARCHIVE_EOF);
  archive_read_free(archive);
  free(bytes);
  pieces_free(&a);
}
END_TEST

START_TEST(the_pieces_of_a_file_do_not_matter) {
  struct pieces a = in_three("abc", "def", "g"),
                b = in_three("a", "", "bcdefg");
  const struct tarball_entry one = {"x", &a, 0644}, two = {"x", &b, 0644};
  unsigned char *x, *y;
  size_t x_len, y_len;
  ck_assert_int_eq(tarball_make(&one, 1, 0, &x, &x_len), 0);
  ck_assert_int_eq(tarball_make(&two, 1, 0, &y, &y_len), 0);
  ck_assert_uint_eq(x_len, y_len);
  ck_assert_int_eq(memcmp(x, y, x_len), 0);
  free(x);
  free(y);
  pieces_free(&a);
  pieces_free(&b);
}
END_TEST

START_TEST(a_file_of_whole_blocks_gets_no_padding) {
  char block[1025];
  memset(block, 'x', 1024);
  block[1024] = '\0';
  struct pieces a = in_three(block, "", "");
  const struct tarball_entry entry = {"x", &a, 0644};
  unsigned char *bytes;
  size_t len;
  ck_assert_int_eq(tarball_make(&entry, 1, 1000000000, &bytes, &len), 0);
  ck_assert_uint_eq(len, 512 + 1024 + 1024);
  struct archive *archive = reader(bytes, len);
  ck_next(archive, "x", 0644, block);
  archive_read_free(archive);
  free(bytes);
  pieces_free(&a);
}
END_TEST

START_TEST(a_list_that_found_no_memory_makes_no_archive) {
  struct pieces a = in_three("a", "b", "c");
  a.failed = true;
  const struct tarball_entry entry = {"x", &a, 0644};
  unsigned char *bytes;
  size_t len;
  ck_assert_int_eq(tarball_make(&entry, 1, 0, &bytes, &len), -1);
  ck_assert_ptr_null(bytes);
  pieces_free(&a);
}
END_TEST

START_TEST(gzip_of_nothing_and_of_something_is_read_back) {
  edgestatic_slice text[] = {util_text(""), util_text("edge edge edge edge")};
  for (int i = 0; i < 2; i++) {
    unsigned char *gzip;
    size_t len, actual = 0;
    char back[64];
    ck_assert_int_eq(tarball_gzip(text[i].base, text[i].len, &gzip, &len), 0);
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    ck_assert_int_eq(
        libdeflate_gzip_decompress(d, gzip, len, back, sizeof back, &actual),
        LIBDEFLATE_SUCCESS);
    ck_assert_uint_eq(actual, text[i].len);
    ck_assert_int_eq(memcmp(back, text[i].base, actual), 0);
    libdeflate_free_decompressor(d);
    free(gzip);
  }
}
END_TEST

START_TEST(pieces_hash_as_one_block_does) {
  struct pieces a = in_three("abc", "def", "g"),
                b = in_three("a", "", "bcdefg");
  unsigned char x[PIECES_HASH_SIZE], y[PIECES_HASH_SIZE];
  pieces_hash(&a, x);
  pieces_hash(&b, y);
  ck_assert_int_eq(memcmp(x, y, sizeof x), 0);
  pieces_add(&b, "!", 1);
  pieces_hash(&b, y);
  ck_assert_int_ne(memcmp(x, y, sizeof x), 0);
  pieces_free(&a);
  pieces_free(&b);
}
END_TEST

START_TEST(an_appended_list_borrows_and_keeps_its_failure) {
  struct pieces a = {0}, b = {0};
  pieces_print(&a, "%d-%s", 7, "x");
  pieces_append(&b, &a);
  ck_assert_uint_eq(b.size, 3);
  ck_assert_uint_eq(b.owned_count, 0);
  char text[3];
  pieces_copy(&b, text);
  ck_assert_int_eq(memcmp(text, "7-x", 3), 0);
  a.failed = true;
  pieces_append(&b, &a);
  ck_assert(b.failed);
  pieces_free(&b);
  pieces_free(&a);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("tarball");
  tcase_add_test(tc, an_archive_holds_its_files_in_order);
  tcase_add_test(tc, the_pieces_of_a_file_do_not_matter);
  tcase_add_test(tc, a_file_of_whole_blocks_gets_no_padding);
  tcase_add_test(tc, a_list_that_found_no_memory_makes_no_archive);
  tcase_add_test(tc, gzip_of_nothing_and_of_something_is_read_back);
  tcase_add_test(tc, pieces_hash_as_one_block_does);
  tcase_add_test(tc, an_appended_list_borrows_and_keeps_its_failure);
  return util_run("tarball", tc);
}
