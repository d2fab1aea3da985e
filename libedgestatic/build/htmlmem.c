/* htmlmem.c - see htmlmem.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/htmlmem.h"

#ifdef HAVE_HTML

#include <gumbo.h>
#include <stddef.h>

#define CHUNK_SIZE ((size_t)64 << 10)
#define FIRST_NODES 256

struct htmlmem_chunk {
  struct htmlmem_chunk *next;
  size_t size, used; /* of all, this header among it */
};

/* Nodes lie apart, so that a pointer to one can be told from anything else: a
 * block of their size is not always a node. */
struct htmlmem_node {
  GumboNode node;
  unsigned depth;
};

struct htmlmem_nodes {
  struct htmlmem_nodes *next;
  size_t count, used;
  struct htmlmem_node node[];
};

static void *block(struct htmlmem *m, size_t size) {
  if (size > m->budget)
    longjmp(m->leave, HTMLMEM_OVER_LIMIT);
  m->budget -= size;
  void *p = mem_resize(m->allocator, NULL, 0, size);
  if (!p)
    longjmp(m->leave, HTMLMEM_NO_MEMORY);
  return p;
}

static void *plain(struct htmlmem *m, size_t size) {
  const size_t align = _Alignof(max_align_t);
  size_t header = (sizeof(struct htmlmem_chunk) + align - 1) & ~(align - 1);
  if (size > m->budget)
    longjmp(m->leave, HTMLMEM_OVER_LIMIT);
  size = (size + align - 1) & ~(align - 1);
  struct htmlmem_chunk *c = m->chunk;
  if (!c || size > c->size - c->used) {
    size_t whole = header + size > CHUNK_SIZE ? header + size : CHUNK_SIZE;
    c = block(m, whole);
    *c = (struct htmlmem_chunk){m->chunk, whole, header};
    m->chunk = c;
  }
  void *p = (char *)c + c->used;
  c->used += size;
  return p;
}

/* The node that a pointer is of, or NULL. */
static const struct htmlmem_node *known(const struct htmlmem *m,
                                        const void *p) {
  uintptr_t at = (uintptr_t)p;
  for (const struct htmlmem_nodes *n = m->nodes; n; n = n->next) {
    uintptr_t from = (uintptr_t)n->node;
    if (at >= from && at - from < n->used * sizeof *n->node &&
        (at - from) % sizeof *n->node == 0)
      return &n->node[(at - from) / sizeof *n->node];
  }
  return NULL;
}

static void *node(struct htmlmem *m) {
  /* The last one has its parent by now. */
  if (m->last) {
    const struct htmlmem_node *parent = known(m, m->last->node.parent);
    m->last->depth = parent ? parent->depth + 1 : 0;
    if (m->last->depth > HTMLMEM_DEPTH_MAX)
      longjmp(m->leave, HTMLMEM_OVER_LIMIT);
  }
  struct htmlmem_nodes *n = m->nodes;
  if (!n || n->used == n->count) {
    size_t count = n ? 2 * n->count : FIRST_NODES;
    n = block(m, sizeof *n + count * sizeof *n->node);
    n->next = m->nodes;
    n->count = count;
    n->used = 0;
    m->nodes = n;
  }
  m->last = &n->node[n->used++];
  memset(m->last, 0, sizeof *m->last);
  m->attributes = 0;
  return &m->last->node;
}

void *htmlmem_take(void *userdata, size_t size) {
  struct htmlmem *m = userdata;
  if (size == sizeof(GumboNode))
    return node(m);
  if (size == sizeof(GumboAttribute) &&
      ++m->attributes > HTMLMEM_ATTRIBUTES_MAX)
    longjmp(m->leave, HTMLMEM_OVER_LIMIT);
  return plain(m, size);
}

void htmlmem_ignore(void *userdata, void *p) {
  (void)userdata;
  (void)p;
}

void htmlmem_free(struct htmlmem *m) {
  while (m->chunk) {
    struct htmlmem_chunk *c = m->chunk;
    m->chunk = c->next;
    mem_free(m->allocator, c, c->size);
  }
  while (m->nodes) {
    struct htmlmem_nodes *n = m->nodes;
    m->nodes = n->next;
    mem_free(m->allocator, n, sizeof *n + n->count * sizeof *n->node);
  }
}

#endif
