/* check_diff.c - what is other between two packs, and what is to be purged.
 *
 * A site is written as lines "path=bytes" and, after a line "--", rules.
 *
 * SPDX-License-Identifier: MIT */
#include "edgestatic_policy.h"
#include "edgestatic_rules.h"
#include "edgestatic_site.h"
#include "util.h"

#include <stdio.h>
#include <string.h>

static char said[4096];

static void say(const char *kind, edgestatic_slice what) {
  size_t len = strlen(said);
  snprintf(said + len, sizeof said - len, "%s%s %.*s", len > 0 ? ", " : "",
           kind, (int)what.len, what.base);
}

static void keep_change(void *ctx, const edgestatic_change *c) {
  static const char *const names[] = {"added",   "removed", "kept",
                                      "content", "fields",  "rule"};
  (void)ctx;
  ck_assert_ptr_nonnull(c->path.base);
  say(names[c->kind], c->path);
}

static void keep_item(void *ctx, int kind, edgestatic_slice what) {
  static const char *const names[] = {"key", "url", "prefix"};
  (void)ctx;
  say(names[kind], what);
}

/* Cache-Control of everything, tags, how pages are served. */
struct kind {
  const char *cache_control, *headers;
  int tags, html, not_found;
  int64_t mtime; /* 0: none */
};

static const struct kind plain = {"max-age=60", "", 0, 0, 0, 0};

static edgestatic_pack *make(const char *site, const struct kind *kind) {
  edgestatic_builder_options options = EDGESTATIC_BUILDER_OPTIONS_INIT;
  edgestatic_policy policy = EDGESTATIC_POLICY_INIT;
  edgestatic_builder *builder;
  edgestatic_pack *pack;
  options.effort = EDGESTATIC_EFFORT_FAST;
  options.threads = 1;
  options.html_handling = kind->html;
  options.not_found = kind->not_found;
  policy.cache_tags = kind->tags;
  ck_assert_int_eq(edgestatic_builder_new(&builder, &options), EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_policy(builder, &policy), EDGESTATIC_OK);
  ck_assert_int_eq(
      edgestatic_builder_headers(builder, util_text(kind->headers), "_headers"),
      EDGESTATIC_OK);
  while (*site && strncmp(site, "--", 2) != 0) {
    size_t name = strcspn(site, "="), len = strcspn(site, "\n");
    edgestatic_asset_options asset = EDGESTATIC_ASSET_OPTIONS_INIT;
    if (kind->cache_control)
      asset.cache_control = util_text(kind->cache_control);
    if (kind->mtime)
      asset.mtime = kind->mtime;
    ck_assert_int_eq(edgestatic_builder_add(builder, util_bytes(site, name),
                                            site + name + 1, len - name - 1,
                                            &asset),
                     EDGESTATIC_OK);
    site += len + (site[len] == '\n');
  }
  if (*site)
    ck_assert_int_eq(
        edgestatic_builder_redirects(builder, util_text(site + 3), "r"),
        EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_finish(builder, &pack), EDGESTATIC_OK);
  edgestatic_builder_free(builder);
  return pack;
}

/* cache < 0: the differences. */
static void compare(const char *before, const struct kind *kind_before,
                    const char *after, const struct kind *kind_after, int cache,
                    const char *expect) {
  edgestatic_pack *a = make(before, kind_before), *b = make(after, kind_after);
  const edgestatic_store *s = edgestatic_pack_store(a),
                         *t = edgestatic_pack_store(b);
  said[0] = '\0';
  int error = cache < 0 ? edgestatic_diff(s, t, keep_change, NULL)
                        : edgestatic_purge(s, t, cache, keep_item, NULL);
  ck_assert_int_eq(error, EDGESTATIC_OK);
  edgestatic_pack_unref(a);
  edgestatic_pack_unref(b);
  util_free_all();
  ck_assert_str_eq(said, expect);
}

static void differ(const char *before, const char *after, const char *expect) {
  compare(before, &plain, after, &plain, -1, expect);
}

static void purge(int cache, const struct kind *kind, const char *before,
                  const char *after, const char *expect) {
  compare(before, kind, after, kind, cache, expect);
}

enum {
  PLAIN = EDGESTATIC_CACHE_PLAIN,
  FASTLY = EDGESTATIC_CACHE_FASTLY,
  CLOUDFLARE = EDGESTATIC_CACHE_CLOUDFLARE,
  CLOUDFRONT = EDGESTATIC_CACHE_CLOUDFRONT
};

/* ---- Differences ---- */

START_TEST(the_same_site_has_none) {
  const char *site = "a.txt=a\nindex.html=home\n404.html=gone\n--\n/x /a.txt";
  differ(site, site, "");
}
END_TEST

START_TEST(files_are_added_removed_and_changed) {
  differ("a.txt=1\nb.txt=1\nc.txt=1", "b.txt=1\nc.txt=2\nd.txt=1",
         "removed /a.txt, content /c.txt, added /d.txt");
}
END_TEST

START_TEST(a_page_is_told_of_at_its_own_path) {
  differ("about.html=1\ndocs/index.html=1", "about.html=2\ndocs/index.html=2",
         "content /about, content /docs/");
}
END_TEST

START_TEST(paths_are_percent_encoded) {
  differ("", "a b/\xc3\xa9.txt=1", "added /a%20b/%C3%A9.txt");
}
END_TEST

START_TEST(other_fields_alone_are_told_as_such) {
  struct kind other = plain;
  other.headers = "/a.txt\n  X-A: b\n";
  compare("a.txt=1\nb.txt=1", &plain, "a.txt=1\nb.txt=1", &other, -1,
          "fields /a.txt");
}
END_TEST

START_TEST(another_last_modified_is_no_difference) {
  struct kind before = plain, after = plain;
  before.mtime = 1000000000;
  after.mtime = 1000000060;
  compare("a.txt=1", &before, "a.txt=1", &after, -1, "");
  compare("a.txt=1", &before, "a.txt=1", &after, PLAIN, "");
}
END_TEST

START_TEST(rules_are_told_once_each) {
  differ("a.txt=1", "a.txt=1\n--\n/x /a.txt\n/y/* /a.txt\n/z/:q/r /:q",
         "rule /x, rule /y/*, rule /z/*");
  differ("a.txt=1\n--\n/x /a.txt\n/y/* /b/:splat",
         "a.txt=1\n--\n/x /b.txt\n/y/* /c/:splat", "rule /x, rule /y/*");
}
END_TEST

START_TEST(a_rule_that_hides_a_file_is_told_of) {
  differ("a.txt=1", "a.txt=1\n--\n/a.txt /b 301!", "rule /a.txt");
}
END_TEST

START_TEST(rules_with_conditions_are_asked_for_what_they_want) {
  differ("a.txt=1\n--\n/x /en 302 Language=en\n/y q=1 /one\n/z /c 302 Cookie=k",
         "a.txt=1\n--\n/x /fr 302 Language=en\n/y q=1 /two\n/z /d 302 Cookie=k",
         "rule /x, rule /y?q=1, rule /z");
}
END_TEST

static void keep_until(edgestatic_pack **kept) {
  edgestatic_builder *builder;
  edgestatic_pack *old = make("app-3f2a9c1b.js=1\nb.txt=1", &plain);
  ck_assert_int_eq(edgestatic_builder_new(&builder, NULL), EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_previous(builder, old, 4000000000),
                   EDGESTATIC_OK);
  ck_assert_int_eq(
      edgestatic_builder_add(builder, util_text("c.txt"), "1", 1, NULL),
      EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_finish(builder, kept), EDGESTATIC_OK);
  edgestatic_builder_free(builder);
  edgestatic_pack_unref(old);
}

START_TEST(what_is_kept_for_a_while_is_no_file_any_more) {
  edgestatic_pack *old = make("app-3f2a9c1b.js=1\nb.txt=1", &plain), *kept;
  keep_until(&kept);
  said[0] = '\0';
  ck_assert_int_eq(edgestatic_diff(edgestatic_pack_store(old),
                                   edgestatic_pack_store(kept), keep_change,
                                   NULL),
                   EDGESTATIC_OK);
  ck_assert_str_eq(said, "kept /app-3f2a9c1b.js, removed /b.txt, added /c.txt");
  said[0] = '\0';
  ck_assert_int_eq(edgestatic_purge(edgestatic_pack_store(old),
                                    edgestatic_pack_store(kept), PLAIN,
                                    keep_item, NULL),
                   EDGESTATIC_OK);
  ck_assert_str_eq(said, "url /b.txt");
  edgestatic_pack_unref(old);
  edgestatic_pack_unref(kept);
  util_free_all();
}
END_TEST

/* ---- Purge: what goes ---- */

START_TEST(changed_and_removed_files_go_new_ones_do_not) {
  purge(PLAIN, &plain, "a.txt=1\nb.txt=1\nc.txt=1", "a.txt=1\nb.txt=2\nd.txt=1",
        "url /b.txt, url /c.txt");
}
END_TEST

START_TEST(what_is_asked_for_each_time_stays) {
  struct kind kind = plain;
  static const char *const values[] = {"no-cache",
                                       "no-store",
                                       "private, max-age=60",
                                       "max-age=0",
                                       "s-maxage=0, max-age=60",
                                       "max-age=60, no-cache"};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    kind.cache_control = values[i];
    purge(PLAIN, &kind, "a.txt=1", "a.txt=2", "");
    purge(CLOUDFRONT, &kind, "a.txt=1", "a.txt=2", "");
    purge(CLOUDFLARE, &kind, "a.txt=1", "a.txt=2", "");
  }
}
END_TEST

START_TEST(what_may_be_used_without_asking_goes) {
  struct kind kind = plain;
  static const char *const values[] = {
      "public", "max-age=1", "max-age=0, s-maxage=9",
      "max-age=0, stale-while-revalidate=9", "no-cache=\"Set-Cookie\""};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    kind.cache_control = values[i];
    purge(PLAIN, &kind, "a.txt=1", "a.txt=2", "url /a.txt");
  }
}
END_TEST

START_TEST(fastly_keeps_what_says_no_cache) {
  struct kind kind = plain;
  kind.cache_control = "no-cache";
  purge(FASTLY, &kind, "a.txt=1", "a.txt=2", "url /a.txt");
  kind.cache_control = "private";
  purge(FASTLY, &kind, "a.txt=1", "a.txt=2", "");
  kind.cache_control = "max-age=60";
  kind.headers = "/*\n  Surrogate-Control: max-age=0\n";
  purge(FASTLY, &kind, "a.txt=1", "a.txt=2", "");
  purge(CLOUDFRONT, &kind, "a.txt=1", "a.txt=2", "url /a.txt");
  purge(PLAIN, &kind, "a.txt=1", "a.txt=2", "url /a.txt");
}
END_TEST

START_TEST(fastly_keeps_a_404_for_a_path_that_is_new) {
  purge(FASTLY, &plain, "a.txt=1", "a.txt=1\nb.txt=1", "url /b.txt");
}
END_TEST

START_TEST(cdn_cache_control_is_for_those_that_read_it) {
  struct kind kind = plain;
  kind.cache_control = "no-cache";
  kind.headers = "/*\n  CDN-Cache-Control: max-age=60\n";
  purge(CLOUDFLARE, &kind, "a.txt=1", "a.txt=2", "url /a.txt");
  purge(PLAIN, &kind, "a.txt=1", "a.txt=2", "url /a.txt");
  purge(CLOUDFRONT, &kind, "a.txt=1", "a.txt=2", "");
}
END_TEST

START_TEST(other_fields_go_too) {
  struct kind other = plain;
  other.headers = "/a.txt\n  X-A: b\n";
  compare("a.txt=1\nb.txt=1", &plain, "a.txt=1\nb.txt=1", &other, PLAIN,
          "url /a.txt");
}
END_TEST

START_TEST(a_file_that_a_rule_takes_over_goes) {
  purge(PLAIN, &plain, "a.txt=1\nb.txt=1",
        "a.txt=1\nb.txt=1\n--\n/a.txt /b 301!", "url /a.txt");
}
END_TEST

START_TEST(every_path_of_a_page_goes) {
  struct kind kind = plain;
  kind.html = EDGESTATIC_HTML_NONE;
  purge(PLAIN, &kind, "d/index.html=1\na.txt=1", "d/index.html=2\na.txt=1",
        "url /d/, url /d/index.html");
}
END_TEST

START_TEST(a_page_that_moves_goes_where_it_was) {
  struct kind other = plain;
  other.html = EDGESTATIC_HTML_FORCE;
  compare("d.html=1", &plain, "d.html=1", &other, PLAIN, "url /d");
}
END_TEST

START_TEST(a_rewrite_of_a_changed_page_goes_as_a_prefix) {
  purge(PLAIN, &plain, "a.txt=1\n--\n/x/* /a.txt 200",
        "a.txt=2\n--\n/x/* /a.txt 200", "url /a.txt, url /x, prefix /x/");
}
END_TEST

START_TEST(the_single_page_app_is_everywhere) {
  struct kind kind = plain;
  kind.not_found = EDGESTATIC_NOT_FOUND_SPA;
  purge(PLAIN, &kind, "index.html=1\na.txt=1", "index.html=2\na.txt=1",
        "prefix /");
}
END_TEST

/* ---- Purge: the smallest list ---- */

static const struct kind fastly_keys = {
    "max-age=60", "", EDGESTATIC_TAGS_SURROGATE_KEY, 0, 0, 0};
static const struct kind tags = {
    "max-age=60", "", EDGESTATIC_TAGS_CACHE_TAG, 0, 0, 0};

START_TEST(a_key_of_the_folder_where_all_of_it_goes) {
  purge(FASTLY, &fastly_keys, "a/1.txt=1\na/2.txt=2\nb/3.txt=3",
        "a/1.txt=4\na/2.txt=5\nb/3.txt=3", "key /a");
  purge(CLOUDFLARE, &tags, "a/1.txt=1\na/2.txt=2\nb/3.txt=3",
        "a/1.txt=4\na/2.txt=5\nb/3.txt=3", "key /a");
}
END_TEST

START_TEST(no_key_of_what_stays) {
  edgestatic_pack *a = make("a/1.txt=1\na/2.txt=2", &fastly_keys);
  edgestatic_pack *b = make("a/1.txt=4\na/2.txt=2", &fastly_keys);
  said[0] = '\0';
  ck_assert_int_eq(edgestatic_purge(edgestatic_pack_store(a),
                                    edgestatic_pack_store(b), FASTLY, keep_item,
                                    NULL),
                   EDGESTATIC_OK);
  ck_assert_msg(strncmp(said, "key hash-", 9) == 0, "%s", said);
  ck_assert_ptr_null(strchr(said, ','));
  edgestatic_pack_unref(a);
  edgestatic_pack_unref(b);
  util_free_all();
}
END_TEST

START_TEST(without_a_key_of_its_own_by_url) {
  struct kind kind = plain;
  kind.headers = "/*\n  Surrogate-Key: all\n";
  purge(FASTLY, &kind, "1.txt=1\n2.txt=2", "1.txt=4\n2.txt=2", "url /1.txt");
  purge(FASTLY, &kind, "1.txt=1\n2.txt=2", "1.txt=4\n2.txt=5", "key all");
}
END_TEST

START_TEST(cloudfront_takes_a_folder_where_nothing_in_it_stays) {
  purge(CLOUDFRONT, &plain, "a/1.txt=1\na/b/2.txt=2\nc/3.txt=3\nc/4.txt=4",
        "a/1.txt=4\na/b/2.txt=5\nc/3.txt=6\nc/4.txt=4",
        "prefix /a/, url /c/3.txt");
  purge(CLOUDFRONT, &plain, "a/1.txt=1\nb/2.txt=2", "a/1.txt=4\nb/2.txt=5",
        "prefix /");
  purge(CLOUDFRONT, &plain, "a/1.txt=1\nb.txt=2", "a/1.txt=4\nb.txt=2",
        "url /a/1.txt");
}
END_TEST

START_TEST(a_prefix_has_all_that_begins_so) {
  purge(PLAIN, &plain, "x/y.txt=1\na.txt=1\n--\n/x/* /a.txt 200",
        "x/y.txt=2\na.txt=2\n--\n/x/* /a.txt 200",
        "url /a.txt, url /x, prefix /x/");
}
END_TEST

/* ---- No memory, no pack ---- */

START_TEST(empty_stores_have_nothing_to_tell) {
  edgestatic_store empty = {0};
  said[0] = '\0';
  ck_assert_int_eq(edgestatic_diff(&empty, &empty, keep_change, NULL),
                   EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_purge(&empty, &empty, PLAIN, keep_item, NULL),
                   EDGESTATIC_OK);
  ck_assert_str_eq(said, "");
}
END_TEST

int main(void) {
  TCase *c = tcase_create("diff");
  tcase_add_test(c, the_same_site_has_none);
  tcase_add_test(c, files_are_added_removed_and_changed);
  tcase_add_test(c, a_page_is_told_of_at_its_own_path);
  tcase_add_test(c, paths_are_percent_encoded);
  tcase_add_test(c, other_fields_alone_are_told_as_such);
  tcase_add_test(c, another_last_modified_is_no_difference);
  tcase_add_test(c, rules_are_told_once_each);
  tcase_add_test(c, a_rule_that_hides_a_file_is_told_of);
  tcase_add_test(c, rules_with_conditions_are_asked_for_what_they_want);
  tcase_add_test(c, what_is_kept_for_a_while_is_no_file_any_more);
  tcase_add_test(c, changed_and_removed_files_go_new_ones_do_not);
  tcase_add_test(c, what_is_asked_for_each_time_stays);
  tcase_add_test(c, what_may_be_used_without_asking_goes);
  tcase_add_test(c, fastly_keeps_what_says_no_cache);
  tcase_add_test(c, fastly_keeps_a_404_for_a_path_that_is_new);
  tcase_add_test(c, cdn_cache_control_is_for_those_that_read_it);
  tcase_add_test(c, other_fields_go_too);
  tcase_add_test(c, a_file_that_a_rule_takes_over_goes);
  tcase_add_test(c, every_path_of_a_page_goes);
  tcase_add_test(c, a_page_that_moves_goes_where_it_was);
  tcase_add_test(c, a_rewrite_of_a_changed_page_goes_as_a_prefix);
  tcase_add_test(c, the_single_page_app_is_everywhere);
  tcase_add_test(c, a_key_of_the_folder_where_all_of_it_goes);
  tcase_add_test(c, no_key_of_what_stays);
  tcase_add_test(c, without_a_key_of_its_own_by_url);
  tcase_add_test(c, cloudfront_takes_a_folder_where_nothing_in_it_stays);
  tcase_add_test(c, a_prefix_has_all_that_begins_so);
  tcase_add_test(c, empty_stores_have_nothing_to_tell);
  return util_run("diff", c);
}
