/* check_guest_cgi.c - a request from CGI's meta-variables.
 * SPDX-License-Identifier: MIT */
#include "guest/cgi.h"
#include "util.h"

static struct guest_request request;

/* Each variable in a block of its own, with its NUL. */
static void take(const char *const *variables) {
  const char *copy[16];
  size_t count = 0;
  for (; variables[count] != NULL; count++)
    copy[count] =
        util_bytes(variables[count], strlen(variables[count]) + 1).base;
  cgi_request(&request, copy, count);
}

#define TAKE(...) take((const char *const[]){__VA_ARGS__, NULL})

#define TARGET_IS(expected, ...)                                               \
  do {                                                                         \
    TAKE(__VA_ARGS__);                                                         \
    ck_assert_bytes_eq(request.core.target, expected);                         \
  } while (0)

START_TEST(the_raw_target_is_preferred) {
  TARGET_IS("/a%2Fb?c", "PATH_INFO=/a/b", "REQUEST_URI=/a%2Fb?c",
            "QUERY_STRING=c", "SCRIPT_NAME=/x");
}
END_TEST

/* RFC 9112 section 3.2.2, which the core rules on: it refuses other schemes
 * and an authority with user information. */
START_TEST(an_absolute_form_is_left_to_the_core) {
  TARGET_IS("http://host/a", "REQUEST_URI=http://host/a");
  TARGET_IS("ftp://host/a", "REQUEST_URI=ftp://host/a");
}
END_TEST

/* RFC 3875 section 4.1.5: PATH_INFO is decoded. */
START_TEST(a_decoded_path_is_encoded_again) {
  TARGET_IS("/a%20b/%C3%A4", "PATH_INFO=/a b/\xc3\xa4");
  TARGET_IS("/100%25", "PATH_INFO=/100%");
  TARGET_IS("/a%3Fb%23c", "PATH_INFO=/a?b#c");
  TARGET_IS("/%25zz%5C%0D%0A%7F", "PATH_INFO=/%zz\\\r\n\x7f");
  TARGET_IS("/-._~!$&'()*+,;=:@AZaz09", "PATH_INFO=/-._~!$&'()*+,;=:@AZaz09");
}
END_TEST

START_TEST(the_path_is_that_of_the_script_and_what_follows) {
  TARGET_IS("/site/a", "SCRIPT_NAME=/site", "PATH_INFO=/a");
  TARGET_IS("/a", "SCRIPT_NAME=/", "PATH_INFO=/a");
  TARGET_IS("/site", "SCRIPT_NAME=/site", "PATH_INFO=");
  TARGET_IS("/", "SCRIPT_NAME=", "PATH_INFO=");
  TARGET_IS("/", "REQUEST_METHOD=GET");
}
END_TEST

/* RFC 3875 section 4.1.7: encoded as the client sent it. */
START_TEST(a_query_stays_encoded) {
  TARGET_IS("/?a=%20&b", "PATH_INFO=/", "QUERY_STRING=a=%20&b");
  TARGET_IS("/", "PATH_INFO=/", "QUERY_STRING=");
}
END_TEST

START_TEST(fields_come_as_variables_of_their_names) {
  TAKE("HTTP_ACCEPT_ENCODING=br", "HTTP_HOST=a=b", "HTTP_USER_AGENT=x",
       "HTTP_SEC_FETCH_MODE=navigate", "HTTP_", "HTTP_RANGE",
       "ACCEPT_LANGUAGE=de",
       "HTTP_A_NAME_THAT_IS_LONGER_THAN_ANY_THAT_THE_CORE_KNOWS_"
       "AND_THAN_THE_ROOM_FOR_ONE=x");
  const edgestatic_slice *field = request.core.field;
  ck_assert_bytes_eq(field[EDGESTATIC_FIELD_ACCEPT_ENCODING], "br");
  ck_assert_bytes_eq(field[EDGESTATIC_FIELD_HOST], "a=b");
  ck_assert_bytes_eq(field[EDGESTATIC_FIELD_SEC_FETCH_MODE], "navigate");
  ck_assert_bytes_eq(field[EDGESTATIC_FIELD_RANGE], "");
  ck_assert_ptr_null(field[EDGESTATIC_FIELD_ACCEPT_LANGUAGE].base);
}
END_TEST

START_TEST(the_method_is_taken_as_it_is) {
  TAKE("REQUEST_METHOD=get");
  ck_assert_bytes_eq(request.core.method, "get");
  TAKE("PATH_INFO=/");
  ck_assert_ptr_null(request.core.method.base);
}
END_TEST

START_TEST(https_is_on_or_it_is_not) {
  static const struct {
    const char *variable;
    uint32_t flags;
  } list[] = {{"HTTPS=on", EDGESTATIC_REQUEST_TLS},
              {"HTTPS=ON", EDGESTATIC_REQUEST_TLS},
              {"HTTPS=1", EDGESTATIC_REQUEST_TLS},
              {"HTTPS=off", 0},
              {"HTTPS=", 0},
              {"HTTP_HTTPS=on", 0}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    TAKE(list[i].variable);
    ck_assert_uint_eq(request.core.flags, list[i].flags);
  }
}
END_TEST

/* Of a path, an encoded path and a query: all of the room, and a byte more. */
START_TEST(a_target_that_fills_the_room_fits_and_a_longer_one_is_refused) {
  static const struct {
    const char *name;
    char byte;
    size_t fits;
  } list[] = {{"PATH_INFO=/", 'a', GUEST_TEXT_MAX - 1},
              {"PATH_INFO=/", ' ', (GUEST_TEXT_MAX - 1) / 3},
              {"QUERY_STRING=", 'a', GUEST_TEXT_MAX - 2}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    for (size_t more = 0; more < 2; more++) {
      size_t name = strlen(list[i].name), len = list[i].fits + more;
      char *variable = util_alloc(name + len + 1);
      memcpy(variable, list[i].name, name);
      memset(variable + name, list[i].byte, len);
      variable[name + len] = '\0';
      cgi_request(&request, (const char *const[]){variable}, 1);
      ck_assert_int_eq(request.refused, more == 0 ? 0 : 414);
    }
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("guest cgi");
  tcase_add_checked_fixture(tc, NULL, util_free_all);
  tcase_add_test(tc, the_raw_target_is_preferred);
  tcase_add_test(tc, an_absolute_form_is_left_to_the_core);
  tcase_add_test(tc, a_decoded_path_is_encoded_again);
  tcase_add_test(tc, the_path_is_that_of_the_script_and_what_follows);
  tcase_add_test(tc, a_query_stays_encoded);
  tcase_add_test(tc, fields_come_as_variables_of_their_names);
  tcase_add_test(tc, the_method_is_taken_as_it_is);
  tcase_add_test(tc, https_is_on_or_it_is_not);
  tcase_add_test(tc,
                 a_target_that_fills_the_room_fits_and_a_longer_one_is_refused);
  return util_run("guest cgi", tc);
}
