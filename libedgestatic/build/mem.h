/* mem.h - memory of the builder.
 *
 * Every block of the builder comes from the allocator in its options and is
 * given back with the size it had.  Nothing here aborts: what cannot be had is
 * NULL or false, and the caller returns EDGESTATIC_ERR_MEMORY.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_MEM_H
#define EDGESTATIC_MEM_H

#include "core/str.h"

/* Sums and products of sizes; false where the result does not fit. */
bool mem_add(size_t a, size_t b, size_t *sum);
bool mem_multiply(size_t a, size_t b, size_t *product);

/* As the member resize (allocator.resize == NULL: malloc and free).  A block
 * of 0 bytes is NULL in both directions. */
void *mem_resize(const edgestatic_allocator *allocator, void *p,
                 size_t old_size, size_t new_size);

/* count items of size bytes, not cleared; NULL when there is no memory, when
 * the product does not fit and when it is 0. */
void *mem_new(const edgestatic_allocator *allocator, size_t count, size_t size);

/* Gives back a block of that many bytes; NULL is allowed. */
void mem_free(const edgestatic_allocator *allocator, void *p, size_t size);

/* Makes room for `need` items of `size` bytes in an array that has *room, by
 * doubling.  Returns the array, which may have moved, or NULL: then the old
 * one and *room are as they were. */
void *mem_grow(const edgestatic_allocator *allocator, void *array, size_t *room,
               size_t need, size_t size);

/* A copy of s, followed by a NUL: a block of s.len + 1 bytes. */
char *mem_copy(const edgestatic_allocator *allocator, slice s);

/* Strings that all go at once, in blocks that never move.  Zero it, set the
 * allocator. */
struct mem_arena {
  const edgestatic_allocator *allocator;
  struct mem_block *last;
};

/* len bytes without alignment, or NULL. */
char *mem_arena_take(struct mem_arena *arena, size_t len);

/* A copy of s in the arena, followed by a NUL; absent when out of memory. */
slice mem_arena_copy(struct mem_arena *arena, slice s);

void mem_arena_free(struct mem_arena *arena);

#endif
