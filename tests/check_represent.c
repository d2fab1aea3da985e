/* check_represent.c - whole responses: which representation of an asset is
 * sent, and what preconditions and ranges make of it.
 * SPDX-License-Identifier: MIT */
#include "ask.h"

/* ---- Codings ---- */

static const char *coding_for(const char *accept_encoding) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, accept_encoding);
  ck_assert_int_eq(ask("GET", "/page"), 200);
  const char *coding = field("Content-Encoding");
  return coding != NULL ? coding : "identity";
}

START_TEST(the_greatest_weight_then_the_smallest) {
  ck_assert_str_eq(coding_for("gzip, br, zstd"), "br");
  ck_assert_str_eq(coding_for("gzip, zstd"), "zstd");
  ck_assert_str_eq(coding_for("gzip"), "gzip");
  ck_assert_str_eq(coding_for("gzip;q=1.0, br;q=0.5"), "gzip");
  ck_assert_str_eq(coding_for("zstd;q=0.1, br;q=0.2, gzip;q=0.9"), "gzip");
  ck_assert_str_eq(coding_for("identity, gzip;q=0.5"), "identity");
  ck_assert_str_eq(coding_for("gzip;q=0.001"), "gzip");
  ck_assert_str_eq(coding_for("*"), "br");
  ck_assert_str_eq(coding_for("gzip;q=0, *"), "br");
  ck_assert_str_eq(coding_for("br;q=0, *"), "zstd");
  ck_assert_str_eq(coding_for(""), "identity");
  ck_assert_str_eq(coding_for("deflate, compress"), "identity");
  ck_assert_str_eq(coding_for("br;q=0, gzip;q=0, zstd;q=0"), "identity");
}
END_TEST

START_TEST(without_the_field_identity) {
  ck_assert_int_eq(ask("GET", "/page"), 200);
  ck_assert_ptr_null(field("Content-Encoding"));
  ck_assert_str_eq(field("Vary"), "Accept-Encoding");
}
END_TEST

START_TEST(each_variant_has_its_tag_and_id) {
  ck_assert_int_eq(ask("GET", "/page"), 200);
  uint32_t id = r->id;
  ck_assert_str_eq(field("ETag"), "\"page\"");
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "br");
  ck_assert_int_eq(ask("GET", "/page"), 200);
  ck_assert_str_eq(field("ETag"), "\"page-in-br\"");
  ck_assert_uint_ne(r->id, id);
}
END_TEST

START_TEST(nothing_acceptable_is_406_with_what_there_is) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "identity;q=0");
  ask("GET", "/page");
  is_text(406);
  ck_assert_str_eq(content(), "406 Not Acceptable: br, zstd, gzip, identity\n");
  ck_assert_str_eq(field("Vary"), "Accept-Encoding");
  ck_assert_int_eq(r->decided_by, EDGESTATIC_FIELD_ACCEPT_ENCODING);
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "gzip, identity;q=0");
  ask("GET", "/nums.txt");
  is_text(406);
  ck_assert_str_eq(content(), "406 Not Acceptable: identity\n");
  ck_assert_int_eq(ask("GET", "/page"), 200);
}
END_TEST

START_TEST(codings_and_dictionaries_of_later_versions_are_passed_over) {
  size_t len;
  mk *m = mk_new();
  uint32_t asset = mk_asset(m, "/x", "text/plain", 0);
  mk_variant(m, 9, "\"new\"", "dd", 2);
  mk_variant(m, EDGESTATIC_CODING_IDENTITY, "\"x\"", "ddd", 3);
  mk_delta(m, 10, mk_dictionary(m, 1, "/y"), "\"d\"", "dddd", 4);
  mk_entry(m, "/x", "/x", asset, 0);
  free(pack);
  pack = mk_finish(m, &len);
  ck_assert_int_eq(edgestatic_store_open(&store, pack, len), EDGESTATIC_OK);
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "*");
  with(EDGESTATIC_FIELD_AVAILABLE_DICTIONARY, SITE_HOLDS_1);
  ck_assert_int_eq(ask("GET", "/x"), 200);
  ck_assert_str_eq(field("ETag"), "\"x\"");
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "identity;q=0");
  ask("GET", "/x");
  ck_assert_str_eq(content(), "406 Not Acceptable: identity\n");
}
END_TEST

/* ---- Preconditions ---- */

START_TEST(a_304_keeps_the_fields_that_caches_need) {
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"nums\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 304);
  ck_assert_uint_eq(r->field_count, 3);
  ck_assert_str_eq(field("ETag"), "\"nums\"");
  ck_assert_str_eq(field("Cache-Control"), "public, max-age=60");
  ck_assert_str_eq(field("Vary"), "Accept-Encoding");
  ck_assert_ptr_null(field("Content-Type"));
  ck_assert_ptr_null(field("Content-Length"));
  ck_assert_int_eq(r->decided_by, EDGESTATIC_FIELD_IF_NONE_MATCH);
  ck_assert_uint_ne(r->id, 0);
  uint32_t id = r->id;
  request.field[EDGESTATIC_FIELD_IF_NONE_MATCH] = (edgestatic_slice){NULL, 0};
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  ck_assert_uint_ne(r->id, id);
}
END_TEST

START_TEST(a_304_of_a_coded_variant_has_no_content_encoding) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "br");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"page-in-br\"");
  ck_assert_int_eq(ask("GET", "/page"), 304);
  ck_assert_str_eq(field("ETag"), "\"page-in-br\"");
  ck_assert_ptr_null(field("Content-Encoding"));
}
END_TEST

START_TEST(the_tag_of_an_acceptable_sibling_selects_it) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "gzip;q=0.1, br");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "W/\"page-in-gzip\"");
  ck_assert_int_eq(ask("GET", "/page"), 304);
  ck_assert_str_eq(field("ETag"), "\"page-in-gzip\"");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"page-in-zstd\"");
  ck_assert_int_eq(ask("GET", "/page"), 200);
  ck_assert_str_eq(field("ETag"), "\"page-in-br\"");
}
END_TEST

START_TEST(of_several_tags_the_heavier_variant_is_selected) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "zstd;q=0.5, gzip, br");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"page-in-zstd\", \"page-in-gzip\"");
  ck_assert_int_eq(ask("GET", "/page"), 304);
  ck_assert_str_eq(field("ETag"), "\"page-in-gzip\"");
}
END_TEST

START_TEST(a_tag_that_a_proxy_made_of_ours_is_a_304) {
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "W/\"nums-gzip\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 304);
  ck_assert_str_eq(field("ETag"), "\"nums\"");
}
END_TEST

START_TEST(if_match_is_of_the_selected_variant) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "br");
  with(EDGESTATIC_FIELD_IF_MATCH, "\"page\"");
  ask("GET", "/page");
  is_text(412);
  ck_assert_int_eq(r->decided_by, EDGESTATIC_FIELD_IF_MATCH);
  ck_assert_str_eq(field("Cache-Control"), "no-store");
  with(EDGESTATIC_FIELD_IF_MATCH, "\"page-in-br\"");
  ck_assert_int_eq(ask("GET", "/page"), 200);
  with(EDGESTATIC_FIELD_IF_MATCH, "\"x\"");
  ck_assert_int_eq(ask("HEAD", "/page"), 412);
}
END_TEST

START_TEST(dates_are_compared_with_last_modified) {
  with(EDGESTATIC_FIELD_IF_MODIFIED_SINCE, SITE_DATE);
  ck_assert_int_eq(ask("GET", "/nums.txt"), 304);
  ck_assert_int_eq(r->decided_by, EDGESTATIC_FIELD_IF_MODIFIED_SINCE);
  ck_assert_int_eq(ask("GET", "/empty.txt"), 200); /* it has none */
}
END_TEST

START_TEST(what_is_not_acceptable_is_not_compared) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "identity;q=0");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "*");
  ck_assert_int_eq(ask("GET", "/page"), 406);
}
END_TEST

/* ---- Ranges ---- */

START_TEST(a_single_range_is_206_with_all_fields) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=2-5");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
  ck_assert_str_eq(field("Content-Range"), "bytes 2-5/9");
  ck_assert_str_eq(field("Content-Length"), "4");
  ck_assert_str_eq(field("Content-Type"), "text/plain");
  ck_assert_str_eq(field("ETag"), "\"nums\"");
  ck_assert_str_eq(field("Vary"), "Accept-Encoding");
  ck_assert_uint_eq(r->field_count, 7);
  ck_assert_str_eq(content(), "3456");
  ck_assert_int_eq(r->decided_by, EDGESTATIC_FIELD_RANGE);
  ck_assert_uint_eq(r->id, 0);
}
END_TEST

START_TEST(several_ranges_are_multipart) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-0, 5-6,-1");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
  ck_assert_str_eq(field("Content-Type"),
                   "multipart/byteranges; "
                   "boundary=a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0");
  ck_assert_ptr_null(field("Content-Range"));
  ck_assert_str_eq(field("ETag"), "\"nums\"");
#define PART "a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0"
#define HEAD PART "\r\nContent-Type: text/plain\r\nContent-Range: bytes "
  ck_assert_str_eq(content(), "--" HEAD "0-0/9\r\n\r\n1\r\n"
                              "--" HEAD "5-6/9\r\n\r\n67\r\n"
                              "--" HEAD "8-8/9\r\n\r\n9\r\n"
                              "--" PART "--\r\n");
  ck_assert_int_eq(atoi(field("Content-Length")), (int)strlen(content()));
  ck_assert_uint_eq(r->segment_count, 7);
}
END_TEST

START_TEST(several_ranges_that_join_are_no_multipart) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-3,4-5,100-");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
  ck_assert_str_eq(field("Content-Range"), "bytes 0-5/9");
}
END_TEST

START_TEST(the_most_ranges_and_the_longest_type_fit) {
  static char type[256], ranges[400] = "bytes=";
  static char body[2 * EDGESTATIC_RANGES_MAX + 1];
  memset(type, 't', sizeof type - 1);
  memset(body, 'b', sizeof body - 1);
  mk *m = mk_new();
  size_t len;
  mk_file(m, "/x", type, 0, "\"x\"", body);
  free(pack);
  pack = mk_finish(m, &len);
  ck_assert_int_eq(edgestatic_store_open(&store, pack, len), EDGESTATIC_OK);
  for (int i = 0; i < EDGESTATIC_RANGES_MAX; i++)
    sprintf(ranges + strlen(ranges), "%d-%d,", 2 * i, 2 * i);
  with(EDGESTATIC_FIELD_RANGE, ranges);
  ck_assert_int_eq(ask("GET", "/x"), 206);
  ck_assert_uint_eq(r->segment_count, EDGESTATIC_SEGMENTS_MAX);
  ck_assert_uint_eq(strlen(content()), r->content_length);
}
END_TEST

START_TEST(a_part_of_an_asset_without_type_has_none) {
  mk *m = mk_new();
  size_t len;
  mk_file(m, "/x", "", 0, "\"x\"", "abcdef");
  free(pack);
  pack = mk_finish(m, &len);
  ck_assert_int_eq(edgestatic_store_open(&store, pack, len), EDGESTATIC_OK);
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-0,2-2");
  ck_assert_int_eq(ask("GET", "/x"), 206);
  ck_assert_ptr_null(strstr(content(), "Content-Type"));
}
END_TEST

START_TEST(ranges_are_of_the_coded_bytes) {
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "gzip");
  with(EDGESTATIC_FIELD_RANGE, "bytes=-1");
  ck_assert_int_eq(ask("GET", "/page"), 206);
  ck_assert_str_eq(field("Content-Range"), "bytes 399-399/400");
  ck_assert_str_eq(field("Content-Encoding"), "gzip");
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-0,-1");
  ck_assert_int_eq(ask("GET", "/page"), 206);
  ck_assert_str_eq(field("Content-Encoding"), "gzip");
}
END_TEST

START_TEST(head_takes_no_range) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-0");
  ck_assert_int_eq(ask("HEAD", "/nums.txt"), 200);
  ck_assert_str_eq(field("Content-Length"), "9");
  with(EDGESTATIC_FIELD_RANGE, "bytes=900-");
  ck_assert_int_eq(ask("HEAD", "/nums.txt"), 200);
}
END_TEST

START_TEST(unsatisfiable_is_416_with_the_size) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=9-");
  ask("GET", "/nums.txt");
  is_text(416);
  ck_assert_str_eq(field("Content-Range"), "bytes */9");
  ck_assert_str_eq(field("Cache-Control"), "no-store");
  ck_assert_int_eq(r->decided_by, EDGESTATIC_FIELD_RANGE);
  ck_assert_int_eq(ask("GET", "/empty.txt"), 416);
}
END_TEST

START_TEST(an_ignored_range_is_a_plain_200) {
  with(EDGESTATIC_FIELD_RANGE, "items=0-1");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  ck_assert_uint_ne(r->id, 0);
  ck_assert_int_eq(r->decided_by, -1);
}
END_TEST

START_TEST(preconditions_come_before_ranges) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=900-");
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"nums\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 304);
  with(EDGESTATIC_FIELD_IF_MATCH, "\"foo\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 412);
}
END_TEST

START_TEST(if_range_decides_between_part_and_whole) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-4");
  with(EDGESTATIC_FIELD_IF_RANGE, "\"nums\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
  ck_assert_str_eq(field("Content-Type"), "text/plain");
  with(EDGESTATIC_FIELD_IF_RANGE, "W/\"nums\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  with(EDGESTATIC_FIELD_IF_RANGE, "\"foo\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  with(EDGESTATIC_FIELD_IF_RANGE, SITE_DATE);
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
}
END_TEST

START_TEST(a_date_does_not_tell_codings_apart) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-4");
  with(EDGESTATIC_FIELD_IF_RANGE, SITE_DATE);
  ck_assert_int_eq(ask("GET", "/page"), 200);
  with(EDGESTATIC_FIELD_IF_RANGE, "\"page\"");
  ck_assert_int_eq(ask("GET", "/page"), 206);
}
END_TEST

START_TEST(if_range_without_range_is_nothing) {
  with(EDGESTATIC_FIELD_IF_RANGE, "\"foo\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
}
END_TEST

START_TEST(an_unsatisfiable_range_with_false_if_range_is_200) {
  with(EDGESTATIC_FIELD_RANGE, "bytes=900-");
  with(EDGESTATIC_FIELD_IF_RANGE, "\"foo\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  with(EDGESTATIC_FIELD_IF_RANGE, "\"nums\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 416);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("represent");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, the_greatest_weight_then_the_smallest);
  tcase_add_test(tc, without_the_field_identity);
  tcase_add_test(tc, each_variant_has_its_tag_and_id);
  tcase_add_test(tc, nothing_acceptable_is_406_with_what_there_is);
  tcase_add_test(tc,
                 codings_and_dictionaries_of_later_versions_are_passed_over);
  tcase_add_test(tc, a_304_keeps_the_fields_that_caches_need);
  tcase_add_test(tc, a_304_of_a_coded_variant_has_no_content_encoding);
  tcase_add_test(tc, the_tag_of_an_acceptable_sibling_selects_it);
  tcase_add_test(tc, of_several_tags_the_heavier_variant_is_selected);
  tcase_add_test(tc, a_tag_that_a_proxy_made_of_ours_is_a_304);
  tcase_add_test(tc, if_match_is_of_the_selected_variant);
  tcase_add_test(tc, dates_are_compared_with_last_modified);
  tcase_add_test(tc, what_is_not_acceptable_is_not_compared);
  tcase_add_test(tc, a_single_range_is_206_with_all_fields);
  tcase_add_test(tc, several_ranges_are_multipart);
  tcase_add_test(tc, several_ranges_that_join_are_no_multipart);
  tcase_add_test(tc, the_most_ranges_and_the_longest_type_fit);
  tcase_add_test(tc, a_part_of_an_asset_without_type_has_none);
  tcase_add_test(tc, ranges_are_of_the_coded_bytes);
  tcase_add_test(tc, head_takes_no_range);
  tcase_add_test(tc, unsatisfiable_is_416_with_the_size);
  tcase_add_test(tc, an_ignored_range_is_a_plain_200);
  tcase_add_test(tc, preconditions_come_before_ranges);
  tcase_add_test(tc, if_range_decides_between_part_and_whole);
  tcase_add_test(tc, a_date_does_not_tell_codings_apart);
  tcase_add_test(tc, if_range_without_range_is_nothing);
  tcase_add_test(tc, an_unsatisfiable_range_with_false_if_range_is_200);
  return util_run("represent", tc);
}
