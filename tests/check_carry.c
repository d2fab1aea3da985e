/* check_carry.c - packs that are made from packs.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "build/handle.h"
#include "core/pack.h"

#include "carrying.h"
#include "memtest.h"

#include <pthread.h>

/* ---- The same pack ---- */

START_TEST(a_pack_carried_over_whole_comes_out_as_it_was) {
  const int html = _i % 4, not_found = _i / 4;
  options.html_handling = html;
  options.not_found = not_found;
  options.no_nosniff = _i & 1;
  new_builder();
  ck_assert_int_eq(edgestatic_builder_rule(builder, EDGESTATIC_RULE_CACHE,
                                           LIT("*.css"), LIT("max-age=1")),
                   EDGESTATIC_OK);
  add_samples();
  if (_i % 3 > 0)
    add_rules();
  if (_i % 2 > 0)
    add_policy();
  finish();
  options = (edgestatic_builder_options)EDGESTATIC_BUILDER_OPTIONS_INIT;
  options.message = messages_keep;
  options.message_ctx = &told;
  edgestatic_pack *first = take();
  carry(first);
  finish();
  same_pack(first);
  /* And from that one again. */
  edgestatic_pack *second = take();
  carry(second);
  finish();
  same_pack(first);
  edgestatic_pack_unref(second);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(a_pack_with_deltas_comes_out_as_it_was) {
  slice new = samples_text(20000, 1), old = samples_alike(new, 18000, 2);
  add_bytes("a.css", old);
  add_bytes("app-3f2a9c1b.js", old);
  finish();
  edgestatic_pack *first = take();
  previous(first, 0);
  add_bytes("a.css", new);
  add_bytes("app-4e1b8d2c.js", new);
  finish();
  variant_at("/a.css", EDGESTATIC_CODING_DCZ);
  variant_at("/app-4e1b8d2c.js", EDGESTATIC_CODING_DCZ);
  edgestatic_builder_stats stats, carried;
  edgestatic_builder_get_stats(builder, &stats);
  edgestatic_pack *second = take();
  carry(second);
  finish();
  same_pack(second);
  edgestatic_builder_get_stats(builder, &carried);
  ck_assert_mem_eq(stats.coding, carried.coding, sizeof stats.coding);
  edgestatic_pack_unref(first);
  edgestatic_pack_unref(second);
}
END_TEST

START_TEST(what_an_earlier_release_left_behind_has_no_deltas) {
  slice new = samples_text(20000, 1), old = samples_alike(new, 18000, 2);
  add_bytes("app-3f2a9c1b.js", old);
  finish();
  edgestatic_pack *first = take();
  previous(first, 0);
  add_bytes("app-4e1b8d2c.js", new);
  finish();
  variant_at("/app-4e1b8d2c.js", EDGESTATIC_CODING_DCZ);
  get("/app-4e1b8d2c.js", NULL);
  field_is("Vary", "Accept-Encoding, Available-Dictionary", "deltas");
  edgestatic_pack *second = take();
  previous(second, 2000000000);
  finish();
  edgestatic_asset a = asset_at("/app-4e1b8d2c.js");
  for (uint32_t i = 0; i < a.variant_count; i++)
    ck_assert_uint_eq(edgestatic_store_variant(store, a.variant + i).dictionary,
                      0);
  get("/app-4e1b8d2c.js", NULL);
  field_is("Vary", "Accept-Encoding", "deltas");
  edgestatic_pack_unref(first);
  edgestatic_pack_unref(second);
}
END_TEST

START_TEST(an_empty_pack_comes_out_empty) {
  finish();
  edgestatic_pack *first = take();
  carry(first);
  finish();
  same_pack(first);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(random_sites_come_out_as_they_were) {
  for (uint32_t round = 0; round < 20; round++) {
    new_builder();
    for (uint32_t i = 0; i < 40; i++) {
      char path[40];
      uint32_t n = (i * 2654435761u + round * 40503u) >> 7;
      static const char *const names[] = {"f%u.txt", "d%u/index.html",
                                          "d%u.html", "x/%u/404.html",
                                          "i-%08x.js"};
      snprintf(path, sizeof path, names[n % 5], n % 16);
      add_bytes(path, samples_text(n % 3000, 1 + n % 11));
    }
    finish();
    edgestatic_pack *first = take();
    carry(first);
    finish();
    same_pack(first);
    edgestatic_pack_unref(first);
  }
}
END_TEST

/* ---- What is put over a pack ---- */

START_TEST(what_is_added_takes_the_place_of_the_packs_file) {
  add_samples();
  finish();
  edgestatic_pack *first = take();
  add("about.html", "<h1>About us</h1>"); /* before the pack, too */
  carry(first);
  add("sitemap.xml", "<urlset/>");
  tempdir_file("docs/index.html", "<h1>New docs</h1>");
  add_site();
  finish();
  has_body("/about", "<h1>About us</h1>");
  has_body("/sitemap.xml", "<urlset/>");
  has_body("/docs/", "<h1>New docs</h1>");
  has_body("/", "<h1>Home</h1>");
  ck_assert_uint_eq(edgestatic_store_asset_count(store),
                    edgestatic_store_asset_count(edgestatic_pack_store(first)) +
                        1);
  get("/api", NULL);
  field_is("Content-Type", "application/vnd.example+json", "asset options");
  field_is("Cache-Control", "private", "asset options");
  field_is("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT", "asset options");
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(a_replaced_file_put_back_gives_the_first_pack) {
  add_samples();
  finish();
  edgestatic_pack *first = take();
  carry(first);
  add("about.html", "<h1>About us</h1>");
  finish();
  edgestatic_pack *second = take();
  carry(second);
  add("about.html", "<h1>About</h1>");
  finish();
  same_pack(first);
  edgestatic_pack_unref(second);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(a_new_404_page_takes_the_place_of_the_old_one) {
  add_samples();
  finish();
  edgestatic_pack *first = take();
  carry(first);
  add("404.html", "gone");
  finish();
  get("/none", NULL);
  ck_assert_int_eq(response.status, 404);
  ck_assert_uint_eq(response.content_length, 4);
  get("/docs/none", NULL);
  ck_assert_uint_eq(response.content_length, strlen("<h1>No such page</h1>"));
  field_is("Cache-Control", "no-store", "default: error page");
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(the_pack_decides_how_pages_and_missing_paths_are_served) {
  options.html_handling = EDGESTATIC_HTML_FORCE;
  options.not_found = EDGESTATIC_NOT_FOUND_SPA;
  new_builder();
  add("index.html", "app");
  add("a.html", "a");
  finish();
  options.html_handling = EDGESTATIC_HTML_NONE;
  options.not_found = EDGESTATIC_NOT_FOUND_NONE;
  edgestatic_pack *first = take();
  carry(first);
  add("b.html", "b");
  finish();
  has_body("/a/", "a");
  has_body("/b/", "b");
  ck_assert_uint_ne(get32(pack_collection_of(store)->fallback), 0);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(rules_of_the_builder_take_the_place_of_the_packs) {
  add_samples();
  add_rules();
  finish();
  edgestatic_pack *first = take();
  carry(first);
  finish();
  ck_assert_uint_eq(store->section[SECTION_RULES].count, 6);
  ck_assert_slice_eq(pack_string(store, pack_rule_at(store, 0)->origin),
                     "_redirects:6");
  ck_assert_int_eq(
      edgestatic_builder_redirects(builder, util_text("/new /about\n"), "app"),
      EDGESTATIC_OK);
  finish();
  ck_assert_uint_eq(store->section[SECTION_RULES].count, 1);
  ck_assert_slice_eq(pack_string(store, pack_rule_at(store, 0)->origin),
                     "app:1");
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(header_rules_of_the_pack_are_for_new_files_too) {
  add_samples();
  add_rules();
  finish();
  edgestatic_pack *first = take();
  carry(first);
  add("docs/new.html", "new");
  add("other.txt", "other");
  finish();
  get("/docs/new", NULL);
  field_is("X-Frame-Options", "DENY", "_headers:2");
  field_is("Cache-Control", "max-age=7", "_headers:4");
  get("/other.txt", NULL);
  field_is("X-Frame-Options", "DENY", "_headers:2");
  /* But not beside rules of the builder. */
  edgestatic_pack *second = take();
  carry(second);
  add("docs/new.html", "newer");
  ck_assert_int_eq(edgestatic_builder_headers(
                       builder, util_text("/docs/*\n  X-A: b\n"), "app"),
                   EDGESTATIC_OK);
  finish();
  get("/docs/new", NULL);
  field_is("X-Frame-Options", "", NULL);
  field_is("X-A", "b", "app:2");
  get("/other.txt", NULL);
  field_is("X-Frame-Options", "DENY", "_headers:2"); /* as it was */
  edgestatic_pack_unref(first);
  edgestatic_pack_unref(second);
}
END_TEST

START_TEST(another_pack_takes_the_place_of_the_first) {
  add("a.txt", "a");
  finish();
  edgestatic_pack *a = take();
  add("b.txt", "b");
  finish();
  edgestatic_pack *b = take();
  carry(a);
  carry(b);
  carry(b);
  finish();
  same_pack(b);
  edgestatic_pack_unref(a);
  edgestatic_pack_unref(b);
}
END_TEST

START_TEST(the_builder_keeps_the_pack_that_it_was_given) {
  add_samples();
  finish();
  edgestatic_pack *first = take();
  carry(first);
  previous(first, 1);
  edgestatic_pack_unref(first);
  finish();
  has_body("/", "<h1>Home</h1>");
  add("index.html", "again");
  finish();
  has_body("/", "again");
  has_body("/about", "<h1>About</h1>");
}
END_TEST

START_TEST(bodies_are_shared_with_what_is_added) {
  add_bytes("a.txt", samples_text(9000, 1));
  finish();
  edgestatic_pack *first = take();
  carry(first);
  add_bytes("b.txt", samples_text(9000, 1));
  /* A file that is the encoding of another one. */
  const edgestatic_store *s = edgestatic_pack_store(first);
  edgestatic_variant v = edgestatic_store_variant(s, 0);
  ck_assert_uint_ne(v.coding, EDGESTATIC_CODING_IDENTITY);
  add_bytes("c.bin", util_bytes(s->base + v.offset, (size_t)v.size));
  finish();
  for (unsigned coding = 0; coding < 3; coding++)
    ck_assert_uint_eq(variant_at("/a.txt", coding).offset,
                      variant_at("/b.txt", coding).offset);
  ck_assert_uint_eq(variant_at("/a.txt", v.coding).offset,
                    variant_at("/c.bin", 0).offset);
  edgestatic_builder_stats stats;
  edgestatic_builder_get_stats(builder, &stats);
  ck_assert_uint_eq(stats.assets, 3);
  ck_assert_uint_eq(stats.blobs, 3);
  ck_assert_uint_eq(stats.input_bytes, 18000 + v.size);
  ck_assert_uint_eq(stats.coding[0].variants, 3);
  ck_assert_uint_eq(stats.coding[EDGESTATIC_CODING_BR].variants, 2);
  edgestatic_pack_unref(first);
}
END_TEST

static void one_hash(const void *bytes, size_t len, unsigned char hash[16]) {
  (void)bytes;
  (void)len;
  memset(hash, 7, 16);
}

START_TEST(bodies_of_one_hash_stay_apart) {
  builder->hash = one_hash;
  add("a.txt", "one");
  add("b.txt", "two");
  finish();
  edgestatic_pack *first = take();
  builder->hash = one_hash;
  carry(first);
  add("c.txt", "six");
  add("d.txt", "two");
  finish();
  has_body("/a.txt", "one");
  has_body("/b.txt", "two");
  has_body("/c.txt", "six");
  ck_assert_uint_eq(variant_at("/b.txt", 0).offset,
                    variant_at("/d.txt", 0).offset);
  edgestatic_pack_unref(first);
}
END_TEST

/* ---- Memory and threads ---- */

static edgestatic_pack *given; /* to derive */

static int derive(const edgestatic_allocator *allocator, void *ctx) {
  (void)ctx;
  edgestatic_builder *b;
  edgestatic_pack *made = NULL;
  edgestatic_builder_options o = options;
  o.allocator = *allocator;
  int error = edgestatic_builder_new(&b, &o);
  if (error)
    return error;
  error = edgestatic_builder_add_pack(b, given, INT64_MIN);
  if (!error)
    error = edgestatic_builder_previous(b, given, 1);
  if (!error)
    error = edgestatic_builder_add(b, LIT("a.txt"), "new", 3, NULL);
  if (!error)
    error = edgestatic_builder_finish(b, &made);
  edgestatic_pack_unref(made);
  edgestatic_builder_free(b);
  return error;
}

START_TEST(out_of_memory_is_an_error_wherever_it_strikes) {
  add_samples();
  finish();
  given = take();
  memtest_fail_each(derive, NULL);
  edgestatic_pack_unref(given);
}
END_TEST

static void *derive_often(void *ctx) {
  static const edgestatic_allocator defaults = {NULL, NULL};
  (void)ctx;
  for (int i = 0; i < 20; i++)
    if (derive(&defaults, NULL))
      return (void *)1;
  return NULL;
}

START_TEST(threads_derive_from_one_pack_at_once) {
  pthread_t thread[4];
  add_samples();
  finish();
  given = take();
  options.message = NULL;
  for (int i = 0; i < 4; i++)
    ck_assert_int_eq(pthread_create(&thread[i], NULL, derive_often, NULL), 0);
  for (int i = 0; i < 4; i++) {
    void *failed;
    pthread_join(thread[i], &failed);
    ck_assert_ptr_null(failed);
  }
  edgestatic_pack_unref(given);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("carry");
  tcase_add_checked_fixture(c, setup, teardown);
  tcase_add_loop_test(c, a_pack_carried_over_whole_comes_out_as_it_was, 0, 12);
  tcase_add_test(c, an_empty_pack_comes_out_empty);
  tcase_add_test(c, a_pack_with_deltas_comes_out_as_it_was);
  tcase_add_test(c, what_an_earlier_release_left_behind_has_no_deltas);
  tcase_add_test(c, random_sites_come_out_as_they_were);
  tcase_add_test(c, what_is_added_takes_the_place_of_the_packs_file);
  tcase_add_test(c, a_replaced_file_put_back_gives_the_first_pack);
  tcase_add_test(c, a_new_404_page_takes_the_place_of_the_old_one);
  tcase_add_test(c, the_pack_decides_how_pages_and_missing_paths_are_served);
  tcase_add_test(c, rules_of_the_builder_take_the_place_of_the_packs);
  tcase_add_test(c, header_rules_of_the_pack_are_for_new_files_too);
  tcase_add_test(c, another_pack_takes_the_place_of_the_first);
  tcase_add_test(c, the_builder_keeps_the_pack_that_it_was_given);
  tcase_add_test(c, bodies_are_shared_with_what_is_added);
  tcase_add_test(c, bodies_of_one_hash_stay_apart);
  tcase_add_test(c, out_of_memory_is_an_error_wherever_it_strikes);
  tcase_add_test(c, threads_derive_from_one_pack_at_once);
  return util_run("carry", c);
}
