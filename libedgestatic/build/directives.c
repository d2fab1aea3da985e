/* directives.c - see directives.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/directives.h"

#include "build/report.h"
#include "core/structured.h"

enum id {
  IMMUTABLE,
  MAX_AGE,
  MUST_REVALIDATE,
  MUST_UNDERSTAND,
  NO_CACHE,
  NO_STORE,
  NO_TRANSFORM,
  PRIVATE,
  PROXY_REVALIDATE,
  PUBLIC,
  S_MAXAGE,
  STALE_IF_ERROR,
  STALE_WHILE_REVALIDATE,
  CONTENT,
  NO_STORE_REMOTE,
  IDS
};

enum argument { NONE, SECONDS, MAYBE, TEXT };

#define CACHE 1u     /* Cache-Control and CDN-Cache-Control, which has its */
#define SURROGATE 2u /* Surrogate-Control */

/* RFC 9111 section 5.2.2, RFC 8246, RFC 5861; and the directives of the Edge
 * Architecture Specification, to which CDNs have added some of the others. */
static const struct directive {
  slice name;
  enum argument argument;
  unsigned fields;
} directives[IDS] = {
    [IMMUTABLE] = {EDGESTATIC_LITERAL("immutable"), NONE, CACHE},
    [MAX_AGE] = {EDGESTATIC_LITERAL("max-age"), SECONDS, CACHE | SURROGATE},
    [MUST_REVALIDATE] = {EDGESTATIC_LITERAL("must-revalidate"), NONE, CACHE},
    [MUST_UNDERSTAND] = {EDGESTATIC_LITERAL("must-understand"), NONE, CACHE},
    [NO_CACHE] = {EDGESTATIC_LITERAL("no-cache"), MAYBE, CACHE},
    [NO_STORE] = {EDGESTATIC_LITERAL("no-store"), NONE, CACHE | SURROGATE},
    [NO_TRANSFORM] = {EDGESTATIC_LITERAL("no-transform"), NONE, CACHE},
    [PRIVATE] = {EDGESTATIC_LITERAL("private"), MAYBE, CACHE | SURROGATE},
    [PROXY_REVALIDATE] = {EDGESTATIC_LITERAL("proxy-revalidate"), NONE, CACHE},
    [PUBLIC] = {EDGESTATIC_LITERAL("public"), NONE, CACHE},
    [S_MAXAGE] = {EDGESTATIC_LITERAL("s-maxage"), SECONDS, CACHE},
    [STALE_IF_ERROR] = {EDGESTATIC_LITERAL("stale-if-error"), SECONDS,
                        CACHE | SURROGATE},
    [STALE_WHILE_REVALIDATE] = {EDGESTATIC_LITERAL("stale-while-revalidate"),
                                SECONDS, CACHE | SURROGATE},
    [CONTENT] = {EDGESTATIC_LITERAL("content"), TEXT, SURROGATE},
    [NO_STORE_REMOTE] = {EDGESTATIC_LITERAL("no-store-remote"), NONE,
                         SURROGATE}};

/* Two that cannot both be meant. */
static const struct contradiction {
  enum id one, other;
  const char *why;
} contradictions[] = {
    {NO_STORE, IMMUTABLE, "no-store keeps nothing"},
    {NO_STORE, PUBLIC, "no-store keeps nothing"},
    {NO_STORE, STALE_WHILE_REVALIDATE, "no-store keeps nothing"},
    {NO_STORE, STALE_IF_ERROR, "no-store keeps nothing"},
    {NO_CACHE, IMMUTABLE, "no-cache asks the server each time"},
    /* RFC 9111 section 4.2.4 */
    {NO_CACHE, STALE_WHILE_REVALIDATE, "no-cache never serves what is stale"},
    {NO_CACHE, STALE_IF_ERROR, "no-cache never serves what is stale"},
    {MUST_REVALIDATE, STALE_WHILE_REVALIDATE,
     "must-revalidate never serves what is stale"},
    {MUST_REVALIDATE, STALE_IF_ERROR,
     "must-revalidate never serves what is stale"},
    {PUBLIC, PRIVATE, "shared caches either keep it or not"},
    {PRIVATE, S_MAXAGE, "private keeps it out of shared caches"}};

struct checking {
  const edgestatic_builder_options *options;
  slice who;
  unsigned field; /* CACHE or SURROGATE */
  bool there[IDS];
  bool fresh; /* for more than 0 seconds */
};

/* ---- One directive ---- */

/* Longest name that is compared with those that are known. */
#define NAME_MAX 32

/* The least number of letters to insert, drop or change (Levenshtein). */
static size_t distance(slice a, slice b) {
  size_t row[NAME_MAX + 1];
  for (size_t j = 0; j <= b.len; j++)
    row[j] = j;
  for (size_t i = 0; i < a.len; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.len; j++) {
      size_t least = diagonal + (lower(a.base[i]) != b.base[j]);
      diagonal = row[j + 1];
      if (row[j] + 1 < least)
        least = row[j] + 1;
      if (diagonal + 1 < least)
        least = diagonal + 1;
      row[j + 1] = least;
    }
  }
  return row[b.len];
}

/* What was meant by an unknown name: two mistakes at the most. */
static const char *meant(const struct checking *c, slice name) {
  const char *best = NULL;
  size_t least = 3;
  for (int i = 0; i < IDS && name.len <= NAME_MAX; i++)
    if ((directives[i].fields & c->field) != 0) {
      size_t d = distance(name, directives[i].name);
      if (d < least && d < directives[i].name.len / 2) {
        least = d;
        best = directives[i].name.base;
      }
    }
  return best;
}

static void warn(const struct checking *c, slice directive, const char *text) {
  report(c->options, EDGESTATIC_WARNING, NULL, 0, "%.*s: %.*s: %s",
         (int)c->who.len, c->who.base, (int)directive.len, directive.base,
         text);
}

static void warn_unknown(const struct checking *c, slice directive,
                         slice name) {
  const char *best = meant(c, name);
  if (best)
    report(c->options, EDGESTATIC_WARNING, NULL, 0,
           "%.*s: %.*s: caches do not know this directive; %s is one",
           (int)c->who.len, c->who.base, (int)directive.len, directive.base,
           best);
  else
    warn(c, directive, "caches do not know this directive");
}

/* delta-seconds (RFC 9111 section 1.2.2), and "60+30" in Surrogate-Control:
 * so much longer what is stale may be used. */
static bool seconds(const struct checking *c, slice text, bool *some) {
  size_t i = 0;
  *some = false;
  while (i < text.len && is_digit(text.base[i]))
    *some |= text.base[i++] != '0';
  if (i == 0)
    return false;
  if (c->field == SURROGATE && i + 1 < text.len && text.base[i] == '+')
    for (i++; i < text.len && is_digit(text.base[i]);)
      i++;
  return i == text.len;
}

static void check_argument(struct checking *c, enum id id, slice directive,
                           slice argument) {
  bool some;
  switch (directives[id].argument) {
  case NONE:
    if (argument.base)
      warn(c, directive, "this directive has no value");
    break;
  case SECONDS:
    if (!argument.base || !seconds(c, argument, &some))
      warn(c, directive,
           "not a number of seconds, as 86400 for a day: caches take it for 0 "
           "or pass over it");
    else if (id == MAX_AGE || id == S_MAXAGE)
      c->fresh |= some;
    break;
  case TEXT:
    if (!argument.base)
      warn(c, directive, "this directive needs a value");
    break;
  default:
    break;
  }
}

static void check_directive(struct checking *c, slice directive) {
  size_t end = 0;
  while (end < directive.len && directive.base[end] != '=' &&
         (directive.base[end] != ';' || c->field == CACHE))
    end++;
  slice name = slice_trim(slice_of(directive.base, end));
  slice argument = {NULL, 0};
  if (end < directive.len && directive.base[end] == '=') {
    argument = slice_skip(directive, end + 1);
    /* A surrogate's name may follow: max-age=60;abc. */
    for (size_t i = 0; c->field == SURROGATE && i < argument.len; i++)
      if (argument.base[i] == ';')
        argument.len = i;
  }
  for (int i = 0; i < IDS; i++)
    if ((directives[i].fields & c->field) != 0 &&
        slice_eq_nocase(name, directives[i].name)) {
      if (c->there[i])
        warn(c, directive, "this directive is there twice");
      c->there[i] = true;
      check_argument(c, (enum id)i, directive, argument);
      return;
    }
  warn_unknown(c, directive, name);
}

/* ---- All of them ---- */

/* Takes the next member off a list; commas in quotes are its own. */
static slice next(slice *rest) {
  bool quoted = false;
  size_t i = 0;
  for (; i < rest->len && (quoted || rest->base[i] != ','); i++)
    if (rest->base[i] == '"')
      quoted = !quoted;
    else if (quoted && rest->base[i] == '\\' && i + 1 < rest->len)
      i++;
  slice member = slice_trim(slice_of(rest->base, i));
  *rest = slice_skip(*rest, i < rest->len ? i + 1 : i);
  return member;
}

static void contradict(const struct checking *c, enum id one, enum id other,
                       const char *why) {
  report(c->options, EDGESTATIC_WARNING, NULL, 0,
         "%.*s: %s and %s contradict each other: %s", (int)c->who.len,
         c->who.base, directives[one].name.base, directives[other].name.base,
         why);
}

static void check_together(const struct checking *c) {
  for (size_t i = 0; i < sizeof contradictions / sizeof *contradictions; i++) {
    const struct contradiction *k = &contradictions[i];
    /* RFC 9111 section 5.2.2.3: no-store is then for caches that do not know
     * must-understand. */
    if (k->one == NO_STORE && c->there[MUST_UNDERSTAND])
      continue;
    if (c->there[k->one] && c->there[k->other])
      contradict(c, k->one, k->other, k->why);
  }
  if (c->fresh && c->there[NO_STORE] && !c->there[MUST_UNDERSTAND])
    contradict(c, NO_STORE, c->there[MAX_AGE] ? MAX_AGE : S_MAXAGE,
               "no-store keeps nothing");
  if (c->there[IMMUTABLE] && !c->fresh && !c->there[NO_STORE] &&
      !c->there[NO_CACHE])
    warn(c, LIT("immutable"),
         "it holds for as long as max-age says (RFC 8246), which is not said");
}

int directives_check(const edgestatic_builder_options *options, int kind,
                     slice who, slice value) {
  struct checking c = {.options = options,
                       .who = who,
                       .field = kind == EDGESTATIC_RULE_SURROGATE ? SURROGATE
                                                                  : CACHE};
  slice rest;
  if (kind == EDGESTATIC_RULE_CDN && !structured_dictionary(value, &rest))
    return report_error(options, EDGESTATIC_ERR_INPUT, NULL, 0,
                        "%.*s: caches ignore the whole value, because it is "
                        "no dictionary (RFC 8941) from \"%.*s\" on",
                        (int)who.len, who.base, (int)rest.len, rest.base);
  for (rest = value; rest.len > 0;) {
    slice directive = next(&rest);
    if (directive.len > 0)
      check_directive(&c, directive);
  }
  check_together(&c);
  return EDGESTATIC_OK;
}
