/* site.h - the small site that several tests and fuzzers ask.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TESTS_SITE_H
#define EDGESTATIC_TESTS_SITE_H

#include "mkpack.h"

#define SITE_MTIME 1403716338
#define SITE_DATE "Wed, 25 Jun 2014 17:12:18 GMT"

/* Available-Dictionary of the dictionaries of /app.js: 32 bytes of 1, of 2. */
#define SITE_HOLDS_1 ":AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=:"
#define SITE_HOLDS_2 ":AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=:"

/* /nums.txt, 9 bytes; /page in four codings; /docs/; /old, a redirect; /empty;
 * error pages of / and /docs/; a fallback when asked for; /app.js, plain, as
 * deltas against dictionary 1, and against dictionary 2, as dcz alone. */
static inline unsigned char *site_pack(size_t *len, bool fallback) {
  static const char filler[1000] = "filler";
  mk *m = mk_new();
  mk_file(m, "/nums.txt", "text/plain", SITE_MTIME, "\"nums\"", "123456789");
  mk_file(m, "/empty.txt", "text/plain", INT64_MIN, "\"none\"", "");

  uint32_t page = mk_asset(m, "/page", "text/html; charset=utf-8", SITE_MTIME);
  mk_variant(m, EDGESTATIC_CODING_BR, "\"page-in-br\"", filler, 300);
  mk_variant(m, EDGESTATIC_CODING_ZSTD, "\"page-in-zstd\"", filler, 310);
  mk_variant(m, EDGESTATIC_CODING_GZIP, "\"page-in-gzip\"", filler, 400);
  mk_variant(m, EDGESTATIC_CODING_IDENTITY, "\"page\"", filler, 1000);
  mk_entry(m, "/page", "/page", page, ENTRY_PAGE);

  uint32_t docs = mk_asset(m, "/docs/", "text/html; charset=utf-8", SITE_MTIME);
  mk_variant(m, EDGESTATIC_CODING_IDENTITY, "\"docs\"", "docs", 4);
  mk_entry(m, "/docs/", "/docs/", docs, ENTRY_PAGE);
  mk_redirect(m, "/old", "https://elsewhere.example/new", 301);

  uint32_t missing = mk_asset(m, "/404.html", "text/html", INT64_MIN);
  mk_variant(m, EDGESTATIC_CODING_GZIP, "", filler, 30);
  mk_variant(m, EDGESTATIC_CODING_IDENTITY, "", filler, 60);
  mk_error_page(m, "/", missing);
  uint32_t missing_docs = mk_asset(m, "/docs/404.html", "text/html", INT64_MIN);
  mk_variant(m, EDGESTATIC_CODING_IDENTITY, "", filler, 70);
  mk_error_page(m, "/docs/", missing_docs);

  if (fallback) {
    uint32_t app = mk_asset(m, "/index.html", "text/html", SITE_MTIME);
    mk_variant(m, EDGESTATIC_CODING_IDENTITY, "\"app\"", filler, 80);
    m->fallback = app + 1;
  }

  uint32_t js = mk_asset(m, "/app.js", "text/javascript", SITE_MTIME);
  mk_variant(m, EDGESTATIC_CODING_BR, "\"js-in-br\"", filler, 500);
  mk_variant(m, EDGESTATIC_CODING_IDENTITY, "\"js\"", filler, 900);
  uint32_t one = mk_dictionary(m, 1, "/app.js"),
           two = mk_dictionary(m, 2, "/2");
  mk_delta(m, EDGESTATIC_CODING_DCB, one, "\"dcb-1\"", "dcb-1", 5);
  mk_delta(m, EDGESTATIC_CODING_DCZ, one, "\"dcz-1\"", "dcz-1 ", 6);
  mk_delta(m, EDGESTATIC_CODING_DCZ, two, "\"dcz-2\"", "dcz-2  ", 7);
  mk_entry(m, "/app.js", "/app.js", js, 0);
  mk_digests(m);
  return mk_finish(m, len);
}

#endif
