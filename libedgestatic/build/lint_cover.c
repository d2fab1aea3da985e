/* lint_cover.c - see lint_cover.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/lint_cover.h"

#include "core/expand.h"
#include "core/format.h"
#include "core/list.h"
#include "core/pattern.h"

/* Longest patterns that are compared; longer ones cover nothing. */
#define COVER_MAX 512

static bool is_splat(char c) {
  return c == PATTERN_ANY || c == PATTERN_REST;
}

static bool is_variable(char c) {
  return c == PATTERN_ONE || is_splat(c);
}

/* Whether what matches b[0, n) is nothing, or begins with a slash. */
static bool begins_with_slash(slice b, size_t n) {
  return n == 0 || b.base[0] == '/' ||
         (b.base[0] == PATTERN_REST && (n == 1 || b.base[1] == '/'));
}

/* From the places of b that a's bytes so far can have reached to those that
 * they can with one more, c.  A placeholder takes literal bytes and
 * placeholders, a splat takes all.  False: there are none. */
static bool step(char c, slice b, const bool *from, bool *to) {
  bool any = false;
  memset(to, 0, b.len + 1);
  for (size_t i = 0; i <= b.len; i++) {
    if (!from[i])
      continue;
    slice rest = slice_skip(b, i);
    if (!is_variable(c)) {
      if (rest.len > 0 && rest.base[0] == c)
        any = to[i + 1] = true;
      continue;
    }
    if (c != PATTERN_ONE)
      any = to[i] = true;
    for (size_t n = 1; n <= rest.len; n++) {
      char taken = rest.base[n - 1];
      if (c == PATTERN_ONE && (taken == '/' || is_splat(taken)))
        break;
      if (c != PATTERN_REST || begins_with_slash(rest, n))
        any = to[i + n] = true;
    }
  }
  return any;
}

bool lint_cover_pattern(slice a, slice b) {
  bool place[2][COVER_MAX + 1] = {{true}};
  if (a.len > COVER_MAX || b.len > COVER_MAX || lint_cover_apart(a, b, false))
    return false;
  for (size_t i = 0; i < a.len; i++)
    if (!step(a.base[i], b, place[i % 2], place[(i + 1) % 2]))
      return false;
  return place[a.len % 2][b.len];
}

bool lint_cover_apart(slice a, slice b, bool nocase) {
  for (size_t i = 0; i < a.len && i < b.len; i++) {
    if (is_variable(a.base[i]) || is_variable(b.base[i]))
      return false;
    if (a.base[i] != b.base[i] &&
        !(nocase && lower(a.base[i]) == lower(b.base[i])))
      return true;
  }
  return false;
}

/* Whether each of the names is one of others. */
static bool names_among(slice names, slice others) {
  slice name, other;
  while (list_next(&names, &name)) {
    slice rest = others;
    bool found = false;
    while (!found && list_next(&rest, &other))
      found = slice_eq(name, other);
    if (!found)
      return false;
  }
  return true;
}

/* Whether b being true makes a true. */
static bool implies(const struct redirect_condition *b,
                    const struct redirect_condition *a) {
  bool parameter =
      b->kind == CONDITION_PARAMETER || b->kind == CONDITION_CAPTURE;
  if (a->kind == CONDITION_CAPTURE)
    return parameter && slice_eq(a->name, b->name);
  if (a->kind != b->kind || !slice_eq(a->name, b->name))
    return false;
  return parameter ? slice_eq(a->value, b->value)
                   : names_among(b->value, a->value);
}

static bool conditions_follow(const struct redirects *of,
                              const struct redirect *a,
                              const struct redirect *b) {
  for (size_t i = 0; i < a->conditions; i++) {
    bool found = false;
    for (size_t k = 0; !found && k < b->conditions; k++)
      found = implies(&of->condition[b->condition + k],
                      &of->condition[a->condition + i]);
    if (!found)
      return false;
  }
  return true;
}

/* A rule whose target has a capture in its host is passed over where that is
 * no name. */
static bool may_pass(const struct redirect *a) {
  size_t path = expand_path(a->target);
  for (size_t i = 0; i < path; i++)
    if ((unsigned char)a->target.base[i] <= PATTERN_CAPTURES_MAX)
      return true;
  return false;
}

/* As core/rules.c: Netlify takes the last slash off a path before it compares
 * it, but for a pattern that ends in a splat. */
static bool path_covers(const struct redirect *a, const struct redirect *b,
                        bool slash) {
  bool splat_a = a->dynamic && is_splat(a->path.base[a->path.len - 1]);
  bool splat_b = b->dynamic && is_splat(b->path.base[b->path.len - 1]);
  if (!a->dynamic)
    return !b->dynamic && slice_eq(a->path, b->path);
  if (!lint_cover_pattern(a->path, b->path))
    return false;
  if (!slash || splat_a == splat_b)
    return true;
  if (splat_b || b->path.len >= COVER_MAX)
    return false;
  char longer[COVER_MAX];
  memcpy(longer, b->path.base, b->path.len);
  longer[b->path.len] = '/';
  return lint_cover_pattern(a->path, slice_of(longer, b->path.len + 1));
}

bool lint_cover(const struct redirects *of, const struct redirect *a,
                const struct redirect *b) {
  return (a->host.len == 0 || slice_eq(a->host, b->host)) &&
         (!a->http || b->http) && (!a->https || b->https) && !may_pass(a) &&
         conditions_follow(of, a, b) &&
         path_covers(a, b, of->file.dialect == RULEFILE_NETLIFY);
}
