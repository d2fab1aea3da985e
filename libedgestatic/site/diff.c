/* diff.c - what is other in a pack than in one before it.
 *
 * Files are held against each other by their path, bodies by their hash; what
 * else a client sees, by the answers of both packs.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "edgestatic_site.h"

#include "build/carry.h"
#include "core/route.h"
#include "site/asks.h"

#include <stdlib.h>

struct differing {
  const edgestatic_store *old_store, *new_store;
  void (*change)(void *ctx, const edgestatic_change *);
  void *ctx;
};

/* The file that a path names, or EDGESTATIC_NONE. */
static uint32_t file_at(const edgestatic_store *s, slice target) {
  char buffer[EDGESTATIC_PATH_MAX];
  struct target t;
  if (target_parse(&t, target, buffer) != 0 || t.query.len > 0)
    return EDGESTATIC_NONE;
  struct route route = route_path(s, &t);
  /* A page is told of at one of its paths. */
  if (route.kind != EDGESTATIC_ROUTE_ASSET ||
      !slice_eq(edgestatic_store_asset(s, route.asset).path, t.path))
    return EDGESTATIC_NONE;
  return route.asset;
}

struct sizes {
  unsigned char hash[16];
  uint64_t bytes, best;
};

static struct sizes sizes_of(const edgestatic_store *s, uint32_t asset) {
  edgestatic_asset a = edgestatic_store_asset(s, asset);
  struct sizes sizes = {.best = UINT64_MAX};
  for (uint32_t i = 0; i < a.variant_count; i++) {
    edgestatic_variant v = edgestatic_store_variant(s, a.variant + i);
    if (v.coding == EDGESTATIC_CODING_IDENTITY) {
      memcpy(sizes.hash, v.hash, sizeof v.hash);
      sizes.bytes = v.size;
    }
    if (v.size < sizes.best)
      sizes.best = v.size;
  }
  return sizes;
}

/* Whether the answers to an ask differ in some way of asking; *by_rule: a rule
 * has a part in one of them. */
static bool answers_differ(const struct differing *d, const struct ask *ask,
                           bool *by_rule) {
  bool differ = false;
  edgestatic_response a, b;
  *by_rule = false;
  for (unsigned way = 0; way < ASKS_WAYS && !differ; way++) {
    asks_respond(d->old_store, ask, way, &a);
    asks_respond(d->new_store, ask, way, &b);
    differ = !asks_same(d->old_store, &a, d->new_store, &b);
    *by_rule = a.rule != EDGESTATIC_NONE || b.rule != EDGESTATIC_NONE;
  }
  return differ;
}

static void tell_file(const struct differing *d, const struct ask *ask,
                      uint32_t a, uint32_t b) {
  edgestatic_change change = {.path = ask->target};
  struct sizes before = {.bytes = 0}, after = {.bytes = 0};
  int64_t kept_before = 0, kept_after = 0;
  if (a != EDGESTATIC_NONE) {
    before = sizes_of(d->old_store, a);
    kept_before = edgestatic_store_asset(d->old_store, a).retained_until;
  }
  if (b != EDGESTATIC_NONE) {
    after = sizes_of(d->new_store, b);
    kept_after = edgestatic_store_asset(d->new_store, b).retained_until;
  }
  change.before = before.bytes;
  change.best_before = before.best;
  change.after = after.bytes;
  change.best_after = after.best;
  bool by_rule;
  if (a == EDGESTATIC_NONE)
    change.kind = EDGESTATIC_CHANGE_ADDED;
  else if (b == EDGESTATIC_NONE)
    change.kind = EDGESTATIC_CHANGE_REMOVED;
  else if (kept_before == 0 && kept_after != 0)
    change.kind = EDGESTATIC_CHANGE_KEPT;
  else if (memcmp(before.hash, after.hash, sizeof before.hash) != 0)
    change.kind = EDGESTATIC_CHANGE_CONTENT;
  else if (!answers_differ(d, ask, &by_rule))
    return;
  else
    change.kind = by_rule ? EDGESTATIC_CHANGE_RULE : EDGESTATIC_CHANGE_FIELDS;
  d->change(d->ctx, &change);
}

/* What a rule is for, where no file has that path: it is told of by its
 * samples.  The scratch has room for a target. */
static void tell_rule(const struct differing *d, const struct ask *ask,
                      char *scratch) {
  edgestatic_change change = {.kind = EDGESTATIC_CHANGE_RULE,
                              .path = ask->target};
  bool by_rule;
  if (!ask->by_rule || ask->spelling || !answers_differ(d, ask, &by_rule) ||
      !by_rule)
    return;
  if (ask->prefix.len > 0) {
    memcpy(scratch, ask->prefix.base, ask->prefix.len);
    scratch[ask->prefix.len] = '*';
    change.path = slice_of(scratch, ask->prefix.len + 1);
  }
  d->change(d->ctx, &change);
}

int edgestatic_diff(const edgestatic_store *old_store,
                    const edgestatic_store *new_store,
                    void (*change)(void *ctx, const edgestatic_change *),
                    void *ctx) {
  static const edgestatic_allocator allocator;
  const struct differing d = {old_store, new_store, change, ctx};
  struct asks asks = {.strings = {&allocator, NULL}};
  char scratch[EDGESTATIC_TARGET_MAX + 1];
  int error = asks_gather(&asks, old_store, new_store);
  for (size_t i = 0; !error && i < asks.count; i++) {
    const struct ask *ask = &asks.ask[i];
    uint32_t a = EDGESTATIC_NONE, b = EDGESTATIC_NONE;
    /* The plain ask of a target goes first. */
    bool again = i > 0 && slice_eq(asks.ask[i - 1].target, ask->target);
    if (ask->prefix.len == 0 && !again) {
      a = file_at(old_store, ask->target);
      b = file_at(new_store, ask->target);
    }
    if (a != EDGESTATIC_NONE || b != EDGESTATIC_NONE)
      tell_file(&d, ask, a, b);
    else if (!again || ask->prefix.len > 0)
      tell_rule(&d, ask, scratch);
  }
  asks_free(&asks);
  return error;
}
