/* check_build_digest.c - every body of a pack has its SHA-256.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "build/digest.h"
#include "edgestatic_site.h"

#include "packing.h"

#include <xxhash.h>

/* FIPS 180-2, appendix B.1. */
START_TEST(the_digest_is_sha_256) {
  static const unsigned char abc[DIGEST_SIZE] = {
      0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
      0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
      0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
  unsigned char sha256[DIGEST_SIZE];
  edgestatic_slice text = util_text("abc");
  digest_sha256(text.base, text.len, sha256);
  ck_assert_mem_eq(sha256, abc, sizeof abc);
}
END_TEST

static void digests_are_right(void) {
  ck_assert_uint_gt(edgestatic_store_variant_count(store), 0);
  for (uint32_t i = 0; i < edgestatic_store_variant_count(store); i++) {
    edgestatic_variant v = edgestatic_store_variant(store, i);
    unsigned char sha256[DIGEST_SIZE];
    ck_assert_ptr_nonnull(v.sha256);
    digest_sha256(body_of(&v).base, (size_t)v.size, sha256);
    ck_assert_mem_eq(v.sha256, sha256, sizeof sha256);
  }
}

static void add_all(void) {
  add("empty.txt", "");
  add("404.html", "<p>no</p>");
  add_bytes("a.js", samples_text(20000, 1));
  add_bytes("b.png", samples_noise(9000, 2));
}

START_TEST(each_body_has_its_digest_in_each_coding) {
  add_all();
  finish();
  digests_are_right();
}
END_TEST

START_TEST(a_build_from_the_cache_has_the_same_digests) {
  use_cache("cache");
  for (unsigned round = 0; round < 2; round++) {
    new_builder();
    add_all();
    finish();
    digests_are_right();
    edgestatic_builder_stats stats;
    edgestatic_builder_get_stats(builder, &stats);
    ck_assert_int_eq(stats.cached_blobs > 0, round > 0);
  }
}
END_TEST

/* A hash that gives the same for all. */
static void one_hash(const void *bytes, size_t len, unsigned char hash[16]) {
  (void)bytes;
  (void)len;
  memset(hash, 0x55, 16);
}

START_TEST(an_entry_of_a_content_that_collides_lends_no_digest) {
  use_cache("cache");
  for (uint32_t seed = 1; seed < 5; seed++) {
    new_builder();
    builder->hash = one_hash;
    add_bytes("a.png", samples_noise(9000, seed));
    add_bytes("a.js", samples_text(20000, seed));
    finish();
    digests_are_right();
  }
}
END_TEST

START_TEST(a_carried_body_has_the_digest_that_its_pack_has) {
  add_all();
  finish();
  edgestatic_pack *first = edgestatic_pack_ref(pack);
  new_builder();
  ck_assert_int_eq(edgestatic_builder_add_pack(builder, first, INT64_MIN),
                   EDGESTATIC_OK);
  add("new.txt", "new");
  finish();
  digests_are_right();
  edgestatic_pack_unref(first);
}
END_TEST

/* The section's id becomes one that nobody knows. */
static edgestatic_pack *without_digests(void) {
  char *bytes = (char *)util_bytes(store->base, store->len).base;
  pack_header *h = (pack_header *)bytes;
  pack_section *s = (pack_section *)(bytes + get32(h->header_size));
  uint32_t n = get32(h->section_count);
  while (get32(s->id) != SECTION_DIGESTS + SECTION_LATER_BASE && --n > 0)
    s++;
  ck_assert_uint_gt(n, 0);
  s->id = put32(60);
  size_t from = offsetof(pack_header, newest);
  h->checksum =
      put64(XXH3_64bits(bytes + from, (size_t)get64(h->index_size) - from));
  edgestatic_pack *older;
  ck_assert_int_eq(edgestatic_pack_borrow(&older, bytes, store->len),
                   EDGESTATIC_OK);
  return older;
}

START_TEST(a_body_carried_from_an_older_builders_pack_gets_its_digest) {
  add_all();
  finish();
  edgestatic_pack *older = without_digests();
  ck_assert_ptr_null(
      edgestatic_store_variant(edgestatic_pack_store(older), 0).sha256);
  new_builder();
  ck_assert_int_eq(edgestatic_builder_add_pack(builder, older, INT64_MIN),
                   EDGESTATIC_OK);
  finish();
  digests_are_right();
  edgestatic_pack_unref(older);
}
END_TEST

int main(void) {
  TCase *t = tcase_create("digests of bodies");
  tcase_add_checked_fixture(t, setup, teardown);
  tcase_add_test(t, the_digest_is_sha_256);
  tcase_add_test(t, each_body_has_its_digest_in_each_coding);
  tcase_add_test(t, a_build_from_the_cache_has_the_same_digests);
  tcase_add_test(t, an_entry_of_a_content_that_collides_lends_no_digest);
  tcase_add_test(t, a_carried_body_has_the_digest_that_its_pack_has);
  tcase_add_test(t, a_body_carried_from_an_older_builders_pack_gets_its_digest);
  return util_run("build_digest", t);
}
