/* scan.h - finds the files of a site's folder.
 *
 * Left out: names that begin with a dot, but for .well-known (RFC 8615); what
 * the root's .edgestaticignore names; _headers and _redirects of the root,
 * which are kept apart.  A symbolic link is followed when what it leads to lies
 * inside the root. Everything else that cannot become an asset is an error that
 * names it: a site that silently lacks a page is worse than a build that stops.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_SCAN_H
#define EDGESTATIC_SCAN_H

#include "build/mem.h"

/* Most names read, files and folders: links to folders can multiply them
 * without end, and a pack numbers its entries with 32 bits. */
#define SCAN_NAMES_MAX (1u << 24)

#define SCAN_IGNORE_FILE ".edgestaticignore"

struct scan_file {
  slice path;    /* below the root: "docs/a.html"; NUL follows */
  slice source;  /* the same without symbolic links: what to open */
  uint64_t size; /* when it was found */
  int64_t mtime; /* seconds */
};

/* Most bytes of a rule file: 100,000 rules (core/format.h) of a line each. */
#define SCAN_RULE_FILE_MAX (16 << 20)

/* A rule file of the root, which is no asset. */
enum scan_rules { SCAN_REDIRECTS, SCAN_HEADERS, SCAN_RULES };

struct scan_rule_file {
  slice source; /* what to open; absent: there is no such file */
  slice file;   /* what a person calls it: "public/_redirects" */
};

/* What was found, sorted by the bytes of the path, each path once. */
struct scan {
  int root; /* descriptor of the folder, for readfile; -1 when there is none */
  struct scan_file *file;
  size_t count, room;
  struct scan_rule_file rules[SCAN_RULES];
  struct mem_arena strings;
};

/* Walks dir.  Takes allocator, message and progress from options, which live
 * as long as *scan.  Tells the progress callback every thousand files.
 * Returns EDGESTATIC_OK, _ERR_MEMORY, _ERR_IO (dir or something in it cannot
 * be read), _ERR_INPUT, _ERR_LIMIT or _ERR_CANCELLED; what is wrong was
 * reported, and there is nothing to free. */
int scan_dir(struct scan *scan, const edgestatic_builder_options *options,
             const char *dir);

/* Frees all and closes the descriptor. */
void scan_free(struct scan *scan);

/* The name of a rule file: "_redirects". */
slice scan_rules_name(enum scan_rules kind);

/* Whether a path can name an asset: UTF-8 without control characters and
 * backslashes, not longer than EDGESTATIC_PATH_MAX with its slash, without an
 * empty, "." or ".." segment.  NULL, or what is wrong: "is not UTF-8". */
const char *scan_path_fault(slice path);

#endif
