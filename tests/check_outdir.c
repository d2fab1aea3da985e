/* check_outdir.c - the folder that publish writes: whose files are whose, and
 * all or nothing.  cli/publish/outdir.c, outcommit.c, record.c.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/publish/outdir.h"

#include "tempdir.h"
#include "told.h"
#include "util.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static char out[8192];

static void setup(void) {
  tempdir_make();
  told_reset();
  snprintf(out, sizeof out, "%s", tempdir_path("out"));
}

static void add(struct outdir *dir, enum outdir_kind kind, const char *name,
                const char *text) {
  struct pieces content = {0};
  pieces_print(&content, "%s", text);
  ck_assert_int_eq(outdir_add(dir, kind, name, &content), 0);
}

/* What a target might add. */
static void add_site(struct outdir *dir, const char *content) {
  add(dir, OUTDIR_SCAFFOLD, "host.toml", "name = 1\n");
  add(dir, OUTDIR_ARTEFACT, "bin/main.wasm", content);
  add(dir, OUTDIR_SHARED, "pkg/site.tar.gz", content);
}

static const char *const scaffold[] = {"host.toml", NULL};

static int publish(const char *content, bool force) {
  struct outdir dir;
  int status = outdir_open(&dir, out, "fastly", scaffold, force);
  if (status == 0) {
    add_site(&dir, content);
    status = outdir_check(&dir);
  }
  if (status == 0)
    status = outdir_commit(&dir, "site", (struct pieces_watch){0});
  outdir_free(&dir);
  return status;
}

/* Text of a file of out, "" when it is not there. */
static const char *text_of(const char *name) {
  static char text[4096];
  char path[8500];
  snprintf(path, sizeof path, "%s/%s", out, name);
  FILE *file = fopen(path, "rb");
  text[file ? fread(text, 1, sizeof text - 1, file) : 0] = '\0';
  if (file)
    fclose(file);
  return text;
}

static void ck_published(const char *content) {
  ck_assert_str_eq(text_of("bin/main.wasm"), content);
  ck_assert_str_eq(text_of("pkg/site.tar.gz"), content);
}

static bool exists(const char *name) {
  struct stat st;
  return lstat(tempdir_path(name), &st) == 0;
}

static void ck_no_stage(void) {
  ck_assert(!exists("out" OUTDIR_STAGE));
  ck_assert(!exists("out/" OUTDIR_STAGE));
}

/* ---- Whose is what ---- */

START_TEST(a_new_folder_gets_all_files_and_a_record) {
  ck_assert_int_eq(publish("one", false), 0);
  ck_published("one");
  ck_assert_str_eq(text_of("host.toml"), "name = 1\n");
  ck_assert_ptr_nonnull(strstr(text_of(RECORD_FILE), "target fastly\n"));
  ck_no_stage();
}
END_TEST

START_TEST(an_empty_folder_is_taken) {
  ck_assert_int_eq(mkdir(out, 0755), 0);
  ck_assert_int_eq(publish("one", false), 0);
  ck_published("one");
  ck_no_stage();
}
END_TEST

START_TEST(artefacts_of_an_earlier_publish_are_replaced_silently) {
  ck_assert_int_eq(publish("one", false), 0);
  ck_assert_int_eq(publish("two", false), 0);
  ck_published("two");
  ck_assert_str_eq(told, "");
  ck_no_stage();
}
END_TEST

START_TEST(an_edited_scaffold_is_kept) {
  ck_assert_int_eq(publish("one", false), 0);
  tempdir_file("out/host.toml", "name = 2\n");
  ck_assert_int_eq(publish("two", false), 0);
  ck_assert_str_eq(text_of("host.toml"), "name = 2\n");
  ck_published("two");
}
END_TEST

START_TEST(force_replaces_an_edited_scaffold) {
  ck_assert_int_eq(publish("one", false), 0);
  tempdir_file("out/host.toml", "name = 2\n");
  ck_assert_int_eq(publish("one", true), 0);
  ck_assert_str_eq(text_of("host.toml"), "name = 1\n");
}
END_TEST

START_TEST(the_text_of_a_scaffold_that_stays_can_be_read) {
  struct outdir dir;
  char *text;
  tempdir_file("out/host.toml", "name = 2\n");
  ck_assert_int_eq(outdir_open(&dir, out, "fastly", scaffold, false), 0);
  ck_assert_int_eq(outdir_kept(&dir, "host.toml", &text), 0);
  ck_assert_str_eq(text, "name = 2\n");
  free(text);
  ck_assert_int_eq(outdir_kept(&dir, "other.toml", &text), 0);
  ck_assert_ptr_null(text);
  outdir_free(&dir);
  ck_assert_int_eq(outdir_open(&dir, out, "fastly", scaffold, true), 0);
  ck_assert_int_eq(outdir_kept(&dir, "host.toml", &text), 0);
  ck_assert_ptr_null(text);
  outdir_free(&dir);
}
END_TEST

START_TEST(a_folder_with_the_users_scaffold_alone_is_taken) {
  tempdir_file("out/host.toml", "name = 2\n");
  ck_assert_int_eq(publish("one", false), 0);
  ck_assert_str_eq(text_of("host.toml"), "name = 2\n");
  ck_published("one");
}
END_TEST

START_TEST(a_folder_of_something_else_is_refused_by_its_first_name) {
  tempdir_file("out/thesis.tex", "x");
  tempdir_file("out/letters/a", "x");
  ck_assert_int_eq(publish("one", false), -1);
  ck_told("holds something else: letters,");
  ck_assert_str_eq(text_of("bin/main.wasm"), "");
  ck_no_stage();
}
END_TEST

START_TEST(force_adds_to_a_folder_of_something_else) {
  tempdir_file("out/thesis.tex", "x");
  ck_assert_int_eq(publish("one", true), 0);
  ck_published("one");
  ck_assert_str_eq(text_of("thesis.tex"), "x");
}
END_TEST

START_TEST(other_files_in_a_folder_of_ours_are_left_alone) {
  ck_assert_int_eq(publish("one", false), 0);
  tempdir_file("out/notes/a", "x");
  ck_assert_int_eq(publish("two", false), 0);
  ck_published("two");
  ck_assert_str_eq(text_of("notes/a"), "x");
}
END_TEST

START_TEST(an_artefact_that_somebody_changed_is_refused) {
  ck_assert_int_eq(publish("one", false), 0);
  tempdir_file("out/bin/main.wasm", "mine");
  ck_assert_int_eq(publish("two", false), -1);
  ck_told("out/bin/main.wasm was not written by publish");
  ck_assert_str_eq(text_of("bin/main.wasm"), "mine");
  ck_assert_str_eq(text_of("pkg/site.tar.gz"), "one");
  told_reset();
  ck_assert_int_eq(publish("two", true), 0);
  ck_published("two");
}
END_TEST

START_TEST(what_the_hosts_tool_rewrites_is_replaced) {
  ck_assert_int_eq(publish("one", false), 0);
  tempdir_file("out/pkg/site.tar.gz", "built by the tool");
  ck_assert_int_eq(publish("two", false), 0);
  ck_published("two");
}
END_TEST

START_TEST(a_file_that_is_the_same_is_not_touched) {
  ck_assert_int_eq(publish("one", false), 0);
  const struct timespec old[2] = {{1000, 0}, {1000, 0}};
  ck_assert_int_eq(
      utimensat(AT_FDCWD, tempdir_path("out/bin/main.wasm"), old, 0), 0);
  ck_assert_int_eq(publish("one", false), 0);
  struct stat st;
  ck_assert_int_eq(stat(tempdir_path("out/bin/main.wasm"), &st), 0);
  ck_assert_int_eq(st.st_mtime, 1000);
}
END_TEST

/* A second publish that makes other files. */
static int publish_other(void) {
  struct outdir dir;
  ck_assert_int_eq(outdir_open(&dir, out, "fastly", scaffold, false), 0);
  add(&dir, OUTDIR_ARTEFACT, "bin/main.wasm", "two");
  int status = outdir_check(&dir);
  if (status == 0)
    status = outdir_commit(&dir, "site", (struct pieces_watch){0});
  outdir_free(&dir);
  return status;
}

START_TEST(a_stale_artefact_goes_and_its_empty_folder) {
  ck_assert_int_eq(publish("one", false), 0);
  ck_assert_int_eq(publish_other(), 0);
  ck_assert(!exists("out/pkg"));
  ck_assert(exists("out/host.toml"));
}
END_TEST

START_TEST(a_stale_artefact_that_somebody_changed_stays) {
  ck_assert_int_eq(publish("one", false), 0);
  tempdir_file("out/pkg/site.tar.gz", "mine");
  ck_assert_int_eq(publish_other(), 0);
  ck_assert_str_eq(text_of("pkg/site.tar.gz"), "mine");
}
END_TEST

START_TEST(the_folder_of_another_target_is_refused) {
  ck_assert_int_eq(publish("one", false), 0);
  struct outdir dir;
  ck_assert_int_eq(outdir_open(&dir, out, "workers", scaffold, false), -1);
  ck_told("was published for fastly, not for workers");
  outdir_free(&dir);
}
END_TEST

START_TEST(a_file_in_its_place_is_refused) {
  tempdir_file("out", "x");
  ck_assert_int_eq(publish("one", true), -1);
  ck_told("is a file");
}
END_TEST

START_TEST(a_folder_in_place_of_a_file_is_refused_even_with_force) {
  tempdir_file("out/bin/main.wasm/x", "x");
  ck_assert_int_eq(publish("one", true), -1);
  ck_told("out/bin/main.wasm is in the way");
}
END_TEST

START_TEST(a_file_in_place_of_a_folder_is_refused_even_with_force) {
  tempdir_file("out/bin", "x");
  ck_assert_int_eq(publish("one", true), -1);
  ck_told("out/bin is in the way");
}
END_TEST

START_TEST(a_link_to_nothing_is_not_replaced) {
  tempdir_link("elsewhere", "out/host.toml");
  ck_assert_int_eq(publish("one", false), -1);
  ck_told("out/host.toml is in the way");
  ck_assert(exists("out/host.toml"));
}
END_TEST

/* Otherwise the first of two files would be new, and the second not. */
START_TEST(a_folder_that_cannot_be_written_to_is_told_before_anything_is) {
  ck_assert_int_eq(chown(tempdir, 65534, 65534) == 0 || geteuid() != 0, 1);
  tempdir_drop_root();
  ck_assert_int_eq(publish("one", false), 0);
  ck_assert_int_eq(chmod(tempdir_path("out/pkg"), 0555), 0);
  ck_assert_int_eq(publish("two", false), -1);
  ck_told("cannot write to");
  ck_told("out/pkg: Permission denied");
  ck_published("one");
  ck_no_stage();
  ck_assert_int_eq(chmod(tempdir_path("out/pkg"), 0755), 0);
  tempdir_back_to_root();
}
END_TEST

START_TEST(a_folder_on_another_file_system_is_told_before_anything_is) {
  struct stat here, there;
  if (stat(tempdir, &here) != 0 || stat("/dev/shm", &there) != 0 ||
      here.st_dev == there.st_dev)
    return;
  ck_assert_int_eq(publish("one", false), 0);
  ck_assert_int_eq(unlink(tempdir_path("out/pkg/site.tar.gz")), 0);
  ck_assert_int_eq(rmdir(tempdir_path("out/pkg")), 0);
  tempdir_link("/dev/shm", "out/pkg");
  ck_assert_int_eq(publish("two", false), -1);
  ck_told("out/pkg lies on another file system");
  ck_assert_str_eq(text_of("bin/main.wasm"), "one");
}
END_TEST

START_TEST(a_linked_folder_is_written_through) {
  tempdir_folders("real/x");
  tempdir_link("real", "out");
  ck_assert_int_eq(publish("one", false), 0);
  ck_assert_int_eq(publish("two", false), 0);
  ck_published("two");
  ck_assert(exists("real/bin/main.wasm"));
}
END_TEST

START_TEST(files_and_folders_have_the_modes_that_the_umask_leaves) {
  mode_t old = umask(027);
  int status = publish("one", false);
  umask(old);
  ck_assert_int_eq(status, 0);
  static const struct {
    const char *name;
    mode_t mode;
  } rows[] = {{"out", 0750},
              {"out/bin", 0750},
              {"out/bin/main.wasm", 0640},
              {"out/" RECORD_FILE, 0640}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct stat st;
    ck_assert_int_eq(stat(tempdir_path(rows[i].name), &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, rows[i].mode);
  }
}
END_TEST

START_TEST(missing_parents_are_made) {
  snprintf(out, sizeof out, "%s", tempdir_path("a//b/out"));
  ck_assert_int_eq(publish("one", false), 0);
  ck_published("one");
}
END_TEST

START_TEST(a_way_that_leads_back_from_what_is_missing_is_told) {
  snprintf(out, sizeof out, "%s", tempdir_path("no/../out"));
  ck_assert_int_eq(publish("one", false), -1);
  ck_told("cannot make");
  ck_assert(!exists("no"));
}
END_TEST

/* ---- The record ---- */

START_TEST(a_record_is_read_back) {
  struct record a = {.target = "node", .name = "s"}, b;
  unsigned char hash[PIECES_HASH_SIZE] = {0x01, 0xfe};
  ck_assert_int_eq(record_add(&a, "a b/c.mjs", hash), 0);
  struct pieces text = {0};
  record_print(&a, &text);
  char *string = util_alloc((size_t)text.size + 1);
  pieces_copy(&text, string);
  string[text.size] = '\0';
  ck_assert_int_eq(record_read(&b, string), 0);
  ck_assert_str_eq(b.target, "node");
  ck_assert_str_eq(b.name, "s");
  ck_assert_uint_eq(b.count, 1);
  ck_assert(record_has(&b, "a b/c.mjs", hash));
  pieces_free(&text);
  record_free(&a);
  record_free(&b);
}
END_TEST

#define HASH "0123456789abcdef0123456789abcdef"

START_TEST(a_record_that_leads_out_or_is_none_is_refused) {
  static const char *const bad[] = {
      "",
      "target fastly\n",
      "name s\n",
      "hello\n",
      "target fastly\nname s\nfile " HASH " ../x\n",
      "target fastly\nname s\nfile " HASH " /etc/passwd\n",
      "target fastly\nname s\nfile " HASH " a//b\n",
      "target fastly\nname s\nfile " HASH " a/../b\n",
      "target fastly\nname s\nfile " HASH " a/\n",
      "target fastly\nname s\nfile " HASH "\n",
      "target fastly\nname s\nfile " HASH " \n",
      "target fastly\nname s\nfile 0123 a\n",
      "target fastly\nname s\nfile G" HASH " a\n",
      "target fastly\nname two words\n",
      "target a-target-with-a-name-that-is-much-too-long-for-it\nname s\n",
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct record record;
    ck_assert_msg(record_read(&record, util_text(bad[i]).len ? bad[i] : "") ==
                      -1,
                  "%s", bad[i]);
    ck_assert_uint_eq(record.count, 0);
  }
}
END_TEST

START_TEST(a_damaged_record_is_told_and_force_passes_it) {
  ck_assert_int_eq(publish("one", false), 0);
  tempdir_file("out/" RECORD_FILE, "hello\n");
  ck_assert_int_eq(publish("two", false), -1);
  ck_told("is damaged");
  ck_published("one");
  told_reset();
  ck_assert_int_eq(publish("two", true), 0);
  ck_published("two");
}
END_TEST

/* ---- All or nothing ---- */

static int yes(void *ctx, size_t len) {
  (void)ctx;
  (void)len;
  return 1;
}

START_TEST(an_interrupt_leaves_everything_as_it_was) {
  for (int round = 0; round < 2; round++) {
    struct outdir dir;
    ck_assert_int_eq(outdir_open(&dir, out, "fastly", scaffold, false), 0);
    add_site(&dir, "two");
    ck_assert_int_eq(outdir_check(&dir), 0);
    ck_assert_int_eq(
        outdir_commit(&dir, "site", (struct pieces_watch){yes, NULL}), -1);
    outdir_free(&dir);
    ck_assert_str_eq(told, "");
    ck_no_stage();
    if (round == 0) {
      ck_assert(!exists("out"));
      ck_assert_int_eq(publish("one", false), 0);
    } else {
      ck_published("one");
    }
  }
}
END_TEST

START_TEST(parents_that_were_made_go_again_when_it_fails) {
  tempdir_folders("a/x");
  snprintf(out, sizeof out, "%s", tempdir_path("a/b/c/out"));
  struct outdir dir;
  ck_assert_int_eq(outdir_open(&dir, out, "fastly", scaffold, false), 0);
  add_site(&dir, "one");
  ck_assert(!exists("a/b")); /* looking makes nothing */
  ck_assert_int_eq(
      outdir_commit(&dir, "site", (struct pieces_watch){yes, NULL}), -1);
  outdir_free(&dir);
  ck_assert(exists("a"));
  ck_assert(!exists("a/b"));
}
END_TEST

/* What write gives when the disk is full, EFBIG in place of ENOSPC. */
START_TEST(a_full_disk_leaves_everything_as_it_was) {
  ck_assert_int_eq(publish("one", false), 0);
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit old, small = {8, 8};
  ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
  small.rlim_max = old.rlim_max;
  ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
  int status = publish("more than eight bytes", false);
  ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
  ck_assert_int_eq(status, -1);
  ck_told("cannot write");
  ck_published("one");
  ck_no_stage();
  told_reset();
  ck_assert_int_eq(publish("two, which is longer", false), 0);
}
END_TEST

START_TEST(a_stage_that_a_killed_publish_left_is_removed) {
  tempdir_file("out" OUTDIR_STAGE "/bin/main.wasm", "half");
  tempdir_file("out" OUTDIR_STAGE "/left/over", "half");
  ck_assert_int_eq(publish("one", false), 0);
  ck_published("one");
  ck_assert(!exists("out/left"));
  ck_no_stage();
  tempdir_file("out/" OUTDIR_STAGE "/bin/main.wasm", "half");
  ck_assert_int_eq(publish("two", false), 0);
  ck_published("two");
  ck_no_stage();
}
END_TEST

START_TEST(a_second_publish_at_the_same_time_is_refused) {
  ck_assert_int_eq(publish("one", false), 0);
  ck_assert_int_eq(mkdir(tempdir_path("out/" OUTDIR_STAGE), 0755), 0);
  int fd = open(tempdir_path("out/" OUTDIR_STAGE), O_RDONLY);
  ck_assert_int_eq(flock(fd, LOCK_EX), 0);
  ck_assert_int_eq(publish("two", false), -1);
  ck_told("another publish is writing");
  ck_published("one");
  close(fd);
  told_reset();
  ck_assert_int_eq(publish("two", false), 0);
}
END_TEST

/* Publishes over and over until it is killed, after so many microseconds. */
static void publish_until_killed(int microseconds) {
  pid_t child = fork();
  if (child == 0) {
    for (int i = 0;; i++)
      if (publish(i % 2 ? "one" : "two", false) != 0)
        _exit(1);
  }
  struct timespec wait = {0, microseconds * 1000L};
  nanosleep(&wait, NULL);
  kill(child, SIGKILL);
  int status;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert_msg(WIFSIGNALED(status), "%d", status);
}

START_TEST(kill_9_at_any_moment_leaves_whole_files_that_are_ours) {
  for (int i = 0; i < 100; i++) {
    publish_until_killed(200 + i * 97);
    for (int k = 0; k < 2; k++) {
      const char *text = text_of(k ? "pkg/site.tar.gz" : "bin/main.wasm");
      ck_assert_msg(!exists("out") || strcmp(text, "one") == 0 ||
                        strcmp(text, "two") == 0 ||
                        (i > 0 && strcmp(text, "three") == 0),
                    "%s", text);
    }
    ck_assert_int_eq(publish("three", false), 0);
    ck_published("three");
    ck_no_stage();
  }
}
END_TEST

START_TEST(killed_between_two_files_the_next_publish_knows_both) {
  /* The record names the old content and the new; one file is new. */
  ck_assert_int_eq(publish("one", false), 0);
  char both[4096];
  snprintf(both, sizeof both, "%s", text_of(RECORD_FILE));
  ck_assert_int_eq(publish("two", false), 0);
  const char *files = strstr(text_of(RECORD_FILE), "file ");
  strncat(both, files, sizeof both - strlen(both) - 1);
  tempdir_file("out/" RECORD_FILE, both);
  tempdir_file("out/bin/main.wasm", "one");
  ck_assert_int_eq(publish("three", false), 0);
  ck_published("three");
  ck_assert_ptr_null(strstr(strstr(text_of(RECORD_FILE), "bin/main.wasm") + 1,
                            "bin/main.wasm"));
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("outdir");
  tcase_add_checked_fixture(tc, setup, tempdir_remove);
  tcase_add_test(tc, a_new_folder_gets_all_files_and_a_record);
  tcase_add_test(tc, an_empty_folder_is_taken);
  tcase_add_test(tc, artefacts_of_an_earlier_publish_are_replaced_silently);
  tcase_add_test(tc, an_edited_scaffold_is_kept);
  tcase_add_test(tc, force_replaces_an_edited_scaffold);
  tcase_add_test(tc, the_text_of_a_scaffold_that_stays_can_be_read);
  tcase_add_test(tc, a_folder_with_the_users_scaffold_alone_is_taken);
  tcase_add_test(tc, a_folder_of_something_else_is_refused_by_its_first_name);
  tcase_add_test(tc, force_adds_to_a_folder_of_something_else);
  tcase_add_test(tc, other_files_in_a_folder_of_ours_are_left_alone);
  tcase_add_test(tc, an_artefact_that_somebody_changed_is_refused);
  tcase_add_test(tc, what_the_hosts_tool_rewrites_is_replaced);
  tcase_add_test(tc, a_file_that_is_the_same_is_not_touched);
  tcase_add_test(tc, a_stale_artefact_goes_and_its_empty_folder);
  tcase_add_test(tc, a_stale_artefact_that_somebody_changed_stays);
  tcase_add_test(tc, the_folder_of_another_target_is_refused);
  tcase_add_test(tc, a_file_in_its_place_is_refused);
  tcase_add_test(tc, a_folder_in_place_of_a_file_is_refused_even_with_force);
  tcase_add_test(tc, a_file_in_place_of_a_folder_is_refused_even_with_force);
  tcase_add_test(tc, a_link_to_nothing_is_not_replaced);
  tcase_add_test(tc,
                 a_folder_that_cannot_be_written_to_is_told_before_anything_is);
  tcase_add_test(tc,
                 a_folder_on_another_file_system_is_told_before_anything_is);
  tcase_add_test(tc, a_linked_folder_is_written_through);
  tcase_add_test(tc, files_and_folders_have_the_modes_that_the_umask_leaves);
  tcase_add_test(tc, missing_parents_are_made);
  tcase_add_test(tc, a_way_that_leads_back_from_what_is_missing_is_told);
  tcase_add_test(tc, a_record_is_read_back);
  tcase_add_test(tc, a_record_that_leads_out_or_is_none_is_refused);
  tcase_add_test(tc, a_damaged_record_is_told_and_force_passes_it);
  tcase_add_test(tc, an_interrupt_leaves_everything_as_it_was);
  tcase_add_test(tc, parents_that_were_made_go_again_when_it_fails);
  tcase_add_test(tc, a_full_disk_leaves_everything_as_it_was);
  tcase_add_test(tc, a_stage_that_a_killed_publish_left_is_removed);
  tcase_add_test(tc, a_second_publish_at_the_same_time_is_refused);
  tcase_add_test(tc, kill_9_at_any_moment_leaves_whole_files_that_are_ours);
  tcase_add_test(tc, killed_between_two_files_the_next_publish_knows_both);
  return util_run("outdir", tc);
}
