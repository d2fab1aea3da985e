/* check_sitedict.c - a dictionary for all pages of a site.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/sitedict.h"

#include "memtest.h"
#include "samples.h"

#include "build/delta.h"

#define PAGES 24

static edgestatic_builder_options options;
static char told[1024];

static void hear(void *ctx, const edgestatic_message *m) {
  (void)ctx;
  snprintf(told, sizeof told, "%s", m->text);
}

static void setup(void) {
  options = (edgestatic_builder_options)EDGESTATIC_BUILDER_OPTIONS_INIT;
  options.effort = EDGESTATIC_EFFORT_FAST;
  options.message = hear;
  told[0] = '\0';
}

/* Pages of a site: the same frame around words of their own. */
static void make_pages(struct gather_item item[PAGES], size_t frame,
                       size_t own) {
  static char path[PAGES][16];
  slice common = samples_text(frame, 77);
  for (uint32_t i = 0; i < PAGES; i++) {
    slice words = samples_noise(own, i + 1);
    char *page = util_alloc(frame + own);
    memcpy(page, common.base, frame);
    memcpy(page + frame, words.base, own);
    snprintf(path[i], sizeof path[i], "p%02u.html", (unsigned)i);
    item[i] = (struct gather_item){.path = slice_of(path[i], strlen(path[i])),
                                   .root = -1,
                                   .source = {page, frame + own},
                                   .size = frame + own};
  }
}

static struct sitedict found_in(const struct gather_item *item, size_t count) {
  struct sitedict d = {.options = &options};
  ck_assert_int_eq(sitedict_find(&d, item, count, NULL), EDGESTATIC_OK);
  return d;
}

START_TEST(pages_with_a_common_frame_have_a_dictionary) {
  struct gather_item item[PAGES];
  make_pages(item, 8000, 300);
  struct sitedict d = found_in(item, PAGES);
  ck_assert_ptr_nonnull(d.bytes.base);
  ck_assert_uint_le(d.bytes.len, SITEDICT_MAX);
  ck_assert_uint_lt(d.cost, d.bytes.len);
  const struct delta_dictionary dictionary = {d.bytes, d.sha256};
  struct delta_encoder *e =
      delta_encoder_new(&options.allocator, options.effort);
  slice body;
  ck_assert_int_eq(delta_encode(e, EDGESTATIC_CODING_DCZ, &dictionary,
                                item[3].source, item[3].size, &body),
                   EDGESTATIC_OK);
  ck_assert_uint_gt(body.len, 0);
  ck_assert_uint_lt(body.len, 1200);
  delta_encoder_free(e);
  sitedict_free(&d);
}
END_TEST

START_TEST(its_file_is_named_by_its_hash_and_kept_for_a_year) {
  struct gather_item item[PAGES];
  make_pages(item, 8000, 300);
  struct sitedict d = found_in(item, PAGES);
  unsigned char sha256[DIGEST_SIZE];
  char name[64];
  digest_sha256(d.bytes.base, d.bytes.len, sha256);
  ck_assert_mem_eq(sha256, d.sha256, DIGEST_SIZE);
  snprintf(name, sizeof name, "dictionary.%02x%02x%02x%02x%02x%02x%02x%02x.dat",
           sha256[0], sha256[1], sha256[2], sha256[3], sha256[4], sha256[5],
           sha256[6], sha256[7]);
  struct gather_item file = sitedict_item(&d);
  ck_assert_bytes_eq(file.path, name);
  ck_assert(slice_eq(file.source, d.bytes));
  ck_assert_bytes_eq(file.type, "application/octet-stream");
  ck_assert_bytes_eq(file.cache_control, "public, max-age=31536000, immutable");
  sitedict_free(&d);
}
END_TEST

START_TEST(the_same_pages_have_the_same_dictionary) {
  struct gather_item item[PAGES];
  make_pages(item, 8000, 300);
  struct sitedict a = found_in(item, PAGES), b = found_in(item, PAGES);
  ck_assert(slice_eq(a.bytes, b.bytes));
  ck_assert_str_eq(a.name, b.name);
  sitedict_free(&a);
  sitedict_free(&b);
}
END_TEST

START_TEST(pages_with_nothing_in_common_have_none) {
  struct gather_item item[PAGES];
  make_pages(item, 1, 4000);
  struct sitedict d = found_in(item, PAGES);
  ck_assert_ptr_null(d.bytes.base);
  ck_assert_ptr_nonnull(strstr(told, "no site dictionary: "));
  sitedict_free(&d);
}
END_TEST

START_TEST(few_pages_have_none_which_is_told) {
  struct gather_item item[PAGES];
  make_pages(item, 8000, 300);
  struct sitedict d = found_in(item, SITEDICT_PAGES_MIN - 1);
  ck_assert_ptr_null(d.bytes.base);
  ck_assert_ptr_nonnull(strstr(told, "fewer than 8 pages"));
  sitedict_free(&d);
}
END_TEST

START_TEST(what_is_no_page_does_not_count) {
  struct gather_item item[PAGES];
  make_pages(item, 8000, 300);
  for (size_t i = 0; i < PAGES; i++)
    item[i].type = LIT("text/plain");
  struct sitedict d = found_in(item, PAGES);
  ck_assert_ptr_null(d.bytes.base);
  ck_assert_ptr_nonnull(strstr(told, "fewer than 8 pages"));
  sitedict_free(&d);
}
END_TEST

START_TEST(it_pays_when_a_visitor_gets_its_bytes_back) {
  ck_assert(sitedict_pays(799, 10, 2000, 1000));
  ck_assert(!sitedict_pays(800, 10, 2000, 1000)); /* 8 pages of 100 each */
  ck_assert(!sitedict_pays(0, 10, 1000, 1000));
  ck_assert(!sitedict_pays(0, 10, 1000, 2000));
  ck_assert(sitedict_pays(1, 3, UINT64_MAX / 2, 0)); /* no overflow */
}
END_TEST

/* A release with these pages and their dictionary. */
static edgestatic_pack *release_of(const struct gather_item *item, size_t count,
                                   const struct gather_item *dictionary) {
  edgestatic_builder *b;
  edgestatic_pack *pack;
  ck_assert_int_eq(edgestatic_builder_new(&b, &options), EDGESTATIC_OK);
  for (size_t i = 0; i <= count; i++) {
    const struct gather_item *it = i < count ? &item[i] : dictionary;
    edgestatic_asset_options o = EDGESTATIC_ASSET_OPTIONS_INIT;
    o.type = it->type;
    o.cache_control = it->cache_control;
    ck_assert_int_eq(edgestatic_builder_add(b, it->path, it->source.base,
                                            it->source.len, &o),
                     EDGESTATIC_OK);
  }
  ck_assert_int_eq(edgestatic_builder_finish(b, &pack), EDGESTATIC_OK);
  edgestatic_builder_free(b);
  return pack;
}

START_TEST(the_last_releases_is_used_again_while_a_new_one_saves_little_more) {
  struct gather_item item[PAGES];
  make_pages(item, 8000, 300);
  struct sitedict first = found_in(item, PAGES);
  struct gather_item file = sitedict_item(&first);
  edgestatic_pack *pack = release_of(item, PAGES, &file);
  make_pages(item, 8000, 310); /* what they have in common stays */
  struct sitedict next = {.options = &options};
  ck_assert_int_eq(
      sitedict_find(&next, item, PAGES, edgestatic_pack_store(pack)),
      EDGESTATIC_OK);
  ck_assert_str_eq(next.name, first.name);
  ck_assert(slice_eq(next.bytes, first.bytes));
  ck_assert_ptr_null(next.earlier.base);
  sitedict_free(&next);
  edgestatic_pack_unref(pack);
  sitedict_free(&first);
}
END_TEST

START_TEST(a_better_one_takes_its_place_and_visitors_go_on_with_the_old_one) {
  struct gather_item item[PAGES];
  make_pages(item, 300, 300);
  slice old = samples_text(9000, 5);
  struct sitedict first = {.options = &options, .bytes = old};
  digest_sha256(old.base, old.len, first.sha256);
  snprintf(first.name, sizeof first.name,
           "dictionary.%02x%02x%02x%02x%02x%02x%02x%02x.dat", first.sha256[0],
           first.sha256[1], first.sha256[2], first.sha256[3], first.sha256[4],
           first.sha256[5], first.sha256[6], first.sha256[7]);
  struct gather_item file = sitedict_item(&first);
  edgestatic_pack *pack = release_of(item, PAGES, &file);
  make_pages(item, 8000, 300);
  struct sitedict next = {.options = &options};
  ck_assert_int_eq(
      sitedict_find(&next, item, PAGES, edgestatic_pack_store(pack)),
      EDGESTATIC_OK);
  ck_assert_ptr_nonnull(next.bytes.base);
  ck_assert_str_ne(next.name, first.name);
  ck_assert_str_eq(next.earlier_name, first.name);
  ck_assert(slice_eq(next.earlier, old));
  ck_assert_mem_eq(next.earlier_sha256, first.sha256, DIGEST_SIZE);
  sitedict_free(&next);
  edgestatic_pack_unref(pack);
}
END_TEST

START_TEST(a_file_that_is_only_named_like_a_dictionary_is_none) {
  struct gather_item item[PAGES];
  make_pages(item, 8000, 300);
  struct gather_item file = {.path = LIT("dictionary.0123456789abcdef.dat"),
                             .source = samples_text(9000, 5)};
  edgestatic_pack *pack = release_of(item, PAGES, &file);
  struct sitedict next = {.options = &options};
  ck_assert_int_eq(
      sitedict_find(&next, item, PAGES, edgestatic_pack_store(pack)),
      EDGESTATIC_OK);
  ck_assert_ptr_nonnull(next.bytes.base);
  ck_assert_ptr_null(next.earlier.base);
  sitedict_free(&next);
  edgestatic_pack_unref(pack);
}
END_TEST

START_TEST(a_page_that_cannot_be_read_is_told) {
  struct gather_item item[PAGES];
  make_pages(item, 8000, 300);
  item[5].root = 1000; /* no such descriptor */
  item[5].source = LIT("gone.html");
  struct sitedict d = {.options = &options};
  ck_assert_int_eq(sitedict_find(&d, item, PAGES, NULL), EDGESTATIC_ERR_IO);
  ck_assert_ptr_null(d.bytes.base);
  ck_assert_uint_gt(strlen(told), 0);
  sitedict_free(&d);
}
END_TEST

static int cancel(void *ctx, const edgestatic_progress *progress) {
  int *calls_left = ctx;
  ck_assert_uint_eq(progress->files_total, 0);
  return --*calls_left == 0;
}

START_TEST(it_can_be_cancelled_in_each_of_its_steps) {
  static int calls_left;
  struct gather_item item[PAGES];
  make_pages(item, 3000, 300);
  options.progress = cancel;
  options.progress_ctx = &calls_left;
  for (int at = 1; calls_left <= 0; at++) {
    struct sitedict d = {.options = &options};
    calls_left = at;
    ck_assert_int_eq(sitedict_find(&d, item, PAGES, NULL),
                     calls_left == 0 ? EDGESTATIC_ERR_CANCELLED
                                     : EDGESTATIC_OK);
    sitedict_free(&d);
    ck_assert_int_lt(at, 1000);
  }
}
END_TEST

static int find(const edgestatic_allocator *allocator, void *item) {
  edgestatic_builder_options o = options;
  o.allocator = *allocator;
  struct sitedict d = {.options = &o};
  int error = sitedict_find(&d, item, SITEDICT_PAGES_MIN, NULL);
  sitedict_free(&d);
  return error;
}

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  struct gather_item item[PAGES];
  make_pages(item, 3000, 300);
  memtest_fail_each(find, item);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("sitedict");
  tcase_add_checked_fixture(tc, setup, util_free_all);
  tcase_add_test(tc, pages_with_a_common_frame_have_a_dictionary);
  tcase_add_test(tc, its_file_is_named_by_its_hash_and_kept_for_a_year);
  tcase_add_test(tc, the_same_pages_have_the_same_dictionary);
  tcase_add_test(tc, pages_with_nothing_in_common_have_none);
  tcase_add_test(tc, few_pages_have_none_which_is_told);
  tcase_add_test(tc, what_is_no_page_does_not_count);
  tcase_add_test(tc, it_pays_when_a_visitor_gets_its_bytes_back);
  tcase_add_test(
      tc, the_last_releases_is_used_again_while_a_new_one_saves_little_more);
  tcase_add_test(
      tc, a_better_one_takes_its_place_and_visitors_go_on_with_the_old_one);
  tcase_add_test(tc, a_file_that_is_only_named_like_a_dictionary_is_none);
  tcase_add_test(tc, a_page_that_cannot_be_read_is_told);
  tcase_add_test(tc, it_can_be_cancelled_in_each_of_its_steps);
  tcase_add_test(tc, each_failing_allocation_is_an_error_without_a_leak);
  return util_run("sitedict", tc);
}
