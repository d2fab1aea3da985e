/* respond.c - one request, one response: the order of all rulings.
 *
 *   target -> rules -> route -> method -> coding -> preconditions -> range
 *          -> fields: header rules, CORS, what the request's flags ask for
 *
 * Rulings:
 * - Rules that redirect do so for every method but OPTIONS, which asks about
 *   the resource named (RFC 9110 section 9.3.7) and whose preflight would fail
 *   at a redirect.  Those that send a page are for GET and HEAD: another
 *   method gets 405 as everywhere.  A preflight of a path that is rewritten
 *   is told of the asset that its request would get (Fetch section 3.3.1).
 * - A rewrite (200) is not matched again.  To a path that names nothing it is
 *   what the request's own path would be without it: missing.  A rule for
 *   another status to such a path says that status in a line.
 * - What conditions of rules have looked at is in Vary, also where no rule was
 *   met (section 12.5.5).
 * - Methods: GET, HEAD and OPTIONS; any other gets 405 with Allow, on every
 *   path (RFC 9110 section 15.5.6).  OPTIONS gives 204 with Allow on every
 *   path too: what it says is true of the whole site, as of "*".
 * - Preconditions are for what would be a 200 (section 13.2.1): a redirect, a
 *   404 and an error page come first, whatever the preconditions say.  Of the
 *   fallback they are evaluated: its status is 200.
 * - Range is for GET alone (section 14.2) and for a 200; a HEAD gets the
 *   fields of the whole.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/answer.h"
#include "core/coding.h"
#include "core/cond.h"
#include "core/cors.h"
#include "core/digest.h"
#include "core/etag.h"
#include "core/headers.h"
#include "core/route.h"
#include "core/rules.h"

enum method { METHOD_GET, METHOD_HEAD, METHOD_OPTIONS, METHOD_OTHER };

/* Methods are case-sensitive (section 9.1). */
static enum method method_of(slice s) {
  if (slice_eq(s, LIT("GET")))
    return METHOD_GET;
  if (slice_eq(s, LIT("HEAD")))
    return METHOD_HEAD;
  return slice_eq(s, LIT("OPTIONS")) ? METHOD_OPTIONS : METHOD_OTHER;
}

/* The variant to send: the greatest weight, of equals the smallest.  One that
 * the client has comes first: the server is free to choose among those that
 * are acceptable (section 12.1), and If-None-Match is compared with the one
 * selected (section 13.1.2), so that a tag of a sibling makes a 304 too.
 *
 * A delta is acceptable to who asks for its coding and holds its dictionary
 * (RFC 9842 sections 2.2 and 6.1), and goes before the plain ones of its
 * weight.  Its tag counts then only: a 304 would tell a shared cache, which
 * knows the tag of a delta, to send it to who cannot decode it.  The hash alone
 * decides: no id is announced in Use-As-Dictionary, so Dictionary-ID says
 * nothing here (section 2.3), and an Available-Dictionary that is malformed is
 * ignored.  Left to the client: that it is in a secure context and may read the
 * response (sections 8 and 9.3.2); all a site has is public and is the same to
 * everybody, so that its size tells nothing (section 9.3.3).
 *
 * EDGESTATIC_NONE: nothing is acceptable. */
static uint32_t choose(const edgestatic_store *store, const pack_asset *asset,
                       const edgestatic_request *request, bool deltas) {
  slice held = request->field[EDGESTATIC_FIELD_AVAILABLE_DICTIONARY];
  unsigned char sha256[32];
  slice tags = request->field[EDGESTATIC_FIELD_IF_NONE_MATCH];
  uint32_t chosen = EDGESTATIC_NONE;
  uint16_t weight[EDGESTATIC_CODING_COUNT];
  int best = 0;

  deltas = deltas && pack_has_deltas(store, asset) &&
           edgestatic_available_dictionary(held, sha256);
  coding_weights(request->field[EDGESTATIC_FIELD_ACCEPT_ENCODING], weight);
  for (uint32_t i = 0; i < get16(asset->variant_count); i++) {
    uint32_t number = get32(asset->variant) + i;
    const pack_variant *v = pack_variant_at(store, number);
    uint32_t dictionary = get32(v->dictionary);
    if (dictionary != 0 && !deltas)
      break; /* they are the last ones */
    if (v->coding >= EDGESTATIC_CODING_COUNT || weight[v->coding] == 0 ||
        (dictionary != 0 &&
         memcmp(pack_dictionary_at(store, dictionary - 1)->sha256, sha256,
                sizeof sha256) != 0))
      continue;
    int score = 2 * weight[v->coding] + (dictionary != 0);
    if (tags.base != NULL &&
        etag_list_has(tags, pack_string(store, v->etag), ETAG_WEAK))
      score += 2001;
    if (score > best) {
      best = score;
      chosen = number;
    }
  }
  return chosen;
}

/* Which ranges to send, or RANGE_IGNORED for everything. */
static int ranges_of(const edgestatic_request *request,
                     const struct validators *v, uint64_t size,
                     byte_range *range) {
  slice field = request->field[EDGESTATIC_FIELD_RANGE];
  slice if_range = request->field[EDGESTATIC_FIELD_IF_RANGE];
  if (field.base == NULL ||
      (if_range.base != NULL && !cond_if_range(if_range, v)))
    return RANGE_IGNORED;
  return range_parse(field, size, range);
}

/* ---- Answers ---- */

struct asking {
  edgestatic_response *r;
  const edgestatic_store *store;
  const edgestatic_request *request;
  struct target target;
  bool is_get;
  unsigned vary; /* RULES_VARY_* */
};

/* A representation of an asset with status 200, or what its preconditions and
 * ranges make of it. */
static void send_asset(const struct asking *a) {
  edgestatic_response *r = a->r;
  const edgestatic_store *store = a->store;
  const pack_asset *asset = pack_asset_at(store, r->asset);
  uint32_t variant = choose(store, asset, a->request, true);
  if (variant == EDGESTATIC_NONE) {
    r->decided_by = EDGESTATIC_FIELD_ACCEPT_ENCODING;
    answer_not_acceptable(r, store, r->asset);
    return;
  }
  r->variant = variant;
  /* Without header rules the two runs of fields are one. */
  if (store->section[SECTION_HEADER_SETS].count == 0 ||
      slice_eq(pack_string(store, asset->path), a->target.path))
    r->asked |= ANSWER_BAKED;

  const pack_variant *v = pack_variant_at(store, variant);
  struct validators validators = {.etag = pack_string(store, v->etag),
                                  .modified = (int64_t)get64(asset->mtime),
                                  .date_is_strong =
                                      get16(asset->variant_count) == 1};
  switch (cond_evaluate(a->request, &validators, &r->decided_by)) {
  case 304:
    answer_not_modified(r, store, r->asset, variant);
    return;
  case 412:
    answer_text(r, 412, slice_of("", 0));
    return;
  default:
    break;
  }

  uint64_t size = get64(pack_blob_at(store, get32(v->blob))->size);
  byte_range range[EDGESTATIC_RANGES_MAX];
  int ranges = a->is_get ? ranges_of(a->request, &validators, size, range) : 0;
  if (ranges == RANGE_IGNORED) {
    answer_variant(r, store, 200, r->asset, variant);
  } else {
    r->decided_by = EDGESTATIC_FIELD_RANGE;
    if (ranges == RANGE_UNSATISFIABLE) {
      answer_unsatisfiable(r, size);
      return;
    }
    answer_ranges(r, store, r->asset, variant, range, ranges);
  }
  digest_answer(r, store, a->request, a->is_get);
}

/* An error page, negotiated as any representation; where nothing of it is
 * acceptable the core's own line is as good as a 406. */
static void send_error_page(const struct asking *a, int status) {
  edgestatic_response *r = a->r;
  r->variant =
      choose(a->store, pack_asset_at(a->store, r->asset), a->request, false);
  if (r->variant == EDGESTATIC_NONE) {
    r->asset = EDGESTATIC_NONE;
    answer_text(r, status, slice_of("", 0));
    return;
  }
  answer_error_page(r, a->store, status, r->asset, r->variant);
}

static void send_missing(const struct asking *a) {
  edgestatic_response *r = a->r;
  struct route route = route_missing(a->store, &a->target, a->request);
  r->route = (uint32_t)route.kind;
  r->asset = route.asset;
  if (route.kind == EDGESTATIC_ROUTE_FALLBACK) {
    send_asset(a);
    return;
  }
  r->flags |= EDGESTATIC_RESPONSE_NOT_FOUND;
  if (route.kind == EDGESTATIC_ROUTE_NOT_FOUND_PAGE)
    send_error_page(a, 404);
  else
    answer_text(r, 404, slice_of("", 0));
}

static void send_by_method(edgestatic_response *r, enum method method) {
  r->route = EDGESTATIC_ROUTE_METHOD;
  answer_allow(r);
  if (method == METHOD_OPTIONS)
    r->status = 204;
  else
    answer_text(r, 405, slice_of("", 0));
}

/* ---- Rules ---- */

/* What the target of a rule names. */
static struct route route_of(const struct asking *a,
                             const struct rules_answer *rule) {
  char buffer[EDGESTATIC_PATH_MAX];
  struct target target;
  if (target_parse(&target, slice_of(a->r->text, rule->len), buffer) == 0)
    return route_path(a->store, &target);
  return (struct route){.kind = EDGESTATIC_ROUTE_NONE,
                        .asset = EDGESTATIC_NONE};
}

/* The page that a rule names, with its status. */
static void send_page(const struct asking *a, const struct rules_answer *rule) {
  edgestatic_response *r = a->r;
  const pack_ruleset *set = pack_ruleset_of(a->store);
  struct route route = route_of(a, rule);
  if (rule->status == 200 && (route.kind == EDGESTATIC_ROUTE_REDIRECT ||
                              (route.kind == EDGESTATIC_ROUTE_CANONICAL &&
                               (get32(set->flags) & RULESET_PAGES) != 0))) {
    r->asset = route.asset;
    answer_redirect(r, route.status, route.location, a->target.query);
  } else if (route.asset != EDGESTATIC_NONE) {
    r->asset = route.asset;
    if (rule->status == 200)
      send_asset(a);
    else
      send_error_page(a, rule->status);
  } else if (rule->status == 200 || rule->status == 404) {
    send_missing(a);
  } else {
    answer_text(r, rule->status, slice_of("", 0));
  }
}

/* Whether a rule answers. */
static bool send_by_rule(struct asking *a, enum method method,
                         enum rules_phase phase) {
  edgestatic_response *r = a->r;
  bool options = method == METHOD_OPTIONS;
  if (a->store->section[SECTION_RULESETS].count == 0 ||
      (options && !cors_is_preflight(a->request)))
    return false;
  struct rules_answer rule =
      rules_find(a->store, &a->target, a->request, phase, r->text);
  a->vary |= rule.vary;
  if (rule.rule == EDGESTATIC_NONE || (options && rule.status != 200))
    return false;
  r->rule = rule.rule;
  r->asset = EDGESTATIC_NONE;
  if (rule.status == 414) {
    r->route = EDGESTATIC_ROUTE_RULE;
    answer_text(r, 414, slice_of("", 0));
  } else if (rule.status >= 300 && rule.status < 400) {
    r->route = EDGESTATIC_ROUTE_RULE;
    answer_location(r, rule.status, rule.len);
  } else if (options || method == METHOD_OTHER) {
    if (options)
      r->asset = route_of(a, &rule).asset;
    send_by_method(r, method);
  } else {
    r->route = EDGESTATIC_ROUTE_REWRITE;
    send_page(a, &rule);
  }
  return true;
}

static void send_path(struct asking *a, enum method method) {
  edgestatic_response *r = a->r;
  if (send_by_rule(a, method, RULES_BEFORE))
    return;
  struct route route = route_path(a->store, &a->target);
  r->route = (uint32_t)route.kind;
  r->asset = route.asset;
  if (route.kind == EDGESTATIC_ROUTE_NONE &&
      send_by_rule(a, method, RULES_AFTER))
    return;
  if (method == METHOD_OPTIONS || method == METHOD_OTHER) {
    if (route.kind == EDGESTATIC_ROUTE_NONE)
      r->flags |= EDGESTATIC_RESPONSE_NOT_FOUND;
    send_by_method(r, method);
  } else if (route.kind == EDGESTATIC_ROUTE_NONE) {
    send_missing(a);
  } else if (route.kind == EDGESTATIC_ROUTE_ASSET) {
    send_asset(a);
  } else {
    answer_redirect(r, route.status, route.location, a->target.query);
  }
}

/* ---- Fields on top ---- */

static void vary(struct asking *a, slice value) {
  answer_field(a->r, LIT("Vary"), value, LIT("conditions of rules"));
  a->r->id = 0;
}

static void add_fields(struct asking *a, enum method method) {
  edgestatic_response *r = a->r;
  if ((a->vary & RULES_VARY_ANY) != 0)
    vary(a, LIT("*"));
  else if (a->vary == (RULES_VARY_LANGUAGE | RULES_VARY_COOKIE))
    vary(a, LIT("Accept-Language, Cookie"));
  else if (a->vary != 0)
    vary(a,
         a->vary == RULES_VARY_COOKIE ? LIT("Cookie") : LIT("Accept-Language"));
  if (a->store->section[SECTION_HEADER_SETS].count != 0 &&
      ((r->asked & ANSWER_BAKED) == 0 || r->run_count[1] == 0))
    headers_answer(r, a->store, a->request, &a->target);
  if (r->asset != EDGESTATIC_NONE && r->status < 400 &&
      a->store->section[SECTION_CORS].count != 0) {
    bool preflight = method == METHOD_OPTIONS;
    if (!preflight || cors_is_preflight(a->request))
      cors_answer(r, a->store, a->request, r->asset, preflight);
  }
}

static bool has_field(const edgestatic_response *r,
                      const edgestatic_store *store, slice name, slice value) {
  for (uint32_t i = 0; i < r->field_count; i++) {
    edgestatic_field f = edgestatic_response_field(store, r, i);
    if (slice_eq_nocase(f.name, name) && slice_eq(f.value, value))
      return true;
  }
  return false;
}

/* What the flags of a request ask for, of all responses.  A site that says
 * itself that it is not to be indexed does not say so twice. */
static void add_by_flags(edgestatic_response *r,
                         const edgestatic_store *store) {
  if ((r->asked & EDGESTATIC_REQUEST_PREVIEW) != 0 &&
      !has_field(r, store, LIT("X-Robots-Tag"), LIT("noindex")))
    answer_field(r, LIT("X-Robots-Tag"), LIT("noindex"), LIT("a preview"));
  if ((r->asked & EDGESTATIC_REQUEST_BY_COOKIE) != 0)
    answer_field(r, LIT("Vary"), LIT("Cookie"), LIT("site by cookie"));
}

void edgestatic_respond(const edgestatic_store *store,
                        const edgestatic_request *request,
                        edgestatic_response *r) {
  enum method method = method_of(request->method);
  char buffer[EDGESTATIC_PATH_MAX];
  struct asking a = {.r = r,
                     .store = store,
                     .request = request,
                     .is_get = method == METHOD_GET};

  answer_begin(r, request->flags & ANSWER_FLAGS);
  r->asset = EDGESTATIC_NONE;
  r->variant = EDGESTATIC_NONE;
  r->rule = EDGESTATIC_NONE;
  r->decided_by = -1;
  int refused = target_parse(&a.target, request->target, buffer);
  if (refused == 0 && a.target.asterisk && method != METHOD_OPTIONS)
    refused = 400; /* RFC 9112 section 3.2.4 */
  /* Header rules go by the path, and here is none: what cannot be read as one
   * was refused, and "*" is the server. */
  if (refused != 0) {
    r->route = EDGESTATIC_ROUTE_BAD_TARGET;
    answer_text(r, refused, slice_of("", 0));
  } else if (a.target.asterisk) {
    send_by_method(r, method);
  } else {
    send_path(&a, method);
    if (a.vary != 0 || store->section[SECTION_HEADER_SETS].count +
                               store->section[SECTION_CORS].count !=
                           0)
      add_fields(&a, method);
  }
  if ((r->asked &
       (EDGESTATIC_REQUEST_PREVIEW | EDGESTATIC_REQUEST_BY_COOKIE)) != 0)
    add_by_flags(r, store);
  if (method == METHOD_HEAD)
    answer_head(r);
}
