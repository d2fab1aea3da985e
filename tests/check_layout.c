/* check_layout.c - the index of a pack, its strings, and dates in it.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/imfdate.h"
#include "build/layout.h"
#include "core/date.h"

#include "memtest.h"
#include "util.h"

#include <stdio.h>

static const edgestatic_allocator heap = {NULL, NULL};

START_TEST(each_string_is_stored_once) {
  struct strings t = {.allocator = &heap};
  uint32_t at[1000];
  char text[16];
  for (unsigned round = 0; round < 2; round++)
    for (unsigned i = 0; i < 1000; i++) {
      int len = snprintf(text, sizeof text, "s%u", i);
      uint32_t offset = strings_add(&t, util_bytes(text, (size_t)len));
      if (round == 0)
        at[i] = offset;
      ck_assert_uint_eq(offset, at[i]);
      ck_assert_str_eq(t.bytes + offset + 2, text);
      ck_assert_int_eq(t.bytes[offset], len);
    }
  ck_assert_uint_eq(strings_add(&t, LIT("")), strings_add(&t, LIT("")));
  ck_assert_uint_eq(t.count, 1001);
  ck_assert_int_eq(t.error, EDGESTATIC_OK);
  strings_free(&t);
}
END_TEST

START_TEST(a_string_of_more_than_65535_bytes_is_a_limit) {
  struct strings t = {.allocator = &heap};
  char *text = util_alloc(65536);
  memset(text, 'a', 65536);
  strings_add(&t, slice_of(text, 65535));
  ck_assert_int_eq(t.error, EDGESTATIC_OK);
  ck_assert_uint_eq(strings_add(&t, slice_of(text, 65536)), 0);
  ck_assert_int_eq(t.error, EDGESTATIC_ERR_LIMIT);
  ck_assert_uint_eq(strings_add(&t, LIT("short")), 0); /* it sticks */
  ck_assert_uint_eq(t.count, 1);
  strings_free(&t);
}
END_TEST

static struct layout_run length_run(struct layout *l, const char *digits) {
  const struct layout_field field[] = {
      {LIT("Content-Length"), slice_of(digits, strlen(digits)), LIT("body")},
      {LIT("ETag"), LIT("\"x\""), LIT("content hash")}};
  return layout_run(l, field, 2, 1);
}

static struct layout_run type_run(struct layout *l) {
  const struct layout_field field[] = {
      {LIT("Content-Type"), LIT("text/plain"), LIT("mime table")},
      {LIT("Cache-Control"), LIT("no-cache"), LIT("default")}};
  return layout_run(l, field, 2, 1);
}

/* A site of n files of one body each, /0 to /n-1, and an error page. */
static int make_site(struct layout *l, unsigned n, struct layout_index *index) {
  const unsigned char hash[16] = {1, 2, 3};
  char text[16];
  for (unsigned i = 0; i < n; i++) {
    uint32_t blob = layout_blob(l, hash, 5);
    uint32_t variant = layout_variant(l, blob, EDGESTATIC_CODING_IDENTITY, 0,
                                      LIT("\"x\""), length_run(l, "5"));
    int len = snprintf(text, sizeof text, "/%u", i);
    slice path = slice_of(text, (size_t)len);
    const struct layout_asset asset = {.path = path,
                                       .file = LIT("file"),
                                       .type = LIT("text/plain"),
                                       .mtime = (int64_t)i,
                                       .variant = variant,
                                       .variant_count = 1,
                                       .fields = type_run(l)};
    uint32_t number = layout_asset(l, &asset);
    layout_path(l, path, path, number, 0);
  }
  if (n > 0)
    layout_error_page(l, LIT("/a/b/"), LIT("/a/b/"), 0);
  return layout_finish(l, index);
}

START_TEST(an_index_opens_and_every_path_is_found) {
  static const unsigned sizes[] = {0, 1, 2, 3, 100, 5000};
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    struct layout l;
    struct layout_index index;
    edgestatic_store store;
    layout_init(&l, &heap);
    ck_assert_int_eq(make_site(&l, sizes[s], &index), EDGESTATIC_OK);
    ck_assert_int_eq(edgestatic_store_open(&store, index.bytes, index.size),
                     EDGESTATIC_OK);
    ck_assert_uint_eq(edgestatic_store_asset_count(&store), sizes[s]);
    ck_assert_uint_eq(edgestatic_store_pack_size(&store), index.pack_size);
    for (unsigned i = 0; i < sizes[s]; i++) {
      char text[16];
      int len = snprintf(text, sizeof text, "/%u", i);
      ck_assert_uint_eq(
          edgestatic_store_find(&store, slice_of(text, (size_t)len)), i);
    }
    ck_assert_uint_eq(edgestatic_store_find(&store, LIT("/none")),
                      EDGESTATIC_NONE);
    ck_assert_uint_eq(edgestatic_store_find(&store, LIT("/a/b/")),
                      EDGESTATIC_NONE);
    mem_free(&heap, index.bytes, index.size);
    layout_free(&l);
  }
}
END_TEST

START_TEST(equal_runs_of_fields_are_stored_once) {
  struct layout l;
  layout_init(&l, &heap);
  struct layout_run a = type_run(&l);
  uint32_t first[500];
  for (unsigned i = 0; i < 500; i++) {
    char digits[16];
    snprintf(digits, sizeof digits, "%u", i);
    first[i] = length_run(&l, digits).first;
  }
  for (unsigned i = 0; i < 500; i++) {
    char digits[16];
    snprintf(digits, sizeof digits, "%u", i);
    ck_assert_uint_eq(length_run(&l, digits).first, first[i]);
  }
  ck_assert_uint_eq(type_run(&l).first, a.first);
  ck_assert_uint_eq(l.fields.count, 2 * 501);
  /* A run that begins as another one is not that one. */
  const struct layout_field one[] = {
      {LIT("Content-Type"), LIT("text/plain"), LIT("mime table")}};
  ck_assert_uint_ne(layout_run(&l, one, 1, 0).first, a.first);
  layout_free(&l);
}
END_TEST

START_TEST(bodies_are_aligned_in_order_without_overlap) {
  static const uint64_t sizes[] = {1, 0, 7, 8, 70000, 3, 65535, 65536, 1};
  enum { n = sizeof sizes / sizeof sizes[0] };
  const unsigned char hash[16] = {0};
  struct layout l;
  struct layout_index index;
  layout_init(&l, &heap);
  for (size_t i = 0; i < n; i++)
    ck_assert_uint_eq(layout_blob(&l, hash, sizes[i]), i);
  ck_assert_int_eq(layout_finish(&l, &index), EDGESTATIC_OK);
  uint64_t end = index.size;
  for (uint32_t i = 0; i < n; i++) {
    uint64_t at = layout_blob_offset(&l, i);
    ck_assert_uint_ge(at, end);
    ck_assert_uint_eq(at % PACK_ALIGN, 0);
    if (sizes[i] >= LAYOUT_PAGED_MIN)
      ck_assert_uint_eq(at % PACK_PAGE, 0);
    else
      ck_assert_uint_lt(at - end, PACK_ALIGN);
    end = at + sizes[i];
  }
  ck_assert_uint_eq(index.pack_size, end);
  mem_free(&heap, index.bytes, index.size);
  layout_free(&l);
}
END_TEST

/* The section of an id, or NULL. */
static const pack_section *section_of(const struct layout_index *index,
                                      uint32_t id) {
  const pack_header *h = (const pack_header *)index->bytes;
  const pack_section *s = (const pack_section *)(h + 1);
  for (uint32_t i = 0; i < get32(h->section_count); i++)
    if (get32(s[i].id) == id)
      return &s[i];
  return NULL;
}

static uint32_t delta_site(struct layout *l, unsigned digests) {
  const unsigned char hash[16] = {1};
  unsigned char sha256[32] = {7};
  uint32_t plain = layout_blob(l, hash, 5), delta = layout_blob(l, hash, 3);
  uint32_t dictionary = layout_dictionary(l, sha256, LIT("/old.js"));
  for (uint32_t i = digests; i-- > 0;) {
    sha256[0] = (unsigned char)i;
    layout_digest(l, i, sha256);
  }
  uint32_t first = layout_variant(l, plain, EDGESTATIC_CODING_IDENTITY, 0,
                                  LIT("\"p\""), length_run(l, "5"));
  layout_variant(l, delta, EDGESTATIC_CODING_DCZ, dictionary, LIT("\"d\""),
                 length_run(l, "3"));
  const struct layout_asset asset = {.path = LIT("/a.js"),
                                     .file = LIT("a.js"),
                                     .type = LIT("text/javascript"),
                                     .mtime = INT64_MIN,
                                     .variant = first,
                                     .variant_count = 2,
                                     .fields = type_run(l)};
  layout_path(l, LIT("/a.js"), LIT("/a.js"), layout_asset(l, &asset), 0);
  return dictionary;
}

START_TEST(dictionaries_and_digests_are_read_back) {
  struct layout l;
  struct layout_index index;
  edgestatic_store store;
  unsigned char sha256[32] = {7};
  layout_init(&l, &heap);
  ck_assert_uint_eq(delta_site(&l, 2), 1);
  ck_assert_uint_eq(layout_dictionary(&l, sha256, LIT("/again.js")), 1);
  sha256[31] = 1;
  ck_assert_uint_eq(layout_dictionary(&l, sha256, LIT("/other.js")), 2);
  ck_assert_int_eq(layout_finish(&l, &index), EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_store_open(&store, index.bytes, index.size),
                   EDGESTATIC_OK);
  ck_assert_uint_eq(get32(section_of(&index, 23)->flags), 0); /* may be */
  ck_assert_uint_eq(get32(section_of(&index, 24)->flags), 0); /* passed over */
  for (uint32_t i = 0; i < 2; i++) {
    edgestatic_variant v = edgestatic_store_variant(&store, i);
    ck_assert_uint_eq(v.sha256[0], i);
    ck_assert_uint_eq(v.dictionary, i);
  }
  edgestatic_dictionary d = edgestatic_store_dictionary(&store, 0);
  ck_assert_uint_eq(d.sha256[0], 7);
  ck_assert_slice_eq(d.name, "/old.js");
  mem_free(&heap, index.bytes, index.size);
  layout_free(&l);
}
END_TEST

START_TEST(digests_of_some_bodies_are_left_out) {
  for (unsigned digests = 0; digests < 2; digests++) {
    struct layout l;
    struct layout_index index;
    edgestatic_store store;
    layout_init(&l, &heap);
    delta_site(&l, digests);
    ck_assert_int_eq(layout_finish(&l, &index), EDGESTATIC_OK);
    ck_assert_int_eq(edgestatic_store_open(&store, index.bytes, index.size),
                     EDGESTATIC_OK);
    ck_assert_ptr_nonnull(section_of(&index, 23));
    ck_assert_ptr_null(section_of(&index, 24));
    ck_assert_ptr_null(edgestatic_store_variant(&store, 0).sha256);
    mem_free(&heap, index.bytes, index.size);
    layout_free(&l);
  }
}
END_TEST

START_TEST(the_newest_time_and_the_depth_of_error_pages_are_kept) {
  struct layout l;
  struct layout_index index;
  layout_init(&l, &heap);
  ck_assert_int_eq(make_site(&l, 10, &index), EDGESTATIC_OK);
  pack_header header;
  memcpy(&header, index.bytes, sizeof header);
  ck_assert_uint_eq(get64(header.newest), 9);
  ck_assert_uint_eq(l.error_page_depth, 3);
  mem_free(&heap, index.bytes, index.size);
  layout_free(&l);

  layout_init(&l, &heap);
  ck_assert_int_eq(make_site(&l, 0, &index), EDGESTATIC_OK);
  memcpy(&header, index.bytes, sizeof header);
  ck_assert_uint_eq(get64(header.newest), (uint64_t)INT64_MIN);
  mem_free(&heap, index.bytes, index.size);
  layout_free(&l);
}
END_TEST

static int make_one(const edgestatic_allocator *a, void *arg) {
  struct layout l;
  struct layout_index index = {0};
  (void)arg;
  layout_init(&l, a);
  delta_site(&l, 2);
  int error = make_site(&l, 300, &index);
  mem_free(a, index.bytes, index.size);
  layout_free(&l);
  return error;
}

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  memtest_fail_each(make_one, NULL);
}
END_TEST

static void assert_date(int64_t seconds, const char *expected) {
  char date[IMFDATE_LENGTH + 1];
  imfdate(seconds, date);
  ck_assert_str_eq(date, expected);
}

START_TEST(dates_are_imf_fixdates) {
  assert_date(0, "Thu, 01 Jan 1970 00:00:00 GMT");
  assert_date(784111777, "Sun, 06 Nov 1994 08:49:37 GMT"); /* RFC 9110 */
  assert_date(951782399, "Mon, 28 Feb 2000 23:59:59 GMT");
  assert_date(951782400, "Tue, 29 Feb 2000 00:00:00 GMT");
  assert_date(951868800, "Wed, 01 Mar 2000 00:00:00 GMT");
  assert_date(4107542399, "Sun, 28 Feb 2100 23:59:59 GMT");
  assert_date(4107542400, "Mon, 01 Mar 2100 00:00:00 GMT");
  assert_date(IMFDATE_NEWEST, "Fri, 31 Dec 9999 23:59:59 GMT");
}
END_TEST

START_TEST(every_date_is_read_back_as_the_second_it_was) {
  for (int64_t t = 0; t <= IMFDATE_NEWEST; t += 86400 * 97 + 12345) {
    char date[IMFDATE_LENGTH + 1];
    int64_t read = -1;
    imfdate(t, date);
    ck_assert(date_parse(slice_of(date, IMFDATE_LENGTH), &read));
    ck_assert_msg(read == t, "%s", date);
  }
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("layout");
  tcase_add_test(tc, each_string_is_stored_once);
  tcase_add_test(tc, a_string_of_more_than_65535_bytes_is_a_limit);
  tcase_add_test(tc, an_index_opens_and_every_path_is_found);
  tcase_add_test(tc, equal_runs_of_fields_are_stored_once);
  tcase_add_test(tc, bodies_are_aligned_in_order_without_overlap);
  tcase_add_test(tc, dictionaries_and_digests_are_read_back);
  tcase_add_test(tc, digests_of_some_bodies_are_left_out);
  tcase_add_test(tc, the_newest_time_and_the_depth_of_error_pages_are_kept);
  tcase_add_test(tc, each_failing_allocation_is_an_error_without_a_leak);
  tcase_add_test(tc, dates_are_imf_fixdates);
  tcase_add_test(tc, every_date_is_read_back_as_the_second_it_was);
  return util_run("layout", tc);
}
