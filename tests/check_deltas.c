/* check_deltas.c - variants that need a dictionary: who gets one (RFC 9842).
 * /app.js of site.h has plain variants, deltas against dictionary 1 and one
 * against dictionary 2.
 * SPDX-License-Identifier: MIT */
#include "ask.h"
#include "core/answer.h"

#define ALL "gzip, deflate, br, zstd, dcb, dcz"

/* The tag of what is sent to who accepts these codings and holds that. */
static const char *tag_for(const char *accept_encoding, const char *holds) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, accept_encoding);
  if (holds != NULL)
    with(EDGESTATIC_FIELD_AVAILABLE_DICTIONARY, holds);
  else
    request.field[EDGESTATIC_FIELD_AVAILABLE_DICTIONARY].base = NULL;
  ck_assert_int_eq(ask("GET", "/app.js"), 200);
  ck_assert_str_eq(field("Vary"), "Accept-Encoding, Available-Dictionary");
  return field("ETag");
}

START_TEST(who_holds_the_dictionary_and_names_the_coding_gets_the_delta) {
  ck_assert_str_eq(tag_for(ALL, SITE_HOLDS_1), "\"dcb-1\"");
  ck_assert_str_eq(field("Content-Encoding"), "dcb");
  ck_assert_str_eq(field("Content-Length"), "5");
  ck_assert_str_eq(content(), "dcb-1");
  ck_assert_uint_ne(r->id, 0);
  ck_assert_str_eq(tag_for("br, dcz", SITE_HOLDS_1), "\"dcz-1\"");
  ck_assert_str_eq(tag_for(ALL, SITE_HOLDS_2), "\"dcz-2\"");
  ck_assert_str_eq(tag_for("dcz", SITE_HOLDS_2), "\"dcz-2\"");
}
END_TEST

START_TEST(nobody_else_does) {
  ck_assert_str_eq(tag_for(ALL, NULL), "\"js-in-br\"");
  ck_assert_str_eq(
      tag_for(ALL, ":AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=:"),
      "\"js-in-br\"");
  ck_assert_str_eq(tag_for("br, dcb", SITE_HOLDS_2), "\"js-in-br\"");
  ck_assert_str_eq(tag_for("br", SITE_HOLDS_1), "\"js-in-br\"");
  ck_assert_str_eq(tag_for("*", SITE_HOLDS_1), "\"js-in-br\"");
  ck_assert_str_eq(tag_for("br, dcb;q=0, dcz;q=0", SITE_HOLDS_1),
                   "\"js-in-br\"");
  ck_assert_str_eq(tag_for("", SITE_HOLDS_1), "\"js\"");
  ck_assert_ptr_null(field("Content-Encoding"));
}
END_TEST

START_TEST(a_malformed_available_dictionary_is_ignored) {
  static const char *const bad[] = {
      "",
      ":",
      "::",
      "AQEB",
      ":AQEB:",
      "\"x\"",
      "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
      ":AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
      ":AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB:",
      ":AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=:, x",
      SITE_HOLDS_1 ", " SITE_HOLDS_2,
      SITE_HOLDS_1 ";A",
      SITE_HOLDS_1 "x"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ck_assert_str_eq(tag_for(ALL, bad[i]), "\"js-in-br\"");
  ck_assert_str_eq(tag_for(ALL, SITE_HOLDS_1 ";a=1; b"), "\"dcb-1\"");
}
END_TEST

START_TEST(the_id_of_a_dictionary_says_nothing) {
  with(EDGESTATIC_FIELD_DICTIONARY_ID, "\"/2\"");
  ck_assert_str_eq(tag_for(ALL, NULL), "\"js-in-br\"");
  ck_assert_str_eq(tag_for(ALL, SITE_HOLDS_1), "\"dcb-1\"");
}
END_TEST

START_TEST(of_equal_weights_a_delta_goes_first_and_of_deltas_the_smallest) {
  ck_assert_str_eq(tag_for("br, dcz;q=0.9", SITE_HOLDS_1), "\"js-in-br\"");
  ck_assert_str_eq(tag_for("br;q=0.9, dcz;q=0.9", SITE_HOLDS_1), "\"dcz-1\"");
  ck_assert_str_eq(tag_for("dcz, dcb;q=0.5", SITE_HOLDS_1), "\"dcz-1\"");
  ck_assert_str_eq(tag_for("identity, dcz;q=0.001", SITE_HOLDS_1), "\"js\"");
}
END_TEST

START_TEST(a_tag_counts_only_of_what_the_client_can_decode) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, ALL);
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"dcz-1\"");
  ck_assert_int_eq(ask("GET", "/app.js"), 200);
  ck_assert_str_eq(field("ETag"), "\"js-in-br\"");
  with(EDGESTATIC_FIELD_AVAILABLE_DICTIONARY, SITE_HOLDS_2);
  ck_assert_int_eq(ask("GET", "/app.js"), 200);
  ck_assert_str_eq(field("ETag"), "\"dcz-2\"");
  with(EDGESTATIC_FIELD_AVAILABLE_DICTIONARY, SITE_HOLDS_1);
  ck_assert_int_eq(ask("GET", "/app.js"), 304);
  ck_assert_str_eq(field("ETag"), "\"dcz-1\"");
  ck_assert_str_eq(field("Vary"), "Accept-Encoding, Available-Dictionary");
  ck_assert_ptr_null(field("Content-Encoding"));
}
END_TEST

START_TEST(a_tag_outweighs_every_weight) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "dcb, dcz, br, identity;q=0.001");
  with(EDGESTATIC_FIELD_AVAILABLE_DICTIONARY, SITE_HOLDS_1);
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"js\"");
  ck_assert_int_eq(ask("GET", "/app.js"), 304);
  ck_assert_str_eq(field("ETag"), "\"js\"");
}
END_TEST

START_TEST(ranges_are_of_the_delta) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, ALL);
  with(EDGESTATIC_FIELD_AVAILABLE_DICTIONARY, SITE_HOLDS_1);
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-2");
  ck_assert_int_eq(ask("GET", "/app.js"), 206);
  ck_assert_str_eq(content(), "dcb");
  ck_assert_str_eq(field("Content-Encoding"), "dcb");
  ck_assert_str_eq(field("Vary"), "Accept-Encoding, Available-Dictionary");
  with(EDGESTATIC_FIELD_IF_RANGE, "\"js\"");
  ck_assert_int_eq(ask("GET", "/app.js"), 200);
  with(EDGESTATIC_FIELD_IF_RANGE, SITE_DATE); /* of all variants the same */
  ck_assert_int_eq(ask("GET", "/app.js"), 200);
}
END_TEST

START_TEST(nothing_acceptable_lists_what_needs_no_dictionary) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "dcz, *;q=0");
  ask("GET", "/app.js");
  is_text(406);
  ck_assert_str_eq(content(), "406 Not Acceptable: br, identity\n");
  ck_assert_str_eq(field("Vary"), "Accept-Encoding, Available-Dictionary");
  with(EDGESTATIC_FIELD_AVAILABLE_DICTIONARY, SITE_HOLDS_1);
  ck_assert_int_eq(ask("GET", "/app.js"), 200);
}
END_TEST

START_TEST(an_asset_without_deltas_does_not_look_at_the_field) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, ALL);
  with(EDGESTATIC_FIELD_AVAILABLE_DICTIONARY, SITE_HOLDS_1);
  ck_assert_int_eq(ask("GET", "/page"), 200);
  ck_assert_str_eq(field("ETag"), "\"page-in-br\"");
  ck_assert_str_eq(field("Vary"), "Accept-Encoding");
}
END_TEST

/* The last asset with a delta, as the page of "/" or as the fallback. */
static void open_page(bool error_page) {
  mk *m = mk_new();
  uint32_t page = mk_asset(m, "/x", "text/html", 0);
  mk_variant(m, EDGESTATIC_CODING_IDENTITY, error_page ? "" : "\"x\"", "x", 1);
  mk_delta(m, EDGESTATIC_CODING_DCZ, mk_dictionary(m, 1, "/x"),
           error_page ? "" : "\"d\"", "", 0);
  if (error_page)
    mk_error_page(m, "/", page);
  else
    m->fallback = page + 1;
  size_t len;
  free(pack);
  pack = mk_finish(m, &len);
  ck_assert_int_eq(edgestatic_store_open(&store, pack, len), EDGESTATIC_OK);
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, ALL);
  with(EDGESTATIC_FIELD_AVAILABLE_DICTIONARY, SITE_HOLDS_1);
  with(EDGESTATIC_FIELD_SEC_FETCH_MODE, "navigate");
}

START_TEST(an_error_page_is_never_a_delta) {
  open_page(true);
  ck_assert_int_eq(ask("GET", "/none"), 404);
  ck_assert_str_eq(content(), "x");
  ck_assert_ptr_null(field("Content-Encoding"));
}
END_TEST

/* As a rule with such a status sends it. */
START_TEST(a_page_sent_with_an_error_is_no_dictionary_and_varies_by_coding) {
  mk *m = mk_new();
  uint32_t asset = mk_file(m, "/x", "text/html", 0, "\"x\"", "x");
  mk_delta(m, EDGESTATIC_CODING_DCZ, mk_dictionary(m, 1, "/x"), "\"d\"", "", 0);
  m->field[get32(m->asset[asset].field) + 1].name =
      mk_string(m, "Use-As-Dictionary");
  size_t len;
  free(pack);
  pack = mk_finish(m, &len);
  ck_assert_int_eq(edgestatic_store_open(&store, pack, len), EDGESTATIC_OK);
  ck_assert_int_eq(ask("GET", "/x"), 200);
  ck_assert_ptr_nonnull(field("Use-As-Dictionary"));
  answer_begin(r, 0);
  answer_error_page(r, &store, 410, asset, r->variant);
  ck_assert_ptr_null(field("Use-As-Dictionary"));
  ck_assert_str_eq(field("Vary"), "Accept-Encoding");
  ck_assert_str_eq(content(), "x");
}
END_TEST

START_TEST(the_fallback_may_be_one) {
  open_page(false);
  ck_assert_int_eq(ask("GET", "/none"), 200);
  ck_assert_str_eq(field("Content-Encoding"), "dcz");
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("deltas");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc,
                 who_holds_the_dictionary_and_names_the_coding_gets_the_delta);
  tcase_add_test(tc, nobody_else_does);
  tcase_add_test(tc, a_malformed_available_dictionary_is_ignored);
  tcase_add_test(tc, the_id_of_a_dictionary_says_nothing);
  tcase_add_test(
      tc, of_equal_weights_a_delta_goes_first_and_of_deltas_the_smallest);
  tcase_add_test(tc, a_tag_counts_only_of_what_the_client_can_decode);
  tcase_add_test(tc, a_tag_outweighs_every_weight);
  tcase_add_test(tc, ranges_are_of_the_delta);
  tcase_add_test(tc, nothing_acceptable_lists_what_needs_no_dictionary);
  tcase_add_test(tc, an_asset_without_deltas_does_not_look_at_the_field);
  tcase_add_test(tc, an_error_page_is_never_a_delta);
  tcase_add_test(
      tc, a_page_sent_with_an_error_is_no_dictionary_and_varies_by_coding);
  tcase_add_test(tc, the_fallback_may_be_one);
  return util_run("deltas", tc);
}
