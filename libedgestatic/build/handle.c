/* handle.c - handles around packs: mapped, owned or borrowed bytes.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/handle.h"

#include "build/mem.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Handles come from malloc: edgestatic_pack_open has no allocator. */
struct edgestatic_pack {
  edgestatic_store store;
  atomic_size_t references;
  int fd;                         /* -1: none */
  uint64_t shift;                 /* bodies lie so much before their offsets */
  void *map;                      /* to be unmapped, or NULL */
  void *block;                    /* to be given back, or NULL */
  size_t size;                    /* of map or block */
  edgestatic_allocator allocator; /* of block */
};

/* Gives back what a pack holds; errno is kept. */
static void release(edgestatic_pack *pack) {
  int saved = errno;
  if (pack->map != NULL)
    munmap(pack->map, pack->size);
  if (pack->block != NULL)
    mem_free(&pack->allocator, pack->block, pack->size);
  if (pack->fd >= 0)
    close(pack->fd);
  errno = saved;
}

/* Opens the store and makes the handle; on an error releases all. */
static int finish(edgestatic_pack **pack, edgestatic_pack *parts,
                  const void *bytes, size_t len) {
  *pack = NULL;
  int error = edgestatic_store_open(&parts->store, bytes, len);
  /* A borrowed index without its bodies is no pack. */
  if (error == EDGESTATIC_OK && parts->store.pack_size > len)
    error = EDGESTATIC_ERR_FORMAT;
  if (error == EDGESTATIC_OK) {
    edgestatic_pack *made = malloc(sizeof *made);
    if (made != NULL) {
      *made = *parts;
      atomic_init(&made->references, 1);
      *pack = made;
      return EDGESTATIC_OK;
    }
    error = EDGESTATIC_ERR_MEMORY;
  }
  release(parts);
  return error;
}

int pack_adopt_fd(edgestatic_pack **pack, int fd) {
  edgestatic_pack parts = {.fd = fd};
  struct stat st;
  *pack = NULL;
  int error = EDGESTATIC_OK;
  if (fstat(fd, &st) != 0) {
    error = EDGESTATIC_ERR_IO;
  } else if (!S_ISREG(st.st_mode)) {
    errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    error = EDGESTATIC_ERR_IO;
  } else if (st.st_size == 0) {
    error = EDGESTATIC_ERR_FORMAT;
  } else if ((uintmax_t)st.st_size > SIZE_MAX) {
    error = EDGESTATIC_ERR_MEMORY;
  }
  if (error == EDGESTATIC_OK) {
    parts.size = (size_t)st.st_size;
    parts.map = mmap(NULL, parts.size, PROT_READ, MAP_SHARED, fd, 0);
    if (parts.map == MAP_FAILED) {
      parts.map = NULL;
      error = errno == ENOMEM ? EDGESTATIC_ERR_MEMORY : EDGESTATIC_ERR_IO;
    }
  }
  if (error != EDGESTATIC_OK) {
    release(&parts);
    return error;
  }
  return finish(pack, &parts, parts.map, parts.size);
}

/* Maps a file over a part of a reservation; 0 or errno. */
static int map_over(unsigned char *at, uint64_t size, int fd) {
  struct stat st;
  if (fstat(fd, &st) != 0)
    return errno;
  /* Behind the end of a file a read is a SIGBUS. */
  if (!S_ISREG(st.st_mode) || (uintmax_t)st.st_size < size)
    return EIO;
  if (size == 0)
    return 0;
  void *map = mmap(at, (size_t)size, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0);
  return map == MAP_FAILED ? errno : 0;
}

int pack_adopt_parts(edgestatic_pack **pack, const struct pack_parts *from) {
  edgestatic_pack parts = {.fd = -1};
  *pack = NULL;
  if (from->index_size == 0 || from->shift < from->index_size ||
      from->shift % PACK_PARTS_ALIGN != 0)
    return EDGESTATIC_ERR_FORMAT;
  if (from->shift > SIZE_MAX || from->data_size > SIZE_MAX - from->shift)
    return EDGESTATIC_ERR_MEMORY;
  parts.size = (size_t)(from->shift + from->data_size);
  /* Readable zeros, so that what a forged index finds between the parts is
   * no fault either. */
  void *map =
      mmap(NULL, parts.size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED)
    return EDGESTATIC_ERR_MEMORY;
  parts.map = map;
  unsigned char *base = map;
  int reason = map_over(base, from->index_size, from->index);
  if (!reason)
    reason = map_over(base + from->shift, from->data_size, from->data);
  if (!reason) {
    parts.shift = from->shift;
    parts.fd = fcntl(from->data, F_DUPFD_CLOEXEC, 0);
    reason = parts.fd < 0 ? errno : 0;
  }
  if (reason) {
    release(&parts);
    errno = reason;
    return reason == ENOMEM ? EDGESTATIC_ERR_MEMORY : EDGESTATIC_ERR_IO;
  }
  return finish(pack, &parts, map, parts.size);
}

int pack_adopt_heap(edgestatic_pack **pack,
                    const edgestatic_allocator *allocator, void *bytes,
                    size_t len) {
  edgestatic_pack parts = {
      .fd = -1, .block = bytes, .size = len, .allocator = *allocator};
  return finish(pack, &parts, bytes, len);
}

int edgestatic_pack_open(edgestatic_pack **pack, const char *file) {
  *pack = NULL;
  /* O_NONBLOCK: a pipe is refused rather than waited for.  It means nothing
   * for the regular files that get through. */
  int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return EDGESTATIC_ERR_IO;
  return pack_adopt_fd(pack, fd);
}

int edgestatic_pack_borrow(edgestatic_pack **pack, const void *bytes,
                           size_t len) {
  edgestatic_pack parts = {.fd = -1};
  return finish(pack, &parts, bytes, len);
}

const edgestatic_store *edgestatic_pack_store(const edgestatic_pack *pack) {
  return &pack->store;
}

int edgestatic_pack_fd(const edgestatic_pack *pack, uint64_t *shift) {
  *shift = pack->shift;
  return pack->fd;
}

edgestatic_pack *edgestatic_pack_ref(edgestatic_pack *pack) {
  /* Whoever takes a reference has one, so nothing needs to be ordered. */
  size_t before =
      atomic_fetch_add_explicit(&pack->references, 1, memory_order_relaxed);
  assert(before > 0);
  (void)before;
  return pack;
}

void edgestatic_pack_unref(edgestatic_pack *pack) {
  if (pack == NULL)
    return;
  /* What other threads did with the pack comes before it is freed. */
  size_t before =
      atomic_fetch_sub_explicit(&pack->references, 1, memory_order_acq_rel);
  assert(before > 0);
  if (before > 1)
    return;
  release(pack);
  free(pack);
}
