/* check_scan.c - the walk over a site's folder.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/scan.h"

#include "memtest.h"
#include "messages.h"
#include "tempdir.h"
#include "util.h"

#include <sys/socket.h>
#include <sys/un.h>

static struct messages told;
static edgestatic_builder_options options;

static void setup(void) {
  options = (edgestatic_builder_options)EDGESTATIC_BUILDER_OPTIONS_INIT;
  memset(&told, 0, sizeof told);
  options.message = messages_keep;
  options.message_ctx = &told;
  tempdir_make();
}

/* Scans, and gives the paths one a line. */
static const char *scan_paths(void) {
  static char list[1 << 16];
  struct scan scan;
  int error = scan_dir(&scan, &options, tempdir);
  ck_assert_msg(error == EDGESTATIC_OK, "%s: %s", told.file, told.text);
  size_t len = 0;
  for (size_t i = 0; i < scan.count; i++) {
    ck_assert_int_eq(scan.file[i].path.base[scan.file[i].path.len], 0);
    len += (size_t)snprintf(list + len, sizeof list - len, "%s\n",
                            scan.file[i].path.base);
  }
  list[len] = 0;
  scan_free(&scan);
  return list;
}

/* Scans what is wrong about a path of the folder. */
static void refused(int error, const char *path, const char *words) {
  struct scan scan;
  memset(&told, 0, sizeof told);
  ck_assert_int_eq(scan_dir(&scan, &options, tempdir), error);
  ck_assert_uint_eq(told.count, 1);
  ck_assert_int_eq(told.severity, EDGESTATIC_ERROR);
  assert_said(&told, words);
  if (path != NULL)
    ck_assert_str_eq(told.file, tempdir_path(path));
  ck_assert_int_eq(scan.root, -1);
  ck_assert_uint_eq(scan.count, 0);
  scan_free(&scan);
}

START_TEST(files_are_sorted_by_the_bytes_of_their_paths) {
  tempdir_file("a/b.html", "");
  tempdir_file("a-b.html", "");
  tempdir_file("a.html", "");
  tempdir_file("B.html", "");
  tempdir_file("\xc3\xa9.html", "");
  tempdir_file("a/b/c/d.css", "");
  ck_assert_str_eq(scan_paths(), "B.html\na-b.html\na.html\na/b.html\n"
                                 "a/b/c/d.css\n\xc3\xa9.html\n");
}
END_TEST

START_TEST(size_and_time_are_those_of_the_file) {
  tempdir_file("a.html", "12345");
  const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1700000000}};
  ck_assert_int_eq(utimensat(AT_FDCWD, tempdir_path("a.html"), times, 0), 0);
  struct scan scan;
  ck_assert_int_eq(scan_dir(&scan, &options, tempdir), EDGESTATIC_OK);
  ck_assert_uint_eq(scan.count, 1);
  ck_assert_uint_eq(scan.file[0].size, 5);
  ck_assert_int_eq(scan.file[0].mtime, 1700000000);
  ck_assert_int_ge(scan.root, 0);
  ck_assert_int_eq(faccessat(scan.root, "a.html", R_OK, 0), 0);
  scan_free(&scan);
  ck_assert_int_eq(scan.root, -1);
}
END_TEST

START_TEST(an_empty_folder_has_no_files) {
  ck_assert_str_eq(scan_paths(), "");
}
END_TEST

START_TEST(dotfiles_are_left_out_but_for_well_known) {
  tempdir_file(".htaccess", "");
  tempdir_file(".git/config", "");
  tempdir_file("a/.DS_Store", "");
  tempdir_file(".well-known/security.txt", "");
  tempdir_file(".well-known/acme/.gitkeep", "");
  tempdir_file(".well-known/acme/x", "");
  tempdir_file("a/b", "");
  ck_assert_str_eq(scan_paths(),
                   ".well-known/acme/x\n.well-known/security.txt\na/b\n");
}
END_TEST

START_TEST(the_files_for_the_builder_are_no_assets_at_the_root_only) {
  tempdir_file("_headers", "");
  tempdir_file("_redirects", "");
  tempdir_file(".edgestaticignore", "");
  tempdir_file("sub/_headers", "");
  tempdir_file("sub/_redirects", "");
  ck_assert_str_eq(scan_paths(), "sub/_headers\nsub/_redirects\n");
}
END_TEST

START_TEST(what_the_ignore_file_names_is_left_out) {
  tempdir_file(".edgestaticignore", "*.map\ndrafts/\n!keep.map\n/x\n");
  tempdir_file("a.js.map", "");
  tempdir_file("keep.map", "");
  tempdir_file("a/b.map", "");
  tempdir_file("drafts/a.html", "");
  tempdir_file("a/drafts/keep.map", "");
  tempdir_file("x", "");
  tempdir_file("a/x", "");
  ck_assert_str_eq(scan_paths(), "a/x\nkeep.map\n");
}
END_TEST

START_TEST(a_bad_line_of_the_ignore_file_is_named) {
  tempdir_file(".edgestaticignore", "a\nb[\n");
  refused(EDGESTATIC_ERR_INPUT, ".edgestaticignore", "matches nothing");
  ck_assert_uint_eq(told.line, 2);
}
END_TEST

START_TEST(an_ignore_file_that_is_a_folder_is_an_error) {
  tempdir_file(".edgestaticignore/x", "");
  refused(EDGESTATIC_ERR_INPUT, ".edgestaticignore", "is not a file");
}
END_TEST

START_TEST(links_within_the_root_are_followed) {
  tempdir_file("real/a.html", "a");
  tempdir_link("real", "folder");
  tempdir_link("real/a.html", "b.html");
  tempdir_link("../b.html", "deep/c.html");
  char absolute[sizeof tempdir + 16];
  snprintf(absolute, sizeof absolute, "%s/real", tempdir);
  tempdir_link(absolute, "absolute");
  ck_assert_str_eq(scan_paths(), "absolute/a.html\nb.html\ndeep/c.html\n"
                                 "folder/a.html\nreal/a.html\n");
  struct scan scan;
  ck_assert_int_eq(scan_dir(&scan, &options, tempdir), EDGESTATIC_OK);
  for (size_t i = 0; i < scan.count; i++) {
    ck_assert_slice_eq(scan.file[i].source, "real/a.html");
    ck_assert_uint_eq(scan.file[i].size, 1);
  }
  scan_free(&scan);
}
END_TEST

START_TEST(a_root_that_is_a_link_is_a_root) {
  tempdir_file("real/a.html", "");
  tempdir_link("a.html", "real/b.html");
  tempdir_link("real", "linked");
  size_t len = strlen(tempdir);
  strcat(tempdir, "/linked");
  ck_assert_str_eq(scan_paths(), "a.html\nb.html\n");
  tempdir[len] = 0;
}
END_TEST

START_TEST(a_link_that_leaves_the_root_is_an_error) {
  tempdir_link("/etc/passwd", "passwd");
  refused(EDGESTATIC_ERR_INPUT, "passwd", "leaves the folder");
  assert_said(&told, "/etc/passwd");
}
END_TEST

START_TEST(a_link_to_a_sibling_whose_name_begins_alike_leaves_the_root) {
  tempdir_file("site-old/a.html", "");
  tempdir_link("../site-old/a.html", "site/a.html");
  size_t len = strlen(tempdir);
  strcat(tempdir, "/site");
  refused(EDGESTATIC_ERR_INPUT, "a.html", "leaves the folder");
  tempdir[len] = 0;
}
END_TEST

START_TEST(a_link_to_nothing_is_an_error) {
  tempdir_link("missing", "a/b");
  refused(EDGESTATIC_ERR_INPUT, "a/b", "to nothing");
}
END_TEST

START_TEST(a_link_through_a_file_is_a_link_to_nothing) {
  tempdir_file("file", "");
  tempdir_link("file/x", "a");
  refused(EDGESTATIC_ERR_INPUT, "a", "to nothing");
}
END_TEST

START_TEST(a_link_that_may_not_be_followed_is_an_error) {
  tempdir_file("closed/a", "");
  tempdir_link("closed/a", "b");
  tempdir_file(".edgestaticignore", "closed");
  ck_assert_int_eq(chmod(tempdir_path("closed"), 0), 0);
  tempdir_drop_root();
  refused(EDGESTATIC_ERR_IO, "b", strerror(EACCES));
  tempdir_back_to_root();
}
END_TEST

START_TEST(an_ignore_file_may_be_a_link_within_the_root) {
  tempdir_file("ignore.txt", "*.txt\n");
  tempdir_file("a.html", "");
  tempdir_link("ignore.txt", ".edgestaticignore");
  ck_assert_str_eq(scan_paths(), "a.html\n");
  ck_assert_int_eq(unlink(tempdir_path(".edgestaticignore")), 0);
  tempdir_link("/etc/hostname", ".edgestaticignore");
  refused(EDGESTATIC_ERR_INPUT, ".edgestaticignore", "leaves the folder");
}
END_TEST

START_TEST(an_unreadable_ignore_file_is_an_error) {
  tempdir_file(".edgestaticignore", "a\n");
  ck_assert_int_eq(chmod(tempdir_path(".edgestaticignore"), 0), 0);
  tempdir_drop_root();
  refused(EDGESTATIC_ERR_IO, ".edgestaticignore", strerror(EACCES));
  tempdir_back_to_root();
}
END_TEST

START_TEST(an_unreadable_root_is_an_error) {
  ck_assert_int_eq(chmod(tempdir, 0), 0);
  tempdir_drop_root();
  refused(EDGESTATIC_ERR_IO, NULL, strerror(EACCES));
  tempdir_back_to_root();
  ck_assert_int_eq(chmod(tempdir, 0755), 0);
}
END_TEST

START_TEST(a_link_to_itself_is_an_error) {
  tempdir_link("a", "a");
  refused(EDGESTATIC_ERR_INPUT, "a", "leads to itself");
}
END_TEST

START_TEST(a_link_to_a_folder_that_it_lies_in_is_an_error) {
  tempdir_link(".", "loop");
  refused(EDGESTATIC_ERR_INPUT, "loop", "that it lies in");
  ck_assert_int_eq(unlink(tempdir_path("loop")), 0);
  tempdir_link("..", "a/b");
  refused(EDGESTATIC_ERR_INPUT, "a/b", "that it lies in");
}
END_TEST

START_TEST(links_that_lead_to_each_other_are_found_out) {
  tempdir_link("../b", "a/to-b");
  tempdir_link("../a", "b/to-a");
  refused(EDGESTATIC_ERR_INPUT, NULL, "that it lies in");
}
END_TEST

START_TEST(a_bad_link_that_is_ignored_does_not_matter) {
  tempdir_file(".edgestaticignore", "bad\nfolder/\n");
  tempdir_link("/etc/passwd", "bad");
  tempdir_link(".", "folder");
  tempdir_link("missing", ".hidden");
  ck_assert_str_eq(scan_paths(), "");
}
END_TEST

START_TEST(a_name_that_is_not_utf_8_is_an_error_that_shows_it) {
  tempdir_file("a/caf\xe9.html", "");
  refused(EDGESTATIC_ERR_INPUT, NULL, "not UTF-8");
  ck_assert_ptr_nonnull(strstr(told.file, "/a/caf\\xe9.html"));
}
END_TEST

START_TEST(a_name_with_a_control_character_is_an_error_that_shows_it) {
  tempdir_file("a\x1b[31m.html", "");
  refused(EDGESTATIC_ERR_INPUT, NULL, "control character");
  ck_assert_ptr_nonnull(strstr(told.file, "/a\\x1b[31m.html"));
}
END_TEST

START_TEST(a_name_with_a_backslash_is_an_error) {
  tempdir_file("a\\b.html", "");
  refused(EDGESTATIC_ERR_INPUT, "a\\b.html", "backslash");
}
END_TEST

START_TEST(a_folder_with_a_bad_name_is_an_error_too) {
  tempdir_file("caf\xe9/a.html", "");
  refused(EDGESTATIC_ERR_INPUT, NULL, "not UTF-8");
}
END_TEST

START_TEST(a_path_may_be_as_long_as_path_max_and_no_longer) {
  /* With the slash that a URL puts in front: 10 folders of 200 bytes. */
  char path[EDGESTATIC_PATH_MAX + 2];
  memset(path, 'a', sizeof path);
  for (size_t i = 200; i < EDGESTATIC_PATH_MAX - 2; i += 201)
    path[i] = '/';
  path[EDGESTATIC_PATH_MAX - 1] = 0;
  tempdir_file(path, "");
  ck_assert_uint_eq(strlen(scan_paths()), EDGESTATIC_PATH_MAX);
  path[EDGESTATIC_PATH_MAX - 1] = 'a';
  path[EDGESTATIC_PATH_MAX] = 0;
  tempdir_file(path, "");
  refused(EDGESTATIC_ERR_LIMIT, NULL, "too long");
}
END_TEST

START_TEST(an_unreadable_folder_is_an_error) {
  tempdir_file("a/b/c", "");
  ck_assert_int_eq(chmod(tempdir_path("a/b"), 0), 0);
  tempdir_drop_root();
  refused(EDGESTATIC_ERR_IO, "a/b", strerror(EACCES));
  tempdir_back_to_root();
}
END_TEST

START_TEST(a_folder_that_cannot_be_entered_is_an_error) {
  tempdir_file("a/b/c", "");
  ck_assert_int_eq(chmod(tempdir_path("a/b"), 0644), 0);
  tempdir_drop_root();
  refused(EDGESTATIC_ERR_IO, NULL, strerror(EACCES));
  tempdir_back_to_root();
}
END_TEST

START_TEST(a_pipe_is_an_error) {
  ck_assert_int_eq(mkfifo(tempdir_path("pipe"), 0644), 0);
  refused(EDGESTATIC_ERR_INPUT, "pipe", "neither a file nor a folder");
}
END_TEST

START_TEST(a_socket_is_an_error_unless_it_is_ignored) {
  struct sockaddr_un address = {AF_UNIX, "socket"};
  ck_assert_int_eq(chdir(tempdir), 0);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
  close(fd);
  refused(EDGESTATIC_ERR_INPUT, "socket", "neither a file nor a folder");
  tempdir_file(".edgestaticignore", "socket");
  ck_assert_str_eq(scan_paths(), "");
}
END_TEST

START_TEST(a_root_that_is_missing_or_no_folder_is_an_error) {
  size_t len = strlen(tempdir);
  tempdir_file("file", "");
  strcat(tempdir, "/missing");
  refused(EDGESTATIC_ERR_IO, NULL, "no such folder");
  ck_assert_str_eq(told.file, tempdir);
  strcpy(tempdir + len, "/file");
  refused(EDGESTATIC_ERR_IO, NULL, "is not a folder");
  tempdir[len] = 0;
}
END_TEST

struct counted {
  unsigned calls, stop_at;
  uint32_t last;
};

static int count(void *ctx, const edgestatic_progress *progress) {
  struct counted *counted = ctx;
  ck_assert_uint_eq(progress->files_total, 0);
  ck_assert_uint_ge(progress->files_done, counted->last);
  counted->last = progress->files_done;
  return ++counted->calls == counted->stop_at;
}

START_TEST(progress_is_told_and_can_cancel) {
  for (int i = 0; i < 2500; i++) {
    char name[32];
    snprintf(name, sizeof name, "%d/%d", i % 50, i);
    tempdir_file(name, "");
  }
  struct counted counted = {0};
  options.progress = count;
  options.progress_ctx = &counted;
  struct scan scan;
  ck_assert_int_eq(scan_dir(&scan, &options, tempdir), EDGESTATIC_OK);
  ck_assert_uint_eq(scan.count, 2500);
  scan_free(&scan);
  ck_assert_uint_eq(counted.calls, 2);
  counted = (struct counted){.stop_at = 1};
  ck_assert_int_eq(scan_dir(&scan, &options, tempdir),
                   EDGESTATIC_ERR_CANCELLED);
  ck_assert_uint_eq(counted.calls, 1);
  ck_assert_uint_eq(told.count, 0);
}
END_TEST

static int scan_some(const edgestatic_allocator *allocator, void *arg) {
  (void)arg;
  options.allocator = *allocator;
  struct scan scan;
  int error = scan_dir(&scan, &options, tempdir);
  if (error == EDGESTATIC_OK)
    scan_free(&scan);
  return error;
}

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  tempdir_file(".edgestaticignore", "x\n");
  for (int i = 0; i < 300; i++) {
    char name[300];
    snprintf(name, sizeof name, "%d/%0200d", i % 20, i);
    tempdir_file(name, "");
  }
  tempdir_link("3", "link");
  memtest_fail_each(scan_some, NULL);
}
END_TEST

START_TEST(a_fault_of_a_path_is_said) {
  ck_assert_ptr_null(scan_path_fault(util_text("a/b c/\xc3\xa9.html")));
  ck_assert_ptr_null(scan_path_fault(util_text("..a/.../b..")));
  static const char *const bad[] = {"",    "/a",   "a/",   "a//b",  ".",
                                    "..",  "a/..", "./a",  "a/./b", "a\nb",
                                    "a\\", "\xff", "a\x7f"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ck_assert_msg(scan_path_fault(util_text(bad[i])) != NULL, "%s", bad[i]);
  ck_assert_ptr_nonnull(scan_path_fault(util_bytes("a\0b", 3)));
}
END_TEST

int main(void) {
  TCase *c = tcase_create("scan");
  tcase_add_checked_fixture(c, setup, tempdir_remove);
  tcase_add_test(c, files_are_sorted_by_the_bytes_of_their_paths);
  tcase_add_test(c, size_and_time_are_those_of_the_file);
  tcase_add_test(c, an_empty_folder_has_no_files);
  tcase_add_test(c, dotfiles_are_left_out_but_for_well_known);
  tcase_add_test(c, the_files_for_the_builder_are_no_assets_at_the_root_only);
  tcase_add_test(c, what_the_ignore_file_names_is_left_out);
  tcase_add_test(c, a_bad_line_of_the_ignore_file_is_named);
  tcase_add_test(c, an_ignore_file_that_is_a_folder_is_an_error);
  tcase_add_test(c, links_within_the_root_are_followed);
  tcase_add_test(c, a_root_that_is_a_link_is_a_root);
  tcase_add_test(c, a_link_that_leaves_the_root_is_an_error);
  tcase_add_test(c,
                 a_link_to_a_sibling_whose_name_begins_alike_leaves_the_root);
  tcase_add_test(c, a_link_to_nothing_is_an_error);
  tcase_add_test(c, a_link_through_a_file_is_a_link_to_nothing);
  tcase_add_test(c, a_link_that_may_not_be_followed_is_an_error);
  tcase_add_test(c, an_ignore_file_may_be_a_link_within_the_root);
  tcase_add_test(c, an_unreadable_ignore_file_is_an_error);
  tcase_add_test(c, an_unreadable_root_is_an_error);
  tcase_add_test(c, a_link_to_itself_is_an_error);
  tcase_add_test(c, a_link_to_a_folder_that_it_lies_in_is_an_error);
  tcase_add_test(c, links_that_lead_to_each_other_are_found_out);
  tcase_add_test(c, a_bad_link_that_is_ignored_does_not_matter);
  tcase_add_test(c, a_name_that_is_not_utf_8_is_an_error_that_shows_it);
  tcase_add_test(c, a_name_with_a_control_character_is_an_error_that_shows_it);
  tcase_add_test(c, a_name_with_a_backslash_is_an_error);
  tcase_add_test(c, a_folder_with_a_bad_name_is_an_error_too);
  tcase_add_test(c, a_path_may_be_as_long_as_path_max_and_no_longer);
  tcase_add_test(c, an_unreadable_folder_is_an_error);
  tcase_add_test(c, a_folder_that_cannot_be_entered_is_an_error);
  tcase_add_test(c, a_pipe_is_an_error);
  tcase_add_test(c, a_socket_is_an_error_unless_it_is_ignored);
  tcase_add_test(c, a_root_that_is_missing_or_no_folder_is_an_error);
  tcase_add_test(c, progress_is_told_and_can_cancel);
  tcase_add_test(c, each_failing_allocation_is_an_error_without_a_leak);
  tcase_add_test(c, a_fault_of_a_path_is_said);
  return util_run("scan", c);
}
