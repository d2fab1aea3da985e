/* check_ignore.c - .edgestaticignore against gitignore(5), as git reads it.
 * SPDX-License-Identifier: MIT */
#include "build/ignore.h"

#include "build/glob.h"

#include "ignore_table.h"
#include "memtest.h"
#include "messages.h"
#include "util.h"

static struct messages told;

static edgestatic_builder_options options(void) {
  edgestatic_builder_options o = EDGESTATIC_BUILDER_OPTIONS_INIT;
  memset(&told, 0, sizeof told);
  o.message = messages_keep;
  o.message_ctx = &told;
  return o;
}

/* As the scan does: a folder that is out takes everything below it along. */
static bool is_out(const struct ignore *ignore, slice path) {
  for (size_t i = 0; i < path.len; i++)
    if (path.base[i] == '/' &&
        ignore_match(ignore, util_bytes(path.base, i), true))
      return true;
  return ignore_match(ignore, path, false);
}

START_TEST(each_row_of_the_table_is_ruled_as_git_rules_it) {
  size_t paths = sizeof ignore_paths / sizeof *ignore_paths;
  for (size_t r = 0; r < sizeof ignore_rows / sizeof *ignore_rows; r++) {
    const char *text = ignore_rows[r].text, *out = ignore_rows[r].out;
    const edgestatic_builder_options o = options();
    struct ignore ignore;
    int error = ignore_parse(&ignore, &o, "ignore", util_text(text));
    /* git passes over a line that cannot match; here that is an error. */
    if (error == EDGESTATIC_ERR_INPUT)
      ck_assert_msg(strchr(out, '1') == NULL, "\"%s\": %s", text, told.text);
    else
      ck_assert_int_eq(error, EDGESTATIC_OK);
    for (size_t i = 0; i < paths; i++)
      ck_assert_msg(
          is_out(&ignore, util_text(ignore_paths[i])) == (out[i] == '1'),
          "\"%s\" and %s: git says %c", text, ignore_paths[i], out[i]);
    ignore_free(&ignore);
    util_free_all();
  }
}
END_TEST

/* What is out below a folder that is out stays so. */
START_TEST(a_file_is_not_included_again_below_a_folder_that_is_out) {
  const edgestatic_builder_options o = options();
  struct ignore ignore;
  ck_assert_int_eq(
      ignore_parse(&ignore, &o, "ignore", LIT("draft/\n!draft/a.html\n")),
      EDGESTATIC_OK);
  ck_assert(ignore_match(&ignore, LIT("draft"), true));
  ck_assert(!ignore_match(&ignore, LIT("draft"), false));
  ck_assert(is_out(&ignore, LIT("draft/a.html")));
  ignore_free(&ignore);
}
END_TEST

static void refused(slice text, unsigned line, const char *words) {
  const edgestatic_builder_options o = options();
  struct ignore ignore;
  ck_assert_int_eq(ignore_parse(&ignore, &o, "site/.edgestaticignore", text),
                   EDGESTATIC_ERR_INPUT);
  ck_assert_uint_eq(told.count, 1);
  ck_assert_int_eq(told.severity, EDGESTATIC_ERROR);
  ck_assert_str_eq(told.file, "site/.edgestaticignore");
  ck_assert_uint_eq(told.line, line);
  assert_said(&told, words);
  ck_assert_uint_eq(ignore.count, 0);
  ck_assert(!ignore_match(&ignore, LIT("a"), false));
  ignore_free(&ignore);
}

START_TEST(a_line_that_cannot_match_is_an_error_with_its_number) {
  refused(util_text("a\n# c\n\n[b"), 4, "matches nothing");
  refused(util_text("a\\"), 1, "matches nothing");
  refused(util_text("[[:bogus:]]\n"), 1, "matches nothing");
  refused(util_bytes("a\nb\0c\n", 6), 2, "NUL");
}
END_TEST

START_TEST(a_pattern_may_be_as_long_as_glob_max_and_no_longer) {
  const edgestatic_builder_options o = options();
  char line[GLOB_MAX + 2];
  memset(line, 'a', sizeof line);
  line[0] = '!'; /* which is not of the pattern */
  struct ignore ignore;
  ck_assert_int_eq(
      ignore_parse(&ignore, &o, "ignore", util_bytes(line, GLOB_MAX + 1)),
      EDGESTATIC_OK);
  ignore_free(&ignore);
  refused(util_bytes(line, GLOB_MAX + 2), 1, "too long");
}
END_TEST

START_TEST(a_file_with_too_much_in_it_is_refused) {
  size_t len = 2 * (IGNORE_RULES_MAX + 1);
  char *text = util_alloc(len);
  for (size_t i = 0; i < len; i += 2)
    memcpy(text + i, "a\n", 2);
  refused(slice_of(text, len), IGNORE_RULES_MAX + 1, "more than");
  len = IGNORE_FILE_MAX + 1;
  text = util_alloc(len);
  memset(text, '\n', len);
  refused(slice_of(text, len), 0, "longer than");
  const edgestatic_builder_options o = options();
  struct ignore ignore;
  ck_assert_int_eq(ignore_parse(&ignore, &o, "ignore", slice_of(text, len - 1)),
                   EDGESTATIC_OK);
  ignore_free(&ignore);
}
END_TEST

START_TEST(what_has_no_pattern_ignores_nothing) {
  static const char *const texts[] = {"",   "\n", "\n\n",  "\r\n",
                                      "#",  "!",  "/",     "!/",
                                      "  ", "//", "\n#\n", "\xef\xbb\xbf"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    const edgestatic_builder_options o = options();
    struct ignore ignore;
    ck_assert_msg(ignore_parse(&ignore, &o, "ignore", util_text(texts[i])) ==
                      EDGESTATIC_OK,
                  "\"%s\": %s", texts[i], told.text);
    ck_assert_uint_eq(ignore.count, 0);
    ck_assert(!ignore_match(&ignore, LIT("a"), false));
    ignore_free(&ignore);
    ck_assert(!ignore_match(&ignore, LIT("a"), false));
  }
}
END_TEST

static int parse_some(const edgestatic_allocator *allocator, void *arg) {
  (void)arg;
  edgestatic_builder_options o = options();
  o.allocator = *allocator;
  struct ignore ignore;
  int error = ignore_parse(&ignore, &o, "ignore",
                           LIT("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n"));
  ignore_free(&ignore);
  return error;
}

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  memtest_fail_each(parse_some, NULL);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("ignore");
  tcase_add_test(c, each_row_of_the_table_is_ruled_as_git_rules_it);
  tcase_add_test(c, a_file_is_not_included_again_below_a_folder_that_is_out);
  tcase_add_test(c, a_line_that_cannot_match_is_an_error_with_its_number);
  tcase_add_test(c, a_pattern_may_be_as_long_as_glob_max_and_no_longer);
  tcase_add_test(c, a_file_with_too_much_in_it_is_refused);
  tcase_add_test(c, what_has_no_pattern_ignores_nothing);
  tcase_add_test(c, each_failing_allocation_is_an_error_without_a_leak);
  return util_run("ignore", c);
}
