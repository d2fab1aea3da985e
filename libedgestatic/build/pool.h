/* pool.h - runs one job for each of many indices on several threads.
 *
 * pool_run returns when every job that began has ended.  Indices begin in
 * order.  A job that returns non-zero keeps further ones from beginning, and
 * so does a tick; pool_run then returns false.  A machine that gives no
 * threads is no error: the calling thread does the jobs itself.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_POOL_H
#define EDGESTATIC_POOL_H

#include <stdbool.h>
#include <stddef.h>

/* More threads than this bring nothing: a build ends up waiting for memory
 * and the disk, and each thread holds a compressor of some 100 MB. */
#define POOL_THREADS_MAX 64

struct pool_work {
  /* worker is below the number of threads: a place for what a thread keeps
   * from job to job. */
  int (*job)(void *ctx, unsigned worker, size_t index);
  /* Called by the thread that called pool_run about ten times a second, or
   * NULL.  Non-zero stops. */
  int (*tick)(void *ctx);
  void *ctx;
};

/* wanted, or one for each core when it is 0; 1 to POOL_THREADS_MAX. */
unsigned pool_threads(unsigned wanted);

bool pool_run(unsigned threads, size_t count, const struct pool_work *work);

#endif
