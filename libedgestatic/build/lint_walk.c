/* lint_walk.c - where redirects lead: a browser's way, hop by hop, through the
 * answers of the core.
 *
 * Of a rule with placeholders the way of one example is gone, with "x" for
 * what it captures; what is said of it did happen to that request.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/lint_ask.h"
#include "build/lint_cover.h"

#include "core/expand.h"
#include "core/pattern.h"

#include <stdio.h>

/* Browsers give up there (WHATWG Fetch, HTTP-redirect fetch, step 8). */
#define HOPS_MAX 20

/* Hops that are shown of a way. */
#define SHOWN_MAX 4

struct way {
  struct lint *l;
  struct lint_ask ask;
  char trail[LINT_TEXT_MAX / 2]; /* "/a -> /b" */
  size_t trail_len;
  slice seen[HOPS_MAX + 1];
  size_t hops;
  bool endless, foreign;
};

static void put_hop(struct way *w, slice target) {
  size_t room = sizeof w->trail - w->trail_len;
  if (w->hops > SHOWN_MAX)
    return;
  int len =
      w->hops == SHOWN_MAX
          ? snprintf(w->trail + w->trail_len, room, " -> ...")
          : snprintf(w->trail + w->trail_len, room, "%s%.*s",
                     w->hops == 0 ? "" : " -> ",
                     target.len < 100 ? (int)target.len : 100, target.base);
  w->trail_len += len > 0 && (size_t)len < room ? (size_t)len : 0;
}

/* Notes where the request goes; false: it has been there, or too far. */
static bool arrive(struct way *w) {
  slice target = w->ask.request.target;
  put_hop(w, target);
  for (size_t i = 0; i < w->hops; i++)
    if (slice_eq(w->seen[i], target))
      return false;
  w->seen[w->hops] = mem_arena_copy(&w->l->strings, target);
  if (!w->seen[w->hops].base)
    w->l->error = EDGESTATIC_ERR_MEMORY;
  return !w->l->error && w->hops < HOPS_MAX;
}

/* From the request of w->ask to the answer that is no redirect. */
static void go(struct way *w) {
  const struct lint_reading *own = lint_own(w->l);
  w->hops = w->trail_len = 0;
  w->trail[0] = '\0';
  w->endless = w->foreign = false;
  while (arrive(w)) {
    lint_ask(&w->ask, own);
    slice location = lint_ask_location(&w->ask, own);
    if (!location.base)
      return;
    bool secured = (w->ask.request.flags & EDGESTATIC_REQUEST_TLS) != 0;
    if (!lint_ask_follow(w->l, &w->ask, location)) {
      w->foreign = true;
      w->hops++;
      put_hop(w, location);
      return;
    }
    w->hops++;
    /* The same path over TLS is another place. */
    if (secured != ((w->ask.request.flags & EDGESTATIC_REQUEST_TLS) != 0))
      for (size_t i = 0; i < w->hops; i++)
        w->seen[i] = LIT("");
  }
  w->endless = true;
}

/* ---- Loops and chains ---- */

static void look_at_way(struct way *w, const struct redirect *rule) {
  const char *example = rule->dynamic ? "for example " : "";
  if (w->endless)
    lint_say(w->l, EDGESTATIC_WARNING, EDGESTATIC_FINDING_LOOP, SCAN_REDIRECTS,
             rule->line, rule->column,
             "redirects without end: %s%s; change the target of one of them",
             example, w->trail);
  else if (w->hops > 1)
    lint_say(w->l, EDGESTATIC_NOTE, EDGESTATIC_FINDING_CHAIN, SCAN_REDIRECTS,
             rule->line, rule->column,
             "redirects %zu times: %s%s; write the last one as the target",
             w->hops, example, w->trail);
}

/* ---- Targets ---- */

static void say_nowhere(struct lint *l, const struct redirect *rule) {
  lint_say(l, EDGESTATIC_WARNING, EDGESTATIC_FINDING_NOWHERE, SCAN_REDIRECTS,
           rule->line, rule->column,
           "leads nowhere: the site has neither file nor rule for %.*s; "
           "correct the target",
           LINT_QUOTE(rule->to));
}

static bool has_capture(slice template) {
  for (size_t i = 0; i < template.len; i++)
    if ((unsigned char)template.base[i] <= PATTERN_CAPTURES_MAX)
      return true;
  return false;
}

static bool matches(slice pattern, slice path) {
  static const struct pattern_way way = {.separator = '/'};
  slice capture[PATTERN_CAPTURES_MAX];
  char slashed[URLS_ENCODED_MAX + 1];
  if (pattern_match(pattern, path, way, capture))
    return true;
  if (path.len >= sizeof slashed || path.len == 0)
    return false;
  /* Another spelling of a page redirects to it. */
  if (path.base[path.len - 1] == '/')
    return pattern_match(pattern, slice_of(path.base, path.len - 1), way,
                         capture);
  memcpy(slashed, path.base, path.len);
  slashed[path.len] = '/';
  return pattern_match(pattern, slice_of(slashed, path.len + 1), way, capture);
}

/* Whether a file may be at what the pattern of a target stands for. */
static bool file_may_be(const struct lint *l, slice pattern) {
  char path[EDGESTATIC_PATH_MAX + 1];
  for (size_t i = 0; i < l->urls.count; i++) {
    const struct urls_entry *e = &l->urls.entry[i];
    slice file = l->file[e->file];
    if (matches(pattern, e->location))
      return true;
    path[0] = '/';
    memcpy(path + 1, file.base, file.len);
    if (matches(pattern, slice_of(path, file.len + 1)))
      return true;
  }
  return false;
}

/* Whether a rule may be met where it leads. */
static bool rule_may_be(const struct lint *l, slice pattern) {
  const struct redirects *of = &lint_own(l)->redirects;
  for (size_t i = 0; i < of->count; i++) {
    const struct redirect *r = &of->rule[i];
    if (r->status != 0 &&
        (r->dynamic ? !lint_cover_apart(r->path, pattern, false)
                    : matches(pattern, r->path)))
      return true;
  }
  return false;
}

/* Whether a rule is for a path that nothing answered: another request may meet
 * its conditions. */
static bool rule_is_for(const struct lint *l, slice path) {
  const struct redirects *of = &lint_own(l)->redirects;
  for (size_t i = 0; i < path.len; i++)
    if (path.base[i] == '?')
      path.len = i;
  for (size_t i = 0; i < of->count; i++)
    if (of->rule[i].status != 0 && matches(of->rule[i].path, path))
      return true;
  return false;
}

/* A target with captures: whether anything at all is where it leads. */
static void look_at_template(struct lint *l, const struct redirect *rule,
                             bool page) {
  char pattern[URLS_ENCODED_MAX];
  size_t len = 0;
  for (; len < rule->target.len; len++) {
    char c = rule->target.base[len];
    if (c == '?' || c == '#')
      break;
    if (c == '%' || len == sizeof pattern)
      return; /* spelt in more ways than one */
    pattern[len] =
        (unsigned char)c <= PATTERN_CAPTURES_MAX ? (char)PATTERN_ANY : c;
  }
  slice s = slice_of(pattern, len);
  if (pattern_captures(s) <= PATTERN_CAPTURES_MAX && !file_may_be(l, s) &&
      (page || !rule_may_be(l, s)))
    say_nowhere(l, rule);
}

/* Of a page: w->ask has the answer of the rule itself. */
static void look_at_page(struct way *w, const struct redirect *rule) {
  const edgestatic_response *r = &w->ask.response;
  if (has_capture(rule->target))
    look_at_template(w->l, rule, true);
  else if ((r->flags & EDGESTATIC_RESPONSE_NOT_FOUND) != 0 ||
           (r->asset == EDGESTATIC_NONE && r->status >= 400))
    say_nowhere(w->l, rule);
}

/* Of a redirect: w->ask has a request that meets the rule. */
static void look_at_target(struct way *w, const struct redirect *rule) {
  if (has_capture(rule->target)) {
    look_at_template(w->l, rule, false);
    return;
  }
  if (!lint_ask_follow(w->l, &w->ask, rule->target))
    return;
  go(w);
  if (!w->l->error && w->hops == 0 &&
      (w->ask.response.flags & EDGESTATIC_RESPONSE_NOT_FOUND) != 0 &&
      !rule_is_for(w->l, w->ask.request.target))
    say_nowhere(w->l, rule);
}

/* ---- All ---- */

static void look(struct way *w, const struct redirect *rule) {
  const struct lint_reading *own = lint_own(w->l);
  bool local = expand_path(rule->target) == 0;
  if (!lint_ask_rule(&w->ask, &own->redirects, rule, LINT_PLAIN))
    return;
  lint_ask(&w->ask, own);
  bool met = lint_ask_line(&w->ask, own) == rule->line;
  if (rule->status < 300 || rule->status >= 400) {
    if (met)
      look_at_page(w, rule);
    return;
  }
  if (met) {
    go(w);
    look_at_way(w, rule);
  }
  /* Paths that anything can have lead somewhere in a single-page app. */
  if (local && !(met && w->endless) &&
      w->l->options->not_found != EDGESTATIC_NOT_FOUND_SPA &&
      lint_ask_rule(&w->ask, &own->redirects, rule, LINT_PLAIN))
    look_at_target(w, rule);
}

void lint_walk(struct lint *l) {
  const struct redirects *of = &lint_own(l)->redirects;
  if (l->error || of->count == 0)
    return;
  struct way *w = mem_new(&l->builder.allocator, 1, sizeof *w);
  if (!w) {
    l->error = EDGESTATIC_ERR_MEMORY;
    return;
  }
  w->l = l;
  for (size_t i = 0; !l->error && i < of->count; i++) {
    const struct redirect *rule = &of->rule[i];
    /* A request to it and one to where it leads, which files and rules may be
     * at. */
    uint64_t cost = 2 * lint_own(l)->dynamic + 1;
    if (has_capture(rule->target))
      cost += of->count + l->urls.count;
    if (rule->status == 0)
      continue;
    if (!lint_afford(l, cost, rule, "where it leads"))
      break;
    look(w, rule);
  }
  mem_free(&l->builder.allocator, w, sizeof *w);
}
