/* check_pool.c - jobs on several threads.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/pool.h"

#include "util.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define JOBS 1000

struct counts {
  atomic_uint done[JOBS];
  atomic_uint jobs, ticks, most_worker;
  size_t stop_at;     /* index of the job that stops; JOBS: none */
  unsigned stop_tick; /* tick that stops; 0: none */
  long nap;           /* nanoseconds that a job takes */
  pthread_t caller;
};

static int job(void *ctx, unsigned worker, size_t index) {
  struct counts *c = ctx;
  atomic_fetch_add(&c->done[index], 1);
  atomic_fetch_add(&c->jobs, 1);
  unsigned most = atomic_load(&c->most_worker);
  while (worker > most &&
         !atomic_compare_exchange_weak(&c->most_worker, &most, worker)) {
  }
  if (c->nap)
    nanosleep(&(struct timespec){0, c->nap}, NULL);
  return index == c->stop_at;
}

static int tick(void *ctx) {
  struct counts *c = ctx;
  ck_assert(pthread_equal(pthread_self(), c->caller));
  return atomic_fetch_add(&c->ticks, 1) + 1 == c->stop_tick;
}

static bool run(struct counts *c, unsigned threads, size_t count) {
  c->caller = pthread_self();
  const struct pool_work work = {job, tick, c};
  return pool_run(threads, count, &work);
}

START_TEST(every_job_is_done_once) {
  static const unsigned threads[] = {1, 2, 3, 8, POOL_THREADS_MAX};
  for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
    struct counts c = {.stop_at = JOBS};
    ck_assert(run(&c, threads[t], JOBS));
    for (size_t i = 0; i < JOBS; i++)
      ck_assert_uint_eq(atomic_load(&c.done[i]), 1);
    ck_assert_uint_lt(atomic_load(&c.most_worker), threads[t]);
    ck_assert_uint_ge(atomic_load(&c.ticks), 1);
  }
}
END_TEST

START_TEST(more_threads_than_jobs_are_not_started) {
  struct counts c = {.stop_at = JOBS};
  ck_assert(run(&c, 8, 1));
  ck_assert_uint_eq(atomic_load(&c.jobs), 1);
  ck_assert_uint_eq(atomic_load(&c.most_worker), 0);
  ck_assert(run(&c, 8, 0));
  ck_assert_uint_eq(atomic_load(&c.jobs), 1);
}
END_TEST

START_TEST(a_job_that_fails_keeps_others_from_beginning) {
  struct counts c = {.stop_at = 10, .nap = 1000000};
  ck_assert(!run(&c, 2, JOBS));
  ck_assert_uint_ge(atomic_load(&c.jobs), 11);
  ck_assert_uint_lt(atomic_load(&c.jobs), JOBS);
}
END_TEST

START_TEST(a_tick_can_stop) {
  struct counts c = {.stop_at = JOBS, .stop_tick = 1, .nap = 2000000};
  ck_assert(!run(&c, 2, JOBS));
  ck_assert_uint_lt(atomic_load(&c.jobs), JOBS);
}
END_TEST

START_TEST(ticks_come_while_a_job_takes_long) {
  struct counts c = {.stop_at = JOBS, .nap = 450000000};
  ck_assert(run(&c, 1, 1));
  ck_assert_uint_ge(atomic_load(&c.ticks), 3);
}
END_TEST

START_TEST(nobody_needs_to_be_told) {
  struct counts c = {.stop_at = JOBS};
  const struct pool_work work = {job, NULL, &c};
  ck_assert(pool_run(2, 10, &work));
}
END_TEST

START_TEST(zero_threads_wanted_is_one_for_each_core) {
  ck_assert_uint_ge(pool_threads(0), 1);
  ck_assert_uint_le(pool_threads(0), POOL_THREADS_MAX);
  ck_assert_uint_eq(pool_threads(3), 3);
  ck_assert_uint_eq(pool_threads(1000000), POOL_THREADS_MAX);
}
END_TEST

int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attr,
                          void *(*f)(void *), void *arg);
int __real_pthread_create(pthread_t *id, const pthread_attr_t *attr,
                          void *(*f)(void *), void *arg);
static unsigned threads_left = 1000;

int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attr,
                          void *(*f)(void *), void *arg) {
  if (threads_left == 0)
    return EAGAIN;
  threads_left--;
  return __real_pthread_create(id, attr, f, arg);
}

START_TEST(without_threads_the_caller_does_the_jobs) {
  for (threads_left = 0; threads_left < 3; threads_left++) {
    unsigned had = threads_left;
    struct counts c = {.stop_at = JOBS};
    ck_assert(run(&c, 8, JOBS));
    ck_assert_uint_eq(atomic_load(&c.jobs), JOBS);
    threads_left = had;
  }
  struct counts c = {.stop_at = 5};
  threads_left = 0;
  ck_assert(!run(&c, 8, JOBS));
  ck_assert_uint_eq(atomic_load(&c.jobs), 6);
  threads_left = 1000;
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("pool");
  tcase_add_test(tc, every_job_is_done_once);
  tcase_add_test(tc, more_threads_than_jobs_are_not_started);
  tcase_add_test(tc, a_job_that_fails_keeps_others_from_beginning);
  tcase_add_test(tc, a_tick_can_stop);
  tcase_add_test(tc, ticks_come_while_a_job_takes_long);
  tcase_add_test(tc, nobody_needs_to_be_told);
  tcase_add_test(tc, zero_threads_wanted_is_one_for_each_core);
  tcase_add_test(tc, without_threads_the_caller_does_the_jobs);
  return util_run("pool", tc);
}
