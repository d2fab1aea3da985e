/* kept.c - whether a shared cache may have kept a response.
 *
 * Rulings:
 * - The most special field that is there decides alone (RFC 9213 section 2.2).
 *   Which one that is, differs: Fastly reads Surrogate-Control, then
 *   Cache-Control; Cloudflare its own field, CDN-Cache-Control,
 *   Surrogate-Control, Cache-Control; CloudFront Cache-Control alone.  Of a
 *   cache that is not known any one of them may.
 * - no-store and private: never stored (RFC 9111 sections 5.2.2.5 and
 *   5.2.2.7).  no-cache, s-maxage=0, or max-age=0 without it: the site is asked
 *   before each use (section 5.2.2.4), and says what is new by its validator;
 *   there is nothing to purge.  With stale-while-revalidate or stale-if-error
 *   (RFC 5861) what is stale may be sent all the same.
 * - Fastly documents that it passes over no-cache and no-store in
 *   Cache-Control: it keeps such a response by its default TTL.  Those of a
 *   page that is no-cache are therefore purged there, unless Surrogate-Control
 *   says otherwise.
 * - CloudFront keeps what says no-cache for its minimum TTL, which is 0, or 1 s
 *   in the managed policies: not worth a purge.  limit: not true of a
 *   distribution with a longer one.
 * - Nothing said: a cache may guess for how long (RFC 9111 section 4.2.2), of
 *   the statuses in RFC 9110 section 15.1; platforms do so for 302, 303 and 307
 *   too, by a default TTL.
 * - Vary: * never is an answer to another request (RFC 9111 section 4.1).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "site/kept.h"

#include "core/list.h"
#include "edgestatic_site.h"

slice kept_field(const edgestatic_store *s, const edgestatic_response *r,
                 slice name) {
  for (uint32_t i = 0; i < r->field_count; i++) {
    edgestatic_field f = edgestatic_response_field(s, r, i);
    if (slice_eq_nocase(f.name, name))
      return f.value;
  }
  return (slice){NULL, 0};
}

/* Whether a cache may use a response of this status that does not say how
 * long. */
static bool is_guessed(int cache, int status) {
  switch (status) {
  case 200:
  case 203:
  case 204:
  case 300:
  case 301:
  case 308:
  case 404:
  case 405:
  case 410:
  case 414:
  case 501:
    return true;
  case 302:
  case 303:
  case 307:
    return cache != EDGESTATIC_CACHE_PLAIN;
  default:
    return false;
  }
}

/* "0" or "00", perhaps in quotes. */
static bool is_zero(slice value) {
  for (size_t i = 0; i < value.len; i++)
    if (value.base[i] != '0' && value.base[i] != '"')
      return false;
  return value.len > 0;
}

struct said {
  bool no_store, is_private, asks, shared, zero, lasts, stale;
};

static struct said read(slice value) {
  struct said said = {.asks = false};
  slice directive, name, argument;
  while (list_next(&value, &directive)) {
    slice_cut(directive, '=', &name, &argument);
    name = slice_trim(name);
    argument = slice_trim(argument);
    bool is_shared = slice_eq_nocase(name, LIT("s-maxage"));
    if (slice_eq_nocase(name, LIT("no-store"))) {
      said.no_store = true;
    } else if (slice_eq_nocase(name, LIT("private"))) {
      said.is_private = true;
    } else if (slice_eq_nocase(name, LIT("no-cache"))) {
      said.asks = said.asks || argument.len == 0;
    } else if (is_shared ||
               (!said.shared && slice_eq_nocase(name, LIT("max-age")))) {
      said.zero = is_zero(argument);
      said.lasts = !said.zero;
      said.shared = is_shared;
    } else if (slice_eq_nocase(name, LIT("stale-while-revalidate")) ||
               slice_eq_nocase(name, LIT("stale-if-error"))) {
      said.stale = !is_zero(argument);
    }
  }
  return said;
}

/* passed: no-cache and no-store are passed over. */
static enum kept by_value(int cache, slice value, int status, bool passed) {
  struct said said = read(value);
  if (said.is_private || (said.no_store && !passed))
    return KEPT_NOT;
  if ((said.asks && !passed) || (said.zero && !said.stale))
    return KEPT_ASKED;
  if (said.lasts || said.stale || is_guessed(cache, status))
    return KEPT_USED;
  return KEPT_NOT;
}

enum kept kept_by(int cache, const edgestatic_store *s,
                  const edgestatic_response *r) {
  static const struct {
    slice name;
    unsigned caches; /* bits, by enum edgestatic_cache */
  } fields[] = {
      {EDGESTATIC_LITERAL("Cloudflare-CDN-Cache-Control"),
       1u << EDGESTATIC_CACHE_CLOUDFLARE},
      {EDGESTATIC_LITERAL("CDN-Cache-Control"),
       1u << EDGESTATIC_CACHE_CLOUDFLARE | 1u << EDGESTATIC_CACHE_PLAIN},
      {EDGESTATIC_LITERAL("Surrogate-Control"),
       1u << EDGESTATIC_CACHE_CLOUDFLARE | 1u << EDGESTATIC_CACHE_FASTLY |
           1u << EDGESTATIC_CACHE_PLAIN},
      {EDGESTATIC_LITERAL("Cache-Control"), ~0u}};
  enum { FIELDS = sizeof fields / sizeof *fields };
  enum kept kept = KEPT_NOT;
  bool any = false;
  if (slice_eq(slice_trim(kept_field(s, r, LIT("Vary"))), LIT("*")))
    return KEPT_NOT;
  for (int i = 0; i < FIELDS; i++) {
    slice value = kept_field(s, r, fields[i].name);
    if ((fields[i].caches >> cache & 1u) == 0 || !value.base)
      continue;
    bool passed = cache == EDGESTATIC_CACHE_FASTLY && i == FIELDS - 1;
    enum kept by = by_value(cache, value, r->status, passed);
    kept = by > kept ? by : kept;
    any = true;
    if (cache != EDGESTATIC_CACHE_PLAIN)
      break;
  }
  return any ? kept : is_guessed(cache, r->status) ? KEPT_USED : KEPT_NOT;
}
