/* check_field.c - the lists of names in the public header.
 * SPDX-License-Identifier: MIT */
#include "util.h"

START_TEST(every_name_is_found_again_in_any_case) {
  for (int i = 0; i < EDGESTATIC_FIELD_COUNT; i++) {
    edgestatic_slice name = edgestatic_field_name(i);
    ck_assert_uint_eq(strlen(name.base), name.len);
    ck_assert_int_eq(edgestatic_field_find(name), i);
    char upper[40];
    for (size_t k = 0; k < name.len; k++)
      upper[k] = (char)(name.base[k] >= 'a' && name.base[k] <= 'z'
                            ? name.base[k] - 32
                            : name.base[k] + (name.base[k] == '-' ? 0 : 32));
    ck_assert_int_eq(edgestatic_field_find(util_bytes(upper, name.len)), i);
  }
}
END_TEST

START_TEST(other_names_are_not_found) {
  static const char *const names[] = {"",
                                      "A",
                                      "Hos",
                                      "Hosts",
                                      "Host ",
                                      "Date",
                                      "Accepts",
                                      "Rang",
                                      "Range-",
                                      "If-Match-",
                                      "Accept-Encodinh",
                                      "User-Agent",
                                      "Access-Control-Request-Headersx",
                                      "Access-Control-Request-Header"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    ck_assert_int_eq(edgestatic_field_find(util_text(names[i])), -1);
}
END_TEST

START_TEST(unknown_ids_have_no_name) {
  ck_assert_ptr_null(edgestatic_field_name(-1).base);
  ck_assert_ptr_null(edgestatic_field_name(EDGESTATIC_FIELD_COUNT).base);
  ck_assert_uint_eq(edgestatic_field_name(99).len, 0);
}
END_TEST

START_TEST(every_status_of_the_core_has_its_reason) {
  static const struct {
    int status;
    const char *reason;
  } list[] = {{200, "OK"},
              {204, "No Content"},
              {206, "Partial Content"},
              {301, "Moved Permanently"},
              {302, "Found"},
              {303, "See Other"},
              {304, "Not Modified"},
              {307, "Temporary Redirect"},
              {308, "Permanent Redirect"},
              {400, "Bad Request"},
              {404, "Not Found"},
              {405, "Method Not Allowed"},
              {406, "Not Acceptable"},
              {412, "Precondition Failed"},
              {414, "URI Too Long"},
              {416, "Range Not Satisfiable"},
              {401, "Unauthorized"},
              {403, "Forbidden"},
              {410, "Gone"},
              {418, "Client Error"},
              {431, "Request Header Fields Too Large"},
              {451, "Unavailable For Legal Reasons"},
              {500, "Internal Server Error"},
              {503, "Service Unavailable"},
              {599, "Server Error"},
              {600, ""},
              {0, ""}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    ck_assert_str_eq(edgestatic_reason(list[i].status), list[i].reason);
}
END_TEST

START_TEST(every_error_has_a_line_of_its_own) {
  for (int i = EDGESTATIC_ERR_BUSY; i <= 0; i++)
    for (int k = i + 1; k <= 1; k++)
      ck_assert_str_ne(edgestatic_strerror(i), edgestatic_strerror(k));
  ck_assert_str_eq(edgestatic_strerror(EDGESTATIC_OK), "success");
  ck_assert_str_eq(edgestatic_strerror(-99), edgestatic_strerror(1));
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("field");
  tcase_add_test(tc, every_name_is_found_again_in_any_case);
  tcase_add_test(tc, other_names_are_not_found);
  tcase_add_test(tc, unknown_ids_have_no_name);
  tcase_add_test(tc, every_status_of_the_core_has_its_reason);
  tcase_add_test(tc, every_error_has_a_line_of_its_own);
  return util_run("field", tc);
}
