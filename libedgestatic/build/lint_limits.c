/* lint_limits.c - how many rules the hosts take.
 *
 * What Cloudflare's reading leaves out its reader says itself; here is the
 * rest: what another reading has in excess of a host, and what owners advise.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/lint.h"

struct limit {
  int limits; /* enum edgestatic_limits */
  enum scan_rules file;
  bool dynamic; /* counts rules with placeholders alone */
  size_t most;
  const char *text;
};

static const struct limit table[] = {
    /* Constants of Cloudflare's own parser, 2026-11-22. */
    {EDGESTATIC_LIMITS_CLOUDFLARE, SCAN_REDIRECTS, true, 100,
     "Cloudflare takes 100 rules with placeholders, and reads none below"},
    {EDGESTATIC_LIMITS_CLOUDFLARE, SCAN_REDIRECTS, false, 2100,
     "Cloudflare takes 2,000 rules without placeholders and 100 with them"},
    /* The same; its code lets one more through. */
    {EDGESTATIC_LIMITS_CLOUDFLARE, SCAN_HEADERS, false, 100,
     "Cloudflare promises to read 100 blocks; join some"},
    /* Netlify's documentation of redirects, 2026-11-22. */
    {EDGESTATIC_LIMITS_NETLIFY, SCAN_REDIRECTS, false, 10000,
     "Netlify advises against more than 10,000 rules; join some by a splat or "
     "a placeholder"},
};

/* The rule that is one too many, or its count. */
static size_t over(const struct redirects *r, const struct limit *limit) {
  size_t seen = 0;
  for (size_t i = 0; i < r->count; i++) {
    seen += r->rule[i].status != 0 && (r->rule[i].dynamic || !limit->dynamic);
    if (seen > limit->most)
      return i;
  }
  return r->count;
}

void lint_limits(struct lint *l) {
  const struct lint_reading *own = lint_own(l);
  for (size_t i = 0; !l->error && i < sizeof table / sizeof *table; i++) {
    const struct limit *limit = &table[i];
    if (limit->limits != l->options->limits)
      continue;
    size_t at = over(&own->redirects, limit);
    if (limit->file == SCAN_REDIRECTS && at < own->redirects.count)
      lint_say(l, EDGESTATIC_WARNING, EDGESTATIC_FINDING_LIMIT, SCAN_REDIRECTS,
               own->redirects.rule[at].line, own->redirects.rule[at].column,
               "%s", limit->text);
    if (limit->file == SCAN_HEADERS && own->headers.count > limit->most)
      lint_say(l, EDGESTATIC_WARNING, EDGESTATIC_FINDING_LIMIT, SCAN_HEADERS,
               own->headers.block[limit->most].line, 1, "%s", limit->text);
  }
}
