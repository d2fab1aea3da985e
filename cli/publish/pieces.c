/* pieces.c - see pieces.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "pieces.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The hash is header-only here: the command needs no libxxhash at run time. */
#define XXH_INLINE_ALL
#include <xxhash.h>

/* One write: so large that the number of calls does not matter, so small that
 * an interrupt is noticed at once. */
#define WRITE_MAX (8u << 20)
#define READ_SIZE (128u << 10)

void pieces_add(struct pieces *pieces, const void *base, size_t len) {
  if (pieces->failed || len == 0)
    return;
  if (pieces->count == pieces->room) {
    size_t room = pieces->room ? pieces->room * 2 : 8;
    struct piece *piece = realloc(pieces->piece, room * sizeof *piece);
    if (!piece) {
      pieces->failed = true;
      return;
    }
    pieces->piece = piece;
    pieces->room = room;
  }
  pieces->piece[pieces->count++] = (struct piece){base, len};
  pieces->size += len;
}

void pieces_own(struct pieces *pieces, void *base, size_t len) {
  size_t count = pieces->owned_count;
  void **owned = realloc(pieces->owned, (count + 1) * sizeof *owned);
  if (owned) {
    pieces->owned = owned;
    owned[pieces->owned_count++] = base;
    pieces_add(pieces, base, len);
  } else {
    free(base);
    pieces->failed = true;
  }
}

void pieces_append(struct pieces *pieces, const struct pieces *other) {
  for (size_t i = 0; i < other->count; i++)
    pieces_add(pieces, other->piece[i].base, other->piece[i].len);
  pieces->failed |= other->failed;
}

void pieces_print(struct pieces *pieces, const char *format, ...) {
  char *text = NULL;
  va_list list;
  va_start(list, format);
  int len = vasprintf(&text, format, list);
  va_end(list);
  if (len >= 0)
    pieces_own(pieces, text, (size_t)len);
  else
    pieces->failed = true;
}

void pieces_free(struct pieces *pieces) {
  for (size_t i = 0; i < pieces->owned_count; i++)
    free(pieces->owned[i]);
  free(pieces->owned);
  free(pieces->piece);
  memset(pieces, 0, sizeof *pieces);
}

static void digest(const XXH3_state_t *state,
                   unsigned char hash[PIECES_HASH_SIZE]) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state));
  memcpy(hash, canonical.digest, PIECES_HASH_SIZE);
}

void pieces_hash(const struct pieces *pieces,
                 unsigned char hash[PIECES_HASH_SIZE]) {
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  for (size_t i = 0; i < pieces->count; i++)
    XXH3_128bits_update(&state, pieces->piece[i].base, pieces->piece[i].len);
  digest(&state, hash);
}

int pieces_hash_fd(int fd, unsigned char hash[PIECES_HASH_SIZE]) {
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  for (;;) {
    char bytes[READ_SIZE];
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n < 0 && errno != EINTR)
      return -1;
    if (n == 0)
      break;
    if (n > 0)
      XXH3_128bits_update(&state, bytes, (size_t)n);
  }
  digest(&state, hash);
  return 0;
}

static int write_block(const struct piece *piece, int fd,
                       struct pieces_watch watch) {
  const char *p = piece->base;
  size_t left = piece->len;
  while (left > 0) {
    size_t len = left < WRITE_MAX ? left : WRITE_MAX;
    if (watch.ask && watch.ask(watch.ctx, len) != 0) {
      errno = ECANCELED;
      return -1;
    }
    for (ssize_t n; len > 0; left -= (size_t)n, len -= (size_t)n, p += n) {
      n = write(fd, p, len);
      if (n < 0 && errno != EINTR)
        return -1;
      if (n < 0)
        n = 0;
    }
  }
  return 0;
}

int pieces_write(const struct pieces *pieces, int fd,
                 struct pieces_watch watch) {
  if (pieces->failed) {
    errno = ENOMEM;
    return -1;
  }
  for (size_t i = 0; i < pieces->count; i++)
    if (write_block(&pieces->piece[i], fd, watch) != 0)
      return -1;
  return 0;
}

void pieces_copy(const struct pieces *pieces, void *to) {
  char *p = to;
  for (size_t i = 0; i < pieces->count; i++) {
    memcpy(p, pieces->piece[i].base, pieces->piece[i].len);
    p += pieces->piece[i].len;
  }
}
