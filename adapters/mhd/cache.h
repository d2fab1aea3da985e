/* cache.h - prepared responses, kept for the next request.
 *
 * One shard for each thread that serves, so that a hit touches nothing that
 * another thread writes: neither the shard's lock nor the count of references
 * in the response, which libmicrohttpd guards with a lock of its own.
 *
 *   shard --source--> the packs whose responses these are, and their lives
 *         --set-----> WAYS entries, the one used last first
 *
 * There is one source, unless a daemon has several sites to choose from.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_MHD_CACHE_H
#define EDGESTATIC_MHD_CACHE_H

#include "edgestatic.h"

struct MHD_Response;
struct cache;
struct cache_shard;

/* A cache for as many threads as there are cores; NULL without memory. */
struct cache *cache_new(void);
void cache_free(struct cache *cache);

/* The shard of this thread, locked, for the responses of the pack that was
 * acquired from live.  With the first request for a pack, those of packs that
 * their lives no longer hold are given up, in all shards.  NULL: live holds
 * another pack by now, and nothing is to be kept of this one. */
struct cache_shard *cache_lock(struct cache *cache, edgestatic_live *live,
                               edgestatic_pack *pack);
void cache_unlock(struct cache_shard *shard);

/* The response kept under an id, borrowed until the shard is unlocked, or
 * NULL. */
struct MHD_Response *cache_find(struct cache_shard *shard, uint32_t id);

/* Keeps a response in place of the one of its set that was used longest ago.
 * The cache then owns the caller's reference. */
void cache_keep(struct cache_shard *shard, uint32_t id,
                struct MHD_Response *response);

#endif
