/* collections.c - see collections.h.
 *
 *   bucket[] --> entry --> entry     written by whoever holds the lock,
 *                                    read by requests at any time
 *
 * `release` is what the store says, `opened` is what the live holds.  A request
 * that finds them different opens the collection; the first thread opens what
 * is open already before it says so, so that no request waits for that.
 *
 * SPDX-License-Identifier: MIT
 */
#include "config.h"

#include "collections.h"

#include "edgestatic_site.h"
#include "say.h"
#include "siteverb.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Chains stay short for some thousands of names. */
#define BUCKETS 1024

struct entry {
  struct entry *next; /* in its bucket, and never another */
  edgestatic_live *live;
  atomic_uint_fast64_t release; /* that it shows; 0: there is none such */
  atomic_uint_fast64_t opened;  /* that the live holds, or was tried; or 0 */
  atomic_int_fast64_t expires;  /* 0: never */
  uint64_t told_release;        /* during a refresh: 0: there is none such */
  int64_t told_expires;
  char name[CHOOSE_NAME_MAX + 1];
};

struct collections {
  const char *dir;
  const char *name;
  const struct choose_rules *rules;
  struct entry *main;
  bool is_number; /* main is a release, which does not change */
  pthread_mutex_t lock;
  _Atomic(struct entry *) bucket[BUCKETS];
};

/* ---- The list ---- */

/* FNV-1a */
static size_t bucket_of(edgestatic_slice name) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < name.len; i++)
    hash = (hash ^ (unsigned char)name.base[i]) * 16777619u;
  return hash % BUCKETS;
}

static struct entry *find(struct collections *c, edgestatic_slice name) {
  struct entry *entry = atomic_load(&c->bucket[bucket_of(name)]);
  while (entry && (strlen(entry->name) != name.len ||
                   memcmp(entry->name, name.base, name.len) != 0))
    entry = entry->next;
  return entry;
}

static edgestatic_slice text(const char *s) {
  return (edgestatic_slice){s, strlen(s)};
}

/* NULL: no memory, which was told. */
static struct entry *find_or_add(struct collections *c, const char *name) {
  struct entry *entry = find(c, text(name));
  if (entry)
    return entry;
  _Atomic(struct entry *) *bucket = &c->bucket[bucket_of(text(name))];
  entry = calloc(1, sizeof *entry);
  if (!entry || edgestatic_live_new(&entry->live, NULL) != EDGESTATIC_OK) {
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    free(entry);
    return NULL;
  }
  strncpy(entry->name, name, sizeof entry->name - 1);
  entry->next = atomic_load(bucket);
  atomic_store(bucket, entry);
  return entry;
}

/* ---- What the store says ---- */

/* Puts a release in place.  One that cannot be opened is tried again when the
 * collection shows another one; until then the live holds what it held. */
static void open_release(struct collections *c, edgestatic_site *site,
                         struct entry *entry, uint64_t release) {
  edgestatic_pack *pack;
  if (siteverb_pack(&pack, site, c->dir, entry->name, false) == 0) {
    edgestatic_live_swap(entry->live, pack);
    edgestatic_pack_unref(pack);
  }
  atomic_store(&entry->opened, release);
}

static bool is_live(const char *name) {
  return strcmp(name, "live") == 0;
}

/* What the store says of a collection, noted. */
static void note(struct collections *c, const edgestatic_collection *told) {
  struct entry *entry = find_or_add(c, told->name);
  if (!entry)
    return;
  entry->told_release = told->release;
  entry->told_expires = told->expires;
}

/* Makes what was noted true: what is open follows first. */
static void follow(struct collections *c, edgestatic_site *site,
                   struct entry *entry) {
  uint64_t release = entry->told_release;
  uint64_t opened = atomic_load(&entry->opened);
  if (opened != release && (opened != 0 || entry == c->main)) {
    open_release(c, site, entry, release);
    say_note("%s: now release %llu", entry->name, (unsigned long long)release);
  }
  atomic_store(&entry->expires, entry->told_expires);
  atomic_store(&entry->release, release);
}

/* The store has it no more. */
static void close_entry(struct entry *entry) {
  if (atomic_load(&entry->release) == 0)
    return;
  say_note("%s: gone", entry->name);
  atomic_store(&entry->release, 0);
  atomic_store(&entry->opened, 0);
  edgestatic_live_swap(entry->live, NULL);
}

/* With the lock held. */
static void follow_all(struct collections *c, edgestatic_site *site) {
  size_t count;
  const edgestatic_collection *told = edgestatic_site_collections(site, &count);
  for (size_t i = 0; i < count; i++)
    note(c, &told[i]);
  for (size_t i = 0; i < BUCKETS; i++)
    for (struct entry *entry = atomic_load(&c->bucket[i]); entry;
         entry = entry->next) {
      if (entry->told_release != 0)
        follow(c, site, entry);
      else if (entry != c->main || !c->is_number)
        close_entry(entry);
      entry->told_release = 0;
    }
}

void collections_refresh(struct collections *c) {
  edgestatic_site *site = siteverb_open(NULL, c->dir, false);
  if (!site) {
    say_hint("still serving it as it was before");
    return;
  }
  pthread_mutex_lock(&c->lock);
  follow_all(c, site);
  pthread_mutex_unlock(&c->lock);
  edgestatic_site_close(site);
}

/* The first request for a collection. */
static void open_first(struct collections *c, struct entry *entry) {
  pthread_mutex_lock(&c->lock);
  uint64_t release = atomic_load(&entry->release);
  if (release != 0 && atomic_load(&entry->opened) != release) {
    edgestatic_site *site = siteverb_open(NULL, c->dir, false);
    if (site)
      open_release(c, site, entry, release);
    edgestatic_site_close(site);
  }
  pthread_mutex_unlock(&c->lock);
}

/* ---- Requests ---- */

static bool is_there(struct entry *entry) {
  int64_t expires = atomic_load(&entry->expires);
  return atomic_load(&entry->release) != 0 &&
         (expires == 0 || (int64_t)time(NULL) < expires);
}

/* Unknown names: of a host or below the prefix there is nothing, so that who
 * looks at a preview that ended does not take the live site for it; but a
 * cookie left over from one must not lock its owner out.  Of a preview that is
 * served alone there is nothing after its end, either; live has none. */
void collections_choose(void *ctx, const edgestatic_request *request,
                        edgestatic_mhd_choice *choice) {
  struct collections *c = ctx;
  struct choose_result result;
  struct entry *entry = NULL;
  choose_name(c->rules, request, &result);
  if (result.name_len > 0)
    entry = find(c, (edgestatic_slice){result.name, result.name_len});
  if (entry && !is_there(entry))
    entry = NULL;
  if (!entry && result.by != CHOOSE_BY_HOST && result.by != CHOOSE_BY_PREFIX)
    entry = is_live(c->name) || is_there(c->main) ? c->main : NULL;
  if (!entry)
    return;
  if (atomic_load(&entry->opened) != atomic_load(&entry->release))
    open_first(c, entry);
  choice->live = entry->live;
  choice->name = entry->name;
  choice->prefix_len = result.prefix_len;
  if (!is_live(entry->name))
    choice->flags |= EDGESTATIC_REQUEST_PREVIEW;
  if (result.asked_cookie)
    choice->flags |= EDGESTATIC_REQUEST_BY_COOKIE;
}

/* ---- From the first to the last ---- */

/* A release by its number, which is in no list. */
static int open_number(struct collections *c) {
  edgestatic_site *site = siteverb_open(NULL, c->dir, false);
  if (!site)
    return -1;
  open_release(c, site, c->main, 1);
  atomic_store(&c->main->release, 1);
  edgestatic_site_close(site);
  return 0;
}

/* live may come later, but another name is a typing error until it is there. */
static int check_main(struct collections *c) {
  edgestatic_pack *pack = edgestatic_live_acquire(c->main->live);
  edgestatic_pack_unref(pack);
  if (pack)
    return 0;
  if (atomic_load(&c->main->release) != 0)
    return -1; /* told when it was opened */
  if (is_live(c->name)) {
    say_warning("%s: nothing is live yet; answers are 503 until a release is",
                c->dir);
    return 0;
  }
  say_error("%s has no collection %s", c->dir, c->name);
  say_hint("see `edgestatic releases %s'", c->dir);
  return -1;
}

struct collections *collections_open(const char *dir, const char *name,
                                     const struct choose_rules *rules) {
  struct collections *c = calloc(1, sizeof *c);
  if (!c || pthread_mutex_init(&c->lock, NULL) != 0) {
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    free(c);
    return NULL;
  }
  c->dir = dir;
  c->name = name;
  c->rules = rules;
  c->is_number = name[strspn(name, "0123456789")] == '\0';
  c->main = find_or_add(c, name);
  bool good = c->main != NULL;
  if (good && c->is_number)
    good = open_number(c) == 0;
  else if (good)
    collections_refresh(c);
  if (good && check_main(c) == 0)
    return c;
  collections_free(c);
  return NULL;
}

void collections_free(struct collections *c) {
  if (!c)
    return;
  for (size_t i = 0; i < BUCKETS; i++)
    for (struct entry *entry = atomic_load(&c->bucket[i]), *next; entry;
         entry = next) {
      next = entry->next;
      edgestatic_live_free(entry->live);
      free(entry);
    }
  pthread_mutex_destroy(&c->lock);
  free(c);
}
