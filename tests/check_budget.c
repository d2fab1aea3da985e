/* check_budget.c - limits of hosts, and the small texts of publish.
 * cli/publish/budget.c, limits.c, path.c, fill.c.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/publish/budget.h"
#include "cli/publish/fill.h"
#include "cli/publish/path.h"

#include "tempdir.h"
#include "told.h"
#include "util.h"

static void setup(void) {
  told_reset();
  tempdir_make();
}

/* ---- Limits ---- */

START_TEST(what_is_within_its_limit_is_not_told) {
  struct budget budget = {.limit = limits_fastly};
  budget.used[BUDGET_PACKAGE] = 80000000;
  ck_assert_int_eq(budget_check(&budget), 0);
  ck_assert_str_eq(warned, "");
}
END_TEST

START_TEST(more_than_four_fifths_is_a_warning) {
  struct budget budget = {.limit = limits_fastly};
  budget.used[BUDGET_PACKAGE] = 80000001;
  ck_assert_int_eq(budget_check(&budget), 0);
  ck_assert_ptr_nonnull(strstr(warned, "package: 80.0 MB"));
  ck_assert_ptr_nonnull(strstr(warned, "2025-10-09"));
}
END_TEST

START_TEST(the_limit_itself_is_allowed) {
  struct budget budget = {.limit = limits_fastly};
  budget.used[BUDGET_PACKAGE] = 100000000;
  ck_assert_int_eq(budget_check(&budget), 0);
}
END_TEST

START_TEST(one_byte_more_is_refused_with_its_source_and_advice) {
  struct budget budget = {.limit = limits_fastly};
  budget.used[BUDGET_PACKAGE] = 100000001;
  ck_assert_int_eq(budget_check(&budget), -1);
  ck_told("docs.fastly.com");
  ck_assert_ptr_nonnull(strstr(hinted, ".edgestaticignore"));
}
END_TEST

START_TEST(what_concerns_one_use_only_informs) {
  struct budget budget = {.limit = limits_node};
  budget.used[BUDGET_PACKAGE] = UINT64_C(1) << 40;
  budget.used[BUDGET_LARGEST] = UINT64_C(1) << 40;
  ck_assert_int_eq(budget_check(&budget), 0);
  ck_assert_str_eq(warned, "");
}
END_TEST

START_TEST(every_limit_has_its_source_date_and_advice) {
  const struct limit *const all[] = {limits_fastly, limits_module, limits_image,
                                     limits_workers, limits_node};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    for (const struct limit *limit = all[i]; limit->use != BUDGET_USE_COUNT;
         limit++)
      if (limit->most > 0) {
        ck_assert_ptr_nonnull(limit->source);
        ck_assert_ptr_nonnull(limit->date);
        ck_assert_ptr_nonnull(limit->advice);
      }
}
END_TEST

START_TEST(json_says_the_same) {
  struct budget budget = {.limit = limits_workers};
  budget.used[BUDGET_PACKAGE] = 67108864 / 4;
  json_t *all = budget_json(&budget);
  json_t *first = json_array_get(all, 0);
  ck_assert_str_eq(json_string_value(json_object_get(first, "limit")),
                   "package");
  ck_assert_int_eq(json_integer_value(json_object_get(first, "of")), 67108864);
  ck_assert(json_real_value(json_object_get(first, "share")) == 0.25);
  ck_assert(json_is_true(json_object_get(first, "binding")));
  json_decref(all);
}
END_TEST

START_TEST(a_path_is_as_long_as_in_a_url) {
  static const struct {
    const char *path;
    uint64_t len;
  } rows[] = {{"/", 1}, {"/a b", 6}, {"/\xC3\xA9", 7}, {"/a%", 5}, {"/a:@", 4}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    ck_assert_uint_eq(budget_path(util_text(rows[i].path)), rows[i].len);
}
END_TEST

/* ---- Names and paths ---- */

START_TEST(a_name_is_one_that_every_host_takes) {
  char longest[PATH_NAME_MAX + 2];
  memset(longest, 'a', sizeof longest - 1);
  longest[PATH_NAME_MAX + 1] = '\0';
  ck_assert(!path_is_name(longest));
  longest[PATH_NAME_MAX] = '\0';
  ck_assert(path_is_name(longest));
  static const char *const good[] = {"a", "my-site", "site2"};
  static const char *const bad[] = {"",    "2site", "-a",       "a-",  "A",
                                    "a_b", "a.b",   "\xC3\xA9", "a b", "../a"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    ck_assert_msg(path_is_name(good[i]), "%s", good[i]);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    ck_assert_msg(!path_is_name(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(a_site_is_named_after_its_pack_or_project) {
  static const struct {
    const char *site;
    bool is_dir;
    const char *name;
  } rows[] = {
      {"blog.edgepack", false, "blog"},
      {"My Blog_2.edgepack", false, "my-blog-2"},
      {"2024.edgepack", false, "site"},
      {"\xC3\xA9.edgepack", false, "site"},
      {"my-blog/public", true, "my-blog"},
      {"my-blog/dist", true, "my-blog"},
      {"my-blog/public/", true, "my-blog"},
      {"my-blog", true, "my-blog"},
      {"v1.2", true, "v1-2"},
  };
  tempdir_folders("my-blog/public/x");
  tempdir_folders("my-blog/dist/x");
  tempdir_folders("v1.2/x");
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char name[PATH_NAME_MAX + 1];
    path_name(name, tempdir_path(rows[i].site), rows[i].is_dir);
    ck_assert_str_eq(name, rows[i].name);
    ck_assert(path_is_name(name));
  }
}
END_TEST

START_TEST(a_long_name_is_cut) {
  char site[200], name[PATH_NAME_MAX + 1];
  memset(site, 'a', sizeof site);
  memcpy(site, "/tmp/", 5);
  site[199] = '\0';
  site[5 + PATH_NAME_MAX - 1] = '-';
  path_name(name, site, true);
  ck_assert_uint_eq(strlen(name), PATH_NAME_MAX - 1);
}
END_TEST

START_TEST(the_root_is_a_site_too) {
  char name[PATH_NAME_MAX + 1];
  path_name(name, "/", true);
  ck_assert_str_eq(name, "site");
}
END_TEST

START_TEST(the_way_between_two_folders) {
  static const struct {
    const char *from, *to, *way;
  } rows[] = {{"/a/out", "/a/public", "../public"},
              {"/a/b/out", "/a/b", "../../b"},
              {"/a", "/a/public", "../a/public"},
              {"/a/out", "/outer", "../../outer"},
              {"/a/x/y", "/a/z", "../../z"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char *way = path_relative(rows[i].from, rows[i].to);
    ck_assert_str_eq(way, rows[i].way);
    free(way);
  }
}
END_TEST

START_TEST(a_path_that_is_not_there_yet_is_below_what_is) {
  static const struct {
    const char *path, *absolute;
  } rows[] = {{"a/out/", "/a/out"},
              {"a/no//such/./out", "/a/no/such/out"},
              {"a/../out/.", "/out"},
              {"a/no/../out", NULL},
              {"file/out", NULL}};
  tempdir_folders("a/x");
  tempdir_file("file", "x");
  char *root = path_absolute(tempdir_path(""));
  ck_assert_ptr_nonnull(root);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char *path = path_absolute(tempdir_path(rows[i].path));
    ck_assert_msg((path == NULL) == (rows[i].absolute == NULL), "%s",
                  rows[i].path);
    if (path)
      ck_assert_str_eq(path + strlen(root), rows[i].absolute);
    free(path);
  }
  free(root);
  char *top = path_absolute("/no/such");
  ck_assert_str_eq(top, "/no/such");
  free(top);
}
END_TEST

START_TEST(what_build_would_read_is_inside) {
  ck_assert(path_is_packed("/a/public", "/a/public"));
  ck_assert(path_is_packed("/a/public", "/a/public/out"));
  ck_assert(path_is_packed("/", "/out"));
  ck_assert(!path_is_packed("/a/public", "/a/public-out"));
  ck_assert(!path_is_packed("/a/public", "/a/out"));
  ck_assert(!path_is_packed("/a/public", "/a/public/.out"));
  ck_assert(!path_is_packed("/a", "/a/.deploy/out"));
}
END_TEST

/* ---- Texts with gaps ---- */

START_TEST(gaps_are_filled_and_other_signs_stay) {
  static const struct fill list[] = {{"A", "one"}, {"AB", "two"}, {NULL, NULL}};
  static const struct {
    const char *text, *filled;
  } rows[] = {
      {"@A@", "one"},     {"x@AB@y@A@", "xtwoyone"},
      {"a@b.c", "a@b.c"}, {"@C@", "@C@"},
      {"@", "@"},         {"", ""},
      {"@@A@@", "@one@"}, {"@A", "@A"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char *text =
        fill_text(util_text(rows[i].text).len ? rows[i].text : "", list);
    ck_assert_str_eq(text, rows[i].filled);
    free(text);
  }
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("budget");
  tcase_add_checked_fixture(tc, setup, tempdir_remove);
  tcase_add_test(tc, what_is_within_its_limit_is_not_told);
  tcase_add_test(tc, more_than_four_fifths_is_a_warning);
  tcase_add_test(tc, the_limit_itself_is_allowed);
  tcase_add_test(tc, one_byte_more_is_refused_with_its_source_and_advice);
  tcase_add_test(tc, what_concerns_one_use_only_informs);
  tcase_add_test(tc, every_limit_has_its_source_date_and_advice);
  tcase_add_test(tc, json_says_the_same);
  tcase_add_test(tc, a_path_is_as_long_as_in_a_url);
  tcase_add_test(tc, a_name_is_one_that_every_host_takes);
  tcase_add_test(tc, a_site_is_named_after_its_pack_or_project);
  tcase_add_test(tc, a_long_name_is_cut);
  tcase_add_test(tc, the_root_is_a_site_too);
  tcase_add_test(tc, the_way_between_two_folders);
  tcase_add_test(tc, a_path_that_is_not_there_yet_is_below_what_is);
  tcase_add_test(tc, what_build_would_read_is_inside);
  tcase_add_test(tc, gaps_are_filled_and_other_signs_stay);
  return util_run("budget", tc);
}
