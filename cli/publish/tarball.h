/* tarball.h - a tar archive in memory (ustar, by libarchive), and its gzip (by
 * libdeflate).
 *
 * The same files give the same bytes: every owner is 0, every time is the one
 * given.  Level 1, since what is large in a site is compressed already.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_TARBALL_H
#define PUBLISH_TARBALL_H

#include "pieces.h"

struct tarball_entry {
  const char *name; /* "site/bin/main.wasm"; at most 100 bytes */
  const struct pieces *content;
  unsigned mode; /* 0644 */
};

/* An archive of plain files, in one heap block that the caller frees.  Returns
 * 0, or -1 when there is no memory. */
int tarball_make(const struct tarball_entry *entry, size_t count, int64_t mtime,
                 unsigned char **bytes, size_t *len);

/* bytes as one gzip member, in a heap block that the caller frees.  Returns 0,
 * or -1 when there is no memory. */
int tarball_gzip(const void *bytes, size_t len, unsigned char **gzip,
                 size_t *gzip_len);

#endif
