/* check_pack.c - opening packs, good, damaged and forged ones.
 * SPDX-License-Identifier: MIT */
#include "core/pack.h"
#include "invariants.h"
#include "site.h"
#include "util.h"

static unsigned char *pack;
static size_t len, index_len;
static edgestatic_store store;

static void setup(void) {
  pack = site_pack(&len, true);
  index_len = (size_t)get64(((pack_header *)pack)->index_size);
}

static void teardown(void) {
  free(pack);
}

static pack_header *header(void) {
  return (pack_header *)pack;
}

static pack_section *section(enum section_id id) {
  return (pack_section *)(pack + get32(header()->header_size)) + id;
}

static void *record(enum section_id id, uint32_t i) {
  return pack + get32(section(id)->offset) +
         (size_t)i * get32(section(id)->stride);
}

/* The bytes of a string in the pack, to be overwritten. */
static char *text_of(le32 ref) {
  return (char *)record(SECTION_STRINGS, get32(ref) + 2);
}

static int open_pack(void) {
  return edgestatic_store_open(&store, pack, len);
}

/* Opens after a change, with the checksum made right again. */
static void opens_as(int error) {
  mk_reseal(pack);
  ck_assert_int_eq(open_pack(), error);
  if (error != EDGESTATIC_OK) {
    edgestatic_store zero;
    memset(&zero, 0, sizeof zero);
    ck_assert_int_eq(memcmp(&store, &zero, sizeof zero), 0);
  }
}

START_TEST(a_good_pack_opens) {
  ck_assert_int_eq(open_pack(), EDGESTATIC_OK);
  ck_assert_uint_eq(edgestatic_store_index_size(&store), index_len);
  ck_assert_uint_eq(edgestatic_store_pack_size(&store), len);
  ck_assert_uint_eq(edgestatic_store_asset_count(&store), 7);
  ck_assert_uint_eq(edgestatic_store_variant_count(&store), 11);
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

/* Refused with a bad value of a member, and good again with the old one. */
#define REFUSED(member, value)                                                 \
  do {                                                                         \
    __typeof__(member) old = (member);                                         \
    (member) = (value);                                                        \
    opens_as(EDGESTATIC_ERR_FORMAT);                                           \
    (member) = old;                                                            \
    opens_as(EDGESTATIC_OK);                                                   \
  } while (0)

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
  REFUSED(a->variant, put32(9));
  REFUSED(a->variant_count, put16(0));
  REFUSED(a->variant_count, put16(UINT16_MAX));
  REFUSED(a->field, put32(UINT32_MAX));
  REFUSED(a->field_kept, 5);
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
  REFUSED(c->fallback, put32(8));
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
  for (uint32_t id = 0; id < SECTION_KNOWN; id++)
    section(id)->count = put32(0);
  opens_as(EDGESTATIC_OK);
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

START_TEST(every_flipped_bit_is_seen_or_harmless) {
  unsigned char *copy = util_alloc(index_len);
  memcpy(copy, pack, index_len);
  const size_t sealed = offsetof(pack_header, newest);
  for (size_t bit = 0; bit < index_len * 8; bit++) {
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
  for (size_t bit = sizeof(pack_header) * 8; bit < index_len * 8; bit++) {
    memcpy(copy, pack, index_len);
    copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
    mk_reseal(copy);
    if (edgestatic_store_open(&store, copy, index_len) == EDGESTATIC_OK)
      invariants_of_store(&store);
    else
      refused++;
  }
  ck_assert_uint_gt(refused, 1000);
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
  tcase_add_test(tc, references_of_an_entry);
  tcase_add_test(tc, references_of_an_asset);
  tcase_add_test(tc, references_of_a_variant);
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
  tcase_add_test(tc, every_truncation_is_refused_before_the_bodies);
  tcase_add_test(tc, every_truncation_that_claims_to_be_whole_is_harmless);
  tcase_add_test(tc, every_flipped_bit_is_seen_or_harmless);
  tcase_add_test(tc, every_flipped_bit_under_a_right_checksum_is_harmless);
  return util_run("pack", tc);
}
