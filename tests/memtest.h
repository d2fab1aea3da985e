/* memtest.h - an allocator that counts, checks sizes, and fails on demand.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TEST_MEMTEST_H
#define EDGESTATIC_TEST_MEMTEST_H

#include "edgestatic.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>

struct memtest {
  size_t calls;   /* that wanted memory */
  size_t fail_at; /* the call that fails, from 1; 0: none */
  size_t bytes;   /* held now, by the sizes that callers state */
  size_t blocks;
  pthread_mutex_t mutex;
};

#define MEMTEST_INIT                                                           \
  { 0, 0, 0, 0, PTHREAD_MUTEX_INITIALIZER }

static inline void *memtest_resize(void *ctx, void *p, size_t old_size,
                                   size_t new_size) {
  struct memtest *m = ctx;
  void *q = NULL;
  pthread_mutex_lock(&m->mutex);
  if ((p == NULL) != (old_size == 0) || old_size > m->bytes)
    abort(); /* a block is given back with another size than it had */
  if (new_size == 0) {
    free(p);
    if (p != NULL)
      m->blocks--;
    m->bytes -= old_size;
  } else if (++m->calls != m->fail_at) {
    q = realloc(p, new_size);
    if (q == NULL)
      abort();
    if (p == NULL)
      m->blocks++;
    m->bytes = m->bytes - old_size + new_size;
  }
  pthread_mutex_unlock(&m->mutex);
  return q;
}

/* Runs what a body does with each of its allocations failing in turn: body
 * returns an error code, and frees what it made when that is EDGESTATIC_OK.
 * Stops at the first run without a failure. */
static inline void memtest_fail_each(int (*body)(const edgestatic_allocator *,
                                                 void *),
                                     void *arg) {
  for (size_t i = 1;; i++) {
    struct memtest m = MEMTEST_INIT;
    m.fail_at = i;
    const edgestatic_allocator allocator = {memtest_resize, &m};
    int error = body(&allocator, arg);
    ck_assert_msg(m.blocks == 0 && m.bytes == 0,
                  "allocation %zu fails: %zu blocks of %zu bytes leak", i,
                  m.blocks, m.bytes);
    if (m.calls < i) {
      ck_assert_int_eq(error, EDGESTATIC_OK);
      ck_assert_uint_gt(i, 1);
      return;
    }
    ck_assert_msg(error == EDGESTATIC_ERR_MEMORY,
                  "allocation %zu fails: error %d", i, error);
  }
}

#endif
