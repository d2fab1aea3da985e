/* check_cors.c - which other sites may read a response.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "byrule.h"
#include "core/pack.h"

static void cors(const char *origins, const char *headers) {
  ck_assert_int_eq(edgestatic_builder_rule(builder, EDGESTATIC_RULE_CORS,
                                           util_text("*.woff2"),
                                           util_text(origins)),
                   EDGESTATIC_OK);
  netlify("/f /font.woff2 200\n/away /font.woff2 301\n", headers);
}

START_TEST(every_origin_gets_a_star_with_and_without_origin) {
  cors("*", "");
  asks("GET", "/font.woff2", 200);
  is("Access-Control-Allow-Origin", "*");
  is("Vary", "");
  ck_assert_uint_ne(response.id, 0);
  with(EDGESTATIC_FIELD_ORIGIN, "https://a.example");
  asks("GET", "/f", 200);
  is("Access-Control-Allow-Origin", "*");
  asks("GET", "/about", 200);
  is("Access-Control-Allow-Origin", "");
}
END_TEST

START_TEST(a_listed_origin_is_told_so_and_all_vary) {
  cors("https://a.example, https://b.example", "");
  asks("GET", "/font.woff2", 200);
  is("Vary", "Origin");
  is("Access-Control-Allow-Origin", "");
  with(EDGESTATIC_FIELD_ORIGIN, "https://c.example");
  asks("GET", "/font.woff2", 200);
  is("Vary", "Origin");
  is("Access-Control-Allow-Origin", "");
  with(EDGESTATIC_FIELD_ORIGIN, "https://b.example");
  asks("GET", "/font.woff2", 200);
  is("Access-Control-Allow-Origin", "https://b.example");
  ck_assert_uint_eq(response.id, 0);
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-1");
  asks("GET", "/font.woff2", 206);
  is("Access-Control-Allow-Origin", "https://b.example");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "*");
  asks("GET", "/font.woff2", 304);
  is("Access-Control-Allow-Origin", "https://b.example");
  asks("GET", "/font.woff2/", 404);
  is("Access-Control-Allow-Origin", "");
}
END_TEST

START_TEST(a_preflight_is_answered_by_the_record) {
  cors("https://a.example", "");
  with(EDGESTATIC_FIELD_ORIGIN, "https://a.example");
  asks("OPTIONS", "/font.woff2", 204);
  is("Access-Control-Allow-Origin", ""); /* no preflight */
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_METHOD, "GET");
  asks("OPTIONS", "/font.woff2", 204);
  is("Access-Control-Allow-Origin", "https://a.example");
  is("Allow", "GET, HEAD, OPTIONS");
  ck_assert_str_ne(field("Access-Control-Allow-Methods", NULL), "");
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_METHOD, "DELETE");
  asks("OPTIONS", "/font.woff2", 204);
  is("Access-Control-Allow-Origin", "");
}
END_TEST

START_TEST(a_header_rule_wins_over_the_record) {
  cors("*", "/font.woff2\n  Access-Control-Allow-Origin: https://x.example\n");
  with(EDGESTATIC_FIELD_ORIGIN, "https://x.example");
  asks("GET", "/font.woff2", 200);
  is("Access-Control-Allow-Origin", "https://x.example");
  ck_assert_uint_eq(lines("Access-Control-Allow-Origin"), 1);
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_METHOD, "GET");
  asks("OPTIONS", "/font.woff2", 204);
  is("Access-Control-Allow-Origin", "https://x.example");
  ck_assert_uint_eq(lines("Access-Control-Allow-Origin"), 1);
}
END_TEST

START_TEST(text_for_cors_is_left_whatever_values_have_taken) {
  char headers[8000], target[2010], origin[300];
  size_t len = 0;
  memcpy(origin, "https://", 8);
  memset(origin + 8, 'o', 253);
  for (size_t i = 8 + 63; i < 8 + 253; i += 64)
    origin[i] = '.';
  memcpy(origin + 8 + 253, ":65535", 7);
  /* One value that leaves room for no escape, then many that are empty. */
  len += (size_t)sprintf(headers, "/p/*\n  X-A: ");
  for (int i = 0; i < 8; i++)
    len += (size_t)sprintf(headers + len, ":splat");
  len += (size_t)sprintf(headers + len, "%087d\n/p/:x/*\n", 0);
  for (int i = 0; i < 62; i++)
    len += (size_t)sprintf(headers + len, "  X-%d: :splat\n", i);
  memset(target, 'x', sizeof target);
  memcpy(target, "/p/", 3);
  memcpy(target + 3 + 1999, "/", 2);
  ck_assert_int_eq(edgestatic_builder_rule(builder, EDGESTATIC_RULE_CORS,
                                           util_text("*.woff2"),
                                           util_text(origin)),
                   EDGESTATIC_OK);
  cloudflare("/p/* /font.woff2 200\n", headers);
  with(EDGESTATIC_FIELD_ORIGIN, origin);
  asks("GET", target, 200);
  ck_assert_uint_eq(strlen(field("X-A", NULL)), 8 * 2000 + 87);
  is("Access-Control-Allow-Origin", origin);
  ck_assert_uint_le(response.text_len, EDGESTATIC_TEXT_MAX);
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_METHOD, "GET");
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_HEADERS, "X-B");
  asks("OPTIONS", target, 204);
  is("Access-Control-Allow-Origin", origin);
  ck_assert_uint_le(response.text_len, EDGESTATIC_TEXT_MAX);
}
END_TEST

START_TEST(an_empty_origin_is_none) {
  cors("*", "");
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_METHOD, "GET");
  with(EDGESTATIC_FIELD_ORIGIN, "");
  asks("OPTIONS", "/font.woff2", 204);
  is("Access-Control-Allow-Methods", "");
  with(EDGESTATIC_FIELD_ORIGIN, "https://a.example");
  asks("OPTIONS", "/font.woff2", 204);
  ck_assert_str_ne(field("Access-Control-Allow-Methods", NULL), "");
  new_builder();
  cors("https://a.example", "");
  with(EDGESTATIC_FIELD_ORIGIN, "");
  asks("GET", "/font.woff2", 200);
  is("Vary", "Origin");
  is("Access-Control-Allow-Origin", "");
}
END_TEST

START_TEST(a_preflight_of_a_rewritten_path_is_told_of_the_target) {
  cors("https://a.example", "");
  with(EDGESTATIC_FIELD_ORIGIN, "https://a.example");
  asks("OPTIONS", "/f", 204);
  is("Access-Control-Allow-Origin", ""); /* no preflight */
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_METHOD, "GET");
  asks("OPTIONS", "/f", 204);
  is("Access-Control-Allow-Origin", "https://a.example");
  is("Allow", "GET, HEAD, OPTIONS");
  ck_assert_uint_eq(response.route, EDGESTATIC_ROUTE_METHOD);
  asks("OPTIONS", "/none", 204);
  is("Access-Control-Allow-Origin", "");
  asks("OPTIONS", "/away", 204); /* a redirect would fail the preflight */
  is("Access-Control-Allow-Origin", "");
}
END_TEST

START_TEST(request_fields_are_echoed_where_they_are_names) {
  cors("https://a.example", "");
  with(EDGESTATIC_FIELD_ORIGIN, "https://a.example");
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_METHOD, "GET");
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_HEADERS, "x-a, x-b");
  asks("OPTIONS", "/font.woff2", 204);
  is("Access-Control-Allow-Headers", "x-a, x-b");
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_HEADERS, "x-a, b: c");
  asks("OPTIONS", "/font.woff2", 204);
  is("Access-Control-Allow-Headers", "");
  asks("GET", "/font.woff2", 200);
  ck_assert_str_ne(field("Access-Control-Expose-Headers", NULL), "");
  is("Access-Control-Allow-Methods", "");
}
END_TEST

START_TEST(names_that_fill_the_text_are_not_echoed) {
  size_t size = EDGESTATIC_TEXT_MAX;
  char *names = malloc(size);
  memset(names, 'x', size);
  names[size - 1] = '\0';
  cors("*", "");
  with(EDGESTATIC_FIELD_ORIGIN, "https://a.example");
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_METHOD, "GET");
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_HEADERS, names);
  asks("OPTIONS", "/font.woff2", 204);
  is("Access-Control-Allow-Origin", "*");
  is("Access-Control-Allow-Headers", "");
  free(names);
}
END_TEST

START_TEST(credentials_headers_methods_and_age_are_the_records) {
  cors("https://a.example", "");
  /* As another builder may write it. */
  unsigned char *bytes = malloc(store->len);
  memcpy(bytes, store->base, store->len);
  edgestatic_store forged = *store;
  forged.base = bytes;
  store = &forged;
  pack_cors *c = (pack_cors *)(bytes + store->section[SECTION_CORS].offset);
  c->flags = put32(CORS_CREDENTIALS);
  c->headers = c->exposed; /* a list of names that the pack has */
  c->max_age = put32(600);
  with(EDGESTATIC_FIELD_ORIGIN, "https://a.example");
  asks("GET", "/font.woff2", 200);
  is("Access-Control-Allow-Credentials", "true");
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_METHOD, "POST");
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_HEADERS, "x-a");
  asks("OPTIONS", "/font.woff2", 204);
  is("Access-Control-Allow-Credentials", "true");
  is("Access-Control-Max-Age", "600");
  is("Access-Control-Allow-Headers", pack_string(store, c->exposed).base);
  is("Access-Control-Expose-Headers", "");
  c->methods = c->origins; /* methods are compared as a list, byte by byte */
  with(EDGESTATIC_FIELD_ACCESS_CONTROL_REQUEST_METHOD, "https://a.example");
  asks("OPTIONS", "/font.woff2", 204);
  is("Access-Control-Allow-Methods", "https://a.example");
  free(bytes);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("all");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, every_origin_gets_a_star_with_and_without_origin);
  tcase_add_test(tc, a_listed_origin_is_told_so_and_all_vary);
  tcase_add_test(tc, a_preflight_is_answered_by_the_record);
  tcase_add_test(tc, a_header_rule_wins_over_the_record);
  tcase_add_test(tc, text_for_cors_is_left_whatever_values_have_taken);
  tcase_add_test(tc, an_empty_origin_is_none);
  tcase_add_test(tc, a_preflight_of_a_rewritten_path_is_told_of_the_target);
  tcase_add_test(tc, request_fields_are_echoed_where_they_are_names);
  tcase_add_test(tc, names_that_fill_the_text_are_not_echoed);
  tcase_add_test(tc, credentials_headers_methods_and_age_are_the_records);
  return util_run("cors", tc);
}
