/* urls.h - which paths a site answers: from its files to the pack's entries.
 *
 *   a.html, a/index.html   at, by html handling:
 *     auto    /a   /a/        other spellings redirect there (route.c)
 *     force   /a/  /a/
 *     drop    /a   /a
 *     none    /a.html   /a/index.html and /a/
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_URLS_H
#define EDGESTATIC_URLS_H

#include "build/mem.h"

struct urls_entry {
  slice path;          /* decoded, begins with "/"; NUL follows */
  slice location;      /* path percent-encoded: a valid, same-site Location */
  size_t file;         /* number in the list of files */
  bool main;           /* the one path of its file to show: pack_asset.path */
  unsigned char flags; /* ENTRY_PAGE, ENTRY_FOLDER */
};

/* Sorted by file, a file's main entry first; no path twice. */
struct urls {
  struct urls_entry *entry;
  size_t count, room;
  struct mem_arena strings;
};

/* Maps the files, which are sorted by their bytes, each once, and free of
 * faults (scan_path_fault).  html_handling is that of options; files that get
 * another path than their handling promises, because one of them has it
 * already, are reported as notes.
 * Returns EDGESTATIC_OK or _ERR_MEMORY; *urls is then zeroed. */
int urls_map(struct urls *urls, const edgestatic_builder_options *options,
             const slice *file, size_t count);

void urls_free(struct urls *urls);

/* The folder whose missing paths a file is the error page of, without its
 * leading slash: "404.html" gives "", "docs/404.html" gives "docs/".  Absent
 * for other files.  Lies within `file`. */
slice urls_error_folder(slice file);

/* Bytes that urls_encode may write for a path. */
#define URLS_ENCODED_MAX (3 * EDGESTATIC_PATH_MAX + 1)

/* Percent-encodes a decoded path for a Location (RFC 3986 section 3.3): what
 * is neither unreserved, a sub-delim, ":", "@" nor "/".  A path that begins
 * with "//" would name another host (section 4.2): its second slash is
 * written %2F.  Returns the length, at most 3 * path.len. */
size_t urls_encode(char *out, slice path);

#endif
