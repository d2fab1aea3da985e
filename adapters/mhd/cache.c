/* cache.c - see cache.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "cache.h"

#include "thread.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Responses kept, over all shards: at about 2.3 KB each, 19 MB whatever the
 * size of the site. */
#define KEPT_MAX 8192

/* A shard with less would mostly miss. */
#define SHARD_MIN 256

#define WAYS 4

/* Sites that are asked for in turn.  A further one takes the place of another,
 * whose responses are given up. */
#define SOURCES_MAX 16

struct entry {
  struct MHD_Response *response; /* NULL: free */
  uint32_t id;
  uint32_t source; /* its number */
};

struct source {
  edgestatic_live *live;
  edgestatic_pack *pack; /* with a reference of ours; NULL: free */
};

struct cache_shard {
  _Alignas(CACHE_LINE) pthread_mutex_t lock;
  uint32_t current; /* the source of this request */
  uint32_t next;    /* the source that goes when there is no room */
  struct source source[SOURCES_MAX];
  size_t sets; /* a power of two */
  struct entry (*set)[WAYS];
};

struct cache {
  size_t shards; /* a power of two */
  struct cache_shard shard[];
};

struct cache *cache_new(void) {
  size_t shards = thread_slots();
  size_t kept = KEPT_MAX / shards < SHARD_MIN ? SHARD_MIN : KEPT_MAX / shards;
  struct cache *cache;

  cache = aligned_alloc(CACHE_LINE,
                        sizeof *cache + shards * sizeof(struct cache_shard));
  if (cache == NULL)
    return NULL;
  cache->shards = 0;
  while (cache->shards < shards) {
    struct cache_shard *shard = &cache->shard[cache->shards];
    memset(shard->source, 0, sizeof shard->source);
    shard->current = 0;
    shard->next = 0;
    shard->sets = kept / WAYS;
    shard->set = calloc(shard->sets, sizeof *shard->set);
    if (shard->set == NULL || pthread_mutex_init(&shard->lock, NULL) != 0) {
      free(shard->set);
      cache_free(cache);
      return NULL;
    }
    cache->shards++;
  }
  return cache;
}

/* Those that stay keep their order. */
static void give_up_entries(struct entry *set, uint32_t source) {
  size_t left = 0;

  for (size_t way = 0; way < WAYS && set[way].response != NULL; way++)
    if (set[way].source == source)
      MHD_destroy_response(set[way].response);
    else
      set[left++] = set[way];
  memset(&set[left], 0, (WAYS - left) * sizeof *set);
}

/* With the shard's lock held. */
static void give_up(struct cache_shard *shard, uint32_t source) {
  if (shard->source[source].pack == NULL)
    return;
  for (size_t i = 0; i < shard->sets; i++)
    give_up_entries(shard->set[i], source);
  edgestatic_pack_unref(shard->source[source].pack);
  shard->source[source] = (struct source){NULL, NULL};
}

void cache_free(struct cache *cache) {
  if (cache == NULL)
    return;
  for (size_t i = 0; i < cache->shards; i++) {
    for (uint32_t source = 0; source < SOURCES_MAX; source++)
      give_up(&cache->shard[i], source);
    free(cache->shard[i].set);
    pthread_mutex_destroy(&cache->shard[i].lock);
  }
  free(cache);
}

/* Does the live hold this pack? */
static bool is_served(const struct source *source) {
  edgestatic_pack *served = edgestatic_live_acquire(source->live);

  edgestatic_pack_unref(served);
  return served == source->pack;
}

/* A thread that has nothing to do would else keep an old pack in memory. */
static void give_up_old(struct cache *cache) {
  for (size_t i = 0; i < cache->shards; i++) {
    struct cache_shard *shard = &cache->shard[i];
    pthread_mutex_lock(&shard->lock);
    for (uint32_t k = 0; k < SOURCES_MAX; k++)
      if (shard->source[k].pack != NULL && !is_served(&shard->source[k]))
        give_up(shard, k);
    pthread_mutex_unlock(&shard->lock);
  }
}

/* Makes a known source the current one. */
static bool find_source(struct cache_shard *shard, struct source source) {
  for (uint32_t i = 0; i < SOURCES_MAX; i++)
    if (shard->source[i].pack == source.pack &&
        shard->source[i].live == source.live) {
      shard->current = i;
      return true;
    }
  return false;
}

static void add_source(struct cache_shard *shard, struct source source) {
  uint32_t i = 0;

  while (i < SOURCES_MAX && shard->source[i].pack != NULL)
    i++;
  if (i == SOURCES_MAX) {
    i = shard->next;
    shard->next = (i + 1) % SOURCES_MAX;
    give_up(shard, i);
  }
  edgestatic_pack_ref(source.pack);
  shard->source[i] = source;
  shard->current = i;
}

/* What is asked of the live under the shard's lock still holds for whoever
 * swaps later and then comes by in give_up_old: no old pack stays behind. */
struct cache_shard *cache_lock(struct cache *cache, edgestatic_live *live,
                               edgestatic_pack *pack) {
  struct cache_shard *shard = &cache->shard[thread_slot(cache->shards)];
  struct source source = {live, pack};

  pthread_mutex_lock(&shard->lock);
  if (find_source(shard, source))
    return shard;
  pthread_mutex_unlock(&shard->lock); /* never two shards at a time */
  give_up_old(cache);
  pthread_mutex_lock(&shard->lock);
  if (find_source(shard, source)) /* where threads share a shard */
    return shard;
  if (is_served(&source)) {
    add_source(shard, source);
    return shard;
  }
  pthread_mutex_unlock(&shard->lock);
  return NULL;
}

void cache_unlock(struct cache_shard *shard) {
  pthread_mutex_unlock(&shard->lock);
}

static struct entry *set_of(struct cache_shard *shard, uint32_t id) {
  /* Fibonacci hashing; sites differ in a few bits. */
  uint32_t hash = (id ^ shard->current << 16) * 0x9e3779b1u;

  return shard->set[(hash >> 16) & (shard->sets - 1)];
}

/* Puts an entry first; those before `way` move back by one. */
static void put_first(struct entry *set, size_t way, struct entry entry) {
  memmove(&set[1], &set[0], way * sizeof set[0]);
  set[0] = entry;
}

struct MHD_Response *cache_find(struct cache_shard *shard, uint32_t id) {
  struct entry *set = set_of(shard, id);

  for (size_t way = 0; way < WAYS && set[way].response != NULL; way++)
    if (set[way].id == id && set[way].source == shard->current) {
      if (way > 0)
        put_first(set, way, set[way]);
      return set[0].response;
    }
  return NULL;
}

void cache_keep(struct cache_shard *shard, uint32_t id,
                struct MHD_Response *response) {
  struct entry *set = set_of(shard, id);

  if (set[WAYS - 1].response != NULL)
    MHD_destroy_response(set[WAYS - 1].response);
  put_first(set, WAYS - 1, (struct entry){response, id, shard->current});
}
