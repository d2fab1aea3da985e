/* check_site_deltas.c - releases of a site store have deltas to earlier ones.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/digest.h"
#include "edgestatic_policy.h"

#include "deltas.h"
#include "samples.h"
#include "sitestore.h"

#define RELEASES 8

static edgestatic_site *site;
static edgestatic_slice style[RELEASES];

/* Versions of a file that differ at the end. */
static void setup(void) {
  store_setup();
  site = store_open(1);
  edgestatic_slice text = samples_text(20000, 99);
  for (uint32_t i = 0; i < RELEASES; i++)
    style[i] = samples_alike(text, 19000, i + 1);
}

static void teardown(void) {
  edgestatic_site_close(site);
  store_teardown();
}

static void release(const char *collection, uint32_t version,
                    int64_t retain_seconds) {
  edgestatic_release_options options = EDGESTATIC_RELEASE_OPTIONS_INIT;
  edgestatic_builder *builder = store_builder("page");
  char hashed[32];
  snprintf(hashed, sizeof hashed, "app.%x1f2e3d4.js", (unsigned)version + 1);
  options.collection = collection;
  options.time = 1000 + version;
  options.retain_seconds = retain_seconds;
  store_add(builder, "a.css", style[version].base, style[version].len);
  store_add(builder, hashed, style[version].base + 1, style[version].len - 1);
  store_put(site, builder, &options);
}

/* The versions whose holders get a delta in what a collection shows, a digit
 * each. */
static void has_deltas_to(const char *collection, const char *path,
                          const char *versions) {
  char got[RELEASES + 1] = "", *end = got;
  edgestatic_pack *pack;
  ck_assert_int_eq(edgestatic_site_pack(site, collection, &pack),
                   EDGESTATIC_OK);
  const edgestatic_store *s = edgestatic_pack_store(pack);
  uint32_t i = edgestatic_store_find(s, util_text(path));
  ck_assert_uint_ne(i, EDGESTATIC_NONE);
  edgestatic_asset a = edgestatic_store_asset(s, i);
  for (uint32_t v = 0; v < RELEASES; v++) {
    unsigned char sha256[DIGEST_SIZE];
    unsigned count = 0;
    size_t skip = path[1] == 'a' && path[2] == 'p'; /* the hashed one */
    digest_sha256(style[v].base + skip, style[v].len - skip, sha256);
    for (uint32_t k = 0; k < a.variant_count; k++) {
      edgestatic_variant x = edgestatic_store_variant(s, a.variant + k);
      if (x.dictionary &&
          memcmp(edgestatic_store_dictionary(s, x.dictionary - 1).sha256,
                 sha256, DIGEST_SIZE) == 0)
        count++;
    }
    ck_assert(count == 0 || count == EACH);
    if (count > 0)
      *end++ = (char)('0' + v);
  }
  *end = '\0';
  ck_assert_str_eq(got, versions);
  store_verify(pack);
  edgestatic_pack_unref(pack);
}

START_TEST(a_release_has_deltas_to_the_last_three) {
  release("live", 0, 0);
  has_deltas_to("live", "/a.css", "");
  release("live", 1, 0);
  has_deltas_to("live", "/a.css", "01"); /* and to itself */
  release("live", 2, 0);
  release("live", 3, 0);
  has_deltas_to("live", "/a.css", "0123");
  release("live", 4, 0);
  has_deltas_to("live", "/a.css", "1234");
  has_deltas_to("live", "/app.51f2e3d4.js", "123");
}
END_TEST

START_TEST(the_last_three_are_other_ones_when_old_ones_come_back) {
  release("live", 0, 0);
  release("live", 1, 0);
  release("live", 2, 0);
  ck_assert_int_eq(edgestatic_site_promote(site, "2", "live"), EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_site_promote(site, "3", "live"), EDGESTATIC_OK);
  release("live", 3, 0);
  has_deltas_to("live", "/a.css", "0123");
}
END_TEST

START_TEST(a_preview_has_deltas_to_what_live_shows) {
  release("live", 0, 0);
  release("live", 1, 0);
  release("next", 2, 0);
  has_deltas_to("next", "/a.css", "012");
  release("next", 3, 0);
  release("next", 4, 0);
  release("next", 5, 0);
  has_deltas_to("next", "/a.css", "1345"); /* of live, and of its own last */
}
END_TEST

START_TEST(promotion_and_rollback_keep_them) {
  release("live", 0, 0);
  release("next", 1, 0);
  ck_assert_int_eq(edgestatic_site_promote(site, "next", "live"),
                   EDGESTATIC_OK);
  has_deltas_to("live", "/a.css", "01");
  release("live", 2, 0);
  ck_assert_int_eq(edgestatic_site_rollback(site, "live", NULL), EDGESTATIC_OK);
  has_deltas_to("live", "/a.css", "01");
}
END_TEST

START_TEST(they_outlive_the_releases_that_they_are_to) {
  release("live", 0, 0);
  release("live", 1, 0);
  ck_assert_int_eq(edgestatic_site_expire(site, 5000, 0, NULL), EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_site_gc(site, 0, NULL), EDGESTATIC_OK);
  ck_assert_int_eq(store_find(site, "1"), EDGESTATIC_ERR_INPUT);
  has_deltas_to("live", "/a.css", "01");
}
END_TEST

START_TEST(old_assets_go_and_the_deltas_of_the_others_stay) {
  edgestatic_site_report report;
  release("live", 0, 0);
  release("live", 1, 500);
  release("live", 2, 500);
  has_deltas_to("live", "/app.11f2e3d4.js", ""); /* left behind */
  has_deltas_to("live", "/app.21f2e3d4.js", ""); /* so is this, without */
  has_deltas_to("live", "/app.31f2e3d4.js", "01");
  ck_assert_int_eq(edgestatic_site_expire(site, 5000, UINT32_MAX, &report),
                   EDGESTATIC_OK);
  ck_assert_uint_eq(report.rewritten, 2);
  has_deltas_to("live", "/a.css", "012");
  has_deltas_to("live", "/app.31f2e3d4.js", "01");
  has_deltas_to("2", "/a.css", "01");
}
END_TEST

START_TEST(who_wants_none_has_none) {
  edgestatic_policy policy = EDGESTATIC_POLICY_INIT;
  edgestatic_release_options options = EDGESTATIC_RELEASE_OPTIONS_INIT;
  release("live", 0, 0);
  edgestatic_builder *builder = store_builder("page");
  policy.no_deltas = 1;
  ck_assert_int_eq(edgestatic_builder_policy(builder, &policy), EDGESTATIC_OK);
  store_add(builder, "a.css", style[1].base, style[1].len);
  store_put(site, builder, &options);
  has_deltas_to("live", "/a.css", "");
}
END_TEST

int main(void) {
  TCase *c = tcase_create("site_deltas");
  tcase_add_checked_fixture(c, setup, teardown);
  tcase_add_test(c, a_release_has_deltas_to_the_last_three);
  tcase_add_test(c, the_last_three_are_other_ones_when_old_ones_come_back);
  tcase_add_test(c, a_preview_has_deltas_to_what_live_shows);
  tcase_add_test(c, promotion_and_rollback_keep_them);
  tcase_add_test(c, they_outlive_the_releases_that_they_are_to);
  tcase_add_test(c, old_assets_go_and_the_deltas_of_the_others_stay);
  tcase_add_test(c, who_wants_none_has_none);
  return util_run("site_deltas", c);
}
