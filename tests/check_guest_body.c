/* check_guest_body.c - a response's content in pieces.
 * SPDX-License-Identifier: MIT */
#include "guest/guest.h"
#include "util.h"

/* Byte number n of the pack is n, modulo 251; the index has 100. */
void guest_bodies(const edgestatic_store *store, void *to, uint64_t offset,
                  size_t len) {
  unsigned char *p = to;
  ck_assert_uint_ge(offset, store->index_size);
  ck_assert_uint_le(offset + len, store->pack_size);
  for (size_t i = 0; i < len; i++)
    p[i] = (unsigned char)((offset + i) % 251);
}

static const edgestatic_store store = {.index_size = 100, .pack_size = 1000};
static edgestatic_response response;

static void segment(uint32_t place, uint64_t offset, uint64_t length) {
  edgestatic_segment *s = &response.segment[response.segment_count++];
  *s = (edgestatic_segment){.offset = offset, .length = length, .place = place};
  response.content_length += length;
}

/* The pieces of any size, put together. */
static edgestatic_slice collect(size_t size) {
  struct guest_body body;
  char *all = util_alloc(response.content_length);
  size_t len = 0;
  guest_body(&body, &store, &response);
  for (;;) {
    char *chunk = util_alloc(size);
    edgestatic_slice piece = guest_body_next(&body, chunk, size);
    if (piece.len == 0)
      break;
    ck_assert_uint_le(piece.len, size);
    ck_assert_uint_le(len + piece.len, response.content_length);
    memcpy(all + len, piece.base, piece.len);
    len += piece.len;
  }
  ck_assert_uint_eq(guest_body_next(&body, all, 1).len, 0);
  ck_assert_uint_eq(len, response.content_length);
  return (edgestatic_slice){all, len};
}

static void setup(void) {
  memset(&response, 0, sizeof response);
}

START_TEST(no_segments_are_no_content) {
  ck_assert_uint_eq(collect(10).len, 0);
}
END_TEST

START_TEST(a_body_is_read_from_its_offset_on) {
  segment(EDGESTATIC_IN_PACK, 100, 900);
  static const size_t sizes[] = {1, 7, 899, 900, 901, 4096};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    edgestatic_slice all = collect(sizes[i]);
    for (size_t k = 0; k < all.len; k++)
      ck_assert_uint_eq((unsigned char)all.base[k], (100 + k) % 251);
  }
}
END_TEST

START_TEST(text_and_bodies_come_in_order) {
  memcpy(response.text, "headtail", 8);
  segment(EDGESTATIC_IN_TEXT, 0, 4);
  segment(EDGESTATIC_IN_PACK, 351, 3);
  segment(EDGESTATIC_IN_TEXT, 4, 4);
  for (size_t size = 1; size < 10; size++) {
    edgestatic_slice all = collect(size);
    ck_assert_mem_eq(all.base, "head\x64\x65\x66tail", all.len);
  }
}
END_TEST

START_TEST(segments_without_bytes_are_passed_over) {
  memcpy(response.text, "ab", 2);
  segment(EDGESTATIC_IN_PACK, 1000, 0);
  segment(EDGESTATIC_IN_TEXT, 0, 2);
  segment(EDGESTATIC_IN_PACK, 100, 0);
  ck_assert_mem_eq(collect(10).base, "ab", 2);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("guest body");
  tcase_add_checked_fixture(tc, setup, util_free_all);
  tcase_add_test(tc, no_segments_are_no_content);
  tcase_add_test(tc, a_body_is_read_from_its_offset_on);
  tcase_add_test(tc, text_and_bodies_come_in_order);
  tcase_add_test(tc, segments_without_bytes_are_passed_over);
  return util_run("guest body", tc);
}
