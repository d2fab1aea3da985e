/* check_write.c - a pack's file: all of the new one, or the old one.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "build/io.h"

#include "memtest.h"
#include "messages.h"
#include "samples.h"
#include "tempdir.h"
#include "util.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>

static edgestatic_builder_options options;
static edgestatic_builder *builder;
static struct messages told;
static int free_descriptor; /* the next one, before the test */
static char target[8192];

/* Descriptors that are left open move the next one up. */
static int next_descriptor(void) {
  int fd = dup(0);
  close(fd);
  return fd;
}

static void setup(void) {
  tempdir_make();
  free_descriptor = next_descriptor();
  memset(&told, 0, sizeof told);
  options = (edgestatic_builder_options)EDGESTATIC_BUILDER_OPTIONS_INIT;
  options.message = messages_keep;
  options.message_ctx = &told;
  options.effort = EDGESTATIC_EFFORT_FAST;
  options.threads = 2;
  ck_assert_int_eq(edgestatic_builder_new(&builder, &options), EDGESTATIC_OK);
  edgestatic_slice text = samples_text(100000, 1);
  ck_assert_int_eq(
      edgestatic_builder_add(builder, LIT("a.txt"), text.base, text.len, NULL),
      EDGESTATIC_OK);
  ck_assert_int_eq(mkdir(tempdir_path("out"), 0755), 0);
  snprintf(target, sizeof target, "%s", tempdir_path("out/site.edgepack"));
}

static void teardown(void) {
  edgestatic_builder_free(builder);
  ck_assert_int_eq(next_descriptor(), free_descriptor);
  tempdir_remove();
}

static void write_works(void) {
  int error = edgestatic_builder_write(builder, target);
  ck_assert_msg(error == EDGESTATIC_OK, "%d %s: %s", error, told.file,
                told.text);
  edgestatic_pack *pack;
  ck_assert_int_eq(edgestatic_pack_open(&pack, target), EDGESTATIC_OK);
  ck_assert_uint_eq(edgestatic_store_asset_count(edgestatic_pack_store(pack)),
                    1);
  edgestatic_pack_unref(pack);
}

static void write_fails(int expected, const char *words) {
  memset(&told, 0, sizeof told);
  ck_assert_int_eq(edgestatic_builder_write(builder, target), expected);
  ck_assert_uint_eq(told.count, 1);
  ck_assert_int_eq(told.severity, EDGESTATIC_ERROR);
  assert_said(&told, words);
}

/* The names in the target's folder, sorted: nothing may be left there. */
static const char *left(void) {
  static char list[4096];
  struct dirent **names;
  int n = scandir(tempdir_path("out"), &names, NULL, alphasort);
  size_t len = 0;
  list[0] = '\0';
  for (int i = 0; i < n; i++) {
    if (strcmp(names[i]->d_name, ".") != 0 &&
        strcmp(names[i]->d_name, "..") != 0)
      len += (size_t)snprintf(list + len, sizeof list - len, "%s ",
                              names[i]->d_name);
    free(names[i]);
  }
  free(names);
  return list;
}

static void old_pack(void) {
  tempdir_file("out/site.edgepack", "the old pack");
}

static void old_pack_is_untouched(void) {
  char bytes[64];
  FILE *f = fopen(target, "rb");
  ck_assert_ptr_nonnull(f);
  size_t n = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  ck_assert_uint_eq(n, 12);
  ck_assert(memcmp(bytes, "the old pack", 12) == 0);
  ck_assert_str_eq(left(), "site.edgepack ");
}

START_TEST(a_pack_is_written_and_replaced) {
  write_works();
  write_works();
  ck_assert_str_eq(left(), "site.edgepack ");
  struct stat st;
  mode_t mask = umask(0);
  umask(mask);
  ck_assert_int_eq(stat(target, &st), 0);
  ck_assert_uint_eq(st.st_mode & 0777, 0666 & ~mask);
}
END_TEST

START_TEST(written_and_finished_packs_are_the_same) {
  write_works();
  edgestatic_pack *pack, *written;
  ck_assert_int_eq(edgestatic_builder_finish(builder, &pack), EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_pack_open(&written, target), EDGESTATIC_OK);
  const edgestatic_store *a = edgestatic_pack_store(pack);
  const edgestatic_store *b = edgestatic_pack_store(written);
  ck_assert_uint_eq(a->len, b->len);
  ck_assert(memcmp(a->base, b->base, a->len) == 0);
  edgestatic_pack_unref(pack);
  edgestatic_pack_unref(written);
}
END_TEST

START_TEST(a_name_without_a_folder_is_in_the_working_folder) {
  char before[4096];
  ck_assert_ptr_nonnull(getcwd(before, sizeof before));
  ck_assert_int_eq(chdir(tempdir_path("out")), 0);
  snprintf(target, sizeof target, "site.edgepack");
  write_works();
  ck_assert_int_eq(chdir(before), 0);
  ck_assert_str_eq(left(), "site.edgepack ");
}
END_TEST

START_TEST(a_mapped_pack_stays_as_it_was_when_it_is_replaced) {
  write_works();
  edgestatic_pack *old;
  ck_assert_int_eq(edgestatic_pack_open(&old, target), EDGESTATIC_OK);
  const edgestatic_store *store = edgestatic_pack_store(old);
  edgestatic_slice copy = util_bytes(store->base, store->len);
  edgestatic_slice text = samples_text(100000, 2);
  ck_assert_int_eq(
      edgestatic_builder_add(builder, LIT("a.txt"), text.base, text.len, NULL),
      EDGESTATIC_OK);
  write_works();
  ck_assert(memcmp(copy.base, store->base, copy.len) == 0);
  edgestatic_pack_unref(old);
}
END_TEST

static struct stat status(void) {
  struct stat st;
  ck_assert_int_eq(stat(target, &st), 0);
  return st;
}

START_TEST(a_pack_that_is_there_already_is_left_there_but_as_new) {
  write_works();
  const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
  ck_assert_int_eq(utimensat(AT_FDCWD, target, old, 0), 0);
  ino_t inode = status().st_ino;
  write_works();
  ck_assert_uint_eq(status().st_ino, inode);
  ck_assert_int_gt(status().st_mtime, 1000);
}
END_TEST

START_TEST(a_pack_with_any_other_byte_is_replaced) {
  write_works();
  edgestatic_pack *pack;
  ck_assert_int_eq(edgestatic_pack_open(&pack, target), EDGESTATIC_OK);
  const edgestatic_store *store = edgestatic_pack_store(pack);
  edgestatic_slice good = util_bytes(store->base, store->len);
  edgestatic_pack_unref(pack);
  /* In the index, in each padding and body, and at its end. */
  for (size_t at = 0; at < good.len; at += at < 1200 ? 97 : 4999) {
    char *bad = util_alloc(good.len);
    memcpy(bad, good.base, good.len);
    bad[at] ^= 1;
    tempdir_bytes("out/site.edgepack", bad, good.len);
    write_works();
    int fd = open(target, O_RDONLY);
    ck_assert_msg(io_same(fd, good.base, good.len, 0), "byte %zu", at);
    close(fd);
  }
  tempdir_bytes("out/site.edgepack", good.base, good.len - 1);
  write_works();
  ck_assert_uint_eq((uint64_t)status().st_size, good.len);
}
END_TEST

START_TEST(padding_with_bytes_in_it_is_replaced) {
  write_works();
  edgestatic_pack *pack;
  ck_assert_int_eq(edgestatic_pack_open(&pack, target), EDGESTATIC_OK);
  const edgestatic_store *store = edgestatic_pack_store(pack);
  size_t at = (size_t)edgestatic_store_index_size(store);
  size_t body = (size_t)edgestatic_store_variant(
                    store, edgestatic_store_variant_count(store) - 1)
                    .offset;
  ck_assert_uint_lt(at, body); /* of the first body, which has a page */
  edgestatic_pack_unref(pack);
  ino_t inode = status().st_ino;
  int fd = open(target, O_WRONLY);
  ck_assert_int_eq(io_write(fd, "x", 1, body - 1), 0);
  close(fd);
  write_works();
  ck_assert_uint_ne(status().st_ino, inode);
}
END_TEST

START_TEST(a_link_to_the_same_pack_is_replaced_by_a_file) {
  write_works();
  ck_assert_int_eq(rename(target, tempdir_path("real")), 0);
  ck_assert_int_eq(symlink("../real", target), 0);
  write_works();
  struct stat st;
  ck_assert_int_eq(lstat(target, &st), 0);
  ck_assert(S_ISREG(st.st_mode));
}
END_TEST

START_TEST(a_target_in_no_folder_is_told) {
  snprintf(target, sizeof target, "%s", tempdir_path("none/site.edgepack"));
  write_fails(EDGESTATIC_ERR_IO, "no such folder");
  ck_assert_str_eq(told.file, target);
  tempdir_file("file", "");
  snprintf(target, sizeof target, "%s", tempdir_path("file/site.edgepack"));
  write_fails(EDGESTATIC_ERR_IO, "no such folder");
}
END_TEST

START_TEST(a_target_that_is_a_folder_is_told) {
  snprintf(target, sizeof target, "%s", tempdir_path("out"));
  write_fails(EDGESTATIC_ERR_IO, "folder");
  snprintf(target, sizeof target, "%s", tempdir_path("out/"));
  write_fails(EDGESTATIC_ERR_IO, "folder");
  ck_assert_str_eq(left(), "");
}
END_TEST

START_TEST(a_device_or_pipe_is_not_replaced) {
  ck_assert_int_eq(mkfifo(target, 0666), 0);
  write_fails(EDGESTATIC_ERR_IO, "not a regular file");
  struct stat st;
  ck_assert_int_eq(stat(target, &st), 0);
  ck_assert(S_ISFIFO(st.st_mode));
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_told_before_any_work) {
  old_pack();
  ck_assert_int_eq(chmod(tempdir_path("out"), 0555), 0);
  tempdir_drop_root();
  write_fails(EDGESTATIC_ERR_IO, "Permission denied");
  tempdir_back_to_root();
  ck_assert_int_eq(chmod(tempdir_path("out"), 0755), 0);
  old_pack_is_untouched();
}
END_TEST

START_TEST(a_name_that_is_too_long_is_told) {
  char name[400];
  memset(name, 'a', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  edgestatic_slice whole = util_text(tempdir_path("out/"));
  char *file = util_alloc(whole.len + sizeof name);
  memcpy(file, whole.base, whole.len);
  memcpy(file + whole.len, name, sizeof name);
  ck_assert_int_eq(edgestatic_builder_write(builder, file), EDGESTATIC_ERR_IO);
  assert_said(&told, "File name too long");
}
END_TEST

START_TEST(a_disk_that_is_full_at_any_byte_leaves_the_old_pack) {
  edgestatic_builder_stats stats;
  write_works();
  edgestatic_builder_get_stats(builder, &stats);
  old_pack();
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit, before;
  ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
  limit = before;
  for (uint64_t size = 0; size < stats.pack_bytes; size += 7001) {
    limit.rlim_cur = (rlim_t)size;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    memset(&told, 0, sizeof told);
    int error = edgestatic_builder_write(builder, target);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert_int_eq(error, EDGESTATIC_ERR_IO);
    ck_assert_uint_eq(told.count, 1);
    assert_said(&told, "File too large");
    old_pack_is_untouched();
  }
  write_works();
}
END_TEST

/* ---- Files that change while the pack is made ---- */

static const char *changing;
static unsigned change_after; /* hashes: gathering takes two of each file */
static unsigned hashes;

/* Hashes as ever, and changes a file after a certain one. */
static void changing_hash(const void *bytes, size_t len,
                          unsigned char hash[16]) {
  builder_xxh3(bytes, len, hash);
  if (++hashes == change_after)
    tempdir_file(changing, "other bytes");
}

START_TEST(a_file_that_changes_before_it_is_written_is_told) {
  edgestatic_builder_free(builder);
  options.threads = 1;
  ck_assert_int_eq(edgestatic_builder_new(&builder, &options), EDGESTATIC_OK);
  tempdir_file("site/a.txt", "some bytes.");
  char dir[8192];
  snprintf(dir, sizeof dir, "%s", tempdir_path("site"));
  ck_assert_int_eq(edgestatic_builder_add_dir(builder, dir), EDGESTATIC_OK);
  old_pack();
  builder->hash = changing_hash;
  changing = "site/a.txt";
  change_after = 1;
  hashes = 0;
  write_fails(EDGESTATIC_ERR_INPUT, "chang");
  ck_assert_str_eq(told.file, "a.txt");
  old_pack_is_untouched();
  /* The next build takes it as it is. */
  hashes = 1;
  write_works();
}
END_TEST

START_TEST(a_file_that_vanishes_before_it_is_written_is_told) {
  edgestatic_builder_free(builder);
  options.threads = 1;
  ck_assert_int_eq(edgestatic_builder_new(&builder, &options), EDGESTATIC_OK);
  tempdir_file("site/a.txt", "some bytes.");
  char dir[8192];
  snprintf(dir, sizeof dir, "%s", tempdir_path("site"));
  ck_assert_int_eq(edgestatic_builder_add_dir(builder, dir), EDGESTATIC_OK);
  old_pack();
  ck_assert_int_eq(unlink(tempdir_path("site/a.txt")), 0);
  write_fails(EDGESTATIC_ERR_IO, "No such file");
  old_pack_is_untouched();
}
END_TEST

static int cancel(void *ctx, const edgestatic_progress *progress) {
  (void)ctx;
  return progress->files_done == progress->files_total;
}

START_TEST(a_cancelled_build_leaves_the_old_pack) {
  edgestatic_builder_free(builder);
  options.progress = cancel;
  ck_assert_int_eq(edgestatic_builder_new(&builder, &options), EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_add(builder, LIT("a"), "a", 1, NULL),
                   EDGESTATIC_OK);
  old_pack();
  ck_assert_int_eq(edgestatic_builder_write(builder, target),
                   EDGESTATIC_ERR_CANCELLED);
  old_pack_is_untouched();
}
END_TEST

static int write_all(const edgestatic_allocator *a, void *arg) {
  (void)arg;
  edgestatic_builder *b;
  edgestatic_builder_options o = options;
  o.allocator = *a;
  int error = edgestatic_builder_new(&b, &o);
  if (error)
    return error;
  char dir[8192];
  snprintf(dir, sizeof dir, "%s", tempdir_path("site"));
  error = edgestatic_builder_add_dir(b, dir);
  if (!error)
    error = edgestatic_builder_write(b, target);
  edgestatic_builder_free(b);
  if (error)
    old_pack_is_untouched();
  return error;
}

START_TEST(each_failing_allocation_leaves_the_old_pack) {
  edgestatic_slice text = samples_text(6000, 1);
  tempdir_bytes("site/b.html", text.base, text.len);
  old_pack();
  memtest_fail_each(write_all, NULL);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("write");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, a_pack_is_written_and_replaced);
  tcase_add_test(tc, written_and_finished_packs_are_the_same);
  tcase_add_test(tc, a_name_without_a_folder_is_in_the_working_folder);
  tcase_add_test(tc, a_mapped_pack_stays_as_it_was_when_it_is_replaced);
  tcase_add_test(tc, a_pack_that_is_there_already_is_left_there_but_as_new);
  tcase_add_test(tc, a_pack_with_any_other_byte_is_replaced);
  tcase_add_test(tc, padding_with_bytes_in_it_is_replaced);
  tcase_add_test(tc, a_link_to_the_same_pack_is_replaced_by_a_file);
  tcase_add_test(tc, a_target_in_no_folder_is_told);
  tcase_add_test(tc, a_target_that_is_a_folder_is_told);
  tcase_add_test(tc, a_device_or_pipe_is_not_replaced);
  tcase_add_test(tc, a_folder_that_cannot_be_written_is_told_before_any_work);
  tcase_add_test(tc, a_name_that_is_too_long_is_told);
  tcase_add_test(tc, a_disk_that_is_full_at_any_byte_leaves_the_old_pack);
  tcase_add_test(tc, a_file_that_changes_before_it_is_written_is_told);
  tcase_add_test(tc, a_file_that_vanishes_before_it_is_written_is_told);
  tcase_add_test(tc, a_cancelled_build_leaves_the_old_pack);
  tcase_add_test(tc, each_failing_allocation_leaves_the_old_pack);
  return util_run("write", tc);
}
