/* asks.c - see asks.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "site/asks.h"

#include "build/urls.h"
#include "core/list.h"
#include "core/pack.h"
#include "core/pattern.h"
#include "core/uri.h"

#include <stdlib.h>

/* What a placeholder or splat of a sample is: no file has such a name. */
#define SAMPLE "x~edgestatic"

struct asking {
  struct asks *asks;
  const edgestatic_store *store;
  int error;
};

/* ---- The list ---- */

static void add(struct asking *g, struct ask ask) {
  struct asks *to = g->asks;
  if (g->error || ask.target.len > EDGESTATIC_TARGET_MAX)
    return;
  struct ask *grown = mem_grow(to->strings.allocator, to->ask, &to->room,
                               to->count + 1, sizeof *grown);
  if (grown) {
    to->ask = grown;
    ask.target = mem_arena_copy(&to->strings, ask.target);
    ask.prefix = mem_arena_copy(&to->strings, ask.prefix);
  }
  if (!grown || !ask.target.base || !ask.prefix.base)
    g->error = EDGESTATIC_ERR_MEMORY;
  else
    to->ask[to->count++] = ask;
}

/* A decoded path in two parts. */
static void add_path(struct asking *g, slice path, slice tail) {
  char decoded[EDGESTATIC_PATH_MAX], out[URLS_ENCODED_MAX];
  if (path.len > sizeof decoded - tail.len)
    return; /* longer than a path that names something */
  memcpy(decoded, path.base, path.len);
  memcpy(decoded + path.len, tail.base, tail.len);
  size_t len = urls_encode(out, slice_of(decoded, path.len + tail.len));
  add(g, (struct ask){.target = slice_of(out, len), .prefix = LIT("")});
}

/* ---- Files ---- */

static void add_entry(struct asking *g, const pack_entry *e) {
  slice path = pack_string(g->store, e->path), stem = path;
  add_path(g, path, LIT(""));
  if (e->kind != ENTRY_ASSET)
    return;
  if (stem.base[stem.len - 1] == '/')
    stem.len--;
  if ((e->flags & (ENTRY_PAGE | ENTRY_FOLDER)) != 0 && stem.len > 0) {
    add_path(g, stem, LIT(""));
    add_path(g, stem, LIT("/"));
  }
  if ((e->flags & ENTRY_PAGE) == 0)
    return;
  if (stem.len > 0)
    add_path(g, stem, LIT(".html"));
  add_path(g, stem, LIT("/index"));
  add_path(g, stem, LIT("/index.html"));
}

static void add_files(struct asking *g) {
  const pack_collection *site = pack_collection_of(g->store);
  for (uint32_t i = 0; site && i < g->store->section[SECTION_ENTRIES].count;
       i++) {
    const pack_entry *e = pack_entry_at(g->store, i);
    /* Error pages are entries of another table, by folder. */
    if (pack_find(g->store, &site->paths, pack_string(g->store, e->path)) == i)
      add_entry(g, e);
  }
  if (site && get32(site->fallback) != 0)
    add(g, (struct ask){.target = LIT("/" SAMPLE),
                        .prefix = LIT("/"),
                        .navigation = true});
}

/* ---- Rules ---- */

/* A path from a pattern: of its splats with their slash, as samples or as
 * nothing; *literal is how much of it stands before the first capture. */
static size_t fill(char out[EDGESTATIC_PATH_MAX], slice pattern, bool rest,
                   size_t *literal) {
  size_t len = 0;
  bool captured = false;
  for (size_t i = 0; i < pattern.len; i++) {
    char c = pattern.base[i];
    bool is_capture = c >= PATTERN_ONE && c <= PATTERN_REST;
    slice put = is_capture ? LIT(SAMPLE) : slice_of(pattern.base + i, 1);
    if (c == PATTERN_REST && rest) {
      put = LIT("/" SAMPLE);
      if (!captured)
        *literal = len + 1;
    } else if (c == PATTERN_REST) {
      put.len = 0;
    } else if (is_capture && !captured) {
      *literal = len;
    }
    captured = captured || is_capture;
    if (put.len > EDGESTATIC_PATH_MAX - len)
      return 0;
    memcpy(out + len, put.base, put.len);
    len += put.len;
  }
  if (len == 0)
    out[len++] = '/'; /* "/" "*" without its slash */
  return len;
}

/* The first of names that are separated by commas. */
static slice first_name(slice names) {
  slice name = LIT("");
  list_next(&names, &name);
  return name;
}

/* Writes what the rule's conditions want behind the target; false: no request
 * of this list can have it. */
static bool add_conditions(struct asking *g, const pack_rule *rule, char *out,
                           size_t *len, struct ask *ask) {
  char separator = '?';
  for (uint32_t i = 0; i < rule->condition_count; i++) {
    const pack_condition *c =
        pack_condition_at(g->store, get32(rule->condition) + i);
    slice name = pack_string(g->store, c->name);
    slice value = pack_string(g->store, c->value);
    if (c->kind == CONDITION_LANGUAGE) {
      ask->language = first_name(value);
    } else if (c->kind == CONDITION_COOKIE) {
      ask->cookie = first_name(value);
    } else if (c->kind == CONDITION_PARAMETER || c->kind == CONDITION_CAPTURE) {
      if (c->kind == CONDITION_CAPTURE)
        value = LIT(SAMPLE);
      if (name.len + value.len + 2 > EDGESTATIC_TARGET_MAX - *len)
        return false;
      out[(*len)++] = separator;
      separator = '&';
      memcpy(out + *len, name.base, name.len);
      *len += name.len;
      out[(*len)++] = '=';
      memcpy(out + *len, value.base, value.len);
      *len += value.len;
    } else {
      return false; /* by country: Vary: *, so nothing is kept; by role */
    }
  }
  return true;
}

static void add_rule(struct asking *g, const pack_rule *rule, bool dynamic,
                     bool rest, slice tail) {
  char path[EDGESTATIC_PATH_MAX + 1], out[EDGESTATIC_TARGET_MAX + 1];
  char prefix[URLS_ENCODED_MAX];
  bool encoded =
      (get32(pack_ruleset_of(g->store)->flags) & RULESET_ENCODED) != 0;
  slice pattern = pack_string(g->store, rule->path);
  struct ask ask = {.host = pack_string(g->store, rule->host),
                    .by_rule = true,
                    .spelling = tail.len > 0 || !rest,
                    .prefix = LIT("")};
  size_t literal = 0, len = pattern.len;
  if (dynamic)
    len = fill(path, pattern, rest, &literal);
  else if (len <= EDGESTATIC_PATH_MAX)
    memcpy(path, pattern.base, len);
  if (len == 0 || len + tail.len > EDGESTATIC_PATH_MAX || path[0] != '/')
    return;
  memcpy(path + len, tail.base, tail.len);
  len += tail.len;
  if (encoded)
    memcpy(out, path, len);
  if (dynamic && (rest || literal > 0)) {
    size_t n = literal;
    if (encoded)
      memcpy(prefix, path, n);
    else
      n = urls_encode(prefix, slice_of(path, n));
    ask.prefix = slice_of(prefix, n);
  }
  if (!encoded)
    len = urls_encode(out, slice_of(path, len));
  if (add_conditions(g, rule, out, &len, &ask)) {
    ask.target = slice_of(out, len);
    add(g, ask);
  }
}

static void add_rules(struct asking *g) {
  const pack_ruleset *set = pack_ruleset_of(g->store);
  for (uint32_t i = 0; set && i < g->store->section[SECTION_RULES].count; i++) {
    const pack_rule *rule = pack_rule_at(g->store, i);
    slice path = pack_string(g->store, rule->path);
    bool dynamic = i - get32(set->dynamic) < get32(set->dynamic_count);
    bool slash = (get32(set->flags) & RULESET_SLASH) != 0;
    if (dynamic) {
      add_rule(g, rule, true, true, LIT(""));
      if (path.len > 0 && memchr(path.base, PATTERN_REST, path.len))
        add_rule(g, rule, true, false, LIT(""));
      continue;
    }
    add_rule(g, rule, false, true, LIT(""));
    if (slash && path.len > 0 && path.base[path.len - 1] != '/')
      add_rule(g, rule, false, true, LIT("/"));
  }
}

/* ---- All of it ---- */

static int compare_slices(slice a, slice b) {
  size_t n = a.len < b.len ? a.len : b.len;
  int order = n > 0 ? memcmp(a.base, b.base, n) : 0;
  return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* A plain ask goes before one that stands for others. */
static int compare(const void *left, const void *right) {
  const struct ask *a = left, *b = right;
  const slice x[] = {a->target, a->prefix, a->language, a->cookie, a->host};
  const slice y[] = {b->target, b->prefix, b->language, b->cookie, b->host};
  int order = 0;
  for (size_t i = 0; order == 0 && i < sizeof x / sizeof *x; i++)
    order = compare_slices(x[i], y[i]);
  if (order == 0)
    order = (int)a->navigation - (int)b->navigation;
  return order;
}

int asks_gather(struct asks *asks, const edgestatic_store *old_store,
                const edgestatic_store *new_store) {
  const edgestatic_store *const store[] = {old_store, new_store};
  struct asking g = {.asks = asks};
  for (int i = 0; i < 2; i++) {
    g.store = store[i];
    add_files(&g);
    add_rules(&g);
  }
  if (g.error)
    return g.error;
  if (asks->count > 1)
    qsort(asks->ask, asks->count, sizeof *asks->ask, compare);
  size_t kept = 0;
  for (size_t i = 0; i < asks->count; i++)
    if (kept > 0 && compare(&asks->ask[kept - 1], &asks->ask[i]) == 0) {
      struct ask *same = &asks->ask[kept - 1];
      same->spelling = same->by_rule && asks->ask[i].by_rule
                           ? same->spelling && asks->ask[i].spelling
                           : same->spelling || asks->ask[i].spelling;
      same->by_rule = same->by_rule || asks->ask[i].by_rule;
    } else {
      asks->ask[kept++] = asks->ask[i];
    }
  asks->count = kept;
  return EDGESTATIC_OK;
}

void asks_free(struct asks *asks) {
  mem_free(asks->strings.allocator, asks->ask, asks->room * sizeof *asks->ask);
  mem_arena_free(&asks->strings);
}

/* ---- Answers ---- */

void asks_respond(const edgestatic_store *store, const struct ask *ask,
                  unsigned way, edgestatic_response *response) {
  static const slice codings[] = {
      EDGESTATIC_LITERAL("identity"), EDGESTATIC_LITERAL("gzip"),
      EDGESTATIC_LITERAL("br"), EDGESTATIC_LITERAL("zstd")};
  edgestatic_request request = {
      .method = LIT("GET"),
      .target = ask->target,
      .flags = way < ASKS_WAYS / 2 ? EDGESTATIC_REQUEST_TLS : 0};
  request.field[EDGESTATIC_FIELD_ACCEPT_ENCODING] =
      codings[way % (ASKS_WAYS / 2)];
  if (ask->host.len > 0)
    request.field[EDGESTATIC_FIELD_HOST] = ask->host;
  if (ask->language.len > 0)
    request.field[EDGESTATIC_FIELD_ACCEPT_LANGUAGE] = ask->language;
  if (ask->cookie.len > 0)
    request.field[EDGESTATIC_FIELD_COOKIE] = ask->cookie;
  if (ask->navigation)
    request.field[EDGESTATIC_FIELD_SEC_FETCH_MODE] = LIT("navigate");
  edgestatic_respond(store, &request, response);
}

static bool same_content(const edgestatic_store *s,
                         const edgestatic_response *a,
                         const edgestatic_store *t,
                         const edgestatic_response *b) {
  if (a->content_length != b->content_length ||
      a->segment_count != b->segment_count)
    return false;
  for (uint32_t i = 0; i < a->segment_count; i++) {
    if (a->segment[i].place != b->segment[i].place ||
        a->segment[i].length != b->segment[i].length)
      return false;
    if (a->segment[i].place == EDGESTATIC_IN_TEXT &&
        !slice_eq(edgestatic_segment_bytes(s, a, &a->segment[i]),
                  edgestatic_segment_bytes(t, b, &b->segment[i])))
      return false;
  }
  if (a->variant == EDGESTATIC_NONE || b->variant == EDGESTATIC_NONE)
    return a->variant == b->variant;
  edgestatic_variant v = edgestatic_store_variant(s, a->variant);
  edgestatic_variant w = edgestatic_store_variant(t, b->variant);
  return memcmp(v.hash, w.hash, sizeof v.hash) == 0;
}

bool asks_same(const edgestatic_store *s, const edgestatic_response *a,
               const edgestatic_store *t, const edgestatic_response *b) {
  if (a->status != b->status || a->field_count != b->field_count)
    return false;
  for (uint32_t i = 0; i < a->field_count; i++) {
    edgestatic_field f = edgestatic_response_field(s, a, i);
    edgestatic_field g = edgestatic_response_field(t, b, i);
    if (!slice_eq_nocase(f.name, g.name) ||
        (!slice_eq(f.value, g.value) &&
         !slice_eq_nocase(f.name, LIT("Last-Modified"))))
      return false;
  }
  return same_content(s, a, t, b);
}
