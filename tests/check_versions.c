/* check_versions.c - what clients may hold of a file.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/versions.h"

#include "build/builder.h"

#include "carrying.h"
#include "memtest.h"

static const edgestatic_allocator heap = {NULL, NULL};
static const unsigned char no_hash[16];
static struct versions versions;
static const struct version *found[VERSIONS_MAX];
static edgestatic_pack *release[VERSIONS_MAX];
static size_t releases;
static bool again;

static void begin(void) {
  setup();
  releases = 0;
  versions =
      (struct versions){.allocator = &heap, .keys = {.allocator = &heap}};
}

static void end(void) {
  versions_free(&versions);
  while (releases > 0)
    edgestatic_pack_unref(release[--releases]);
  teardown();
}

/* What the builder has is the next older release. */
static void add_release(void) {
  finish();
  release[releases] = take();
  ck_assert_int_eq(
      versions_add(&versions, edgestatic_pack_store(release[releases++])),
      EDGESTATIC_OK);
}

/* hash: where it is in the path, or NULL. */
static size_t find(const char *path, const char *hash, uint64_t size,
                   const unsigned char own[16]) {
  slice p = util_text(path), h = {NULL, 0};
  if (hash)
    h = slice_of(strstr(p.base, hash), strlen(hash));
  versions_settle(&versions);
  return versions_find(&versions, p, h, size, own, found, &again);
}

static void is_found(size_t i, slice bytes, const char *path) {
  ck_assert(slice_eq(found[i]->bytes, bytes));
  ck_assert_bytes_eq(found[i]->path, path);
}

START_TEST(a_stable_name_has_what_was_at_its_path) {
  slice text = samples_text(9000, 1);
  add_bytes("a.css", text);
  add_bytes("b/a.css", samples_text(9000, 2));
  add_release();
  ck_assert_uint_eq(find("/a.css", NULL, 9000, no_hash), 1);
  is_found(0, text, "/a.css");
  ck_assert(!again);
  ck_assert_uint_eq(find("/c.css", NULL, 9000, no_hash), 0);
}
END_TEST

START_TEST(a_hashed_name_has_the_same_name_with_any_hash) {
  slice text = samples_text(9000, 1);
  add_bytes("js/app.0f2e9a1d.js", text);
  add_bytes("js/other.0f2e9a1d.js", text);
  add_release();
  ck_assert_uint_eq(find("/js/app.7c1d3e5f.js", "7c1d3e5f", 1, no_hash), 1);
  is_found(0, text, "/js/app.0f2e9a1d.js");
  ck_assert_uint_eq(find("/js/app.7c1d3e5f.css", "7c1d3e5f", 1, no_hash), 0);
  ck_assert_uint_eq(find("/js/apq.7c1d3e5f.js", "7c1d3e5f", 1, no_hash), 0);
}
END_TEST

START_TEST(a_name_with_a_hash_is_no_version_of_one_without) {
  add_bytes("app..js", samples_text(9000, 1));
  add_bytes("lib.0f2e9a1d.js", samples_text(9000, 1));
  add_release();
  ck_assert_uint_eq(find("/app.7c1d3e5f.js", "7c1d3e5f", 1, no_hash), 0);
  ck_assert_uint_eq(find("/lib..js", NULL, 1, no_hash), 0);
  ck_assert_uint_eq(find("/lib.0f2e9a1d.js", NULL, 1, no_hash), 0);
}
END_TEST

START_TEST(only_what_was_announced_is_a_version) {
  slice text = samples_text(9000, 1);
  add_bytes("small.css", slice_of(text.base, 1000));
  add_bytes("index.html", text);
  add_bytes("404.html", text);
  add_bytes("noise.css", samples_noise(9000, 1));
  add_release();
  ck_assert_uint_eq(versions.count, 0);
  ck_assert_uint_eq(find("/", NULL, 9000, no_hash), 0);
}
END_TEST

START_TEST(a_page_that_was_announced_is_one_at_its_address) {
  ck_assert_int_eq(edgestatic_builder_rule(builder, EDGESTATIC_RULE_CACHE,
                                           LIT("*.html"), LIT("max-age=60")),
                   EDGESTATIC_OK);
  slice text = samples_text(9000, 1);
  add_bytes("about.html", text);
  add_bytes("404.html", text);
  add_release();
  ck_assert_uint_eq(find("/about", NULL, 9000, no_hash), 1);
  is_found(0, text, "/about");
  ck_assert_uint_eq(find("/", NULL, 9000, no_hash), 0); /* the error page's */
}
END_TEST

START_TEST(what_a_release_kept_of_another_one_is_its_no_version) {
  add_bytes("app.0f2e9a1d.js", samples_text(9000, 1));
  finish();
  edgestatic_pack *first = take();
  previous(first, 2000000000);
  add_bytes("app.7c1d3e5f.js", samples_text(9000, 2));
  add_release();
  get("/app.0f2e9a1d.js", NULL);
  ck_assert_uint_eq(find("/app.11aa22bb.js", "11aa22bb", 1, no_hash), 1);
  ck_assert_bytes_eq(found[0]->path, "/app.7c1d3e5f.js");
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(the_newest_releases_come_first) {
  slice text[VERSIONS_MAX];
  for (uint32_t i = 0; i < VERSIONS_MAX; i++) {
    text[i] = samples_text(9000 - i, i + 1); /* nearer, but older */
    add_bytes("a.css", text[i]);
    add_release();
  }
  ck_assert_uint_eq(find("/a.css", NULL, 8000, no_hash), VERSIONS_MAX);
  for (uint32_t i = 0; i < VERSIONS_MAX; i++)
    is_found(i, text[i], "/a.css");
}
END_TEST

START_TEST(of_one_release_those_of_the_nearest_size_are_taken) {
  static const char *const names[] = {"c.00aa11bb.js", "c.11bb22cc.js",
                                      "c.22cc33dd.js", "c.33dd44ee.js",
                                      "c.44ee55ff.js"};
  static const size_t sizes[] = {20000, 4000, 9100, 9001, 8950};
  for (uint32_t i = 0; i < 5; i++)
    add_bytes(names[i], samples_text(sizes[i], i + 1));
  add_release();
  ck_assert_uint_eq(find("/c.55ff66aa.js", "55ff66aa", 9000, no_hash), 3);
  ck_assert_bytes_eq(found[0]->path, "/c.33dd44ee.js");
  ck_assert_bytes_eq(found[1]->path, "/c.44ee55ff.js");
  ck_assert_bytes_eq(found[2]->path, "/c.22cc33dd.js");
}
END_TEST

START_TEST(the_same_bytes_count_once_and_its_own_not_at_all) {
  slice text = samples_text(9000, 1);
  add_bytes("a.css", text);
  add_release();
  add_bytes("a.css", text);
  add_release();
  ck_assert_uint_eq(find("/a.css", NULL, 9000, no_hash), 1);
  unsigned char own[16];
  builder_xxh3(text.base, text.len, own);
  ck_assert_uint_eq(find("/a.css", NULL, 9000, own), 0);
  ck_assert(!again);
}
END_TEST

START_TEST(its_own_bytes_that_were_sent_as_a_delta_are_told) {
  slice text = samples_text(9000, 1);
  add_bytes("a.css", samples_text(9100, 1));
  finish();
  edgestatic_pack *first = take();
  previous(first, 0);
  add_bytes("a.css", text);
  add_release();
  unsigned char own[16];
  builder_xxh3(text.base, text.len, own);
  ck_assert_uint_eq(find("/a.css", NULL, 9000, own), 0);
  ck_assert(again);
  ck_assert_uint_eq(find("/a.css", NULL, 9000, no_hash), 1);
  ck_assert(!again);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(no_more_are_looked_at_than_there_can_be_of_use) {
  static struct version many[VERSIONS_SEEN_MAX + 1];
  static unsigned char hash[VERSIONS_SEEN_MAX + 1][16];
  struct versions v = {.version = many, .count = VERSIONS_SEEN_MAX + 1};
  slice path = util_text("/a.11bb22cc.js");
  for (size_t i = 0; i <= VERSIONS_SEEN_MAX; i++) {
    memcpy(hash[i], &i, sizeof i);
    many[i] = (struct version){
        .key = LIT("h/a.\0.js"), .bytes = {"", i}, .hash = hash[i]};
  }
  ck_assert_uint_eq(versions_find(&v, path, slice_of(path.base + 3, 8),
                                  VERSIONS_SEEN_MAX, no_hash, found, &again),
                    VERSIONS_MAX);
  ck_assert_uint_eq(found[0]->bytes.len, VERSIONS_SEEN_MAX - 1);
}
END_TEST

static int add_all(const edgestatic_allocator *allocator, void *s) {
  struct versions v = {.allocator = allocator,
                       .keys = {.allocator = allocator}};
  int error = versions_add(&v, s);
  versions_settle(&v);
  versions_free(&v);
  return error;
}

START_TEST(out_of_memory_is_an_error_wherever_it_strikes) {
  add_bytes("a.css", samples_text(9000, 1));
  add_bytes("app.0f2e9a1d.js", samples_text(9000, 1));
  add_bytes("app-BvI4qzlP.js", samples_text(9000, 1));
  finish();
  memtest_fail_each(add_all, (void *)(uintptr_t)store);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("versions");
  tcase_add_checked_fixture(tc, begin, end);
  tcase_add_test(tc, a_stable_name_has_what_was_at_its_path);
  tcase_add_test(tc, a_hashed_name_has_the_same_name_with_any_hash);
  tcase_add_test(tc, a_name_with_a_hash_is_no_version_of_one_without);
  tcase_add_test(tc, only_what_was_announced_is_a_version);
  tcase_add_test(tc, a_page_that_was_announced_is_one_at_its_address);
  tcase_add_test(tc, what_a_release_kept_of_another_one_is_its_no_version);
  tcase_add_test(tc, the_newest_releases_come_first);
  tcase_add_test(tc, of_one_release_those_of_the_nearest_size_are_taken);
  tcase_add_test(tc, the_same_bytes_count_once_and_its_own_not_at_all);
  tcase_add_test(tc, its_own_bytes_that_were_sent_as_a_delta_are_told);
  tcase_add_test(tc, no_more_are_looked_at_than_there_can_be_of_use);
  tcase_add_test(tc, out_of_memory_is_an_error_wherever_it_strikes);
  return util_run("versions", tc);
}
