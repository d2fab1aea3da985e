/* check_urls.c - from files to the paths that a site answers.
 * SPDX-License-Identifier: MIT */
#include "build/urls.h"

#include "core/format.h"

#include "memtest.h"
#include "messages.h"
#include "util.h"

static struct messages told;
static edgestatic_builder_options options;

static void setup(void) {
  options = (edgestatic_builder_options)EDGESTATIC_BUILDER_OPTIONS_INIT;
  memset(&told, 0, sizeof told);
  options.message = messages_keep;
  options.message_ctx = &told;
}

enum { AUTO, FORCE, DROP, NONE };

/* Holds the entries of files (given one a line, sorted) against a list of
 * "file path flags", one a line, where flags are P (page), F (folder), or
 * nothing, and "+" for an entry that is not its file's main one. */
static void maps(int handling, const char *files, const char *entries) {
  slice file[64], rest = util_text(files);
  size_t count = 0;
  while (rest.len > 0) {
    const char *end = memchr(rest.base, '\n', rest.len);
    size_t len = end == NULL ? rest.len : (size_t)(end - rest.base);
    file[count++] = util_bytes(rest.base, len);
    rest = slice_skip(rest, end == NULL ? len : len + 1);
  }
  options.html_handling = handling;
  struct urls urls;
  ck_assert_int_eq(urls_map(&urls, &options, file, count), EDGESTATIC_OK);
  char list[1 << 14] = "";
  size_t len = 0, before = 0;
  for (size_t i = 0; i < urls.count; i++) {
    const struct urls_entry *e = &urls.entry[i];
    ck_assert_int_eq(e->path.base[e->path.len], 0);
    ck_assert_int_eq(e->location.base[e->location.len], 0);
    ck_assert(e->file == before || e->file == before + 1);
    before = e->file;
    len += (size_t)snprintf(list + len, sizeof list - len, "%.*s %s%s%s%s\n",
                            (int)file[e->file].len, file[e->file].base,
                            e->path.base, e->flags & ENTRY_PAGE ? " P" : "",
                            e->flags & ENTRY_FOLDER ? " F" : "",
                            e->main ? "" : " +");
    for (size_t j = 0; j < i; j++)
      ck_assert_msg(!slice_eq(e->path, urls.entry[j].path), "%s twice",
                    e->path.base);
  }
  ck_assert_str_eq(list, entries);
  urls_free(&urls);
}

#define SITE "a.html\ndocs/b.html\ndocs/index.html\nindex.html\nlogo.png"

START_TEST(auto_serves_pages_without_html_and_folders_with_a_slash) {
  maps(AUTO, SITE,
       "a.html /a P\n"
       "docs/b.html /docs/b P\n"
       "docs/index.html /docs/ P\n"
       "index.html / P\n"
       "logo.png /logo.png\n");
  ck_assert_uint_eq(told.count, 0);
}
END_TEST

START_TEST(force_serves_both_with_a_slash) {
  maps(FORCE, SITE,
       "a.html /a/ P\n"
       "docs/b.html /docs/b/ P\n"
       "docs/index.html /docs/ P\n"
       "index.html / P\n"
       "logo.png /logo.png\n");
}
END_TEST

START_TEST(drop_serves_both_without_a_slash) {
  maps(DROP, SITE,
       "a.html /a P\n"
       "docs/b.html /docs/b P\n"
       "docs/index.html /docs P\n"
       "index.html / P\n"
       "logo.png /logo.png\n");
}
END_TEST

START_TEST(none_serves_files_by_their_names_and_indexes_at_their_folder_too) {
  maps(NONE, SITE,
       "a.html /a.html\n"
       "docs/b.html /docs/b.html\n"
       "docs/index.html /docs/index.html\n"
       "docs/index.html /docs/ F +\n"
       "index.html /index.html\n"
       "index.html / +\n"
       "logo.png /logo.png\n");
}
END_TEST

START_TEST(a_page_beside_a_folder_of_its_name) {
  const char *files = "x.html\nx/index.html";
  maps(AUTO, files, "x.html /x P\nx/index.html /x/ P\n");
  ck_assert_uint_eq(told.count, 0);
  /* Forced slashes: the folder has /x/; dropped ones: the page has /x. */
  maps(FORCE, files, "x.html /x.html\nx/index.html /x/ P\n");
  ck_assert_uint_eq(told.count, 1);
  ck_assert_int_eq(told.severity, EDGESTATIC_NOTE);
  ck_assert_str_eq(told.file, "x.html");
  maps(DROP, files, "x.html /x P\nx/index.html /x/index.html\n");
  ck_assert_uint_eq(told.count, 2);
  ck_assert_str_eq(told.file, "x/index.html");
}
END_TEST

START_TEST(a_page_beside_a_plain_file_of_its_name_keeps_its_own) {
  const char *files = "x\nx.html", *entries = "x /x\nx.html /x.html\n";
  maps(AUTO, files, entries);
  maps(FORCE, files, entries);
  maps(DROP, files, entries);
  maps(NONE, files, entries);
  ck_assert_uint_eq(told.count, 3);
}
END_TEST

START_TEST(a_folder_beside_a_file_of_its_name_keeps_its_index) {
  /* From memory only: no disk has both. */
  maps(DROP, "x\nx/index.html", "x /x\nx/index.html /x/index.html\n");
  maps(AUTO, "x\nx/index.html", "x /x\nx/index.html /x/ P\n");
}
END_TEST

START_TEST(a_page_never_takes_the_path_of_another_file) {
  maps(AUTO, "x.html\nx.html.html", "x.html /x P\nx.html.html /x.html.html\n");
  maps(DROP, "index.html\nindex.html.html",
       "index.html / P\nindex.html.html /index.html.html\n");
  maps(AUTO, "x.html.html", "x.html.html /x.html P\n");
  /* Beside a page that keeps its path for its own reason. */
  maps(FORCE, "x.html\nx.html.html\nx/index.html",
       "x.html /x.html\nx.html.html /x.html.html\nx/index.html /x/ P\n");
  maps(DROP, "x.html\nx/index.html\nx/index.html.html",
       "x.html /x P\nx/index.html /x/index.html\n"
       "x/index.html.html /x/index.html.html\n");
}
END_TEST

START_TEST(a_file_called_dot_html_stays_where_it_is) {
  for (int handling = AUTO; handling <= NONE; handling++)
    maps(handling, ".html\na/.html", ".html /.html\na/.html /a/.html\n");
}
END_TEST

START_TEST(only_a_whole_name_is_an_index) {
  maps(AUTO, "a/myindex.html\nindex.htm\nx.HTML",
       "a/myindex.html /a/myindex P\nindex.htm /index.htm\nx.HTML /x.HTML\n");
}
END_TEST

START_TEST(the_longest_file_has_a_path) {
  char name[EDGESTATIC_PATH_MAX];
  memset(name, 'a', sizeof name);
  memcpy(name + sizeof name - 6, ".html", 6);
  for (int handling = AUTO; handling <= NONE; handling++) {
    const slice file = slice_of(name, sizeof name - 1);
    struct urls urls;
    options.html_handling = handling;
    ck_assert_int_eq(urls_map(&urls, &options, &file, 1), EDGESTATIC_OK);
    size_t cut = handling == NONE ? 0 : handling == FORCE ? 4 : 5;
    ck_assert_uint_eq(urls.entry[0].path.len, sizeof name - cut);
    urls_free(&urls);
  }
}
END_TEST

START_TEST(an_error_page_is_a_page_too) {
  maps(AUTO, "404.html", "404.html /404 P\n");
}
END_TEST

START_TEST(no_files_have_no_paths) {
  maps(AUTO, "", "");
}
END_TEST

START_TEST(locations_are_percent_encoded) {
  const slice file[] = {LIT("a b.txt"), LIT("caf\xc3\xa9.html")};
  struct urls urls;
  ck_assert_int_eq(urls_map(&urls, &options, file, 2), EDGESTATIC_OK);
  ck_assert_slice_eq(urls.entry[0].path, "/a b.txt");
  ck_assert_slice_eq(urls.entry[0].location, "/a%20b.txt");
  ck_assert_slice_eq(urls.entry[1].path, "/caf\xc3\xa9");
  ck_assert_slice_eq(urls.entry[1].location, "/caf%C3%A9");
  urls_free(&urls);
}
END_TEST

static void encodes(slice path, const char *expected) {
  char *out = util_alloc(3 * path.len);
  size_t len = urls_encode(out, path);
  ck_assert_uint_eq(len, strlen(expected));
  ck_assert_mem_eq(out, expected, len);
}

START_TEST(what_a_path_may_have_is_left_as_it_is) {
  encodes(util_text("/azAZ09-._~!$&'()*+,;=:@/x"),
          "/azAZ09-._~!$&'()*+,;=:@/x");
  encodes(util_text("/ \"#%<>?[\\]^`{|}"),
          "/%20%22%23%25%3C%3E%3F%5B%5C%5D%5E%60%7B%7C%7D");
  encodes(util_text("/\xf0\x9f\x98\x80"), "/%F0%9F%98%80");
  encodes(util_bytes("/\0\x7f", 3), "/%00%7F");
}
END_TEST

START_TEST(a_location_never_names_another_host) {
  encodes(util_text("//evil"), "/%2Fevil");
  encodes(util_text("/"), "/");
  encodes(util_text("/\\evil"), "/%5Cevil");
}
END_TEST

START_TEST(a_404_page_is_for_its_folder) {
  slice root = urls_error_folder(LIT("404.html"));
  ck_assert_ptr_nonnull(root.base);
  ck_assert_uint_eq(root.len, 0);
  ck_assert(slice_eq(urls_error_folder(LIT("docs/404.html")), LIT("docs/")));
  static const char *const others[] = {"", "a404.html", "404.htm", "404.html/a",
                                       "docs/a404.html"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    ck_assert_ptr_null(urls_error_folder(util_text(others[i])).base);
}
END_TEST

static int map_some(const edgestatic_allocator *allocator, void *arg) {
  enum { FILES = 400 };
  static char names[FILES][300];
  slice file[FILES];
  /* Lengths that put the end of a block of strings at every place. */
  for (int i = 0; i < FILES; i++) {
    int n = snprintf(names[i], sizeof names[i], "%03d/%0*d \xc3\xa9/index.html",
                     i, 80 + i % 101, i);
    file[i] = slice_of(names[i], (size_t)n);
  }
  options.allocator = *allocator;
  options.html_handling = *(const int *)arg;
  struct urls urls;
  int error = urls_map(&urls, &options, file, FILES);
  if (error == EDGESTATIC_OK)
    urls_free(&urls);
  return error;
}

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  for (int handling = AUTO; handling <= NONE; handling++)
    memtest_fail_each(map_some, &handling);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("urls");
  tcase_add_checked_fixture(c, setup, NULL);
  tcase_add_test(c, auto_serves_pages_without_html_and_folders_with_a_slash);
  tcase_add_test(c, force_serves_both_with_a_slash);
  tcase_add_test(c, drop_serves_both_without_a_slash);
  tcase_add_test(
      c, none_serves_files_by_their_names_and_indexes_at_their_folder_too);
  tcase_add_test(c, a_page_beside_a_folder_of_its_name);
  tcase_add_test(c, a_page_beside_a_plain_file_of_its_name_keeps_its_own);
  tcase_add_test(c, a_folder_beside_a_file_of_its_name_keeps_its_index);
  tcase_add_test(c, a_page_never_takes_the_path_of_another_file);
  tcase_add_test(c, a_file_called_dot_html_stays_where_it_is);
  tcase_add_test(c, only_a_whole_name_is_an_index);
  tcase_add_test(c, the_longest_file_has_a_path);
  tcase_add_test(c, an_error_page_is_a_page_too);
  tcase_add_test(c, no_files_have_no_paths);
  tcase_add_test(c, locations_are_percent_encoded);
  tcase_add_test(c, what_a_path_may_have_is_left_as_it_is);
  tcase_add_test(c, a_location_never_names_another_host);
  tcase_add_test(c, a_404_page_is_for_its_folder);
  tcase_add_test(c, each_failing_allocation_is_an_error_without_a_leak);
  return util_run("urls", c);
}
