/* check_headers_file.c - _headers in both dialects.
 * SPDX-License-Identifier: MIT */
#include "build/headers_file.h"

#include "memtest.h"
#include "util.h"

static const edgestatic_allocator plain;
static struct headers h;

static void setup(void) {
  memset(&h, 0, sizeof h);
}

static void teardown(void) {
  headers_free(&h);
}

static void read_as(enum rulefile_dialect of, const char *file) {
  headers_free(&h);
  ck_assert_int_eq(headers_read(&h, &plain, of, util_text(file)),
                   EDGESTATIC_OK);
}

static int compare(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The changes of a path that needs no encoding, sorted: "a: 1|b: 2|!c". */
static const char *of_host(const char *path, const char *host) {
  struct headers_changes changes = {.strings = {&plain, NULL}};
  char *out = util_alloc(65536), *line[HEADERS_CHANGES_MAX];
  slice p = util_text(path);
  size_t len = 0;
  int error = headers_apply(&h, p, p, host ? util_text(host) : (slice){NULL, 0},
                            &changes);
  if (error) {
    headers_changes_free(&changes);
    return error == EDGESTATIC_ERR_LIMIT ? "limit" : "error";
  }
  for (size_t i = 0; i < changes.count; i++) {
    const struct headers_change *c = &changes.change[i];
    line[i] = util_alloc(c->name.len + c->value.len + 4);
    if (c->unset)
      sprintf(line[i], "!%s", c->name.base);
    else
      sprintf(line[i], "%s: %s", c->name.base, c->value.base);
    ck_assert_uint_gt(c->line, 0);
    ck_assert_uint_eq(c->value.len, strlen(c->value.base));
  }
  qsort(line, changes.count, sizeof *line, compare);
  out[0] = '\0';
  for (size_t i = 0; i < changes.count; i++)
    len += (size_t)sprintf(out + len, "%s%s", i ? "|" : "", line[i]);
  headers_changes_free(&changes);
  return out;
}

static const char *of(const char *path) {
  return of_host(path, NULL);
}

/* What is said of a file: "!kind line:column" of its first diagnostic. */
static const char *said(void) {
  static const char *const kinds[] = {
      "syntax", "value", "limit", "duplicate", "loop", "dead", "unsupported"};
  char *out = util_alloc(64);
  if (h.file.count == 0)
    return "";
  const struct rulefile_diagnostic *d = &h.file.diagnostic[0];
  ck_assert_uint_gt(d->text.len, 10);
  sprintf(out, "%c%s %u:%u", d->severity == EDGESTATIC_ERROR ? '!' : '?',
          kinds[d->kind], d->line, d->column);
  return out;
}

static void says(enum rulefile_dialect as, const char *file,
                 const char *expected) {
  read_as(as, file);
  ck_assert_msg(strcmp(said(), expected) == 0, "%s: %s, not %s", file, said(),
                expected);
}

static void both_say(const char *file, const char *expected) {
  says(RULEFILE_NETLIFY, file, expected);
  says(RULEFILE_CLOUDFLARE, file, expected);
}

#define IS(path, expected) ck_assert_str_eq(of(path), expected)

START_TEST(a_block_is_a_path_and_its_fields) {
  for (int i = 0; i < 2; i++) {
    read_as(i, "# c\n/a\n  X-One: 1\n\n  # c\n  X-Two:  2 3 \n/b\nX-One: 4\n");
    IS("/a", "X-One: 1|X-Two: 2 3");
    IS("/b", "X-One: 4");
    IS("/c", "");
    ck_assert_uint_eq(h.file.count, 0);
  }
}
END_TEST

START_TEST(a_field_twice_in_a_block_is_joined) {
  for (int i = 0; i < 2; i++) {
    read_as(i, "/a\n X: 1\n x: 2\n X: 3\n");
    IS("/a", "X: 1, 2, 3");
  }
}
END_TEST

START_TEST(cookies_of_a_block_stay_apart) {
  for (int i = 0; i < 2; i++) {
    read_as(i, "/a\n Set-Cookie: a=1\n set-cookie: b=2\n");
    IS("/a", "Set-Cookie: a=1|set-cookie: b=2");
  }
}
END_TEST

START_TEST(a_field_of_two_blocks_is_joined_or_replaced) {
  const char *file = "/*\n X: 1\n Set-Cookie: a\n/a\n x: 2\n Set-Cookie: b\n";
  read_as(RULEFILE_CLOUDFLARE, file);
  IS("/a", "Set-Cookie: a|Set-Cookie: b|x: 1, 2");
  IS("/b", "Set-Cookie: a|X: 1");
  read_as(RULEFILE_NETLIFY, file);
  IS("/a", "Set-Cookie: b|x: 2");
  IS("/b", "Set-Cookie: a|X: 1");
}
END_TEST

START_TEST(two_blocks_of_a_path_replace_or_merge) {
  const char *file = "/a\n X: 1\n Y: 1\n/a\n X: 2\n";
  read_as(RULEFILE_CLOUDFLARE, file);
  IS("/a", "X: 2");
  ck_assert_str_eq(said(), "?duplicate 4:1");
  read_as(RULEFILE_NETLIFY, file);
  IS("/a", "X: 2|Y: 1");
  ck_assert_str_eq(said(), "");
}
END_TEST

START_TEST(an_unset_line_takes_away_in_one_dialect) {
  const char *file =
      "/*\n X: 1\n/a\n ! X\n ! Content-Type\n/a/b\n !  X\n X: 2\n";
  read_as(RULEFILE_CLOUDFLARE, file);
  IS("/b", "X: 1");
  IS("/a", "!Content-Type|!X");
  IS("/a/b", "X: 2");
  ck_assert_uint_eq(h.file.count, 0);
  read_as(RULEFILE_NETLIFY, file);
  IS("/a", "X: 1");
  ck_assert_str_eq(said(), "?unsupported 4:2");
}
END_TEST

START_TEST(placeholders_are_filled_in_in_one_dialect) {
  const char *file = "/:a/*\n X: :a :splat :b\n";
  read_as(RULEFILE_CLOUDFLARE, file);
  IS("/1/2/3", "X: 1 2/3 :b");
  read_as(RULEFILE_NETLIFY, file);
  IS("/1/2/3", "X: :a :splat :b");
}
END_TEST

START_TEST(case_and_the_last_slash_of_a_path_matter_in_one_dialect) {
  const char *file = "/Ab\n X: 1\n/c/\n X: 2\n";
  read_as(RULEFILE_NETLIFY, file);
  IS("/aB", "X: 1");
  IS("/Ab/", "X: 1");
  IS("/c", "X: 2");
  read_as(RULEFILE_CLOUDFLARE, file);
  IS("/aB", "");
  IS("/Ab", "X: 1");
  IS("/Ab/", "");
  IS("/c", "");
  IS("/c/", "X: 2");
}
END_TEST

START_TEST(a_folder_and_what_begins_as_it_are_covered_in_one_dialect) {
  const char *file = "/dir/*\n X: 1\n";
  read_as(RULEFILE_NETLIFY, file);
  IS("/dir", "X: 1");
  IS("/dir/", "X: 1");
  IS("/dir/a/b", "X: 1");
  IS("/dirother.txt", "X: 1");
  read_as(RULEFILE_CLOUDFLARE, file);
  IS("/dir", "");
  IS("/dir/", "X: 1");
  IS("/dir/a/b", "X: 1");
  IS("/dirother.txt", "");
}
END_TEST

START_TEST(two_stars_are_allowed_in_one_dialect) {
  const char *file = "/*/x/*.js\n X: 1\n";
  read_as(RULEFILE_NETLIFY, file);
  IS("/a/x/b.js", "X: 1");
  IS("/a/x/b.css", "");
  says(RULEFILE_CLOUDFLARE, file, "!syntax 1:6");
  says(RULEFILE_CLOUDFLARE, "/:splat/*\n X: 1\n", "!syntax 1:9");
  says(RULEFILE_NETLIFY, "/:splat/*\n X: 1\n", "");
}
END_TEST

START_TEST(a_placeholder_is_one_segment) {
  for (int i = 0; i < 2; i++) {
    read_as(i, "/:x/y\n X: 1\n");
    IS("/a/y", "X: 1");
    IS("/a/b/y", "");
    IS("//y", "");
  }
}
END_TEST

START_TEST(each_dialect_matches_its_own_spelling_of_a_path) {
  struct headers_changes changes = {.strings = {&plain, NULL}};
  for (int i = 0; i < 2; i++) {
    read_as(i, "/caf\xc3\xa9\n X: 1\n");
    headers_apply(&h, util_text("/caf\xc3\xa9"), util_text("/caf%C3%A9"),
                  (slice){NULL, 0}, &changes);
    ck_assert_uint_eq(changes.count, 1);
    headers_changes_free(&changes);
    memset(&changes, 0, sizeof changes);
    changes.strings.allocator = &plain;
  }
}
END_TEST

START_TEST(commas_get_a_blank_in_one_dialect) {
  const char *file = "/a\n X: 1,2 ,  3,\n";
  read_as(RULEFILE_CLOUDFLARE, file);
  IS("/a", "X: 1,2 ,  3,");
  read_as(RULEFILE_NETLIFY, file);
  IS("/a", "X: 1, 2, 3,");
}
END_TEST

START_TEST(netlify_splits_at_commas_in_quotes_and_brackets_too) {
  const char *file = "/a\n Link: </b,c>; x=\"d,e\"\n";
  read_as(RULEFILE_CLOUDFLARE, file);
  IS("/a", "Link: </b,c>; x=\"d,e\"");
  read_as(RULEFILE_NETLIFY, file);
  IS("/a", "Link: </b, c>; x=\"d, e\"");
  says(RULEFILE_NETLIFY, file, "?value 2:11");
  says(RULEFILE_NETLIFY, "/a\n Link: </b>;t=1,</c>\n", "");
  says(RULEFILE_NETLIFY, "/a\n X: <b,c>\n", "");
  says(RULEFILE_CLOUDFLARE, file, "");
}
END_TEST

START_TEST(a_host_matters_in_one_dialect) {
  read_as(RULEFILE_CLOUDFLARE, "https://H.example/a\n X: 1\n/a\n Y: 2\n");
  ck_assert_str_eq(of_host("/a", "h.Example"), "X: 1|Y: 2");
  ck_assert_str_eq(of_host("/a", "i.example"), "Y: 2");
  IS("/a", "Y: 2");
  says(RULEFILE_CLOUDFLARE, "https://h.example:8080/a\n X: 1\n",
       "!unsupported 1:18");
  says(RULEFILE_CLOUDFLARE, "https://:h.example/a\n X: 1\n",
       "!unsupported 1:9");
  says(RULEFILE_CLOUDFLARE, "http://h.example/a\n X: 1\n", "!value 1:1");
  says(RULEFILE_NETLIFY, "/b\n X: 1\nhttps://h.example/a\n Y: 1\n",
       "!value 3:1");
}
END_TEST

START_TEST(what_is_no_field_is_refused) {
  both_say("X: 1\n/a\n Y: 1\n", "!syntax 1:1");
  both_say("/a\n nocolon\n Y: 1\n", "!syntax 2:2");
  both_say("/a\n : v\n Y: 1\n", "!syntax 2:2");
  both_say("/a\n X:\n Y: 1\n", "!syntax 2:2");
  both_say("/a\n X Y: 1\n Y: 1\n", "!value 2:2");
  both_say("/a\n X(: 1\n Y: 1\n", "!value 2:2");
  both_say("/a\n X: a\x01z\n Y: 1\n", "!syntax 2:6");
  both_say("/a\n X: \xc3\xa9\n Y: 1\n", "!value 2:5");
  both_say("/a b\n X: 1\n", "!syntax 1:3");
  both_say("/a\n", "?dead 1:1");
  both_say("/a\n/b\n X: 1\n", "?dead 1:1");
  /* What is above and below stays. */
  IS("/b", "X: 1");
  IS("/a", "");
}
END_TEST

START_TEST(fields_of_the_message_and_of_the_body_are_refused) {
  static const char *const names[] = {"Content-Length",
                                      "transfer-encoding",
                                      "Connection",
                                      "Keep-Alive",
                                      "Upgrade",
                                      "TE",
                                      "Trailer",
                                      "Date",
                                      "Content-Encoding",
                                      "Content-Range",
                                      "ETag",
                                      "Last-Modified",
                                      "Accept-Ranges",
                                      "Repr-Digest",
                                      "Content-Digest",
                                      "Basic-Auth",
                                      "Location",
                                      "Proxy-Connection"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char file[64];
    sprintf(file, "/a\n %s: 1\n X: 1\n", names[i]);
    both_say(file, "!value 2:2");
    IS("/a", "X: 1");
  }
  says(RULEFILE_CLOUDFLARE, "/a\n ! Content-Length\n", "!value 2:4");
}
END_TEST

START_TEST(a_path_that_is_refused_takes_its_fields_along) {
  read_as(RULEFILE_CLOUDFLARE, "/a\n X: 1\n/*/*\n X: 2\n Y: 2\n/b\n X: 3\n");
  ck_assert_uint_eq(h.file.count, 1);
  IS("/a", "X: 1");
  IS("/c/c", "");
  IS("/b", "X: 3");
}
END_TEST

START_TEST(cloudflare_reads_101_blocks) {
  char *file = util_alloc(103 * 32), *p = file;
  for (int i = 0; i < 102; i++)
    p += sprintf(p, "/p%d\n X: 1\n", i);
  read_as(RULEFILE_CLOUDFLARE, file);
  ck_assert_uint_eq(h.count, 101);
  ck_assert_str_eq(said(), "!limit 203:1");
  read_as(RULEFILE_NETLIFY, file);
  ck_assert_uint_eq(h.count, 102);
}
END_TEST

START_TEST(lines_and_values_are_limited) {
  char *file = util_alloc(40000), *p = file;
  memset(file, 'v', 40000);
  memcpy(file, "/a\nX: ", 6);
  file[3 + 2001] = '\0';
  says(RULEFILE_CLOUDFLARE, file, "!limit 2:1");
  file[3 + 2000] = '\0';
  says(RULEFILE_CLOUDFLARE, file, "");
  p += sprintf(p, "/a\n");
  for (int i = 0; i < 9; i++)
    p += sprintf(p, "X: %01000d\n", i);
  says(RULEFILE_NETLIFY, file, "!limit 10:1");
  p = file + sprintf(file, "/*\n");
  for (int i = 0; i < 8; i++)
    p += sprintf(p, "X: %01000d\n", i);
  p += sprintf(p, "/a\nX: %01000d\n", 1);
  read_as(RULEFILE_CLOUDFLARE, file);
  IS("/a", "limit");
  ck_assert_str_ne(of("/b"), "limit");
}
END_TEST

START_TEST(changes_are_limited) {
  char *file = util_alloc(8192), *p = file;
  p += sprintf(p, "/a\n");
  for (int i = 0; i < HEADERS_CHANGES_MAX; i++)
    p += sprintf(p, "X-%d: 1\n", i);
  read_as(RULEFILE_NETLIFY, file);
  ck_assert_str_ne(of("/a"), "limit");
  sprintf(p, "X-more: 1\n");
  read_as(RULEFILE_NETLIFY, file);
  IS("/a", "limit");
}
END_TEST

static int read_and_apply(const edgestatic_allocator *allocator, void *arg) {
  (void)arg;
  const char *file =
      "/*\n X: 1\n X: 2\n Y: 3\n/a\n/a\n ! X\n Y: :z\n/:z\nY: :z";
  for (int i = 0; i < 2; i++) {
    struct headers made;
    struct headers_changes changes = {.strings = {allocator, NULL}};
    int error = headers_read(&made, allocator, i, util_text(file));
    if (error != EDGESTATIC_OK)
      return error;
    slice path = util_text("/a");
    error = headers_apply(&made, path, path, (slice){NULL, 0}, &changes);
    headers_changes_free(&changes);
    headers_free(&made);
    if (error != EDGESTATIC_OK)
      return error;
  }
  return EDGESTATIC_OK;
}

START_TEST(without_memory_nothing_is_left_behind) {
  memtest_fail_each(read_and_apply, NULL);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("headers_file");
  tcase_add_checked_fixture(c, setup, teardown);
  tcase_add_test(c, a_block_is_a_path_and_its_fields);
  tcase_add_test(c, a_field_twice_in_a_block_is_joined);
  tcase_add_test(c, cookies_of_a_block_stay_apart);
  tcase_add_test(c, a_field_of_two_blocks_is_joined_or_replaced);
  tcase_add_test(c, two_blocks_of_a_path_replace_or_merge);
  tcase_add_test(c, an_unset_line_takes_away_in_one_dialect);
  tcase_add_test(c, placeholders_are_filled_in_in_one_dialect);
  tcase_add_test(c, case_and_the_last_slash_of_a_path_matter_in_one_dialect);
  tcase_add_test(c, a_folder_and_what_begins_as_it_are_covered_in_one_dialect);
  tcase_add_test(c, two_stars_are_allowed_in_one_dialect);
  tcase_add_test(c, a_placeholder_is_one_segment);
  tcase_add_test(c, each_dialect_matches_its_own_spelling_of_a_path);
  tcase_add_test(c, commas_get_a_blank_in_one_dialect);
  tcase_add_test(c, netlify_splits_at_commas_in_quotes_and_brackets_too);
  tcase_add_test(c, a_host_matters_in_one_dialect);
  tcase_add_test(c, what_is_no_field_is_refused);
  tcase_add_test(c, fields_of_the_message_and_of_the_body_are_refused);
  tcase_add_test(c, a_path_that_is_refused_takes_its_fields_along);
  tcase_add_test(c, cloudflare_reads_101_blocks);
  tcase_add_test(c, lines_and_values_are_limited);
  tcase_add_test(c, changes_are_limited);
  tcase_add_test(c, without_memory_nothing_is_left_behind);
  return util_run("headers_file", c);
}
