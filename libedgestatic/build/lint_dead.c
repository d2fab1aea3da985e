/* lint_dead.c - redirects that no request meets: what an earlier rule takes,
 * or a file.  One that a file takes but for its last slash is hidden.
 *
 * Never said of a rule that a request could meet: covering is sound
 * (lint_cover.h), and a file takes a rule's path only where the core says so
 * of each spelling that the rule is for.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/lint_ask.h"
#include "build/lint_cover.h"

#include <stdlib.h>

/* Most earlier rules of one path that are looked at: conditions make them
 * many, and each is held against each. */
#define SAME_PATH_MAX 64

/* What comparing two patterns costs, by that of a pattern and a path. */
#define COVER_COST 32

struct dead {
  struct lint *l;
  const struct redirects *of;
  const struct redirect **exact;   /* rules of exact paths, by path and order */
  const struct redirect **dynamic; /* the others, by order */
  size_t exacts, dynamics;
  struct lint_ask *ask;
};

static int by_path(const void *a, const void *b) {
  const struct redirect *x = *(const struct redirect *const *)a;
  const struct redirect *y = *(const struct redirect *const *)b;
  slice s = x->path, t = y->path;
  int order = memcmp(s.base, t.base, s.len < t.len ? s.len : t.len);
  if (order == 0)
    order = (s.len > t.len) - (s.len < t.len);
  return order != 0 ? order : (x > y) - (x < y); /* of one array */
}

static const struct redirect *earlier_dynamic(const struct dead *d,
                                              const struct redirect *rule) {
  for (size_t i = 0; i < d->dynamics && d->dynamic[i] < rule; i++) {
    if (lint_cover_apart(d->dynamic[i]->path, rule->path, false))
      continue;
    d->l->work += COVER_COST;
    if (lint_cover(d->of, d->dynamic[i], rule))
      return d->dynamic[i];
  }
  return NULL;
}

/* The same of number i, among exact rules. */
static const struct redirect *earlier_exact(const struct dead *d, size_t i) {
  const struct redirect *rule = d->exact[i], *found = NULL;
  size_t least = i > SAME_PATH_MAX ? i - SAME_PATH_MAX : 0;
  while (i-- > least && slice_eq(d->exact[i]->path, rule->path))
    if (lint_cover(d->of, d->exact[i], rule))
      found = d->exact[i];
  return found;
}

static void say_shadowed(struct lint *l, const struct redirect *rule,
                         const struct redirect *by) {
  lint_say(l, EDGESTATIC_WARNING, EDGESTATIC_FINDING_DEAD, SCAN_REDIRECTS,
           rule->line, rule->column,
           "never applies: line %u takes every request that it is for; move "
           "it above that line, or remove it",
           by->line);
}

/* Whether a file answers what a rule is for, in that spelling; *file is which.
 */
static bool taken(const struct dead *d, const struct redirect *rule,
                  enum lint_spelling spelling, slice *file) {
  struct redirect bare = *rule;
  bare.conditions = 0; /* of a file they do not matter */
  if (!lint_ask_rule(d->ask, d->of, &bare, spelling))
    return true;
  lint_ask(d->ask, lint_own(d->l));
  const edgestatic_response *r = &d->ask->response;
  bool found =
      r->rule == EDGESTATIC_NONE && (r->route == EDGESTATIC_ROUTE_ASSET ||
                                     r->route == EDGESTATIC_ROUTE_CANONICAL);
  if (found && !file->base)
    *file = edgestatic_store_asset(edgestatic_pack_store(lint_own(d->l)->pack),
                                   r->asset)
                .file;
  return found;
}

/* Another last slash may still be the rule's, which nobody means. */
static void look_for_file(const struct dead *d, const struct redirect *rule) {
  slice file = {NULL, 0};
  if (rule->forced || !taken(d, rule, LINT_PLAIN, &file) || !file.base)
    return;
  bool all = taken(d, rule, LINT_SLASH, &file);
  lint_say(d->l, EDGESTATIC_WARNING,
           all ? EDGESTATIC_FINDING_DEAD : EDGESTATIC_FINDING_HIDDEN,
           SCAN_REDIRECTS, rule->line, rule->column,
           "%s: the file %.*s has this path, and files win; write %u! or "
           "remove one of them",
           all ? "never applies" : "applies with another last slash alone",
           LINT_QUOTE(file), rule->status);
}

static bool afford(const struct dead *d, size_t patterns,
                   const struct redirect *rule) {
  return lint_afford(d->l, patterns, rule,
                     "an earlier one that takes all of it");
}

static void look(const struct dead *d) {
  for (size_t i = 0; i < d->dynamics; i++) {
    if (!afford(d, i, d->dynamic[i]))
      return;
    const struct redirect *by = earlier_dynamic(d, d->dynamic[i]);
    if (by)
      say_shadowed(d->l, d->dynamic[i], by);
  }
  for (size_t i = 0; i < d->exacts; i++) {
    if (!afford(d, d->dynamics, d->exact[i]))
      return;
    const struct redirect *by = earlier_exact(d, i);
    if (!by)
      by = earlier_dynamic(d, d->exact[i]);
    if (by)
      say_shadowed(d->l, d->exact[i], by);
    else
      look_for_file(d, d->exact[i]);
  }
}

void lint_dead(struct lint *l) {
  const edgestatic_allocator *allocator = &l->builder.allocator;
  const struct redirects *of = &lint_own(l)->redirects;
  size_t count = of->count;
  if (l->error || count == 0)
    return;
  struct dead d = {.l = l,
                   .of = of,
                   .exact = mem_new(allocator, count, sizeof *d.exact),
                   .dynamic = mem_new(allocator, count, sizeof *d.dynamic),
                   .ask = mem_new(allocator, 1, sizeof *d.ask)};
  if (!d.exact || !d.dynamic || !d.ask)
    l->error = EDGESTATIC_ERR_MEMORY;
  for (size_t i = 0; !l->error && i < count; i++)
    if (of->rule[i].status != 0 && of->rule[i].dynamic)
      d.dynamic[d.dynamics++] = &of->rule[i];
    else if (of->rule[i].status != 0)
      d.exact[d.exacts++] = &of->rule[i];
  if (!l->error) {
    qsort(d.exact, d.exacts, sizeof *d.exact, by_path);
    look(&d);
  }
  mem_free(allocator, d.exact, count * sizeof *d.exact);
  mem_free(allocator, d.dynamic, count * sizeof *d.dynamic);
  mem_free(allocator, d.ask, sizeof *d.ask);
}
