/* check_lint.c - what lint finds, by the table of lint_table.h; and that it
 * never says "dead" of a rule that a request meets.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/lint_ask.h"
#include "build/lint_cover.h"

#include "core/pattern.h"
#include "tempdir.h"
#include "util.h"

static const struct lint_case {
  int dialect; /* enum edgestatic_dialect */
  bool differences;
  const char *how, *redirects, *headers, *expect;
} table[] = {
#include "lint_table.h"
};

static const char *const kinds[] = {
#define EDGESTATIC_X(id, name, text) name,
    EDGESTATIC_FINDINGS(EDGESTATIC_X)
#undef EDGESTATIC_X
};

static void make_site(const char *redirects, const char *headers) {
  static const char *const names[] = {
      "index.html", "about.html", "docs/index.html", "404.html",   "gone.html",
      "a.txt",      "b.txt",      "app.js",          "assets/x.js"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    tempdir_file(names[i], names[i]);
  if (redirects[0] != '\0')
    tempdir_file("_redirects", redirects);
  if (headers[0] != '\0')
    tempdir_file("_headers", headers);
}

/* ---- The table ---- */

struct seen {
  bool differences;
  char found[8192]; /* "R1 dead|R2 loop", or with texts */
  size_t len;
  unsigned line; /* of the last one of its file */
  char file;
};

static void note(void *ctx, const edgestatic_finding *f) {
  struct seen *seen = ctx;
  const char *name = strrchr(f->file, '/') + 1;
  char file = strcmp(name, "_headers") == 0 ? 'H' : 'R';
  ck_assert(file == 'H' || strcmp(name, "_redirects") == 0);
  ck_assert_uint_gt(f->line, 0);
  ck_assert_uint_gt(f->column, 0);
  ck_assert_uint_gt(strlen(f->text), 10);
  ck_assert(file != seen->file || f->line >= seen->line);
  seen->file = file;
  seen->line = f->line;
  bool different = f->kind == EDGESTATIC_FINDING_DIFFERENT;
  if (different)
    ck_assert_int_eq(f->severity, EDGESTATIC_NOTE);
  if (different != seen->differences)
    return;
  seen->len +=
      (size_t)snprintf(seen->found + seen->len, sizeof seen->found - seen->len,
                       "%s%c%u %s", seen->len > 0 ? "|" : "", file, f->line,
                       different ? f->text : kinds[f->kind]);
  ck_assert_uint_lt(seen->len, sizeof seen->found);
}

/* Rules of no harm: "many 101 dynamic". */
static const char *make_many(const char *how) {
  unsigned count = 0;
  for (const char *p = how + 5; *p >= '0' && *p <= '9'; p++)
    count = count * 10 + (unsigned)(*p - '0');
  char *text = util_alloc((size_t)count * 40 + 1), *end = text;
  const char *more = strstr(how, "dynamic") ? "/*" : "";
  for (unsigned i = 0; i < count; i++)
    end += sprintf(end, "/n%u/y%s /a.txt 301\n", i, more);
  return text;
}

static edgestatic_lint_options options_of(const struct lint_case *c) {
  edgestatic_lint_options o = EDGESTATIC_LINT_OPTIONS_INIT;
  o.dialect = c->dialect;
  if (strcmp(c->how, "spa") == 0)
    o.not_found = EDGESTATIC_NOT_FOUND_SPA;
  if (strcmp(c->how, "none") == 0)
    o.html_handling = EDGESTATIC_HTML_NONE;
  if (strcmp(c->how, "host") == 0)
    o.host = (edgestatic_slice)EDGESTATIC_LITERAL("h.example");
  if (strstr(c->how, "workers"))
    o.limits = EDGESTATIC_LIMITS_CLOUDFLARE;
  if (strstr(c->how, "netlify"))
    o.limits = EDGESTATIC_LIMITS_NETLIFY;
  return o;
}

START_TEST(each_row_of_the_table) {
  const struct lint_case *c = &table[_i];
  struct seen seen = {.differences = c->differences};
  edgestatic_lint_options o = options_of(c);
  bool many = strncmp(c->how, "many ", 5) == 0;
  make_site(many ? make_many(c->how) : c->redirects, c->headers);
  ck_assert_int_eq(edgestatic_lint(tempdir, &o, note, &seen), EDGESTATIC_OK);
  bool right = c->differences && c->expect[0] != '\0'
                   ? strstr(seen.found, c->expect) != NULL
                   : strcmp(seen.found, c->expect) == 0;
  ck_assert_msg(right, "%d \"%s\" \"%s\" (%s): \"%s\", not \"%s\"", c->dialect,
                c->redirects, c->headers, c->how, seen.found, c->expect);
}
END_TEST

/* ---- Never "dead" of what lives ---- */

static uint32_t state;

static uint32_t random_below(uint32_t n) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % n;
}

static const char *any_of(const char *const *list, uint32_t n) {
  return list[random_below(n)];
}

#define ANY(list) any_of(list, sizeof list / sizeof *list)

static char *put_path(char *to) {
  static const char *const parts[] = {"/a",  "/b", "/*",     "/:p",  "/a*",
                                      "/:q", "/",  "/a.txt", "/a/b", "/docs"};
  uint32_t n = 1 + random_below(3);
  while (n-- > 0)
    to += sprintf(to, "%s", ANY(parts));
  return to;
}

static char *put_line(char *to, int dialect) {
  static const char *const hosts[] = {"", "", "", "https://h", "http://h"};
  static const char *const queries[] = {"", "", " q=1", " q=:v", " q=1 r=2"};
  static const char *const targets[] = {" /t", " /a.txt", " /x/:splat",
                                        " https://:p.o.example/"};
  static const char *const status[] = {"", " 301", " 302", " 200", " 301!"};
  static const char *const conditions[] = {
      "",          "",           "", " Language=en", " Language=en,de",
      " Cookie=c", " Country=de"};
  bool netlify = dialect == EDGESTATIC_DIALECT_NETLIFY;
  const char *end = ANY(status);
  to += sprintf(to, "%s", netlify ? ANY(hosts) : "");
  to = put_path(to);
  to += sprintf(to, "%s%s%s", netlify ? ANY(queries) : "", ANY(targets),
                netlify || strchr(end, '!') == NULL ? end : "");
  return to +
         sprintf(to, "%s\n", netlify && end[0] != '\0' ? ANY(conditions) : "");
}

/* A request of the same alphabet. */
static void make_request(struct lint_ask *ask) {
  static const char *const parts[] = {"/a", "/b", "/",     "/a.txt", "/ab",
                                      "/x", "/c", "/docs", "/%61",   "/a/b"};
  static const char *const queries[] = {"", "", "?q=1", "?q=2", "?q=1&r=2"};
  static const char *const hosts[] = {"h", "i"};
  static const char *const languages[] = {"en", "de", "fr"};
  char *to = ask->target;
  uint32_t n = 1 + random_below(4);
  while (n-- > 0)
    to += sprintf(to, "%s", ANY(parts));
  to += sprintf(to, "%s", ANY(queries));
  ask->request = (edgestatic_request){
      .method = LIT("GET"),
      .target = slice_of(ask->target, (size_t)(to - ask->target)),
      .flags = random_below(2) ? EDGESTATIC_REQUEST_TLS : 0};
  slice *field = ask->request.field;
  const char *host = ANY(hosts), *language = ANY(languages);
  field[EDGESTATIC_FIELD_HOST] = slice_of(host, strlen(host));
  field[EDGESTATIC_FIELD_ACCEPT_LANGUAGE] =
      slice_of(language, strlen(language));
  if (random_below(2))
    field[EDGESTATIC_FIELD_COOKIE] = LIT("c=1");
  if (random_below(2))
    ask->request.country = LIT("de");
}

static bool is_dead(const struct lint *l, unsigned line) {
  for (size_t i = 0; i < l->count; i++)
    if (l->finding[i].line == line &&
        l->finding[i].kind == EDGESTATIC_FINDING_DEAD)
      return true;
  return false;
}

static void meets_no_dead_rule(const struct lint *l, struct lint_ask *ask) {
  lint_ask(ask, lint_own(l));
  unsigned line = lint_ask_line(ask, lint_own(l));
  ck_assert_msg(line == 0 || !is_dead(l, line), "line %u is met by %.*s:\n%s",
                line, (int)ask->request.target.len, ask->request.target.base,
                l->text[SCAN_REDIRECTS].bytes);
}

START_TEST(a_rule_that_a_request_meets_is_never_called_dead) {
  struct lint_ask *ask = util_alloc(sizeof *ask);
  char *text = util_alloc(4096);
  size_t dead = 0;
  for (uint32_t seed = 0; seed < 40; seed++) {
    edgestatic_lint_options o = EDGESTATIC_LINT_OPTIONS_INIT;
    struct lint l = {.options = &o};
    char *to = text;
    state = seed * 2654435761u + (uint32_t)_i;
    o.dialect = _i;
    for (int i = 0; i < 16; i++)
      to = put_line(to, _i);
    make_site(text, "");
    lint_open(&l, tempdir);
    ck_assert_int_eq(l.error, EDGESTATIC_OK);
    lint_dead(&l);
    for (size_t i = 0; i < l.count; i++)
      dead += l.finding[i].kind == EDGESTATIC_FINDING_DEAD;
    for (int i = 0; i < 2000; i++) {
      make_request(ask);
      meets_no_dead_rule(&l, ask);
    }
    const struct redirects *of = &lint_own(&l)->redirects;
    for (size_t i = 0; i < of->count; i++)
      for (int s = 0; s < LINT_SPELLINGS; s++)
        if (lint_ask_rule(ask, of, &of->rule[i], (enum lint_spelling)s))
          meets_no_dead_rule(&l, ask);
    lint_close(&l);
  }
  /* The test would pass, too, were nothing ever called dead. */
  ck_assert_uint_gt(dead, 20);
}
END_TEST

/* The same of patterns alone: of each that is covered, random strings. */
START_TEST(what_a_covered_pattern_matches_its_cover_matches) {
  static const struct pattern_way way = {.separator = '/'};
  static const char pieces[] = {'/',         'a',         'b',
                                PATTERN_ONE, PATTERN_ANY, PATTERN_REST};
  size_t covered = 0;
  state = 7;
  for (int round = 0; round < 200000; round++) {
    char text[3][8];
    slice s[3], capture[PATTERN_CAPTURES_MAX];
    for (int i = 0; i < 3; i++) {
      size_t len = 1 + random_below(6);
      for (size_t k = 0; k < len; k++) {
        text[i][k] = pieces[random_below(i < 2 ? 6 : 3)];
        /* Where it may stand (pattern.h). */
        if (k > 0 && text[i][k - 1] == PATTERN_REST)
          text[i][k] = '/';
      }
      s[i] = slice_of(text[i], len);
    }
    if (!lint_cover_pattern(s[0], s[1]))
      continue;
    covered++;
    ck_assert(!pattern_match(s[1], s[2], way, capture) ||
              pattern_match(s[0], s[2], way, capture));
  }
  ck_assert_uint_gt(covered, 1000);
}
END_TEST

/* ---- Time ---- */

START_TEST(what_takes_too_long_is_left_out_and_said) {
  static void (*const parts[])(struct lint *) = {lint_dead, lint_walk,
                                                 lint_differ};
  edgestatic_lint_options o = EDGESTATIC_LINT_OPTIONS_INIT;
  struct lint l = {.options = &o};
  make_site("/x /y\n/y/* /x\n", "");
  lint_open(&l, tempdir);
  l.work = LINT_WORK_MAX;
  parts[_i](&l);
  ck_assert_int_eq(l.error, EDGESTATIC_OK);
  ck_assert_uint_eq(l.count, 1);
  ck_assert_int_eq(l.finding[0].severity, EDGESTATIC_NOTE);
  ck_assert_int_eq(l.finding[0].kind, EDGESTATIC_FINDING_LIMIT);
  lint_close(&l);
}
END_TEST

/* ---- The call ---- */

static void count(void *ctx, const edgestatic_finding *f) {
  unsigned *n = ctx;
  ck_assert_ptr_nonnull(f->text);
  ++*n;
}

START_TEST(options_that_are_none_are_refused) {
  unsigned n = 0;
  edgestatic_lint_options o = EDGESTATIC_LINT_OPTIONS_INIT;
  make_site("", "");
  ck_assert_int_eq(edgestatic_lint(tempdir, NULL, count, &n), EDGESTATIC_OK);
  o.dialect = 2;
  ck_assert_int_eq(edgestatic_lint(tempdir, &o, count, &n),
                   EDGESTATIC_ERR_INPUT);
  o.dialect = 0;
  o.host = (edgestatic_slice)EDGESTATIC_LITERAL("a b");
  ck_assert_int_eq(edgestatic_lint(tempdir, &o, count, &n),
                   EDGESTATIC_ERR_INPUT);
  o.host.base = NULL;
  o.size--;
  ck_assert_int_eq(edgestatic_lint(tempdir, &o, count, &n),
                   EDGESTATIC_ERR_INPUT);
  ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_told_and_an_error) {
  unsigned n = 0;
  ck_assert_int_eq(edgestatic_lint(tempdir_path("none"), NULL, count, &n),
                   EDGESTATIC_ERR_IO);
  ck_assert_uint_eq(n, 1);
}
END_TEST

START_TEST(a_folder_without_files_and_rules_has_nothing_amiss) {
  unsigned n = 0;
  ck_assert_int_eq(edgestatic_lint(tempdir, NULL, count, &n), EDGESTATIC_OK);
  ck_assert_uint_eq(n, 0);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("lint");
  tcase_add_checked_fixture(tc, tempdir_make, tempdir_remove);
  tcase_add_loop_test(tc, each_row_of_the_table, 0,
                      (int)(sizeof table / sizeof *table));
  tcase_add_loop_test(tc, a_rule_that_a_request_meets_is_never_called_dead, 0,
                      LINT_DIALECTS);
  tcase_add_test(tc, what_a_covered_pattern_matches_its_cover_matches);
  tcase_add_loop_test(tc, what_takes_too_long_is_left_out_and_said, 0, 3);
  tcase_add_test(tc, options_that_are_none_are_refused);
  tcase_add_test(tc, a_folder_that_is_not_there_is_told_and_an_error);
  tcase_add_test(tc, a_folder_without_files_and_rules_has_nothing_amiss);
  return util_run("lint", tc);
}
