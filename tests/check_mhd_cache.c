/* check_mhd_cache.c - prepared responses that are kept.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "util.h"

#include "../adapters/mhd/cache.h"

#include <microhttpd.h>
#include <pthread.h>
#include <string.h>

static unsigned destroyed;

static void count_destroyed(void *unused) {
  (void)unused;
  destroyed++;
}

static struct MHD_Response *make(void) {
  static char text[] = "x";
  struct MHD_Response *response =
      MHD_create_response_from_buffer_with_free_callback_cls(
          1, text, count_destroyed, text);

  ck_assert_ptr_nonnull(response);
  return response;
}

static edgestatic_pack *another_pack(void) {
  edgestatic_builder *builder;
  edgestatic_pack *pack;

  ck_assert_int_eq(edgestatic_builder_new(&builder, NULL), EDGESTATIC_OK);
  ck_assert_int_eq(edgestatic_builder_finish(builder, &pack), EDGESTATIC_OK);
  edgestatic_builder_free(builder);
  return pack;
}

/* The live that a test serves from. */
static edgestatic_live *live;

static void serve(edgestatic_pack *pack) {
  edgestatic_live_swap(live, pack);
}

static struct MHD_Response *find(struct cache *cache, edgestatic_pack *pack,
                                 uint32_t id) {
  struct cache_shard *shard = cache_lock(cache, live, pack);
  struct MHD_Response *response = cache_find(shard, id);

  cache_unlock(shard);
  return response;
}

static struct MHD_Response *keep(struct cache *cache, edgestatic_pack *pack,
                                 uint32_t id) {
  struct cache_shard *shard = cache_lock(cache, live, pack);
  struct MHD_Response *response = make();

  cache_keep(shard, id, response);
  cache_unlock(shard);
  return response;
}

/* A pack that is served. */
static edgestatic_pack *make_pack(void) {
  edgestatic_pack *pack = another_pack();

  serve(pack);
  return pack;
}

static void set_up(void) {
  destroyed = 0;
  ck_assert_int_eq(edgestatic_live_new(&live, NULL), EDGESTATIC_OK);
}

static void tear_down(void) {
  edgestatic_live_free(live);
}

START_TEST(a_response_is_found_by_its_id_until_the_cache_is_freed) {
  struct cache *cache = cache_new();
  edgestatic_pack *pack = make_pack();
  ck_assert_ptr_null(find(cache, pack, 7));
  struct MHD_Response *seven = keep(cache, pack, 7);
  struct MHD_Response *eight = keep(cache, pack, 8);
  ck_assert_ptr_eq(find(cache, pack, 7), seven);
  ck_assert_ptr_eq(find(cache, pack, 8), eight);
  ck_assert_ptr_null(find(cache, pack, 9));
  cache_free(cache);
  ck_assert_uint_eq(destroyed, 2);
  edgestatic_pack_unref(pack);
}
END_TEST

START_TEST(another_pack_has_none_of_the_responses_of_the_last) {
  struct cache *cache = cache_new();
  edgestatic_pack *first = make_pack(), *second = another_pack();
  keep(cache, first, 7);
  serve(second);
  ck_assert_ptr_null(find(cache, second, 7));
  ck_assert_uint_eq(destroyed, 1);
  cache_free(cache);
  edgestatic_pack_unref(first);
  edgestatic_pack_unref(second);
}
END_TEST

START_TEST(nothing_is_kept_of_a_pack_that_is_served_no_more) {
  struct cache *cache = cache_new();
  edgestatic_pack *first = make_pack(), *second = make_pack();
  ck_assert_ptr_null(cache_lock(cache, live, first));
  struct MHD_Response *seven = keep(cache, second, 7);
  ck_assert_ptr_null(cache_lock(cache, live, first));
  ck_assert_ptr_eq(find(cache, second, 7), seven);
  cache_free(cache);
  edgestatic_pack_unref(first);
  edgestatic_pack_unref(second);
}
END_TEST

/* More sites than are kept, the first of them one that is always in use. */
enum { SITES = 40 };

START_TEST(sites_in_turn_keep_responses_of_the_same_id_apart) {
  struct cache *cache = cache_new();
  edgestatic_live *first = live, *site[SITES];
  edgestatic_pack *pack[SITES];
  struct MHD_Response *kept[SITES];
  for (int i = 0; i < SITES; i++) {
    pack[i] = another_pack();
    ck_assert_int_eq(edgestatic_live_new(&site[i], pack[i]), EDGESTATIC_OK);
    live = site[i];
    kept[i] = keep(cache, pack[i], 7);
    keep(cache, pack[i], 8);
    if (i > 0) {
      live = site[i - 1];
      ck_assert_ptr_eq(find(cache, pack[i - 1], 7), kept[i - 1]);
    }
  }
  ck_assert_uint_ge(destroyed, 2);
  /* A site that gets a new pack loses its own, and no other does. */
  live = site[SITES - 2];
  serve(pack[0]);
  destroyed = 0;
  ck_assert_ptr_null(find(cache, pack[0], 7));
  ck_assert_uint_eq(destroyed, 2);
  live = site[SITES - 1];
  ck_assert_ptr_eq(find(cache, pack[SITES - 1], 7), kept[SITES - 1]);
  cache_free(cache);
  for (int i = 0; i < SITES; i++) {
    edgestatic_live_free(site[i]);
    edgestatic_pack_unref(pack[i]);
  }
  live = first;
}
END_TEST

START_TEST(however_many_ids_come_the_number_kept_is_bounded) {
  struct cache *cache = cache_new();
  edgestatic_pack *pack = make_pack();
  unsigned kept = 0;
  for (uint32_t id = 1; id <= 100000; id++)
    keep(cache, pack, id);
  for (uint32_t id = 1; id <= 100000; id++)
    kept += find(cache, pack, id) != NULL;
  ck_assert_uint_eq(destroyed + kept, 100000);
  ck_assert_uint_gt(kept, 100);
  ck_assert_uint_le(kept, 8192);
  cache_free(cache);
  ck_assert_uint_eq(destroyed, 100000);
  edgestatic_pack_unref(pack);
}
END_TEST

START_TEST(what_is_used_is_kept_and_what_is_not_makes_room) {
  struct cache *cache = cache_new();
  edgestatic_pack *pack = make_pack();
  keep(cache, pack, 1);
  for (uint32_t id = 2; id <= 50000; id++) {
    ck_assert_ptr_nonnull(find(cache, pack, 1));
    keep(cache, pack, id);
  }
  cache_free(cache);
  edgestatic_pack_unref(pack);
}
END_TEST

struct user {
  struct cache *cache;
  edgestatic_pack **pack;
};

/* Each thread serves what is live, and puts the other pack there. */
static void *use(void *arg) {
  struct user *user = arg;

  for (uint32_t i = 0; i < 20000; i++) {
    if (i % 100 == 0)
      serve(user->pack[i / 100 % 2]);
    edgestatic_pack *pack = edgestatic_live_acquire(live);
    struct cache_shard *shard = cache_lock(user->cache, live, pack);
    uint32_t id = i % 50 + 1;
    edgestatic_pack_unref(pack);
    if (shard == NULL)
      continue;
    if (cache_find(shard, id) == NULL) {
      static char text[] = "x";
      cache_keep(
          shard, id,
          MHD_create_response_from_buffer(1, text, MHD_RESPMEM_PERSISTENT));
    }
    cache_unlock(shard);
  }
  return NULL;
}

START_TEST(threads_may_use_it_and_change_the_pack_at_once) {
  edgestatic_pack *pack[2] = {make_pack(), make_pack()};
  struct user user = {cache_new(), pack};
  pthread_t thread[4];
  for (int i = 0; i < 4; i++)
    ck_assert_int_eq(pthread_create(&thread[i], NULL, use, &user), 0);
  for (int i = 0; i < 4; i++)
    pthread_join(thread[i], NULL);
  cache_free(user.cache);
  edgestatic_pack_unref(pack[0]);
  edgestatic_pack_unref(pack[1]);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("mhd_cache");

  tcase_add_checked_fixture(tc, set_up, tear_down);
  tcase_add_test(tc, a_response_is_found_by_its_id_until_the_cache_is_freed);
  tcase_add_test(tc, another_pack_has_none_of_the_responses_of_the_last);
  tcase_add_test(tc, nothing_is_kept_of_a_pack_that_is_served_no_more);
  tcase_add_test(tc, sites_in_turn_keep_responses_of_the_same_id_apart);
  tcase_add_test(tc, however_many_ids_come_the_number_kept_is_bounded);
  tcase_add_test(tc, what_is_used_is_kept_and_what_is_not_makes_room);
  tcase_add_test(tc, threads_may_use_it_and_change_the_pack_at_once);
  return util_run("mhd_cache", tc);
}
