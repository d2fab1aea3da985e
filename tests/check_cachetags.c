/* check_cachetags.c - names by which a cache forgets.
 * SPDX-License-Identifier: MIT */
#include "build/cachetags.h"

#include "util.h"

#define HASH "hash-000102030405060708090a0b0c0d0e0f"

static const unsigned char hash[16] = {0, 1, 2,  3,  4,  5,  6,  7,
                                       8, 9, 10, 11, 12, 13, 14, 15};
static char out[CACHETAGS_VALUE_MAX];

static void is(slice tags, const char *text) {
  ck_assert_msg(slice_eq(tags, util_text(text)), "%.*s", (int)tags.len,
                tags.base);
}

static void are(const char *type, const char *location, const char *tags) {
  is(cachetags_write(out, LIT(" "), util_text(type), hash, util_text(location)),
     tags);
}

START_TEST(a_page_has_its_type_its_content_and_its_folders) {
  are("text/html; charset=utf-8", "/docs/guide/a",
      "type-html " HASH " / /docs /docs/guide");
  are("text/html", "/docs/", "type-html " HASH " / /docs");
  are("image/svg+xml", "/a.svg", "type-svg+xml " HASH " /");
  are("text/html", "/", "type-html " HASH " /");
}
END_TEST

START_TEST(a_tag_has_no_separator_of_any_platform) {
  are("text/css", "/a,b/c%20d/e", "type-css " HASH " / /a%2Cb /a%2Cb/c%20d");
  are("text/a b", "/x", "type-a " HASH " /");
  are("text/,", "/x", HASH " /");
  are("text", "/x", HASH " /");
  are("", "", HASH " /");
  is(cachetags_write(out, LIT(","), util_text("text/css"), hash,
                     util_text("/a/b")),
     "type-css," HASH ",/,/a");
}
END_TEST

START_TEST(a_tag_that_is_too_long_ends_the_folders) {
  char path[CACHETAGS_TAG_MAX + 8];
  memset(path, 'a', sizeof path);
  path[0] = '/';
  path[CACHETAGS_TAG_MAX] = '/';
  slice tags = cachetags_write(out, LIT(" "), util_text("a/b"), hash,
                               util_bytes(path, sizeof path));
  ck_assert_uint_eq(tags.len, strlen("type-b " HASH " / ") + CACHETAGS_TAG_MAX);
  path[CACHETAGS_TAG_MAX] = 'a';
  path[CACHETAGS_TAG_MAX + 1] = '/';
  tags = cachetags_write(out, LIT(" "), util_text("a/b"), hash,
                         util_bytes(path, sizeof path));
  is(tags, "type-b " HASH " /");
}
END_TEST

START_TEST(folders_are_bounded_in_number_and_in_all) {
  char path[2 * 40 + 1];
  for (int i = 0; i < 40; i++)
    memcpy(path + 2 * i, "/a", 2);
  slice tags = cachetags_write(out, LIT(" "), util_text("a/b"), hash,
                               util_bytes(path, 80));
  unsigned count = 1;
  for (size_t i = 0; i < tags.len; i++)
    count += tags.base[i] == ' ';
  ck_assert_uint_eq(count, 2 + CACHETAGS_FOLDERS_MAX);
  char deep[5 * 900];
  memset(deep, 'b', sizeof deep);
  for (size_t i = 0; i < sizeof deep; i += 900)
    deep[i] = '/';
  tags = cachetags_write(out, LIT(" "), util_text("a/b"), hash,
                         util_bytes(deep, sizeof deep));
  ck_assert_uint_eq(tags.len, strlen("type-b " HASH " / ") + 900);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("cachetags");
  tcase_add_test(tc, a_page_has_its_type_its_content_and_its_folders);
  tcase_add_test(tc, a_tag_has_no_separator_of_any_platform);
  tcase_add_test(tc, a_tag_that_is_too_long_ends_the_folders);
  tcase_add_test(tc, folders_are_bounded_in_number_and_in_all);
  return util_run("cachetags", tc);
}
