/* carrying.h - packs made from packs, for tests.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TEST_CARRYING_H
#define EDGESTATIC_TEST_CARRYING_H

#include "edgestatic_policy.h"
#include "edgestatic_rules.h"
#include "edgestatic_site.h"

#include "packing.h"

/* The pack that finish() made, and from now on it makes another one. */
static inline edgestatic_pack *take(void) {
  edgestatic_pack *made = pack;
  pack = NULL;
  new_builder();
  return made;
}

static inline void carry(edgestatic_pack *from) {
  ck_assert_msg(edgestatic_builder_add_pack(builder, from, INT64_MIN) ==
                    EDGESTATIC_OK,
                "%s", told.text);
}

static inline void previous(edgestatic_pack *from, int64_t until) {
  ck_assert_msg(edgestatic_builder_previous(builder, from, until) ==
                    EDGESTATIC_OK,
                "%s", told.text);
}

/* What finish() made is the same, byte by byte. */
static inline void same_pack(const edgestatic_pack *a) {
  const edgestatic_store *x = edgestatic_pack_store(a);
  ck_assert_uint_eq(x->index_size, store->index_size);
  ck_assert_uint_eq(x->pack_size, store->pack_size);
  ck_assert(memcmp(x->base, store->base, (size_t)x->pack_size) == 0);
}

static inline void add_samples(void) {
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

static inline void add_policy(void) {
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

static inline void add_rules(void) {
  static const char redirects[] = "/old /about 301\n"
                                  "/old x=1 /about?x=1 302!\n"
                                  "/old2 /docs/ 302 Language=de,fr\n"
                                  "/b/* /docs/:splat 301\n"
                                  "/u/:name id=:id /about?u=:name&i=:id 307\n"
                                  "/gone /404.html 410\n";
  static const char headers[] = "/*\n  X-Frame-Options: DENY\n"
                                "/docs/*\n  Cache-Control: max-age=7\n"
                                "  Strict-Transport-Security: max-age=9\n";
  ck_assert_int_eq(
      edgestatic_builder_redirects(builder, util_text(redirects), "_redirects"),
      EDGESTATIC_OK);
  ck_assert_int_eq(
      edgestatic_builder_headers(builder, util_text(headers), "_headers"),
      EDGESTATIC_OK);
}

#endif
