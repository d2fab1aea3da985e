/* cache.c - see cache.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/cache.h"

#include "build/io.h"
#include "core/format.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#define ENTRY_MAGIC "ESCACHE2"

/* "d/" and the hashes in hex. */
#define NAME_ROOM (2 + 32 + 1 + 16 + 1)
#define TEMP_LETTER 'n'    /* no hexadecimal digit */
#define TEMP_AGE_MAX 86400 /* an older one was left by a build that died */

/* An entry that is used is marked as such no more often than this. */
#define TOUCH_AGE 86400

struct entry_head {
  char magic[8];
  le64 checksum; /* of what follows */
  unsigned char hash[16];
  le64 size, recipe;
  le32 count, reserved;
  unsigned char sha256[DIGEST_SIZE];
  struct {
    le32 coding, reserved;
    le64 offset, size;
    unsigned char sha256[DIGEST_SIZE];
  } kept[ENCODE_KEPT_MAX];
};

static uint64_t checksum(const struct entry_head *head, const void *bytes,
                         size_t size) {
  size_t from = offsetof(struct entry_head, hash);
  uint64_t seed = XXH3_64bits((const char *)head + from, sizeof *head - from);
  return XXH3_64bits_withSeed(bytes, size, seed);
}

static void entry_name(const struct cache *c, const unsigned char hash[16],
                       uint64_t size, char name[NAME_ROOM]) {
  static const char digits[] = "0123456789abcdef";
  char *p = name;
  *p++ = digits[hash[0] >> 4];
  *p++ = '/';
  for (int i = 0; i < 16; i++) {
    *p++ = digits[hash[i] >> 4];
    *p++ = digits[hash[i] & 15];
  }
  snprintf(p, 18, "-%016llx",
           (unsigned long long)XXH3_64bits_withSeed(&c->recipe,
                                                    sizeof c->recipe, size));
}

int cache_open(struct cache *c, const edgestatic_allocator *allocator,
               const char *dir, const char *recipe) {
  *c = (struct cache){.allocator = allocator, .dir = -1};
  c->recipe = XXH3_64bits(recipe, strlen(recipe));
  c->share = CACHE_BYTES_MAX / CACHE_FOLDERS;
  c->dir = io_make_folder(dir);
  return c->dir >= 0 ? EDGESTATIC_OK : EDGESTATIC_ERR_IO;
}

/* Reads all of an entry; its size, or 0. */
static size_t read_entry(struct cache *c, struct cache_buffer *buffer,
                         const char *name, uint64_t content) {
  /* O_NONBLOCK: a pipe in its place is not waited for. */
  int fd = openat(c->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0)
    return 0;
  size_t size = 0;
  struct stat st;
  /* Each kept one is smaller than the content. */
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
      (uint64_t)st.st_size >= sizeof(struct entry_head) &&
      (uint64_t)st.st_size - sizeof(struct entry_head) <=
          ENCODE_KEPT_MAX * content) {
    size_t want = (size_t)st.st_size;
    unsigned char *p = buffer->bytes;
    if (want > buffer->room)
      p = mem_resize(c->allocator, p, buffer->room, want);
    if (p) {
      if (want > buffer->room)
        buffer->room = want;
      buffer->bytes = p;
      if (io_read(fd, p, want, 0) == 0)
        size = want;
      if (st.st_mtime < time(NULL) - TOUCH_AGE)
        futimens(fd, NULL);
    }
  }
  close(fd);
  return size;
}

bool cache_load(struct cache *c, struct cache_buffer *buffer,
                const unsigned char hash[16], uint64_t size,
                struct encoded *out) {
  *out = (struct encoded){0};
  if (c->dir < 0)
    return false;
  char name[NAME_ROOM];
  entry_name(c, hash, size, name);
  size_t len = read_entry(c, buffer, name, size);
  if (len == 0)
    return false;

  struct entry_head head;
  memcpy(&head, buffer->bytes, sizeof head);
  if (memcmp(head.magic, ENTRY_MAGIC, sizeof head.magic) != 0 ||
      get64(head.checksum) !=
          checksum(&head, buffer->bytes + sizeof head, len - sizeof head) ||
      memcmp(head.hash, hash, sizeof head.hash) != 0 ||
      get64(head.size) != size || get64(head.recipe) != c->recipe ||
      get32(head.count) > ENCODE_KEPT_MAX)
    return false;
  const unsigned char *bytes = buffer->bytes + sizeof head;
  len -= sizeof head;
  out->count = get32(head.count);
  memcpy(out->sha256, head.sha256, sizeof out->sha256);
  for (unsigned i = 0; i < out->count; i++) {
    uint64_t offset = get64(head.kept[i].offset);
    uint64_t n = get64(head.kept[i].size);
    if (offset > len || n > len - offset)
      return false;
    out->kept[i].coding = get32(head.kept[i].coding);
    out->kept[i].offset = (size_t)offset;
    out->kept[i].size = (size_t)n;
    memcpy(out->kept[i].sha256, head.kept[i].sha256, DIGEST_SIZE);
  }
  out->bytes = bytes;
  out->size = len;
  return true;
}

/* Writes an entry and gives it its name; 0 or errno. */
static int write_entry(struct cache *c, const char *name,
                       const struct entry_head *head,
                       const struct encoded *kept) {
  char temp[64];
  char prefix[] = {name[0], '/', TEMP_LETTER, '\0'};
  int fd = io_new_file(c->dir, prefix, temp, sizeof temp);
  if (fd < 0 && errno == ENOENT) {
    char folder[] = {name[0], '\0'};
    if (mkdirat(c->dir, folder, 0777) < 0 && errno != EEXIST)
      return errno;
    fd = io_new_file(c->dir, prefix, temp, sizeof temp);
  }
  if (fd < 0)
    return errno;
  /* Not synced: after a crash the checksum finds what is incomplete. */
  int error = io_write(fd, head, sizeof *head, 0);
  if (!error)
    error = io_write(fd, kept->bytes, kept->size, sizeof *head);
  close(fd);
  if (!error && renameat(c->dir, temp, c->dir, name) < 0)
    error = errno;
  if (error)
    unlinkat(c->dir, temp, 0);
  return error;
}

void cache_store(struct cache *c, const unsigned char hash[16], uint64_t size,
                 const struct encoded *kept) {
  if (c->dir < 0 || atomic_load(&c->error) != 0)
    return;
  struct entry_head head = {.size = put64(size),
                            .recipe = put64(c->recipe),
                            .count = put32(kept->count)};
  memcpy(head.magic, ENTRY_MAGIC, sizeof head.magic);
  memcpy(head.hash, hash, sizeof head.hash);
  memcpy(head.sha256, kept->sha256, sizeof head.sha256);
  for (unsigned i = 0; i < kept->count; i++) {
    head.kept[i].coding = put32(kept->kept[i].coding);
    head.kept[i].offset = put64(kept->kept[i].offset);
    head.kept[i].size = put64(kept->kept[i].size);
    memcpy(head.kept[i].sha256, kept->kept[i].sha256, DIGEST_SIZE);
  }
  head.checksum = put64(checksum(&head, kept->bytes, kept->size));

  char name[NAME_ROOM];
  entry_name(c, hash, size, name);
  int error = write_entry(c, name, &head, kept);
  int none = 0;
  if (error)
    atomic_compare_exchange_strong(&c->error, &none, error);
  else
    atomic_fetch_or(&c->wrote, 1u << (hash[0] >> 4));
}

/* ---- The bound ---- */

struct old_entry {
  char name[NAME_ROOM];
  int64_t used;
  uint64_t size;
};

static int by_use(const void *a, const void *b) {
  const struct old_entry *x = a, *y = b;
  return x->used < y->used ? -1 : x->used > y->used;
}

/* Takes the entries below `dir`, and removes what died builds left; false
 * when there is no memory for them. */
static bool list_entries(struct cache *c, DIR *dir, struct old_entry **list,
                         size_t *room, size_t *count) {
  int64_t now = (int64_t)time(NULL);
  for (struct dirent *d; (d = readdir(dir)) != NULL;) {
    struct stat st;
    if (fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISREG(st.st_mode))
      continue;
    if (d->d_name[0] == TEMP_LETTER) {
      if (st.st_mtime < now - TEMP_AGE_MAX)
        unlinkat(dirfd(dir), d->d_name, 0);
      continue;
    }
    size_t len = strlen(d->d_name);
    if (len >= NAME_ROOM)
      continue; /* not ours */
    struct old_entry *grown =
        mem_grow(c->allocator, *list, room, *count + 1, sizeof **list);
    if (!grown)
      return false;
    *list = grown;
    struct old_entry *e = &grown[(*count)++];
    memcpy(e->name, d->d_name, len + 1);
    e->used = (int64_t)st.st_mtime;
    e->size = (uint64_t)st.st_size;
  }
  return true;
}

static void prune(struct cache *c, unsigned folder) {
  char name[] = {"0123456789abcdef"[folder], '\0'};
  int fd = openat(c->dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  if (!dir) {
    if (fd >= 0)
      close(fd);
    return;
  }
  struct old_entry *list = NULL;
  size_t room = 0, count = 0;
  uint64_t total = 0;
  if (list_entries(c, dir, &list, &room, &count)) {
    for (size_t i = 0; i < count; i++)
      total += list[i].size;
    if (total > c->share) {
      qsort(list, count, sizeof *list, by_use);
      /* A quarter is made free, so that not every build has to; the newest
       * stays, whatever its size. */
      for (size_t i = 0; i + 1 < count && total > c->share - c->share / 4; i++)
        if (unlinkat(fd, list[i].name, 0) == 0)
          total -= list[i].size;
    }
  }
  mem_free(c->allocator, list, room * sizeof *list);
  closedir(dir);
}

int cache_close(struct cache *c) {
  if (c->dir < 0)
    return 0;
  unsigned wrote = atomic_load(&c->wrote);
  for (unsigned i = 0; i < CACHE_FOLDERS; i++)
    if (wrote >> i & 1)
      prune(c, i);
  close(c->dir);
  c->dir = -1;
  return atomic_load(&c->error);
}

void cache_buffer_free(const edgestatic_allocator *allocator,
                       struct cache_buffer *buffer) {
  mem_free(allocator, buffer->bytes, buffer->room);
  *buffer = (struct cache_buffer){0};
}
