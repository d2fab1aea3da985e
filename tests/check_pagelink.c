/* check_pagelink.c - URLs in pages.
 * SPDX-License-Identifier: MIT */
#include "build/pagelink.h"

#include "util.h"

static void leads(const char *page, const char *base, const char *url,
                  const char *path, const char *query) {
  struct pagelink link;
  slice b = base ? util_text(base) : (slice){NULL, 0};
  bool site = pagelink_resolve(&link, util_text(page), b, util_text(url));
  ck_assert_msg(site == (path != NULL), "%s", url);
  if (!path)
    return;
  ck_assert_bytes_eq(link.path, path);
  ck_assert_bytes_eq(link.query, query);
}

START_TEST(a_path_is_relative_to_the_folder_of_the_page) {
  leads("/a/b", NULL, "c.js", "/a/c.js", "");
  leads("/a/b/", NULL, "c.js", "/a/b/c.js", "");
  leads("/a/b", NULL, "/c.js", "/c.js", "");
  leads("/a/b", NULL, "?x", "/a/b", "?x");
  leads("/a/b", NULL, "", "/a/b", "");
}
END_TEST

START_TEST(dot_segments_never_leave_the_root) {
  leads("/a/b/c", NULL, "../d", "/a/d", "");
  leads("/a/b/c", NULL, "../../../../d", "/d", "");
  leads("/a/b/c", NULL, "./d/.", "/a/b/d/", "");
  leads("/a/b/c", NULL, "..", "/a/", "");
  leads("/a/b", NULL, "%2e%2E/d", "/d", "");
  leads("/a/b", NULL, "...", "/a/...", "");
}
END_TEST

START_TEST(what_browsers_drop_is_dropped) {
  leads("/", NULL, " \n c.\tjs#x?y ", "/c.js", "");
  leads("/", NULL, "a\\b", "/a/b", "");
  leads("/", NULL, "a?b\\c", "/a", "?b\\c");
  leads("/", NULL, "a b.js", "/a b.js", "");
}
END_TEST

START_TEST(a_path_is_decoded_and_a_query_is_not) {
  leads("/", NULL, "%C3%A4.js?v=%20", "/\xc3\xa4.js", "?v=%20");
  leads("/", NULL, "\xc3\xa4.js", "/\xc3\xa4.js", "");
  leads("/", NULL, "a%2fb", NULL, "");
  leads("/", NULL, "a%zz", NULL, "");
}
END_TEST

START_TEST(other_origins_are_not_the_site) {
  leads("/", NULL, "//cdn.example/x.js", NULL, "");
  leads("/", NULL, "\\\\cdn.example/x.js", NULL, "");
  leads("/", NULL, "https://cdn.example/x.js", NULL, "");
  leads("/", NULL, "data:,x", NULL, "");
  leads("/", NULL, "1:x", "/1:x", "");
  leads("/", NULL, "./a:b", "/a:b", "");
}
END_TEST

START_TEST(a_base_moves_what_is_relative) {
  leads("/a/b", "/x/y", "c.js", "/x/c.js", "");
  leads("/a/b", "x/", "c.js", "/a/x/c.js", "");
  leads("/a/b", "https://cdn.example/", "c.js", NULL, "");
}
END_TEST

START_TEST(a_url_that_is_too_long_leads_nowhere) {
  static char url[PAGELINK_MAX + 10];
  memset(url, 'a', sizeof url - 1);
  leads("/", NULL, url, NULL, "");
  url[PAGELINK_MAX - 2] = '\0';
  leads("/", NULL, url, NULL, "");
}
END_TEST

int main(void) {
  TCase *c = tcase_create("pagelink");
  tcase_add_test(c, a_path_is_relative_to_the_folder_of_the_page);
  tcase_add_test(c, dot_segments_never_leave_the_root);
  tcase_add_test(c, what_browsers_drop_is_dropped);
  tcase_add_test(c, a_path_is_decoded_and_a_query_is_not);
  tcase_add_test(c, other_origins_are_not_the_site);
  tcase_add_test(c, a_base_moves_what_is_relative);
  tcase_add_test(c, a_url_that_is_too_long_leads_nowhere);
  return util_run("pagelink", c);
}
