/* check_cond.c - the five preconditions and their order.
 * SPDX-License-Identifier: MIT */
#include "core/cond.h"
#include "util.h"

#define DATE "Wed, 25 Jun 2014 17:12:18 GMT"
#define EARLIER "Wed, 25 Jun 2014 17:12:17 GMT"
#define LATER "Wed, 25 Jun 2014 17:12:19 GMT"

static struct validators v;
static edgestatic_request request;
static int32_t decided_by;

static void setup(void) {
  v = (struct validators){.etag = util_text("\"abc\""),
                          .modified = 1403716338,
                          .date_is_strong = true};
  request = (edgestatic_request){.target = {NULL, 0}};
}

static void set(int field, const char *value) {
  request.field[field] = util_text(value);
}

static int evaluate(void) {
  decided_by = -1;
  return cond_evaluate(&request, &v, &decided_by);
}

/* The outcome of one field alone; 304 and 412 must be blamed on it. */
static int alone(int field, const char *value) {
  request = (edgestatic_request){.target = {NULL, 0}};
  set(field, value);
  int status = evaluate();
  ck_assert_int_eq(decided_by, status == 0 ? -1 : field);
  return status;
}

START_TEST(no_precondition_goes_on) {
  ck_assert_int_eq(evaluate(), 0);
  ck_assert_int_eq(decided_by, -1);
}
END_TEST

START_TEST(if_match_compares_strongly) {
  ck_assert_int_eq(alone(EDGESTATIC_FIELD_IF_MATCH, "\"abc\""), 0);
  ck_assert_int_eq(alone(EDGESTATIC_FIELD_IF_MATCH, "\"x\", \"abc\""), 0);
  ck_assert_int_eq(alone(EDGESTATIC_FIELD_IF_MATCH, "\"x\""), 412);
  ck_assert_int_eq(alone(EDGESTATIC_FIELD_IF_MATCH, "W/\"abc\""), 412);
  ck_assert_int_eq(alone(EDGESTATIC_FIELD_IF_MATCH, "\"abc-gzip\""), 412);
}
END_TEST

START_TEST(if_match_star_is_true_of_what_exists) {
  ck_assert_int_eq(alone(EDGESTATIC_FIELD_IF_MATCH, "*"), 0);
  ck_assert_int_eq(alone(EDGESTATIC_FIELD_IF_MATCH, " *\t"), 0);
  v.etag = util_text("");
  ck_assert_int_eq(alone(EDGESTATIC_FIELD_IF_MATCH, "*"), 0);
  ck_assert_int_eq(alone(EDGESTATIC_FIELD_IF_MATCH, "\"\""), 412);
}
END_TEST

START_TEST(if_match_that_is_empty_or_malformed_is_false) {
  ck_assert_int_eq(alone(EDGESTATIC_FIELD_IF_MATCH, ""), 412);
  ck_assert_int_eq(alone(EDGESTATIC_FIELD_IF_MATCH, "abc"), 412);
  ck_assert_int_eq(alone(EDGESTATIC_FIELD_IF_MATCH, "**"), 412);
}
END_TEST

START_TEST(if_unmodified_since) {
  const int field = EDGESTATIC_FIELD_IF_UNMODIFIED_SINCE;
  ck_assert_int_eq(alone(field, DATE), 0);
  ck_assert_int_eq(alone(field, LATER), 0);
  ck_assert_int_eq(alone(field, EARLIER), 412);
  ck_assert_int_eq(alone(field, "Sun Nov  6 08:49:37 1994"), 412);
}
END_TEST

START_TEST(if_unmodified_since_without_a_date_is_ignored) {
  const int field = EDGESTATIC_FIELD_IF_UNMODIFIED_SINCE;
  ck_assert_int_eq(alone(field, "foo"), 0);
  ck_assert_int_eq(alone(field, EARLIER ", " EARLIER), 0);
  v.modified = INT64_MIN;
  ck_assert_int_eq(alone(field, EARLIER), 0);
}
END_TEST

START_TEST(if_match_silences_if_unmodified_since) {
  set(EDGESTATIC_FIELD_IF_MATCH, "\"abc\"");
  set(EDGESTATIC_FIELD_IF_UNMODIFIED_SINCE, EARLIER);
  ck_assert_int_eq(evaluate(), 0);
}
END_TEST

START_TEST(if_none_match_compares_weakly) {
  const int field = EDGESTATIC_FIELD_IF_NONE_MATCH;
  ck_assert_int_eq(alone(field, "\"abc\""), 304);
  ck_assert_int_eq(alone(field, "W/\"abc\""), 304);
  ck_assert_int_eq(alone(field, "\"abc-gzip\""), 304);
  ck_assert_int_eq(alone(field, "\"x\""), 0);
  ck_assert_int_eq(alone(field, "*"), 304);
  ck_assert_int_eq(alone(field, "  *  "), 304);
  ck_assert_int_eq(alone(field, "\"*\""), 0);
  ck_assert_int_eq(alone(field, ""), 0);
}
END_TEST

START_TEST(if_modified_since) {
  const int field = EDGESTATIC_FIELD_IF_MODIFIED_SINCE;
  ck_assert_int_eq(alone(field, DATE), 304);
  ck_assert_int_eq(alone(field, " " DATE), 304);
  ck_assert_int_eq(alone(field, LATER), 304);
  ck_assert_int_eq(alone(field, EARLIER), 0);
  ck_assert_int_eq(alone(field, "Wednesday, 25-Jun-14 17:12:18 GMT"), 304);
  ck_assert_int_eq(alone(field, "Wed Jun 25 17:12:18 2014"), 304);
  ck_assert_int_eq(alone(field, "Sunday, 06-Nov-94 08:49:37 GMT"), 0);
}
END_TEST

START_TEST(if_modified_since_without_a_date_is_ignored) {
  const int field = EDGESTATIC_FIELD_IF_MODIFIED_SINCE;
  ck_assert_int_eq(alone(field, "foo"), 0);
  ck_assert_int_eq(alone(field, DATE ", " LATER), 0);
  v.modified = INT64_MIN;
  ck_assert_int_eq(alone(field, DATE), 0);
}
END_TEST

START_TEST(if_none_match_silences_if_modified_since) {
  set(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"x\"");
  set(EDGESTATIC_FIELD_IF_MODIFIED_SINCE, LATER);
  ck_assert_int_eq(evaluate(), 0);
  set(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"abc\"");
  set(EDGESTATIC_FIELD_IF_MODIFIED_SINCE, EARLIER);
  ck_assert_int_eq(evaluate(), 304);
}
END_TEST

START_TEST(steps_1_and_2_come_before_3_and_4) {
  set(EDGESTATIC_FIELD_IF_MATCH, "\"x\"");
  set(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"abc\"");
  ck_assert_int_eq(evaluate(), 412);
  set(EDGESTATIC_FIELD_IF_MATCH, "\"abc\"");
  ck_assert_int_eq(evaluate(), 304);
  request.field[EDGESTATIC_FIELD_IF_MATCH] = (edgestatic_slice){NULL, 0};
  set(EDGESTATIC_FIELD_IF_UNMODIFIED_SINCE, EARLIER);
  ck_assert_int_eq(evaluate(), 412);
  set(EDGESTATIC_FIELD_IF_UNMODIFIED_SINCE, DATE);
  ck_assert_int_eq(evaluate(), 304);
}
END_TEST

static bool if_range(const char *value) {
  return cond_if_range(util_text(value), &v);
}

START_TEST(if_range_compares_tags_strongly) {
  ck_assert(if_range("\"abc\""));
  ck_assert(if_range(" \"abc\" "));
  ck_assert(!if_range("W/\"abc\""));
  ck_assert(!if_range("\"abc-gzip\""));
  ck_assert(!if_range("\"x\""));
  ck_assert(!if_range("\"abc\", \"x\""));
  ck_assert(!if_range("\"abc"));
  v.etag = util_text("");
  ck_assert(!if_range("\"\""));
}
END_TEST

START_TEST(if_range_compares_dates_exactly) {
  ck_assert(if_range(DATE));
  ck_assert(if_range("Wed Jun 25 17:12:18 2014"));
  ck_assert(!if_range(LATER));
  ck_assert(!if_range(EARLIER));
}
END_TEST

START_TEST(if_range_needs_a_strong_date) {
  v.date_is_strong = false;
  ck_assert(!if_range(DATE));
  v.date_is_strong = true;
  v.modified = INT64_MIN;
  ck_assert(!if_range(DATE));
}
END_TEST

START_TEST(if_range_that_is_neither_tag_nor_date_is_false) {
  ck_assert(!if_range(""));
  ck_assert(!if_range("foo"));
  ck_assert(!if_range("*"));
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("cond");
  tcase_add_checked_fixture(tc, setup, NULL);
  tcase_add_test(tc, no_precondition_goes_on);
  tcase_add_test(tc, if_match_compares_strongly);
  tcase_add_test(tc, if_match_star_is_true_of_what_exists);
  tcase_add_test(tc, if_match_that_is_empty_or_malformed_is_false);
  tcase_add_test(tc, if_unmodified_since);
  tcase_add_test(tc, if_unmodified_since_without_a_date_is_ignored);
  tcase_add_test(tc, if_match_silences_if_unmodified_since);
  tcase_add_test(tc, if_none_match_compares_weakly);
  tcase_add_test(tc, if_modified_since);
  tcase_add_test(tc, if_modified_since_without_a_date_is_ignored);
  tcase_add_test(tc, if_none_match_silences_if_modified_since);
  tcase_add_test(tc, steps_1_and_2_come_before_3_and_4);
  tcase_add_test(tc, if_range_compares_tags_strongly);
  tcase_add_test(tc, if_range_compares_dates_exactly);
  tcase_add_test(tc, if_range_needs_a_strong_date);
  tcase_add_test(tc, if_range_that_is_neither_tag_nor_date_is_false);
  return util_run("cond", tc);
}
