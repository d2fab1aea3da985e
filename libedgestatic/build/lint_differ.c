/* lint_differ.c - lines of _redirects that Netlify and Cloudflare read apart.
 *
 * Each line is read by both and asked for by both: its own path, with a query,
 * with another last slash, without what a splat takes, with an escape.  Of
 * that, what a line itself means is said of each line; the last three differ
 * for most lines of any file and are said once, of the first one.
 *
 * All are notes: a site that has one host is right as it is.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/lint_ask.h"

#include <stdio.h>

struct answer {
  int status;
  unsigned line; /* of the rule that gave it; 0: none */
  slice location, file;
};

/* A difference that many lines have. */
struct common {
  size_t lines;
  unsigned line, column; /* the first one */
  char text[LINT_TEXT_MAX];
};

struct differ {
  struct lint *l;
  struct lint_ask ask[LINT_DIALECTS];
  struct answer answer[LINT_DIALECTS];
  struct common common[LINT_SPELLINGS];
};

static const char *const owner[LINT_DIALECTS] = {"Netlify", "Cloudflare"};

/* ---- Readings ---- */

/* The rule of a line, from *at on, or NULL. */
static const struct redirect *rule_of(const struct redirects *of, unsigned line,
                                      size_t *at) {
  while (*at < of->count && of->rule[*at].line < line)
    ++*at;
  const struct redirect *r = *at < of->count ? &of->rule[*at] : NULL;
  return r && r->line == line && r->status != 0 ? r : NULL;
}

/* Why a line is left out, or NULL. */
static const char *refusal(const struct rulefile *file, unsigned line,
                           size_t *at) {
  while (*at < file->count && file->diagnostic[*at].line < line)
    ++*at;
  for (size_t i = *at; i < file->count && file->diagnostic[i].line == line; i++)
    if (file->diagnostic[i].severity == EDGESTATIC_ERROR)
      return file->diagnostic[i].text.base;
  return NULL;
}

/* ---- Answers ---- */

/* The status by which an owner redirects to another spelling of a page, where
 * the core sends 308: Cloudflare 307. */
static int status_of(const edgestatic_response *r, int dialect) {
  bool spelling = r->route == EDGESTATIC_ROUTE_CANONICAL ||
                  r->route == EDGESTATIC_ROUTE_REWRITE;
  return dialect == EDGESTATIC_DIALECT_CLOUDFLARE && spelling &&
                 r->status == 308
             ? 307
             : r->status;
}

static void ask(struct differ *d, int dialect) {
  const struct lint_reading *reading = &d->l->reading[dialect];
  struct lint_ask *asked = &d->ask[dialect];
  lint_ask(asked, reading);
  d->answer[dialect] = (struct answer){
      status_of(&asked->response, dialect), lint_ask_line(asked, reading),
      lint_ask_location(asked, reading), lint_ask_file(asked, reading)};
}

static void describe(const struct answer *a, char text[256]) {
  slice what = a->location.base ? a->location : a->file;
  int len = what.len < 150 ? (int)what.len : 150;
  const char *join = a->location.base ? " to " : what.base ? " with " : "";
  snprintf(text, 256, "%d%s%.*s", a->status, join, len, what.base);
}

/* What to do, where that is plain. */
static const char *advice(const struct answer *a) {
  bool both = a[0].line != 0 && a[0].line == a[1].line;
  if (both && slice_eq(a[0].location, a[1].location))
    return "; write the status";
  if (a[0].line == 0 && a[0].file.base && a[0].status == 200)
    return "; the file or the rule can go";
  return "";
}

/* Asks for a rule's path in both readings; true: the answers differ, and the
 * line has a part in it. */
static bool differs(struct differ *d, const struct redirects *of,
                    const struct redirect *rule, enum lint_spelling spelling) {
  if (!lint_ask_rule(&d->ask[0], of, rule, spelling))
    return false;
  slice target = d->ask[0].request.target;
  d->ask[1].request = d->ask[0].request;
  memcpy(d->ask[1].target, target.base, target.len);
  d->ask[1].request.target = slice_of(d->ask[1].target, target.len);
  ask(d, 0);
  ask(d, 1);
  const struct answer *a = d->answer;
  return (a[0].line == rule->line || a[1].line == rule->line) &&
         (a[0].status != a[1].status ||
          !slice_eq(a[0].location, a[1].location) ||
          !slice_eq(a[0].file, a[1].file));
}

static void write_text(const struct differ *d, char *text, size_t room) {
  char answer[LINT_DIALECTS][256];
  slice target = d->ask[0].request.target;
  describe(&d->answer[0], answer[0]);
  describe(&d->answer[1], answer[1]);
  snprintf(text, room, "%.*s: %s %s, %s %s", LINT_QUOTE(target), owner[0],
           answer[0], owner[1], answer[1]);
}

/* ---- Lines ---- */

static void say(struct lint *l, unsigned line, unsigned column,
                const char *text, const char *more) {
  lint_say(l, EDGESTATIC_NOTE, EDGESTATIC_FINDING_DIFFERENT, SCAN_REDIRECTS,
           line, column, "%s%s", text, more);
}

/* Both have a rule of the line. */
static void compare(struct differ *d, const struct redirect *const *rule) {
  char text[LINT_TEXT_MAX];
  for (int s = 0; s < LINT_SPELLINGS; s++)
    for (int i = 0; i < LINT_DIALECTS; i++) {
      const struct redirects *of = &d->l->reading[i].redirects;
      struct common *common = &d->common[s];
      if (!differs(d, of, rule[i], (enum lint_spelling)s))
        continue;
      if (s <= LINT_QUERY) {
        write_text(d, text, sizeof text);
        say(d->l, rule[i]->line, rule[i]->column, text, advice(d->answer));
        return; /* what follows from it is not said again */
      }
      if (common->lines++ == 0) {
        write_text(d, common->text, sizeof common->text);
        common->line = rule[i]->line;
        common->column = rule[i]->column;
      }
      break;
    }
}

/* One has refused the line, or passed it over. */
static void only(struct differ *d, int dialect, const struct redirect *rule,
                 const char *why) {
  char text[LINT_TEXT_MAX], answer[256], more[LINT_TEXT_MAX];
  const struct redirects *of = &d->l->reading[dialect].redirects;
  if (!differs(d, of, rule, LINT_PLAIN))
    return;
  describe(&d->answer[dialect], answer);
  snprintf(text, sizeof text, "%.*s: %s %s, %s %s",
           LINT_QUOTE(d->ask[0].request.target), owner[dialect], answer,
           owner[1 - dialect],
           why ? "leaves the line out" : "passes the line over");
  /* Of the reading that counts it was said as an error. */
  bool said = !why || 1 - dialect == d->l->options->dialect;
  snprintf(more, sizeof more, "%s%s", said ? "" : ": ", said ? "" : why);
  say(d->l, rule->line, rule->column, text, more);
}

static void say_common(struct differ *d) {
  static const char *const what[LINT_SPELLINGS] = {
      [LINT_SLASH] = "the last slash matters to only one of them: ",
      [LINT_PREFIX] = "a splat may be empty for only one of them: ",
      [LINT_ENCODED] = "only one of them decodes escapes: "};
  for (int s = LINT_SLASH; s < LINT_SPELLINGS; s++) {
    const struct common *c = &d->common[s];
    char more[64] = "";
    if (c->lines == 0)
      continue;
    if (c->lines > 1)
      snprintf(more, sizeof more, " (and %zu more)", c->lines - 1);
    lint_say(d->l, EDGESTATIC_NOTE, EDGESTATIC_FINDING_DIFFERENT,
             SCAN_REDIRECTS, c->line, c->column, "%s%s%s", what[s], c->text,
             more);
  }
}

/* Each spelling, of each reading, is asked of both. */
static bool afford(const struct differ *d, unsigned line, const size_t *at) {
  const struct lint_reading *reading = d->l->reading;
  const struct redirects *of = &reading[0].redirects;
  uint64_t cost = reading[0].dynamic + reading[1].dynamic;
  int i = at[0] < of->count && of->rule[at[0]].line == line ? 0 : 1;
  return lint_afford(d->l, cost * LINT_SPELLINGS,
                     &reading[i].redirects.rule[at[i]],
                     "what Netlify and Cloudflare make of it");
}

static void look(struct differ *d) {
  const struct lint_reading *reading = d->l->reading;
  size_t at[LINT_DIALECTS] = {0}, refused[LINT_DIALECTS] = {0};
  while (!d->l->error) {
    const struct redirect *rule[LINT_DIALECTS];
    unsigned line = 0;
    for (int i = 0; i < LINT_DIALECTS; i++) {
      const struct redirects *of = &reading[i].redirects;
      if (at[i] < of->count && (line == 0 || of->rule[at[i]].line < line))
        line = of->rule[at[i]].line;
    }
    if (line == 0 || !afford(d, line, at))
      return;
    for (int i = 0; i < LINT_DIALECTS; i++)
      rule[i] = rule_of(&reading[i].redirects, line, &at[i]);
    for (int i = 0; i < LINT_DIALECTS; i++)
      if (rule[i] && !rule[1 - i])
        only(d, i, rule[i],
             refusal(&reading[1 - i].redirects.file, line, &refused[1 - i]));
    if (rule[0] && rule[1])
      compare(d, rule);
    for (int i = 0; i < LINT_DIALECTS; i++)
      at[i] += at[i] < reading[i].redirects.count &&
               reading[i].redirects.rule[at[i]].line == line;
  }
}

void lint_differ(struct lint *l) {
  if (l->error)
    return;
  struct differ *d = mem_new(&l->builder.allocator, 1, sizeof *d);
  if (!d) {
    l->error = EDGESTATIC_ERR_MEMORY;
    return;
  }
  d->l = l;
  memset(d->common, 0, sizeof d->common);
  look(d);
  say_common(d);
  mem_free(&l->builder.allocator, d, sizeof *d);
}
