/* check_cache.c - encoded contents from earlier builds.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/cache.h"

#include "memtest.h"
#include "samples.h"
#include "tempdir.h"
#include "util.h"

#include <dirent.h>
#include <time.h>

static const edgestatic_allocator heap = {NULL, NULL};
static const unsigned char hash_a[16] = {0x1a, 2, 3}, hash_b[16] = {0xf1, 9};
static struct cache cache;
static struct cache_buffer buffer;

static void open_at(const char *path, const char *recipe) {
  ck_assert_int_eq(cache_open(&cache, &heap, tempdir_path(path), recipe),
                   EDGESTATIC_OK);
}

static void setup(void) {
  tempdir_make();
  memset(&buffer, 0, sizeof buffer);
  open_at("cache", "one");
}

static void teardown(void) {
  cache_close(&cache);
  cache_buffer_free(&heap, &buffer);
  tempdir_remove();
}

/* Two encodings, the smaller one behind the other. */
static struct encoded sample(void) {
  struct encoded e = {.count = 2, .size = 300};
  e.kept[0].coding = EDGESTATIC_CODING_BR;
  e.kept[0].offset = 200;
  e.kept[0].size = 100;
  e.kept[1].coding = EDGESTATIC_CODING_GZIP;
  e.kept[1].offset = 0;
  e.kept[1].size = 200;
  e.bytes = (const unsigned char *)samples_noise(300, 1).base;
  return e;
}

static void assert_same(const struct encoded *a, const struct encoded *b) {
  ck_assert_uint_eq(a->count, b->count);
  ck_assert_uint_eq(a->size, b->size);
  for (unsigned i = 0; i < a->count; i++) {
    ck_assert_uint_eq(a->kept[i].coding, b->kept[i].coding);
    ck_assert_uint_eq(a->kept[i].size, b->kept[i].size);
    ck_assert_uint_eq(a->kept[i].offset, b->kept[i].offset);
  }
  ck_assert(a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}

/* The one file in a folder of the cache. */
static const char *only_file(const char *folder) {
  static char name[512];
  unsigned files = 0;
  DIR *dir = opendir(tempdir_path(folder));
  ck_assert_ptr_nonnull(dir);
  for (struct dirent *d; (d = readdir(dir)) != NULL;)
    if (d->d_name[0] != '.') {
      snprintf(name, sizeof name, "%s/%s", folder, d->d_name);
      files++;
    }
  closedir(dir);
  ck_assert_uint_eq(files, 1);
  return name;
}

static unsigned count_files(const char *folder) {
  unsigned files = 0;
  DIR *dir = opendir(tempdir_path(folder));
  ck_assert_ptr_nonnull(dir);
  for (struct dirent *d; (d = readdir(dir)) != NULL;)
    files += d->d_name[0] != '.';
  closedir(dir);
  return files;
}

START_TEST(what_was_stored_is_found_by_hash_and_size) {
  struct encoded found, kept = sample();
  ck_assert(!cache_load(&cache, &buffer, hash_a, 1000, &found));
  cache_store(&cache, hash_a, 1000, &kept);
  ck_assert(cache_load(&cache, &buffer, hash_a, 1000, &found));
  assert_same(&found, &kept);
  ck_assert(!cache_load(&cache, &buffer, hash_a, 1001, &found));
  ck_assert(!cache_load(&cache, &buffer, hash_b, 1000, &found));
  ck_assert_uint_eq(found.count, 0);
}
END_TEST

START_TEST(that_nothing_paid_is_stored_too) {
  struct encoded found, none = {.count = 0};
  cache_store(&cache, hash_a, 7, &none);
  ck_assert(cache_load(&cache, &buffer, hash_a, 7, &found));
  ck_assert_uint_eq(found.count, 0);
}
END_TEST

START_TEST(another_recipe_finds_nothing) {
  struct encoded found, kept = sample();
  cache_store(&cache, hash_a, 1000, &kept);
  cache_close(&cache);
  open_at("cache", "two");
  ck_assert(!cache_load(&cache, &buffer, hash_a, 1000, &found));
  cache_close(&cache);
  open_at("cache", "one");
  ck_assert(cache_load(&cache, &buffer, hash_a, 1000, &found));
}
END_TEST

START_TEST(an_entry_with_any_damage_is_not_found) {
  struct encoded found, kept = sample();
  cache_store(&cache, hash_a, 1000, &kept);
  char name[512], bytes[1024];
  snprintf(name, sizeof name, "%s", only_file("cache/1"));
  FILE *f = fopen(tempdir_path(name), "rb");
  size_t len = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  ck_assert_uint_gt(len, 300);
  ck_assert_uint_lt(len, sizeof bytes);
  for (size_t i = 0; i < len; i++) {
    bytes[i] ^= 0x10;
    tempdir_bytes(name, bytes, len);
    ck_assert_msg(!cache_load(&cache, &buffer, hash_a, 1000, &found),
                  "byte %zu", i);
    bytes[i] ^= 0x10;
    tempdir_bytes(name, bytes, i);
    ck_assert_msg(!cache_load(&cache, &buffer, hash_a, 1000, &found),
                  "cut at %zu", i);
  }
  tempdir_bytes(name, bytes, len);
  ck_assert(cache_load(&cache, &buffer, hash_a, 1000, &found));
}
END_TEST

START_TEST(an_entry_of_another_content_under_this_name_is_not_found) {
  struct encoded found, kept = sample();
  cache_store(&cache, hash_a, 1000, &kept);
  char from[8192], to[8192];
  snprintf(from, sizeof from, "%s", tempdir_path(only_file("cache/1")));
  cache_store(&cache, hash_b, 1000, &kept);
  snprintf(to, sizeof to, "%s", tempdir_path(only_file("cache/f")));
  ck_assert_int_eq(rename(from, to), 0);
  ck_assert(!cache_load(&cache, &buffer, hash_b, 1000, &found));
  /* It is written anew. */
  cache_store(&cache, hash_b, 1000, &kept);
  ck_assert(cache_load(&cache, &buffer, hash_b, 1000, &found));
}
END_TEST

START_TEST(what_is_no_file_is_not_found) {
  struct encoded found, kept = sample();
  cache_store(&cache, hash_a, 1000, &kept);
  char name[512], real[8192];
  snprintf(name, sizeof name, "%s", only_file("cache/1"));
  snprintf(real, sizeof real, "%s", tempdir_path("real"));
  ck_assert_int_eq(rename(tempdir_path(name), real), 0);
  tempdir_link("../../real", name);
  ck_assert(!cache_load(&cache, &buffer, hash_a, 1000, &found));
  ck_assert_int_eq(unlink(tempdir_path(name)), 0);
  ck_assert_int_eq(mkfifo(tempdir_path(name), 0666), 0);
  ck_assert(!cache_load(&cache, &buffer, hash_a, 1000, &found));
  ck_assert_int_eq(unlink(tempdir_path(name)), 0);
  ck_assert_int_eq(mkdir(tempdir_path(name), 0777), 0);
  ck_assert(!cache_load(&cache, &buffer, hash_a, 1000, &found));
}
END_TEST

START_TEST(a_huge_file_in_its_place_is_not_read) {
  struct encoded found, kept = sample();
  cache_store(&cache, hash_a, 1000, &kept);
  ck_assert_int_eq(truncate(tempdir_path(only_file("cache/1")), (off_t)1 << 40),
                   0);
  ck_assert(!cache_load(&cache, &buffer, hash_a, 1000, &found));
}
END_TEST

START_TEST(the_folder_and_those_above_it_are_made) {
  cache_close(&cache);
  open_at("a/b/c/", "one");
  struct encoded found, kept = sample();
  cache_store(&cache, hash_a, 1000, &kept);
  ck_assert(cache_load(&cache, &buffer, hash_a, 1000, &found));
}
END_TEST

START_TEST(without_a_folder_nothing_is_found_and_nothing_fails) {
  cache_close(&cache);
  tempdir_file("file", "");
  ck_assert_int_eq(cache_open(&cache, &heap, tempdir_path("file/cache"), "one"),
                   EDGESTATIC_ERR_IO);
  ck_assert_int_eq(errno, ENOTDIR);
  struct encoded found, kept = sample();
  cache_store(&cache, hash_a, 1000, &kept);
  ck_assert(!cache_load(&cache, &buffer, hash_a, 1000, &found));
  ck_assert_int_eq(cache_close(&cache), 0);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_told_once) {
  struct encoded found, kept = sample();
  cache_store(&cache, hash_a, 1000, &kept);
  ck_assert_int_eq(chmod(tempdir_path("cache"), 0555), 0);
  tempdir_drop_root();
  cache_store(&cache, hash_b, 1000, &kept);
  ck_assert(!cache_load(&cache, &buffer, hash_b, 1000, &found));
  ck_assert(cache_load(&cache, &buffer, hash_a, 1000, &found));
  tempdir_back_to_root();
  ck_assert_int_eq(cache_close(&cache), EACCES);
}
END_TEST

/* Gives a file of the cache an age. */
static void used_ago(const char *name, time_t seconds) {
  struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                              {.tv_sec = time(NULL) - seconds}};
  ck_assert_int_eq(utimensat(AT_FDCWD, tempdir_path(name), times, 0), 0);
}

START_TEST(what_was_not_used_for_longest_is_removed_when_it_is_too_much) {
  struct encoded found, kept = sample();
  unsigned char hash[16] = {0x10};
  for (unsigned char i = 0; i < 20; i++) {
    hash[1] = i;
    cache_store(&cache, hash, 1000, &kept);
  }
  ck_assert_uint_eq(count_files("cache/1"), 20);
  DIR *dir = opendir(tempdir_path("cache/1"));
  for (struct dirent *d; (d = readdir(dir)) != NULL;) {
    char name[512];
    snprintf(name, sizeof name, "cache/1/%s", d->d_name);
    if (d->d_name[0] != '.') /* the entry's number is in its name */
      used_ago(name, 1000 - (time_t)strtoul(
                                (char[]){d->d_name[2], d->d_name[3], '\0'},
                                NULL, 16));
  }
  closedir(dir);
  cache.share = 6000; /* of some 400 bytes each */
  cache_close(&cache);
  unsigned left = count_files("cache/1");
  ck_assert_uint_gt(left, 5);
  ck_assert_uint_lt(left, 15);
  open_at("cache", "one");
  for (unsigned char i = 0; i < 20; i++) {
    hash[1] = i;
    ck_assert_int_eq(cache_load(&cache, &buffer, hash, 1000, &found),
                     i >= 20 - left);
  }
}
END_TEST

START_TEST(the_newest_entry_stays_whatever_its_size) {
  struct encoded found, kept = sample();
  cache_store(&cache, hash_a, 1000, &kept);
  cache.share = 10;
  cache_close(&cache);
  open_at("cache", "one");
  ck_assert(cache_load(&cache, &buffer, hash_a, 1000, &found));
}
END_TEST

START_TEST(folders_that_were_not_written_to_are_not_looked_at) {
  struct encoded kept = sample();
  cache_store(&cache, hash_a, 1000, &kept);
  cache_close(&cache);
  open_at("cache", "one");
  cache.share = 10;
  cache_close(&cache);
  ck_assert_uint_eq(count_files("cache/1"), 1);
}
END_TEST

START_TEST(an_entry_that_is_used_counts_as_new) {
  struct encoded found, kept = sample();
  cache_store(&cache, hash_a, 1000, &kept);
  const char *name = only_file("cache/1");
  used_ago(name, 30 * 86400);
  ck_assert(cache_load(&cache, &buffer, hash_a, 1000, &found));
  struct stat st;
  ck_assert_int_eq(stat(tempdir_path(name), &st), 0);
  ck_assert_int_ge(st.st_mtime, time(NULL) - 60);
}
END_TEST

START_TEST(what_a_build_left_that_died_is_removed_after_a_day) {
  struct encoded kept = sample();
  tempdir_file("cache/1/n-old", "");
  tempdir_file("cache/1/n-new", "");
  used_ago("cache/1/n-old", 2 * 86400);
  cache_store(&cache, hash_a, 1000, &kept);
  cache_close(&cache);
  ck_assert_uint_eq(count_files("cache/1"), 2);
  ck_assert_int_lt(access(tempdir_path("cache/1/n-old"), F_OK), 0);
}
END_TEST

START_TEST(no_memory_means_not_found) {
  struct encoded found, kept = sample();
  cache_store(&cache, hash_a, 1000, &kept);
  struct memtest m = MEMTEST_INIT;
  m.fail_at = 1;
  const edgestatic_allocator none = {memtest_resize, &m};
  cache.allocator = &none;
  ck_assert(!cache_load(&cache, &buffer, hash_a, 1000, &found));
  ck_assert_uint_eq(m.calls, 1);
  m.fail_at = 2; /* of the list of entries */
  cache.share = 10;
  cache_close(&cache);
  ck_assert_uint_eq(m.calls, 2);
  ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("cache");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, what_was_stored_is_found_by_hash_and_size);
  tcase_add_test(tc, that_nothing_paid_is_stored_too);
  tcase_add_test(tc, another_recipe_finds_nothing);
  tcase_add_test(tc, an_entry_with_any_damage_is_not_found);
  tcase_add_test(tc, an_entry_of_another_content_under_this_name_is_not_found);
  tcase_add_test(tc, what_is_no_file_is_not_found);
  tcase_add_test(tc, a_huge_file_in_its_place_is_not_read);
  tcase_add_test(tc, the_folder_and_those_above_it_are_made);
  tcase_add_test(tc, without_a_folder_nothing_is_found_and_nothing_fails);
  tcase_add_test(tc, a_folder_that_cannot_be_written_is_told_once);
  tcase_add_test(tc,
                 what_was_not_used_for_longest_is_removed_when_it_is_too_much);
  tcase_add_test(tc, the_newest_entry_stays_whatever_its_size);
  tcase_add_test(tc, folders_that_were_not_written_to_are_not_looked_at);
  tcase_add_test(tc, an_entry_that_is_used_counts_as_new);
  tcase_add_test(tc, what_a_build_left_that_died_is_removed_after_a_day);
  tcase_add_test(tc, no_memory_means_not_found);
  return util_run("cache", tc);
}
