/* check_rules_table.c - the table of rules_table.h.
 * SPDX-License-Identifier: MIT */
#include "rules_world.h"
#include "util.h"

static const struct rule_case {
  enum rulefile_dialect dialect;
  const char *file, *ask, *with, *expect;
} table[] = {
#include "rules_table.h"
};

static const char *kind_name(enum rulefile_kind kind) {
  static const char *const names[] = {[RULEFILE_SYNTAX] = "syntax",
                                      [RULEFILE_VALUE] = "value",
                                      [RULEFILE_LIMIT] = "limit",
                                      [RULEFILE_DUPLICATE] = "duplicate",
                                      [RULEFILE_LOOP] = "loop",
                                      [RULEFILE_DEAD] = "dead",
                                      [RULEFILE_UNSUPPORTED] = "unsupported"};
  return names[kind];
}

/* "Host: h|TLS" into a request. */
static void with(edgestatic_request *request, const char *s) {
  while (*s != '\0') {
    size_t len = strcspn(s, "|"), name = strcspn(s, ":|");
    if (name == len) {
      request->flags |= EDGESTATIC_REQUEST_TLS;
    } else {
      int id = edgestatic_field_find((edgestatic_slice){s, name});
      ck_assert_int_ge(id, 0);
      request->field[id] = util_bytes(s + name + 2, len - name - 2);
    }
    s += len + (s[len] == '|');
  }
}

/* Whether one of the diagnostics is the expected one. */
static bool said(const struct world *w, const char *expect, char *all) {
  bool found = false;
  char *end = all;
  for (size_t i = 0; i < w->rules.file.count; i++) {
    const struct rulefile_diagnostic *d = &w->rules.file.diagnostic[i];
    char text[64];
    snprintf(text, sizeof text, "%c%s %u:%u",
             d->severity == EDGESTATIC_ERROR ? '!' : '?', kind_name(d->kind),
             d->line, d->column);
    ck_assert_uint_gt(d->text.len, 10);
    found = found || strcmp(text, expect) == 0;
    end += sprintf(end, "[%s: %.200s] ", text, d->text.base);
  }
  return found;
}

static void try_case(const struct rule_case *c) {
  struct world w;
  char *text = util_alloc(RULES_TEXT_MAX + 1), *all = util_alloc(8192);
  char got[RULES_TEXT_MAX + 32] = "-";
  edgestatic_request request = {.target = util_text(c->ask)};
  all[0] = '\0';
  world_make(&w, c->dialect, false, util_text(c->file));
  with(&request, c->with);
  struct rules_answer a = world_ask(&w, &request, RULES_AFTER, text);
  world_invariants(&w, &a, text);
  if (a.rule != EDGESTATIC_NONE)
    snprintf(got, sizeof got, "%d %s", a.status, text);
  bool diagnosed = said(&w, c->expect, all);
  bool right = c->expect[0] == '!' || c->expect[0] == '?'
                   ? diagnosed
                   : strcmp(got, c->expect) == 0;
  const char *dialect =
      c->dialect == RULEFILE_NETLIFY ? "netlify" : "cloudflare";
  world_free(&w);
  util_free_all();
  ck_assert_msg(right, "%s: \"%s\" asked for %s (%s): %s, not %s", dialect,
                c->file, c->ask, c->with, got, c->expect);
}

START_TEST(each_row_of_the_table) {
  try_case(&table[_i]);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("rules_table");
  tcase_add_loop_test(c, each_row_of_the_table, 0,
                      (int)(sizeof table / sizeof *table));
  return util_run("rules_table", c);
}
