/* check_digest.c - Repr-Digest and Content-Digest on request (RFC 9530).
 * Of each body of site.h, the digest is 32 times the byte that its hash is.
 * SPDX-License-Identifier: MIT */
#include "ask.h"
#include "core/structured.h"

static void want(const char *repr, const char *of_content) {
  request.field[EDGESTATIC_FIELD_WANT_REPR_DIGEST].base = NULL;
  request.field[EDGESTATIC_FIELD_WANT_CONTENT_DIGEST].base = NULL;
  if (repr != NULL)
    with(EDGESTATIC_FIELD_WANT_REPR_DIGEST, repr);
  if (of_content != NULL)
    with(EDGESTATIC_FIELD_WANT_CONTENT_DIGEST, of_content);
}

/* The field has the digest of the variant that is sent. */
static void is_digest(const char *name) {
  const char *value = field(name);
  unsigned char sha256[32];
  ck_assert_ptr_nonnull(value);
  ck_assert_int_eq(strncmp(value, "sha-256=", 8), 0);
  ck_assert(structured_bytes(util_text(value + 8), sha256, 32));
  edgestatic_variant v = edgestatic_store_variant(&store, r->variant);
  ck_assert_mem_eq(sha256, v.sha256, 32);
  ck_assert_uint_eq(r->id, 0);
}

static void are(bool repr, bool of_content) {
  if (repr)
    is_digest("Repr-Digest");
  else
    ck_assert_ptr_null(field("Repr-Digest"));
  if (of_content)
    is_digest("Content-Digest");
  else
    ck_assert_ptr_null(field("Content-Digest"));
}

START_TEST(who_does_not_ask_gets_none) {
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  are(false, false);
  ck_assert_uint_ne(r->id, 0);
}
END_TEST

START_TEST(each_is_sent_to_who_wants_it) {
  want("sha-256=1", NULL);
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  are(true, false);
  ck_assert_str_eq(field("Vary"), "Accept-Encoding");
  want(NULL, "sha-256=10");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  are(false, true);
  want("md5=1, sha-256=5", "sha-512=3, sha-256=1, sha=0");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
  are(true, true);
}
END_TEST

START_TEST(what_asks_for_nothing_or_is_malformed_is_ignored) {
  static const char *const none[] = {
      "",           "sha-256=0",  "sha-256=11",  "sha-256=-1",
      "sha-512=9",  "sha-256",    "sha-256=1.0", "sha-256=\"1\"",
      "SHA-256=1",  "sha-256=t",  "sha-256=?1",  "sha-256=1, =",
      "sha-256=1,", "sha-256= 1", "sha-256=(1)", "sha-256=1, sha-256=0"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    want(none[i], none[i]);
    ck_assert_int_eq(ask("GET", "/nums.txt"), 200);
    are(false, false);
    ck_assert_uint_ne(r->id, 0);
  }
}
END_TEST

START_TEST(a_digest_is_of_the_content_coding_sent) {
  want("sha-256=1", "sha-256=1");
  with(EDGESTATIC_FIELD_ACCEPT_ENCODING, "br, dcz");
  ck_assert_int_eq(ask("GET", "/page"), 200);
  ck_assert_str_eq(field("Content-Encoding"), "br");
  are(true, true);
  with(EDGESTATIC_FIELD_AVAILABLE_DICTIONARY, SITE_HOLDS_1);
  ck_assert_int_eq(ask("GET", "/app.js"), 200);
  ck_assert_str_eq(field("Content-Encoding"), "dcz");
  are(true, true);
}
END_TEST

START_TEST(a_head_has_no_content_to_digest) {
  want("sha-256=1", "sha-256=1");
  ck_assert_int_eq(ask("HEAD", "/nums.txt"), 200);
  are(true, false);
}
END_TEST

START_TEST(a_part_has_the_digest_of_the_whole) {
  want("sha-256=1", "sha-256=1");
  with(EDGESTATIC_FIELD_RANGE, "bytes=1-3");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
  are(true, false);
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-2,4-5");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
  are(true, false);
  with(EDGESTATIC_FIELD_RANGE, "bytes=0-");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 206);
  are(true, true);
}
END_TEST

START_TEST(other_responses_have_none) {
  want("sha-256=1", "sha-256=1");
  ck_assert_int_eq(ask("GET", "/none"), 404);
  are(false, false);
  ck_assert_int_eq(ask("GET", "/old"), 301);
  are(false, false);
  ck_assert_int_eq(ask("OPTIONS", "/nums.txt"), 204);
  are(false, false);
  with(EDGESTATIC_FIELD_RANGE, "bytes=9-");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 416);
  are(false, false);
  with(EDGESTATIC_FIELD_IF_NONE_MATCH, "\"nums\"");
  ck_assert_int_eq(ask("GET", "/nums.txt"), 304);
  are(false, false);
}
END_TEST

/* One asset; with a digest among its fields, or a pack without digests. */
static void open_one(const char *stored) {
  mk *m = mk_new();
  mk_file(m, "/x", "text/plain", 0, "\"x\"", "x");
  if (stored != NULL) {
    m->field[get32(m->asset[0].field) + 1] = (pack_field){
        mk_string(m, stored), mk_string(m, "baked"), mk_string(m, "the test")};
    mk_digests(m);
  }
  size_t len;
  free(pack);
  pack = mk_finish(m, &len);
  ck_assert_int_eq(edgestatic_store_open(&store, pack, len), EDGESTATIC_OK);
  want("sha-256=1", "sha-256=1");
  ck_assert_int_eq(ask("GET", "/x"), 200);
}

START_TEST(what_is_stored_is_not_sent_twice) {
  open_one("Repr-Digest");
  ck_assert_str_eq(field("Repr-Digest"), "baked");
  is_digest("Content-Digest");
  open_one("content-digest");
  ck_assert_str_eq(field("content-digest"), "baked");
  is_digest("Repr-Digest");
}
END_TEST

START_TEST(a_pack_without_digests_sends_none) {
  open_one(NULL);
  are(false, false);
  ck_assert_uint_ne(r->id, 0);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("digest");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, who_does_not_ask_gets_none);
  tcase_add_test(tc, each_is_sent_to_who_wants_it);
  tcase_add_test(tc, what_asks_for_nothing_or_is_malformed_is_ignored);
  tcase_add_test(tc, a_digest_is_of_the_content_coding_sent);
  tcase_add_test(tc, a_head_has_no_content_to_digest);
  tcase_add_test(tc, a_part_has_the_digest_of_the_whole);
  tcase_add_test(tc, other_responses_have_none);
  tcase_add_test(tc, what_is_stored_is_not_sent_twice);
  tcase_add_test(tc, a_pack_without_digests_sends_none);
  return util_run("digest", tc);
}
