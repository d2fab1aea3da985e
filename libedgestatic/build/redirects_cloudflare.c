/* redirects_cloudflare.c - a line of _redirects as Cloudflare reads it.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/redirects_reader.h"

#include "core/expand.h"

/* The loop that html handling would make of the target: /index.html leads to
 * the folder again.  As its owner's expressions, /\/\*?$/ and
 * /\/index(.html)?$/, where the dot is any byte. */
static bool html_loop(const struct reader *r, slice from, slice to) {
  size_t dot = to.len - (sizeof ".html" - 1);
  slice stem = to;
  if (to.len >= sizeof ".html" - 1 &&
      slice_eq(slice_skip(to, dot + 1), LIT("html")))
    stem.len = dot;
  if (expand_path(to) > 0 ||
      (!slice_ends(to, LIT("/index")) && !slice_ends(stem, LIT("/index"))))
    return false;
  return slice_ends(from, LIT("/*")) ||
         (slice_ends(from, LIT("/")) && !r->options->html_none);
}

/* Counts a line against what Cloudflare reads; false: it is not read. */
static bool count_line(struct reader *r, struct redirect *rule) {
  bool dynamic = r->from.dynamic;
  if (!dynamic && r->dynamics == 0) {
    if (++r->statics <= REDIRECTS_CLOUDFLARE_STATIC_MAX)
      return true;
    return redirects_refuse(
        r, RULEFILE_LIMIT, rule->from,
        "Cloudflare reads 2,000 rules without placeholders; remove "
        "some, or join them by a splat");
  }
  rule->late = true;
  if (++r->dynamics <= REDIRECTS_CLOUDFLARE_DYNAMIC_MAX)
    return true;
  rulefile_stop(r->file);
  return redirects_refuse(
      r, RULEFILE_LIMIT, rule->from,
      "Cloudflare reads 100 rules from the first one with a "
      "placeholder on, and nothing of the file from here; put rules "
      "without placeholders first");
}

static bool cloudflare_from(struct reader *r, slice word, char *slashed,
                            struct redirect *rule) {
  struct rulepath_fault fault;
  const char *scheme = NULL;
  for (size_t i = 0; i + 2 < word.len && !scheme; i++)
    if (memcmp(word.base + i, "://", 3) == 0)
      scheme = word.base + i;
  if (word.base[0] != '/' && scheme)
    return redirects_refuse(
        r, RULEFILE_VALUE, word,
        "the path has a scheme and host, but rules are for this "
        "site; write the path alone");
  slice path = word;
  for (size_t i = 0; i < path.len; i++)
    if (path.base[i] == '#' || path.base[i] == '?')
      path.len = i;
  if (path.len < word.len)
    rulefile_say(r->file, EDGESTATIC_WARNING, RULEFILE_DEAD,
                 path.base + path.len,
                 "query and fragment do not matter: the rule is for this path "
                 "with any query; leave them out");
  if (path.len == 0 || path.base[0] != '/') {
    slashed[0] = '/';
    memcpy(slashed + 1, path.base, path.len);
    path = slice_of(slashed, path.len + 1);
    rulefile_say(r->file, EDGESTATIC_WARNING, RULEFILE_SYNTAX, word.base,
                 "the path has no slash at its beginning and is read as if it "
                 "had; add it");
  }
  rule->from = path;
  if (!rulepath_pattern(&r->from, RULEPATH_CLOUDFLARE, path, &fault)) {
    redirects_refuse_fault(r, &fault);
    /* It counts all the same. */
    r->from.dynamic = fault.kind != RULEFILE_DEAD;
    count_line(r, rule);
    return false;
  }
  return count_line(r, rule);
}

void redirects_cloudflare_line(struct reader *r) {
  slice word[REDIRECTS_WORDS_MAX];
  char slashed[RULEFILE_LINE_MAX + 1];
  struct redirect rule = {.forced = true, .condition = r->out->conditions};
  size_t count = redirects_split(r, word);
  if (count < 2 || count > 3) {
    if (count > 0)
      redirects_refuse(
          r, RULEFILE_SYNTAX, word[count > 3 ? 3 : 0],
          "a rule is a path, a target and a status, which may be left out "
          "if it is 302; conditions are Netlify's alone");
    return;
  }
  if (!cloudflare_from(r, word[0], slashed, &rule))
    return;
  rule.to = word[1];
  rule.words = slice_of(r->from.bytes, r->from.len);
  if (rule.to.base[0] != '/' && !slice_starts(rule.to, LIT("https://"))) {
    redirects_refuse(
        r, RULEFILE_VALUE, word[1],
        "the target begins with neither / nor https://; add one of them");
    return;
  }
  int status = count == 3 ? redirects_number(word[2]) : 302;
  if (status != 200 && !redirects_status((unsigned)status)) {
    redirects_refuse(
        r, RULEFILE_VALUE, word[2],
        " is no status of a rule; use 200, 301, 302, 303, 307 or 308, and "
        "no \"!\": rules win over files");
    return;
  }
  rule.status = (unsigned)status;
  if (html_loop(r, rule.from, rule.to)) {
    redirects_refuse(
        r, RULEFILE_LOOP, word[1],
        "a loop: html handling redirects this target back to the folder; "
        "for a single-page app choose not-found handling spa");
    return;
  }
  struct redirect *same = redirects_seen(r, rule.words);
  if (same) {
    rulefile_say(r->file, EDGESTATIC_ERROR, RULEFILE_DUPLICATE, word[0].base,
                 "line %u has a rule for this path already, which counts; "
                 "remove one",
                 same->line);
    return;
  }
  rule.squeeze = rule.late && expand_path(rule.to) == 0;
  if (redirects_make_target(r, RULEPATH_CLOUDFLARE, &rule))
    redirects_keep(r, &rule);
}
