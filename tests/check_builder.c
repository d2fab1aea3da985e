/* check_builder.c - what a builder is given.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"

#include "memtest.h"
#include "packing.h"

/* ---- Assets from memory ---- */

START_TEST(assets_are_served_with_their_bytes) {
  add("a.txt", "alpha");
  add("docs/b.html", "beta");
  add("empty.css", "");
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 3);
  has_body("/a.txt", "alpha");
  has_body("/docs/b", "beta");
  has_body("/empty.css", "");
  get("/a.txt", NULL);
  ck_assert_int_eq(response.status, 200);
  field_is("Content-Type", "text/plain; charset=utf-8", "mime table");
  field_is("Content-Length", "5", "body");
  field_is("Accept-Ranges", "bytes", "default");
  field_is("X-Content-Type-Options", "nosniff", "default");
  field_is("Last-Modified", "", NULL);
  field_is("Vary", "", NULL);
}
END_TEST

START_TEST(a_path_that_was_added_before_is_replaced) {
  add("a.txt", "one");
  add("b.txt", "other");
  add("a.txt", "two");
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 2);
  has_body("/a.txt", "two");
}
END_TEST

START_TEST(assets_can_be_added_in_any_order) {
  char path[16], seen[300] = {0};
  for (unsigned i = 0; i < 300; i++) {
    snprintf(path, sizeof path, "%u.txt", i * 7 % 300);
    add(path, path);
  }
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 300);
  for (unsigned i = 0; i < 300; i++) {
    snprintf(path, sizeof path, "/%u.txt", i);
    has_body(path, path + 1);
    seen[i] = 1;
  }
  ck_assert_int_eq(seen[299], 1);
}
END_TEST

START_TEST(an_asset_may_have_type_cache_control_and_time_of_its_own) {
  edgestatic_asset_options o = EDGESTATIC_ASSET_OPTIONS_INIT;
  o.type = util_text("application/vnd.example+json");
  o.cache_control = util_text("private");
  o.mtime = 784111777;
  edgestatic_slice bytes = util_text("{}");
  ck_assert_int_eq(edgestatic_builder_add(builder, util_text("api"), bytes.base,
                                          bytes.len, &o),
                   EDGESTATIC_OK);
  finish();
  get("/api", NULL);
  field_is("Content-Type", "application/vnd.example+json", "asset options");
  field_is("Cache-Control", "private", "asset options");
  field_is("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT", "asset options");
  ck_assert_int_eq(asset_at("/api").mtime, 784111777);
}
END_TEST

START_TEST(what_cannot_be_an_asset_is_refused_and_told) {
  static const char *const paths[] = {
      "", "/a.txt", "a//b", "../a", "a/..", "./a", "a\x80.txt", "a\nb", "a/"};
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    memset(&told, 0, sizeof told);
    ck_assert_msg(edgestatic_builder_add(builder, util_text(paths[i]), "x", 1,
                                         NULL) == EDGESTATIC_ERR_INPUT,
                  "%s", paths[i]);
    ck_assert_uint_eq(told.count, 1);
    ck_assert_int_eq(told.severity, EDGESTATIC_ERROR);
  }
  static const char *const values[] = {"", "a\r\nb: c", "a\x7f", "a\nb"};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    edgestatic_asset_options o = EDGESTATIC_ASSET_OPTIONS_INIT;
    o.type = util_text(values[i]);
    ck_assert_int_eq(edgestatic_builder_add(builder, LIT("a"), "x", 1, &o),
                     EDGESTATIC_ERR_INPUT);
    assert_said(&told, "type");
    o.type = (edgestatic_slice){NULL, 0};
    o.cache_control = util_text(values[i]);
    ck_assert_int_eq(edgestatic_builder_add(builder, LIT("a"), "x", 1, &o),
                     EDGESTATIC_ERR_INPUT);
    assert_said(&told, "cache_control");
  }
  edgestatic_asset_options o = EDGESTATIC_ASSET_OPTIONS_INIT;
  char *type = util_alloc(256);
  memset(type, 'a', 256);
  o.type = (edgestatic_slice){type, 256};
  ck_assert_int_eq(edgestatic_builder_add(builder, LIT("a"), "x", 1, &o),
                   EDGESTATIC_ERR_INPUT);
  o.size = 3;
  ck_assert_int_eq(edgestatic_builder_add(builder, LIT("a"), "x", 1, &o),
                   EDGESTATIC_ERR_INPUT);
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 0);
}
END_TEST

START_TEST(options_without_such_a_value_are_refused) {
  edgestatic_builder *none;
  edgestatic_builder_options o = options;
  o.size = 0;
  ck_assert_int_eq(edgestatic_builder_new(&none, &o), EDGESTATIC_ERR_INPUT);
  ck_assert_ptr_null(none);
  o = options;
  o.html_handling = 4;
  ck_assert_int_eq(edgestatic_builder_new(&none, &o), EDGESTATIC_ERR_INPUT);
  o = options;
  o.not_found = -1;
  ck_assert_int_eq(edgestatic_builder_new(&none, &o), EDGESTATIC_ERR_INPUT);
  o = options;
  o.effort = 2;
  ck_assert_int_eq(edgestatic_builder_new(&none, &o), EDGESTATIC_ERR_INPUT);
  ck_assert_int_eq(edgestatic_builder_new(&none, NULL), EDGESTATIC_OK);
  edgestatic_builder_free(none);
  edgestatic_builder_free(NULL);
}
END_TEST

/* ---- Folders ---- */

START_TEST(memory_wins_over_folders_and_a_later_folder_over_an_earlier_one) {
  add("config.js", "from memory");
  tempdir_file("one/config.js", "1");
  tempdir_file("one/a.txt", "1");
  tempdir_file("one/b.txt", "1");
  tempdir_file("two/b.txt", "2");
  char dir[8192];
  snprintf(dir, sizeof dir, "%s", tempdir_path("one"));
  ck_assert_int_eq(edgestatic_builder_add_dir(builder, dir), EDGESTATIC_OK);
  snprintf(dir, sizeof dir, "%s", tempdir_path("two"));
  ck_assert_int_eq(edgestatic_builder_add_dir(builder, dir), EDGESTATIC_OK);
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 3);
  has_body("/config.js", "from memory");
  has_body("/a.txt", "1");
  has_body("/b.txt", "2");
}
END_TEST

START_TEST(a_file_that_changed_since_it_was_added_is_packed_as_it_is_now) {
  tempdir_file("a.txt", "old");
  add_site();
  tempdir_file("a.txt", "newer");
  finish();
  has_body("/a.txt", "newer");
  tempdir_file("a.txt", "newest");
  finish(); /* again, with the same builder */
  has_body("/a.txt", "newest");
}
END_TEST

START_TEST(every_file_that_is_gone_is_told_in_order) {
  tempdir_file("a.txt", "1");
  tempdir_file("b.txt", "2");
  tempdir_file("c.txt", "3");
  add_site();
  ck_assert_int_eq(unlink(tempdir_path("a.txt")), 0);
  ck_assert_int_eq(unlink(tempdir_path("c.txt")), 0);
  finish_fails(EDGESTATIC_ERR_IO, "");
  ck_assert_uint_eq(told.count, 2);
  ck_assert_str_eq(told.file, "c.txt");
}
END_TEST

/* ---- Progress ---- */

START_TEST(progress_ends_with_all_files_and_bytes) {
  struct watched w = {.calls = 0};
  new_watched(&w);
  for (uint32_t i = 0; i < 10; i++) {
    char path[16];
    snprintf(path, sizeof path, "%u", i);
    add_bytes(path, samples_noise(1000, i + 1));
  }
  finish();
  ck_assert_uint_ge(w.calls, 1);
  ck_assert_uint_eq(w.last.files_total, 10);
  ck_assert_uint_eq(w.last.files_done, 10);
  ck_assert_uint_eq(w.last.bytes_done, 10000);
  ck_assert_uint_eq(w.last.bytes_total, 10000);
}
END_TEST

static void add_one(void) {
  add("a.txt", "a");
}

START_TEST(progress_can_cancel_in_each_of_its_calls) {
  ck_assert_uint_ge(cancel_in_each(add_one).calls, 1);
}
END_TEST

/* ---- Memory ---- */

static int build_all(const edgestatic_allocator *a, void *arg) {
  edgestatic_builder *b;
  edgestatic_builder_options o = options;
  edgestatic_pack *made = NULL;
  const edgestatic_slice *text = arg;
  o.allocator = *a;
  int error = edgestatic_builder_new(&b, &o);
  if (error)
    return error;
  error = edgestatic_builder_rule(b, EDGESTATIC_RULE_CACHE, LIT("*.x"),
                                  LIT("no-store"));
  if (!error)
    error = edgestatic_builder_add(b, LIT("mem/a.html"), text->base, text->len,
                                   NULL);
  if (!error)
    error = edgestatic_builder_add(b, LIT("404.html"), "x", 1, NULL);
  char dir[8192];
  snprintf(dir, sizeof dir, "%s", tempdir_path("site"));
  if (!error)
    error = edgestatic_builder_add_dir(b, dir);
  if (!error)
    error = edgestatic_builder_finish(b, &made);
  ck_assert_int_eq(made != NULL, error == EDGESTATIC_OK);
  edgestatic_pack_unref(made);
  edgestatic_builder_free(b);
  return error;
}

static void site_of_three(void) {
  edgestatic_slice text = samples_text(6000, 2);
  tempdir_file("site/b.html", "b");
  tempdir_bytes("site/docs/c.html", text.base, text.len);
  tempdir_file("site/docs/404.html", "none");
}

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  edgestatic_slice text = samples_text(6000, 1);
  site_of_three();
  for (options.threads = 1; options.threads <= 2; options.threads++)
    memtest_fail_each(build_all, &text);
}
END_TEST

START_TEST(a_cache_without_memory_is_done_without) {
  edgestatic_slice text = samples_text(6000, 1);
  site_of_three();
  use_cache("cache");
  options.threads = 1;
  unsigned spared = 0;
  for (size_t i = 1;; i++) {
    struct memtest m = MEMTEST_INIT;
    m.fail_at = i;
    const edgestatic_allocator allocator = {memtest_resize, &m};
    int error = build_all(&allocator, &text);
    ck_assert_uint_eq(m.blocks, 0);
    if (m.calls < i)
      break;
    ck_assert(error == EDGESTATIC_ERR_MEMORY || error == EDGESTATIC_OK);
    spared += error == EDGESTATIC_OK;
  }
  ck_assert_uint_gt(spared, 0);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("builder");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, assets_are_served_with_their_bytes);
  tcase_add_test(tc, a_path_that_was_added_before_is_replaced);
  tcase_add_test(tc, assets_can_be_added_in_any_order);
  tcase_add_test(tc, an_asset_may_have_type_cache_control_and_time_of_its_own);
  tcase_add_test(tc, what_cannot_be_an_asset_is_refused_and_told);
  tcase_add_test(tc, options_without_such_a_value_are_refused);
  tcase_add_test(
      tc, memory_wins_over_folders_and_a_later_folder_over_an_earlier_one);
  tcase_add_test(tc,
                 a_file_that_changed_since_it_was_added_is_packed_as_it_is_now);
  tcase_add_test(tc, every_file_that_is_gone_is_told_in_order);
  tcase_add_test(tc, progress_ends_with_all_files_and_bytes);
  tcase_add_test(tc, progress_can_cancel_in_each_of_its_calls);
  tcase_add_test(tc, each_failing_allocation_is_an_error_without_a_leak);
  tcase_add_test(tc, a_cache_without_memory_is_done_without);
  return util_run("builder", tc);
}
