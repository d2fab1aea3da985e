/* purge.c - what a cache has to forget when one pack takes another's place.
 *
 * Each request of the list (asks.h) is put to both packs.  What a cache may
 * use of the old one without asking (kept.h), and the new one answers
 * otherwise, has to go; what it may have stored, and is the same, should stay.
 *
 * limit: of a path that was asked for with a query, a URL alone purges what
 * was stored without; keys and prefixes purge both.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "edgestatic_site.h"

#include "site/asks.h"
#include "site/cover.h"
#include "site/kept.h"

#include <stdlib.h>

/* What has to go. */
struct item {
  slice what; /* a URL, or what all of them begin with */
  bool is_prefix;
};

struct purging {
  const edgestatic_store *old_store, *new_store;
  int cache;
  struct asks asks;
  struct item *item;
  size_t items, item_room;
  slice *stays; /* URLs, in the order of their bytes */
  size_t stay_count, stay_room;
  struct cover_tag *tag;
  size_t tags, tag_room;
  void (*tell)(void *ctx, int kind, edgestatic_slice what);
  void *ctx;
  int error;
};

static const edgestatic_allocator allocator;

/* ---- What goes, what stays ---- */

static void add_item(struct purging *p, struct item item) {
  struct item *grown =
      mem_grow(&allocator, p->item, &p->item_room, p->items + 1, sizeof *grown);
  if (!grown) {
    p->error = EDGESTATIC_ERR_MEMORY;
    return;
  }
  p->item = grown;
  p->item[p->items++] = item;
}

static void add_stay(struct purging *p, slice url) {
  slice *grown = mem_grow(&allocator, p->stays, &p->stay_room,
                          p->stay_count + 1, sizeof *grown);
  if (!grown) {
    p->error = EDGESTATIC_ERR_MEMORY;
    return;
  }
  p->stays = grown;
  p->stays[p->stay_count++] = url;
}

/* The keys of a response, by which these caches purge. */
static void add_tags(struct purging *p, const edgestatic_response *r,
                     size_t item) {
  bool fastly = p->cache == EDGESTATIC_CACHE_FASTLY;
  if (!fastly && p->cache != EDGESTATIC_CACHE_CLOUDFLARE)
    return;
  char separator = fastly ? ' ' : ',';
  slice rest = kept_field(p->old_store, r,
                          fastly ? LIT("Surrogate-Key") : LIT("Cache-Tag"));
  while (rest.len > 0 && !p->error) {
    size_t len = 0;
    while (len < rest.len && rest.base[len] != separator)
      len++;
    slice key = slice_trim(slice_of(rest.base, len));
    rest = slice_skip(rest, len < rest.len ? len + 1 : len);
    if (key.len == 0)
      continue;
    struct cover_tag *grown =
        mem_grow(&allocator, p->tag, &p->tag_room, p->tags + 1, sizeof *grown);
    if (!grown) {
      p->error = EDGESTATIC_ERR_MEMORY;
      return;
    }
    p->tag = grown;
    p->tag[p->tags++] = (struct cover_tag){key, item};
  }
}

/* Whether both responses carry all keys of the item, so that any one of them
 * purges all that was stored of it. */
static bool same_keys(const struct purging *p, const edgestatic_response *a,
                      const edgestatic_response *b) {
  slice name = p->cache == EDGESTATIC_CACHE_FASTLY ? LIT("Surrogate-Key")
                                                   : LIT("Cache-Tag");
  return slice_eq(kept_field(p->old_store, a, name),
                  kept_field(p->old_store, b, name));
}

static void judge(struct purging *p, const struct ask *ask) {
  edgestatic_response a, b, first;
  bool stored = false, goes = false, alike = true;
  for (unsigned way = 0; way < ASKS_WAYS; way++) {
    asks_respond(p->old_store, ask, way, &a);
    enum kept kept = kept_by(p->cache, p->old_store, &a);
    if (kept == KEPT_NOT)
      continue;
    asks_respond(p->new_store, ask, way, &b);
    bool same = asks_same(p->old_store, &a, p->new_store, &b);
    if (same || kept == KEPT_ASKED) {
      stored = stored || same;
      if (!goes)
        first = a;
      continue;
    }
    alike = alike && (!goes || same_keys(p, &first, &a));
    goes = true;
    first = a;
  }
  bool is_prefix = ask->prefix.len > 0;
  if (goes) {
    add_item(p,
             (struct item){is_prefix ? ask->prefix : ask->target, is_prefix});
    if (alike && !p->error)
      add_tags(p, &first, p->items - 1);
  } else if (stored) {
    add_tags(p, &first, COVER_STAYS);
    if (!is_prefix)
      add_stay(p, ask->target);
  }
}

/* ---- Telling ---- */

static void tell_key(void *ctx, slice key) {
  const struct purging *p = ctx;
  p->tell(p->ctx, EDGESTATIC_PURGE_KEY, key);
}

static int compare_slices(slice a, slice b) {
  size_t n = a.len < b.len ? a.len : b.len;
  int order = n > 0 ? memcmp(a.base, b.base, n) : 0;
  return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Whether something that has to stay begins so. */
static bool some_stays(const struct purging *p, slice prefix) {
  size_t low = 0, high = p->stay_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (compare_slices(p->stays[middle], prefix) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < p->stay_count && slice_starts(p->stays[low], prefix);
}

/* The largest folder of item i in which nothing has to stay and more than this
 * has to go: CloudFront counts a path with a wildcard as one.  Empty: none. */
static slice folder_of(const struct purging *p, size_t i) {
  slice what = p->item[i].what;
  for (size_t len = 1; len <= what.len; len++) {
    slice folder = slice_of(what.base, len);
    if (what.base[len - 1] != '/')
      continue;
    if (i + 1 == p->items || !slice_starts(p->item[i + 1].what, folder))
      break; /* nor does it with a longer one */
    if (!some_stays(p, folder))
      return folder;
  }
  return LIT("");
}

static int compare_items(const void *left, const void *right) {
  const struct item *a = left, *b = right;
  int order = compare_slices(a->what, b->what);
  return order != 0 ? order : (int)b->is_prefix - (int)a->is_prefix;
}

/* What no key covers, as URLs and prefixes; once sorted, a prefix goes before
 * all that begins so. */
static void tell_rest(struct purging *p, const bool *covered) {
  slice whole = LIT(""); /* the last prefix */
  size_t kept = 0;
  for (size_t i = 0; i < p->items; i++)
    if (!covered[i])
      p->item[kept++] = p->item[i];
  p->items = kept;
  if (kept > 1)
    qsort(p->item, kept, sizeof *p->item, compare_items);
  for (size_t i = 0; i < kept; i++) {
    struct item item = p->item[i];
    if ((whole.len > 0 && slice_starts(item.what, whole)) ||
        (i > 0 && compare_items(&item, &p->item[i - 1]) == 0))
      continue;
    slice folder = LIT("");
    if (p->cache == EDGESTATIC_CACHE_CLOUDFRONT && !item.is_prefix)
      folder = folder_of(p, i);
    if (folder.len > 0)
      item = (struct item){folder, true};
    if (item.is_prefix)
      whole = item.what;
    p->tell(p->ctx,
            item.is_prefix ? EDGESTATIC_PURGE_PREFIX : EDGESTATIC_PURGE_URL,
            item.what);
  }
}

static void tell(struct purging *p) {
  bool *covered = mem_new(&allocator, p->items, sizeof *covered);
  if (p->items == 0)
    return;
  p->error = EDGESTATIC_ERR_MEMORY;
  if (covered) {
    memset(covered, 0, p->items * sizeof *covered);
    size_t items = p->items;
    p->error = cover_choose(p->tag, p->tags, items, covered, tell_key, p);
    if (!p->error)
      tell_rest(p, covered);
    mem_free(&allocator, covered, items * sizeof *covered);
  }
}

int edgestatic_purge(const edgestatic_store *old_store,
                     const edgestatic_store *new_store, int cache,
                     void (*item)(void *ctx, int kind, edgestatic_slice what),
                     void *ctx) {
  struct purging p = {.old_store = old_store,
                      .new_store = new_store,
                      .cache = cache,
                      .asks = {.strings = {&allocator, NULL}},
                      .tell = item,
                      .ctx = ctx};
  p.error = asks_gather(&p.asks, old_store, new_store);
  for (size_t i = 0; !p.error && i < p.asks.count; i++)
    judge(&p, &p.asks.ask[i]);
  if (!p.error)
    tell(&p);
  mem_free(&allocator, p.item, p.item_room * sizeof *p.item);
  mem_free(&allocator, p.stays, p.stay_room * sizeof *p.stays);
  mem_free(&allocator, p.tag, p.tag_room * sizeof *p.tag);
  asks_free(&p.asks);
  return p.error;
}
