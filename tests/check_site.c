/* check_site.c - a site store: releases, collections, rollback, expiry, gc.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "messages.h"
#include "sitestore.h"

#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>

static void setup(void) {
  store_setup();
}

static void teardown(void) {
  store_teardown();
}

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

int main(void) {
  TCase *c = tcase_create("site");
  tcase_add_checked_fixture(c, setup, teardown);
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
