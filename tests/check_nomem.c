/* check_nomem.c - what lint, diff and purge do where memory is short: each of
 * their allocations fails in turn.
 *
 * The linker puts __wrap_malloc and so on in the place of those that the
 * library calls.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "edgestatic_policy.h"
#include "edgestatic_rules.h"
#include "edgestatic_site.h"
#include "site/cover.h"
#include "tempdir.h"
#include "util.h"

void *__real_malloc(size_t);
void *__real_realloc(void *, size_t);
void __real_free(void *);
void *__wrap_malloc(size_t);
void *__wrap_realloc(void *, size_t);
void __wrap_free(void *);

static bool counts;
static size_t calls, fail_at; /* the call that fails, from 1 */
static long blocks;           /* held now */

static bool fails(void) {
  return counts && ++calls == fail_at;
}

void *__wrap_malloc(size_t size) {
  if (fails())
    return NULL;
  blocks += counts;
  return __real_malloc(size);
}

void *__wrap_realloc(void *p, size_t size) {
  if (fails())
    return NULL;
  blocks += counts && !p;
  return __real_realloc(p, size);
}

void __wrap_free(void *p) {
  blocks -= counts && p;
  __real_free(p);
}

static void fail_each(int (*body)(int), int arg) {
  int error = EDGESTATIC_ERR_MEMORY;
  for (fail_at = 1; error; fail_at++) {
    calls = 0;
    blocks = 0;
    counts = true;
    error = body(arg);
    counts = false;
    ck_assert_msg(blocks == 0, "allocation %zu fails: %ld blocks leak", fail_at,
                  blocks);
    ck_assert_msg(error ==
                      (calls < fail_at ? EDGESTATIC_OK : EDGESTATIC_ERR_MEMORY),
                  "allocation %zu fails: error %d", fail_at, error);
  }
  ck_assert_uint_gt(fail_at, 3);
}

/* ---- Lint ---- */

/* Check allocates, too: nothing is asserted within a run. */
static void found(void *ctx, const edgestatic_finding *f) {
  (void)ctx;
  (void)f;
}

static int lint(int dialect) {
  edgestatic_lint_options o = EDGESTATIC_LINT_OPTIONS_INIT;
  o.dialect = dialect;
  return edgestatic_lint(tempdir, &o, found, NULL);
}

START_TEST(lint_without_memory_is_an_error_and_leaks_nothing) {
  tempdir_file("index.html", "<p>");
  tempdir_file("about.html", "<p>");
  tempdir_file(
      "_redirects",
      "/bad\n/a/* /about 301\n/a/b /x\n/p /q\n/q /p\n/about /i\n"
      "/l q=:q /about?q=:q 302 Language=de Cookie=c\n/n/:x /none/:x 200\n");
  tempdir_file("_headers", "/*\n  X-A: 1,2\n  X-A: 3\n/nix\n  X-B: 1\n"
                           "/about.html\n  X-C: :p\n  ! X-A\n/x\n");
  fail_each(lint, _i);
}
END_TEST

/* ---- Diff and purge ---- */

static edgestatic_pack *packs[2];

static void make_pack(edgestatic_pack **pack, const char *content,
                      const char *redirects, int tags) {
  edgestatic_builder_options options = EDGESTATIC_BUILDER_OPTIONS_INIT;
  edgestatic_policy policy = EDGESTATIC_POLICY_INIT;
  edgestatic_builder *b;
  static const char *const names[] = {"index.html", "a/1.txt", "a/2.txt",
                                      "b.txt"};
  options.effort = EDGESTATIC_EFFORT_FAST;
  policy.cache_tags = tags;
  ck_assert_int_eq(edgestatic_builder_new(&b, &options), EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_policy(b, &policy), EDGESTATIC_OK);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    ck_assert_int_eq(edgestatic_builder_add(b, util_text(names[i]),
                                            i % 2 == 0 ? content : names[i], 1,
                                            NULL),
                     EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_redirects(b, util_text(redirects), "r"),
                   EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_finish(b, pack), EDGESTATIC_OK);
  edgestatic_builder_free(b);
}

static void make_packs(int tags) {
  make_pack(&packs[0], "1", "/x /b.txt\n/y/* /z/:splat 302 Language=de\n",
            tags);
  make_pack(&packs[1], "2", "/x /a/1.txt\n/y/* /w/:splat 302 Cookie=c\n", tags);
}

static void free_packs(void) {
  edgestatic_pack_unref(packs[0]);
  edgestatic_pack_unref(packs[1]);
  util_free_all();
}

static void changed(void *ctx, const edgestatic_change *c) {
  (void)ctx;
  (void)c;
}

static void purged(void *ctx, int kind, edgestatic_slice what) {
  (void)ctx;
  (void)kind;
  (void)what;
}

static int diff(int unused) {
  (void)unused;
  return edgestatic_diff(edgestatic_pack_store(packs[0]),
                         edgestatic_pack_store(packs[1]), changed, NULL);
}

static int purge(int cache) {
  return edgestatic_purge(edgestatic_pack_store(packs[0]),
                          edgestatic_pack_store(packs[1]), cache, purged, NULL);
}

START_TEST(diff_without_memory_is_an_error_and_leaks_nothing) {
  make_packs(EDGESTATIC_TAGS_NONE);
  fail_each(diff, 0);
  free_packs();
}
END_TEST

START_TEST(purge_without_memory_is_an_error_and_leaks_nothing) {
  make_packs(_i == EDGESTATIC_CACHE_CLOUDFLARE ? EDGESTATIC_TAGS_CACHE_TAG
                                               : EDGESTATIC_TAGS_SURROGATE_KEY);
  fail_each(purge, _i);
  free_packs();
}
END_TEST

static void chosen(void *ctx, slice key) {
  (void)ctx;
  (void)key;
}

static int cover(int unused) {
  (void)unused;
  struct cover_tag tag[] = {{LIT("a"), 0}, {LIT("a"), 1}, {LIT("b"), 1}};
  bool covered[2] = {false};
  return cover_choose(tag, 3, 2, covered, chosen, NULL);
}

START_TEST(the_choice_of_keys_without_memory_is_an_error_and_leaks_nothing) {
  fail_each(cover, 0);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("nomem");
  tcase_add_checked_fixture(c, tempdir_make, tempdir_remove);
  tcase_add_loop_test(c, lint_without_memory_is_an_error_and_leaks_nothing, 0,
                      EDGESTATIC_DIALECT_CLOUDFLARE + 1);
  tcase_add_test(c, diff_without_memory_is_an_error_and_leaks_nothing);
  tcase_add_loop_test(c, purge_without_memory_is_an_error_and_leaks_nothing,
                      EDGESTATIC_CACHE_PLAIN, EDGESTATIC_CACHE_CLOUDFRONT + 1);
  tcase_add_test(
      c, the_choice_of_keys_without_memory_is_an_error_and_leaks_nothing);
  return util_run("nomem", c);
}
