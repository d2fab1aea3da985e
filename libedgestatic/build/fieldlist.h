/* fieldlist.h - the header fields of a response while a build makes them.
 *
 * Stages add to a list one after the other: what the pack itself says, cache
 * and security policy, what was read in the HTML, and on top the rules of
 * _headers.  The list becomes a run of a pack:
 *
 *   what a 304 leaves out | what it carries | what goes out over TLS alone
 *
 * each part in the order of the stages.  An error sticks: what comes after it
 * does nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_FIELDLIST_H
#define EDGESTATIC_FIELDLIST_H

#include "build/gather.h"
#include "build/layout.h"

/* Most fields: a record counts them by a byte. */
#define FIELDLIST_MAX 255

#define FIELDLIST_KEPT 1u /* a 304 carries it (RFC 9110 section 15.4.5) */
#define FIELDLIST_TLS 2u  /* goes out over TLS alone; a 304 carries it */

struct fieldlist_field {
  slice name, value, origin; /* origin: who set it, "_headers:12" */
  unsigned flags;            /* FIELDLIST_* */
};

/* Begin with fieldlist_begin; give back with fieldlist_free. */
struct fieldlist {
  struct mem_arena strings; /* of values that were made for it */
  struct fieldlist_field field[FIELDLIST_MAX];
  size_t count;
  int error; /* EDGESTATIC_ERR_MEMORY, or _ERR_LIMIT: too many fields */
};

struct sitedict; /* sitedict.h */

/* What an asset is for; the same file may be several. */
enum fields_role {
  FIELDS_FILE,
  FIELDS_ERROR_PAGE, /* sent with 404: no validators, not to be stored */
  FIELDS_FALLBACK    /* the single-page app, sent for navigations */
};

/* The asset whose fields are made: what a stage may ask about it. */
struct fields_subject {
  enum fields_role role;
  const struct gather_item *item;
  const unsigned char *hash;         /* XXH3-128 of its bytes */
  slice type;                        /* Content-Type */
  slice path;                        /* where it is served, decoded */
  slice location;                    /* the same, percent-encoded */
  uint64_t size;                     /* of its bytes */
  size_t variants;                   /* how many it has, identity among them */
  size_t deltas;                     /* and how many besides */
  const struct sitedict *dictionary; /* of pages, or NULL */
  const struct pages *pages;         /* what was read in the HTML, or NULL */
};

void fieldlist_begin(struct fieldlist *, const edgestatic_allocator *);
void fieldlist_free(struct fieldlist *);

/* Appends a field, whatever is there already.  The slices must outlive the
 * list: literals, what the builder holds, or copies by fieldlist_copy. */
void fieldlist_add(struct fieldlist *, slice name, slice value, slice origin,
                   unsigned flags);

/* The same in the place of the fields of that name. */
void fieldlist_set(struct fieldlist *, slice name, slice value, slice origin,
                   unsigned flags);

/* Takes the fields of a name away; letter case does not matter. */
void fieldlist_remove(struct fieldlist *, slice name);

/* The first field of a name, or NULL. */
struct fieldlist_field *fieldlist_find(struct fieldlist *, slice name);

/* Adds the members of a comma-separated value that the field of that name does
 * not have yet; makes the field where there is none. */
void fieldlist_merge(struct fieldlist *, slice name, slice value, slice origin,
                     unsigned flags);

/* A copy that lives as long as the list; empty after an error. */
slice fieldlist_copy(struct fieldlist *, slice);

/* Lays the list out, which has a field.  An error of the list sticks to the
 * layout.  error_page: it is never answered with 304. */
struct layout_run fieldlist_layout(const struct fieldlist *, struct layout *,
                                   bool error_page);

#endif
