/* check_pack_deltas.c - the deltas of a pack to those before it.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"

#include "carrying.h"
#include "deltas.h"
#include "memtest.h"

#include <ftw.h>

static slice pack_bytes(void) {
  return slice_of((const char *)store->base, (size_t)store->pack_size);
}

static edgestatic_pack *old_release;

static void make_old(void) {
  add_bytes("a.css", samples_alike(samples_text(20000, 1), 18000, 2));
  add_bytes("app.0f2e9a1d.js", samples_text(30000, 3));
  add_bytes("same.css", samples_text(5000, 4));
  finish();
  old_release = take();
}

static void add_new(void) {
  previous(old_release, 0);
  add_bytes("a.css", samples_text(20000, 1));
  add_bytes("app.7c1d3e5f.js", samples_alike(samples_text(30000, 3), 25000, 5));
  add_bytes("same.css", samples_text(5000, 4));
}

static int (*spoil)(const char *path);

static int spoil_file(const char *path, const struct stat *st, int kind,
                      struct FTW *at) {
  (void)st;
  (void)at;
  return kind == FTW_F ? spoil(path) : 0;
}

static int cut(const char *path) {
  return truncate(path, 100);
}

static int empty(const char *path) {
  return truncate(path, 0);
}

static int change(const char *path) {
  FILE *f = fopen(path, "r+b");
  int failed = !f || fseek(f, -1, SEEK_END) || fputc('!', f) == EOF;
  return (f && fclose(f)) || failed;
}

START_TEST(the_bytes_are_the_same_whatever_threads_and_cache) {
  static int (*const ways[])(const char *) = {cut, empty, change};
  make_old();
  add_new();
  finish();
  slice first = util_bytes(pack_bytes().base, pack_bytes().len);
  ck_assert_uint_gt(variant_at("/a.css", EDGESTATIC_CODING_DCZ).size, 0);
  use_cache("cache");
  for (unsigned round = 0; round < 6; round++) {
    options.threads = round % 2 + 1;
    new_builder();
    add_new();
    finish();
    ck_assert(slice_eq(pack_bytes(), first));
    edgestatic_builder_stats stats;
    edgestatic_builder_get_stats(builder, &stats);
    ck_assert_int_eq(stats.cached_blobs > 0, round == 1 || round == 2);
    if (round > 1) {
      spoil = ways[(round - 2) % 3];
      ck_assert_int_eq(nftw(options.cache_dir, spoil_file, 8, FTW_PHYS), 0);
    }
  }
  edgestatic_pack_unref(old_release);
}
END_TEST

/* ---- Of a release ---- */

static size_t deltas_at(const char *path) {
  edgestatic_asset a = asset_at(path);
  size_t count = 0;
  for (uint32_t i = 0; i < a.variant_count; i++) {
    bool is = edgestatic_store_variant(store, a.variant + i).dictionary != 0;
    ck_assert(is || count == 0); /* they come last */
    count += is;
  }
  get(path, NULL);
  field_is("Vary",
           count > 0 ? "Accept-Encoding, Available-Dictionary"
                     : "Accept-Encoding",
           NULL);
  return count;
}

START_TEST(a_stable_name_has_one_to_itself_too_and_a_hashed_one_has_not) {
  make_old();
  add_new();
  finish();
  ck_assert_uint_eq(deltas_at("/a.css"), 2 * EACH);
  ck_assert_uint_eq(deltas_at("/app.7c1d3e5f.js"), EACH);
  ck_assert_uint_eq(deltas_at("/same.css"), 0);
  edgestatic_variant v = variant_at("/app.7c1d3e5f.js", EDGESTATIC_CODING_DCZ);
  ck_assert_slice_eq(edgestatic_store_dictionary(store, v.dictionary - 1).name,
                     "/app.0f2e9a1d.js");
  edgestatic_pack_unref(old_release);
}
END_TEST

/* Who got the file by a delta comes back with its tag. */
START_TEST(a_file_that_had_deltas_keeps_the_one_to_itself) {
  make_old();
  add_new();
  finish();
  slice tag = variant_at("/a.css", EDGESTATIC_CODING_DCZ).etag; /* smallest */
  char first[64];
  snprintf(first, sizeof first, "%s", tag.base);
  for (int i = 0; i < 2; i++) {
    edgestatic_pack *before = take();
    previous(before, 0);
    add_bytes("a.css", samples_text(20000, 1));
    add_bytes("app.7c1d3e5f.js",
              samples_alike(samples_text(30000, 3), 25000, 5));
    add_bytes("same.css", samples_text(5000, 4));
    finish();
    ck_assert_uint_eq(deltas_at("/a.css"), EACH);
    ck_assert_uint_eq(deltas_at("/app.7c1d3e5f.js"), 0);
    ck_assert_uint_eq(deltas_at("/same.css"), 0);
    ck_assert_slice_eq(variant_at("/a.css", EDGESTATIC_CODING_DCZ).etag, first);
    edgestatic_pack_unref(before);
  }
  edgestatic_pack_unref(old_release);
}
END_TEST

START_TEST(an_error_page_has_none_and_is_none) {
  slice new = samples_text(20000, 1);
  for (int i = 0; i < 2; i++) {
    ck_assert_int_eq(edgestatic_builder_rule(builder, EDGESTATIC_RULE_CACHE,
                                             LIT("*.html"), LIT("max-age=60")),
                     EDGESTATIC_OK);
    if (i == 1)
      previous(old_release, 0);
    add_bytes("404.html", i == 0 ? samples_alike(new, 18000, 2) : new);
    add_bytes("docs/404.html", i == 0 ? samples_alike(new, 18000, 2) : new);
    finish();
    if (i == 0)
      old_release = take();
  }
  for (uint32_t i = 0; i < edgestatic_store_asset_count(store); i++) {
    edgestatic_asset a = edgestatic_store_asset(store, i);
    if ((a.flags & EDGESTATIC_ASSET_ERROR_PAGE) == 0)
      continue;
    for (uint32_t k = 0; k < a.variant_count; k++)
      ck_assert_uint_eq(
          edgestatic_store_variant(store, a.variant + k).dictionary, 0);
  }
  get("/nothing", NULL);
  ck_assert_int_eq(response.status, 404);
  field_is("Vary", "Accept-Encoding", NULL);
  edgestatic_pack_unref(old_release);
}
END_TEST

START_TEST(no_deltas_are_made_where_none_are_wanted) {
  edgestatic_policy p = EDGESTATIC_POLICY_INIT;
  make_old();
  p.no_deltas = 1;
  ck_assert_int_eq(edgestatic_builder_policy(builder, &p), EDGESTATIC_OK);
  add_new();
  finish();
  ck_assert_uint_eq(deltas_at("/a.css"), 0);
  edgestatic_pack_unref(old_release);
}
END_TEST

/* ---- Progress, memory ---- */

START_TEST(progress_counts_deltas_and_can_cancel_in_each_of_its_calls) {
  make_old();
  edgestatic_progress last = cancel_in_each(add_new).last;
  ck_assert_uint_eq(last.bytes_total, 55000 + (2 * 20000 + 30000) * EACH);
  ck_assert_uint_eq(last.bytes_done, last.bytes_total);
  edgestatic_pack_unref(old_release);
}
END_TEST

static int make_all(const edgestatic_allocator *allocator, void *text) {
  edgestatic_builder_options o = options;
  edgestatic_builder *b;
  edgestatic_pack *made_pack = NULL;
  const slice *content = text;
  o.allocator = *allocator;
  o.message = NULL;
  o.threads = 1;
  int error = edgestatic_builder_new(&b, &o);
  if (error)
    return error;
  error = edgestatic_builder_previous(b, old_release, 0);
  for (int i = 0; !error && i < 2; i++)
    error = edgestatic_builder_add(b, i ? LIT("app.7c1d3e5f.js") : LIT("a.css"),
                                   content->base, content->len, NULL);
  if (!error)
    error = edgestatic_builder_finish(b, &made_pack);
  edgestatic_pack_unref(made_pack);
  edgestatic_builder_free(b);
  return error;
}

START_TEST(out_of_memory_is_an_error_wherever_it_strikes) {
  slice new = samples_text(8000, 1), old = samples_alike(new, 7000, 2);
  add_bytes("a.css", old);
  add_bytes("app.0f2e9a1d.js", old);
  finish();
  old_release = take();
  memtest_fail_each(make_all, &new);
  edgestatic_pack_unref(old_release);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("pack_deltas");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, the_bytes_are_the_same_whatever_threads_and_cache);
  tcase_add_test(tc,
                 a_stable_name_has_one_to_itself_too_and_a_hashed_one_has_not);
  tcase_add_test(tc, a_file_that_had_deltas_keeps_the_one_to_itself);
  tcase_add_test(tc, an_error_page_has_none_and_is_none);
  tcase_add_test(tc, no_deltas_are_made_where_none_are_wanted);
  tcase_add_test(tc,
                 progress_counts_deltas_and_can_cancel_in_each_of_its_calls);
  tcase_add_test(tc, out_of_memory_is_an_error_wherever_it_strikes);
  return util_run("pack_deltas", tc);
}
