/* check_site_trust.c - what a site store holds against other programs, other
 * users and a crash.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "core/format.h"
#include "core/hash.h"
#include "sitestore.h"

#include <sys/wait.h>

/* ---- Writers that come between ---- */

int __real_close(int fd);
int __wrap_close(int fd);

static edgestatic_site *watched; /* whose lock, when it is given back... */
static void (*then)(void);       /* ...lets this happen, once */

int __wrap_close(int fd) {
  void (*call)(void) = watched && fd == watched->lock ? then : NULL;
  int result = __real_close(fd);
  if (call) {
    then = NULL;
    call();
  }
  return result;
}

/* Another release, after which all that came before is gone. */
static void another_writer(void) {
  edgestatic_site *other = store_open(0);
  store_release(other, "live", "other");
  ck_assert_int_eq(edgestatic_site_expire(other, 1, 0, NULL), EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_site_gc(other, 0, NULL), EDGESTATIC_OK);
  edgestatic_site_close(other);
}

START_TEST(a_release_survives_that_its_previous_one_is_removed_meanwhile) {
  edgestatic_site *site = store_open(1);
  store_release_big(site, "live", 1);
  watched = site;
  then = another_writer;
  ck_assert_uint_eq(store_release(site, "live", "mine"), 3);
  watched = NULL;
  ck_assert(then == NULL);
  store_shows(site, "live", "mine");
  store_shows(site, "2", "other");
  ck_assert_int_eq(store_find(site, "1"), EDGESTATIC_ERR_INPUT);
  edgestatic_site_close(site);
}
END_TEST

START_TEST(many_make_the_same_store_at_once) {
  enum { MAKERS = 6, ROUNDS = 20 };
  for (int round = 0; round < ROUNDS; round++) {
    pid_t pid[MAKERS];
    for (int i = 0; i < MAKERS; i++) {
      pid[i] = fork();
      ck_assert_int_ge(pid[i], 0);
      if (pid[i] == 0) {
        edgestatic_site *site;
        int error = store_try_open(&site, 1);
        if (!error)
          edgestatic_site_close(site);
        _exit(error == EDGESTATIC_OK ? 0 : 1);
      }
    }
    for (int i = 0; i < MAKERS; i++) {
      int status;
      ck_assert_int_eq(waitpid(pid[i], &status, 0), pid[i]);
      ck_assert_int_eq(status, 0);
    }
    ck_assert_int_eq(store_files(), 3);
    tempdir_remove();
    tempdir_make();
  }
}
END_TEST

/* ---- The disk ---- */

static long steps, step_at;

static int fail_step(void) {
  return ++steps == step_at ? EIO : 0;
}

START_TEST(a_store_is_made_when_the_folder_around_it_is_on_the_disk) {
  edgestatic_site *site;
  struct stat st;
  siteio_step = fail_step;
  step_at = 3; /* data.1 was made and synced */
  ck_assert_int_eq(store_try_open(&site, 1), EDGESTATIC_ERR_IO);
  siteio_step = NULL;
  assert_said(&store_said, "the folder above");
  ck_assert_int_ne(stat(tempdir_path("site/state"), &st), 0);
  edgestatic_site_close(store_open(1));
}
END_TEST

static mode_t mode_of(const char *path) {
  struct stat st;
  ck_assert_msg(stat(tempdir_path(path), &st) == 0, "%s", path);
  return st.st_mode & 0777;
}

static void each_has_mode(mode_t mode) {
  DIR *dir = opendir(tempdir_path("site"));
  ck_assert_ptr_nonnull(dir);
  for (struct dirent *e; (e = readdir(dir)) != NULL;) {
    char path[300];
    snprintf(path, sizeof path, "site/%s", e->d_name);
    if (e->d_name[0] != '.' && strcmp(e->d_name, "lock") != 0)
      ck_assert_msg(mode_of(path) == mode, "%s: %o", path, mode_of(path));
  }
  closedir(dir);
}

/* A writer with another umask neither hides a site from its server nor shows
 * one that is hidden. */
START_TEST(files_have_the_mode_of_the_state_before_whatever_the_umask) {
  umask(022);
  edgestatic_site *site = store_open(1);
  store_release_big(site, "preview", 1);
  umask(077);
  store_release(site, "live", "one");
  each_has_mode(0644);
  ck_assert_int_eq(edgestatic_site_remove(site, "preview"), 0);
  ck_assert_int_eq(edgestatic_site_expire(site, 1, 0, NULL), 0);
  ck_assert_int_eq(edgestatic_site_gc(site, 0, NULL), 0);
  each_has_mode(0644);
  umask(0);
  ck_assert_int_eq(chmod(tempdir_path("site/state"), 0640), 0);
  store_release_big(site, "live", 2);
  ck_assert_uint_eq(mode_of("site/state"), 0640);
  ck_assert_uint_eq(mode_of("site/release.3.7"), 0640);
  umask(022);
  edgestatic_site_close(site);
}
END_TEST

/* Where no file can be made without a name, it has one for a moment. */
START_TEST(a_temporary_file_of_a_killed_writer_is_removed) {
  tempdir_file("site/.edgestatic-4d2", "half a pack");
  edgestatic_site *site = store_open(1);
  tempdir_file("site/.edgestatic-4d3", "half a pack");
  store_release(site, "live", "one");
  ck_assert_int_eq(store_files(), 4);
  edgestatic_site_close(site);
}
END_TEST

START_TEST(a_data_file_that_is_too_short_is_damage_not_a_fault) {
  edgestatic_site *site = store_open(1);
  store_release(site, "live", "one");
  ck_assert_int_eq(truncate(tempdir_path("site/data.1"), 4096), 0);
  edgestatic_pack *pack;
  ck_assert_int_eq(edgestatic_site_pack(site, "live", &pack),
                   EDGESTATIC_ERR_IO);
  edgestatic_builder *builder = store_builder("two");
  ck_assert_int_eq(edgestatic_site_release(site, builder, NULL, NULL),
                   EDGESTATIC_ERR_IO);
  edgestatic_builder_free(builder);
  ck_assert_int_eq(store_data_size(), 4096);
  edgestatic_site_close(site);
}
END_TEST

START_TEST(a_release_of_a_newer_edgestatic_is_not_called_damaged) {
  edgestatic_site *site = store_open(1);
  store_release(site, "live", "one");
  int fd = open(tempdir_path("site/release.1.2"), O_RDWR);
  const unsigned char major[2] = {99, 0};
  ck_assert_int_eq(pwrite(fd, major, 2, offsetof(pack_header, major)), 2);
  close(fd);
  edgestatic_pack *pack;
  ck_assert_int_eq(edgestatic_site_pack(site, "live", &pack),
                   EDGESTATIC_ERR_VERSION);
  assert_said(&store_said, "newer edgestatic");
  edgestatic_site_close(site);
}
END_TEST

START_TEST(who_may_not_write_is_told_and_reads) {
  edgestatic_site *site = store_open(1);
  store_release(site, "live", "one");
  edgestatic_site_close(site);
  tempdir_drop_root();
  ck_assert_int_eq(access(tempdir_path("site/lock"), R_OK), 0);
  site = store_open(1);
  store_shows(site, "live", "one");
  if (geteuid() == 65534) { /* who made the store otherwise */
    ck_assert_int_eq(edgestatic_site_promote(site, "1", "old"),
                     EDGESTATIC_ERR_IO);
    assert_said(&store_said, "lock: Permission denied");
  }
  edgestatic_site_close(site);
  tempdir_back_to_root();
}
END_TEST

/* ---- What a state says ---- */

/* A state of these lines, with the checksum that makes it one. */
static int parse(const char *lines) {
  char text[2000];
  struct state s;
  int n = snprintf(text, sizeof text, "edgestatic-site 1\n%s", lines);
  n += snprintf(text + n, sizeof text - (size_t)n, "checksum %016llx\n",
                (unsigned long long)hash64(text, (size_t)n));
  int error = state_parse(&s, util_bytes(text, (size_t)n));
  state_free(&s);
  return error;
}

#define HEAD "store 5 3\ndata 1 47 3\n"
#define ONE HEAD "release 1 2 10 0 2 9 9 0 1160 first\n"

START_TEST(a_state_has_one_spelling) {
  static const char *const bad[] = {
      "",
      "store 5 3\n",
      "store 5 3 \ndata 1 47 3\n",
      "store 5 3\ndata 1 47 3 \n",
      "store 05 3\ndata 1 47 3\n",
      "store 5 +3\ndata 1 47 3\n",
      "store 5 3\ndata 6 47 3\n",
      "store 5 3\ndata 1 9223372036854775808 3\n",
      "store 5 3\ndata ../x 47 3\n",
      HEAD "release 1 2 10 0 2 9 9 0 1160\n",
      HEAD "release 1 2 10 0 2 9 9 0 \n",
      HEAD "release 3 2 10 0 2 9 9 0 1160 \n",
      HEAD "release 0 2 10 0 2 9 9 0 1160 \n",
      HEAD "release 1 6 10 0 2 9 9 0 1160 \n",
      HEAD "release 1 2 -1 0 2 9 9 0 1160 \n",
      HEAD "release 1 2 10 0 4294967296 9 9 0 1160 \n",
      ONE "release 1 2 10 0 2 9 9 0 1160 again\n",
      ONE "collection live 2 0\n",
      ONE "collection live 1 0 \n",
      ONE "collection live 1 0  1@5\n",
      ONE "collection live 1 0 1@5 \n",
      ONE "collection live 1 0 1\n",
      ONE "collection live 1 0 7@5\n",
      ONE "collection ../live 1 0\n",
      ONE "collection live 1 0\ncollection live 1 0\n",
      ONE "collection live 1 0\ncollection a 1 0\n",
      ONE "collection live 1 0\nrelease 2 2 10 0 2 9 9 0 1160 \n",
      ONE "\n",
      ONE "something else\n"};
  ck_assert_int_eq(parse(HEAD), EDGESTATIC_OK);
  ck_assert_int_eq(parse(ONE "collection live 1 0 1@5 1@4\n"), EDGESTATIC_OK);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ck_assert_msg(parse(bad[i]) == EDGESTATIC_ERR_FORMAT, "%s", bad[i]);
}
END_TEST

/* Numbers after which there is no next one, and a release 0, which no name
 * leads to. */
START_TEST(a_state_that_could_not_be_changed_any_more_is_refused) {
  ck_assert_int_eq(parse("store 5 0\ndata 1 0 0\n"), EDGESTATIC_ERR_FORMAT);
  ck_assert_int_eq(parse("store 5 9223372036854775807\ndata 1 0 0\n"),
                   EDGESTATIC_ERR_FORMAT);
  ck_assert_int_eq(parse("store 9223372036854775807 3\ndata 1 0 0\n"),
                   EDGESTATIC_ERR_FORMAT);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("site_trust");
  tcase_add_checked_fixture(c, store_setup, store_teardown);
  tcase_add_test(c,
                 a_release_survives_that_its_previous_one_is_removed_meanwhile);
  tcase_add_test(c, many_make_the_same_store_at_once);
  tcase_add_test(c, a_store_is_made_when_the_folder_around_it_is_on_the_disk);
  tcase_add_test(c, files_have_the_mode_of_the_state_before_whatever_the_umask);
  tcase_add_test(c, a_temporary_file_of_a_killed_writer_is_removed);
  tcase_add_test(c, a_data_file_that_is_too_short_is_damage_not_a_fault);
  tcase_add_test(c, a_release_of_a_newer_edgestatic_is_not_called_damaged);
  tcase_add_test(c, who_may_not_write_is_told_and_reads);
  tcase_add_test(c, a_state_has_one_spelling);
  tcase_add_test(c, a_state_that_could_not_be_changed_any_more_is_refused);
  return util_run("site_trust", c);
}
