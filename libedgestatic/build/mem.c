/* mem.c - memory of the builder.
 * SPDX-License-Identifier: MIT */
#include "build/mem.h"

#include <stdlib.h>

bool mem_add(size_t a, size_t b, size_t *sum) {
  *sum = a + b;
  return *sum >= a;
}

bool mem_multiply(size_t a, size_t b, size_t *product) {
  *product = a * b;
  return b == 0 || a <= SIZE_MAX / b;
}

void *mem_resize(const edgestatic_allocator *allocator, void *p,
                 size_t old_size, size_t new_size) {
  if (p == NULL && new_size == 0)
    return NULL;
  if (allocator->resize != NULL)
    return allocator->resize(allocator->ctx, p, old_size, new_size);
  if (new_size == 0) {
    free(p);
    return NULL;
  }
  return realloc(p, new_size);
}

void *mem_new(const edgestatic_allocator *allocator, size_t count,
              size_t size) {
  size_t bytes;
  if (!mem_multiply(count, size, &bytes))
    return NULL;
  return mem_resize(allocator, NULL, 0, bytes);
}

void mem_free(const edgestatic_allocator *allocator, void *p, size_t size) {
  if (p != NULL)
    mem_resize(allocator, p, size, 0);
}

void *mem_grow(const edgestatic_allocator *allocator, void *array, size_t *room,
               size_t need, size_t size) {
  if (need <= *room)
    return array;
  size_t more = *room < 8 ? 8 : *room;
  while (more < need)
    if (!mem_multiply(more, 2, &more))
      return NULL;
  size_t bytes;
  if (!mem_multiply(more, size, &bytes))
    return NULL;
  void *grown = mem_resize(allocator, array, *room * size, bytes);
  if (grown != NULL)
    *room = more;
  return grown;
}

char *mem_copy(const edgestatic_allocator *allocator, slice s) {
  size_t bytes;
  if (!mem_add(s.len, 1, &bytes))
    return NULL;
  char *copy = mem_new(allocator, bytes, 1);
  if (copy == NULL)
    return NULL;
  if (s.len > 0)
    memcpy(copy, s.base, s.len);
  copy[s.len] = 0;
  return copy;
}

/* A block has room for hundreds of paths; what is longer gets its own. */
#define MEM_BLOCK_ROOM 65500

struct mem_block {
  struct mem_block *before;
  size_t room, used;
  char bytes[];
};

char *mem_arena_take(struct mem_arena *arena, size_t len) {
  struct mem_block *last = arena->last;
  if (last != NULL && len <= last->room - last->used) {
    last->used += len;
    return last->bytes + last->used - len;
  }
  size_t room = len > MEM_BLOCK_ROOM ? len : MEM_BLOCK_ROOM, bytes;
  if (!mem_add(sizeof(struct mem_block), room, &bytes))
    return NULL;
  struct mem_block *block = mem_new(arena->allocator, bytes, 1);
  if (block == NULL)
    return NULL;
  *block = (struct mem_block){.before = last, .room = room, .used = len};
  arena->last = block;
  return block->bytes;
}

slice mem_arena_copy(struct mem_arena *arena, slice s) {
  size_t bytes;
  char *copy = NULL;
  if (mem_add(s.len, 1, &bytes))
    copy = mem_arena_take(arena, bytes);
  if (copy == NULL)
    return (slice){NULL, 0};
  if (s.len > 0)
    memcpy(copy, s.base, s.len);
  copy[s.len] = 0;
  return slice_of(copy, s.len);
}

void mem_arena_free(struct mem_arena *arena) {
  while (arena->last != NULL) {
    struct mem_block *last = arena->last;
    arena->last = last->before;
    mem_free(arena->allocator, last, sizeof *last + last->room);
  }
}
