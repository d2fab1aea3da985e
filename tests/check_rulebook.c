/* check_rulebook.c - rules from files and calls into a pack.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "edgestatic_rules.h"

#include "build/scan.h"

#include "memtest.h"
#include "packing.h"

static void how(int dialect, int lenient, const char *host) {
  edgestatic_rules_options rules = EDGESTATIC_RULES_OPTIONS_INIT;
  rules.dialect = dialect;
  rules.lenient = lenient;
  if (host)
    rules.host = util_text(host);
  ck_assert_int_eq(edgestatic_builder_rules(builder, &rules), EDGESTATIC_OK);
}

static void redirects(const char *text, const char *name) {
  ck_assert_int_eq(edgestatic_builder_redirects(builder, util_text(text), name),
                   EDGESTATIC_OK);
}

static void headers(const char *text, const char *name) {
  ck_assert_int_eq(edgestatic_builder_headers(builder, util_text(text), name),
                   EDGESTATIC_OK);
}

static void said(const char *file, unsigned line, unsigned column,
                 const char *words) {
  ck_assert_str_eq(told.file, file);
  ck_assert_uint_eq(told.line, line);
  ck_assert_uint_eq(told.column, column);
  assert_said(&told, words);
}

/* ---- Where rules come from ---- */

START_TEST(the_files_of_the_root_are_read_and_not_served) {
  tempdir_file("a.txt", "a");
  tempdir_file("_redirects", "/old /a.txt\n");
  tempdir_file("_headers", "/*\n  X-A: 1\n");
  tempdir_file("sub/_headers", "/*\n  X-A: 2\n");
  add_site();
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 2);
  get("/_headers", NULL);
  ck_assert_int_eq(response.status, 404);
  get("/_redirects", NULL);
  ck_assert_int_eq(response.status, 404);
  get("/a.txt", NULL);
  field_is("X-A", "1", "_headers:2");
  get("/sub/_headers", NULL);
  ck_assert_int_eq(response.status, 200);
}
END_TEST

START_TEST(the_ignore_file_can_name_a_rule_file) {
  tempdir_file("a.txt", "a");
  tempdir_file("_headers", "/*\n  X-A: 1\n");
  tempdir_file(".edgestaticignore", "/_headers\n");
  add_site();
  finish();
  get("/a.txt", NULL);
  field_is("X-A", "", NULL);
}
END_TEST

START_TEST(a_rule_file_may_be_a_link_inside_the_root_alone) {
  tempdir_file("a.txt", "a");
  tempdir_file("rules/mine", "/*\n  X-A: 1\n");
  ck_assert_int_eq(symlink("rules/mine", tempdir_path("_headers")), 0);
  add_site();
  finish();
  get("/a.txt", NULL);
  field_is("X-A", "1", "_headers:2");
  ck_assert_int_eq(symlink("/etc/passwd", tempdir_path("_redirects")), 0);
  ck_assert_int_eq(edgestatic_builder_add_dir(builder, tempdir),
                   EDGESTATIC_ERR_INPUT);
  assert_said(&told, "leaves the folder");
}
END_TEST

START_TEST(a_rule_file_of_more_than_16_mib_is_a_limit) {
  tempdir_file("_redirects", "");
  ck_assert_int_eq(truncate(tempdir_path("_redirects"), SCAN_RULE_FILE_MAX + 1),
                   0);
  ck_assert_int_eq(edgestatic_builder_add_dir(builder, tempdir),
                   EDGESTATIC_ERR_LIMIT);
  assert_said(&told, "16 MiB");
}
END_TEST

START_TEST(an_asset_of_that_name_takes_the_place_of_the_file) {
  tempdir_file("a.txt", "a");
  tempdir_file("_headers", "/*\n  X-A: 1\n");
  add_site();
  add("_headers", "/*\n  X-A: 2\n");
  finish();
  get("/a.txt", NULL);
  field_is("X-A", "2", "_headers:2");
  ck_assert_uint_eq(edgestatic_store_find(store, LIT("/_headers")),
                    EDGESTATIC_NONE);
}
END_TEST

START_TEST(rules_by_call_come_before_those_of_the_file) {
  add("a.txt", "a");
  add("_headers", "/a.txt\n  X-A: file\n  X-B: file\n");
  headers("/a.txt\n  X-A: one\n  X-B: one\n  X-C: one\n", "one");
  headers("/a.txt\n  X-A: two\n", "two");
  finish();
  get("/a.txt", NULL);
  field_is("X-A", "file", "_headers:2");
  field_is("X-C", "one", "one:4");
}
END_TEST

START_TEST(a_text_does_not_go_on_with_the_block_of_another) {
  add("a.txt", "a");
  headers("/a.txt\n  X-A: 1\n", "one");
  headers("  X-B: 2\n", "two");
  finish_fails(EDGESTATIC_ERR_INPUT, "no path above this line");
  said("two", 1, 3, "no path");
}
END_TEST

START_TEST(what_is_wrong_with_a_text_by_call_is_refused_at_once) {
  edgestatic_slice text = LIT("/a /b\n");
  char name[300];
  memset(name, 'a', sizeof name);
  name[sizeof name - 1] = '\0';
  ck_assert_int_eq(edgestatic_builder_redirects(builder, text, ""),
                   EDGESTATIC_ERR_INPUT);
  ck_assert_int_eq(edgestatic_builder_redirects(builder, text, "a\nb"),
                   EDGESTATIC_ERR_INPUT);
  ck_assert_int_eq(edgestatic_builder_redirects(builder, text, "\xff"),
                   EDGESTATIC_ERR_INPUT);
  ck_assert_int_eq(edgestatic_builder_redirects(builder, text, name),
                   EDGESTATIC_ERR_INPUT);
  name[255] = '\0';
  redirects("/a /b\n", name);
  text.len = SCAN_RULE_FILE_MAX;
  ck_assert_int_eq(edgestatic_builder_headers(builder, text, "big"),
                   EDGESTATIC_ERR_LIMIT);
  finish();
}
END_TEST

/* ---- Options ---- */

START_TEST(options_are_checked) {
  edgestatic_rules_options rules = EDGESTATIC_RULES_OPTIONS_INIT;
  rules.size--;
  ck_assert_int_eq(edgestatic_builder_rules(builder, &rules),
                   EDGESTATIC_ERR_INPUT);
  rules.size++;
  rules.dialect = 2;
  ck_assert_int_eq(edgestatic_builder_rules(builder, &rules),
                   EDGESTATIC_ERR_INPUT);
  rules.dialect = -1;
  ck_assert_int_eq(edgestatic_builder_rules(builder, &rules),
                   EDGESTATIC_ERR_INPUT);
  rules.dialect = 0;
  static const char *const bad[] = {"", "a b", "a/b", "https://a", "a:80"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    rules.host = util_text(bad[i]);
    ck_assert_int_eq(edgestatic_builder_rules(builder, &rules),
                     EDGESTATIC_ERR_INPUT);
  }
  rules.host = util_text("www.example.com");
  ck_assert_int_eq(edgestatic_builder_rules(builder, &rules), EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_rules(builder, &rules), EDGESTATIC_OK);
}
END_TEST

START_TEST(a_wrong_line_fails_the_build_and_names_its_place) {
  tempdir_file("_redirects", "/a /b\n  /c /d 3O2\n");
  add_site();
  finish_fails(EDGESTATIC_ERR_INPUT, "no such status");
  said(tempdir_path("_redirects"), 2, 9, "status");
  ck_assert_int_eq(told.severity, EDGESTATIC_ERROR);
}
END_TEST

START_TEST(all_wrong_lines_of_both_files_are_told) {
  redirects("x\ny\n", "one");
  headers("z\n", "two");
  finish_fails(EDGESTATIC_ERR_INPUT, "no path");
  ck_assert_uint_eq(told.count, 3);
}
END_TEST

START_TEST(of_very_many_wrong_lines_a_hundred_are_told) {
  char *text = util_alloc(2 * 1000 + 1);
  for (int i = 0; i < 1000; i++)
    memcpy(text + 2 * i, "x\n", 3);
  redirects(text, "many");
  finish_fails(EDGESTATIC_ERR_INPUT, "900 more lines");
  ck_assert_uint_eq(told.count, 101);
  ck_assert_int_eq(told.severity, EDGESTATIC_ERROR);
}
END_TEST

START_TEST(lenient_leaves_wrong_lines_out_with_a_warning) {
  how(EDGESTATIC_DIALECT_NETLIFY, 1, NULL);
  add("a.txt", "a");
  headers("/a.txt\n  Bad Name: 1\n  X-A: 1\n", "app");
  finish();
  ck_assert_int_eq(told.severity, EDGESTATIC_WARNING);
  said("app", 2, 3, "no name of a field");
  get("/a.txt", NULL);
  field_is("X-A", "1", "app:3");
}
END_TEST

START_TEST(a_block_of_another_host_needs_the_sites_own) {
  static const char text[] =
      "https://a.example/a.txt\n  X-A: 1\nhttps://b.example/*\n  X-B: 1\n";
  how(EDGESTATIC_DIALECT_CLOUDFLARE, 0, "A.example");
  add("a.txt", "a");
  headers(text, "app");
  finish();
  ck_assert_uint_eq(told.count, 0);
  get("/a.txt", NULL);
  field_is("X-A", "1", "app:2");
  field_is("X-B", "", NULL);
  how(EDGESTATIC_DIALECT_CLOUDFLARE, 0, NULL);
  finish();
  ck_assert_uint_eq(told.count, 2);
  ck_assert_int_eq(told.severity, EDGESTATIC_WARNING);
  said("app", 3, 1, "--host");
  get("/a.txt", NULL);
  field_is("X-A", "", NULL);
}
END_TEST

/* n blocks for paths, each with a field of its own, or one name for all. */
static char *blocks(unsigned n, const char *path, bool one_name) {
  char *text = util_alloc(n * (strlen(path) + 16) + 1);
  size_t len = 0;
  for (unsigned i = 0; i < n; i++)
    len +=
        (size_t)sprintf(text + len, "%s\n  X-%u: a\n", path, one_name ? 0 : i);
  return text;
}

START_TEST(more_fields_than_a_response_has_room_for_are_told) {
  how(EDGESTATIC_DIALECT_NETLIFY, 0, NULL);
  add("a.txt", "a");
  headers(blocks(71, "/d/:one/*", false), "h");
  finish();
  ck_assert_uint_eq(told.count, 0);
  headers("/e\n  X-E: 1\n/*\n  X-0: b\n", "later");
  finish();
  ck_assert_uint_eq(told.count, 1);
  ck_assert_int_eq(told.severity, EDGESTATIC_WARNING);
  said("later", 4, 1, "paths such as /d/xx get more than 71 fields");
}
END_TEST

START_TEST(a_field_that_takes_the_place_of_another_is_not_counted_twice) {
  how(EDGESTATIC_DIALECT_NETLIFY, 0, NULL);
  add("a.txt", "a");
  headers(blocks(100, "/*", true), "h");
  finish();
  ck_assert_uint_eq(told.count, 0);
}
END_TEST

START_TEST(a_field_that_is_added_or_taken_away_counts_so_in_the_other_dialect) {
  char text[4096] = "/*\n";
  size_t len = 3;
  for (int i = 0; i < 70; i++)
    len += (size_t)sprintf(text + len, "  X-%d: a\n", i);
  how(EDGESTATIC_DIALECT_CLOUDFLARE, 0, NULL);
  add("a.txt", "a");
  headers(text, "h");
  headers("/b*\n  ! X-0\n  X-1: b\n  Content-Type: text/plain\n", "away");
  headers("/bc\n  X-2: c\n", "fits");
  finish();
  ck_assert_uint_eq(told.count, 0);
  headers("/bd*\n  X-3: d\n  X-4: d\n", "last");
  finish();
  ck_assert_uint_eq(told.count, 1);
  said("last", 3, 1, "/bdx");
}
END_TEST

START_TEST(cloudflare_counts_all_texts_as_one_file) {
  how(EDGESTATIC_DIALECT_CLOUDFLARE, 0, NULL);
  redirects("/a /b\n", "one");
  redirects("/x /y\n/a /c\n", "two");
  finish_fails(EDGESTATIC_ERR_INPUT, "already");
  said("two", 2, 1, "line 1");
}
END_TEST

/* ---- What fields become ---- */

START_TEST(vary_is_joined_and_never_lost) {
  how(EDGESTATIC_DIALECT_CLOUDFLARE, 0, NULL);
  add_bytes("a.txt", samples_text(20000, 1));
  add_bytes("b.txt", samples_text(20000, 2));
  headers("/a.txt\n  Vary: Cookie, accept-encoding\n/b.txt\n  ! Vary\n", "h");
  finish();
  get("/a.txt", NULL);
  field_is("Vary", "Accept-Encoding, Cookie", "h:2");
  get("/b.txt", NULL);
  field_is("Vary", "Accept-Encoding", "variants");
}
END_TEST

START_TEST(a_content_type_by_rule_is_that_of_the_asset) {
  how(EDGESTATIC_DIALECT_CLOUDFLARE, 0, NULL);
  add("a.bin", "a");
  add("b.txt", "b");
  headers("/a.bin\n  content-type: text/x-a\n/b.txt\n  ! Content-Type\n", "h");
  finish();
  ck_assert_slice_eq(asset_at("/a.bin").type, "text/x-a");
  get("/a.bin", NULL);
  field_is("Content-Type", "text/x-a", "h:2");
  get("/b.txt", NULL);
  field_is("Content-Type", "text/plain; charset=utf-8", "mime table");
}
END_TEST

START_TEST(a_content_type_of_more_than_255_bytes_is_refused) {
  char text[400];
  snprintf(text, sizeof text, "/*\n  Content-Type: %0300d\n", 1);
  add("a.bin", "a");
  headers(text, "h");
  finish_fails(EDGESTATIC_ERR_INPUT, "at most 255 bytes");
  said("h", 2, 1, "Content-Type");
}
END_TEST

START_TEST(cookies_stay_apart_and_unset_takes_the_servers_own) {
  how(EDGESTATIC_DIALECT_CLOUDFLARE, 0, NULL);
  add("a.txt", "a");
  headers("/*\n  Set-Cookie: a=1\n  Set-Cookie: b=2\n"
          "  ! x-content-type-options\n",
          "h");
  finish();
  get("/a.txt", NULL);
  unsigned cookies = 0;
  for (uint32_t i = 0; i < response.field_count; i++)
    cookies += slice_eq(edgestatic_response_field(store, &response, i).name,
                        LIT("Set-Cookie"));
  ck_assert_uint_eq(cookies, 2);
  field_is("X-Content-Type-Options", "", NULL);
}
END_TEST

START_TEST(fields_without_end_are_refused) {
  char *text = util_alloc(300 * 16);
  size_t len = (size_t)sprintf(text, "/*\n");
  for (int i = 0; i < 255; i++)
    len += (size_t)sprintf(text + len, "  X-%d: 1\n", i);
  add("a.txt", "a");
  headers(text, "h");
  finish_fails(EDGESTATIC_ERR_INPUT, "more than 200 fields");
  ck_assert_str_eq(told.file, "a.txt");
}
END_TEST

START_TEST(a_304_carries_the_fields_of_rules) {
  add("a.txt", "a");
  headers("/*\n  X-A: 1\n  Content-Type: text/x-a\n", "h");
  finish();
  get("/a.txt", NULL);
  const char *etag = field("ETag", NULL);
  edgestatic_request request = {.method = LIT("GET"), .target = LIT("/a.txt")};
  request.field[EDGESTATIC_FIELD_IF_NONE_MATCH] = util_text(etag);
  edgestatic_respond(store, &request, &response);
  ck_assert_int_eq(response.status, 304);
  field_is("X-A", "1", "h:2");
  field_is("Content-Type", "", NULL);
}
END_TEST

START_TEST(two_builds_give_the_same_bytes) {
  tempdir_file("a.txt", "a");
  tempdir_file("_headers", "/*\n  X-A: 1\n");
  tempdir_file("_redirects", "/b /a\n/c/* /a/:splat\n/a /b\n");
  add_site();
  finish();
  size_t size = (size_t)edgestatic_store_pack_size(store);
  edgestatic_slice first = util_bytes(store->base, size);
  finish();
  ck_assert_uint_eq(edgestatic_store_pack_size(store), size);
  ck_assert_mem_eq(store->base, first.base, size);
}
END_TEST

static int build_with(const edgestatic_allocator *allocator, void *arg) {
  edgestatic_builder_options few = options;
  edgestatic_builder *b;
  edgestatic_pack *made = NULL;
  edgestatic_rules_options rules = EDGESTATIC_RULES_OPTIONS_INIT;
  (void)arg;
  few.allocator = *allocator;
  few.message = NULL;
  few.threads = 1;
  rules.host = LIT("a.example");
  int error = edgestatic_builder_new(&b, &few);
  if (error)
    return error;
  error = edgestatic_builder_rules(b, &rules);
  if (!error)
    error = edgestatic_builder_redirects(b, LIT("/a /b\n/c/* /d\n"), "one");
  if (!error)
    error = edgestatic_builder_headers(
        b, LIT("/*\n  X-A: 1\n  Vary: Cookie\n  Content-Type: a/b\n"), "two");
  if (!error)
    error = edgestatic_builder_add(b, LIT("a.txt"), "a", 1, NULL);
  if (!error)
    error = edgestatic_builder_add_dir(b, tempdir);
  if (!error)
    error = edgestatic_builder_finish(b, &made);
  edgestatic_pack_unref(made);
  edgestatic_builder_free(b);
  return error;
}

START_TEST(no_memory_at_any_point_is_an_error_and_no_leak) {
  tempdir_file("_redirects", "/e /f\n");
  tempdir_file("_headers", "/*\n  X-B: 1\n");
  memtest_fail_each(build_with, NULL);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("rulebook");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, the_files_of_the_root_are_read_and_not_served);
  tcase_add_test(tc, the_ignore_file_can_name_a_rule_file);
  tcase_add_test(tc, a_rule_file_may_be_a_link_inside_the_root_alone);
  tcase_add_test(tc, a_rule_file_of_more_than_16_mib_is_a_limit);
  tcase_add_test(tc, an_asset_of_that_name_takes_the_place_of_the_file);
  tcase_add_test(tc, rules_by_call_come_before_those_of_the_file);
  tcase_add_test(tc, a_text_does_not_go_on_with_the_block_of_another);
  tcase_add_test(tc, what_is_wrong_with_a_text_by_call_is_refused_at_once);
  tcase_add_test(tc, options_are_checked);
  tcase_add_test(tc, a_wrong_line_fails_the_build_and_names_its_place);
  tcase_add_test(tc, all_wrong_lines_of_both_files_are_told);
  tcase_add_test(tc, of_very_many_wrong_lines_a_hundred_are_told);
  tcase_add_test(tc, lenient_leaves_wrong_lines_out_with_a_warning);
  tcase_add_test(tc, a_block_of_another_host_needs_the_sites_own);
  tcase_add_test(tc, more_fields_than_a_response_has_room_for_are_told);
  tcase_add_test(tc,
                 a_field_that_takes_the_place_of_another_is_not_counted_twice);
  tcase_add_test(
      tc, a_field_that_is_added_or_taken_away_counts_so_in_the_other_dialect);
  tcase_add_test(tc, cloudflare_counts_all_texts_as_one_file);
  tcase_add_test(tc, vary_is_joined_and_never_lost);
  tcase_add_test(tc, a_content_type_by_rule_is_that_of_the_asset);
  tcase_add_test(tc, a_content_type_of_more_than_255_bytes_is_refused);
  tcase_add_test(tc, cookies_stay_apart_and_unset_takes_the_servers_own);
  tcase_add_test(tc, fields_without_end_are_refused);
  tcase_add_test(tc, a_304_carries_the_fields_of_rules);
  tcase_add_test(tc, two_builds_give_the_same_bytes);
  tcase_add_test(tc, no_memory_at_any_point_is_an_error_and_no_leak);
  return util_run("rulebook", tc);
}
