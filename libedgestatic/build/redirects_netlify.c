/* redirects_netlify.c - a line of _redirects as Netlify reads it.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/redirects_reader.h"

#include "core/expand.h"
#include "core/format.h"
#include "core/uri.h"

static bool is_url(slice s) {
  return slice_starts(s, LIT("http://")) || slice_starts(s, LIT("https://"));
}

/* Takes scheme and host off the path; the port does not matter. */
static bool cut_origin(struct reader *r, struct redirect *rule, char *host) {
  size_t path = expand_path(rule->from);
  if (!is_url(rule->from))
    return true;
  rule->https = slice_starts(rule->from, LIT("https:"));
  rule->http = !rule->https;
  size_t begin = rule->https ? 8 : 7, len = 0;
  for (size_t i = begin; i < path && rule->from.base[i] != ':'; i++) {
    char c = lower(rule->from.base[i]);
    if (!uri_is_alnum(c) && c != '-' && c != '.' && c != '_')
      return redirects_refuse(
          r, RULEFILE_VALUE, slice_skip(rule->from, i),
          "a host has letters, digits, \"-\" and \".\" alone "
          " (an international name as xn--)");
    host[len++] = c;
  }
  if (len == 0)
    return redirects_refuse(r, RULEFILE_VALUE, rule->from, "there is no host");
  rule->host = slice_of(host, len);
  rule->from = path < rule->from.len ? slice_skip(rule->from, path) : LIT("/");
  return true;
}

/* name=value and :name as value, between the path and the target. */
static bool read_query(struct reader *r, slice word) {
  const char *equals = memchr(word.base, '=', word.len);
  if (equals == NULL || equals == word.base)
    return redirects_refuse(
        r, RULEFILE_SYNTAX, word,
        " is neither a target, which begins with / or https://, nor a "
        "query condition name=value");
  slice name = slice_of(word.base, (size_t)(equals - word.base));
  slice value = slice_skip(word, name.len + 1);
  if (value.len < 2 || value.base[0] != ':') {
    redirects_add_condition(r, CONDITION_PARAMETER, name, value);
    return true;
  }
  if (r->from.names == PATTERN_CAPTURES_MAX)
    return redirects_refuse(r, RULEFILE_LIMIT, word,
                            "there are more than 31 placeholders; use fewer");
  r->from.name[r->from.names++] = slice_skip(value, 1);
  redirects_add_condition(r, CONDITION_CAPTURE, name, value);
  return true;
}

/* Condition=a,b behind the status.  Up to a second "=", as its owner has it.
 */
static void read_condition(struct reader *r, slice word) {
  static const struct {
    slice name;
    int kind;
  } known[] = {{EDGESTATIC_LITERAL("Country"), CONDITION_COUNTRY},
               {EDGESTATIC_LITERAL("Language"), CONDITION_LANGUAGE},
               {EDGESTATIC_LITERAL("Role"), CONDITION_ROLE},
               {EDGESTATIC_LITERAL("Cookie"), CONDITION_COOKIE}};
  const char *equals = memchr(word.base, '=', word.len);
  size_t len = equals ? (size_t)(equals - word.base) : word.len;
  for (size_t i = 0; equals && i < sizeof known / sizeof *known; i++) {
    if (!slice_eq_nocase(slice_of(word.base, len), known[i].name))
      continue;
    slice value = slice_skip(word, len + 1);
    const char *end = memchr(value.base, '=', value.len);
    if (end)
      value.len = (size_t)(end - value.base);
    redirects_add_condition(r, known[i].kind, LIT(""), value);
    if (known[i].kind == CONDITION_COUNTRY)
      rulefile_say(r->file, EDGESTATIC_NOTE, RULEFILE_UNSUPPORTED, word.base,
                   "not every host tells where a client is: on others the rule "
                   "never applies");
    if (known[i].kind == CONDITION_ROLE)
      rulefile_say(r->file, EDGESTATIC_WARNING, RULEFILE_UNSUPPORTED, word.base,
                   "a static site knows no roles: the rule never applies");
    return;
  }
  rulefile_say(r->file, EDGESTATIC_WARNING, RULEFILE_SYNTAX, word.base,
               "\"%.*s\" is no condition and is passed over; there are "
               "Language=, Cookie=, Country= and Role=, with commas and "
               "without blanks",
               RULEFILE_QUOTE(word));
}

/* 301! and the like; false: the word is no status. */
static bool read_status(slice word, struct redirect *rule) {
  int status = redirects_parse_int(word);
  if (word.len == 0 ||
      !(is_digit(word.base[0]) || word.base[0] == '+' || word.base[0] == '-') ||
      (status < 0 && !is_digit(word.base[word.len - 1])))
    return false;
  rule->status = status < 0 ? 0 : (unsigned)status;
  rule->forced = word.base[word.len - 1] == '!';
  return true;
}

static bool status_ok(unsigned status) {
  return status == 200 || redirects_status(status) ||
         (status >= 400 && status <= 599);
}

/* The words with one blank between them. */
static slice join(const slice *word, size_t count, char *out) {
  size_t len = 0;
  for (size_t i = 0; i < count; i++) {
    if (i > 0)
      out[len++] = ' ';
    memcpy(out + len, word[i].base, word[i].len);
    len += word[i].len;
  }
  return slice_of(out, len);
}

/* Where the target is among the words.  A rule for a folder may leave it out:
 * "/a/" "* 200" is for /a/:splat, which is written to made. */
static size_t find_target(const slice *word, size_t count, char *made,
                          struct redirect *rule) {
  for (size_t i = 1; i < count; i++)
    if (word[i].base[0] == '/' || is_url(word[i])) {
      rule->to = word[i];
      return i;
    }
  struct redirect status = {.status = 0};
  slice path = slice_skip(word[0], is_url(word[0]) ? expand_path(word[0]) : 0);
  if (!slice_ends(path, LIT("/*")) || count < 2 ||
      !read_status(word[1], &status) || status.status != 200)
    return 0;
  memcpy(made, path.base, path.len - 1);
  memcpy(made + path.len - 1, ":splat", 6);
  rule->to = slice_of(made, path.len + 5);
  return 1; /* the status is behind it, in place of it */
}

void redirects_netlify_line(struct reader *r) {
  slice word[REDIRECTS_WORDS_MAX];
  char words[RULEFILE_LINE_MAX], host[RULEFILE_LINE_MAX];
  char made[RULEFILE_LINE_MAX + 8];
  struct redirect rule = {.status = 301, .condition = r->out->conditions};
  struct rulepath_fault fault;
  size_t count = redirects_split(r, word);
  if (count == 0)
    return;
  rule.from = word[0];
  rule.words = join(word, count, words);
  if (rule.from.base[0] != '/' && !is_url(rule.from)) {
    redirects_refuse(
        r, RULEFILE_SYNTAX, word[0],
        "the path begins with neither / nor https://; add the slash");
    return;
  }
  size_t to = find_target(word, count, made, &rule);
  if (to == 0) {
    redirects_refuse(
        r, RULEFILE_SYNTAX, word[count - 1],
        "there is no target that begins with / or https://; add it");
    return;
  }
  if (!cut_origin(r, &rule, host))
    return;
  if (slice_starts(rule.from, LIT("/.netlify"))) {
    redirects_refuse(
        r, RULEFILE_VALUE, word[0],
        "paths that begin with /.netlify belong to Netlify; choose "
        "another one");
    return;
  }
  if (slice_starts(rule.to, LIT("//"))) {
    redirects_refuse(
        r, RULEFILE_VALUE, rule.to,
        "begins with two slashes; write https:// before a host, or one "
        "slash");
    return;
  }
  if (!rulepath_pattern(&r->from, RULEPATH_NETLIFY, rule.from, &fault)) {
    redirects_refuse_fault(r, &fault);
    return;
  }
  bool made_up = rule.to.base == made;
  for (size_t i = 1; i < to; i++)
    if (!read_query(r, word[i]))
      return;
  size_t next = made_up ? to : to + 1;
  if (next < count && read_status(word[next], &rule)) {
    if (!status_ok(rule.status)) {
      redirects_refuse(
          r, RULEFILE_VALUE, word[next],
          "a rule has no such status; use 200, 301, 302, 303, 307, 308 or "
          "an error's, 400 to 599");
      return;
    }
    next++;
  } else if (next < count) {
    redirects_refuse(r, RULEFILE_SYNTAX, word[next],
                     "there is no status before this; write it behind the "
                     "target, conditions behind it");
    return;
  }
  for (; next < count; next++)
    read_condition(r, word[next]);
  if (!redirects_make_target(r, RULEPATH_NETLIFY, &rule))
    return;
  struct redirect *same = redirects_seen(r, rule.words);
  if (same && same->status != 0) {
    rulefile_say(r->file, EDGESTATIC_WARNING, RULEFILE_DUPLICATE, NULL,
                 "the same as line %u, which no longer counts: of identical "
                 "lines the last one stays; remove the other",
                 same->line);
    same->status = 0;
  }
  redirects_keep(r, &rule);
}
