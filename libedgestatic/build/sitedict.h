/* sitedict.h - a dictionary of what a site's pages have in common, which a
 * client fetches once and decodes all later pages with (RFC 9842).
 *
 * It is trained before the files are gathered, and becomes one of them.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_SITEDICT_H
#define EDGESTATIC_SITEDICT_H

#include "build/digest.h"
#include "build/gather.h"

/* With fewer pages there is nothing to train and to measure by. */
#define SITEDICT_PAGES_MIN 8

/* How many pages a visitor is taken to load with one dictionary: two or three
 * visits of three or four pages.  It stays between releases, so it is not
 * fetched at each visit; but most visitors of most sites see no more. */
#define SITEDICT_VIEWS 8

/* A new dictionary must save that many percent more than the last release's,
 * which visitors hold already. */
#define SITEDICT_BETTER 5

/* Largest dictionary.  zstd gives one of this size where it is not told
 * another; doubling it saves a few percent more, for twice the bytes. */
#define SITEDICT_MAX ((size_t)112 << 10)

/* "dictionary.", 16 digits of its SHA-256, ".dat" and a NUL. */
#define SITEDICT_NAME_MAX 32

struct sitedict {
  const edgestatic_builder_options *options;
  char *room;    /* of one that was trained: SITEDICT_MAX */
  slice bytes;   /* absent: there is none */
  slice earlier; /* of the last release, where it is another one; or absent */
  unsigned char sha256[DIGEST_SIZE], earlier_sha256[DIGEST_SIZE];
  char name[SITEDICT_NAME_MAX]; /* of its file */
  char earlier_name[SITEDICT_NAME_MAX];
  uint64_t cost; /* bytes to fetch it, compressed */
};

/* Looks for the best one for the pages among the items: of no bytes where it
 * does not pay, which is told.  previous: the last release, or NULL; it stays
 * open.  Zero it and set options first, and call sitedict_free in any case.
 * EDGESTATIC_OK, _ERR_MEMORY, _ERR_IO, _ERR_INPUT or _ERR_CANCELLED; what is
 * wrong was reported. */
int sitedict_find(struct sitedict *, const struct gather_item *, size_t count,
                  const edgestatic_store *previous);

/* Its file, for a browser to keep. */
struct gather_item sitedict_item(const struct sitedict *);

/* Whether pages of `plain` bytes in all, `small` with it, are worth it. */
bool sitedict_pays(uint64_t cost, uint64_t pages, uint64_t plain,
                   uint64_t small);

void sitedict_free(struct sitedict *);

#endif
