/* pool.c - see pool.h.  Threads take the next index from a counter; nothing
 * else is shared.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define TICK_NANOSECONDS 100000000 /* smooth to the eye, cheap to the build */

struct pool {
  const struct pool_work *work;
  size_t count;
  atomic_size_t next;
  atomic_bool stopped;
  pthread_mutex_t lock; /* of running */
  pthread_cond_t ended;
  unsigned running;
};

struct seat {
  struct pool *pool;
  unsigned worker;
};

unsigned pool_threads(unsigned wanted) {
  if (wanted == 0) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    wanted = cores < 1                  ? 1
             : cores > POOL_THREADS_MAX ? POOL_THREADS_MAX
                                        : (unsigned)cores;
  }
  return wanted < POOL_THREADS_MAX ? wanted : POOL_THREADS_MAX;
}

/* Does one job; false when there is none left to do. */
static bool step(struct pool *p, unsigned worker) {
  if (atomic_load(&p->stopped))
    return false;
  size_t index = atomic_fetch_add(&p->next, 1);
  if (index >= p->count)
    return false;
  if (p->work->job(p->work->ctx, worker, index) != 0)
    atomic_store(&p->stopped, true);
  return true;
}

static void tick(struct pool *p) {
  if (p->work->tick && p->work->tick(p->work->ctx) != 0)
    atomic_store(&p->stopped, true);
}

static void *run_worker(void *arg) {
  struct seat *s = arg;
  while (step(s->pool, s->worker)) {
  }
  pthread_mutex_lock(&s->pool->lock);
  if (--s->pool->running == 0)
    pthread_cond_signal(&s->pool->ended);
  pthread_mutex_unlock(&s->pool->lock);
  return NULL;
}

/* Starts up to `threads` of them; signals stay with the threads of the app. */
static unsigned start(struct pool *p, struct seat *seats, pthread_t *ids,
                      unsigned threads) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  unsigned n = 0;
  pthread_mutex_lock(&p->lock);
  while (n < threads) {
    seats[n] = (struct seat){p, n};
    if (pthread_create(&ids[n], NULL, run_worker, &seats[n]) != 0)
      break;
    n++;
  }
  p->running = n;
  pthread_mutex_unlock(&p->lock);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return n;
}

static void wait_ended(struct pool *p) {
  pthread_mutex_lock(&p->lock);
  while (p->running > 0) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += TICK_NANOSECONDS;
    if (until.tv_nsec >= 1000000000) {
      until.tv_nsec -= 1000000000;
      until.tv_sec++;
    }
    pthread_cond_timedwait(&p->ended, &p->lock, &until);
    pthread_mutex_unlock(&p->lock);
    tick(p);
    pthread_mutex_lock(&p->lock);
  }
  pthread_mutex_unlock(&p->lock);
}

bool pool_run(unsigned threads, size_t count, const struct pool_work *work) {
  struct pool p = {.work = work, .count = count};
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&p.ended, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pthread_mutex_init(&p.lock, NULL);

  pthread_t ids[POOL_THREADS_MAX];
  struct seat seats[POOL_THREADS_MAX];
  if (threads > count)
    threads = (unsigned)count;
  unsigned started = start(&p, seats, ids, threads);
  if (started == 0) {
    while (step(&p, 0))
      tick(&p);
  }
  wait_ended(&p);
  for (unsigned i = 0; i < started; i++)
    pthread_join(ids[i], NULL);
  tick(&p);

  pthread_mutex_destroy(&p.lock);
  pthread_cond_destroy(&p.ended);
  return !atomic_load(&p.stopped);
}
