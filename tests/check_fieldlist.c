/* check_fieldlist.c - the list that the stages of a build add fields to.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/fieldlist.h"

#include "memtest.h"
#include "util.h"

static const edgestatic_allocator heap = {NULL, NULL};
static struct fieldlist list;

static void begin(void) {
  fieldlist_begin(&list, &heap);
}

static void end(void) {
  fieldlist_free(&list);
}

static void add(const char *name, const char *value, unsigned flags) {
  fieldlist_add(&list, util_text(name), util_text(value), LIT("test"), flags);
}

/* All of the list: "A: 1|B: 2". */
static const char *all(void) {
  char *text = util_alloc(4096);
  size_t len = 0;
  text[0] = '\0';
  for (size_t i = 0; i < list.count; i++) {
    const struct fieldlist_field *f = &list.field[i];
    len += (size_t)sprintf(text + len, "%s%.*s: %.*s", i ? "|" : "",
                           (int)f->name.len, f->name.base, (int)f->value.len,
                           f->value.base);
  }
  return text;
}

START_TEST(set_takes_the_place_of_every_field_of_that_name) {
  add("Content-Type", "text/plain", 0);
  add("Link", "1", 0);
  add("Vary", "Cookie", 0);
  add("link", "2", 0);
  fieldlist_set(&list, LIT("LINK"), LIT("3"), LIT("_headers:1"), 0);
  ck_assert_str_eq(all(), "Content-Type: text/plain|LINK: 3|Vary: Cookie");
  fieldlist_set(&list, LIT("ETag"), LIT("4"), LIT("_headers:2"), 0);
  ck_assert_str_eq(all(),
                   "Content-Type: text/plain|LINK: 3|Vary: Cookie|ETag: 4");
}
END_TEST

START_TEST(remove_and_find_do_not_look_at_letter_case) {
  add("Link", "1", 0);
  add("Vary", "Cookie", 0);
  add("link", "2", 0);
  ck_assert_ptr_eq(fieldlist_find(&list, LIT("VARY")), &list.field[1]);
  fieldlist_remove(&list, LIT("LINK"));
  ck_assert_str_eq(all(), "Vary: Cookie");
  ck_assert_ptr_null(fieldlist_find(&list, LIT("Link")));
}
END_TEST

START_TEST(merge_adds_the_members_that_are_missing) {
  fieldlist_merge(&list, LIT("Vary"), LIT("Accept-Encoding"), LIT("x"),
                  FIELDLIST_KEPT);
  fieldlist_merge(&list, LIT("vary"), LIT("accept-encoding, Cookie,,Origin"),
                  LIT("y"), 0);
  ck_assert_str_eq(all(), "Vary: Accept-Encoding, Cookie, Origin");
  ck_assert_uint_eq(list.field[0].flags, FIELDLIST_KEPT);
  ck_assert_bytes_eq(list.field[0].origin, "y");
  fieldlist_merge(&list, LIT("Vary"), LIT("cookie"), LIT("z"), 0);
  ck_assert_bytes_eq(list.field[0].origin, "y"); /* it added nothing */
  fieldlist_set(&list, LIT("Vary"), LIT(""), LIT("x"), 0);
  fieldlist_merge(&list, LIT("Vary"), LIT("Origin"), LIT("z"), 0);
  ck_assert_str_eq(all(), "Vary: Origin");
}
END_TEST

START_TEST(a_run_ends_with_what_a_304_carries_and_then_what_needs_tls) {
  struct layout layout;
  layout_init(&layout, &heap);
  add("Content-Type", "text/plain", 0);
  add("Strict-Transport-Security", "max-age=1", FIELDLIST_TLS);
  add("Cache-Control", "no-cache", FIELDLIST_KEPT);
  add("X-A", "1", 0);
  struct layout_run run = fieldlist_layout(&list, &layout, false);
  ck_assert_uint_eq(run.count, 4);
  ck_assert_uint_eq(run.kept, 2);
  const pack_field *f = (const pack_field *)layout.fields.bytes + run.first;
  static const char *const order[] = {"Content-Type", "X-A", "Cache-Control",
                                      "Strict-Transport-Security"};
  for (size_t i = 0; i < 4; i++)
    ck_assert_str_eq(layout.strings.bytes + get32(f[i].name) + 2, order[i]);
  run = fieldlist_layout(&list, &layout, true);
  ck_assert_uint_eq(run.kept, 0);
  layout_free(&layout);
}
END_TEST

START_TEST(more_than_255_fields_are_a_limit) {
  struct layout layout;
  layout_init(&layout, &heap);
  for (size_t i = 0; i < FIELDLIST_MAX; i++)
    add("X-A", "1", 0);
  ck_assert_int_eq(list.error, EDGESTATIC_OK);
  add("X-A", "1", 0);
  ck_assert_int_eq(list.error, EDGESTATIC_ERR_LIMIT);
  fieldlist_layout(&list, &layout, false);
  ck_assert_int_eq(layout.error, EDGESTATIC_ERR_LIMIT);
  layout_free(&layout);
}
END_TEST

static int make(const edgestatic_allocator *allocator, void *arg) {
  struct fieldlist *l = arg;
  fieldlist_begin(l, allocator);
  fieldlist_merge(l, LIT("Vary"), LIT("A"), LIT("x"), 0);
  fieldlist_merge(l, LIT("Vary"), LIT("B"), LIT("x"), 0);
  fieldlist_add(l, LIT("X"), fieldlist_copy(l, LIT("made")), LIT("x"), 0);
  int error = l->error;
  fieldlist_free(l);
  return error;
}

START_TEST(no_memory_is_an_error_that_sticks) {
  memtest_fail_each(make, util_alloc(sizeof(struct fieldlist)));
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("fieldlist");
  tcase_add_checked_fixture(tc, begin, end);
  tcase_add_test(tc, set_takes_the_place_of_every_field_of_that_name);
  tcase_add_test(tc, remove_and_find_do_not_look_at_letter_case);
  tcase_add_test(tc, merge_adds_the_members_that_are_missing);
  tcase_add_test(tc,
                 a_run_ends_with_what_a_304_carries_and_then_what_needs_tls);
  tcase_add_test(tc, more_than_255_fields_are_a_limit);
  tcase_add_test(tc, no_memory_is_an_error_that_sticks);
  return util_run("fieldlist", tc);
}
