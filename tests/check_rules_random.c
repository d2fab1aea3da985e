/* check_rules_random.c - whatever the rules of a site and the request: an
 * answer comes, its fields are valid, and no relative target leaves the site.
 *
 * Rule files are made of a few words, so that rules meet often, and of the
 * words that have tricked servers; lines that the reader refuses are left out.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "byrule.h"

enum { ROUNDS = 30, SITES = 10, RULES = 12, REQUESTS = 60 };

/* A linear congruential generator (Knuth's MMIX): the same in every run. */
static uint64_t state;

static unsigned pick(unsigned n) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(state >> 33) % n;
}

static char text[8000];
static size_t len;

static void put(const char *s) {
  ck_assert_uint_lt(len + strlen(s), sizeof text);
  strcpy(text + len, s);
  len += strlen(s);
}

#define PUT_ONE(words) put((words)[pick(sizeof(words) / sizeof *(words))])

/* ---- Rules ---- */

static const char *const segments[] = {"a", "a",   "b",        ":x", ":y",
                                       "",  "%41", "\xc3\xa9", ".."};
static const char *const captures[] = {":splat", ":x", ":y", "x:x-", ":z"};
static const char *const ends[] = {"", "/", "/*", "/*", "*"};

static void put_pattern(void) {
  for (unsigned n = pick(3) + 1; n > 0; n--) {
    put("/");
    PUT_ONE(segments);
  }
  PUT_ONE(ends);
}

static void put_target(bool absolute) {
  static const char *const begins[] = {"/", "/", "/:splat", "/:x"};
  static const char *const queries[] = {"", "", "?q=:splat", "?:x", "#:y"};
  static const char *const sites[] = {"", "", "https://e.example", "/"};
  if (absolute)
    PUT_ONE(sites);
  PUT_ONE(begins);
  for (unsigned n = pick(3); n > 0; n--) {
    PUT_ONE(captures);
    put(pick(2) == 0 ? "/" : "");
  }
  PUT_ONE(queries);
}

static void put_redirects(bool absolute) {
  static const char *const parameters[] = {"", "", "", " id=:y", " q=1"};
  static const char *const statuses[] = {"",     " 301",  " 302!", " 308",
                                         " 200", " 200!", " 404",  " 410"};
  static const char *const conditions[] = {"",
                                           "",
                                           "",
                                           " Language=de,en",
                                           " Cookie=c",
                                           " Country=at",
                                           " Language=de Cookie=c"};
  for (unsigned n = pick(RULES); n > 0; n--) {
    put_pattern();
    PUT_ONE(parameters);
    put(" ");
    put_target(absolute);
    PUT_ONE(statuses);
    PUT_ONE(conditions);
    put("\n");
  }
}

static void put_headers(void) {
  static const char *const names[] = {"X-A",
                                      "x-a",
                                      "! X-A",
                                      "Cache-Control",
                                      "Content-Type",
                                      "Vary",
                                      "! Vary",
                                      "! ETag",
                                      "Link",
                                      "Set-Cookie",
                                      "Strict-Transport-Security",
                                      "Location",
                                      "Access-Control-Allow-Origin"};
  static const char *const values[] = {
      "a",        ":splat",  " :x :y ", "max-age=9", "<:splat>, <b,c>",
      "\xc3\xa9", "\"a,b\"", ""};
  for (unsigned n = pick(RULES / 2); n > 0; n--) {
    put_pattern();
    put("\n");
    for (unsigned k = pick(4); k > 0; k--) {
      put("  ");
      PUT_ONE(names);
      put(": ");
      PUT_ONE(values);
      put("\n");
    }
  }
}

static void make_site(int dialect, bool absolute) {
  edgestatic_rules_options rules = EDGESTATIC_RULES_OPTIONS_INIT;
  rules.dialect = dialect;
  rules.lenient = 1;
  new_builder();
  ck_assert_int_eq(edgestatic_builder_rules(builder, &rules), EDGESTATIC_OK);
  len = 0;
  put_redirects(absolute);
  ck_assert_int_eq(
      edgestatic_builder_redirects(builder, util_text(text), "_redirects"),
      EDGESTATIC_OK);
  text[len = 0] = '\0';
  put_headers();
  ck_assert_int_eq(
      edgestatic_builder_headers(builder, util_text(text), "_headers"),
      EDGESTATIC_OK);
  add("index.html", "home");
  add("a/b.html", "a/b");
  add("docs/index.html", "docs");
  add("docs/404.html", "missing");
  finish();
}

/* ---- Requests ---- */

static void put_request(void) {
  static const char *const words[] = {
      "a",        "a",    "a",          "b",          "docs",
      "b.html",   "",     "/e.example", "/e.example", "\\e.example",
      "%2F",      "%5Ce", "..",         "%2e%2e",     "%41",
      "\xc3\xa9", "\"<>", "%0d%0a",     "%",          ":x"};
  static const char *const queries[] = {
      "", "", "?", "?q=1", "?id=a", "?id=//e&q", "?&&=", "?id=%0a"};
  for (unsigned n = pick(3) + 1; n > 0; n--) {
    put("/");
    PUT_ONE(words);
  }
  PUT_ONE(queries);
}

static void is_valid_field(edgestatic_field f) {
  static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  ck_assert_uint_gt(f.name.len, 0);
  ck_assert_uint_eq(strspn(f.name.base, token), f.name.len);
  for (size_t i = 0; i < f.value.len; i++) {
    unsigned char c = (unsigned char)f.value.base[i];
    ck_assert_msg(c == '\t' || (c >= ' ' && c != 0x7f), "%s: %s", f.name.base,
                  f.value.base);
  }
  ck_assert(f.value.len == 0 ||
            (f.value.base[0] != ' ' && f.value.base[f.value.len - 1] != ' '));
}

/* What a URI reference is made of (RFC 3986 section 2), "[" and "]" apart,
 * which only an address has. */
static void is_uri(slice s) {
  static const char bytes[] = "-._~:/?#@!$&'()*+,;=%0123456789"
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  static const char hex[] = "0123456789abcdefABCDEF";
  ck_assert_msg(s.len > 0 && strspn(s.base, bytes) == s.len, "Location: %s",
                s.base);
  for (size_t i = 0; i < s.len; i++)
    ck_assert_msg(s.base[i] != '%' || strspn(s.base + i + 1, hex) >= 2,
                  "Location: %s", s.base);
}

static void is_valid(bool absolute) {
  for (uint32_t i = 0; i < response.field_count; i++) {
    edgestatic_field f = edgestatic_response_field(store, &response, i);
    is_valid_field(f);
    if (strcmp(f.name.base, "Location") != 0 || response.status < 300 ||
        response.status == 304 || response.status >= 400)
      continue; /* elsewhere it is a field of _headers as any other */
    is_uri(f.value);
    ck_assert_msg(absolute ||
                      (f.value.base[0] == '/' && f.value.base[1] != '/' &&
                       f.value.base[1] != '\\'),
                  "%.*s: Location: %s", (int)request.target.len,
                  request.target.base, f.value.base);
  }
}

static void ask_much(bool absolute) {
  static const char *const methods[] = {"GET",  "GET",     "GET",
                                        "HEAD", "OPTIONS", "POST"};
  static const char *const languages[] = {"de", "fr, en;q=0.5", "*", ""};
  for (unsigned i = 0; i < REQUESTS; i++) {
    request = (edgestatic_request){.flags = pick(8)};
    len = 0;
    put_request();
    if (pick(2) == 0)
      with(EDGESTATIC_FIELD_ACCEPT_LANGUAGE, languages[pick(4)]);
    if (pick(2) == 0)
      with(EDGESTATIC_FIELD_COOKIE, pick(2) == 0 ? "c=1" : "d; =; c");
    if (pick(2) == 0)
      request.country = util_text("AT");
    ask(methods[pick(6)], text);
    is_valid(absolute);
  }
}

START_TEST(random_rules_of_both_dialects) {
  for (unsigned i = 0; i < SITES; i++) {
    bool absolute = i % 2 == 0;
    state = (uint64_t)_i * SITES + i;
    make_site(_i % 2 == 0 ? EDGESTATIC_DIALECT_NETLIFY
                          : EDGESTATIC_DIALECT_CLOUDFLARE,
              absolute);
    ask_much(absolute);
  }
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("all");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_loop_test(tc, random_rules_of_both_dialects, 0, ROUNDS);
  return util_run("rules_random", tc);
}
