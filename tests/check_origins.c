/* check_origins.c - origins as browsers write them.
 * SPDX-License-Identifier: MIT */
#include "build/origins.h"

#include "util.h"

static void fine(const char *value) {
  slice which;
  const char *fault = origins_fault(util_text(value), &which);
  ck_assert_msg(fault == NULL, "%s: %s", value, fault);
}

/* The value is refused because of a part of it, with these words. */
static void wrong(const char *value, const char *part, const char *words) {
  slice which;
  const char *fault = origins_fault(util_text(value), &which);
  ck_assert_msg(fault != NULL, "%s: taken", value);
  ck_assert_msg(strstr(fault, words) != NULL, "%s: %s", value, fault);
  ck_assert_msg(slice_eq(which, util_text(part)), "%.*s", (int)which.len,
                which.base);
}

START_TEST(an_origin_is_a_scheme_a_host_and_perhaps_a_port) {
  fine("*");
  fine("https://example.org");
  fine("http://localhost:5173, https://a.example:8443 ");
}
END_TEST

START_TEST(other_schemes_have_origins_too) {
  fine("chrome-extension://abcdef,capacitor://localhost,http://[::1]:8080");
  fine("http://example.org:443, https://example.org:80, http://192.0.2.1");
}
END_TEST

START_TEST(a_path_or_a_slash_is_refused) {
  wrong("https://a.example/", "https://a.example/", "without a path");
  wrong("https://a.example/x", "https://a.example/x", "without a path");
  wrong("https://a.example?x", "https://a.example?x", "without a path");
}
END_TEST

START_TEST(null_is_refused_because_any_site_can_send_it) {
  wrong("https://a.example, null", "null", "any site can send");
  wrong("NULL", "NULL", "any site can send");
}
END_TEST

START_TEST(an_asterisk_stands_alone_and_is_no_pattern) {
  wrong("https://a.example,*", "*", "stands alone");
  wrong("https://*.example", "https://*.example", "is no origin");
}
END_TEST

START_TEST(what_browsers_never_send_is_refused) {
  wrong("HTTPS://a.example", "HTTPS://a.example", "lower case");
  wrong("https://A.example", "https://A.example", "is no origin");
  wrong("a.example", "a.example", "is no origin");
  wrong("//a.example", "//a.example", "is no origin");
  wrong("https://", "https://", "is no origin");
  wrong("https://u@a.example", "https://u@a.example", "without a path");
  wrong("https://[]", "https://[]", "is no origin");
  wrong("https://[::1", "https://[::1", "is no origin");
  wrong("https://[::G]", "https://[::G]", "is no origin");
  wrong("https://a.example:443", "https://a.example:443", "own port");
  wrong("http://a.example:80", "http://a.example:80", "own port");
  wrong("http://a.example:", "http://a.example:", "is no origin");
  wrong("http://a.example:080", "http://a.example:080", "is no origin");
  wrong("http://a.example:8x", "http://a.example:8x", "no number");
  wrong("http://a.example:65536", "http://a.example:65536", "not exist");
  wrong("http://a.example:123456", "http://a.example:123456", "is no origin");
  wrong(", ,", ", ,", "has no origin");
}
END_TEST

START_TEST(an_origin_has_an_end) {
  char text[CORS_ORIGIN_MAX + 2];
  memset(text, 'a', sizeof text);
  memcpy(text, "https://", 8);
  text[CORS_ORIGIN_MAX] = '\0';
  fine(text);
  text[CORS_ORIGIN_MAX] = 'a';
  text[CORS_ORIGIN_MAX + 1] = '\0';
  wrong(text, text, "too long");
}
END_TEST

START_TEST(a_list_is_one_record_however_often_it_is_used) {
  static const edgestatic_allocator plain;
  struct layout layout;
  layout_init(&layout, &plain);
  uint32_t a = origins_layout(&layout, util_text("https://a.example"));
  uint32_t any = origins_layout(&layout, util_text("*"));
  ck_assert_uint_ne(a, 0);
  ck_assert_uint_ne(any, a);
  ck_assert_uint_eq(origins_layout(&layout, util_text("https://a.example")), a);
  const pack_cors *record = (const pack_cors *)layout.cors.bytes;
  ck_assert_uint_eq(get32(record[a - 1].flags), CORS_ECHO);
  ck_assert_uint_eq(get32(record[any - 1].flags), CORS_ECHO | CORS_ANY);
  ck_assert_uint_eq(get32(record[a - 1].max_age), 7200);
  layout_free(&layout);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("origins");
  tcase_add_test(tc, an_origin_is_a_scheme_a_host_and_perhaps_a_port);
  tcase_add_test(tc, other_schemes_have_origins_too);
  tcase_add_test(tc, a_path_or_a_slash_is_refused);
  tcase_add_test(tc, null_is_refused_because_any_site_can_send_it);
  tcase_add_test(tc, an_asterisk_stands_alone_and_is_no_pattern);
  tcase_add_test(tc, what_browsers_never_send_is_refused);
  tcase_add_test(tc, an_origin_has_an_end);
  tcase_add_test(tc, a_list_is_one_record_however_often_it_is_used);
  return util_run("origins", tc);
}
