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

struct entry {
  struct MHD_Response *response; /* NULL: free */
  uint32_t id;
};

struct cache_shard {
  _Alignas(CACHE_LINE) pthread_mutex_t lock;
  edgestatic_pack *pack;
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
    shard->pack = NULL;
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

/* With the shard's lock held. */
static void give_up(struct cache_shard *shard) {
  if (shard->pack == NULL)
    return;
  for (size_t i = 0; i < shard->sets; i++)
    for (size_t way = 0; way < WAYS; way++)
      if (shard->set[i][way].response != NULL)
        MHD_destroy_response(shard->set[i][way].response);
  memset(shard->set, 0, shard->sets * sizeof *shard->set);
  edgestatic_pack_unref(shard->pack);
  shard->pack = NULL;
}

void cache_free(struct cache *cache) {
  if (cache == NULL)
    return;
  for (size_t i = 0; i < cache->shards; i++) {
    give_up(&cache->shard[i]);
    free(cache->shard[i].set);
    pthread_mutex_destroy(&cache->shard[i].lock);
  }
  free(cache);
}

/* A thread that has nothing to do would else keep an old pack in memory. */
static void give_up_others(struct cache *cache, struct cache_shard *mine,
                           edgestatic_pack *pack) {
  for (size_t i = 0; i < cache->shards; i++) {
    struct cache_shard *shard = &cache->shard[i];
    if (shard == mine)
      continue;
    pthread_mutex_lock(&shard->lock);
    if (shard->pack != pack)
      give_up(shard);
    pthread_mutex_unlock(&shard->lock);
  }
}

struct cache_shard *cache_lock(struct cache *cache, edgestatic_pack *pack) {
  struct cache_shard *shard = &cache->shard[thread_slot(cache->shards)];

  pthread_mutex_lock(&shard->lock);
  if (shard->pack == pack)
    return shard;
  pthread_mutex_unlock(&shard->lock); /* never two locks at a time */
  give_up_others(cache, shard, pack);
  pthread_mutex_lock(&shard->lock);
  if (shard->pack != pack) {
    give_up(shard);
    shard->pack = edgestatic_pack_ref(pack);
  }
  return shard;
}

void cache_unlock(struct cache_shard *shard) {
  pthread_mutex_unlock(&shard->lock);
}

static struct entry *set_of(struct cache_shard *shard, uint32_t id) {
  uint32_t hash = id * 0x9e3779b1u; /* Fibonacci hashing */

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
    if (set[way].id == id) {
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
  put_first(set, WAYS - 1, (struct entry){response, id});
}
