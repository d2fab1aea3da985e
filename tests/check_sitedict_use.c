/* check_sitedict_use.c - the site dictionary in a pack: who names it, and what
 * is compressed with it.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "build/digest.h"

#include "carrying.h"

#define PAGES 12
#define MATCH "match=\"/*\", match-dest=(\"document\" \"frame\")"

static void want_dictionary(void) {
  edgestatic_policy p = EDGESTATIC_POLICY_INIT;
  p.site_dictionary = 1;
  ck_assert_int_eq(edgestatic_builder_policy(builder, &p), EDGESTATIC_OK);
}

/* The same frame around words of their own. */
static void add_pages(uint32_t frame, uint32_t words) {
  slice common = samples_text(8000, frame);
  memcpy((char *)(uintptr_t)common.base, samples_text(4000, 99).base, 4000);
  for (uint32_t i = 0; i < PAGES; i++) {
    slice own = samples_noise(300, words + i);
    char *page = util_alloc(8300), path[16];
    memcpy(page, common.base, 8000);
    memcpy(page + 8000, own.base, 300);
    snprintf(path, sizeof path, "p%02u.html", (unsigned)i);
    add_bytes(path, slice_of(page, 8300));
  }
}

static void add_others(void) {
  add_bytes("404.html", samples_text(3000, 5));
  add_bytes("a.css", samples_text(9000, 6));
}

/* The path of the dictionary that the last response names. */
static const char *named(void) {
  static char path[64];
  const char *link = field("Link", NULL), *end = strchr(link, '>');
  ck_assert_msg(link[0] == '<' && end, "Link: %s", link);
  snprintf(path, sizeof path, "%.*s", (int)(end - link - 1), link + 1);
  ck_assert_str_eq(end, ">; rel=\"compression-dictionary\"");
  return path;
}

/* How many deltas an asset has to the bytes of another one of a store. */
static unsigned deltas_to(const char *path, const edgestatic_store *s,
                          const char *dictionary) {
  uint32_t i = edgestatic_store_find(s, util_text(dictionary));
  ck_assert_uint_ne(i, EDGESTATIC_NONE);
  edgestatic_asset d = edgestatic_store_asset(s, i), a = asset_at(path);
  unsigned char sha256[DIGEST_SIZE];
  uint32_t k = d.variant;
  while (edgestatic_store_variant(s, k).coding != EDGESTATIC_CODING_IDENTITY)
    k++;
  edgestatic_variant whole = edgestatic_store_variant(s, k);
  digest_sha256((const char *)s->base + whole.offset, (size_t)whole.size,
                sha256);
  unsigned count = 0;
  for (k = 0; k < a.variant_count; k++) {
    edgestatic_variant v = edgestatic_store_variant(store, a.variant + k);
    count += v.dictionary != 0 &&
             memcmp(edgestatic_store_dictionary(store, v.dictionary - 1).sha256,
                    sha256, DIGEST_SIZE) == 0;
  }
  return count;
}

START_TEST(pages_name_it_and_other_files_do_not) {
  want_dictionary();
  add_pages(1, 10);
  add_others();
  finish();
  get("/p01", NULL);
  const char *path = named();
  ck_assert_str_eq(field("Use-As-Dictionary", NULL), "");
  field_is("Vary", "Accept-Encoding, Available-Dictionary", NULL);
  get("/nothing", NULL); /* a visitor goes on from there */
  ck_assert_int_eq(response.status, 404);
  ck_assert_str_eq(named(), path);
  get("/a.css", NULL);
  ck_assert_str_eq(field("Link", NULL), "");
  field_is("Vary", "Accept-Encoding", NULL);
}
END_TEST

START_TEST(its_file_says_that_it_is_for_documents_and_frames) {
  want_dictionary();
  add_pages(1, 10);
  finish();
  get("/p01", NULL);
  get(named(), NULL);
  ck_assert_int_eq(response.status, 200);
  ck_assert_str_eq(field("Use-As-Dictionary", NULL), MATCH);
  ck_assert_str_eq(field("Cache-Control", NULL),
                   "public, max-age=31536000, immutable");
  ck_assert_str_eq(field("Content-Type", NULL), "application/octet-stream");
}
END_TEST

START_TEST(pages_have_deltas_to_it_and_error_pages_have_none) {
  want_dictionary();
  add_pages(1, 10);
  add_others();
  finish();
  get("/p01", NULL);
  const char *path = named();
  ck_assert_uint_gt(deltas_to("/p01", store, path), 0);
  ck_assert_uint_eq(deltas_to("/a.css", store, path), 0);
  get("/nothing", NULL);
  field_is("Vary", "Accept-Encoding", NULL);
}
END_TEST

START_TEST(the_sum_over_all_pages_is_told) {
  want_dictionary();
  add_pages(1, 10);
  finish();
  assert_said(&told, "site dictionary: 12 pages take ");
  assert_said(&told, " are saved again after ");
  ck_assert_int_eq(told.severity, EDGESTATIC_NOTE);
}
END_TEST

START_TEST(after_another_one_pages_have_deltas_to_both) {
  char old[64], new[64];
  want_dictionary();
  add_pages(1, 10);
  finish();
  get("/p01", NULL);
  snprintf(old, sizeof old, "%s", named());
  edgestatic_pack *first = take();
  want_dictionary();
  previous(first, 0);
  add_pages(2, 50);
  finish();
  get("/p01", NULL);
  snprintf(new, sizeof new, "%s", named());
  ck_assert_str_ne(old, new);
  ck_assert_uint_gt(deltas_to("/p01", store, new), 0);
  ck_assert_uint_gt(deltas_to("/p01", edgestatic_pack_store(first), old), 0);
  ck_assert_uint_eq(edgestatic_store_find(store, util_text(old)),
                    EDGESTATIC_NONE);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(one_that_serves_on_stays_with_the_old_files_or_without) {
  for (int keep = 0; keep < 2; keep++) {
    char old[64];
    new_builder();
    want_dictionary();
    add_pages(1, 10);
    finish();
    get("/p01", NULL);
    snprintf(old, sizeof old, "%s", named());
    edgestatic_pack *first = take();
    want_dictionary();
    previous(first, keep ? 2000000000 : 0);
    add_pages(1, 50);
    finish();
    get("/p01", NULL);
    ck_assert_str_eq(named(), old);
    ck_assert_uint_gt(deltas_to("/p01", store, old), 0);
    ck_assert_int_eq(asset_at(old).retained_until, 0);
    get(old, NULL);
    ck_assert_str_eq(field("Use-As-Dictionary", NULL), MATCH);
    edgestatic_pack_unref(first);
  }
}
END_TEST

START_TEST(a_pack_carried_over_keeps_it) {
  want_dictionary();
  add_pages(1, 10);
  finish();
  edgestatic_pack *first = take();
  carry(first);
  finish();
  same_pack(first);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(the_bytes_are_the_same_whatever_threads_and_cache) {
  edgestatic_pack *first = NULL;
  for (unsigned round = 0; round < 4; round++) {
    options.threads = round % 2 + 1;
    if (round == 2)
      use_cache("cache");
    new_builder();
    want_dictionary();
    add_pages(1, 10);
    add_others();
    finish();
    if (first)
      same_pack(first);
    else
      first = take();
  }
  edgestatic_pack_unref(first);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("sitedict_use");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, pages_name_it_and_other_files_do_not);
  tcase_add_test(tc, its_file_says_that_it_is_for_documents_and_frames);
  tcase_add_test(tc, pages_have_deltas_to_it_and_error_pages_have_none);
  tcase_add_test(tc, the_sum_over_all_pages_is_told);
  tcase_add_test(tc, after_another_one_pages_have_deltas_to_both);
  tcase_add_test(tc, one_that_serves_on_stays_with_the_old_files_or_without);
  tcase_add_test(tc, a_pack_carried_over_keeps_it);
  tcase_add_test(tc, the_bytes_are_the_same_whatever_threads_and_cache);
  return util_run("sitedict_use", tc);
}
