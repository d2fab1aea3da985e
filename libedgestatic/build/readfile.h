/* readfile.h - reads a file of a scanned folder whole.
 *
 * It is opened segment by segment without following links, so that nothing
 * that changed since the scan can lead out of the root, and its size, time and
 * inode are compared before and after, so that half of an old and half of a
 * new file never make an asset.
 *
 * Any thread may read; it reports nothing itself, because messages belong to
 * the builder's thread: call readfile_report there.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_READFILE_H
#define EDGESTATIC_READFILE_H

#include "core/str.h"

/* Zero it and set the allocator; used again and again, it keeps its buffer. */
struct readfile {
  const edgestatic_allocator *allocator;
  char *bytes; /* size bytes, valid until the next call; a NUL follows */
  size_t room;
  size_t size;
  int64_t mtime; /* seconds */
  int reason;    /* errno after EDGESTATIC_ERR_IO */
};

/* Reads scan_file.source below scan.root.
 * Returns EDGESTATIC_OK, _ERR_MEMORY, _ERR_IO, or _ERR_INPUT when the file
 * changed while it was read or is no regular file any more. */
int readfile(struct readfile *file, int root, slice source);

/* Frees the buffer. */
void readfile_free(struct readfile *file);

/* Says why `path` could not be read; error and reason are those of the call.
 * Returns error. */
int readfile_report(const edgestatic_builder_options *options, const char *path,
                    int error, int reason);

/* Opens what has that path below root with these flags of open(2), without
 * following a link anywhere; "" is root itself.  Returns a descriptor, or -1
 * with errno. */
int readfile_open(int root, slice path, int flags);

#endif
