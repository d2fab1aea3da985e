/* check_headers_forged.c - header rules and CORS records that no builder
 * makes, in packs whose checksum is right.
 * SPDX-License-Identifier: MIT */
#include "config.h"

/* Before byrule.h, whose `pack' some of its parameters would hide. */
#include "mkpack.h"

#include "byrule.h"
#include "core/pack.h"

/* A copy of what was built, to be changed and opened again. */
static unsigned char *copy;
static size_t len;
static edgestatic_store forged;

static void begin(void) {
  setup();
  ck_assert_int_eq(edgestatic_builder_rule(builder, EDGESTATIC_RULE_CORS,
                                           util_text("*.woff2"),
                                           util_text("https://a.example")),
                   EDGESTATIC_OK);
  static char rules[1000];
  memset(rules, 'x', sizeof rules - 1);
  /* Names of as many bytes as those that will stand in their place. */
  int n = sprintf(rules, "%s",
                  "/*\n  X-Aa: a\n  X-Bbbbbbbbbb: b\n"
                  "  X-Cccccccccccccccc: c\n  X-Dddddd: d\n/n*\n"
                  "  ! X-Ee\n  X-Ee: :splat\n/long\n  X-Long: ");
  rules[n] = 'x';
  cloudflare("/r /about 200\n", rules);
  len = (size_t)get64(((const pack_header *)store->base)->pack_size);
  copy = util_alloc(len);
  memcpy(copy, store->base, len);
  ck_assert_int_eq(edgestatic_store_open(&forged, copy, len), EDGESTATIC_OK);
  store = &forged;
}

static void *record(enum section_id id, uint32_t i) {
  return copy + (pack_record(&forged, id, i) - forged.base);
}

static char *text_of(le32 ref) {
  return (char *)record(SECTION_STRINGS, 0) + get32(ref) + 2;
}

static void opens_as(int error) {
  edgestatic_store other;
  mk_reseal(copy);
  ck_assert_int_eq(edgestatic_store_open(&other, copy, len), error);
}

/* Refused with a bad value of a member, and good again with the old one. */
#define REFUSED(member, value)                                                 \
  do {                                                                         \
    __typeof__(member) old = (member);                                         \
    (member) = (value);                                                        \
    opens_as(EDGESTATIC_ERR_FORMAT);                                           \
    (member) = old;                                                            \
    opens_as(EDGESTATIC_OK);                                                   \
  } while (0)

/* The same of the bytes of a string. */
#define REFUSED_TEXT(ref, byte) REFUSED(text_of(ref)[0], (char)(byte))

static uint32_t count(enum section_id id) {
  return forged.section[id].count;
}

/* Gives a field of a header rule another name of the same length. */
static void rename_field(const char *from, const char *to) {
  for (uint32_t i = 0; i < count(SECTION_HEADER_FIELDS); i++) {
    pack_header_field *f = record(SECTION_HEADER_FIELDS, i);
    if (slice_eq(pack_string(&forged, f->name), util_text(from)))
      memcpy(text_of(f->name), to, strlen(to));
  }
  opens_as(EDGESTATIC_OK);
}

/* ---- Numbers and texts ---- */

START_TEST(references_of_a_header_set) {
  pack_header_set *s = record(SECTION_HEADER_SETS, 0);
  REFUSED(s->block, put32(UINT32_MAX));
  REFUSED(s->block, put32(count(SECTION_HEADER_BLOCKS)));
  REFUSED(s->block_count, put32(count(SECTION_HEADER_BLOCKS) + 1));
  REFUSED(s->block_count, put32(HEADER_BLOCKS_MAX + 1));
  REFUSED(s->preset, put32(UINT32_MAX));
  REFUSED(s->preset_count, put32(UINT32_MAX));
  REFUSED(s->preset_count, put32(count(SECTION_HEADER_FIELDS) + 1));
}
END_TEST

START_TEST(references_of_a_header_block) {
  for (uint32_t i = 0; i < count(SECTION_HEADER_BLOCKS); i++) {
    pack_header_block *b = record(SECTION_HEADER_BLOCKS, i);
    REFUSED(b->host, put32(UINT32_MAX));
    REFUSED(b->path, put32(UINT32_MAX));
    REFUSED(b->field, put32(UINT32_MAX));
    REFUSED(b->field_count, put32(count(SECTION_HEADER_FIELDS) + 1));
  }
}
END_TEST

START_TEST(what_may_become_a_line_of_a_response) {
  for (uint32_t i = 0; i < count(SECTION_HEADER_FIELDS); i++) {
    pack_header_field *f = record(SECTION_HEADER_FIELDS, i);
    REFUSED(f->name, put32(UINT32_MAX));
    REFUSED(f->value, put32(UINT32_MAX));
    REFUSED(f->origin, put32(UINT32_MAX));
    REFUSED_TEXT(f->name, ' ');
    REFUSED_TEXT(f->name, '\n');
    if (pack_string(&forged, f->value).len == 0)
      continue;
    REFUSED_TEXT(f->value, 0);
    REFUSED_TEXT(f->value, 0x7f);
    REFUSED_TEXT(f->value, 0xff);
  }
}
END_TEST

START_TEST(references_of_a_cors_record) {
  pack_cors *c = record(SECTION_CORS, 0);
  REFUSED(c->origins, put32(UINT32_MAX));
  REFUSED(c->methods, put32(UINT32_MAX));
  REFUSED(c->headers, put32(UINT32_MAX));
  REFUSED(c->exposed, put32(UINT32_MAX));
  REFUSED_TEXT(c->origins, '\n');
  REFUSED_TEXT(c->methods, '\r');
  REFUSED(c->flags, put32(CORS_ANY | CORS_CREDENTIALS));
}
END_TEST

START_TEST(an_origin_longer_than_any_host_is_refused) {
  pack_cors *c = record(SECTION_CORS, 0);
  pack_header_field *last =
      record(SECTION_HEADER_FIELDS, count(SECTION_HEADER_FIELDS) - 1);
  ck_assert_uint_gt(pack_string(&forged, last->value).len, CORS_ORIGIN_MAX);
  REFUSED(c->origins, last->value);
}
END_TEST

/* ---- What rules cannot say ---- */

START_TEST(fields_of_the_content_and_the_message_are_left_alone) {
  rename_field("X-Bbbbbbbbbb", "Content-Type");
  rename_field("X-Cccccccccccccccc", "Transfer-Encodings");
  rename_field("X-Dddddd", "Location");
  asks("GET", "/r", 200);
  is("X-Aa", "a");
  is("Content-Type", "text/html; charset=utf-8");
  ck_assert_uint_eq(lines("Content-Type"), 1);
  is("Transfer-Encodings", "");
  is("Location", "");
  asks("GET", "/none", 404);
  is("X-Aa", "a");
  is("Location", "");
}
END_TEST

START_TEST(vary_is_not_taken_away) {
  rename_field("X-Ee", "Vary");
  with(EDGESTATIC_FIELD_ORIGIN, "https://a.example");
  asks("GET", "/none", 404);
  is("Vary", "one");
  ck_assert_uint_eq(lines("Vary"), 1);
}
END_TEST

/* A pattern has as many captures as it has, whatever a value asks for. */
START_TEST(a_capture_that_the_pattern_lacks_is_empty) {
  for (uint32_t i = 0; i < count(SECTION_HEADER_FIELDS); i++) {
    pack_header_field *f = record(SECTION_HEADER_FIELDS, i);
    slice value = pack_string(&forged, f->value);
    if (value.len > 0 && value.base[0] == 1)
      text_of(f->value)[0] = 31;
  }
  opens_as(EDGESTATIC_OK);
  asks("GET", "/none", 404);
  is("X-Ee", "");
  ck_assert_uint_eq(lines("X-Ee"), 1);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("all");
  tcase_add_checked_fixture(tc, begin, teardown);
  tcase_add_test(tc, references_of_a_header_set);
  tcase_add_test(tc, references_of_a_header_block);
  tcase_add_test(tc, what_may_become_a_line_of_a_response);
  tcase_add_test(tc, references_of_a_cors_record);
  tcase_add_test(tc, an_origin_longer_than_any_host_is_refused);
  tcase_add_test(tc, fields_of_the_content_and_the_message_are_left_alone);
  tcase_add_test(tc, vary_is_not_taken_away);
  tcase_add_test(tc, a_capture_that_the_pattern_lacks_is_empty);
  return util_run("headers_forged", tc);
}
