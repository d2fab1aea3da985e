/* check_rules.c - rules in a pack: phases, what decided, forged packs, and what
 * is true of every rule set.  The rulings on single rules are in
 * rules_table.h.
 * SPDX-License-Identifier: MIT */
#include "core/hash.h"
#include "core/pattern.h"
#include "rules_world.h"
#include "util.h"

static struct world w;
static edgestatic_request request;
static char text[RULES_TEXT_MAX + 1];

static void setup(void) {
  memset(&w, 0, sizeof w);
  memset(&request, 0, sizeof request);
}

static void make(enum rulefile_dialect dialect, const char *file) {
  world_make(&w, dialect, false, util_text(file));
}

static struct rules_answer ask(const char *target, enum rules_phase phase) {
  request.target = util_text(target);
  struct rules_answer a = world_ask(&w, &request, phase, text);
  world_invariants(&w, &a, text);
  return a;
}

START_TEST(a_forced_rule_goes_before_a_file_another_after) {
  make(RULEFILE_NETLIFY, "/a /b 301!\n/c /d 301\n");
  ck_assert_int_eq(ask("/a", RULES_BEFORE).status, 301);
  ck_assert_int_eq(ask("/a", RULES_AFTER).status, 301);
  ck_assert_uint_eq(ask("/c", RULES_BEFORE).rule, EDGESTATIC_NONE);
  ck_assert_int_eq(ask("/c", RULES_AFTER).status, 301);
  world_free(&w);
}
END_TEST

START_TEST(a_rule_that_is_not_forced_hides_a_forced_one_behind_it) {
  make(RULEFILE_NETLIFY, "/a /b\n/a /c 301!\n/x/* /y\n/x/z /w 301!\n");
  ck_assert_uint_eq(ask("/a", RULES_BEFORE).rule, EDGESTATIC_NONE);
  ask("/a", RULES_AFTER);
  ck_assert_str_eq(text, "/b");
  ck_assert_uint_eq(ask("/x/z", RULES_BEFORE).rule, EDGESTATIC_NONE);
  world_free(&w);
}
END_TEST

START_TEST(every_rule_of_cloudflare_goes_before_a_file) {
  make(RULEFILE_CLOUDFLARE, "/a /b\n/c/* /d\n/e /f 200\n");
  ck_assert_int_eq(ask("/a", RULES_BEFORE).status, 302);
  ck_assert_int_eq(ask("/c/1", RULES_BEFORE).status, 302);
  ck_assert_int_eq(ask("/e", RULES_BEFORE).status, 200);
  world_free(&w);
}
END_TEST

START_TEST(what_decided_is_told_for_vary_also_where_no_rule_is_met) {
  make(RULEFILE_NETLIFY, "/a /b 302! Language=de\n/a /c 302! Cookie=k\n"
                         "/d /e 302! Language=de\n/f /g 301!\n");
  struct rules_answer a = ask("/a", RULES_BEFORE);
  ck_assert_uint_eq(a.rule, EDGESTATIC_NONE);
  ck_assert_uint_eq(a.vary, RULES_VARY_LANGUAGE | RULES_VARY_COOKIE);
  ck_assert_uint_eq(ask("/d", RULES_BEFORE).vary, RULES_VARY_LANGUAGE);
  ck_assert_uint_eq(ask("/f", RULES_BEFORE).vary, 0);
  ck_assert_uint_eq(ask("/z", RULES_BEFORE).vary, 0);
  request.field[EDGESTATIC_FIELD_ACCEPT_LANGUAGE] = util_text("de");
  a = ask("/a", RULES_BEFORE);
  ck_assert_int_eq(a.status, 302);
  ck_assert_uint_eq(a.vary, RULES_VARY_LANGUAGE);
  world_free(&w);
}
END_TEST

START_TEST(a_location_that_does_not_fit_is_414) {
  make(RULEFILE_NETLIFY, "/* /x/:splat/:splat/:splat\n");
  char *target = util_alloc(2000 * 3 + 2);
  target[0] = '/';
  for (int i = 0; i < 2000; i++)
    memcpy(target + 1 + 3 * i, "%ff", 3);
  target[6001] = '\0';
  ck_assert_int_eq(ask(target, RULES_AFTER).status, 414);
  target[3001] = '\0';
  ck_assert_int_eq(ask(target, RULES_AFTER).status, 301);
  world_free(&w);
}
END_TEST

START_TEST(the_rule_says_where_it_comes_from) {
  make(RULEFILE_NETLIFY, "\n\n/a /b\n");
  uint32_t rule = ask("/a", RULES_AFTER).rule;
  ck_assert_slice_eq(
      pack_string(&w.store, pack_rule_at(&w.store, rule)->origin),
      "_redirects:3");
  world_free(&w);
}
END_TEST

START_TEST(a_target_of_the_server_as_a_whole_meets_no_rule) {
  make(RULEFILE_NETLIFY, "/* /b 301!\n");
  ck_assert_uint_eq(ask("*", RULES_BEFORE).rule, EDGESTATIC_NONE);
  ck_assert_int_eq(ask("http://h.example/x", RULES_BEFORE).status, 301);
  ck_assert_int_eq(ask("http://h.example", RULES_BEFORE).status, 301);
  world_free(&w);
}
END_TEST

START_TEST(a_site_without_rules_has_no_sections_for_them) {
  make(RULEFILE_NETLIFY, "# nothing\n");
  ck_assert_uint_eq(get32(((pack_header *)w.index.bytes)->section_count),
                    SECTION_KNOWN);
  ck_assert_uint_eq(ask("/a", RULES_AFTER).rule, EDGESTATIC_NONE);
  world_free(&w);
}
END_TEST

START_TEST(of_thousands_of_paths_each_has_its_rule) {
  char *file = util_alloc(3000 * 64), *end = file;
  for (int i = 0; i < 3000; i++)
    end += sprintf(end, "/p%d /t%d\n/p%d /never%d Cookie=c\n", i, i, i, i);
  make(RULEFILE_NETLIFY, file);
  for (int i = 0; i < 3000; i++) {
    char target[32], expected[32];
    sprintf(target, "/p%d", i);
    sprintf(expected, "/t%d", i);
    request.target = (edgestatic_slice){target, strlen(target)};
    world_ask(&w, &request, RULES_AFTER, text);
    ck_assert_str_eq(text, expected);
  }
  world_free(&w);
}
END_TEST

/* ---- Forged packs ---- */

static void *record(enum section_id place, uint32_t i) {
  return w.index.bytes + w.store.section[place].offset +
         (size_t)i * w.store.section[place].stride;
}

static void opens_as(int error) {
  edgestatic_store opened;
  pack_header *h = (pack_header *)w.index.bytes;
  size_t from = offsetof(pack_header, newest);
  h->checksum =
      put64(hash64(w.index.bytes + from, (size_t)get64(h->index_size) - from));
  ck_assert_int_eq(edgestatic_store_open(&opened, w.index.bytes, w.index.size),
                   error);
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

START_TEST(no_number_of_a_rule_leads_outside) {
  make(RULEFILE_NETLIFY, "/a /b 301 Cookie=c\n/a /c\n/d/* /e/:splat 404\n");
  pack_ruleset *set = record(SECTION_RULESETS, 0);
  pack_rule *first = record(SECTION_RULES, 0), *last = record(SECTION_RULES, 2);
  pack_condition *c = record(SECTION_CONDITIONS, 0);
  REFUSED(set->dynamic, put32(3));
  REFUSED(set->dynamic_count, put32(2));
  REFUSED(set->dynamic_count, put32(UINT32_MAX));
  REFUSED(set->exact.mask, put32(255));
  REFUSED(set->exact.mask, put32(2));
  REFUSED(set->exact.first, put32(UINT32_MAX));
  REFUSED(first->path, put32(UINT32_MAX));
  REFUSED(first->target, put32(UINT32_MAX - 2));
  REFUSED(first->host, put32(w.store.section[SECTION_STRINGS].count));
  REFUSED(first->origin, put32(UINT32_MAX));
  REFUSED(first->condition, put32(1));
  REFUSED(first->condition_count, 2);
  REFUSED(first->status, put16(200 + 1));
  REFUSED(first->status, put16(600));
  REFUSED(first->target, first->origin); /* no template */
  REFUSED(last->flags, RULE_MORE);
  REFUSED(c->name, put32(UINT32_MAX));
  REFUSED(c->value, put32(UINT32_MAX));
  for (uint32_t i = 0; i < w.store.section[SECTION_SLOTS].count; i++) {
    pack_slot *slot = record(SECTION_SLOTS, i);
    if (get32(slot->entry) != 0)
      REFUSED(slot->entry, put32(4));
  }
  world_free(&w);
}
END_TEST

START_TEST(a_page_of_another_site_is_refused) {
  make(RULEFILE_NETLIFY, "/a https://e.example/\n/b /c 404\n");
  pack_rule *first = record(SECTION_RULES, 0);
  REFUSED(first->status, put16(404));
  first->status = put16(302);
  opens_as(EDGESTATIC_OK);
  world_free(&w);
}
END_TEST

START_TEST(a_reader_that_knows_no_rules_must_refuse_the_pack) {
  make(RULEFILE_NETLIFY, "/a /b\n");
  pack_header *h = (pack_header *)w.index.bytes;
  pack_section *s =
      (pack_section *)(w.index.bytes + get32(h->header_size)) + SECTION_KNOWN;
  ck_assert_uint_eq(get32(h->section_count), SECTION_KNOWN + 2);
  for (uint32_t i = 0; i < 2; i++) {
    ck_assert_uint_eq(get32(s[i].id), 16 + i);
    ck_assert_uint_eq(get32(s[i].flags), SECTION_CRITICAL);
  }
  /* As an older one sees them. */
  s[0].id = put32(60);
  opens_as(EDGESTATIC_ERR_VERSION);
  s[0].id = put32(SECTION_KNOWN); /* not ours to use */
  opens_as(EDGESTATIC_ERR_VERSION);
  world_free(&w);
}
END_TEST

START_TEST(any_pattern_and_condition_ends) {
  make(RULEFILE_NETLIFY, "/a/*/b/:c/* /x/:c/:splat 301 Cookie=c\n");
  pack_rule *rule = record(SECTION_RULES, 0);
  pack_condition *c = record(SECTION_CONDITIONS, 0);
  unsigned char *path =
      (unsigned char *)(uintptr_t)pack_string(&w.store, rule->path).base;
  size_t len = pack_string(&w.store, rule->path).len;
  for (unsigned seed = 0; seed < 4096; seed++) {
    unsigned bits = seed;
    for (size_t i = 0; i < len && i < 6; i++, bits /= 4)
      path[i] = (unsigned char)(bits % 4 == 0 ? '/' : bits % 4);
    c->kind = (unsigned char)(seed % 8);
    opens_as(EDGESTATIC_OK);
    ask("/a/a/a/b/c", RULES_AFTER);
    ask("/////", RULES_AFTER);
    util_free_all();
  }
  world_free(&w);
}
END_TEST

/* ---- Properties ---- */

static uint32_t seed;

static uint32_t below(uint32_t n) {
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % n;
}

static const char *pick(const char *const *from, size_t n) {
  return from[below((uint32_t)n)];
}

#define PICK(list) pick(list, sizeof(list) / sizeof *(list))

/* Pieces that a path, a target, a query and the rest of a line are made of. */
static void random_file(char *out) {
  static const char *const pieces[] = {
      "/",   "//", "a",   "b",    ":a",  ":b",   ":splat", "*",     "/*",
      "%2e", ".",  "..",  "%41",  "\\",  "%",    "#",      "?",     "\xc3\xa9",
      "-",   ":",  "/:a", "/:b/", "%0a", "%5c",  "@",      "\"",    "/a/",
      "|",   "&",  "=",   "+",    "%2f", "/a/b", "[",      ".html", "/index"};
  static const char *const heads[] = {"/",        "/",
                                      "/",        "https://h.example/",
                                      "//",       "https://:a.example/",
                                      "http://x", "https://:splat.h/",
                                      "x"};
  static const char *const tails[] = {"",      " 301", " 301!", " 200", " 404",
                                      " 302!", " 308", " 200!", " x",   " 500"};
  static const char *const rest[] = {
      "", "", " Language=de", " Cookie=k,j", " Country=x", " # why", " junk=1"};
  static const char *const queries[] = {"", "", "", " k=:a", " k=v", " j=:b"};
  char *p = out;
  for (uint32_t lines = below(8) + 1; lines > 0; lines--) {
    p += sprintf(p, "%s", PICK(heads));
    for (uint32_t n = below(5); n > 0; n--)
      p += sprintf(p, "%s", PICK(pieces));
    p += sprintf(p, "%s%s ", PICK(queries), PICK(queries));
    p += sprintf(p, "%s", PICK(heads));
    for (uint32_t n = below(6); n > 0; n--)
      p += sprintf(p, "%s", PICK(pieces));
    p += sprintf(p, "%s%s\n", PICK(tails), PICK(rest));
  }
}

static void random_target(char *out) {
  static const char *const pieces[] = {
      "/",   "/",   "//", "a",   "b",    "%2e",     "%c3%a9", "%5C", "evil.h",
      "%25", "%0a", "?",  "k=v", "&k=x", "k=//e.h", "@",      "|",   "\"",
      "%3f", "%23", ";",  "\\",  ".",    "%2F",     "-",      "é",   "+"};
  char *p = out + sprintf(out, "/");
  for (uint32_t n = below(9); n > 0; n--)
    p += sprintf(p, "%s", PICK(pieces));
}

/* A target that is near to the path of one of the rules. */
static void near_target(const struct world *world, char *out) {
  static const char *const values[] = {
      "x",   "7",      "//evil.h", "/",   "a/b",       "%2e%2e",
      "%0a", "%5C",    "u@h",      "a.b", "evil.h%23", "%3Fq",
      "|",   "%c3%a9", "a%2Fb",    "",    "&k",        "x=y+z"};
  static const char *const tails[] = {
      "", "", "/", "?k=v&j=//h", "?k=%2F%2Fh", "?j=1&k=|", "x"};
  const struct redirect *rule =
      &world->rules.rule[below((uint32_t)world->rules.count)];
  char *p = out;
  for (size_t i = 0; i < rule->path.len && p < out + 200; i++)
    switch (rule->path.base[i]) {
    case PATTERN_REST:
      p += sprintf(p, "/");
      /* fall through */
    case PATTERN_ANY:
    case PATTERN_ONE:
      p += sprintf(p, "%s", PICK(values));
      break;
    case ' ':
      p += sprintf(p, "%%20");
      break;
    default:
      *p++ = rule->path.base[i];
    }
  sprintf(p, "%s", PICK(tails));
}

START_TEST(no_rule_set_loops_overreads_or_leads_astray) {
  seed = 5u + (uint32_t)_i;
  unsigned met = 0, redirects = 0, pages = 0;
  for (int round = 0; round < 3000; round++) {
    char file[4096], target[256];
    random_file(file);
    world_make(&w, (enum rulefile_dialect)(round % 2), round % 3 == 0,
               util_text(file));
    for (size_t i = 0; i < w.rules.file.count; i++) {
      const struct rulefile_diagnostic *d = &w.rules.file.diagnostic[i];
      ck_assert(d->line > 0 && d->column > 0 && d->text.len > 10);
    }
    for (int i = 0; i < 12; i++) {
      if (w.rules.count > 0 && below(4) > 0)
        near_target(&w, target);
      else
        random_target(target);
      request.flags = below(2);
      request.field[EDGESTATIC_FIELD_COOKIE] = util_text("z; k=1");
      request.field[EDGESTATIC_FIELD_ACCEPT_LANGUAGE] = util_text("de-AT,*");
      request.field[EDGESTATIC_FIELD_HOST] = util_text("h.example");
      struct rules_answer a =
          ask(target, below(2) ? RULES_BEFORE : RULES_AFTER);
      met += a.rule != EDGESTATIC_NONE;
      redirects += a.status / 100 == 3;
      pages += a.status == 200 || a.status == 404;
    }
    world_free(&w);
    util_free_all();
  }
  ck_assert_uint_gt(met, 1000);
  ck_assert_uint_gt(redirects, 500);
  ck_assert_uint_gt(pages, 100);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("rules");
  tcase_add_checked_fixture(c, setup, NULL);
  tcase_add_test(c, a_forced_rule_goes_before_a_file_another_after);
  tcase_add_test(c, a_rule_that_is_not_forced_hides_a_forced_one_behind_it);
  tcase_add_test(c, every_rule_of_cloudflare_goes_before_a_file);
  tcase_add_test(c, what_decided_is_told_for_vary_also_where_no_rule_is_met);
  tcase_add_test(c, a_location_that_does_not_fit_is_414);
  tcase_add_test(c, the_rule_says_where_it_comes_from);
  tcase_add_test(c, a_target_of_the_server_as_a_whole_meets_no_rule);
  tcase_add_test(c, a_site_without_rules_has_no_sections_for_them);
  tcase_add_test(c, of_thousands_of_paths_each_has_its_rule);
  tcase_add_test(c, no_number_of_a_rule_leads_outside);
  tcase_add_test(c, a_page_of_another_site_is_refused);
  tcase_add_test(c, a_reader_that_knows_no_rules_must_refuse_the_pack);
  tcase_add_test(c, any_pattern_and_condition_ends);
  tcase_add_loop_test(c, no_rule_set_loops_overreads_or_leads_astray, 0, 4);
  return util_run("rules", c);
}
