/* pieces.h - the content of a file to be, as a list of blocks: most of them
 * lie in the pack or in a guest and are never copied.
 *
 * A list that found no memory is `failed` from then on, and whoever writes or
 * adds it to another finds that out; adding needs no look at a result.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_PIECES_H
#define PUBLISH_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct piece {
  const void *base;
  size_t len;
};

struct pieces { /* zeroed: an empty list */
  struct piece *piece;
  size_t count, room;
  uint64_t size; /* bytes of all */
  void **owned;  /* blocks that pieces_free frees */
  size_t owned_count;
  bool failed; /* no memory */
};

/* The block is borrowed for as long as the list is used. */
void pieces_add(struct pieces *pieces, const void *base, size_t len);
/* The list frees the block (of malloc), at once when it cannot take it. */
void pieces_own(struct pieces *pieces, void *base, size_t len);
/* Borrows all blocks of another list. */
void pieces_append(struct pieces *pieces, const struct pieces *other);
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void pieces_print(struct pieces *pieces, const char *format, ...);
void pieces_free(struct pieces *pieces);

/* XXH3-128 of all bytes, canonical. */
#define PIECES_HASH_SIZE 16
void pieces_hash(const struct pieces *pieces,
                 unsigned char hash[PIECES_HASH_SIZE]);

/* The same of what a descriptor has from here on.  Returns 0, or -1 with
 * errno. */
int pieces_hash_fd(int fd, unsigned char hash[PIECES_HASH_SIZE]);

/* Is asked before each block is written how many bytes, and stops the write
 * when it does not return 0.  `ask` NULL: nobody is asked. */
struct pieces_watch {
  int (*ask)(void *ctx, size_t len);
  void *ctx;
};

/* Writes all to a descriptor.  Returns 0, or -1 with errno; ECANCELED when it
 * was stopped. */
int pieces_write(const struct pieces *pieces, int fd,
                 struct pieces_watch watch);

/* Copies all to a block of pieces->size bytes. */
void pieces_copy(const struct pieces *pieces, void *to);

#endif
