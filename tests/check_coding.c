/* check_coding.c - Accept-Encoding, ruling by ruling.
 * SPDX-License-Identifier: MIT */
#include "core/coding.h"
#include "util.h"

/* The weights of identity, gzip, br and zstd. */
static void weigh(const char *accept, int identity, int gzip, int br,
                  int zstd) {
  const int expected[] = {identity, gzip, br, zstd};
  for (int i = 0; i < EDGESTATIC_CODING_DCB; i++)
    ck_assert_msg(edgestatic_coding_weight(util_text(accept), i) == expected[i],
                  "%s: %d weighs %d, not %d", accept, i,
                  edgestatic_coding_weight(util_text(accept), i), expected[i]);
}

START_TEST(absent_and_empty_accept_identity_alone) {
  edgestatic_slice absent = {NULL, 0};
  ck_assert_int_eq(edgestatic_coding_weight(absent, EDGESTATIC_CODING_BR), 0);
  ck_assert_int_eq(edgestatic_coding_weight(absent, EDGESTATIC_CODING_IDENTITY),
                   1);
  weigh("", 1, 0, 0, 0);
  weigh(" ", 1, 0, 0, 0);
}
END_TEST

START_TEST(a_named_coding_weighs_1000_and_identity_comes_last) {
  weigh("gzip", 1, 1000, 0, 0);
  weigh("br, zstd", 1, 0, 1000, 1000);
  weigh("gzip, deflate, br, zstd", 1, 1000, 1000, 1000);
  weigh("identity", 1000, 0, 0, 0);
}
END_TEST

START_TEST(names_are_case_insensitive_and_whole) {
  weigh("GZIP, Br, zStD", 1, 1000, 1000, 1000);
  weigh("gzipped, brx, zstdfoo", 1, 0, 0, 0);
  weigh("notgzip, xbr, x, g*", 1, 0, 0, 0);
  weigh("br2, gz, compress, deflate, sdch", 1, 0, 0, 0);
  weigh("a-gzip, identitx", 1, 0, 0, 0);
}
END_TEST

START_TEST(x_gzip_is_gzip) {
  weigh("x-gzip", 1, 1000, 0, 0);
  weigh("X-GZIP;q=0.5", 1, 500, 0, 0);
}
END_TEST

START_TEST(weights_have_up_to_three_digits) {
  weigh("gzip;q=1, br;q=1.000, zstd;q=1.", 1, 1000, 1000, 1000);
  weigh("gzip;q=0.8, br;q=0.05, zstd;q=0.001", 1, 800, 50, 1);
  weigh("gzip;q=0.123, br;q=0., identity;q=0.5", 500, 123, 0, 0);
}
END_TEST

START_TEST(weight_zero_refuses) {
  weigh("gzip;q=0, br;q=0.0, zstd;q=0.000", 1, 0, 0, 0);
  weigh("identity;q=0", 0, 0, 0, 0);
  weigh("gzip, identity;q=0", 0, 1000, 0, 0);
}
END_TEST

START_TEST(q_is_case_insensitive) {
  weigh("gzip;Q=0", 1, 0, 0, 0);
  weigh("gzip;Q=0.5", 1, 500, 0, 0);
}
END_TEST

START_TEST(star_is_every_coding_not_named) {
  weigh("*", 1000, 1000, 1000, 1000);
  weigh("*;q=0.5", 500, 500, 500, 500);
  weigh("gzip;q=0, *", 1000, 0, 1000, 1000);
  weigh("*, gzip;q=0", 1000, 0, 1000, 1000);
  weigh("gzip;q=0.8, identity;q=0.5, *;q=0.3", 500, 800, 300, 300);
}
END_TEST

START_TEST(star_with_zero_refuses_identity_unless_named) {
  weigh("*;q=0", 0, 0, 0, 0);
  weigh("*;q=0, identity;q=1", 1000, 0, 0, 0);
  weigh("br, *;q=0", 0, 0, 1000, 0);
}
END_TEST

START_TEST(white_space_and_empty_elements_do_not_count) {
  weigh(", ,gzip", 1, 1000, 0, 0);
  weigh("gzip,,br", 1, 1000, 1000, 0);
  weigh("deflate,\tgzip\t;\tq=0.5 ,", 1, 500, 0, 0);
  weigh("\t gzip ; q=0.25 , br", 1, 250, 1000, 0);
}
END_TEST

START_TEST(malformed_elements_are_passed_over) {
  weigh("gzip;q=x, br", 1, 0, 1000, 0);
  weigh("gzip;q=1.1, br;q=2, zstd;q=-1", 1, 0, 0, 0);
  weigh("gzip;q=0.1234, br;q=1.001, zstd;q=.5", 1, 0, 0, 0);
  weigh("gzip;q, br;q=, zstd;", 1, 0, 0, 0);
  weigh("gzip;level=1, br;q =1, zstd;q= 1", 1, 0, 0, 0);
  weigh("gzip;q=0.5;x=1, br q=1, zstd;q=0x", 1, 0, 0, 0);
  weigh("gzip;q=1.00a", 1, 0, 0, 0);
}
END_TEST

START_TEST(a_coding_named_twice_has_its_lowest_weight) {
  weigh("gzip, gzip;q=0", 1, 0, 0, 0);
  weigh("gzip;q=0, gzip", 1, 0, 0, 0);
  weigh("gzip;q=0.5, x-gzip", 1, 500, 0, 0);
}
END_TEST

START_TEST(deltas_are_named_and_star_is_not_for_them) {
  static const struct {
    const char *accept;
    int dcb, dcz;
  } cases[] = {{"gzip, deflate, br, zstd, dcb, dcz", 1000, 1000},
               {"DCZ;q=0.5, Dcb;q=0", 0, 500},
               {"*", 0, 0},
               {"*;q=0, dcz", 0, 1000},
               {"dcz, *", 0, 1000},
               {"dc, dca, dczz, xdcb", 0, 0},
               {"dcz;q=x, dcb;q=0.001", 1, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    edgestatic_slice accept = util_text(cases[i].accept);
    ck_assert_int_eq(edgestatic_coding_weight(accept, EDGESTATIC_CODING_DCB),
                     cases[i].dcb);
    ck_assert_int_eq(edgestatic_coding_weight(accept, EDGESTATIC_CODING_DCZ),
                     cases[i].dcz);
  }
}
END_TEST

START_TEST(unknown_ids_have_no_name_and_weigh_nothing) {
  ck_assert_int_eq(edgestatic_coding_weight(util_text("*"), -1), 0);
  ck_assert_int_eq(
      edgestatic_coding_weight(util_text("*"), EDGESTATIC_CODING_COUNT), 0);
  ck_assert_ptr_null(edgestatic_coding_name(-1).base);
  ck_assert_ptr_null(edgestatic_coding_name(EDGESTATIC_CODING_COUNT).base);
}
END_TEST

START_TEST(names_are_the_registered_ones) {
  ck_assert_slice_eq(edgestatic_coding_name(0), "identity");
  ck_assert_slice_eq(edgestatic_coding_name(1), "gzip");
  ck_assert_slice_eq(edgestatic_coding_name(2), "br");
  ck_assert_slice_eq(edgestatic_coding_name(3), "zstd");
  ck_assert_slice_eq(edgestatic_coding_name(4), "dcb");
  ck_assert_slice_eq(edgestatic_coding_name(5), "dcz");
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("coding");
  tcase_add_test(tc, absent_and_empty_accept_identity_alone);
  tcase_add_test(tc, a_named_coding_weighs_1000_and_identity_comes_last);
  tcase_add_test(tc, names_are_case_insensitive_and_whole);
  tcase_add_test(tc, x_gzip_is_gzip);
  tcase_add_test(tc, weights_have_up_to_three_digits);
  tcase_add_test(tc, weight_zero_refuses);
  tcase_add_test(tc, q_is_case_insensitive);
  tcase_add_test(tc, star_is_every_coding_not_named);
  tcase_add_test(tc, star_with_zero_refuses_identity_unless_named);
  tcase_add_test(tc, white_space_and_empty_elements_do_not_count);
  tcase_add_test(tc, malformed_elements_are_passed_over);
  tcase_add_test(tc, a_coding_named_twice_has_its_lowest_weight);
  tcase_add_test(tc, deltas_are_named_and_star_is_not_for_them);
  tcase_add_test(tc, unknown_ids_have_no_name_and_weigh_nothing);
  tcase_add_test(tc, names_are_the_registered_ones);
  return util_run("coding", tc);
}
