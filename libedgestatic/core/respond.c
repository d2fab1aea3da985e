/* respond.c - one request, one response: the order of all rulings.
 *
 *   target -> route -> method -> coding -> preconditions -> range -> fields
 *
 * Rulings:
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
#include "core/etag.h"
#include "core/route.h"

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
 * EDGESTATIC_NONE: nothing is acceptable. */
static uint32_t choose(const edgestatic_store *store, const pack_asset *asset,
                       const edgestatic_request *request) {
  slice tags = request->field[EDGESTATIC_FIELD_IF_NONE_MATCH];
  uint32_t chosen = EDGESTATIC_NONE;
  uint16_t weight[EDGESTATIC_CODING_COUNT];
  int best = 0;

  coding_weights(request->field[EDGESTATIC_FIELD_ACCEPT_ENCODING], weight);
  for (uint32_t i = 0; i < get16(asset->variant_count); i++) {
    uint32_t number = get32(asset->variant) + i;
    const pack_variant *v = pack_variant_at(store, number);
    if (v->coding >= EDGESTATIC_CODING_COUNT || get32(v->dictionary) != 0 ||
        weight[v->coding] == 0)
      continue;
    int score = weight[v->coding];
    if (tags.base != NULL &&
        etag_list_has(tags, pack_string(store, v->etag), ETAG_WEAK))
      score += 1000;
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

/* A representation of an asset with status 200, or what its preconditions and
 * ranges make of it. */
static void send_asset(edgestatic_response *r, const edgestatic_store *store,
                       const edgestatic_request *request, bool is_get) {
  const pack_asset *asset = pack_asset_at(store, r->asset);
  uint32_t variant = choose(store, asset, request);
  if (variant == EDGESTATIC_NONE) {
    r->decided_by = EDGESTATIC_FIELD_ACCEPT_ENCODING;
    answer_not_acceptable(r, store, r->asset);
    return;
  }
  r->variant = variant;

  const pack_variant *v = pack_variant_at(store, variant);
  struct validators validators = {.etag = pack_string(store, v->etag),
                                  .modified = (int64_t)get64(asset->mtime),
                                  .date_is_strong =
                                      get16(asset->variant_count) == 1};
  switch (cond_evaluate(request, &validators, &r->decided_by)) {
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
  int ranges = is_get ? ranges_of(request, &validators, size, range) : 0;
  if (ranges == RANGE_IGNORED) {
    answer_variant(r, store, 200, r->asset, variant);
    return;
  }
  r->decided_by = EDGESTATIC_FIELD_RANGE;
  if (ranges == RANGE_UNSATISFIABLE)
    answer_unsatisfiable(r, size);
  else
    answer_ranges(r, store, r->asset, variant, range, ranges);
}

/* An error page, negotiated as any representation; where nothing of it is
 * acceptable the core's own line is as good as a 406. */
static void send_error_page(edgestatic_response *r,
                            const edgestatic_store *store,
                            const edgestatic_request *request) {
  const pack_asset *asset = pack_asset_at(store, r->asset);
  r->variant = choose(store, asset, request);
  if (r->variant == EDGESTATIC_NONE) {
    r->asset = EDGESTATIC_NONE;
    answer_text(r, 404, slice_of("", 0));
    return;
  }
  answer_variant(r, store, 404, r->asset, r->variant);
}

static void send_missing(edgestatic_response *r, const edgestatic_store *store,
                         const edgestatic_request *request,
                         const struct target *t, bool is_get) {
  struct route route = route_missing(store, t, request);
  r->route = (uint32_t)route.kind;
  r->asset = route.asset;
  if (route.kind == EDGESTATIC_ROUTE_FALLBACK) {
    send_asset(r, store, request, is_get);
    return;
  }
  r->flags |= EDGESTATIC_RESPONSE_NOT_FOUND;
  if (route.kind == EDGESTATIC_ROUTE_NOT_FOUND_PAGE)
    send_error_page(r, store, request);
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

void edgestatic_respond(const edgestatic_store *store,
                        const edgestatic_request *request,
                        edgestatic_response *r) {
  enum method method = method_of(request->method);
  char buffer[EDGESTATIC_PATH_MAX];
  struct target target;

  answer_begin(r, 200);
  r->asset = EDGESTATIC_NONE;
  r->variant = EDGESTATIC_NONE;
  r->decided_by = -1;
  int refused = target_parse(&target, request->target, buffer);
  if (refused == 0 && target.asterisk && method != METHOD_OPTIONS)
    refused = 400; /* RFC 9112 section 3.2.4 */
  if (refused != 0) {
    r->route = EDGESTATIC_ROUTE_BAD_TARGET;
    answer_text(r, refused, slice_of("", 0));
  } else if (target.asterisk) {
    send_by_method(r, method);
  } else {
    struct route route = route_path(store, &target);
    r->route = (uint32_t)route.kind;
    r->asset = route.asset;
    if (method == METHOD_OPTIONS || method == METHOD_OTHER) {
      if (route.kind == EDGESTATIC_ROUTE_NONE)
        r->flags |= EDGESTATIC_RESPONSE_NOT_FOUND;
      send_by_method(r, method);
    } else if (route.kind == EDGESTATIC_ROUTE_NONE) {
      send_missing(r, store, request, &target, method == METHOD_GET);
    } else if (route.kind == EDGESTATIC_ROUTE_ASSET) {
      send_asset(r, store, request, method == METHOD_GET);
    } else {
      answer_redirect(r, route.status, route.location, target.query);
    }
  }
  if (method == METHOD_HEAD)
    answer_head(r);
}
