/* check_sri.c - integrity attributes.
 * SPDX-License-Identifier: MIT */
#include "build/sri.h"

#include "util.h"

/* Of "1". */
#define SHA256 "sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s="
#define SHA384                                                                 \
  "sha384-R/BdNnsMMuQ4+2Pmz0pfNcKqL5DcdUP4pBoPlc6KQKMTq1zzYTSiBoxMlpy1Dbd2"
#define SHA512                                                                 \
  "sha512-Tf9Oo0DwqCPxXT9PAati6uDl2lecy4Ufjbnf6ExYsrN7"                        \
  "iZA6dA4e4XLaeTpuedVg5ff5vQWKEqKAQz7W+kZRCg=="
#define WRONG "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static slice wanted, actual;

static void is(const char *integrity, enum sri_result expected) {
  static struct sri_digests digests; /* actual lies in it */
  digests.made = 0;
  ck_assert_msg(sri_check(util_text(integrity), util_text("1"), &digests,
                          &wanted, &actual) == expected,
                "%s", integrity);
}

START_TEST(each_algorithm_is_held_against_the_bytes) {
  is(SHA256, SRI_RIGHT);
  is(SHA384, SRI_RIGHT);
  is(SHA512, SRI_RIGHT);
  is("  " SHA256 "\n", SRI_RIGHT);
  is(WRONG, SRI_WRONG);
  ck_assert_bytes_eq(wanted, WRONG);
  ck_assert_bytes_eq(actual, SHA256);
}
END_TEST

START_TEST(the_strongest_algorithm_decides) {
  is(SHA256 " sha384-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            "AAAAAA",
     SRI_WRONG);
  is(WRONG " " SHA512, SRI_RIGHT);
}
END_TEST

START_TEST(one_of_several_hashes_has_to_be_right) {
  is(WRONG " " SHA256, SRI_RIGHT);
  is(SHA256 " " WRONG, SRI_RIGHT);
}
END_TEST

START_TEST(options_and_unknown_algorithms_do_not_count) {
  is(SHA256 "?x", SRI_RIGHT);
  is("md5-AAAA " SHA256, SRI_RIGHT);
  is("md5-AAAA", SRI_UNKNOWN);
  is("x", SRI_UNKNOWN);
  is(" ", SRI_UNKNOWN);
}
END_TEST

START_TEST(padding_may_be_left_out_and_the_alphabet_be_that_of_urls) {
  char text[] = SHA256;
  text[strlen(text) - 1] = '\0';
  is(text, SRI_RIGHT);
  for (char *p = text + 7; *p; p++)
    *p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
  is(text, SRI_RIGHT);
}
END_TEST

START_TEST(what_cannot_be_a_hash_is_malformed) {
  is("sha256-", SRI_MALFORMED);
  is("sha384-AAAA", SRI_MALFORMED);
  is("sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!=", SRI_MALFORMED);
  is("sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!", SRI_MALFORMED);
  is("sha256-x " SHA256, SRI_MALFORMED); /* right, but for that */
  is("sha256-x " WRONG, SRI_WRONG);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("sri");
  tcase_add_test(c, each_algorithm_is_held_against_the_bytes);
  tcase_add_test(c, the_strongest_algorithm_decides);
  tcase_add_test(c, one_of_several_hashes_has_to_be_right);
  tcase_add_test(c, options_and_unknown_algorithms_do_not_count);
  tcase_add_test(c, padding_may_be_left_out_and_the_alphabet_be_that_of_urls);
  tcase_add_test(c, what_cannot_be_a_hash_is_malformed);
  return util_run("sri", c);
}
