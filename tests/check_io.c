/* check_io.c - system calls that fail, or do less than they were asked for.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/io.h"

#include "packing.h"

#include <dirent.h>
#include <stdarg.h>
#include <sys/types.h>

/* What each call does next: 0 as ever, else it fails with this errno. */
static int memfd_fails, tmpfile_fails, write_fails, rename_fails;
static int sync_fails[2]; /* of the file, of the folder */
static unsigned syncs;
static bool interrupted; /* reads and writes are, and move a byte at a time */

int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags) {
  errno = memfd_fails;
  return memfd_fails ? -1 : __real_memfd_create(name, flags);
}

int __real_openat(int folder, const char *name, int flags, ...);
int __wrap_openat(int folder, const char *name, int flags, ...);
int __wrap_openat(int folder, const char *name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  if (tmpfile_fails && (flags & O_TMPFILE) == O_TMPFILE) {
    errno = tmpfile_fails;
    return -1;
  }
  return __real_openat(folder, name, flags, mode);
}

static bool interrupt(size_t *size) {
  static bool now;
  if (!interrupted)
    return false;
  if (*size > 1)
    *size = 1;
  now = !now;
  errno = EINTR;
  return now;
}

ssize_t __real_pread(int fd, void *bytes, size_t size, off_t at);
ssize_t __wrap_pread(int fd, void *bytes, size_t size, off_t at);
ssize_t __wrap_pread(int fd, void *bytes, size_t size, off_t at) {
  return interrupt(&size) ? -1 : __real_pread(fd, bytes, size, at);
}

ssize_t __real_pwrite(int fd, const void *bytes, size_t size, off_t at);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t at);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t at) {
  if (write_fails) {
    errno = write_fails;
    return -1;
  }
  return interrupt(&size) ? -1 : __real_pwrite(fd, bytes, size, at);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd) {
  unsigned which = syncs++ ? 1 : 0;
  errno = sync_fails[which];
  return sync_fails[which] ? -1 : __real_fsync(fd);
}

int __real_renameat(int from, const char *old, int to, const char *new);
int __wrap_renameat(int from, const char *old, int to, const char *new);
int __wrap_renameat(int from, const char *old, int to, const char *new) {
  errno = rename_fails;
  return rename_fails ? -1 : __real_renameat(from, old, to, new);
}

static void nothing_fails(void) {
  memfd_fails = tmpfile_fails = write_fails = rename_fails = 0;
  sync_fails[0] = sync_fails[1] = 0;
  interrupted = false;
}

static unsigned names_in(const char *path) {
  unsigned n = 0;
  DIR *dir = opendir(path);
  ck_assert_ptr_nonnull(dir);
  for (struct dirent *d; (d = readdir(dir)) != NULL;)
    n += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
  closedir(dir);
  return n;
}

/* A file without a name that holds what is put into it. */
static void holds_bytes(int fd) {
  char read[4] = "";
  ck_assert_int_ge(fd, 0);
  ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
  ck_assert_int_eq(io_write(fd, "abcdef", 6, 10), 0);
  ck_assert_int_eq(io_read(fd, read, 3, 12), 0);
  ck_assert_str_eq(read, "cde");
  ck_assert(io_same(fd, "abcdef", 6, 10));
  ck_assert(!io_same(fd, "abcdeg", 6, 10));
  ck_assert(!io_same(fd, "abcdefg", 7, 10));
  close(fd);
}

START_TEST(a_file_in_memory_holds_bytes) {
  holds_bytes(io_memory_file());
}
END_TEST

START_TEST(without_files_in_memory_there_is_one_without_a_name) {
  memfd_fails = ENOSYS;
  ck_assert_int_eq(setenv("TMPDIR", tempdir, 1), 0);
  holds_bytes(io_memory_file());
  tmpfile_fails = EOPNOTSUPP;
  holds_bytes(io_memory_file());
  ck_assert_uint_eq(names_in(tempdir), 0);
  ck_assert_int_eq(setenv("TMPDIR", tempdir_path("none"), 1), 0);
  ck_assert_int_eq(io_memory_file(), -1);
  ck_assert_int_eq(errno, ENOENT);
  ck_assert_int_eq(unsetenv("TMPDIR"), 0);
  holds_bytes(io_memory_file());
}
END_TEST

START_TEST(a_build_without_files_in_memory_is_the_same) {
  add_bytes("a.html", samples_text(5000, 1));
  finish();
  edgestatic_slice first = util_bytes(store->base, store->len);
  memfd_fails = ENOSYS;
  tmpfile_fails = EOPNOTSUPP;
  finish();
  ck_assert_uint_eq(store->len, first.len);
  ck_assert(memcmp(store->base, first.base, first.len) == 0);
}
END_TEST

START_TEST(a_build_without_any_temporary_file_is_told) {
  memfd_fails = ENOSYS;
  ck_assert_int_eq(setenv("TMPDIR", tempdir_path("none"), 1), 0);
  add("a.txt", "a");
  finish_fails(EDGESTATIC_ERR_IO, "no temporary file");
  ck_assert_int_eq(unsetenv("TMPDIR"), 0);
}
END_TEST

START_TEST(interrupted_calls_go_on) {
  interrupted = true;
  holds_bytes(io_memory_file());
}
END_TEST

START_TEST(what_ends_too_soon_is_an_error) {
  char bytes[4] = "";
  int fd = io_memory_file();
  ck_assert_int_eq(io_write(fd, "abc", 3, 0), 0);
  ck_assert_int_eq(io_read(fd, bytes, 4, 0), EIO);
  close(fd);
  ck_assert_int_eq(io_read(-1, bytes, 4, 0), EBADF);
  ck_assert_int_eq(io_write(-1, bytes, 4, 0), EBADF);
}
END_TEST

START_TEST(a_name_that_is_too_long_is_no_file) {
  char name[8];
  ck_assert_int_eq(io_new_file(AT_FDCWD, "prefix-", name, sizeof name), -1);
  ck_assert_int_eq(errno, ENAMETOOLONG);
  char *path = util_alloc(9000);
  memset(path, 'a', 9000);
  path[8999] = '\0';
  ck_assert_int_eq(io_make_folder(path), -1);
  ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

/* ---- A pack's file ---- */

static char target[8192];

/* Writes over an old pack; told says how that ended. */
static int write_over(void) {
  ck_assert_int_eq(mkdir(tempdir_path("out"), 0755), 0);
  tempdir_file("out/site.edgepack", "old");
  snprintf(target, sizeof target, "%s", tempdir_path("out/site.edgepack"));
  add("a.txt", "a");
  syncs = 0;
  return edgestatic_builder_write(builder, target);
}

static void old_is_there(const char *words) {
  ck_assert_uint_eq(told.count, 1);
  ck_assert_int_eq(told.severity, EDGESTATIC_ERROR);
  assert_said(&told, "cannot be written");
  assert_said(&told, words);
  int fd = open(target, O_RDONLY);
  ck_assert(io_same(fd, "old", 3, 0));
  close(fd);
  ck_assert_uint_eq(names_in(tempdir_path("out")), 1);
}

START_TEST(a_pack_that_cannot_be_synced_is_not_renamed) {
  sync_fails[0] = EIO;
  ck_assert_int_eq(write_over(), EDGESTATIC_ERR_IO);
  old_is_there("Input/output error");
}
END_TEST

START_TEST(a_pack_that_cannot_be_renamed_is_removed) {
  rename_fails = EBUSY;
  ck_assert_int_eq(write_over(), EDGESTATIC_ERR_IO);
  old_is_there("busy");
}
END_TEST

START_TEST(a_folder_that_cannot_be_synced_is_a_warning) {
  sync_fails[1] = EIO;
  ck_assert_int_eq(write_over(), EDGESTATIC_OK);
  ck_assert_uint_eq(told.count, 1);
  ck_assert_int_eq(told.severity, EDGESTATIC_WARNING);
  assert_said(&told, "crash");
  edgestatic_pack *written;
  ck_assert_int_eq(edgestatic_pack_open(&written, target), EDGESTATIC_OK);
  edgestatic_pack_unref(written);
}
END_TEST

START_TEST(a_folder_that_has_no_sync_is_nothing_to_tell) {
  sync_fails[1] = EINVAL;
  ck_assert_int_eq(write_over(), EDGESTATIC_OK);
  ck_assert_uint_eq(told.count, 0);
  ck_assert_uint_eq(syncs, 2);
}
END_TEST

START_TEST(a_cache_that_cannot_be_written_is_a_warning) {
  use_cache("cache");
  new_builder();
  rename_fails = ENOSPC;
  add("a.txt", "a");
  add("b.txt", "b");
  finish();
  ck_assert_uint_eq(told.count, 1);
  ck_assert_int_eq(told.severity, EDGESTATIC_WARNING);
  assert_said(&told, "No space left");
  ck_assert_str_eq(told.file, options.cache_dir);
}
END_TEST

START_TEST(a_temporary_file_that_is_full_is_told) {
  add_bytes("a.html", samples_text(5000, 1));
  write_fails = ENOSPC;
  finish_fails(EDGESTATIC_ERR_IO, "No space left");
  assert_said(&told, "temporary file");
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("io");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_checked_fixture(tc, nothing_fails, nothing_fails);
  tcase_add_test(tc, a_file_in_memory_holds_bytes);
  tcase_add_test(tc, without_files_in_memory_there_is_one_without_a_name);
  tcase_add_test(tc, a_build_without_files_in_memory_is_the_same);
  tcase_add_test(tc, a_build_without_any_temporary_file_is_told);
  tcase_add_test(tc, interrupted_calls_go_on);
  tcase_add_test(tc, what_ends_too_soon_is_an_error);
  tcase_add_test(tc, a_name_that_is_too_long_is_no_file);
  tcase_add_test(tc, a_pack_that_cannot_be_synced_is_not_renamed);
  tcase_add_test(tc, a_pack_that_cannot_be_renamed_is_removed);
  tcase_add_test(tc, a_folder_that_cannot_be_synced_is_a_warning);
  tcase_add_test(tc, a_folder_that_has_no_sync_is_nothing_to_tell);
  tcase_add_test(tc, a_cache_that_cannot_be_written_is_a_warning);
  tcase_add_test(tc, a_temporary_file_that_is_full_is_told);
  return util_run("io", tc);
}
