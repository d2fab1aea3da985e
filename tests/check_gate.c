/* check_gate.c - what is refused before the core sees it.
 * SPDX-License-Identifier: MIT */
#include "util.h"

#include "../adapters/mhd/gate.h"

#include <stdio.h>

/* Rules on a request that is written as its header, lines ending with LF. */
static int rule_on(const char *version, const char *target,
                   const char *fields) {
  struct gate gate = {0};

  while (*fields != '\0') {
    size_t line = strcspn(fields, "\n");
    size_t name = strcspn(fields, ":");
    ck_assert_uint_lt(name, line);
    gate_field(&gate, util_bytes(fields, name),
               util_bytes(fields + name + 1, line - name - 1));
    fields += line + (fields[line] == '\n');
  }
  return gate_rule(&gate, util_text(version), util_text(target));
}

static int rule(const char *fields) {
  return rule_on("HTTP/1.1", "/", fields);
}

static int rule_host(const char *host) {
  char fields[600];

  snprintf(fields, sizeof fields, "Host: %s", host);
  return rule(fields);
}

static int rule_target(const char *target) {
  return rule_on("HTTP/1.1", target, "Host: a");
}

#define ck_ruling(got, want) ck_assert_int_eq(got, GATE_##want)

/* ---- Host (RFC 9112 section 3.2) ---- */

START_TEST(a_plain_request_passes) {
  ck_ruling(rule("Host: example.com\nAccept: */*\nX-Empty:"), PASS);
}
END_TEST

START_TEST(http11_without_host_is_refused) {
  ck_ruling(rule("Accept: */*"), HOST_MISSING);
  ck_ruling(rule_on("HTTP/1.2", "/", ""), HOST_MISSING);
}
END_TEST

START_TEST(an_absolute_target_does_not_excuse_a_missing_host) {
  ck_ruling(rule_on("HTTP/1.1", "http://a/", ""), HOST_MISSING);
}
END_TEST

START_TEST(http10_needs_no_host) {
  ck_ruling(rule_on("HTTP/1.0", "/", ""), PASS);
}
END_TEST

START_TEST(two_hosts_are_refused_even_if_equal_and_in_http10) {
  ck_ruling(rule("Host: a\nHost: b"), HOST_REPEATED);
  ck_ruling(rule("Host: a\nhost: a"), HOST_REPEATED);
  ck_ruling(rule_on("HTTP/1.0", "/", "Host: a\nHost: a"), HOST_REPEATED);
}
END_TEST

START_TEST(a_host_may_be_empty) {
  ck_ruling(rule_host(""), PASS);
}
END_TEST

START_TEST(a_host_name_is_unreserved_sub_delims_and_escapes) {
  static const char *const good[] = {
      "example.com", "EXAMPLE.com.", "a_b~c-d", "a,b;c=d", "(!$&'*+)",
      "%41%c3%A9",   "localhost",    "1",       "127.1"};
  static const char *const bad[] = {
      "{",  "foo bar", "a/b", "a\\b",    "\"a\"",       "a%4",
      "a%", "a%4g",    "a#b", "a?b",     "caf\xc3\xa9", "user@a",
      "a]", "a\tb",    "a^",  "../1.org"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    ck_ruling(rule_host(good[i]), PASS);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ck_assert_msg(rule_host(bad[i]) == GATE_HOST_MALFORMED, "%s", bad[i]);
}
END_TEST

START_TEST(a_port_is_digits_or_nothing) {
  ck_ruling(rule_host("a:80"), PASS);
  ck_ruling(rule_host("a:"), PASS);
  ck_ruling(rule_host(":80"), PASS);
  ck_ruling(rule_host("a:8a"), HOST_MALFORMED);
  ck_ruling(rule_host("a:-1"), HOST_MALFORMED);
  ck_ruling(rule_host("a:80:80"), HOST_MALFORMED);
}
END_TEST

START_TEST(an_ipv6_literal_has_eight_groups_or_one_gap) {
  static const char *const good[] = {"[::]",
                                     "[::1]",
                                     "[1::]",
                                     "[1:2:3:4:5:6:7:8]",
                                     "[1::8]:80",
                                     "[::1]:",
                                     "[fe80::A:b0]",
                                     "[1:2:3:4:5:6:7::]",
                                     "[::2:3:4:5:6:7:8]",
                                     "[::1.2.3.4]",
                                     "[1:2:3:4:5:6:1.2.3.4]",
                                     "[1::1.2.3.4]"};
  static const char *const bad[] = {"[]",
                                    "[:]",
                                    "[:::]",
                                    "[1]",
                                    "[1:2:3:4:5:6:7]",
                                    "[1:2:3:4:5:6:7:8:9]",
                                    "[1::2::3]",
                                    "[1:2:3:4::5:6:7:8]",
                                    "[12345::]",
                                    "[::g]",
                                    "[::1",
                                    "::1",
                                    "x[::1]",
                                    "[::1]x",
                                    "[1:]",
                                    "[:1]",
                                    "[1:::2]",
                                    "[::1%25eth0]",
                                    "[::1.2.3]",
                                    "[::256.1.1.1]",
                                    "[::01.1.1.1]",
                                    "[::1.1.1.1:1]",
                                    "[1:2:3:4:5:6:7:1.2.3.4]",
                                    "[::1.2.3.4.5]",
                                    "[1.2.3.4]"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    ck_assert_msg(rule_host(good[i]) == GATE_PASS, "%s", good[i]);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ck_assert_msg(rule_host(bad[i]) == GATE_HOST_MALFORMED, "%s", bad[i]);
}
END_TEST

START_TEST(an_ip_literal_may_be_of_the_future) {
  ck_ruling(rule_host("[v1.a:b]"), PASS);
  ck_ruling(rule_host("[VfF.!]"), PASS);
  ck_ruling(rule_host("[v.a]"), HOST_MALFORMED);
  ck_ruling(rule_host("[v1.]"), HOST_MALFORMED);
  ck_ruling(rule_host("[v1]"), HOST_MALFORMED);
  ck_ruling(rule_host("[vg.a]"), HOST_MALFORMED);
  ck_ruling(rule_host("[v1.@]"), HOST_MALFORMED);
}
END_TEST

/* ---- Targets (RFC 9112 section 3.2) ---- */

START_TEST(a_target_has_no_blanks_and_no_controls) {
  ck_ruling(rule_target("/a b"), TARGET);
  ck_ruling(rule_target("/a\tb"), TARGET);
  ck_ruling(rule_target("/a\x01"), TARGET);
  ck_ruling(rule_target("/a\x7f"), TARGET);
  ck_ruling(rule_target("/a\xff?b"), PASS); /* the core's to judge */
  ck_ruling(rule_target("*"), PASS);
}
END_TEST

START_TEST(an_absolute_target_needs_a_good_authority) {
  ck_ruling(rule_target("http://a.b:80/c"), PASS);
  ck_ruling(rule_target("HTTPS://[::1]?c"), PASS);
  ck_ruling(rule_target("http://a"), PASS);
  ck_ruling(rule_target("http://"), TARGET);
  ck_ruling(rule_target("http:///c"), TARGET);
  ck_ruling(rule_target("http://:80/c"), TARGET);
  ck_ruling(rule_target("http://u@a/c"), TARGET);
  ck_ruling(rule_target("http://a:b/c"), TARGET);
}
END_TEST

START_TEST(a_good_authority_does_not_excuse_a_bad_host) {
  ck_ruling(rule_on("HTTP/1.1", "http://a/", "Host: {"), HOST_MALFORMED);
}
END_TEST

START_TEST(an_absolute_target_is_cut_after_its_authority) {
  slice authority, rest;

  ck_assert(gate_cut_absolute(util_text("http://a:1/b?c"), &authority, &rest));
  ck_assert(slice_eq(authority, LIT("a:1")) && slice_eq(rest, LIT("/b?c")));
  ck_assert(gate_cut_absolute(util_text("hTTps://a"), &authority, &rest));
  ck_assert(slice_eq(authority, LIT("a")) && rest.len == 0);
  ck_assert(gate_cut_absolute(util_text("http://a?b"), &authority, &rest));
  ck_assert(slice_eq(rest, LIT("?b")));
  ck_assert(!gate_cut_absolute(util_text("/http://a"), &authority, &rest));
  ck_assert(!gate_cut_absolute(util_text("ftp://a/"), &authority, &rest));
  ck_assert(!gate_cut_absolute(util_text("http:/"), &authority, &rest));
}
END_TEST

/* ---- Fields (RFC 9112 section 5.1, RFC 9110 section 5.5) ---- */

START_TEST(a_field_name_is_a_token) {
  ck_ruling(rule("Host: a\n!#$%&'*+-.^_`|~09azAZ: b"), PASS);
  ck_ruling(rule("Host: a\nX y: b"), NAME);
  ck_ruling(rule("Host: a\nX\ty: b"), NAME);
  ck_ruling(rule("Host: a\n: b"), NAME);
  ck_ruling(rule("Host: a\nX(: b"), NAME);
  ck_ruling(rule("Host: a\nX\xe9: b"), NAME);
}
END_TEST

START_TEST(white_space_before_the_colon_is_refused) {
  ck_ruling(rule("Host : a"), NAME);
  ck_ruling(rule("Host: a\nTransfer-Encoding : chunked"), NAME);
}
END_TEST

START_TEST(a_value_has_no_control_but_tab_wherever_it_stands) {
  ck_ruling(rule("Host: a\nX: a\tb"), PASS);
  ck_ruling(rule("Host: a\nX: f\xfcr\x80"), PASS);
  for (size_t at = 0; at < 20; at++) {
    for (int c = 1; c < 0x80; c++) {
      char fields[] = "Host: a\nX: (01234567890123456789)";
      fields[12 + at] = (char)c;
      if (c == '\n')
        continue; /* ends a line here */
      ck_assert_msg((rule(fields) == GATE_VALUE) ==
                        ((c < 0x20 && c != '\t') || c == 0x7f),
                    "byte %d at %zu", c, at);
      util_free_all();
    }
  }
}
END_TEST

START_TEST(a_nul_in_a_value_is_a_control) {
  struct gate gate = {0};

  gate_field(&gate, util_text("Host"), util_text("a"));
  gate_field(&gate, util_text("X"), util_bytes("a\0b", 3));
  ck_ruling(gate_rule(&gate, LIT("HTTP/1.1"), LIT("/")), VALUE);
}
END_TEST

START_TEST(a_tab_does_not_hide_a_control_behind_it) {
  ck_ruling(rule("Host: a\nX: 0\t2\x01"
                 "4567"),
            VALUE);
  ck_ruling(rule("Host: a\nX: \x7f"
                 "1234567"),
            VALUE);
}
END_TEST

/* ---- Content-Length (RFC 9110 section 8.6) ---- */

START_TEST(content_is_announced_by_a_length_that_is_not_zero) {
  ck_ruling(rule("Host: a\nContent-Length: 0"), PASS);
  ck_ruling(rule("Host: a\nContent-Length: 000"), PASS);
  ck_ruling(rule("Host: a\ncontent-length:\t5 "), CONTENT);
  ck_ruling(rule("Host: a\nContent-Length: 9999999999999999999"), CONTENT);
}
END_TEST

START_TEST(a_length_is_digits_only) {
  static const char *const bad[] = {"",
                                    "-1",
                                    "+5",
                                    "0x5",
                                    "abc",
                                    "1 0",
                                    "5,",
                                    "5, 5",
                                    "5;a",
                                    "1_0",
                                    "5.0",
                                    "\xb2",
                                    "99999999999999999999"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char fields[100];
    snprintf(fields, sizeof fields, "Host: a\nContent-Length: %s", bad[i]);
    ck_assert_msg(rule(fields) == GATE_LENGTH, "%s", bad[i]);
  }
}
END_TEST

START_TEST(two_lengths_are_refused_even_if_equal) {
  ck_ruling(rule("Host: a\nContent-Length: 5\nContent-Length: 6"), LENGTH);
  ck_ruling(rule("Host: a\nContent-Length: 0\nContent-Length: 0"), LENGTH);
}
END_TEST

/* ---- Transfer-Encoding (RFC 9112 sections 6.1 and 6.3) ---- */

START_TEST(chunked_content_is_content) {
  ck_ruling(rule("Host: a\nTransfer-Encoding: chunked"), CONTENT);
  ck_ruling(rule("Host: a\nTransfer-Encoding: , CHUNKED ,"), CONTENT);
}
END_TEST

START_TEST(a_length_beside_a_coding_is_refused) {
  ck_ruling(rule("Host: a\nTransfer-Encoding: chunked\nContent-Length: 0"),
            LENGTH_AND_CODING);
  ck_ruling(rule("Host: a\nContent-Length: 5\nTransfer-Encoding: x"),
            LENGTH_AND_CODING);
}
END_TEST

START_TEST(a_coding_in_http10_is_refused) {
  ck_ruling(rule_on("HTTP/1.0", "/", "Transfer-Encoding: chunked"),
            CODING_IN_HTTP10);
}
END_TEST

START_TEST(the_last_coding_is_chunked_and_the_only_chunked) {
  static const char *const bad[] = {"",
                                    "identity",
                                    "gzip",
                                    "chunked, gzip",
                                    "xchunked",
                                    "\"chunked\"",
                                    "chunked;a=b",
                                    "chunked, identity",
                                    "chunked, chunked",
                                    " , "};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char fields[100];
    snprintf(fields, sizeof fields, "Host: a\nTransfer-Encoding: %s", bad[i]);
    ck_assert_msg(rule(fields) == GATE_CODING, "%s", bad[i]);
  }
  ck_ruling(rule("Host: a\nTransfer-Encoding: chunked\n"
                 "Transfer-Encoding: identity"),
            CODING);
  ck_ruling(rule("Host: a\nTransfer-Encoding: chunked\n"
                 "Transfer-Encoding: chunked"),
            CODING);
}
END_TEST

START_TEST(a_coding_before_chunked_is_not_implemented) {
  ck_ruling(rule("Host: a\nTransfer-Encoding: gzip, chunked"), CODING_UNKNOWN);
  ck_ruling(rule("Host: a\nTransfer-Encoding: gzip\n"
                 "Transfer-Encoding: chunked"),
            CODING_UNKNOWN);
}
END_TEST

START_TEST(names_that_only_look_alike_are_other_fields) {
  ck_ruling(rule("Host: a\nTransfer_Encoding: chunked\nContent_Length: x"),
            PASS);
}
END_TEST

/* ---- Rulings ---- */

START_TEST(the_first_offence_is_the_one_named) {
  ck_ruling(rule("X y: b\nContent-Length: x\nHost: {"), NAME);
}
END_TEST

START_TEST(a_refusal_has_a_status_and_a_line_for_the_client) {
  for (int i = 0; i < GATE_COUNT; i++) {
    bool refused = i != GATE_PASS && i != GATE_CONTENT;
    ck_assert_int_eq(gate_status(i) >= 400, refused);
    ck_assert_int_eq(*gate_text(i) != '\0', refused);
  }
  ck_assert_int_eq(gate_status(GATE_CODING_UNKNOWN), 501);
  ck_assert_int_eq(gate_status(GATE_TARGET_LONG), 414);
  ck_assert_int_eq(gate_status(GATE_FIELDS_LONG), 431);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("gate");

  tcase_add_test(tc, a_plain_request_passes);
  tcase_add_test(tc, http11_without_host_is_refused);
  tcase_add_test(tc, an_absolute_target_does_not_excuse_a_missing_host);
  tcase_add_test(tc, http10_needs_no_host);
  tcase_add_test(tc, two_hosts_are_refused_even_if_equal_and_in_http10);
  tcase_add_test(tc, a_host_may_be_empty);
  tcase_add_test(tc, a_host_name_is_unreserved_sub_delims_and_escapes);
  tcase_add_test(tc, a_port_is_digits_or_nothing);
  tcase_add_test(tc, an_ipv6_literal_has_eight_groups_or_one_gap);
  tcase_add_test(tc, an_ip_literal_may_be_of_the_future);
  tcase_add_test(tc, a_target_has_no_blanks_and_no_controls);
  tcase_add_test(tc, an_absolute_target_needs_a_good_authority);
  tcase_add_test(tc, a_good_authority_does_not_excuse_a_bad_host);
  tcase_add_test(tc, an_absolute_target_is_cut_after_its_authority);
  tcase_add_test(tc, a_field_name_is_a_token);
  tcase_add_test(tc, white_space_before_the_colon_is_refused);
  tcase_add_test(tc, a_value_has_no_control_but_tab_wherever_it_stands);
  tcase_add_test(tc, a_nul_in_a_value_is_a_control);
  tcase_add_test(tc, a_tab_does_not_hide_a_control_behind_it);
  tcase_add_test(tc, content_is_announced_by_a_length_that_is_not_zero);
  tcase_add_test(tc, a_length_is_digits_only);
  tcase_add_test(tc, two_lengths_are_refused_even_if_equal);
  tcase_add_test(tc, chunked_content_is_content);
  tcase_add_test(tc, a_length_beside_a_coding_is_refused);
  tcase_add_test(tc, a_coding_in_http10_is_refused);
  tcase_add_test(tc, the_last_coding_is_chunked_and_the_only_chunked);
  tcase_add_test(tc, a_coding_before_chunked_is_not_implemented);
  tcase_add_test(tc, names_that_only_look_alike_are_other_fields);
  tcase_add_test(tc, the_first_offence_is_the_one_named);
  tcase_add_test(tc, a_refusal_has_a_status_and_a_line_for_the_client);
  return util_run("gate", tc);
}
