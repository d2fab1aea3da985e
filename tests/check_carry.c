/* check_carry.c - packs that are made from packs.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "build/handle.h"
#include "core/pack.h"
#include "edgestatic_policy.h"
#include "edgestatic_rules.h"
#include "edgestatic_site.h"

#include "memtest.h"
#include "mkpack.h"
#include "packing.h"

#include <pthread.h>

/* The pack that finish() made, and from now on it makes another one. */
static edgestatic_pack *take(void) {
  edgestatic_pack *made = pack;
  pack = NULL;
  new_builder();
  return made;
}

static void carry(edgestatic_pack *from) {
  ck_assert_msg(edgestatic_builder_add_pack(builder, from, INT64_MIN) ==
                    EDGESTATIC_OK,
                "%s", told.text);
}

static void previous(edgestatic_pack *from, int64_t until) {
  ck_assert_msg(edgestatic_builder_previous(builder, from, until) ==
                    EDGESTATIC_OK,
                "%s", told.text);
}

/* What finish() made is the same, byte by byte. */
static void same_pack(const edgestatic_pack *a) {
  const edgestatic_store *x = edgestatic_pack_store(a);
  ck_assert_uint_eq(x->index_size, store->index_size);
  ck_assert_uint_eq(x->pack_size, store->pack_size);
  ck_assert(memcmp(x->base, store->base, (size_t)x->pack_size) == 0);
}

/* ---- The same pack ---- */

static void add_samples(void) {
  add("index.html", "<h1>Home</h1>");
  add("about.html", "<h1>About</h1>");
  add("docs/index.html", "<h1>Docs</h1>");
  add("404.html", "<h1>Not here</h1>");
  add("docs/404.html", "<h1>No such page</h1>");
  add("same/404.html", "<h1>Not here</h1>");
  add("empty.css", "");
  add("b\xc3\xa9.txt", "accents are encoded");
  add_bytes("app-3f2a9c1b.js", samples_text(9000, 1));
  add_bytes("copy.js", samples_text(9000, 1));
  add_bytes("large.txt", samples_text(200000, 2));
  add_bytes("noise.bin", samples_noise(5000, 3));
  edgestatic_asset_options o = EDGESTATIC_ASSET_OPTIONS_INIT;
  o.type = util_text("application/vnd.example+json");
  o.cache_control = util_text("private");
  o.mtime = 784111777;
  ck_assert_int_eq(edgestatic_builder_add(builder, LIT("api"), "{}", 2, &o),
                   EDGESTATIC_OK);
}

static const char redirects[] = "/old /about 301\n"
                                "/old x=1 /about?x=1 302!\n"
                                "/old2 /docs/ 302 Language=de,fr\n"
                                "/b/* /docs/:splat 301\n"
                                "/u/:name id=:id /about?u=:name&i=:id 307\n"
                                "/gone /404.html 410\n";
static const char headers[] = "/*\n  X-Frame-Options: DENY\n"
                              "/docs/*\n  Cache-Control: max-age=7\n"
                              "  Strict-Transport-Security: max-age=9\n";

static void add_policy(void) {
  edgestatic_policy p = EDGESTATIC_POLICY_INIT;
  p.security_headers = 1;
  p.noindex = 1;
  p.cache_tags = EDGESTATIC_TAGS_SURROGATE_KEY;
  p.fingerprint = "^lib/";
  ck_assert_int_eq(edgestatic_builder_policy(builder, &p), EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_rule(builder, EDGESTATIC_RULE_CORS,
                                           LIT("*.js"),
                                           LIT("https://a.example")),
                   EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_rule(builder, EDGESTATIC_RULE_CORS,
                                           LIT("large.txt"), LIT("*")),
                   EDGESTATIC_OK);
}

static void add_rules(void) {
  ck_assert_int_eq(
      edgestatic_builder_redirects(builder, util_text(redirects), "_redirects"),
      EDGESTATIC_OK);
  ck_assert_int_eq(
      edgestatic_builder_headers(builder, util_text(headers), "_headers"),
      EDGESTATIC_OK);
}

START_TEST(a_pack_carried_over_whole_comes_out_as_it_was) {
  const int html = _i % 4, not_found = _i / 4;
  options.html_handling = html;
  options.not_found = not_found;
  options.no_nosniff = _i & 1;
  new_builder();
  ck_assert_int_eq(edgestatic_builder_rule(builder, EDGESTATIC_RULE_CACHE,
                                           LIT("*.css"), LIT("max-age=1")),
                   EDGESTATIC_OK);
  add_samples();
  if (_i % 3 > 0)
    add_rules();
  if (_i % 2 > 0)
    add_policy();
  finish();
  options = (edgestatic_builder_options)EDGESTATIC_BUILDER_OPTIONS_INIT;
  options.message = messages_keep;
  options.message_ctx = &told;
  edgestatic_pack *first = take();
  carry(first);
  finish();
  same_pack(first);
  /* And from that one again. */
  edgestatic_pack *second = take();
  carry(second);
  finish();
  same_pack(first);
  edgestatic_pack_unref(second);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(an_empty_pack_comes_out_empty) {
  finish();
  edgestatic_pack *first = take();
  carry(first);
  finish();
  same_pack(first);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(random_sites_come_out_as_they_were) {
  for (uint32_t round = 0; round < 20; round++) {
    new_builder();
    for (uint32_t i = 0; i < 40; i++) {
      char path[40];
      uint32_t n = (i * 2654435761u + round * 40503u) >> 7;
      static const char *const names[] = {"f%u.txt", "d%u/index.html",
                                          "d%u.html", "x/%u/404.html",
                                          "i-%08x.js"};
      snprintf(path, sizeof path, names[n % 5], n % 16);
      add_bytes(path, samples_text(n % 3000, 1 + n % 11));
    }
    finish();
    edgestatic_pack *first = take();
    carry(first);
    finish();
    same_pack(first);
    edgestatic_pack_unref(first);
  }
}
END_TEST

/* ---- What is put over a pack ---- */

START_TEST(what_is_added_takes_the_place_of_the_packs_file) {
  add_samples();
  finish();
  edgestatic_pack *first = take();
  add("about.html", "<h1>About us</h1>"); /* before the pack, too */
  carry(first);
  add("sitemap.xml", "<urlset/>");
  tempdir_file("docs/index.html", "<h1>New docs</h1>");
  add_site();
  finish();
  has_body("/about", "<h1>About us</h1>");
  has_body("/sitemap.xml", "<urlset/>");
  has_body("/docs/", "<h1>New docs</h1>");
  has_body("/", "<h1>Home</h1>");
  ck_assert_uint_eq(edgestatic_store_asset_count(store),
                    edgestatic_store_asset_count(edgestatic_pack_store(first)) +
                        1);
  get("/api", NULL);
  field_is("Content-Type", "application/vnd.example+json", "asset options");
  field_is("Cache-Control", "private", "asset options");
  field_is("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT", "asset options");
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(a_replaced_file_put_back_gives_the_first_pack) {
  add_samples();
  finish();
  edgestatic_pack *first = take();
  carry(first);
  add("about.html", "<h1>About us</h1>");
  finish();
  edgestatic_pack *second = take();
  carry(second);
  add("about.html", "<h1>About</h1>");
  finish();
  same_pack(first);
  edgestatic_pack_unref(second);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(a_new_404_page_takes_the_place_of_the_old_one) {
  add_samples();
  finish();
  edgestatic_pack *first = take();
  carry(first);
  add("404.html", "gone");
  finish();
  get("/none", NULL);
  ck_assert_int_eq(response.status, 404);
  ck_assert_uint_eq(response.content_length, 4);
  get("/docs/none", NULL);
  ck_assert_uint_eq(response.content_length, strlen("<h1>No such page</h1>"));
  field_is("Cache-Control", "no-store", "default: error page");
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(the_pack_decides_how_pages_and_missing_paths_are_served) {
  options.html_handling = EDGESTATIC_HTML_FORCE;
  options.not_found = EDGESTATIC_NOT_FOUND_SPA;
  new_builder();
  add("index.html", "app");
  add("a.html", "a");
  finish();
  options.html_handling = EDGESTATIC_HTML_NONE;
  options.not_found = EDGESTATIC_NOT_FOUND_NONE;
  edgestatic_pack *first = take();
  carry(first);
  add("b.html", "b");
  finish();
  has_body("/a/", "a");
  has_body("/b/", "b");
  ck_assert_uint_ne(get32(pack_collection_of(store)->fallback), 0);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(rules_of_the_builder_take_the_place_of_the_packs) {
  add_samples();
  add_rules();
  finish();
  edgestatic_pack *first = take();
  carry(first);
  finish();
  ck_assert_uint_eq(store->section[SECTION_RULES].count, 6);
  ck_assert_slice_eq(pack_string(store, pack_rule_at(store, 0)->origin),
                     "_redirects:6");
  ck_assert_int_eq(
      edgestatic_builder_redirects(builder, util_text("/new /about\n"), "app"),
      EDGESTATIC_OK);
  finish();
  ck_assert_uint_eq(store->section[SECTION_RULES].count, 1);
  ck_assert_slice_eq(pack_string(store, pack_rule_at(store, 0)->origin),
                     "app:1");
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(header_rules_of_the_pack_are_for_new_files_too) {
  add_samples();
  add_rules();
  finish();
  edgestatic_pack *first = take();
  carry(first);
  add("docs/new.html", "new");
  add("other.txt", "other");
  finish();
  get("/docs/new", NULL);
  field_is("X-Frame-Options", "DENY", "_headers:2");
  field_is("Cache-Control", "max-age=7", "_headers:4");
  get("/other.txt", NULL);
  field_is("X-Frame-Options", "DENY", "_headers:2");
  /* But not beside rules of the builder. */
  edgestatic_pack *second = take();
  carry(second);
  add("docs/new.html", "newer");
  ck_assert_int_eq(edgestatic_builder_headers(
                       builder, util_text("/docs/*\n  X-A: b\n"), "app"),
                   EDGESTATIC_OK);
  finish();
  get("/docs/new", NULL);
  field_is("X-Frame-Options", "", NULL);
  field_is("X-A", "b", "app:2");
  get("/other.txt", NULL);
  field_is("X-Frame-Options", "DENY", "_headers:2"); /* as it was */
  edgestatic_pack_unref(first);
  edgestatic_pack_unref(second);
}
END_TEST

START_TEST(another_pack_takes_the_place_of_the_first) {
  add("a.txt", "a");
  finish();
  edgestatic_pack *a = take();
  add("b.txt", "b");
  finish();
  edgestatic_pack *b = take();
  carry(a);
  carry(b);
  carry(b);
  finish();
  same_pack(b);
  edgestatic_pack_unref(a);
  edgestatic_pack_unref(b);
}
END_TEST

START_TEST(the_builder_keeps_the_pack_that_it_was_given) {
  add_samples();
  finish();
  edgestatic_pack *first = take();
  carry(first);
  previous(first, 1);
  edgestatic_pack_unref(first);
  finish();
  has_body("/", "<h1>Home</h1>");
  add("index.html", "again");
  finish();
  has_body("/", "again");
  has_body("/about", "<h1>About</h1>");
}
END_TEST

START_TEST(bodies_are_shared_with_what_is_added) {
  add_bytes("a.txt", samples_text(9000, 1));
  finish();
  edgestatic_pack *first = take();
  carry(first);
  add_bytes("b.txt", samples_text(9000, 1));
  /* A file that is the encoding of another one. */
  const edgestatic_store *s = edgestatic_pack_store(first);
  edgestatic_variant v = edgestatic_store_variant(s, 0);
  ck_assert_uint_ne(v.coding, EDGESTATIC_CODING_IDENTITY);
  add_bytes("c.bin", util_bytes(s->base + v.offset, (size_t)v.size));
  finish();
  for (unsigned coding = 0; coding < 3; coding++)
    ck_assert_uint_eq(variant_at("/a.txt", coding).offset,
                      variant_at("/b.txt", coding).offset);
  ck_assert_uint_eq(variant_at("/a.txt", v.coding).offset,
                    variant_at("/c.bin", 0).offset);
  edgestatic_builder_stats stats;
  edgestatic_builder_get_stats(builder, &stats);
  ck_assert_uint_eq(stats.assets, 3);
  ck_assert_uint_eq(stats.blobs, 3);
  ck_assert_uint_eq(stats.input_bytes, 18000 + v.size);
  ck_assert_uint_eq(stats.coding[0].variants, 3);
  ck_assert_uint_eq(stats.coding[EDGESTATIC_CODING_BR].variants, 2);
  edgestatic_pack_unref(first);
}
END_TEST

static void one_hash(const void *bytes, size_t len, unsigned char hash[16]) {
  (void)bytes;
  (void)len;
  memset(hash, 7, 16);
}

START_TEST(bodies_of_one_hash_stay_apart) {
  builder->hash = one_hash;
  add("a.txt", "one");
  add("b.txt", "two");
  finish();
  edgestatic_pack *first = take();
  builder->hash = one_hash;
  carry(first);
  add("c.txt", "six");
  add("d.txt", "two");
  finish();
  has_body("/a.txt", "one");
  has_body("/b.txt", "two");
  has_body("/c.txt", "six");
  ck_assert_uint_eq(variant_at("/b.txt", 0).offset,
                    variant_at("/d.txt", 0).offset);
  edgestatic_pack_unref(first);
}
END_TEST

/* ---- Earlier releases ---- */

#define HASHED "js/app-3f2a9c1b.js"

START_TEST(a_hashed_name_with_other_bytes_fails_the_build) {
  add(HASHED, "one");
  add("index.html", "page");
  add("page-3f2a9c1b.html", "page");
  add("plain.js", "one");
  finish();
  edgestatic_variant was = variant_at("/" HASHED, 0);
  edgestatic_pack *first = take();
  previous(first, 0);
  add(HASHED, "two");
  add("page-3f2a9c1b.html", "another page");
  add("plain.js", "two");
  finish_fails(EDGESTATIC_ERR_INPUT, "give it a new name");
  ck_assert_str_eq(told.file, HASHED);
  ck_assert_uint_eq(told.count, 1);
  char hex[33];
  unsigned char is[16];
  builder_xxh3("two", 3, is);
  for (int i = 0; i < 16; i++)
    snprintf(hex + 2 * i, 3, "%02x", was.hash[i]);
  assert_said(&told, hex);
  for (int i = 0; i < 16; i++)
    snprintf(hex + 2 * i, 3, "%02x", is[i]);
  assert_said(&told, hex);
  /* As it was, it may stay. */
  add(HASHED, "one");
  finish();
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(every_such_name_is_told) {
  add("a-3f2a9c1b.js", "one");
  add("b-3f2a9c1b.js", "one");
  add("c-3f2a9c1b.js", "one");
  finish();
  edgestatic_pack *first = take();
  previous(first, 0);
  add("a-3f2a9c1b.js", "two");
  add("b-3f2a9c1b.js", "one");
  add("c-3f2a9c1b.js", "two");
  finish_fails(EDGESTATIC_ERR_INPUT, "XXH3-128");
  ck_assert_uint_eq(told.count, 2);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(only_the_newest_release_is_held_against) {
  add(HASHED, "one");
  finish();
  edgestatic_pack *old = take();
  add("index.html", "page");
  finish();
  edgestatic_pack *new = take();
  previous(new, 0);
  previous(old, 0);
  add(HASHED, "two");
  finish();
  ck_assert_int_eq(asset_at("/" HASHED).retained_until, 0);
  edgestatic_pack_unref(old);
  edgestatic_pack_unref(new);
}
END_TEST

START_TEST(a_carried_file_is_verified_too) {
  add(HASHED, "one");
  finish();
  edgestatic_pack *one = take();
  add(HASHED, "two");
  finish();
  edgestatic_pack *two = take();
  carry(two);
  previous(one, 0);
  finish_fails(EDGESTATIC_ERR_INPUT, "in the previous release");
  edgestatic_pack_unref(one);
  edgestatic_pack_unref(two);
}
END_TEST

START_TEST(hashed_files_that_are_gone_are_kept_until_their_time) {
  add_bytes(HASHED, samples_text(9000, 4));
  add("kept-3f2a9c1b.css", "in both");
  add("page-3f2a9c1b.html", "never a page");
  add("plain.js", "no hash in its name");
  finish();
  edgestatic_variant br = variant_at("/" HASHED, EDGESTATIC_CODING_BR);
  get("/" HASHED, "br");
  char cache_control[200];
  snprintf(cache_control, sizeof cache_control, "%s",
           field("Cache-Control", NULL));
  edgestatic_pack *first = take();
  previous(first, 1800000000);
  add("kept-3f2a9c1b.css", "in both");
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 2);
  edgestatic_asset a = asset_at("/" HASHED);
  ck_assert_int_eq(a.retained_until, 1800000000);
  ck_assert_int_eq(asset_at("/kept-3f2a9c1b.css").retained_until, 0);
  ck_assert_mem_eq(variant_at("/" HASHED, EDGESTATIC_CODING_BR).hash, br.hash,
                   16);
  get("/" HASHED, "br");
  ck_assert_int_eq(response.status, 200);
  field_is("Cache-Control", cache_control, NULL);
  field_is("Content-Encoding", "br", NULL);
  uint32_t entry =
      pack_find(store, &pack_collection_of(store)->paths, LIT("/" HASHED));
  ck_assert_uint_eq(pack_entry_at(store, entry)->flags, ENTRY_RETAINED);
  edgestatic_builder_stats stats;
  edgestatic_builder_get_stats(builder, &stats);
  ck_assert_uint_eq(stats.assets, 2);
  ck_assert_uint_eq(stats.retained, 1);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(names_that_the_policy_takes_for_hashed_count_too) {
  add("lib/a.js", "one");
  add("lib/b.js", "one");
  finish();
  edgestatic_pack *first = take();
  previous(first, 9);
  add("lib/a.js", "two");
  finish(); /* plain names, for a builder without that policy */
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 1);
  add_policy();
  memset(&told, 0, sizeof told);
  edgestatic_pack_unref(pack);
  pack = NULL;
  finish_fails(EDGESTATIC_ERR_INPUT, "in the previous release");
  add("lib/a.js", "one");
  finish();
  ck_assert_int_eq(asset_at("/lib/b.js").retained_until, 9);
  edgestatic_pack_unref(first);
}
END_TEST

START_TEST(what_a_release_had_kept_itself_is_not_kept_again) {
  add(HASHED, "one");
  finish();
  edgestatic_pack *first = take();
  previous(first, 100);
  add("app-4f2a9c1b.js", "two");
  finish();
  edgestatic_pack *second = take();
  previous(second, 200);
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 1);
  ck_assert_int_eq(asset_at("/app-4f2a9c1b.js").retained_until, 200);
  edgestatic_pack_unref(first);
  edgestatic_pack_unref(second);
}
END_TEST

START_TEST(of_several_releases_the_newest_that_has_a_file_counts) {
  add(HASHED, "old");
  add("old-3f2a9c1b.js", "old");
  finish();
  edgestatic_pack *old = take();
  add(HASHED, "new");
  finish();
  edgestatic_pack *new = take();
  previous(new, 200);
  previous(old, 100);
  finish();
  has_body("/" HASHED, "new");
  ck_assert_int_eq(asset_at("/" HASHED).retained_until, 200);
  ck_assert_int_eq(asset_at("/old-3f2a9c1b.js").retained_until, 100);
  edgestatic_pack_unref(old);
  edgestatic_pack_unref(new);
}
END_TEST

START_TEST(a_pack_carried_over_loses_what_is_past_its_time) {
  add(HASHED, "one");
  finish();
  edgestatic_pack *first = take();
  previous(first, 100);
  add("index.html", "page");
  finish();
  edgestatic_pack *second = take();
  carry(second);
  finish();
  same_pack(second);
  ck_assert_int_eq(edgestatic_builder_add_pack(builder, second, 99),
                   EDGESTATIC_OK);
  finish();
  same_pack(second);
  ck_assert_int_eq(edgestatic_builder_add_pack(builder, second, 100),
                   EDGESTATIC_OK);
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 1);
  edgestatic_pack_unref(first);
  edgestatic_pack_unref(second);
}
END_TEST

START_TEST(a_time_before_1970_is_refused) {
  finish();
  edgestatic_pack *first = take();
  ck_assert_int_eq(edgestatic_builder_previous(builder, first, -1),
                   EDGESTATIC_ERR_INPUT);
  assert_said(&told, "1970");
  edgestatic_pack_unref(first);
}
END_TEST

/* ---- Forged and damaged packs ---- */

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
  m->variant[0].dictionary = put32(1);
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
  m->variant[mk_variant(m, EDGESTATIC_CODING_GZIP, "\"e\"", "delta", 5)]
      .dictionary = put32(1);
  hash_bodies(m);
  edgestatic_pack *forged = forge(m);
  carry(forged);
  finish();
  edgestatic_asset a = asset_at("/a.txt");
  ck_assert_uint_eq(a.variant_count, 2);
  ck_assert_slice_eq(edgestatic_store_variant(store, a.variant).etag, "\"b\"");
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

/* Derives from a pack in a block of exactly its size; whether it opened. */
static bool derive_forged(const unsigned char *bytes, size_t len) {
  edgestatic_pack *forged, *made = NULL;
  void *block = malloc(len);
  memcpy(block, bytes, len);
  bool opened = edgestatic_pack_borrow(&forged, block, len) == EDGESTATIC_OK;
  if (opened) {
    new_builder();
    (void)edgestatic_builder_add_pack(builder, forged, 1);
    (void)edgestatic_builder_previous(builder, forged, 5);
    (void)edgestatic_builder_add(builder, LIT("new.txt"), "new", 3, NULL);
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
  options.threads = 1;
  new_builder();
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
    opened += derive_forged(bytes, len);
  }
  ck_assert_uint_gt(opened, 300);
  edgestatic_pack_unref(first);
}
END_TEST

/* ---- Memory and threads ---- */

static int derive(const edgestatic_allocator *allocator, void *ctx) {
  (void)ctx;
  edgestatic_builder *b;
  edgestatic_pack *made = NULL;
  edgestatic_builder_options o = options;
  o.allocator = *allocator;
  int error = edgestatic_builder_new(&b, &o);
  if (error)
    return error;
  error = edgestatic_builder_add_pack(b, given, INT64_MIN);
  if (!error)
    error = edgestatic_builder_previous(b, given, 1);
  if (!error)
    error = edgestatic_builder_add(b, LIT("a.txt"), "new", 3, NULL);
  if (!error)
    error = edgestatic_builder_finish(b, &made);
  edgestatic_pack_unref(made);
  edgestatic_builder_free(b);
  return error;
}

START_TEST(out_of_memory_is_an_error_wherever_it_strikes) {
  add_samples();
  finish();
  given = take();
  memtest_fail_each(derive, NULL);
  edgestatic_pack_unref(given);
}
END_TEST

static void *derive_often(void *ctx) {
  static const edgestatic_allocator defaults = {NULL, NULL};
  (void)ctx;
  for (int i = 0; i < 20; i++)
    if (derive(&defaults, NULL))
      return (void *)1;
  return NULL;
}

START_TEST(threads_derive_from_one_pack_at_once) {
  pthread_t thread[4];
  add_samples();
  finish();
  given = take();
  options.message = NULL;
  for (int i = 0; i < 4; i++)
    ck_assert_int_eq(pthread_create(&thread[i], NULL, derive_often, NULL), 0);
  for (int i = 0; i < 4; i++) {
    void *failed;
    pthread_join(thread[i], &failed);
    ck_assert_ptr_null(failed);
  }
  edgestatic_pack_unref(given);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("carry");
  tcase_add_checked_fixture(c, setup, teardown);
  tcase_add_loop_test(c, a_pack_carried_over_whole_comes_out_as_it_was, 0, 12);
  tcase_add_test(c, an_empty_pack_comes_out_empty);
  tcase_add_test(c, random_sites_come_out_as_they_were);
  tcase_add_test(c, what_is_added_takes_the_place_of_the_packs_file);
  tcase_add_test(c, a_replaced_file_put_back_gives_the_first_pack);
  tcase_add_test(c, a_new_404_page_takes_the_place_of_the_old_one);
  tcase_add_test(c, the_pack_decides_how_pages_and_missing_paths_are_served);
  tcase_add_test(c, rules_of_the_builder_take_the_place_of_the_packs);
  tcase_add_test(c, header_rules_of_the_pack_are_for_new_files_too);
  tcase_add_test(c, another_pack_takes_the_place_of_the_first);
  tcase_add_test(c, the_builder_keeps_the_pack_that_it_was_given);
  tcase_add_test(c, bodies_are_shared_with_what_is_added);
  tcase_add_test(c, bodies_of_one_hash_stay_apart);
  tcase_add_test(c, a_hashed_name_with_other_bytes_fails_the_build);
  tcase_add_test(c, every_such_name_is_told);
  tcase_add_test(c, only_the_newest_release_is_held_against);
  tcase_add_test(c, a_carried_file_is_verified_too);
  tcase_add_test(c, hashed_files_that_are_gone_are_kept_until_their_time);
  tcase_add_test(c, names_that_the_policy_takes_for_hashed_count_too);
  tcase_add_test(c, what_a_release_had_kept_itself_is_not_kept_again);
  tcase_add_test(c, of_several_releases_the_newest_that_has_a_file_counts);
  tcase_add_test(c, a_pack_carried_over_loses_what_is_past_its_time);
  tcase_add_test(c, a_time_before_1970_is_refused);
  tcase_add_test(c, packs_that_no_builder_made_are_refused);
  tcase_add_test(c, a_body_that_is_not_its_hash_fails_the_build);
  tcase_add_test(c, variants_that_are_not_known_are_left_behind);
  tcase_add_test(c, an_asset_of_another_file_is_no_error_page);
  tcase_add_test(c, header_rules_that_no_builder_made_are_refused);
  tcase_add_test(c, a_way_of_serving_that_is_not_known_is_refused);
  tcase_add_test(c, forged_packs_do_no_harm);
  tcase_add_test(c, out_of_memory_is_an_error_wherever_it_strikes);
  tcase_add_test(c, threads_derive_from_one_pack_at_once);
  return util_run("carry", c);
}
