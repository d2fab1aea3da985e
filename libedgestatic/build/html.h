/* html.h - what a build learns from a page: its inline scripts and styles, and
 * what it needs of other files.
 *
 * Read by libgumbo, as browsers read it (HTML section 13.2).  A hostile page
 * must not hold a build up, so its size is bounded, and while it is parsed the
 * memory, the depth of the tree and the attributes of a tag (htmlmem.h).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_HTML_H
#define EDGESTATIC_HTML_H

#include "build/mem.h"

/* Longest page that is read; htmlmem.h says in how much memory. */
#define HTML_PAGE_MAX ((size_t)4 << 20)

/* Base64 of SHA-256. */
#define HTML_HASH_LENGTH 44

struct html_hash {
  char base64[HTML_HASH_LENGTH];
};

struct html_hashes {
  struct html_hash *hash; /* sorted, each once */
  size_t count, room;
};

struct html_place {
  unsigned line, column; /* from 1 */
};

/* Code in an attribute, which no hash of Content-Security-Policy allows unless
 * 'unsafe-hashes' does (CSP3 section 8.3). */
struct html_attribute {
  struct html_place place;
  slice name; /* "onclick", "style", or "href" of a javascript: URL */
};

enum html_kind {
  HTML_SCRIPT,
  HTML_MODULE,
  HTML_STYLESHEET,
  HTML_PRELOAD,
  HTML_MODULEPRELOAD,
  HTML_PRECONNECT
};

/* A reference; slices are as in the page, decoded, and absent where the
 * attribute is. */
struct html_resource {
  enum html_kind kind;
  bool head; /* wanted at once: in the head, neither async nor deferred */
  struct html_place place;
  slice url, integrity, as, type, media, crossorigin, fetchpriority;
};

/* Why a page was not read. */
enum html_fault {
  HTML_READ,
  HTML_TOO_LARGE,  /* over HTML_PAGE_MAX */
  HTML_TOO_COMPLEX /* over a limit of htmlmem.h */
};

struct html_page {
  const edgestatic_allocator *allocator;
  struct mem_arena strings;
  enum html_fault fault;
  bool utf8; /* the page is in UTF-8 */
  struct html_hashes scripts, styles;
  struct html_attribute *attribute;
  size_t attributes, attribute_room;
  struct html_resource *resource; /* in the order of the page */
  size_t resources, resource_room;
  slice base; /* of <base href>; absent: none */
};

/* Whether libgumbo is built in. */
bool html_supported(void);

/* Whether a page can have integrity attributes: it has the word and a "=". */
bool html_has_integrity(const void *bytes, size_t len);

/* Reads a page; NULL when there is no memory.  On any thread. */
struct html_page *html_read(const edgestatic_allocator *, const void *bytes,
                            size_t len);

void html_free(struct html_page *);

#endif
