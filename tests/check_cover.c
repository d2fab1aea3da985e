/* check_cover.c - which keys are purged.  SPDX-License-Identifier: MIT */
#include "site/cover.h"
#include "util.h"

static char chosen[512];
static bool covered[16];

static void keep(void *ctx, slice key) {
  size_t len = strlen(chosen);
  (void)ctx;
  snprintf(chosen + len, sizeof chosen - len, "%s%.*s", len > 0 ? " " : "",
           (int)key.len, key.base);
}

/* "key=12- key=0": the items that have a key, "-" is one that has to stay. */
static void choose(const char *text, size_t items, const char *expect) {
  struct cover_tag *tag = util_alloc(64 * sizeof *tag);
  size_t count = 0;
  chosen[0] = '\0';
  memset(covered, 0, sizeof covered);
  while (*text) {
    size_t len = strcspn(text, "=");
    edgestatic_slice key = util_bytes(text, len);
    for (text += len + 1; *text && *text != ' '; text++)
      tag[count++] = (struct cover_tag){
          key, *text == '-' ? COVER_STAYS : (size_t)(*text - '0')};
    text += *text == ' ';
  }
  ck_assert_int_eq(cover_choose(tag, count, items, covered, keep, NULL),
                   EDGESTATIC_OK);
  ck_assert_str_eq(chosen, expect);
  util_free_all();
}

START_TEST(one_key_for_what_it_covers) {
  choose("/=012 /a=01 /b=2", 3, "/");
  ck_assert(covered[0] && covered[1] && covered[2]);
}
END_TEST

START_TEST(a_key_of_what_has_to_stay_is_not_chosen) {
  choose("/=012- /a=01 /b=2-", 3, "/a");
  ck_assert(covered[0] && covered[1] && !covered[2]);
}
END_TEST

START_TEST(the_one_that_covers_most_goes_first) {
  choose("a=01 b=0123 c=23 d=4", 5, "b d");
}
END_TEST

START_TEST(a_key_that_others_cover_too_is_dropped) {
  /* The greedy choice begins with m, which the other two make needless. */
  choose("a=012 b=345 m=1234", 6, "a b");
}
END_TEST

START_TEST(the_same_tag_twice_counts_once) {
  choose("a=00 b=01", 2, "b");
}
END_TEST

START_TEST(without_tags_nothing_is_chosen) {
  choose("", 2, "");
  ck_assert(!covered[0] && !covered[1]);
}
END_TEST

START_TEST(of_equals_the_first_by_its_bytes) {
  choose("z=0 y=0 x=0", 1, "x");
}
END_TEST

int main(void) {
  TCase *c = tcase_create("cover");
  tcase_add_test(c, one_key_for_what_it_covers);
  tcase_add_test(c, a_key_of_what_has_to_stay_is_not_chosen);
  tcase_add_test(c, the_one_that_covers_most_goes_first);
  tcase_add_test(c, a_key_that_others_cover_too_is_dropped);
  tcase_add_test(c, the_same_tag_twice_counts_once);
  tcase_add_test(c, without_tags_nothing_is_chosen);
  tcase_add_test(c, of_equals_the_first_by_its_bytes);
  return util_run("cover", c);
}
