/* tarball.c - see tarball.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "tarball.h"

#include <archive.h>
#include <archive_entry.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <time.h>

#define BLOCK 512u /* POSIX pax, section ustar: everything is made of these */

/* Each file is a header and its bytes in whole blocks; two empty blocks end
 * the archive. */
static size_t size_of(const struct tarball_entry *entry, size_t count) {
  uint64_t size = 2 * BLOCK;
  for (size_t i = 0; i < count; i++)
    size += BLOCK + (entry[i].content->size + BLOCK - 1) / BLOCK * BLOCK;
  return size <= SIZE_MAX ? (size_t)size : SIZE_MAX;
}

static int write_entry(struct archive *archive,
                       const struct tarball_entry *entry, int64_t mtime) {
  struct archive_entry *head = archive_entry_new();
  if (!head)
    return -1;
  archive_entry_set_pathname(head, entry->name);
  archive_entry_set_filetype(head, AE_IFREG);
  archive_entry_set_perm(head, entry->mode);
  archive_entry_set_size(head, (int64_t)entry->content->size);
  archive_entry_set_mtime(head, (time_t)mtime, 0);
  int failed = archive_write_header(archive, head) != ARCHIVE_OK;
  archive_entry_free(head);
  for (size_t i = 0; i < entry->content->count && !failed; i++) {
    const struct piece *piece = &entry->content->piece[i];
    failed = archive_write_data(archive, piece->base, piece->len) !=
             (la_ssize_t)piece->len;
  }
  return failed ? -1 : 0;
}

static int write_all(struct archive *archive, const struct tarball_entry *entry,
                     size_t count, int64_t mtime) {
  for (size_t i = 0; i < count; i++)
    if (entry[i].content->failed || write_entry(archive, &entry[i], mtime) != 0)
      return -1;
  return archive_write_close(archive) == ARCHIVE_OK ? 0 : -1;
}

int tarball_make(const struct tarball_entry *entry, size_t count, int64_t mtime,
                 unsigned char **bytes, size_t *len) {
  size_t size = size_of(entry, count);
  *len = 0;
  *bytes = malloc(size);
  struct archive *archive = archive_write_new();
  int failed = !*bytes || !archive ||
               archive_write_set_format_ustar(archive) != ARCHIVE_OK ||
               archive_write_set_bytes_per_block(archive, BLOCK) ||
               archive_write_set_bytes_in_last_block(archive, 1) ||
               archive_write_open_memory(archive, *bytes, size, len) ||
               write_all(archive, entry, count, mtime) != 0;
  archive_write_free(archive);
  if (failed) {
    free(*bytes);
    *bytes = NULL;
  }
  return failed ? -1 : 0;
}

int tarball_gzip(const void *bytes, size_t len, unsigned char **gzip,
                 size_t *gzip_len) {
  *gzip = NULL;
  struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(1);
  if (!compressor)
    return -1;
  size_t bound = libdeflate_gzip_compress_bound(compressor, len);
  *gzip = malloc(bound);
  if (*gzip)
    *gzip_len = libdeflate_gzip_compress(compressor, bytes, len, *gzip, bound);
  libdeflate_free_compressor(compressor);
  return *gzip ? 0 : -1;
}
