/* check_cli_text.c - text for a person, and addresses from one.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "../cli/duration.h"
#include "../cli/listen.h"
#include "../cli/term.h"

#include "util.h"

/* With its NUL, in a block of its own. */
static const char *cstring(const char *text) {
  return util_bytes(text, strlen(text) + 1).base;
}

static void assert_safe(const char *bytes, size_t len, const char *wanted) {
  char *safe = term_text(util_bytes(bytes, len));
  ck_assert_str_eq(safe, wanted);
  free(safe);
}

#define ASSERT_SAFE(bytes, wanted)                                             \
  assert_safe((bytes), sizeof(bytes) - 1, (wanted))

START_TEST(control_bytes_are_shown_and_not_sent) {
  ASSERT_SAFE("plain text", "plain text");
  ASSERT_SAFE("\033[31m\r\n\t\0\x7f", "\\x1b[31m\\x0d\\x0a\\x09\\x00\\x7f");
  /* C1, which a terminal may take for ESC and a letter. */
  ASSERT_SAFE("\xc2\x9b"
              "31m",
              "\\xc2\\x9b31m");
  ASSERT_SAFE("\xc2\xa0\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
              "\xc2\xa0\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  ASSERT_SAFE("", "");
}
END_TEST

START_TEST(what_is_no_utf8_is_shown_as_bytes) {
  ASSERT_SAFE("\xff", "\\xff");
  ASSERT_SAFE("\xc3", "\\xc3");
  ASSERT_SAFE("\xc0\xaf", "\\xc0\\xaf");          /* overlong */
  ASSERT_SAFE("\xe0\x80\xaf", "\\xe0\\x80\\xaf"); /* overlong */
  ASSERT_SAFE("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* surrogate */
  ASSERT_SAFE("\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf");
  ASSERT_SAFE("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* > U+10FFFF */
  ASSERT_SAFE("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80");
  ASSERT_SAFE("\xe2\x82", "\\xe2\\x82"); /* cut off */
  ASSERT_SAFE("\xe2"
              "a",
              "\\xe2"
              "a");
}
END_TEST

START_TEST(sizes_have_three_digits_and_a_unit) {
  static const struct {
    uint64_t bytes;
    const char *text;
  } cases[] = {
      {0, "0 B"},
      {999, "999 B"},
      {1000, "1.00 kB"},
      {9994, "9.99 kB"},
      {9996, "10.0 kB"},
      {99940, "99.9 kB"},
      {99960, "100 kB"},
      {999499, "999 kB"},
      {999500, "1.00 MB"},
      {67200000, "67.2 MB"},
      {UINT64_MAX, "18.4 EB"},
  };
  char buffer[TERM_SIZE_MAX];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    ck_assert_str_eq(term_size(buffer, cases[i].bytes), cases[i].text);
}
END_TEST

START_TEST(counts_have_commas) {
  char buffer[TERM_SIZE_MAX + 4];
  ck_assert_str_eq(term_count(buffer, 0), "0");
  ck_assert_str_eq(term_count(buffer, 999), "999");
  ck_assert_str_eq(term_count(buffer, 1000), "1,000");
  ck_assert_str_eq(term_count(buffer, UINT64_MAX),
                   "18,446,744,073,709,551,615");
}
END_TEST

START_TEST(columns_line_up_by_characters_and_not_by_bytes) {
  struct term_table table;
  term_table_init(&table, "rll");
  const char *const cells[] = {
      "n", "name",       "last",        "12",
      "a", "not padded", "3",           "\xc3\xa9t\xc3\xa9",
      "x", "4",          "longer cell", ""};
  for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
    term_table_add(&table, cells[i]);
  char *text = NULL;
  size_t len = 0;
  FILE *stream = open_memstream(&text, &len);
  ck_assert_int_eq(term_table_print(&table, stream, 2), 0);
  fclose(stream);
  ck_assert_str_eq(text, "   n  name         last\n"
                         "  12  a            not padded\n"
                         "   3  \xc3\xa9t\xc3\xa9          x\n"
                         "   4  longer cell  \n");
  free(text);
}
END_TEST

START_TEST(an_address_is_numeric_with_a_port) {
  static const struct {
    const char *text, *address;
    unsigned port;
    const char *url;
  } cases[] = {
      {"127.0.0.1:8080", "127.0.0.1", 8080, "http://127.0.0.1:8080/"},
      {"localhost:0", "127.0.0.1", 0, "http://127.0.0.1:0/"},
      {"[::1]:65535", "::1", 65535, "http://[::1]:65535/"},
      {"[::]:80", "::", 80, "http://[::]:80/"},
      {"[192.0.2.1]:80", "192.0.2.1", 80, "http://192.0.2.1:80/"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct listen listen;
    char url[LISTEN_URL_MAX];
    ck_assert_int_eq(listen_parse(&listen, cstring(cases[i].text)), 0);
    ck_assert_str_eq(listen.address, cases[i].address);
    ck_assert_uint_eq(listen.port, cases[i].port);
    ck_assert_str_eq(listen_url(url, &listen), cases[i].url);
  }
}
END_TEST

START_TEST(what_is_no_address_with_a_port_is_refused) {
  static const char *const cases[] = {"",
                                      ":",
                                      "8080",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      ":8080",
                                      "::1:8080",
                                      "127.0.0.1:x",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:-1",
                                      "[]:80",
                                      "[::1]80",
                                      "[::1:80",
                                      "127.0.0.1:80x",
                                      "[::1]:",
                                      "a:b:1",
                                      "127.0.0.1:99999999999999999999"};
  struct listen listen;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    ck_assert_msg(listen_parse(&listen, cstring(cases[i])) != 0, "%s",
                  cases[i]);
  char longest[LISTEN_ADDRESS_MAX + 4];
  memset(longest, '1', sizeof longest);
  strcpy(longest + LISTEN_ADDRESS_MAX - 1, ":1");
  ck_assert_int_eq(listen_parse(&listen, longest), 0);
  strcpy(longest + LISTEN_ADDRESS_MAX, ":1");
  ck_assert_int_ne(listen_parse(&listen, longest), 0);
}
END_TEST

START_TEST(a_time_is_a_number_and_a_unit) {
  static const struct {
    const char *text;
    int64_t seconds;
  } cases[] = {{"30m", 1800},   {"12h", 43200},   {"7d", 604800},
               {"2w", 1209600}, {"007d", 604800}, {"36525d", DURATION_MAX}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int64_t seconds = 0;
    ck_assert_int_eq(duration_parse(cstring(cases[i].text), &seconds), 0);
    ck_assert_int_eq(seconds, cases[i].seconds);
  }
  static const char *const wrong[] = {"",
                                      "7",
                                      "d",
                                      "0d",
                                      "-1d",
                                      "+1d",
                                      "1.5d",
                                      "1D",
                                      "7 d",
                                      "7d ",
                                      "7dd",
                                      "1y",
                                      "1d12h",
                                      "36526d",
                                      "7s",
                                      "999w999",
                                      "99999999999999999999999999999999d"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    int64_t seconds = 42;
    ck_assert_msg(duration_parse(cstring(wrong[i]), &seconds) == -1, "%s",
                  wrong[i]);
    ck_assert_int_eq(seconds, 42);
  }
}
END_TEST

START_TEST(a_time_is_shown_as_utc) {
  char text[TERM_TIME_MAX];
  ck_assert_str_eq(term_time(text, 0), "1970-01-01 00:00 UTC");
  ck_assert_str_eq(term_time(text, 1800000000), "2027-01-15 08:00 UTC");
  ck_assert_str_eq(term_time(text, INT64_C(253402300799)),
                   "9999-12-31 23:59 UTC");
  ck_assert_str_eq(term_time(text, INT64_C(253402300800)),
                   "an impossible time");
  ck_assert_str_eq(term_time(text, INT64_MIN), "an impossible time");
}
END_TEST

int main(void) {
  TCase *c = tcase_create("text");
  tcase_add_test(c, control_bytes_are_shown_and_not_sent);
  tcase_add_test(c, what_is_no_utf8_is_shown_as_bytes);
  tcase_add_test(c, sizes_have_three_digits_and_a_unit);
  tcase_add_test(c, counts_have_commas);
  tcase_add_test(c, columns_line_up_by_characters_and_not_by_bytes);
  tcase_add_test(c, an_address_is_numeric_with_a_port);
  tcase_add_test(c, what_is_no_address_with_a_port_is_refused);
  tcase_add_test(c, a_time_is_a_number_and_a_unit);
  tcase_add_test(c, a_time_is_shown_as_utc);
  return util_run("text", c);
}
