/* check_respond.c - whole responses: the order of the rulings and the fields
 * of each status.
 * SPDX-License-Identifier: MIT */
#include "mkpack.h"
#include "util.h"

static edgestatic_store store;
static unsigned char *pack;

static void setup(void) {
  size_t len;
  mk *m = mk_new();
  mk_file(m, "/nums.txt", "text/plain", 1403716338, "\"nums\"", "123456789");
  pack = mk_finish(m, &len);
  ck_assert_int_eq(edgestatic_store_open(&store, pack, len), EDGESTATIC_OK);
}

static void teardown(void) {
  free(pack);
}

START_TEST(get_of_an_asset_is_200_with_all_fields) {
  edgestatic_request request = {.method = util_text("GET"),
                                .target = util_text("/nums.txt")};
  edgestatic_response *r = util_alloc(sizeof *r);
  edgestatic_respond(&store, &request, r);
  ck_assert_int_eq(r->status, 200);
  ck_assert_uint_eq(r->field_count, 6);
  ck_assert_slice_eq(edgestatic_response_field(&store, r, 0).value, "9");
  ck_assert_uint_eq(r->segment_count, 1);
  ck_assert_int_eq(memcmp(edgestatic_segment_bytes(&store, r, r->segment).base,
                          "123456789", 9),
                   0);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("respond");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, get_of_an_asset_is_200_with_all_fields);
  return util_run("respond", tc);
}
