/* check_readfile.c - reading a file whole, and not while it changes.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/readfile.h"

#include "memtest.h"
#include "messages.h"
#include "tempdir.h"
#include "util.h"

#include <pthread.h>

static int root;
static const edgestatic_allocator plain;

static void setup(void) {
  tempdir_make();
  root = open(tempdir, O_RDONLY | O_DIRECTORY);
  ck_assert_int_ge(root, 0);
}

static void teardown(void) {
  close(root);
  tempdir_remove();
}

START_TEST(a_file_is_read_whole_with_its_time) {
  char bytes[100000];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (char)(i * 7);
  tempdir_bytes("a/b/c", bytes, sizeof bytes);
  tempdir_file("empty", "");
  const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1700000000}};
  ck_assert_int_eq(utimensat(AT_FDCWD, tempdir_path("a/b/c"), times, 0), 0);
  struct readfile file = {.allocator = &plain};
  ck_assert_int_eq(readfile(&file, root, LIT("a/b/c")), EDGESTATIC_OK);
  ck_assert_uint_eq(file.size, sizeof bytes);
  ck_assert_mem_eq(file.bytes, bytes, sizeof bytes);
  ck_assert_int_eq(file.bytes[file.size], 0);
  ck_assert_int_eq(file.mtime, 1700000000);
  ck_assert_int_eq(readfile(&file, root, LIT("empty")), EDGESTATIC_OK);
  ck_assert_uint_eq(file.size, 0);
  ck_assert_int_eq(file.bytes[0], 0);
  ck_assert_uint_gt(file.room, sizeof bytes); /* the buffer is kept */
  readfile_free(&file);
  ck_assert_ptr_null(file.bytes);
}
END_TEST

static void fails(const char *path, int error, int reason) {
  struct readfile file = {.allocator = &plain};
  ck_assert_int_eq(readfile(&file, root, util_text(path)), error);
  ck_assert_int_eq(file.reason, reason);
  ck_assert_uint_eq(file.size, 0);
  readfile_free(&file);
}

START_TEST(a_file_that_is_gone_is_an_error) {
  fails("missing", EDGESTATIC_ERR_IO, ENOENT);
  fails("missing/a", EDGESTATIC_ERR_IO, ENOENT);
}
END_TEST

START_TEST(an_unreadable_file_is_an_error) {
  tempdir_file("secret", "x");
  ck_assert_int_eq(chmod(tempdir_path("secret"), 0), 0);
  tempdir_drop_root();
  fails("secret", EDGESTATIC_ERR_IO, EACCES);
  tempdir_back_to_root();
}
END_TEST

START_TEST(no_link_is_followed_at_the_end_or_on_the_way) {
  tempdir_file("real/a", "x");
  tempdir_link("real/a", "file");
  tempdir_link("real", "folder");
  tempdir_link("/etc", "etc");
  fails("file", EDGESTATIC_ERR_IO, ELOOP);
  fails("folder/a", EDGESTATIC_ERR_IO, ENOTDIR);
  fails("etc/passwd", EDGESTATIC_ERR_IO, ENOTDIR);
}
END_TEST

START_TEST(what_became_something_else_is_an_error_without_waiting) {
  ck_assert_int_eq(mkfifo(tempdir_path("pipe"), 0644), 0);
  tempdir_file("folder/a", "x");
  fails("pipe", EDGESTATIC_ERR_INPUT, 0);
  fails("folder", EDGESTATIC_ERR_INPUT, 0);
  fails("", EDGESTATIC_ERR_INPUT, 0);
}
END_TEST

START_TEST(a_path_that_is_too_long_is_an_error) {
  char path[EDGESTATIC_PATH_MAX + 2];
  memset(path, 'a', sizeof path);
  path[sizeof path - 1] = 0;
  fails(path, EDGESTATIC_ERR_IO, ENAMETOOLONG);
}
END_TEST

struct writer {
  int fd;
  int stop; /* by __atomic builtins: the tests are compiled as C11 */
};

static void *keep_writing(void *arg) {
  struct writer *writer = arg;
  char c = 0;
  while (!__atomic_load_n(&writer->stop, __ATOMIC_ACQUIRE))
    if (pwrite(writer->fd, &c, 1, c++ & 7) != 1)
      abort();
  return NULL;
}

START_TEST(a_file_that_changes_while_it_is_read_is_an_error) {
  size_t len = 8 << 20;
  char *bytes = util_alloc(len);
  memset(bytes, 'x', len);
  tempdir_bytes("a", bytes, len);
  struct writer writer = {open(tempdir_path("a"), O_WRONLY), 0};
  ck_assert_int_ge(writer.fd, 0);
  pthread_t thread;
  ck_assert_int_eq(pthread_create(&thread, NULL, keep_writing, &writer), 0);
  struct readfile file = {.allocator = &plain};
  int changed = 0;
  for (int i = 0; i < 200 && changed < 3; i++) {
    int error = readfile(&file, root, LIT("a"));
    ck_assert(error == EDGESTATIC_OK || error == EDGESTATIC_ERR_INPUT);
    changed += error == EDGESTATIC_ERR_INPUT;
  }
  __atomic_store_n(&writer.stop, 1, __ATOMIC_RELEASE);
  pthread_join(thread, NULL);
  close(writer.fd);
  readfile_free(&file);
  ck_assert_int_eq(changed, 3);
}
END_TEST

/* Reading as the kernel has it: the file shrinks or grows before the end. */
START_TEST(a_file_whose_length_is_not_what_it_was_is_an_error) {
  /* A file that the kernel makes while it is read states a size of 0. */
  int proc = open("/proc/self", O_RDONLY | O_DIRECTORY);
  if (proc < 0)
    return;
  struct readfile file = {.allocator = &plain};
  ck_assert_int_eq(readfile(&file, proc, LIT("status")), EDGESTATIC_ERR_INPUT);
  readfile_free(&file);
  close(proc);
}
END_TEST

START_TEST(each_reason_has_its_message) {
  struct messages m = {0};
  edgestatic_builder_options o = EDGESTATIC_BUILDER_OPTIONS_INIT;
  o.message = messages_keep;
  o.message_ctx = &m;
  ck_assert_int_eq(readfile_report(&o, "site/a", EDGESTATIC_ERR_INPUT, 0),
                   EDGESTATIC_ERR_INPUT);
  ck_assert_str_eq(m.file, "site/a");
  assert_said(&m, "changed while it was being read; build again");
  readfile_report(&o, "site/a", EDGESTATIC_ERR_IO, EACCES);
  assert_said(&m, strerror(EACCES));
  readfile_report(&o, "site/a", EDGESTATIC_ERR_MEMORY, 0);
  assert_said(&m, "memory");
}
END_TEST

static int read_some(const edgestatic_allocator *allocator, void *arg) {
  (void)arg;
  struct readfile file = {.allocator = allocator};
  int error = readfile(&file, root, LIT("a"));
  if (error == EDGESTATIC_OK)
    error = readfile(&file, root, LIT("b"));
  readfile_free(&file);
  return error;
}

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  tempdir_file("a", "short");
  tempdir_file("b", "somewhat longer");
  memtest_fail_each(read_some, NULL);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("readfile");
  tcase_add_checked_fixture(c, setup, teardown);
  tcase_add_test(c, a_file_is_read_whole_with_its_time);
  tcase_add_test(c, a_file_that_is_gone_is_an_error);
  tcase_add_test(c, an_unreadable_file_is_an_error);
  tcase_add_test(c, no_link_is_followed_at_the_end_or_on_the_way);
  tcase_add_test(c, what_became_something_else_is_an_error_without_waiting);
  tcase_add_test(c, a_path_that_is_too_long_is_an_error);
  tcase_add_test(c, a_file_that_changes_while_it_is_read_is_an_error);
  tcase_add_test(c, a_file_whose_length_is_not_what_it_was_is_an_error);
  tcase_add_test(c, each_reason_has_its_message);
  tcase_add_test(c, each_failing_allocation_is_an_error_without_a_leak);
  return util_run("readfile", c);
}
