/* check_check.c - forged packs, whose checksum is right.
 * SPDX-License-Identifier: MIT */
#include "forge.h"

START_TEST(references_of_an_entry) {
  pack_entry *e = record(SECTION_ENTRIES, 0);
  REFUSED(e->path, put32(UINT32_MAX));
  REFUSED(e->path, section(SECTION_STRINGS)->count);
  REFUSED(e->location, put32(UINT32_MAX - 1));
  REFUSED(e->asset, section(SECTION_ASSETS)->count);
  REFUSED(e->asset, put32(UINT32_MAX));
  REFUSED(e->kind, 0);
  REFUSED(e->kind, 3);
  REFUSED(e->kind, ENTRY_REDIRECT); /* with status 200 */
}
END_TEST

START_TEST(references_of_an_asset) {
  pack_asset *a = record(SECTION_ASSETS, 2);
  REFUSED(a->path, put32(UINT32_MAX));
  REFUSED(a->file, put32(UINT32_MAX));
  REFUSED(a->type, put32(UINT32_MAX));
  REFUSED(a->variant, put32(UINT32_MAX));
  REFUSED(a->variant, put32(14));
  REFUSED(a->variant_count, put16(0));
  REFUSED(a->variant_count, put16(UINT16_MAX));
  REFUSED(a->field, put32(UINT32_MAX));
  REFUSED(a->field_kept, 5);
  REFUSED(a->bare, put32(UINT32_MAX));
  REFUSED(a->bare_kept, 5);
  REFUSED(a->tls_count, 5);
  REFUSED(a->bare_tls, 5);
  REFUSED(a->cors, put32(1));
}
END_TEST

START_TEST(references_of_a_variant) {
  pack_variant *v = record(SECTION_VARIANTS, 2);
  REFUSED(v->blob, section(SECTION_BLOBS)->count);
  REFUSED(v->etag, put32(UINT32_MAX));
  REFUSED(v->field, put32(UINT32_MAX));
  REFUSED(v->field_count, 255);
  REFUSED(v->field_count, 0);
  REFUSED(v->field_kept, 4);
  REFUSED(v->field_kept, 3); /* a 304 would say Content-Length */
}
END_TEST

START_TEST(a_delta_has_a_dictionary_and_nothing_else_has) {
  mk *m = mk_new();
  mk_file(m, "/x", "text/plain", 0, "\"x\"", "x");
  mk_delta(m, EDGESTATIC_CODING_DCZ, mk_dictionary(m, 1, "/old"), "\"d\"", "d",
           1);
  mk_digests(m);
  free(pack);
  pack = mk_finish(m, &len);
  opens_as(EDGESTATIC_OK);
  pack_variant *plain = record(SECTION_VARIANTS, 0);
  pack_variant *delta = record(SECTION_VARIANTS, 1);
  REFUSED(plain->dictionary, put32(1));
  REFUSED(delta->dictionary, put32(0));
  REFUSED(delta->dictionary, put32(2));
  REFUSED(delta->dictionary, put32(UINT32_MAX));
  REFUSED(delta->coding, EDGESTATIC_CODING_BR);
  /* The two sections come behind those that every pack has. */
  pack_section *dictionaries = section(SECTION_KNOWN), *digests;
  pack_dictionary *d = (void *)(pack + get32(dictionaries->offset));
  REFUSED(d->name, put32(UINT32_MAX));
  REFUSED(dictionaries->stride, put32(36));
  digests = dictionaries + 1;
  REFUSED(digests->count, put32(1));
  REFUSED(digests->count, put32(UINT32_MAX));
  digests->count = put32(0);
  opens_as(EDGESTATIC_OK);
  ck_assert_ptr_null(edgestatic_store_variant(&store, 0).sha256);
  delta->coding = EDGESTATIC_CODING_COUNT; /* later ones may be as they like */
  opens_as(EDGESTATIC_OK);
}
END_TEST

START_TEST(references_of_a_field) {
  pack_field *f = record(SECTION_FIELDS, 0);
  REFUSED(f->name, put32(UINT32_MAX));
  REFUSED(f->value, put32(UINT32_MAX));
  REFUSED(f->origin, put32(UINT32_MAX));
}
END_TEST

START_TEST(bodies_lie_behind_the_index_and_in_the_pack) {
  pack_blob *b = record(SECTION_BLOBS, 0);
  REFUSED(b->offset, put64(0));
  REFUSED(b->offset, put64(index_len - 1));
  REFUSED(b->offset, put64(len + 1));
  REFUSED(b->offset, put64(UINT64_MAX));
  REFUSED(b->offset, put64(len - 8)); /* nine bytes */
  REFUSED(b->size, put64(UINT64_MAX));
}
END_TEST

START_TEST(content_length_is_the_size_of_the_body) {
  pack_blob *b = record(SECTION_BLOBS, 0);
  REFUSED(b->size, put64(8));
  REFUSED(b->size, put64(10));
  pack_variant *v = record(SECTION_VARIANTS, 0);
  REFUSED(v->field, put32(get32(v->field) + 1)); /* another field first */
}
END_TEST

START_TEST(no_other_field_is_about_framing) {
  pack_field *f = record(SECTION_FIELDS, 0); /* of an asset */
  char *name = text_of(((pack_field *)record(SECTION_FIELDS, 4))->name);
  ck_assert_str_eq(name, "Content-Length");
  REFUSED(f->name, ((pack_field *)record(SECTION_FIELDS, 4))->name);
  f = record(SECTION_FIELDS, 5); /* a variant's ETag */
  REFUSED(f->name, ((pack_field *)record(SECTION_FIELDS, 4))->name);
}
END_TEST

START_TEST(references_of_a_collection) {
  pack_collection *c = record(SECTION_COLLECTIONS, 0);
  REFUSED(c->name, put32(UINT32_MAX));
  REFUSED(c->paths.first, put32(UINT32_MAX));
  REFUSED(c->paths.first, section(SECTION_SLOTS)->count);
  REFUSED(c->error_pages.first, put32(UINT32_MAX));
  REFUSED(c->fallback, put32(9));
  REFUSED(c->canonical_status, put16(200));
  REFUSED(c->canonical_status, put16(303));
}
END_TEST

START_TEST(a_mask_is_a_power_of_two_less_one) {
  pack_collection *c = record(SECTION_COLLECTIONS, 0);
  REFUSED(c->paths.mask, put32(2));
  REFUSED(c->paths.mask, put32(6));
  REFUSED(c->paths.mask, put32(UINT32_MAX));
  REFUSED(c->paths.mask, put32(0x7fffffff));
}
END_TEST

START_TEST(a_full_table_would_never_end_a_search) {
  pack_collection *c = record(SECTION_COLLECTIONS, 0);
  pack_slot *slot = record(SECTION_SLOTS, get32(c->paths.first));
  for (uint32_t i = 0; i <= get32(c->paths.mask); i++)
    slot[i].entry = put32(1);
  opens_as(EDGESTATIC_ERR_FORMAT);
  slot[3].entry = put32(0);
  opens_as(EDGESTATIC_OK);
  invariants_of_store(&store);
}
END_TEST

START_TEST(a_slot_leads_to_an_entry) {
  pack_collection *c = record(SECTION_COLLECTIONS, 0);
  pack_slot *slot = record(SECTION_SLOTS, get32(c->paths.first));
  REFUSED(slot[0].entry, put32(get32(section(SECTION_ENTRIES)->count) + 1));
  REFUSED(slot[0].entry, put32(UINT32_MAX));
}
END_TEST

/* Tables with runs of used slots, from a pack that has slots to spare. */
START_TEST(a_search_takes_few_steps) {
  mk *m = mk_new();
  size_t n;
  uint32_t asset = mk_file(m, "/x", "text/plain", 0, "\"x\"", "x");
  for (int i = 0; i < 1500; i++)
    mk_string(m, "room for slots");
  (void)asset;
  unsigned char *p = mk_finish(m, &n);
  pack_header *h = (pack_header *)p;
  pack_section *s = (pack_section *)(p + sizeof *h);
  pack_collection *c = (pack_collection *)(p + get32(s[1].offset));
  /* Slots over the strings that nobody refers to. */
  uint32_t at = get32(s[SECTION_STRINGS].offset) + 1000;
  memset(p + at, 0, 2048 * sizeof(pack_slot));
  s[SECTION_SLOTS].offset = put32(at);
  s[SECTION_SLOTS].count = put32(2048);
  c->paths = (pack_table){put32(0), put32(2047)};
  pack_slot *slot = (pack_slot *)(p + at);
  for (uint32_t run = PACK_PROBES_MAX; run <= PACK_PROBES_MAX + 1; run++)
    for (uint32_t begin = 0; begin < 2048; begin += 512) {
      for (uint32_t i = 0; i < 2048; i++)
        slot[(begin + i) % 2048].entry = put32(i < run);
      mk_reseal(p);
      ck_assert_int_eq(edgestatic_store_open(&store, p, n),
                       run <= PACK_PROBES_MAX ? EDGESTATIC_OK
                                              : EDGESTATIC_ERR_FORMAT);
    }
  free(p);
}
END_TEST

START_TEST(error_pages_need_no_table_when_there_are_none) {
  pack_collection *c = record(SECTION_COLLECTIONS, 0);
  c->error_page_depth = put32(0);
  c->error_pages = (pack_table){put32(UINT32_MAX), put32(77)};
  opens_as(EDGESTATIC_OK);
  invariants_of_store(&store);
}
END_TEST

START_TEST(a_string_ends_with_nul) {
  pack_entry *e = record(SECTION_ENTRIES, 0);
  char *text = text_of(e->path);
  size_t end = strlen(text);
  REFUSED(text[end], 'x');
}
END_TEST

START_TEST(a_field_cannot_end_its_line) {
  pack_field *f = record(SECTION_FIELDS, 0);
  char *name = text_of(f->name), *value = text_of(f->value);
  REFUSED(name[1], '\n');
  REFUSED(name[1], ' ');
  REFUSED(name[1], ':');
  REFUSED(name[1], (char)0xe9);
  REFUSED(name[1], '(');
  REFUSED(value[0], '\n');
  REFUSED(value[0], '\r');
  REFUSED(value[0], '\0');
  REFUSED(value[0], '\x7f');
  value[0] = '\t';
  opens_as(EDGESTATIC_OK);
  value[0] = (char)0xe9;
  opens_as(EDGESTATIC_OK);
}
END_TEST

START_TEST(a_field_name_is_a_token) {
  static const char good[] = "!#$%&'*+-.^_`|~azAZ09";
  pack_field *f = record(SECTION_FIELDS, 1);
  char *name = text_of(f->name);
  for (size_t i = 0; i < sizeof good - 1; i++) {
    name[2] = good[i];
    opens_as(EDGESTATIC_OK);
  }
  unsigned char *n = (unsigned char *)name - 2;
  REFUSED(n[0], 0); /* empty, and its first byte no NUL */
}
END_TEST

START_TEST(a_tag_has_quotes_and_nothing_odd_inside) {
  pack_variant *v = record(SECTION_VARIANTS, 0);
  char *tag = text_of(v->etag);
  REFUSED(tag[0], 'x');
  size_t end = strlen(tag) - 1;
  REFUSED(tag[end], 'x');
  REFUSED(tag[2], '"');
  REFUSED(tag[2], ' ');
  REFUSED(tag[2], (char)0xe9);
  REFUSED(v->etag, ((pack_entry *)record(SECTION_ENTRIES, 0))->path);
}
END_TEST

START_TEST(a_location_of_an_asset_stays_on_the_site) {
  pack_entry *e = record(SECTION_ENTRIES, 0);
  char *location = text_of(e->location);
  REFUSED(location[0], 'n');
  REFUSED(location[1], '/');
  REFUSED(location[1], '\\');
  REFUSED(location[1], ' ');
  REFUSED(location[1], '\n');
  REFUSED(location[1], (char)0xe9);
}
END_TEST

START_TEST(a_redirect_may_lead_anywhere_but_is_a_uri) {
  pack_entry *e = record(SECTION_ENTRIES, 4);
  ck_assert_int_eq(e->kind, ENTRY_REDIRECT);
  char *location = text_of(e->location);
  REFUSED(location[9], '\n');
  REFUSED(location[9], ' ');
  REFUSED(e->status, put16(200));
  REFUSED(e->status, put16(304));
  for (unsigned status = 301; status <= 308; status++)
    if (status < 304 || status > 306) {
      e->status = put16((uint16_t)status);
      opens_as(EDGESTATIC_OK);
    }
}
END_TEST

static int open_mk(mk *m) {
  size_t n;
  unsigned char *p = mk_finish(m, &n);
  int error = edgestatic_store_open(&store, p, n);
  free(p);
  return error;
}

START_TEST(what_a_response_copies_has_bounds) {
  static char text[PACK_LOCATION_MAX + 2];
  memset(text, 'a', sizeof text - 1);
  text[0] = '/';
  mk *m = mk_new();
  uint32_t asset = mk_file(m, "/x", "text/plain", 0, "\"x\"", "x");
  mk_entry(m, "/y", text, asset, 0);
  ck_assert_int_eq(open_mk(m), EDGESTATIC_ERR_FORMAT);
  text[PACK_LOCATION_MAX] = '\0';
  m = mk_new();
  asset = mk_file(m, "/x", "text/plain", 0, "\"x\"", "x");
  mk_entry(m, "/y", text, asset, 0);
  ck_assert_int_eq(open_mk(m), EDGESTATIC_OK);
  m = mk_new();
  asset = mk_file(m, "/x", "text/plain", 0, "\"x\"", "x");
  mk_entry(m, "/y", "", asset, 0);
  ck_assert_int_eq(open_mk(m), EDGESTATIC_ERR_FORMAT);
  text[PACK_TYPE_MAX + 1] = '\0';
  m = mk_new();
  mk_file(m, "/x", text, 0, "\"x\"", "x");
  ck_assert_int_eq(open_mk(m), EDGESTATIC_ERR_FORMAT);
  text[PACK_TYPE_MAX] = '\0';
  m = mk_new();
  mk_file(m, "/x", text, 0, "\"x\"", "x");
  ck_assert_int_eq(open_mk(m), EDGESTATIC_OK);
}
END_TEST

START_TEST(a_pack_of_nothing_opens) {
  ck_assert_int_eq(open_mk(mk_new()), EDGESTATIC_OK);
  section(SECTION_COLLECTIONS)->count = put32(0);
  opens_as(EDGESTATIC_OK);
  invariants_of_store(&store);
  ck_assert_uint_eq(edgestatic_store_find(&store, util_text("/nums.txt")),
                    EDGESTATIC_NONE);
  for (uint32_t i = 0; i < get32(header()->section_count); i++)
    section(SECTION_STRINGS)[i].count = put32(0);
  opens_as(EDGESTATIC_OK);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("check");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, references_of_an_entry);
  tcase_add_test(tc, references_of_an_asset);
  tcase_add_test(tc, references_of_a_variant);
  tcase_add_test(tc, a_delta_has_a_dictionary_and_nothing_else_has);
  tcase_add_test(tc, references_of_a_field);
  tcase_add_test(tc, bodies_lie_behind_the_index_and_in_the_pack);
  tcase_add_test(tc, content_length_is_the_size_of_the_body);
  tcase_add_test(tc, no_other_field_is_about_framing);
  tcase_add_test(tc, references_of_a_collection);
  tcase_add_test(tc, a_mask_is_a_power_of_two_less_one);
  tcase_add_test(tc, a_full_table_would_never_end_a_search);
  tcase_add_test(tc, a_slot_leads_to_an_entry);
  tcase_add_test(tc, a_search_takes_few_steps);
  tcase_add_test(tc, error_pages_need_no_table_when_there_are_none);
  tcase_add_test(tc, a_string_ends_with_nul);
  tcase_add_test(tc, a_field_cannot_end_its_line);
  tcase_add_test(tc, a_field_name_is_a_token);
  tcase_add_test(tc, a_tag_has_quotes_and_nothing_odd_inside);
  tcase_add_test(tc, a_location_of_an_asset_stays_on_the_site);
  tcase_add_test(tc, a_redirect_may_lead_anywhere_but_is_a_uri);
  tcase_add_test(tc, what_a_response_copies_has_bounds);
  tcase_add_test(tc, a_pack_of_nothing_opens);
  return util_run("check", tc);
}
