/* check_pack.c - opening packs: good ones, later ones, damaged ones.
 * SPDX-License-Identifier: MIT */
#include "forge.h"

START_TEST(a_good_pack_opens) {
  ck_assert_int_eq(open_pack(), EDGESTATIC_OK);
  ck_assert_uint_eq(edgestatic_store_index_size(&store), index_len);
  ck_assert_uint_eq(edgestatic_store_pack_size(&store), len);
  ck_assert_uint_eq(edgestatic_store_asset_count(&store), 8);
  ck_assert_uint_eq(edgestatic_store_variant_count(&store), 16);
  invariants_of_store(&store);
}
END_TEST

START_TEST(the_index_alone_is_enough) {
  edgestatic_slice index = util_bytes(pack, index_len);
  ck_assert_int_eq(edgestatic_store_open(&store, index.base, index.len),
                   EDGESTATIC_OK);
  ck_assert_uint_eq(edgestatic_store_pack_size(&store), len);
  invariants_of_store(&store);
}
END_TEST

START_TEST(trusted_bytes_open_the_same) {
  edgestatic_store trusted;
  memset(&store, 0xff, sizeof store);
  memset(&trusted, 0xee, sizeof trusted);
  ck_assert_int_eq(open_pack(), EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_store_open_trusted(&trusted, pack, len),
                   EDGESTATIC_OK);
  ck_assert_int_eq(memcmp(&store, &trusted, sizeof store), 0);
  header()->magic[0] = 0;
  ck_assert_int_eq(edgestatic_store_open_trusted(&trusted, pack, len),
                   EDGESTATIC_ERR_FORMAT);
  ck_assert_ptr_null(trusted.base);
}
END_TEST

START_TEST(assets_and_variants_are_as_they_were_made) {
  ck_assert_int_eq(open_pack(), EDGESTATIC_OK);
  uint32_t i = edgestatic_store_find(&store, util_text("/page"));
  edgestatic_asset a = edgestatic_store_asset(&store, i);
  ck_assert_slice_eq(a.path, "/page");
  ck_assert_slice_eq(a.file, "page");
  ck_assert_slice_eq(a.type, "text/html; charset=utf-8");
  ck_assert_int_eq(a.mtime, SITE_MTIME);
  ck_assert_uint_eq(a.variant_count, 4);
  edgestatic_variant v = edgestatic_store_variant(&store, a.variant);
  ck_assert_uint_eq(v.coding, EDGESTATIC_CODING_BR);
  ck_assert_slice_eq(v.etag, "\"page-in-br\"");
  ck_assert_uint_eq(v.size, 300);
  ck_assert_uint_eq(v.hash[0], v.hash[15]);
}
END_TEST

START_TEST(find_knows_assets_by_their_exact_path) {
  ck_assert_int_eq(open_pack(), EDGESTATIC_OK);
  ck_assert_uint_ne(edgestatic_store_find(&store, util_text("/nums.txt")),
                    EDGESTATIC_NONE);
  ck_assert_uint_eq(edgestatic_store_find(&store, util_text("/nums.tx")),
                    EDGESTATIC_NONE);
  ck_assert_uint_eq(edgestatic_store_find(&store, util_text("")),
                    EDGESTATIC_NONE);
  ck_assert_uint_eq(edgestatic_store_find(&store, util_text("/old")),
                    EDGESTATIC_NONE);
  ck_assert_uint_eq(edgestatic_store_find(&store, util_text("/docs")),
                    EDGESTATIC_NONE);
}
END_TEST

START_TEST(every_one_of_many_paths_is_found) {
  mk *m = mk_new();
  char path[40];
  uint32_t asset = mk_asset(m, "/x", "text/plain", 0);
  mk_variant(m, 0, "\"x\"", "x", 1);
  for (int i = 0; i < MK_MAX; i++) {
    snprintf(path, sizeof path, "/folder/%d", i);
    mk_entry(m, path, "/x", asset, 0);
  }
  size_t many_len;
  unsigned char *many = mk_finish(m, &many_len);
  ck_assert_int_eq(edgestatic_store_open(&store, many, many_len),
                   EDGESTATIC_OK);
  for (int i = 0; i < MK_MAX + 100; i++) {
    snprintf(path, sizeof path, "/folder/%d", i);
    ck_assert_uint_eq(edgestatic_store_find(&store, util_text(path)),
                      i < MK_MAX ? asset : EDGESTATIC_NONE);
  }
  free(many);
}
END_TEST

START_TEST(an_error_leaves_a_store_without_assets) {
  memset(&store, 0xff, sizeof store);
  ck_assert_int_eq(edgestatic_store_open(&store, pack, 10),
                   EDGESTATIC_ERR_FORMAT);
  ck_assert_uint_eq(edgestatic_store_asset_count(&store), 0);
  ck_assert_uint_eq(edgestatic_store_find(&store, util_text("/")),
                    EDGESTATIC_NONE);
  invariants_of_store(&store);
}
END_TEST

START_TEST(other_majors_are_refused_and_higher_minors_read) {
  header()->minor = put16(PACK_MINOR + 7);
  opens_as(EDGESTATIC_OK);
  header()->major = put16(PACK_MAJOR + 1);
  opens_as(EDGESTATIC_ERR_VERSION);
  header()->major = put16(0);
  opens_as(EDGESTATIC_ERR_VERSION);
}
END_TEST

START_TEST(unknown_sections_are_passed_over_unless_critical) {
  section(SECTION_BLOBS)->id = put32(99);
  opens_as(EDGESTATIC_ERR_FORMAT); /* variants refer to blobs */
  section(SECTION_BLOBS)->flags = put32(SECTION_CRITICAL);
  opens_as(EDGESTATIC_ERR_VERSION);
}
END_TEST

START_TEST(a_section_may_not_come_twice) {
  section(SECTION_BLOBS)->id = put32(SECTION_FIELDS);
  opens_as(EDGESTATIC_ERR_FORMAT);
}
END_TEST

START_TEST(a_larger_stride_is_read_and_a_smaller_one_refused) {
  for (uint32_t id = SECTION_COLLECTIONS; id < SECTION_KNOWN; id++) {
    le32 stride = section(id)->stride;
    section(id)->stride = put32(get32(stride) - 1);
    opens_as(EDGESTATIC_ERR_FORMAT);
    section(id)->stride = stride;
  }
  section(SECTION_STRINGS)->stride = put32(2);
  section(SECTION_STRINGS)->count = put32(10);
  opens_as(EDGESTATIC_ERR_FORMAT);
}
END_TEST

/* A later minor version: longer records, and a section more. */
START_TEST(records_may_grow) {
  mk *m = mk_new();
  size_t old_len;
  mk_file(m, "/a", "text/plain", 0, "\"a\"", "a");
  unsigned char *old = mk_finish(m, &old_len);
  pack_header *h = (pack_header *)old;
  pack_section *s = (pack_section *)(old + sizeof *h);
  size_t old_index = (size_t)get64(h->index_size);
  uint32_t stride = get32(s[SECTION_ENTRIES].stride);
  uint32_t count = get32(s[SECTION_ENTRIES].count);

  /* The entries once more, behind the index and twelve bytes apart. */
  size_t new_index = old_index + (size_t)count * (stride + 12);
  unsigned char *new = calloc(1, new_index);
  memcpy(new, old, old_index);
  for (uint32_t i = 0; i < count; i++)
    memcpy(new + old_index + (size_t)i *(stride + 12),
           old + get32(s[SECTION_ENTRIES].offset) + (size_t)i * stride, stride);
  h = (pack_header *)new;
  s = (pack_section *)(new + sizeof *h);
  s[SECTION_ENTRIES].offset = put32((uint32_t)old_index);
  s[SECTION_ENTRIES].stride = put32(stride + 12);
  h->index_size = put64(new_index);
  h->pack_size = put64(new_index + 100);
  for (uint32_t i = 0; i < get32(s[SECTION_BLOBS].count); i++)
    ((pack_blob *)(new + get32(s[SECTION_BLOBS].offset)))[i].offset =
        put64(new_index);
  mk_reseal(new);
  ck_assert_int_eq(edgestatic_store_open(&store, new, new_index),
                   EDGESTATIC_OK);
  ck_assert_uint_eq(edgestatic_store_find(&store, util_text("/a")), 0);
  invariants_of_store(&store);
  free(new);
  free(old);
}
END_TEST

START_TEST(a_changed_index_fails_its_checksum) {
  pack[index_len - 1] ^= 1;
  ck_assert_int_eq(open_pack(), EDGESTATIC_ERR_CHECKSUM);
  ck_assert_ptr_null(store.base);
}
END_TEST

START_TEST(bodies_are_not_under_the_checksum) {
  pack[len - 1] ^= 1;
  ck_assert_int_eq(open_pack(), EDGESTATIC_OK);
}
END_TEST

START_TEST(sizes_of_the_header_are_checked) {
  const pack_header good = *header();
  header()->index_size = put64(len + 1);
  ck_assert_int_eq(open_pack(), EDGESTATIC_ERR_FORMAT);
  header()->index_size = put64(UINT64_MAX);
  ck_assert_int_eq(open_pack(), EDGESTATIC_ERR_FORMAT);
  header()->index_size = put64(0);
  ck_assert_int_eq(open_pack(), EDGESTATIC_ERR_FORMAT);
  *header() = good;
  header()->pack_size = put64(index_len - 1);
  ck_assert_int_eq(open_pack(), EDGESTATIC_ERR_FORMAT);
  header()->pack_size = put64(UINT64_MAX);
  ck_assert_int_eq(open_pack(), EDGESTATIC_ERR_FORMAT);
  *header() = good;
  header()->header_size = put32(sizeof good - 1);
  opens_as(EDGESTATIC_ERR_FORMAT);
  header()->header_size = put32(UINT32_MAX);
  opens_as(EDGESTATIC_ERR_FORMAT);
  *header() = good;
  header()->section_count = put32(PACK_SECTIONS_MAX + 1);
  opens_as(EDGESTATIC_ERR_FORMAT);
  header()->section_count = put32(UINT32_MAX);
  opens_as(EDGESTATIC_ERR_FORMAT);
}
END_TEST

START_TEST(sections_lie_in_the_index) {
  for (uint32_t id = 0; id < SECTION_KNOWN; id++) {
    const pack_section good = *section(id);
    section(id)->offset = put32(UINT32_MAX);
    opens_as(EDGESTATIC_ERR_FORMAT);
    *section(id) = good;
    section(id)->count = put32(UINT32_MAX);
    opens_as(EDGESTATIC_ERR_FORMAT);
    section(id)->stride = put32(UINT32_MAX);
    opens_as(EDGESTATIC_ERR_FORMAT);
    *section(id) = good;
  }
}
END_TEST

START_TEST(every_truncation_is_refused_before_the_bodies) {
  for (size_t n = 0; n < index_len; n++) {
    edgestatic_slice part = util_bytes(pack, n);
    ck_assert_int_eq(edgestatic_store_open(&store, part.base, n),
                     EDGESTATIC_ERR_FORMAT);
    util_free_all();
  }
}
END_TEST

/* The same with a header and checksum that claim it to be whole. */
START_TEST(every_truncation_that_claims_to_be_whole_is_harmless) {
  for (size_t n = sizeof(pack_header); n < index_len; n++) {
    unsigned char *part = util_alloc(n);
    memcpy(part, pack, n);
    ((pack_header *)part)->index_size = put64(n);
    mk_reseal(part);
    if (edgestatic_store_open(&store, part, n) == EDGESTATIC_OK)
      invariants_of_store(&store);
    util_free_all();
  }
}
END_TEST

/* Under TSan and valgrind, which are slow and find nothing here that ASan does
 * not, one bit of each byte, in turn. */
static size_t bits_at_once(void) {
  return getenv("SPARSE") != NULL ? 7 : 1;
}

START_TEST(every_flipped_bit_is_seen_or_harmless) {
  unsigned char *copy = util_alloc(index_len);
  memcpy(copy, pack, index_len);
  const size_t sealed = offsetof(pack_header, newest);
  for (size_t bit = 0; bit < index_len * 8; bit += bits_at_once()) {
    copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
    int error = edgestatic_store_open(&store, copy, index_len);
    if (bit / 8 >= sealed)
      ck_assert_int_ne(error, EDGESTATIC_OK);
    if (error == EDGESTATIC_OK)
      invariants_of_store(&store);
    copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
  }
}
END_TEST

START_TEST(every_flipped_bit_under_a_right_checksum_is_harmless) {
  unsigned char *copy = util_alloc(index_len);
  unsigned refused = 0;
  for (size_t bit = sizeof(pack_header) * 8; bit < index_len * 8;
       bit += bits_at_once()) {
    memcpy(copy, pack, index_len);
    copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
    mk_reseal(copy);
    if (edgestatic_store_open(&store, copy, index_len) == EDGESTATIC_OK)
      invariants_of_store(&store);
    else
      refused++;
  }
  ck_assert_uint_gt(refused, 1000 / bits_at_once());
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("pack");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, a_good_pack_opens);
  tcase_add_test(tc, the_index_alone_is_enough);
  tcase_add_test(tc, trusted_bytes_open_the_same);
  tcase_add_test(tc, assets_and_variants_are_as_they_were_made);
  tcase_add_test(tc, find_knows_assets_by_their_exact_path);
  tcase_add_test(tc, every_one_of_many_paths_is_found);
  tcase_add_test(tc, an_error_leaves_a_store_without_assets);
  tcase_add_test(tc, other_majors_are_refused_and_higher_minors_read);
  tcase_add_test(tc, unknown_sections_are_passed_over_unless_critical);
  tcase_add_test(tc, a_section_may_not_come_twice);
  tcase_add_test(tc, a_larger_stride_is_read_and_a_smaller_one_refused);
  tcase_add_test(tc, records_may_grow);
  tcase_add_test(tc, a_changed_index_fails_its_checksum);
  tcase_add_test(tc, bodies_are_not_under_the_checksum);
  tcase_add_test(tc, sizes_of_the_header_are_checked);
  tcase_add_test(tc, sections_lie_in_the_index);
  tcase_add_test(tc, every_truncation_is_refused_before_the_bodies);
  tcase_add_test(tc, every_truncation_that_claims_to_be_whole_is_harmless);
  tcase_add_test(tc, every_flipped_bit_is_seen_or_harmless);
  tcase_add_test(tc, every_flipped_bit_under_a_right_checksum_is_harmless);
  return util_run("pack", tc);
}
