/* check_route.c - from targets to pages, redirects and error pages, in the
 * four ways to handle HTML.
 * SPDX-License-Identifier: MIT */
#include "core/route.h"
#include "mkpack.h"
#include "util.h"

static unsigned char *pack;
static edgestatic_store store;
static mk *m;
static uint32_t page, folder, home, error_page, docs_error_page, app;

static void asset(uint32_t *number, const char *path) {
  *number = mk_asset(m, path, "text/html", 0);
  mk_variant(m, 0, "\"x\"", "x", 1);
}

static void setup(void) {
  m = mk_new();
  asset(&home, "/");
  asset(&page, "/file");
  asset(&folder, "/folder/");
  asset(&error_page, "/404");
  asset(&docs_error_page, "/docs/404");
  asset(&app, "/app");
}

static void open_pack(void) {
  size_t len;
  pack = mk_finish(m, &len);
  m = NULL;
  ck_assert_int_eq(edgestatic_store_open(&store, pack, len), EDGESTATIC_OK);
}

static void teardown(void) {
  free(pack);
  free(m);
}

static struct target target_of(const char *raw) {
  struct target t;
  ck_assert_int_eq(
      target_parse(&t, util_text(raw), util_alloc(EDGESTATIC_PATH_MAX)), 0);
  return t;
}

static struct route route_of(const char *raw) {
  struct target t = target_of(raw);
  return route_path(&store, &t);
}

static void serves(const char *path, uint32_t expected) {
  struct route r = route_of(path);
  ck_assert_msg(r.kind == EDGESTATIC_ROUTE_ASSET, "%s: %d", path, r.kind);
  ck_assert_int_eq(r.status, 200);
  ck_assert_uint_eq(r.asset, expected);
}

static void redirects(const char *path, const char *location) {
  struct route r = route_of(path);
  ck_assert_msg(r.kind == EDGESTATIC_ROUTE_CANONICAL, "%s: %d", path, r.kind);
  ck_assert_int_eq(r.status, 307);
  ck_assert_slice_eq(r.location, location);
}

static void misses(const char *path) {
  struct route r = route_of(path);
  ck_assert_msg(r.kind == EDGESTATIC_ROUTE_NONE, "%s: %d", path, r.kind);
  ck_assert_int_eq(r.status, 404);
  ck_assert_uint_eq(r.asset, EDGESTATIC_NONE);
}

START_TEST(auto_html) {
  mk_entry(m, "/", "/", home, ENTRY_PAGE);
  mk_entry(m, "/file", "/file", page, ENTRY_PAGE);
  mk_entry(m, "/folder/", "/folder/", folder, ENTRY_PAGE);
  open_pack();
  serves("/file", page);
  redirects("/file.html", "/file");
  redirects("/file/", "/file");
  redirects("/file/index", "/file");
  redirects("/file/index.html", "/file");
  redirects("/folder", "/folder/");
  serves("/folder/", folder);
  redirects("/folder.html", "/folder/");
  redirects("/folder/index", "/folder/");
  redirects("/folder/index.html", "/folder/");
  serves("/", home);
  redirects("/index", "/");
  redirects("/index.html", "/");
}
END_TEST

START_TEST(force_slashes) {
  mk_entry(m, "/file/", "/file/", page, ENTRY_PAGE);
  mk_entry(m, "/folder/", "/folder/", folder, ENTRY_PAGE);
  open_pack();
  redirects("/file", "/file/");
  redirects("/file.html", "/file/");
  serves("/file/", page);
  redirects("/file/index", "/file/");
  redirects("/file/index.html", "/file/");
  redirects("/folder", "/folder/");
  serves("/folder/", folder);
  redirects("/folder.html", "/folder/");
  redirects("/folder/index.html", "/folder/");
}
END_TEST

START_TEST(drop_slashes) {
  mk_entry(m, "/file", "/file", page, ENTRY_PAGE);
  mk_entry(m, "/folder", "/folder", folder, ENTRY_PAGE);
  open_pack();
  serves("/file", page);
  redirects("/file.html", "/file");
  redirects("/file/", "/file");
  redirects("/file/index.html", "/file");
  serves("/folder", folder);
  redirects("/folder/", "/folder");
  redirects("/folder.html", "/folder");
  redirects("/folder/index", "/folder");
  redirects("/folder/index.html", "/folder");
}
END_TEST

START_TEST(none_is_a_plain_web_server) {
  mk_entry(m, "/file.html", "/file.html", page, 0);
  mk_entry(m, "/folder/index.html", "/folder/index.html", folder, 0);
  mk_entry(m, "/folder/", "/folder/", folder, ENTRY_FOLDER);
  open_pack();
  serves("/file.html", page);
  misses("/file");
  misses("/file/");
  misses("/file/index.html");
  serves("/folder/index.html", folder);
  serves("/folder/", folder);
  redirects("/folder", "/folder/");
  misses("/folder.html");
  misses("/folder/index");
}
END_TEST

START_TEST(of_two_pages_the_nearer_form_is_meant) {
  mk_entry(m, "/a", "/a", page, ENTRY_PAGE);
  mk_entry(m, "/a/", "/a/", folder, ENTRY_PAGE);
  open_pack();
  serves("/a", page);
  serves("/a/", folder);
  redirects("/a.html", "/a");
  redirects("/a/index.html", "/a/");
  redirects("/a/index", "/a/");
}
END_TEST

START_TEST(only_pages_have_other_spellings) {
  mk_entry(m, "/file", "/file", page, 0);
  mk_entry(m, "/folder/", "/folder/", folder, 0);
  open_pack();
  misses("/file.html");
  misses("/file/");
  misses("/file/index.html");
  misses("/folder");
  misses("/folder.html");
}
END_TEST

START_TEST(one_step_only) {
  mk_entry(m, "/file", "/file", page, ENTRY_PAGE);
  mk_entry(m, "/x/", "/x/", folder, ENTRY_PAGE);
  open_pack();
  misses("/file.html/");
  misses("/file.html.html");
  misses("/file/index/");
  misses("/x/.html");
  misses("/.html");
  misses("/index.html");
  misses("/index");
  misses("/");
  misses("/xindex.html");
  misses("/FILE");
}
END_TEST

START_TEST(redirect_entries_have_a_status_and_target_of_their_own) {
  mk_redirect(m, "/old", "https://elsewhere.example/new", 301);
  mk_redirect(m, "/x/", "/y", 308);
  open_pack();
  struct route r = route_of("/old");
  ck_assert_int_eq(r.kind, EDGESTATIC_ROUTE_REDIRECT);
  ck_assert_int_eq(r.status, 301);
  ck_assert_slice_eq(r.location, "https://elsewhere.example/new");
  ck_assert_uint_eq(r.asset, EDGESTATIC_NONE);
  misses("/old/");
  misses("/x");
}
END_TEST

START_TEST(empty_segments_redirect_to_what_is_there_without_them) {
  mk_entry(m, "/", "/", home, ENTRY_PAGE);
  mk_entry(m, "/a b", "/a%20b", page, 0);
  mk_entry(m, "/folder/", "/folder/", folder, ENTRY_PAGE);
  mk_redirect(m, "/old", "/new", 301);
  open_pack();
  redirects("//", "/");
  redirects("//a%20b", "/a%20b");
  redirects("///a%20b", "/a%20b");
  redirects("/folder//", "/folder/");
  redirects("//folder", "/folder/");
  misses("//evil.example");
  misses("//a%20b/");
  misses("//a%20b/..");
  ck_assert_int_eq(route_of("//old").kind, EDGESTATIC_ROUTE_REDIRECT);
}
END_TEST

START_TEST(what_cannot_match_does_not) {
  mk_entry(m, "/a\\b", "/a%5Cb", page, ENTRY_PAGE);
  mk_entry(m, "/..", "/..", page, ENTRY_PAGE);
  mk_entry(m, "/a/b", "/a/b", page, ENTRY_PAGE);
  open_pack();
  misses("/a\\b");
  misses("/a%5cb");
  misses("/..");
  misses("/a%2fb");
  misses("/c/../a/b");
  serves("/a/b", page);
}
END_TEST

START_TEST(the_longest_path_is_found_and_spelled_otherwise) {
  static char path[EDGESTATIC_PATH_MAX + 3];
  memset(path, 'a', EDGESTATIC_PATH_MAX);
  path[0] = '/';
  mk_entry(m, path, "/long", page, ENTRY_PAGE);
  path[EDGESTATIC_PATH_MAX - 1] = '/';
  mk_entry(m, path, "/long/", folder, ENTRY_PAGE);
  path[EDGESTATIC_PATH_MAX - 1] = 'b';
  path[EDGESTATIC_PATH_MAX] = '/';
  mk_entry(m, path, "/longer/", folder, ENTRY_PAGE);
  open_pack();
  path[EDGESTATIC_PATH_MAX] = '\0';
  redirects(path, "/longer/");
  path[EDGESTATIC_PATH_MAX - 1] = 'a';
  serves(path, page);
  path[EDGESTATIC_PATH_MAX - 1] = '\0';
  redirects(path, "/long/");
}
END_TEST

static struct route missing(const char *raw) {
  edgestatic_request request = {.target = {NULL, 0}};
  struct target t = target_of(raw);
  return route_missing(&store, &t, &request);
}

static void error_page_is(const char *path, uint32_t expected) {
  struct route r = missing(path);
  ck_assert_int_eq(r.kind, EDGESTATIC_ROUTE_NOT_FOUND_PAGE);
  ck_assert_int_eq(r.status, 404);
  ck_assert_msg(r.asset == expected, "%s: %u", path, r.asset);
}

START_TEST(the_nearest_error_page_upwards) {
  mk_error_page(m, "/", error_page);
  mk_error_page(m, "/docs/", docs_error_page);
  open_pack();
  error_page_is("/x", error_page);
  error_page_is("/", error_page);
  error_page_is("/docs", error_page);
  error_page_is("/docs/", docs_error_page);
  error_page_is("/docs/x", docs_error_page);
  error_page_is("/docs/a/b/c/d/x", docs_error_page);
  error_page_is("/docsx/y", error_page);
  error_page_is("/other/docs/y", error_page);
  error_page_is("/docs/..%2f..", docs_error_page);
  error_page_is("//docs/x", error_page);
}
END_TEST

START_TEST(no_error_page_above_is_none) {
  mk_error_page(m, "/docs/", docs_error_page);
  open_pack();
  error_page_is("/docs/x", docs_error_page);
  ck_assert_int_eq(missing("/x").kind, EDGESTATIC_ROUTE_NONE);
  ck_assert_int_eq(missing("/x/docs/").kind, EDGESTATIC_ROUTE_NONE);
}
END_TEST

START_TEST(the_folders_of_a_path_that_is_too_long_have_their_error_page) {
  char raw[3 * EDGESTATIC_PATH_MAX] = "/docs/%61";
  mk_error_page(m, "/docs/", docs_error_page);
  open_pack();
  memset(raw + strlen(raw), 'a', 2 * EDGESTATIC_PATH_MAX);
  error_page_is(raw, docs_error_page);
  raw[6] = 'a';
  raw[7] = 'a';
  error_page_is(raw, docs_error_page);
}
END_TEST

START_TEST(without_error_pages_nothing) {
  open_pack();
  ck_assert_int_eq(missing("/a/b/c").kind, EDGESTATIC_ROUTE_NONE);
}
END_TEST

START_TEST(a_redirect_is_no_error_page) {
  mk_error_page(m, "/", error_page);
  m->page[0].kind = ENTRY_REDIRECT;
  m->page[0].status = put16(301);
  open_pack();
  ck_assert_int_eq(missing("/a").kind, EDGESTATIC_ROUTE_NONE);
}
END_TEST

static bool falls_back(const char *raw, const char *mode, const char *dest,
                       const char *accept) {
  edgestatic_request request = {.target = {NULL, 0}};
  if (mode != NULL)
    request.field[EDGESTATIC_FIELD_SEC_FETCH_MODE] = util_text(mode);
  if (dest != NULL)
    request.field[EDGESTATIC_FIELD_SEC_FETCH_DEST] = util_text(dest);
  if (accept != NULL)
    request.field[EDGESTATIC_FIELD_ACCEPT] = util_text(accept);
  struct target t = target_of(raw);
  struct route r = route_missing(&store, &t, &request);
  bool yes = r.kind == EDGESTATIC_ROUTE_FALLBACK;
  ck_assert_int_eq(r.status, yes ? 200 : 404);
  ck_assert_uint_eq(r.asset, yes ? app : error_page);
  return yes;
}

static void open_app(void) {
  m->fallback = app + 1;
  mk_error_page(m, "/", error_page);
  open_pack();
}

START_TEST(fallback_for_navigations) {
  open_app();
  ck_assert(falls_back("/users/1", "navigate", "document", NULL));
  ck_assert(falls_back("/users/1", "navigate", NULL, NULL));
  ck_assert(falls_back("/users/1", NULL, "document", NULL));
  ck_assert(falls_back("/users/1", NULL, "iframe", NULL));
  ck_assert(falls_back("/users/1", NULL, "frame", NULL));
  ck_assert(falls_back("/v1.2", "navigate", "document", NULL));
}
END_TEST

START_TEST(no_fallback_for_scripts_styles_and_data) {
  open_app();
  ck_assert(!falls_back("/users/1", "cors", "empty", "text/html"));
  ck_assert(!falls_back("/a.js", "no-cors", "script", "*/*"));
  ck_assert(!falls_back("/users/1", "same-origin", NULL, "text/html"));
  ck_assert(!falls_back("/users/1", NULL, "image", "text/html"));
  ck_assert(!falls_back("/users/1", "", NULL, "text/html"));
}
END_TEST

START_TEST(without_fetch_metadata_accept_and_the_extension_decide) {
  open_app();
  ck_assert(falls_back("/users/1", NULL, NULL, "text/html"));
  ck_assert(falls_back("/users/1", NULL, NULL,
                       "application/xhtml+xml, TEXT/HTML ;q=0.9, */*;q=0.8"));
  ck_assert(falls_back("/users/", NULL, NULL, "text/html;level=1;q=0.5"));
  ck_assert(!falls_back("/users/1", NULL, NULL, NULL));
  ck_assert(!falls_back("/users/1", NULL, NULL, ""));
  ck_assert(!falls_back("/users/1", NULL, NULL, "*/*"));
  ck_assert(!falls_back("/users/1", NULL, NULL, "application/json"));
  ck_assert(!falls_back("/users/1", NULL, NULL, "text/html;q=0"));
  ck_assert(!falls_back("/users/1", NULL, NULL, "text/htmlx, text/*"));
  ck_assert(!falls_back("/a.js", NULL, NULL, "text/html"));
  ck_assert(falls_back("/v1.2/", NULL, NULL, "text/html"));
}
END_TEST

START_TEST(no_fallback_for_a_missing_fingerprinted_asset) {
  open_app();
  ck_assert(!falls_back("/assets/index-BvI4qzlP.js", "navigate", "document",
                        "text/html"));
  ck_assert(falls_back("/assets/index.js", "navigate", "document", NULL));
}
END_TEST

START_TEST(no_fallback_for_what_cannot_match) {
  open_app();
  ck_assert(!falls_back("/../x", "navigate", "document", "text/html"));
}
END_TEST

START_TEST(a_store_without_a_collection_has_nothing) {
  open_pack();
  memset(&store, 0, sizeof store);
  misses("/");
  ck_assert_int_eq(missing("/").kind, EDGESTATIC_ROUTE_NONE);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("route");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, auto_html);
  tcase_add_test(tc, force_slashes);
  tcase_add_test(tc, drop_slashes);
  tcase_add_test(tc, none_is_a_plain_web_server);
  tcase_add_test(tc, of_two_pages_the_nearer_form_is_meant);
  tcase_add_test(tc, only_pages_have_other_spellings);
  tcase_add_test(tc, one_step_only);
  tcase_add_test(tc, redirect_entries_have_a_status_and_target_of_their_own);
  tcase_add_test(tc, empty_segments_redirect_to_what_is_there_without_them);
  tcase_add_test(tc, what_cannot_match_does_not);
  tcase_add_test(tc, the_longest_path_is_found_and_spelled_otherwise);
  tcase_add_test(tc, the_nearest_error_page_upwards);
  tcase_add_test(tc, no_error_page_above_is_none);
  tcase_add_test(tc,
                 the_folders_of_a_path_that_is_too_long_have_their_error_page);
  tcase_add_test(tc, without_error_pages_nothing);
  tcase_add_test(tc, a_redirect_is_no_error_page);
  tcase_add_test(tc, fallback_for_navigations);
  tcase_add_test(tc, no_fallback_for_scripts_styles_and_data);
  tcase_add_test(tc, without_fetch_metadata_accept_and_the_extension_decide);
  tcase_add_test(tc, no_fallback_for_a_missing_fingerprinted_asset);
  tcase_add_test(tc, no_fallback_for_what_cannot_match);
  tcase_add_test(tc, a_store_without_a_collection_has_nothing);
  return util_run("route", tc);
}
