/* check_guest_request.c - a request put together by a guest.
 * SPDX-License-Identifier: MIT */
#include "guest/guest.h"
#include "util.h"

static struct guest_request request;

static void setup(void) {
  guest_begin(&request);
}

static void target_is(const char *uri, const char *target) {
  guest_begin(&request);
  guest_target(&request, util_text(uri));
  ck_assert_bytes_eq(request.core.target, target);
}

START_TEST(a_uri_loses_its_scheme_and_authority) {
  target_is("http://host/a?b", "/a?b");
  target_is("https://host:8443/", "/");
  target_is("http://host//a", "//a");
}
END_TEST

START_TEST(a_target_stays_as_it_is) {
  target_is("/", "/");
  target_is("/a%20b?c=http://d/e", "/a%20b?c=http://d/e");
  target_is("*", "*");
  target_is("", "");
  target_is("a/b://c", "a/b://c");
}
END_TEST

/* RFC 9110 section 4.2.3: the same as a path of "/". */
START_TEST(a_uri_without_a_path_is_left_to_the_core) {
  target_is("http://host", "http://host");
  target_is("http://host?q", "http://host?q");
}
END_TEST

START_TEST(one_line_is_borrowed) {
  edgestatic_slice value = util_text("gzip, br");
  guest_field(&request, EDGESTATIC_FIELD_ACCEPT_ENCODING, value);
  ck_assert_ptr_eq(request.core.field[EDGESTATIC_FIELD_ACCEPT_ENCODING].base,
                   value.base);
  ck_assert_uint_eq(request.used, 0);
}
END_TEST

/* RFC 9110 section 5.3. */
START_TEST(further_lines_are_joined_by_a_comma) {
  edgestatic_slice *field = &request.core.field[EDGESTATIC_FIELD_IF_NONE_MATCH];
  guest_field(&request, EDGESTATIC_FIELD_IF_NONE_MATCH, util_text("\"a\""));
  guest_field(&request, EDGESTATIC_FIELD_IF_NONE_MATCH, util_text("\"b\""));
  ck_assert_bytes_eq(*field, "\"a\", \"b\"");
  guest_field(&request, EDGESTATIC_FIELD_IF_NONE_MATCH, util_text("\"c\""));
  ck_assert_bytes_eq(*field, "\"a\", \"b\", \"c\"");
}
END_TEST

/* RFC 9113 section 8.2.3. */
START_TEST(cookies_are_joined_by_a_semicolon) {
  guest_field(&request, EDGESTATIC_FIELD_COOKIE, util_text("a=1"));
  guest_field(&request, EDGESTATIC_FIELD_COOKIE, util_text("b=2"));
  ck_assert_bytes_eq(request.core.field[EDGESTATIC_FIELD_COOKIE], "a=1; b=2");
}
END_TEST

/* The lines of HTTP/2, of which Cookie has one for each pair. */
START_TEST(a_thousand_lines_take_the_room_of_one) {
  edgestatic_slice *field = &request.core.field[EDGESTATIC_FIELD_COOKIE];
  for (int i = 0; i < 1000; i++)
    guest_field(&request, EDGESTATIC_FIELD_COOKIE, util_text("name=value"));
  ck_assert_int_eq(request.refused, 0);
  ck_assert_uint_eq(field->len, 1000 * 12 - 2);
  edgestatic_slice second = {field->base + 12, 10};
  ck_assert_bytes_eq(second, "name=value");
}
END_TEST

/* What stands right before the room may be of the request's own text. */
START_TEST(a_value_at_the_end_of_the_text_is_joined_too) {
  memcpy(guest_room(&request), "a=1", 3);
  guest_field(&request, EDGESTATIC_FIELD_COOKIE, guest_take(&request, 3));
  guest_field(&request, EDGESTATIC_FIELD_COOKIE, util_text("b=2"));
  guest_field(&request, EDGESTATIC_FIELD_ACCEPT, util_text("c"));
  guest_field(&request, EDGESTATIC_FIELD_ACCEPT, util_text("d"));
  guest_field(&request, EDGESTATIC_FIELD_COOKIE, util_text("e=3"));
  ck_assert_bytes_eq(request.core.field[EDGESTATIC_FIELD_COOKIE],
                     "a=1; b=2; e=3");
  ck_assert_bytes_eq(request.core.field[EDGESTATIC_FIELD_ACCEPT], "c, d");
}
END_TEST

START_TEST(white_space_around_a_value_is_cut) {
  guest_field(&request, EDGESTATIC_FIELD_RANGE, util_text(" \tbytes=0-1\t "));
  ck_assert_bytes_eq(request.core.field[EDGESTATIC_FIELD_RANGE], "bytes=0-1");
}
END_TEST

/* Absent and empty differ: an empty Accept-Encoding wants identity. */
START_TEST(an_empty_line_makes_an_empty_field) {
  guest_field(&request, EDGESTATIC_FIELD_ACCEPT_ENCODING, util_text(""));
  ck_assert_ptr_nonnull(
      request.core.field[EDGESTATIC_FIELD_ACCEPT_ENCODING].base);
  ck_assert_uint_eq(request.core.field[EDGESTATIC_FIELD_ACCEPT_ENCODING].len,
                    0);
}
END_TEST

START_TEST(a_field_that_the_core_does_not_know_is_ignored) {
  guest_field(&request, -1, util_text("x"));
  for (int i = 0; i < EDGESTATIC_FIELD_ROOM; i++)
    ck_assert_ptr_null(request.core.field[i].base);
}
END_TEST

START_TEST(a_field_that_fills_the_room_is_joined_and_a_larger_one_refused) {
  for (size_t more = 0; more < 2; more++) {
    guest_begin(&request);
    size_t half = (GUEST_TEXT_MAX - 2) / 2;
    char *bytes = util_alloc(half + more);
    memset(bytes, 'a', half + more);
    guest_field(&request, EDGESTATIC_FIELD_COOKIE, util_bytes(bytes, half));
    guest_field(&request, EDGESTATIC_FIELD_COOKIE,
                util_bytes(bytes, half + more));
    ck_assert_int_eq(request.refused, more == 0 ? 0 : 431);
    ck_assert_uint_eq(request.core.field[EDGESTATIC_FIELD_COOKIE].len,
                      more == 0 ? (size_t)GUEST_TEXT_MAX : half);
  }
}
END_TEST

START_TEST(a_new_request_has_nothing_of_the_last) {
  guest_field(&request, EDGESTATIC_FIELD_RANGE, util_text("a"));
  guest_field(&request, EDGESTATIC_FIELD_RANGE, util_text("b"));
  guest_target(&request, util_text("/"));
  request.core.flags = EDGESTATIC_REQUEST_TLS;
  request.refused = 431;
  guest_begin(&request);
  ck_assert_ptr_null(request.core.field[EDGESTATIC_FIELD_RANGE].base);
  ck_assert_ptr_null(request.core.target.base);
  ck_assert_uint_eq(request.core.flags, 0);
  ck_assert_int_eq(request.refused, 0);
  ck_assert_uint_eq(guest_room_size(&request), GUEST_TEXT_MAX);
}
END_TEST

START_TEST(a_list_is_cut_at_each_nul) {
  edgestatic_slice list = util_bytes("a\0\0bc", 5);
  ck_assert_bytes_eq(guest_cut(&list), "a");
  ck_assert_bytes_eq(guest_cut(&list), "");
  ck_assert_bytes_eq(guest_cut(&list), "bc");
  ck_assert_uint_eq(list.len, 0);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("guest request");
  tcase_add_checked_fixture(tc, setup, util_free_all);
  tcase_add_test(tc, a_uri_loses_its_scheme_and_authority);
  tcase_add_test(tc, a_target_stays_as_it_is);
  tcase_add_test(tc, a_uri_without_a_path_is_left_to_the_core);
  tcase_add_test(tc, one_line_is_borrowed);
  tcase_add_test(tc, further_lines_are_joined_by_a_comma);
  tcase_add_test(tc, cookies_are_joined_by_a_semicolon);
  tcase_add_test(tc, a_thousand_lines_take_the_room_of_one);
  tcase_add_test(tc, a_value_at_the_end_of_the_text_is_joined_too);
  tcase_add_test(tc, white_space_around_a_value_is_cut);
  tcase_add_test(tc, an_empty_line_makes_an_empty_field);
  tcase_add_test(tc, a_field_that_the_core_does_not_know_is_ignored);
  tcase_add_test(
      tc, a_field_that_fills_the_room_is_joined_and_a_larger_one_refused);
  tcase_add_test(tc, a_new_request_has_nothing_of_the_last);
  tcase_add_test(tc, a_list_is_cut_at_each_nul);
  return util_run("guest request", tc);
}
