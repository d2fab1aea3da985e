/* check_redirects_file.c - what is read of _redirects; the rulings on single
 * rules are in rules_table.h.
 * SPDX-License-Identifier: MIT */
#include "build/redirects_file.h"
#include "core/format.h"

#include "memtest.h"
#include "util.h"

static const edgestatic_allocator plain;
static struct redirects r;

static void teardown(void) {
  redirects_free(&r);
}

static void read_as(enum rulefile_dialect dialect, slice bytes) {
  const struct redirects_options options = {&plain, dialect, false};
  if (r.file.strings.allocator != NULL)
    redirects_free(&r);
  ck_assert_int_eq(redirects_read(&r, &options, bytes), EDGESTATIC_OK);
}

/* A file of lines made by printf from a number. */
static slice lines(unsigned from, unsigned to, const char *format) {
  char *text = util_alloc((size_t)(to - from) * 64 + 1);
  size_t len = 0;
  for (unsigned i = from; i < to; i++)
    len += (size_t)sprintf(text + len, format, i, i);
  return util_bytes(text, len);
}

static slice together(slice a, slice b) {
  char *text = util_alloc(a.len + b.len);
  memcpy(text, a.base, a.len);
  memcpy(text + a.len, b.base, b.len);
  return util_bytes(text, a.len + b.len);
}

static size_t errors(enum rulefile_kind kind) {
  size_t n = 0;
  for (size_t i = 0; i < r.file.count; i++)
    n += r.file.diagnostic[i].severity == EDGESTATIC_ERROR &&
         r.file.diagnostic[i].kind == kind;
  return n;
}

START_TEST(a_rule_keeps_what_it_is_made_of) {
  read_as(RULEFILE_NETLIFY,
          util_text("\n  https://H.example:80/a/:b/* k=v j=:x /c/:b?:x 302! "
                    "Language=de,fr Cookie=c\n"));
  ck_assert_uint_eq(r.count, 1);
  const struct redirect *rule = &r.rule[0];
  ck_assert_slice_eq(rule->from, "/a/:b/*");
  ck_assert_slice_eq(rule->to, "/c/:b?:x");
  ck_assert_slice_eq(rule->host, "h.example");
  ck_assert_slice_eq(rule->path, "/a/\1\3");
  ck_assert_slice_eq(rule->target, "/c/\1?\3");
  ck_assert(rule->https && !rule->http && rule->forced && rule->dynamic);
  ck_assert_uint_eq(rule->status, 302);
  ck_assert_uint_eq(rule->line, 2);
  ck_assert_uint_eq(rule->column, 3);
  ck_assert_uint_eq(rule->conditions, 4);
  const struct redirect_condition *c = &r.condition[rule->condition];
  ck_assert_int_eq(c[0].kind, CONDITION_PARAMETER);
  ck_assert_slice_eq(c[0].name, "k");
  ck_assert_slice_eq(c[0].value, "v");
  ck_assert_int_eq(c[1].kind, CONDITION_CAPTURE);
  ck_assert_slice_eq(c[1].name, "j");
  ck_assert_int_eq(c[2].kind, CONDITION_LANGUAGE);
  ck_assert_slice_eq(c[2].value, "de,fr");
  ck_assert_int_eq(c[3].kind, CONDITION_COOKIE);
  ck_assert_uint_eq(r.file.count, 0);
}
END_TEST

START_TEST(an_empty_file_has_no_rules) {
  read_as(RULEFILE_NETLIFY, util_text(""));
  ck_assert_uint_eq(r.count, 0);
  read_as(RULEFILE_CLOUDFLARE, util_text("\n\n# nothing\n"));
  ck_assert_uint_eq(r.count, 0);
  ck_assert_uint_eq(r.file.count, 0);
}
END_TEST

START_TEST(cloudflare_reads_2000_static_rules) {
  read_as(RULEFILE_CLOUDFLARE, lines(0, 2002, "/s%u /t%u\n"));
  ck_assert_uint_eq(r.count, 2000);
  ck_assert_uint_eq(errors(RULEFILE_LIMIT), 2);
  ck_assert_uint_eq(r.file.diagnostic[0].line, 2001);
  /* Those past the limit do not keep dynamic ones out. */
  read_as(RULEFILE_CLOUDFLARE,
          together(lines(0, 2002, "/s%u /t%u\n"), util_text("/a/* /b\n")));
  ck_assert_uint_eq(r.count, 2001);
}
END_TEST

START_TEST(cloudflare_reads_100_dynamic_rules_and_then_nothing) {
  read_as(RULEFILE_CLOUDFLARE,
          together(lines(0, 101, "/s%u/* /t%u\n"), util_text("/a /b\n")));
  ck_assert_uint_eq(r.count, 100);
  ck_assert_uint_eq(errors(RULEFILE_LIMIT), 1);
  ck_assert_uint_eq(r.file.diagnostic[0].line, 101);
}
END_TEST

START_TEST(cloudflare_counts_a_static_rule_below_a_dynamic_one_as_dynamic) {
  read_as(RULEFILE_CLOUDFLARE,
          together(util_text("/a/* /b\n"), lines(0, 100, "/s%u /t%u\n")));
  ck_assert_uint_eq(r.count, 100);
  ck_assert(!r.rule[1].dynamic && r.rule[1].late);
  ck_assert_uint_eq(errors(RULEFILE_LIMIT), 1);
}
END_TEST

START_TEST(cloudflare_counts_lines_that_it_refuses) {
  read_as(RULEFILE_CLOUDFLARE, together(lines(0, 60, "/s%u/* /t%u 404\n"),
                                        lines(0, 60, "/s%u/* /t%u\n")));
  ck_assert_uint_eq(r.count, 40);
  ck_assert_uint_eq(errors(RULEFILE_VALUE), 60);
  ck_assert_uint_eq(errors(RULEFILE_LIMIT), 1);
  /* Those without a path that it knows are not counted. */
  read_as(RULEFILE_CLOUDFLARE, together(lines(0, 60, "https://h/s%u/* /t%u\n"),
                                        lines(0, 60, "/s%u/* /t%u\n")));
  ck_assert_uint_eq(r.count, 60);
}
END_TEST

START_TEST(cloudflare_reads_lines_of_2000_characters) {
  char *line = util_alloc(2100);
  for (size_t len = 2000; len <= 2001; len++) {
    memset(line, 'a', len);
    memcpy(line, "  /", 3);
    memcpy(line + len - 1, " /b", 3); /* trimmed: len */
    read_as(RULEFILE_CLOUDFLARE, util_bytes(line, len + 2));
    ck_assert_uint_eq(r.count, len == 2000);
    ck_assert_uint_eq(errors(RULEFILE_LIMIT), len == 2001);
    read_as(RULEFILE_NETLIFY, util_bytes(line, len + 2));
    ck_assert_uint_eq(r.count, 1);
  }
}
END_TEST

START_TEST(netlify_has_no_such_limits) {
  read_as(RULEFILE_NETLIFY, together(lines(0, 2205, "/s%u /t%u\n"),
                                     lines(0, 150, "/d%u/* /t%u\n")));
  ck_assert_uint_eq(r.count, 2355);
  ck_assert_uint_eq(r.file.count, 0);
}
END_TEST

START_TEST(more_rules_than_a_pack_has_are_refused) {
  read_as(RULEFILE_NETLIFY, lines(0, RULES_DYNAMIC_MAX + 2, "/d%u/* /t%u\n"));
  ck_assert_uint_eq(r.count, RULES_DYNAMIC_MAX);
  ck_assert_uint_eq(errors(RULEFILE_LIMIT), 1);
  read_as(RULEFILE_NETLIFY, lines(0, RULES_MAX + 2, "/s%u /t%u\n"));
  ck_assert_uint_eq(r.count, RULES_MAX);
  ck_assert_uint_eq(errors(RULEFILE_LIMIT), 1);
}
END_TEST

START_TEST(a_line_of_8192_bytes_is_the_longest) {
  char *line = util_alloc(RULEFILE_LINE_MAX + 2);
  memset(line, 'a', RULEFILE_LINE_MAX + 2);
  line[0] = '/';
  memcpy(line + RULEFILE_LINE_MAX - 3, " /b", 3);
  read_as(RULEFILE_NETLIFY, util_bytes(line, RULEFILE_LINE_MAX));
  ck_assert_uint_eq(r.file.count, 1); /* no path is as long */
  ck_assert_int_eq(r.file.diagnostic[0].kind, RULEFILE_LIMIT);
  read_as(RULEFILE_NETLIFY, util_bytes(line, RULEFILE_LINE_MAX + 1));
  ck_assert_uint_eq(errors(RULEFILE_LIMIT), 1);
}
END_TEST

START_TEST(words_and_placeholders_are_limited) {
  read_as(RULEFILE_NETLIFY, together(util_text("/a "), lines(0, 31, "k%u= ")));
  ck_assert_uint_eq(errors(RULEFILE_SYNTAX), 1); /* no target */
  read_as(RULEFILE_NETLIFY, together(util_text("/a "), lines(0, 32, "k%u= ")));
  ck_assert_uint_eq(errors(RULEFILE_LIMIT), 1);
  slice path = lines(0, 31, "/:a%u_");
  read_as(RULEFILE_NETLIFY, together(path, util_text(" /b")));
  ck_assert_uint_eq(r.count, 1);
  read_as(RULEFILE_NETLIFY, together(path, util_text("/* /b")));
  ck_assert_uint_eq(errors(RULEFILE_LIMIT), 1);
  read_as(RULEFILE_NETLIFY, together(path, util_text(" k=:v /b")));
  ck_assert_uint_eq(errors(RULEFILE_LIMIT), 1);
}
END_TEST

START_TEST(of_identical_lines_netlify_keeps_the_last) {
  read_as(RULEFILE_NETLIFY, util_text("/z /one\n/z /two\n/z  /one # again\n"));
  ck_assert_uint_eq(r.count, 3);
  ck_assert_uint_eq(r.rule[0].status, 0);
  ck_assert_uint_eq(r.rule[1].status, 301);
  ck_assert_uint_eq(r.rule[2].status, 301);
}
END_TEST

START_TEST(html_handling_makes_the_loop_of_an_index) {
  struct redirects_options options = {&plain, RULEFILE_CLOUDFLARE, true};
  ck_assert_int_eq(redirects_read(&r, &options, util_text("/ /index.html\n")),
                   EDGESTATIC_OK);
  ck_assert_uint_eq(r.count, 1);
  redirects_free(&r);
  ck_assert_int_eq(redirects_read(&r, &options, util_text("/* /index.html\n")),
                   EDGESTATIC_OK);
  ck_assert_uint_eq(r.count, 0);
}
END_TEST

START_TEST(numbers_are_those_of_javascript) {
  static const struct {
    const char *text;
    int parse_int, number;
  } table[] = {{"301", 301, 301},
               {"+301", 301, 301},
               {"-301", -1, -1},
               {"-0", 0, 0},
               {"301.0", 301, 301},
               {"301.", 301, 301},
               {".5", -1, -1},
               {"301.5", 301, -1},
               {"0301", 301, 301},
               {"0x12D", 301, 301},
               {"0X12d", 301, 301},
               {"+0x12d", 301, -1},
               {"0o455", 0, 301},
               {"0b100101101", 0, 301},
               {"302x", 302, -1},
               {"x302", -1, -1},
               {"", -1, 0},
               {"3.01e2", 3, 301},
               {"3.01E+2", 3, 301},
               {"30100e-2", -1, 301},
               {"3e", 3, -1},
               {"3e2x", 3, -1},
               {"1e9", 1, -1},
               {"0e9999", 0, 0},
               {"9999", 9999, 9999},
               {"10000", -1, -1},
               {"1.2.3", 1, -1},
               {"301!", 301, -1},
               {"Infinity", -1, -1},
               {"0x", -1, -1},
               {"1e99999999999", 1, -1},
               {"00000000000301", 301, 301}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    slice s = util_text(table[i].text);
    ck_assert_msg(redirects_parse_int(s) == table[i].parse_int, "parseInt %s",
                  table[i].text);
    if (s.len > 0) /* which no word is */
      ck_assert_msg(redirects_number(s) == table[i].number, "Number %s",
                    table[i].text);
  }
}
END_TEST

static int read_both(const edgestatic_allocator *allocator, void *arg) {
  (void)arg;
  static const char *const files[] = {
      "/a /b\nhttps://h/:a/* k=:v /c/:v 301 Cookie=x\n/z /y\n/z /y\njunk\n",
      "/a /b\n/a /c\n/x/:y /z/:y 404\n/q/* /r/:splat 308\n"};
  for (int i = 0; i < 2; i++) {
    const struct redirects_options options = {allocator, i, false};
    int error = redirects_read(&r, &options, util_text(files[i]));
    if (error != EDGESTATIC_OK)
      return error;
    redirects_free(&r);
  }
  return EDGESTATIC_OK;
}

START_TEST(without_memory_nothing_is_left_behind) {
  memtest_fail_each(read_both, NULL);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("redirects_file");
  tcase_add_checked_fixture(c, NULL, teardown);
  tcase_add_test(c, a_rule_keeps_what_it_is_made_of);
  tcase_add_test(c, an_empty_file_has_no_rules);
  tcase_add_test(c, cloudflare_reads_2000_static_rules);
  tcase_add_test(c, cloudflare_reads_100_dynamic_rules_and_then_nothing);
  tcase_add_test(
      c, cloudflare_counts_a_static_rule_below_a_dynamic_one_as_dynamic);
  tcase_add_test(c, cloudflare_counts_lines_that_it_refuses);
  tcase_add_test(c, cloudflare_reads_lines_of_2000_characters);
  tcase_add_test(c, netlify_has_no_such_limits);
  tcase_add_test(c, more_rules_than_a_pack_has_are_refused);
  tcase_add_test(c, a_line_of_8192_bytes_is_the_longest);
  tcase_add_test(c, words_and_placeholders_are_limited);
  tcase_add_test(c, of_identical_lines_netlify_keeps_the_last);
  tcase_add_test(c, html_handling_makes_the_loop_of_an_index);
  tcase_add_test(c, numbers_are_those_of_javascript);
  tcase_add_test(c, without_memory_nothing_is_left_behind);
  return util_run("redirects_file", c);
}
