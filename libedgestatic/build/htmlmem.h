/* htmlmem.h - memory for one page while libgumbo parses it, with limits.
 *
 * libgumbo has no limits of its own, walks its stack of open elements at each
 * tag and holds each attribute against those before it; and it takes for
 * granted that there is memory.  All that it does goes through its allocator,
 * so that counts, and leaves the parser by longjmp where it is too much.  What
 * was taken goes at once, by htmlmem_free.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_HTMLMEM_H
#define EDGESTATIC_HTMLMEM_H

#include "build/mem.h"

#include <setjmp.h>

/* Nesting at which Blink stops too; it bounds the walks along the stack. */
#define HTMLMEM_DEPTH_MAX 512

/* Attributes from one element to the next: they are compared pairwise. */
#define HTMLMEM_ATTRIBUTES_MAX 2000

/* Memory for a page of that size: lists of short items take fifty times their
 * text.  Formatting elements that are left open are made again in each
 * paragraph, so a hostile tree can be far larger. */
#define HTMLMEM_MAX ((size_t)128 << 20)
static inline size_t htmlmem_budget(size_t len) {
  const size_t least = (size_t)4 << 20;
  return len < (HTMLMEM_MAX - least) / 64 ? least + 64 * len : HTMLMEM_MAX;
}

enum htmlmem_stop { HTMLMEM_NO_MEMORY = 1, HTMLMEM_OVER_LIMIT };

struct htmlmem {
  const edgestatic_allocator *allocator;
  size_t budget; /* what is left of it */
  jmp_buf leave; /* with an htmlmem_stop */
  struct htmlmem_chunk *chunk;
  struct htmlmem_nodes *nodes; /* the newest first, each twice as large */
  struct htmlmem_node *last;   /* the newest node */
  unsigned attributes;         /* since then */
};

/* For GumboOptions; userdata is a struct htmlmem. */
void *htmlmem_take(void *userdata, size_t size);
void htmlmem_ignore(void *userdata, void *p);

void htmlmem_free(struct htmlmem *);

#endif
