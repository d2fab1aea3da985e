/* check_fields.c - the header fields and the answers of a built site.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"

#include "packing.h"

#include <time.h>

/* ---- Validators and policy ---- */

START_TEST(an_etag_is_the_xxh3_128_of_the_bytes_of_its_variant) {
  add("a.txt", "hello\n");
  edgestatic_slice text = samples_text(20000, 1);
  add_bytes("b.txt", text);
  finish();
  /* printf 'hello\n' | xxhsum -H128 */
  ck_assert_slice_eq(variant_at("/a.txt", EDGESTATIC_CODING_IDENTITY).etag,
                     "\"6bba86c7e069f56d5a10b435f1c8e49c\"");
  edgestatic_asset b = asset_at("/b.txt");
  ck_assert_uint_eq(b.variant_count, 3);
  for (uint32_t i = 0; i < 3; i++) {
    edgestatic_variant v = edgestatic_store_variant(store, b.variant + i);
    unsigned char hash[16];
    builder_xxh3(body_of(&v).base, (size_t)v.size, hash);
    ck_assert(memcmp(hash, v.hash, 16) == 0);
    for (uint32_t k = 0; k < i; k++)
      ck_assert_str_ne(
          v.etag.base,
          edgestatic_store_variant(store, b.variant + k).etag.base);
  }
}
END_TEST

START_TEST(variants_come_smallest_first_with_identity_last) {
  add_bytes("a.txt", samples_text(20000, 1));
  finish();
  edgestatic_asset a = asset_at("/a.txt");
  uint64_t size = 0;
  for (uint32_t i = 0; i < a.variant_count; i++) {
    edgestatic_variant v = edgestatic_store_variant(store, a.variant + i);
    ck_assert_uint_ge(v.size, size);
    size = v.size;
    ck_assert_int_eq(v.coding == EDGESTATIC_CODING_IDENTITY,
                     i + 1 == a.variant_count);
  }
  get("/a.txt", "gzip, br, zstd");
  field_is("Content-Encoding", "br", "variant");
  field_is("Vary", "Accept-Encoding", "variants");
  get("/a.txt", NULL);
  field_is("Content-Encoding", "", NULL);
  field_is("Vary", "Accept-Encoding", "variants");
}
END_TEST

START_TEST(cache_control_is_by_rule_else_by_kind) {
  ck_assert_int_eq(edgestatic_builder_rule(builder, EDGESTATIC_RULE_CACHE,
                                           LIT("*.css"), LIT("max-age=5")),
                   EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_rule(builder, EDGESTATIC_RULE_CACHE,
                                           LIT("*.css"), LIT("a\nb")),
                   EDGESTATIC_ERR_INPUT);
  add("a.css", "a{}");
  add("index.html", "<p>");
  finish();
  get("/a.css", NULL);
  field_is("Cache-Control", "max-age=5", "--cache-rule *.css");
  get("/", NULL);
  field_is("Cache-Control", "no-cache", "default: HTML");
}
END_TEST

START_TEST(nosniff_can_be_left_out) {
  options.no_nosniff = 1;
  new_builder();
  add("a.txt", "a");
  finish();
  get("/a.txt", NULL);
  field_is("X-Content-Type-Options", "", NULL);
}
END_TEST

static void file_of(const char *path, int64_t mtime) {
  tempdir_file(path, path);
  const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                    {.tv_sec = (time_t)mtime}};
  ck_assert_int_eq(utimensat(AT_FDCWD, tempdir_path(path), times, 0), 0);
}

START_TEST(a_file_from_the_future_has_no_last_modified) {
  file_of("past.txt", 1000000000);
  file_of("future.txt", (int64_t)time(NULL) + 86400);
  file_of("before.txt", -5);
  add_site();
  finish();
  ck_assert_int_eq(asset_at("/past.txt").mtime, 1000000000);
  ck_assert(asset_at("/future.txt").mtime == INT64_MIN);
  ck_assert(asset_at("/before.txt").mtime == INT64_MIN);
  get("/past.txt", NULL);
  field_is("Last-Modified", "Sun, 09 Sep 2001 01:46:40 GMT", "file");
  get("/future.txt", NULL);
  field_is("Last-Modified", "", NULL);
}
END_TEST

START_TEST(the_source_date_epoch_is_the_newest_last_modified) {
  options.source_date_epoch = 1500000000;
  new_builder();
  file_of("old.txt", 1000000000);
  file_of("new.txt", 1600000000);
  file_of("future.txt", (int64_t)time(NULL) + 86400);
  add_site();
  finish();
  ck_assert_int_eq(asset_at("/old.txt").mtime, 1000000000);
  ck_assert_int_eq(asset_at("/new.txt").mtime, 1500000000);
  ck_assert_int_eq(asset_at("/future.txt").mtime, 1500000000);
  get("/new.txt", NULL);
  field_is("Last-Modified", "Fri, 14 Jul 2017 02:40:00 GMT",
           "source date epoch");
}
END_TEST

/* ---- What is missing ---- */

START_TEST(a_404_page_is_an_error_page_and_stays_a_page) {
  add("404.html", "root");
  add("docs/404.html", "docs");
  add("a.txt", "a");
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 5);
  get("/docs/none", NULL);
  ck_assert_int_eq(response.status, 404);
  ck_assert_uint_eq(response.content_length, 4);
  ck_assert(edgestatic_store_asset(store, response.asset).flags &
            EDGESTATIC_ASSET_ERROR_PAGE);
  field_is("Cache-Control", "no-store", NULL);
  field_is("ETag", "", NULL);
  field_is("Last-Modified", "", NULL);
  field_is("Accept-Ranges", "", NULL);
  get("/none", NULL);
  ck_assert_int_eq(response.status, 404);
  ck_assert_slice_eq(edgestatic_store_asset(store, response.asset).file,
                     "404.html");
  get("/404", NULL);
  ck_assert_int_eq(response.status, 200);
  field_is("Cache-Control", "no-cache", NULL);
  ck_assert_str_ne(field("ETag", NULL), "");
}
END_TEST

START_TEST(without_error_pages_a_404_page_is_a_page_only) {
  options.not_found = EDGESTATIC_NOT_FOUND_NONE;
  new_builder();
  add("404.html", "root");
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 1);
  get("/none", NULL);
  ck_assert_int_eq(response.status, 404);
  ck_assert_uint_eq(response.asset, EDGESTATIC_NONE);
}
END_TEST

START_TEST(a_single_page_app_answers_navigations) {
  options.not_found = EDGESTATIC_NOT_FOUND_SPA;
  new_builder();
  add("index.html", "<p>app");
  add("404.html", "<p>none");
  finish();
  static const char vary[] =
      "Accept-Encoding, Accept, Sec-Fetch-Mode, Sec-Fetch-Dest";
  edgestatic_request request = {.method = LIT("GET"),
                                .target = LIT("/deep/link")};
  request.field[EDGESTATIC_FIELD_SEC_FETCH_MODE] = LIT("navigate");
  request.field[EDGESTATIC_FIELD_SEC_FETCH_DEST] = LIT("document");
  edgestatic_respond(store, &request, &response);
  ck_assert_int_eq(response.status, 200);
  ck_assert(edgestatic_store_asset(store, response.asset).flags &
            EDGESTATIC_ASSET_FALLBACK);
  field_is("Vary", vary, "single-page app");
  field_is("Cache-Control", "no-cache", NULL);
  ck_assert_str_ne(field("ETag", NULL), "");
  request.field[EDGESTATIC_FIELD_SEC_FETCH_MODE] = LIT("no-cors");
  request.field[EDGESTATIC_FIELD_SEC_FETCH_DEST] = LIT("script");
  edgestatic_respond(store, &request, &response);
  ck_assert_int_eq(response.status, 404);
  field_is("Vary", vary, "single-page app");
  get("/", NULL);
  ck_assert_int_eq(response.status, 200);
  field_is("Vary", "", NULL);
}
END_TEST

START_TEST(a_single_page_app_needs_its_page) {
  options.not_found = EDGESTATIC_NOT_FOUND_SPA;
  new_builder();
  add("docs/index.html", "x");
  finish_fails(EDGESTATIC_ERR_INPUT, "single-page app");
  ck_assert_str_eq(told.file, "index.html");
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("fields");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, an_etag_is_the_xxh3_128_of_the_bytes_of_its_variant);
  tcase_add_test(tc, variants_come_smallest_first_with_identity_last);
  tcase_add_test(tc, cache_control_is_by_rule_else_by_kind);
  tcase_add_test(tc, nosniff_can_be_left_out);
  tcase_add_test(tc, a_file_from_the_future_has_no_last_modified);
  tcase_add_test(tc, the_source_date_epoch_is_the_newest_last_modified);
  tcase_add_test(tc, a_404_page_is_an_error_page_and_stays_a_page);
  tcase_add_test(tc, without_error_pages_a_404_page_is_a_page_only);
  tcase_add_test(tc, a_single_page_app_answers_navigations);
  tcase_add_test(tc, a_single_page_app_needs_its_page);
  return util_run("fields", tc);
}
