/* check_policy_fields.c - what the owner's policy sends.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"

#include "edgestatic_rules.h"
#include "edgestatic_site.h"

#include "mkpack.h"
#include "packing.h"

static edgestatic_policy policy;

static void begin(void) {
  setup();
  policy = (edgestatic_policy)EDGESTATIC_POLICY_INIT;
}

static void build(void) {
  ck_assert_int_eq(edgestatic_builder_policy(builder, &policy), EDGESTATIC_OK);
  finish();
}

static void rule(int kind, const char *glob, const char *value) {
  ck_assert_int_eq(
      edgestatic_builder_rule(builder, kind, util_text(glob), util_text(value)),
      EDGESTATIC_OK);
}

/* A request over TLS, for a status. */
static void ask(const char *target, const char *etag, int status) {
  edgestatic_request request = {.method = LIT("GET"),
                                .target = util_text(target),
                                .flags = EDGESTATIC_REQUEST_TLS};
  if (etag)
    request.field[EDGESTATIC_FIELD_IF_NONE_MATCH] = util_text(etag);
  edgestatic_respond(store, &request, &response);
  ck_assert_int_eq(response.status, status);
}

START_TEST(rules_for_caches_have_fields_of_their_own) {
  rule(EDGESTATIC_RULE_CDN, "*.html", "max-age=60");
  rule(EDGESTATIC_RULE_CDN, "*.css", "max-age=61");
  rule(EDGESTATIC_RULE_SURROGATE, "*.html", "max-age=62");
  add("a.html", "<p>");
  add("b.js", "0");
  build();
  ask("/a", NULL, 200);
  field_is("Cache-Control", "no-cache", "default: HTML");
  field_is("CDN-Cache-Control", "max-age=60", "--cdn-cache-rule *.html");
  field_is("Surrogate-Control", "max-age=62", "--surrogate-rule *.html");
  ask("/a", "*", 304);
  field_is("CDN-Cache-Control", "max-age=60", NULL);
  field_is("Surrogate-Control", "max-age=62", NULL);
  ask("/b.js", NULL, 200);
  field_is("CDN-Cache-Control", "", NULL);
  field_is("Surrogate-Control", "", NULL);
}
END_TEST

START_TEST(nothing_of_caches_is_for_an_error_page) {
  policy.cache_tags = EDGESTATIC_TAGS_SURROGATE_KEY;
  rule(EDGESTATIC_RULE_CACHE, "**", "max-age=31536000, immutable");
  rule(EDGESTATIC_RULE_CDN, "**", "max-age=60");
  rule(EDGESTATIC_RULE_SURROGATE, "**", "max-age=60");
  add("404.html", "<p>");
  build();
  ask("/nowhere", NULL, 404);
  field_is("Cache-Control", "no-store", "default: error page");
  field_is("CDN-Cache-Control", "", NULL);
  field_is("Surrogate-Control", "", NULL);
  field_is("Surrogate-Key", "", NULL);
}
END_TEST

START_TEST(tags_are_in_the_field_of_the_platform) {
  policy.cache_tags = EDGESTATIC_TAGS_SURROGATE_KEY;
  add("docs/a.txt", "hello\n");
  build();
  ask("/docs/a.txt", NULL, 200);
  field_is("Surrogate-Key",
           "type-plain hash-6bba86c7e069f56d5a10b435f1c8e49c / /docs",
           "--cache-tags");
  field_is("Cache-Tag", "", NULL);
  ask("/docs/a.txt", "*", 304);
  field_is("Surrogate-Key",
           "type-plain hash-6bba86c7e069f56d5a10b435f1c8e49c / /docs", NULL);
  policy.cache_tags = EDGESTATIC_TAGS_CACHE_TAG;
  build();
  ask("/docs/a.txt", NULL, 200);
  field_is("Cache-Tag",
           "type-plain,hash-6bba86c7e069f56d5a10b435f1c8e49c,/,/docs",
           "--cache-tags");
  field_is("Surrogate-Key", "", NULL);
}
END_TEST

START_TEST(without_a_preset_there_is_none_of_its_fields) {
  add("index.html", "<p>");
  build();
  ask("/", NULL, 200);
  static const char *const names[] = {"Referrer-Policy",
                                      "X-Frame-Options",
                                      "Permissions-Policy",
                                      "Cross-Origin-Opener-Policy",
                                      "Strict-Transport-Security",
                                      "Cross-Origin-Embedder-Policy",
                                      "X-Robots-Tag",
                                      "Cross-Origin-Resource-Policy"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    field_is(names[i], "", NULL);
}
END_TEST

START_TEST(security_headers_are_for_documents_and_hsts_for_all) {
  policy.security_headers = 1;
  add("index.html", "<p>");
  add("404.html", "<p>");
  add("a.svg", "<svg/>");
  add("a.css", "a{}");
  build();
  static const struct {
    const char *target;
    int status, document;
  } cases[] = {
      {"/", 200, 1}, {"/no", 404, 1}, {"/a.svg", 200, 1}, {"/a.css", 200, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bool document = cases[i].document;
    ask(cases[i].target, NULL, cases[i].status);
    field_is("Referrer-Policy",
             document ? "strict-origin-when-cross-origin" : "", NULL);
    field_is("X-Frame-Options", document ? "SAMEORIGIN" : "", NULL);
    field_is("Permissions-Policy",
             document ? "camera=(), geolocation=(), microphone=()" : "", NULL);
    field_is("Cross-Origin-Opener-Policy",
             document ? "same-origin-allow-popups" : "", NULL);
    field_is("Strict-Transport-Security", "max-age=31536000",
             "--security-headers");
  }
  ask("/", "*", 304);
  field_is("X-Frame-Options", "SAMEORIGIN", "--security-headers");
}
END_TEST

START_TEST(isolation_is_for_documents_and_scripts) {
  policy.security_headers = policy.cross_origin_isolation = 1;
  rule(EDGESTATIC_RULE_CORS, "*.woff2", "*");
  add("index.html", "<p>");
  add("worker.js", "0");
  add("a.css", "a{}");
  add("a.woff2", "x");
  build();
  ask("/", NULL, 200);
  field_is("Cross-Origin-Opener-Policy", "same-origin",
           "--cross-origin-isolation");
  field_is("Cross-Origin-Embedder-Policy", "require-corp", NULL);
  field_is("Cross-Origin-Resource-Policy", "same-origin", NULL);
  ask("/worker.js", NULL, 200);
  field_is("Cross-Origin-Opener-Policy", "", NULL);
  field_is("Cross-Origin-Embedder-Policy", "require-corp", NULL);
  ask("/a.css", NULL, 200);
  field_is("Cross-Origin-Embedder-Policy", "", NULL);
  field_is("Cross-Origin-Resource-Policy", "same-origin", NULL);
  ask("/a.woff2", NULL, 200);
  field_is("Cross-Origin-Resource-Policy", "cross-origin",
           "--cross-origin-isolation");
}
END_TEST

START_TEST(noindex_is_for_everything) {
  policy.noindex = 1;
  add("index.html", "<p>");
  add("a.pdf", "%PDF-1.7");
  add("404.html", "<p>");
  build();
  ask("/", NULL, 200);
  field_is("X-Robots-Tag", "noindex", "--noindex");
  ask("/a.pdf", NULL, 200);
  field_is("X-Robots-Tag", "noindex", NULL);
  ask("/no", NULL, 404);
  field_is("X-Robots-Tag", "noindex", NULL);
}
END_TEST

START_TEST(a_header_rule_wins_over_a_preset_and_a_rule_by_glob) {
  policy.security_headers = 1;
  rule(EDGESTATIC_RULE_CDN, "*", "max-age=60");
  add("index.html", "<p>");
  add("_headers", "/*\n  X-Frame-Options: DENY\n  CDN-Cache-Control: no-store\n"
                  "  Strict-Transport-Security: max-age=5\n");
  build();
  ask("/", NULL, 200);
  field_is("X-Frame-Options", "DENY", "_headers:2");
  field_is("CDN-Cache-Control", "no-store", "_headers:3");
  field_is("Strict-Transport-Security", "max-age=5", "_headers:4");
  field_is("Referrer-Policy", "strict-origin-when-cross-origin",
           "--security-headers");
}
END_TEST

/* ---- Presets on what has no asset ---- */

static void ask_plain(const char *method, const char *target, int status) {
  edgestatic_request request = {.method = util_text(method),
                                .target = util_text(target)};
  edgestatic_respond(store, &request, &response);
  ck_assert_int_eq(response.status, status);
}

/* How many field lines of a name the response has. */
static int lines_of(const char *name) {
  int n = 0;
  for (uint32_t i = 0; i < response.field_count; i++)
    n += slice_eq_nocase(edgestatic_response_field(store, &response, i).name,
                         util_text(name));
  return n;
}

static void has_presets(void) {
  field_is("Referrer-Policy", "strict-origin-when-cross-origin",
           "--security-headers");
  field_is("X-Frame-Options", "SAMEORIGIN", "--security-headers");
  field_is("Cross-Origin-Opener-Policy", "same-origin",
           "--cross-origin-isolation");
  field_is("Cross-Origin-Embedder-Policy", "require-corp", NULL);
  field_is("X-Robots-Tag", "noindex", "--noindex");
  field_is("Cross-Origin-Resource-Policy", "", NULL);
  ck_assert_int_eq(lines_of("Cross-Origin-Opener-Policy"), 1);
}

static void every_preset(void) {
  policy.security_headers = policy.cross_origin_isolation = policy.noindex = 1;
}

START_TEST(presets_are_on_redirects_and_texts) {
  every_preset();
  add("a.html", "<p>");
  build();
  ask("/a.html", NULL, 308);
  has_presets();
  field_is("Strict-Transport-Security", "max-age=31536000",
           "--security-headers");
  ask("/nowhere", NULL, 404);
  has_presets();
  ask_plain("PUT", "/a", 405);
  has_presets();
  ask_plain("OPTIONS", "/a", 204);
  has_presets();
}
END_TEST

START_TEST(hsts_is_not_on_a_plain_redirect_or_text) {
  every_preset();
  add("a.html", "<p>");
  build();
  ask_plain("GET", "/a.html", 308);
  has_presets();
  field_is("Strict-Transport-Security", "", NULL);
  ask_plain("GET", "/nowhere", 404);
  field_is("Strict-Transport-Security", "", NULL);
}
END_TEST

START_TEST(presets_are_once_on_what_has_an_asset) {
  every_preset();
  add("a.html", "<p>");
  add("a.png", "x");
  add("404.html", "<p>");
  add("_redirects", "/old /a 200\n/pic /a.png 200\n");
  build();
  ask("/a", NULL, 200);
  ck_assert_int_eq(lines_of("X-Frame-Options"), 1);
  ask("/old", NULL, 200);
  ck_assert_int_eq(lines_of("X-Frame-Options"), 1);
  ask("/nowhere", NULL, 404);
  ck_assert_int_eq(lines_of("X-Frame-Options"), 1);
  ck_assert_uint_ne(response.id, 0);
  ask("/pic", NULL, 200);
  field_is("X-Frame-Options", "", NULL);
  field_is("Cross-Origin-Resource-Policy", "same-origin", NULL);
}
END_TEST

START_TEST(presets_are_on_redirects_in_every_dialect) {
  every_preset();
  add("a.html", "<p>");
  add("_headers", "/*\n  X-Frame-Options: DENY\n  X-Mine: 1\n");
  add("_redirects", "/old /a 301\n");
  build();
  ask("/old", NULL, 301);
  has_presets();
  field_is("X-Mine", "", NULL);
}
END_TEST

/* Cloudflare's rules add to what a rule has set, and not to presets. */
START_TEST(a_header_rule_wins_over_a_preset_where_there_is_no_asset) {
  edgestatic_rules_options how = EDGESTATIC_RULES_OPTIONS_INIT;
  every_preset();
  add("_headers", "/*\n  X-Frame-Options: DENY\n"
                  "  Strict-Transport-Security: max-age=5\n"
                  "/b\n  X-Frame-Options: X\n  ! Referrer-Policy\n");
  add("_redirects", "/a / 301\n/b / 301\n");
  add("index.html", "<p>");
  build();
  ask("/nowhere", NULL, 404);
  field_is("X-Frame-Options", "DENY", "_headers:2");
  ck_assert_int_eq(lines_of("X-Frame-Options"), 1);
  field_is("Strict-Transport-Security", "max-age=5", "_headers:3");
  how.dialect = EDGESTATIC_DIALECT_CLOUDFLARE;
  ck_assert_int_eq(edgestatic_builder_rules(builder, &how), EDGESTATIC_OK);
  build();
  ask("/a", NULL, 301);
  field_is("X-Frame-Options", "DENY", "_headers:2");
  ck_assert_int_eq(lines_of("X-Frame-Options"), 1);
  ck_assert_int_eq(lines_of("Strict-Transport-Security"), 1);
  field_is("Referrer-Policy", "strict-origin-when-cross-origin", NULL);
  ask("/b", NULL, 301);
  ck_assert_int_eq(lines_of("X-Frame-Options"), 2); /* both are of rules */
  field_is("Referrer-Policy", "", NULL);
}
END_TEST

START_TEST(presets_of_a_pack_are_carried_over) {
  every_preset();
  add("a.html", "<p>");
  add("_headers", "/x\n  X-Mine: 1\n");
  build();
  edgestatic_pack *first = edgestatic_pack_ref(pack);
  new_builder();
  policy = (edgestatic_policy)EDGESTATIC_POLICY_INIT;
  ck_assert_int_eq(edgestatic_builder_add_pack(builder, first, 0),
                   EDGESTATIC_OK);
  build();
  ask("/a.html", NULL, 308);
  has_presets();
  ask("/x", NULL, 404);
  has_presets();
  field_is("X-Mine", "1", "_headers:2");
  const edgestatic_store *was = edgestatic_pack_store(first);
  ck_assert_uint_eq(store->len, was->len);
  ck_assert_mem_eq(store->base, was->base, store->len);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(a_pack_with_presets_that_are_not_there_is_refused) {
  every_preset();
  add("a.html", "<p>");
  build();
  edgestatic_slice copy = util_bytes(store->base, (size_t)store->pack_size);
  unsigned char *bytes = (unsigned char *)(uintptr_t)copy.base;
  pack_header_set *set =
      (pack_header_set *)(bytes + store->section[SECTION_HEADER_SETS].offset);
  edgestatic_store forged;
  ck_assert_uint_gt(get32(set->preset_count), 0);
  set->preset = put32(1);
  mk_reseal(bytes);
  ck_assert_int_ne(edgestatic_store_open(&forged, bytes, copy.len),
                   EDGESTATIC_OK);
  set->preset = put32(0);
  mk_reseal(bytes);
  ck_assert_int_eq(edgestatic_store_open(&forged, bytes, copy.len),
                   EDGESTATIC_OK);
}
END_TEST

START_TEST(a_fingerprint_by_expression_is_immutable) {
  policy.fingerprint = "^js/v[0-9]+/";
  add("js/v12/app.js", "0");
  add("js/app.js", "1");
  add("js/v12/index.html", "<p>");
  build();
  ask("/js/v12/app.js", NULL, 200);
  field_is("Cache-Control", "max-age=31536000, immutable", "--fingerprint");
  ask("/js/app.js", NULL, 200);
  field_is("Cache-Control", "max-age=300, stale-while-revalidate=3600", NULL);
  ask("/js/v12/", NULL, 200);
  field_is("Cache-Control", "no-cache", "default: HTML");
}
END_TEST

START_TEST(a_fingerprint_by_expression_is_verified_and_kept) {
  policy.fingerprint = "^js/v[0-9]+/";
  add("js/v1/app.js", "0");
  add("js/app.js", "0");
  build();
  edgestatic_pack *first = edgestatic_pack_ref(pack);
  new_builder();
  ck_assert_int_eq(edgestatic_builder_previous(builder, first, 4000000000),
                   EDGESTATIC_OK);
  add("js/v2/app.js", "1");
  build();
  ask("/js/v1/app.js", NULL, 200);
  ask("/js/app.js", NULL, 404);
  add("js/v1/app.js", "2");
  edgestatic_pack_unref(pack);
  finish_fails(EDGESTATIC_ERR_INPUT, "XXH3-128");
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(a_fingerprint_by_those_beside_it_is_immutable_verified_and_kept) {
  add("assets/a-BvI4qzlP.js", "0");
  add("assets/b-BqsYrDDP.js", "1");
  add("assets/c-Dxo9igQg.js", "2");
  add("assets/d-Calendar.png", "3");
  build();
  ask("/assets/c-Dxo9igQg.js", NULL, 200);
  field_is("Cache-Control", "max-age=31536000, immutable",
           "default: fingerprint in the name, as in those beside it");
  ask("/assets/d-Calendar.png", NULL, 200);
  field_is("Cache-Control", "max-age=300, stale-while-revalidate=3600", NULL);
  edgestatic_pack *first = edgestatic_pack_ref(pack);
  new_builder();
  ck_assert_int_eq(edgestatic_builder_previous(builder, first, 4000000000),
                   EDGESTATIC_OK);
  add("index.html", "<p>");
  build();
  ask("/assets/c-Dxo9igQg.js", NULL, 200);
  field_is("Cache-Control", "max-age=31536000, immutable", NULL);
  ask("/assets/d-Calendar.png", NULL, 404);
  /* Alone now, but browsers have it for a year. */
  add("assets/c-Dxo9igQg.js", "4");
  edgestatic_pack_unref(pack);
  finish_fails(EDGESTATIC_ERR_INPUT, "XXH3-128");
  edgestatic_pack_unref(first);
}
END_TEST

static void refused(const char *words) {
  ck_assert_int_eq(edgestatic_builder_policy(builder, &policy),
                   EDGESTATIC_ERR_INPUT);
  assert_said(&told, words);
}

START_TEST(a_policy_without_such_a_value_is_refused_and_told) {
  policy.fingerprint = "(";
  refused("--fingerprint '('");
  policy.fingerprint = "";
  refused("1 to 1024 bytes");
  char text[1026];
  memset(text, 'a', sizeof text);
  text[1025] = '\0';
  policy.fingerprint = text;
  refused("1 to 1024 bytes");
  policy.fingerprint = NULL;
  policy.csp = "default-src\n'self'";
  refused("--csp");
  policy.csp = NULL;
  policy.cache_tags = 3;
  refused("cache tags");
  policy.cache_tags = -1;
  refused("cache tags");
  policy.cache_tags = 0;
  policy.size--;
  refused("another size");
  ck_assert_int_eq(edgestatic_builder_rule(builder, 4, LIT("*"), LIT("a")),
                   EDGESTATIC_ERR_INPUT);
  assert_said(&told, "no such kind");
  ck_assert_int_eq(edgestatic_builder_rule(builder, EDGESTATIC_RULE_CORS,
                                           LIT("*.x"), LIT("null")),
                   EDGESTATIC_ERR_INPUT);
  assert_said(&told, "--cors *.x: null is what any site");
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("policy_fields");
  tcase_add_checked_fixture(tc, begin, teardown);
  tcase_add_test(tc, rules_for_caches_have_fields_of_their_own);
  tcase_add_test(tc, nothing_of_caches_is_for_an_error_page);
  tcase_add_test(tc, tags_are_in_the_field_of_the_platform);
  tcase_add_test(tc, without_a_preset_there_is_none_of_its_fields);
  tcase_add_test(tc, security_headers_are_for_documents_and_hsts_for_all);
  tcase_add_test(tc, isolation_is_for_documents_and_scripts);
  tcase_add_test(tc, noindex_is_for_everything);
  tcase_add_test(tc, a_header_rule_wins_over_a_preset_and_a_rule_by_glob);
  tcase_add_test(tc, presets_are_on_redirects_and_texts);
  tcase_add_test(tc, hsts_is_not_on_a_plain_redirect_or_text);
  tcase_add_test(tc, presets_are_once_on_what_has_an_asset);
  tcase_add_test(tc, presets_are_on_redirects_in_every_dialect);
  tcase_add_test(tc, a_header_rule_wins_over_a_preset_where_there_is_no_asset);
  tcase_add_test(tc, presets_of_a_pack_are_carried_over);
  tcase_add_test(tc, a_pack_with_presets_that_are_not_there_is_refused);
  tcase_add_test(tc, a_fingerprint_by_expression_is_immutable);
  tcase_add_test(tc, a_fingerprint_by_expression_is_verified_and_kept);
  tcase_add_test(
      tc, a_fingerprint_by_those_beside_it_is_immutable_verified_and_kept);
  tcase_add_test(tc, a_policy_without_such_a_value_is_refused_and_told);
  return util_run("policy_fields", tc);
}
