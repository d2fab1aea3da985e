/* check_carry_earlier.c - what a build asks of earlier releases, and keeps
 * of them.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "core/pack.h"

#include "carrying.h"

#define HASHED "js/app-3f2a9c1b.js"

START_TEST(a_hashed_name_with_other_bytes_fails_the_build) {
  add(HASHED, "one");
  add("index.html", "page");
  add("page-3f2a9c1b.html", "page");
  add("plain.js", "one");
  finish();
  edgestatic_variant was = variant_at("/" HASHED, 0);
  edgestatic_pack *first = take();
  previous(first, 0);
  add(HASHED, "two");
  add("page-3f2a9c1b.html", "another page");
  add("plain.js", "two");
  finish_fails(EDGESTATIC_ERR_INPUT, "give it a new name");
  ck_assert_str_eq(told.file, HASHED);
  ck_assert_uint_eq(told.count, 1);
  char hex[33];
  unsigned char is[16];
  builder_xxh3("two", 3, is);
  for (int i = 0; i < 16; i++)
    snprintf(hex + 2 * i, 3, "%02x", was.hash[i]);
  assert_said(&told, hex);
  for (int i = 0; i < 16; i++)
    snprintf(hex + 2 * i, 3, "%02x", is[i]);
  assert_said(&told, hex);
  /* As it was, it may stay. */
  add(HASHED, "one");
  finish();
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(every_such_name_is_told) {
  add("a-3f2a9c1b.js", "one");
  add("b-3f2a9c1b.js", "one");
  add("c-3f2a9c1b.js", "one");
  finish();
  edgestatic_pack *first = take();
  previous(first, 0);
  add("a-3f2a9c1b.js", "two");
  add("b-3f2a9c1b.js", "one");
  add("c-3f2a9c1b.js", "two");
  finish_fails(EDGESTATIC_ERR_INPUT, "XXH3-128");
  ck_assert_uint_eq(told.count, 2);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(only_the_newest_release_is_held_against) {
  add(HASHED, "one");
  finish();
  edgestatic_pack *old = take();
  add("index.html", "page");
  finish();
  edgestatic_pack *new = take();
  previous(new, 0);
  previous(old, 0);
  add(HASHED, "two");
  finish();
  ck_assert_int_eq(asset_at("/" HASHED).retained_until, 0);
  edgestatic_pack_unref(old);
  edgestatic_pack_unref(new);
}
END_TEST

START_TEST(a_carried_file_is_verified_too) {
  add(HASHED, "one");
  finish();
  edgestatic_pack *one = take();
  add(HASHED, "two");
  finish();
  edgestatic_pack *two = take();
  carry(two);
  previous(one, 0);
  finish_fails(EDGESTATIC_ERR_INPUT, "in the previous release");
  edgestatic_pack_unref(one);
  edgestatic_pack_unref(two);
}
END_TEST

START_TEST(hashed_files_that_are_gone_are_kept_until_their_time) {
  add_bytes(HASHED, samples_text(9000, 4));
  add("kept-3f2a9c1b.css", "in both");
  add("page-3f2a9c1b.html", "never a page");
  add("plain.js", "no hash in its name");
  finish();
  edgestatic_variant br = variant_at("/" HASHED, EDGESTATIC_CODING_BR);
  get("/" HASHED, "br");
  char cache_control[200];
  snprintf(cache_control, sizeof cache_control, "%s",
           field("Cache-Control", NULL));
  edgestatic_pack *first = take();
  previous(first, 1800000000);
  add("kept-3f2a9c1b.css", "in both");
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 2);
  edgestatic_asset a = asset_at("/" HASHED);
  ck_assert_int_eq(a.retained_until, 1800000000);
  ck_assert_int_eq(asset_at("/kept-3f2a9c1b.css").retained_until, 0);
  ck_assert_mem_eq(variant_at("/" HASHED, EDGESTATIC_CODING_BR).hash, br.hash,
                   16);
  get("/" HASHED, "br");
  ck_assert_int_eq(response.status, 200);
  field_is("Cache-Control", cache_control, NULL);
  field_is("Content-Encoding", "br", NULL);
  uint32_t entry =
      pack_find(store, &pack_collection_of(store)->paths, LIT("/" HASHED));
  ck_assert_uint_eq(pack_entry_at(store, entry)->flags, ENTRY_RETAINED);
  edgestatic_builder_stats stats;
  edgestatic_builder_get_stats(builder, &stats);
  ck_assert_uint_eq(stats.assets, 2);
  ck_assert_uint_eq(stats.retained, 1);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(names_that_the_policy_takes_for_hashed_count_too) {
  add("lib/a.js", "one");
  add("lib/b.js", "one");
  finish();
  edgestatic_pack *first = take();
  previous(first, 9);
  add("lib/a.js", "two");
  finish(); /* plain names, for a builder without that policy */
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 1);
  add_policy();
  memset(&told, 0, sizeof told);
  edgestatic_pack_unref(pack);
  pack = NULL;
  finish_fails(EDGESTATIC_ERR_INPUT, "in the previous release");
  add("lib/a.js", "one");
  finish();
  ck_assert_int_eq(asset_at("/lib/b.js").retained_until, 9);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(what_a_release_had_kept_itself_is_not_kept_again) {
  add(HASHED, "one");
  finish();
  edgestatic_pack *first = take();
  previous(first, 100);
  add("app-4f2a9c1b.js", "two");
  finish();
  edgestatic_pack *second = take();
  previous(second, 200);
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 1);
  ck_assert_int_eq(asset_at("/app-4f2a9c1b.js").retained_until, 200);
  edgestatic_pack_unref(first);
  edgestatic_pack_unref(second);
}
END_TEST

START_TEST(of_several_releases_the_newest_that_has_a_file_counts) {
  add(HASHED, "old");
  add("old-3f2a9c1b.js", "old");
  finish();
  edgestatic_pack *old = take();
  add(HASHED, "new");
  finish();
  edgestatic_pack *new = take();
  previous(new, 200);
  previous(old, 100);
  finish();
  has_body("/" HASHED, "new");
  ck_assert_int_eq(asset_at("/" HASHED).retained_until, 200);
  ck_assert_int_eq(asset_at("/old-3f2a9c1b.js").retained_until, 100);
  edgestatic_pack_unref(old);
  edgestatic_pack_unref(new);
}
END_TEST

START_TEST(a_pack_carried_over_loses_what_is_past_its_time) {
  add(HASHED, "one");
  finish();
  edgestatic_pack *first = take();
  previous(first, 100);
  add("index.html", "page");
  finish();
  edgestatic_pack *second = take();
  carry(second);
  finish();
  same_pack(second);
  ck_assert_int_eq(edgestatic_builder_add_pack(builder, second, 99),
                   EDGESTATIC_OK);
  finish();
  same_pack(second);
  ck_assert_int_eq(edgestatic_builder_add_pack(builder, second, 100),
                   EDGESTATIC_OK);
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 1);
  edgestatic_pack_unref(first);
  edgestatic_pack_unref(second);
}
END_TEST

START_TEST(a_time_before_1970_is_refused) {
  finish();
  edgestatic_pack *first = take();
  ck_assert_int_eq(edgestatic_builder_previous(builder, first, -1),
                   EDGESTATIC_ERR_INPUT);
  assert_said(&told, "1970");
  edgestatic_pack_unref(first);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("carry_earlier");
  tcase_add_checked_fixture(c, setup, teardown);
  tcase_add_test(c, a_hashed_name_with_other_bytes_fails_the_build);
  tcase_add_test(c, every_such_name_is_told);
  tcase_add_test(c, only_the_newest_release_is_held_against);
  tcase_add_test(c, a_carried_file_is_verified_too);
  tcase_add_test(c, hashed_files_that_are_gone_are_kept_until_their_time);
  tcase_add_test(c, names_that_the_policy_takes_for_hashed_count_too);
  tcase_add_test(c, what_a_release_had_kept_itself_is_not_kept_again);
  tcase_add_test(c, of_several_releases_the_newest_that_has_a_file_counts);
  tcase_add_test(c, a_pack_carried_over_loses_what_is_past_its_time);
  tcase_add_test(c, a_time_before_1970_is_refused);
  return util_run("carry_earlier", c);
}
