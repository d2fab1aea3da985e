/* check_carry_forged.c - packs that no builder made, given to one.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "build/handle.h"
#include "core/pack.h"

/* Before carrying.h, whose `pack' some of its parameters would hide. */
#include "mkpack.h"

#include "carrying.h"

static edgestatic_pack *given; /* to several helpers */

/* Opens what mk made; the bytes live until the end of the test. */
static edgestatic_pack *forge(mk *m) {
  size_t len;
  unsigned char *bytes = mk_finish(m, &len);
  edgestatic_slice kept = util_bytes(bytes, len);
  free(bytes);
  edgestatic_pack *made;
  ck_assert_int_eq(edgestatic_pack_borrow(&made, kept.base, kept.len),
                   EDGESTATIC_OK);
  return made;
}

static void refused(mk *m, const char *words) {
  edgestatic_pack *forged = forge(m);
  memset(&told, 0, sizeof told);
  ck_assert_int_eq(edgestatic_builder_add_pack(builder, forged, INT64_MIN),
                   EDGESTATIC_ERR_INPUT);
  assert_said(&told, words);
  memset(&told, 0, sizeof told);
  ck_assert_int_eq(edgestatic_builder_previous(builder, forged, 1),
                   EDGESTATIC_ERR_INPUT);
  assert_said(&told, words);
  edgestatic_pack_unref(forged);
}

START_TEST(packs_that_no_builder_made_are_refused) {
  static const char *const names[] = {"../a", "a\nb", "/a", "a/./b", ""};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    mk *m = mk_new();
    uint32_t asset = mk_file(m, "/a", "text/plain", 0, "\"a\"", "x");
    m->asset[asset].file = mk_string(m, names[i]);
    refused(m, "of the pack");
  }
  mk *m = mk_new();
  m->asset[mk_file(m, "/a", "text/plain", 0, "\"a\"", "x")].field_count = 0;
  m->asset[0].field_kept = 0;
  refused(m, "no header fields");
  m = mk_new();
  mk_file(m, "/a", "text/plain", 0, "\"a\"", "x");
  m->variant[0].coding = EDGESTATIC_CODING_BR;
  refused(m, "without a content coding");
  m = mk_new();
  mk_file(m, "/a", "text/plain", 0, "\"a\"", "x");
  for (int i = 0; i < 32; i++)
    mk_variant(m, EDGESTATIC_CODING_BR, "\"b\"", "y", 1);
  refused(m, "more variants");
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 0);
}
END_TEST

START_TEST(a_body_that_is_not_its_hash_fails_the_build) {
  mk *m = mk_new();
  mk_file(m, "/a.txt", "text/plain", 0, "\"a\"", "x"); /* has no real hash */
  edgestatic_pack *forged = forge(m);
  carry(forged);
  finish_fails(EDGESTATIC_ERR_INPUT, "does not match its hash");
  ck_assert_str_eq(told.file, "a.txt");
  edgestatic_pack_unref(forged);
}
END_TEST

/* Gives every blob its hash. */
static void hash_bodies(mk *m) {
  for (uint32_t i = 0; i < m->blobs; i++)
    builder_xxh3(m->bodies + get64(m->blob[i].offset),
                 (size_t)get64(m->blob[i].size), m->blob[i].hash);
}

START_TEST(variants_that_are_not_known_are_left_behind) {
  mk *m = mk_new();
  mk_file(m, "/a.txt", "text/plain", 0, "\"a\"", "plain");
  mk_variant(m, EDGESTATIC_CODING_BR, "\"b\"", "one", 3);
  mk_variant(m, EDGESTATIC_CODING_BR, "\"c\"", "two", 3);
  mk_variant(m, 77, "\"d\"", "new", 3);
  mk_delta(m, EDGESTATIC_CODING_DCZ, mk_dictionary(m, 1, "/old"), "\"e\"",
           "delta", 5);
  hash_bodies(m);
  edgestatic_pack *forged = forge(m);
  carry(forged);
  finish();
  edgestatic_asset a = asset_at("/a.txt");
  ck_assert_uint_eq(a.variant_count, 3);
  ck_assert_slice_eq(edgestatic_store_variant(store, a.variant).etag, "\"b\"");
  edgestatic_variant delta = edgestatic_store_variant(store, a.variant + 2);
  ck_assert_slice_eq(delta.etag, "\"e\"");
  ck_assert_slice_eq(
      edgestatic_store_dictionary(store, delta.dictionary - 1).name, "/old");
  has_body("/a.txt", "plain");
  edgestatic_pack_unref(forged);
}
END_TEST

START_TEST(an_asset_of_another_file_is_no_error_page) {
  mk *m = mk_new();
  m->fallback = 1 + mk_file(m, "/other.html", "text/html", 0, "\"a\"", "other");
  mk_file(m, "/404.html", "text/html", 0, "\"a\"", "missing");
  mk_file(m, "/index.html", "text/html", 0, "\"a\"", "home");
  mk_error_page(m, "/", mk_asset(m, "/other.html", "text/html", 0));
  mk_variant(m, 0, "", "other", 5);
  hash_bodies(m);
  edgestatic_pack *forged = forge(m);
  carry(forged);
  builder->options.not_found = EDGESTATIC_NOT_FOUND_SPA;
  finish();
  get("/none", NULL);
  ck_assert_int_eq(response.status, 404);
  ck_assert_uint_eq(response.route, EDGESTATIC_ROUTE_NONE);
  edgestatic_pack_unref(forged);
}
END_TEST

/* The pack with its bytes changed at a record of a section. */
static void header_rules_refused(void (*change)(pack_header_block *,
                                                pack_header_field *),
                                 const char *words) {
  const edgestatic_store *s = edgestatic_pack_store(given);
  edgestatic_slice copy = util_bytes(s->base, (size_t)s->pack_size);
  unsigned char *bytes = (unsigned char *)(uintptr_t)copy.base;
  change(
      (pack_header_block *)(bytes + s->section[SECTION_HEADER_BLOCKS].offset),
      (pack_header_field *)(bytes + s->section[SECTION_HEADER_FIELDS].offset));
  mk_reseal(bytes);
  edgestatic_pack *forged;
  ck_assert_int_eq(edgestatic_pack_borrow(&forged, bytes, copy.len),
                   EDGESTATIC_OK);
  carry(forged);
  finish_fails(EDGESTATIC_ERR_INPUT, words);
  new_builder();
  edgestatic_pack_unref(forged);
}

/* A pattern as a value: its control byte is a capture that is not there. */
static void wrong_capture(pack_header_block *b, pack_header_field *f) {
  f[0].value = b[1].path;
}

static void shared_fields(pack_header_block *b, pack_header_field *f) {
  (void)f;
  b[1].field = put32(0);
  b[1].field_count = put32(3);
}

START_TEST(header_rules_that_no_builder_made_are_refused) {
  add("a.txt", "a");
  add_rules();
  finish();
  given = take();
  header_rules_refused(wrong_capture, "not a builder's");
  header_rules_refused(shared_fields, "share fields");
  edgestatic_pack_unref(given);
}
END_TEST

START_TEST(a_way_of_serving_that_is_not_known_is_refused) {
  add("a.txt", "a");
  finish();
  edgestatic_slice copy = util_bytes(store->base, (size_t)store->pack_size);
  unsigned char *bytes = (unsigned char *)(uintptr_t)copy.base;
  pack_collection *site =
      (pack_collection *)(bytes + store->section[SECTION_COLLECTIONS].offset);
  site->flags = put16(COLLECTION_FLAGS(0, 3));
  mk_reseal(bytes);
  edgestatic_pack *forged;
  ck_assert_int_eq(edgestatic_pack_borrow(&forged, bytes, copy.len),
                   EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_add_pack(builder, forged, INT64_MIN),
                   EDGESTATIC_ERR_INPUT);
  assert_said(&told, "newer edgestatic");
  edgestatic_pack_unref(forged);
}
END_TEST

/* Versions of a style sheet, each a delta to the others. */
static slice style(uint32_t version) {
  return samples_alike(samples_text(4000, 9), 3800, version + 1);
}

/* Derives from a pack in a block of exactly its size; whether it opened. */
static bool derive_forged(const unsigned char *bytes, size_t len,
                          slice newest) {
  edgestatic_pack *forged, *made = NULL;
  void *block = malloc(len);
  memcpy(block, bytes, len);
  bool opened = edgestatic_pack_borrow(&forged, block, len) == EDGESTATIC_OK;
  if (opened) {
    new_builder();
    (void)edgestatic_builder_add_pack(builder, forged, 1);
    (void)edgestatic_builder_previous(builder, forged, 5);
    (void)edgestatic_builder_add(builder, LIT("new.txt"), "new", 3, NULL);
    (void)edgestatic_builder_add(builder, LIT("b.css"), newest.base, newest.len,
                                 NULL);
    (void)edgestatic_builder_finish(builder, &made);
    edgestatic_pack_unref(made);
    new_builder(); /* which has a reference no more */
    edgestatic_pack_unref(forged);
  }
  free(block);
  return opened;
}

START_TEST(forged_packs_do_no_harm) {
  static const unsigned char values[] = {0, 1, 2, 3, 31, 0x7f, 0x80, 0xff};
  uint32_t state = 77, opened = 0;
  slice newest = style(3);
  options.threads = 1;
  new_builder();
  add_bytes("a.css", style(1));
  add_bytes("b.css", style(1));
  finish();
  edgestatic_pack *old = take();
  previous(old, 0);
  add_bytes("a.css", style(2)); /* whose deltas are carried */
  add_bytes("b.css", style(2)); /* to which some are made */
  add_samples();
  add_rules();
  add_policy();
  finish();
  edgestatic_pack *first = take();
  const edgestatic_store *s = edgestatic_pack_store(first);
  const size_t len = (size_t)s->pack_size;
  const size_t from = s->section[SECTION_COLLECTIONS].offset;
  unsigned char *bytes = util_alloc(len);
  for (int round = 0; round < 3000; round++) {
    memcpy(bytes, s->base, len);
    for (uint32_t i = samples_random(&state) % 3 + 1; i > 0; i--) {
      size_t at = from + samples_random(&state) % (s->index_size - from);
      bytes[at] = values[samples_random(&state) % sizeof values];
    }
    mk_reseal(bytes);
    opened += derive_forged(bytes, len, newest);
  }
  ck_assert_uint_gt(opened, 300);
  edgestatic_pack_unref(old);
  edgestatic_pack_unref(first);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("carry_forged");
  tcase_add_checked_fixture(c, setup, teardown);
  tcase_add_test(c, packs_that_no_builder_made_are_refused);
  tcase_add_test(c, a_body_that_is_not_its_hash_fails_the_build);
  tcase_add_test(c, variants_that_are_not_known_are_left_behind);
  tcase_add_test(c, an_asset_of_another_file_is_no_error_page);
  tcase_add_test(c, header_rules_that_no_builder_made_are_refused);
  tcase_add_test(c, a_way_of_serving_that_is_not_known_is_refused);
  tcase_add_test(c, forged_packs_do_no_harm);
  return util_run("carry_forged", c);
}
