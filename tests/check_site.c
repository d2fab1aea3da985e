/* check_site.c - a site store: releases, collections, rollback, expiry, gc.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "messages.h"
#include "sitestore.h"

START_TEST(a_release_is_shown_by_live) {
  edgestatic_site *site = store_open(1);
  ck_assert_uint_eq(store_release(site, "live", "one"), 1);
  store_shows(site, "live", "one");
  store_shows(site, "1", "one");
  size_t count;
  const edgestatic_release *r = edgestatic_site_releases(site, &count);
  ck_assert_uint_eq(count, 1);
  ck_assert_uint_eq(r->number, 1);
  ck_assert_uint_eq(r->files, 3);
  ck_assert_uint_eq(r->bytes, r->new_bytes);
  ck_assert_str_eq(r->note, "one");
  edgestatic_site_close(site);
  ck_assert_int_eq(edgestatic_site_is(tempdir_path("site")), 1);
  ck_assert_int_eq(edgestatic_site_is(tempdir), 0);
}
END_TEST

START_TEST(a_body_that_another_release_has_is_stored_once) {
  edgestatic_site *site = store_open(1);
  store_release(site, "live", "one");
  off_t first = store_data_size();
  store_release(site, "live", "two");
  off_t second = store_data_size();
  ck_assert_int_lt(second - first, 64);
  store_release(site, "live", "two");
  ck_assert_int_eq(store_data_size(), second);
  size_t count;
  const edgestatic_release *r = edgestatic_site_releases(site, &count);
  ck_assert_uint_lt(r[1].new_bytes, r[1].bytes - STORE_BIG);
  store_shows(site, "1", "one");
  store_shows(site, "3", "two");
  edgestatic_site_close(site);
}
END_TEST

START_TEST(a_copy_is_what_the_builder_made) {
  edgestatic_site *site = store_open(1);
  store_release(site, "live", "one");
  store_release(site, "live", "two");
  edgestatic_builder *builder = store_builder("two");
  edgestatic_pack *made, *copied;
  ck_assert_int_eq(edgestatic_builder_finish(builder, &made), 0);
  ck_assert_int_eq(edgestatic_site_copy(site, "live", &copied), 0);
  const edgestatic_store *a = edgestatic_pack_store(made);
  const edgestatic_store *b = edgestatic_pack_store(copied);
  ck_assert_uint_eq(a->len, b->len);
  ck_assert_mem_eq(a->base, b->base, a->len);
  edgestatic_pack_unref(made);
  edgestatic_pack_unref(copied);
  edgestatic_builder_free(builder);
  edgestatic_site_close(site);
}
END_TEST

START_TEST(the_descriptor_of_a_release_has_its_bodies) {
  edgestatic_site *site = store_open(1);
  store_release(site, "live", "one");
  edgestatic_pack *pack;
  ck_assert_int_eq(edgestatic_site_pack(site, "live", &pack), 0);
  const edgestatic_store *s = edgestatic_pack_store(pack);
  uint64_t shift;
  int fd = edgestatic_pack_fd(pack, &shift);
  ck_assert_int_ge(fd, 0);
  for (uint32_t i = 0; i < edgestatic_store_variant_count(s); i++) {
    edgestatic_variant v = edgestatic_store_variant(s, i);
    char *bytes = util_alloc(v.size);
    ck_assert_int_eq(pread(fd, bytes, v.size, (off_t)(v.offset - shift)),
                     (ssize_t)v.size);
    ck_assert_mem_eq(bytes, (const char *)s->base + v.offset, v.size);
  }
  edgestatic_pack_unref(pack);
  edgestatic_site_close(site);
}
END_TEST

START_TEST(promotion_shows_what_another_collection_shows) {
  edgestatic_site *site = store_open(1);
  store_release(site, "live", "one");
  store_release(site, "staging", "two");
  store_shows(site, "live", "one");
  ck_assert_int_eq(edgestatic_site_promote(site, "staging", "live"), 0);
  store_shows(site, "live", "two");
  ck_assert_int_eq(edgestatic_site_promote(site, "1", "live"), 0);
  store_shows(site, "live", "one");
  ck_assert_int_eq(edgestatic_site_promote(site, "live", "old"), 0);
  store_shows(site, "old", "one");
  ck_assert_int_eq(edgestatic_site_promote(site, "nobody", "live"),
                   EDGESTATIC_ERR_INPUT);
  ck_assert_int_eq(edgestatic_site_promote(site, "live", "No"),
                   EDGESTATIC_ERR_INPUT);
  ck_assert_int_eq(edgestatic_site_promote(site, "7", "live"),
                   EDGESTATIC_ERR_INPUT);
  edgestatic_site_close(site);
}
END_TEST

START_TEST(rollback_goes_back_through_what_was_shown) {
  edgestatic_site *site = store_open(1);
  uint64_t number = 0;
  store_release(site, "live", "one");
  store_release(site, "live", "two");
  store_release(site, "live", "three");
  ck_assert_int_eq(edgestatic_site_rollback(site, "live", &number), 0);
  ck_assert_uint_eq(number, 2);
  store_shows(site, "live", "two");
  ck_assert_int_eq(edgestatic_site_rollback(site, "live", NULL), 0);
  store_shows(site, "live", "one");
  ck_assert_int_eq(edgestatic_site_rollback(site, "live", NULL),
                   EDGESTATIC_ERR_INPUT);
  store_shows(site, "live", "one");
  store_shows(site, "3", "three");
  ck_assert_uint_eq(store_release(site, "live", "four"), 4);
  ck_assert_int_eq(edgestatic_site_rollback(site, "live", NULL), 0);
  store_shows(site, "live", "one");
  edgestatic_site_close(site);
}
END_TEST

START_TEST(only_so_many_earlier_releases_are_known) {
  edgestatic_site *site = store_open(1);
  store_release(site, "live", "one");
  store_release(site, "x", "two");
  for (int i = 0; i < 50; i++)
    ck_assert_int_eq(edgestatic_site_promote(site, i % 2 ? "1" : "2", "live"),
                     0);
  size_t count;
  const edgestatic_collection *c = edgestatic_site_collections(site, &count);
  ck_assert_uint_eq(count, 2);
  ck_assert_str_eq(c[0].name, "live");
  ck_assert_uint_eq(c[0].before_count, STATE_BEFORE_MAX);
  ck_assert_uint_eq(c[0].before[0], 2);
  edgestatic_site_close(site);
}
END_TEST

START_TEST(a_reader_sees_what_another_one_changed) {
  edgestatic_site *site = store_open(1), *reader = store_open(0);
  int changed = 1;
  ck_assert_int_eq(edgestatic_site_refresh(reader, &changed), 0);
  ck_assert_int_eq(changed, 0);
  store_release(site, "live", "one");
  ck_assert_int_eq(edgestatic_site_refresh(reader, &changed), 0);
  ck_assert_int_eq(changed, 1);
  store_shows(reader, "live", "one");
  store_release(site, "live", "two");
  store_shows(reader, "live", "two");
  edgestatic_site_close(site);
  edgestatic_site_close(reader);
}
END_TEST

START_TEST(previews_expire_and_what_live_shows_does_not) {
  edgestatic_site *site = store_open(1);
  edgestatic_site_report report;
  store_release(site, "live", "one");
  store_release_until(site, "preview-1", "two", 1000);
  store_release_until(site, "preview-2", "three", 2000);
  store_release_until(site, "preview-3", "four", 1000);
  ck_assert_int_eq(edgestatic_site_promote(site, "preview-3", "live"), 0);
  ck_assert_int_eq(edgestatic_site_expire(site, 999, UINT32_MAX, &report), 0);
  ck_assert_uint_eq(report.collections + report.releases, 0);
  ck_assert_int_eq(edgestatic_site_expire(site, 1000, UINT32_MAX, &report), 0);
  ck_assert_uint_eq(report.collections, 2);
  ck_assert_uint_eq(report.releases, 1);
  store_shows(site, "live", "four");
  store_shows(site, "1", "one");
  store_shows(site, "preview-2", "three");
  ck_assert_int_eq(store_find(site, "preview-1"), EDGESTATIC_ERR_INPUT);
  ck_assert_int_eq(store_find(site, "2"), EDGESTATIC_ERR_INPUT);
  /* It lasts as long as live, which it was promoted to. */
  store_release(site, "live", "five");
  ck_assert_int_eq(edgestatic_site_expire(site, 9000, UINT32_MAX, NULL), 0);
  ck_assert_int_eq(edgestatic_site_rollback(site, "live", NULL), 0);
  store_shows(site, "live", "four");
  ck_assert_uint_eq(store_release(site, "live", "six"), 6);
  edgestatic_site_close(site);
}
END_TEST

START_TEST(expiry_keeps_the_newest_releases_that_nothing_shows) {
  edgestatic_site *site = store_open(1);
  edgestatic_site_report report;
  for (int i = 0; i < 6; i++)
    store_release(site, "live", i % 2 ? "odd" : "even");
  ck_assert_int_eq(edgestatic_site_expire(site, 1, 2, &report), 0);
  ck_assert_uint_eq(report.releases, 3);
  ck_assert_int_eq(store_find(site, "3"), EDGESTATIC_ERR_INPUT);
  store_shows(site, "4", "odd");
  store_shows(site, "live", "odd");
  ck_assert_int_eq(edgestatic_site_rollback(site, "live", NULL), 0);
  ck_assert_int_eq(edgestatic_site_rollback(site, "live", NULL), 0);
  ck_assert_int_eq(edgestatic_site_rollback(site, "live", NULL),
                   EDGESTATIC_ERR_INPUT);
  edgestatic_site_close(site);
}
END_TEST

START_TEST(gc_gives_back_what_no_release_uses) {
  edgestatic_site *site = store_open(1);
  edgestatic_site_report dry, report;
  store_release(site, "live", "one");
  off_t small = store_data_size();
  store_release_big(site, "preview", 'x');
  ck_assert_int_eq(edgestatic_site_gc(site, 1, &dry), 0);
  ck_assert_uint_eq(dry.before, dry.after);
  ck_assert_int_eq(edgestatic_site_remove(site, "preview"), 0);
  ck_assert_int_eq(edgestatic_site_expire(site, 1, 0, NULL), 0);
  ck_assert_int_eq(edgestatic_site_gc(site, 1, &dry), 0);
  ck_assert_uint_lt(dry.after, dry.before);
  ck_assert_int_gt(store_data_size(), small);
  ck_assert_int_eq(edgestatic_site_gc(site, 0, &report), 0);
  ck_assert_mem_eq(&report, &dry, sizeof dry);
  ck_assert_int_eq(store_data_size(), small);
  ck_assert_int_eq(store_files(), 4); /* state, lock, data, release */
  store_shows(site, "live", "one");
  ck_assert_int_eq(edgestatic_site_gc(site, 0, &report), 0);
  ck_assert_uint_eq(report.before, report.after);
  store_release(site, "live", "two");
  store_shows(site, "live", "two");
  edgestatic_site_close(site);
}
END_TEST

START_TEST(a_pack_that_is_open_outlives_gc) {
  edgestatic_site *site = store_open(1), *reader = store_open(0);
  edgestatic_pack *pack;
  store_release(site, "live", "one");
  store_release_big(site, "preview", 'x');
  ck_assert_int_eq(edgestatic_site_pack(reader, "preview", &pack), 0);
  ck_assert_int_eq(edgestatic_site_remove(site, "preview"), 0);
  ck_assert_int_eq(edgestatic_site_expire(site, 1, 0, NULL), 0);
  ck_assert_int_eq(edgestatic_site_gc(site, 0, NULL), 0);
  store_release(site, "live", "two");
  store_verify(pack);
  edgestatic_pack_unref(pack);
  /* The reader knows the files by their old names. */
  store_shows(reader, "1", "one");
  store_shows(reader, "live", "two");
  edgestatic_site_close(site);
  edgestatic_site_close(reader);
}
END_TEST

/* ---- Old assets ---- */

static bool has(edgestatic_site *site, const char *path) {
  edgestatic_pack *pack;
  ck_assert_int_eq(edgestatic_site_pack(site, "live", &pack), 0);
  uint32_t found =
      edgestatic_store_find(edgestatic_pack_store(pack), util_text(path));
  edgestatic_pack_unref(pack);
  return found != EDGESTATIC_NONE;
}

static int release_hashed(edgestatic_site *site, const char *name,
                          const char *bytes, int64_t time,
                          uint32_t retain_releases, int64_t retain_seconds) {
  edgestatic_release_options options = EDGESTATIC_RELEASE_OPTIONS_INIT;
  edgestatic_builder *builder = store_builder(bytes);
  options.time = time;
  options.retain_releases = retain_releases;
  options.retain_seconds = retain_seconds;
  store_add(builder, name, bytes, strlen(bytes));
  int error = edgestatic_site_release(site, builder, &options, NULL);
  ck_assert_uint_eq(builder->previous_count, 0);
  edgestatic_builder_free(builder);
  return error;
}

START_TEST(old_assets_stay_until_their_time_and_expire_rewrites) {
  edgestatic_site *site = store_open(1);
  edgestatic_site_report report;
  size_t count;
  ck_assert_int_eq(release_hashed(site, "app-3f2a9c1b.js", "1", 1000, 0, 100),
                   0);
  ck_assert_int_eq(release_hashed(site, "app-4e1b8d2c.js", "2", 1050, 0, 100),
                   0);
  ck_assert_int_eq(release_hashed(site, "app-5d0c7e3a.js", "3", 1060, 0, 100),
                   0);
  const edgestatic_release *r = edgestatic_site_releases(site, &count);
  ck_assert_int_eq(r[1].retained_until, 1150);
  ck_assert_int_eq(r[2].retained_until, 1150); /* of the first; then 1160 */
  ck_assert(has(site, "/app-3f2a9c1b.js") && has(site, "/app-4e1b8d2c.js"));
  ck_assert_int_eq(edgestatic_site_expire(site, 1149, UINT32_MAX, &report), 0);
  ck_assert_uint_eq(report.rewritten, 0);
  ck_assert_int_eq(edgestatic_site_expire(site, 1150, UINT32_MAX, &report), 0);
  ck_assert_uint_eq(report.rewritten, 2);
  ck_assert(!has(site, "/app-3f2a9c1b.js") && has(site, "/app-4e1b8d2c.js"));
  ck_assert_int_eq(edgestatic_site_expire(site, 1160, UINT32_MAX, &report), 0);
  ck_assert_uint_eq(report.rewritten, 1);
  ck_assert(!has(site, "/app-4e1b8d2c.js") && has(site, "/app-5d0c7e3a.js"));
  store_shows(site, "2", "2");
  store_shows(site, "3", "3");
  edgestatic_site_close(site);
}
END_TEST

START_TEST(old_assets_of_so_many_releases_stay) {
  edgestatic_site *site = store_open(1);
  release_hashed(site, "app-3f2a9c1b.js", "1", 1000, 0, 0);
  release_hashed(site, "app-4e1b8d2c.js", "2", 1050, 0, 0);
  ck_assert(!has(site, "/app-3f2a9c1b.js"));
  release_hashed(site, "app-5d0c7e3a.js", "3", 1060, 1, 0);
  ck_assert(!has(site, "/app-3f2a9c1b.js") && has(site, "/app-4e1b8d2c.js"));
  release_hashed(site, "app-6c9d1f4b.js", "4", 1070, 3, 0);
  ck_assert(has(site, "/app-3f2a9c1b.js") && has(site, "/app-4e1b8d2c.js"));
  edgestatic_site_close(site);
}
END_TEST

START_TEST(a_hashed_name_with_other_bytes_is_no_release) {
  edgestatic_site *site = store_open(1);
  release_hashed(site, "app-3f2a9c1b.js", "1", 1000, 0, 0);
  ck_assert_int_eq(release_hashed(site, "app-3f2a9c1b.js", "2", 1000, 0, 0),
                   EDGESTATIC_ERR_INPUT);
  store_shows(site, "live", "1");
  ck_assert_int_eq(store_find(site, "2"), EDGESTATIC_ERR_INPUT);
  edgestatic_site_close(site);
}
END_TEST

/* ---- What is not a store ---- */

START_TEST(a_folder_of_something_else_is_left_alone) {
  edgestatic_site *site;
  tempdir_file("site/index.html", "hello");
  ck_assert_int_eq(store_try_open(&site, 1), EDGESTATIC_ERR_INPUT);
  assert_said(&store_said, "other files");
  ck_assert_int_eq(store_files(), 1);
  ck_assert_int_eq(store_try_open(&site, 0), EDGESTATIC_ERR_FORMAT);
  assert_said(&store_said, "not a site store");
  ck_assert_ptr_null(site);
}
END_TEST

START_TEST(a_state_that_was_changed_anywhere_is_refused) {
  edgestatic_site *site = store_open(1);
  store_release(site, "live", "one");
  size_t len;
  char *text = state_print(&site->state, &len);
  edgestatic_site_close(site);
  for (size_t i = 0; i < len; i++) {
    struct state s;
    char *bad = util_alloc(len);
    memcpy(bad, text, len);
    bad[i] ^= 1;
    ck_assert_int_ne(state_parse(&s, slice_of(bad, len)), EDGESTATIC_OK);
    ck_assert_int_ne(state_parse(&s, util_bytes(text, i)), EDGESTATIC_OK);
    ck_assert_uint_eq(s.releases + s.collections, 0);
    util_free_all();
  }
  struct state s;
  ck_assert_int_eq(state_parse(&s, util_bytes(text, len)), EDGESTATIC_OK);
  size_t again;
  char *same = state_print(&s, &again);
  ck_assert_str_eq(same, text);
  state_free(&s);
  free(same);
  tempdir_file("site/state", "edgestatic-site 2\nsomething new\n");
  ck_assert_int_eq(store_try_open(&site, 0), EDGESTATIC_ERR_VERSION);
  assert_said(&store_said, "newer");
  text[20] ^= 1;
  tempdir_file("site/state", text);
  ck_assert_int_eq(store_try_open(&site, 0), EDGESTATIC_ERR_CHECKSUM);
  assert_said(&store_said, "damaged");
  free(text);
}
END_TEST

START_TEST(names_and_notes_are_checked) {
  static const char *const bad[] = {"",    "A",  "-a", "a-",  "1",
                                    "a_b", "a ", "\n", "a/b", "a\xc3\xa9"};
  edgestatic_site *site = store_open(1);
  edgestatic_release_options options = EDGESTATIC_RELEASE_OPTIONS_INIT;
  edgestatic_builder *builder = store_builder("one");
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    options.collection = bad[i];
    ck_assert_int_eq(edgestatic_site_release(site, builder, &options, NULL),
                     EDGESTATIC_ERR_INPUT);
  }
  options.collection = "live";
  options.note = "two\nlines";
  ck_assert_int_eq(edgestatic_site_release(site, builder, &options, NULL),
                   EDGESTATIC_ERR_INPUT);
  options.note = NULL;
  options.expires = 1;
  ck_assert_int_eq(edgestatic_site_release(site, builder, &options, NULL),
                   EDGESTATIC_ERR_INPUT);
  assert_said(&store_said, "live does not expire");
  edgestatic_builder_free(builder);
  edgestatic_site_close(site);
}
END_TEST

START_TEST(a_damaged_release_is_named_and_gc_changes_nothing) {
  edgestatic_site *site = store_open(1);
  store_release(site, "live", "one");
  store_release_big(site, "preview", 'x');
  edgestatic_site_remove(site, "preview");
  edgestatic_site_expire(site, 1, 0, NULL);
  int fd = open(tempdir_path("site/data.1"), O_RDWR);
  ck_assert_int_eq(pwrite(fd, "?", 1, 4096 + 5), 1);
  close(fd);
  off_t before = store_data_size();
  ck_assert_int_eq(edgestatic_site_gc(site, 0, NULL), EDGESTATIC_ERR_CHECKSUM);
  assert_said(&store_said, "release.1.");
  ck_assert_int_eq(store_data_size(), before);
  ck_assert_int_eq(store_files(), 4);
  edgestatic_site_close(site);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("site");
  tcase_add_test(c, old_assets_stay_until_their_time_and_expire_rewrites);
  tcase_add_test(c, old_assets_of_so_many_releases_stay);
  tcase_add_test(c, a_hashed_name_with_other_bytes_is_no_release);
  tcase_add_test(c, a_folder_of_something_else_is_left_alone);
  tcase_add_test(c, a_state_that_was_changed_anywhere_is_refused);
  tcase_add_test(c, names_and_notes_are_checked);
  tcase_add_test(c, a_damaged_release_is_named_and_gc_changes_nothing);
  tcase_add_checked_fixture(c, store_setup, store_teardown);
  tcase_add_test(c, a_release_is_shown_by_live);
  tcase_add_test(c, a_body_that_another_release_has_is_stored_once);
  tcase_add_test(c, a_copy_is_what_the_builder_made);
  tcase_add_test(c, the_descriptor_of_a_release_has_its_bodies);
  tcase_add_test(c, promotion_shows_what_another_collection_shows);
  tcase_add_test(c, rollback_goes_back_through_what_was_shown);
  tcase_add_test(c, only_so_many_earlier_releases_are_known);
  tcase_add_test(c, a_reader_sees_what_another_one_changed);
  tcase_add_test(c, previews_expire_and_what_live_shows_does_not);
  tcase_add_test(c, expiry_keeps_the_newest_releases_that_nothing_shows);
  tcase_add_test(c, gc_gives_back_what_no_release_uses);
  tcase_add_test(c, a_pack_that_is_open_outlives_gc);
  return util_run("site", c);
}
