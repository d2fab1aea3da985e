/* sitedict_use.h - the site dictionary in a pack: who is told of it, and which
 * pages are compressed with it.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_SITEDICT_USE_H
#define EDGESTATIC_SITEDICT_USE_H

#include "build/deltas.h"
#include "build/fieldlist.h"
#include "build/sitedict.h"

/* Adds it, and the last release's where that is another one, as a dictionary
 * of each page.  EDGESTATIC_OK or _ERR_MEMORY. */
int sitedict_deltas(const struct sitedict *, struct deltas *);

/* Tells what it saves, after the deltas were made. */
void sitedict_tell(const struct sitedict *, const struct deltas *);

/* The stage of fields.c: Link of pages, Use-As-Dictionary of its own file.
 * NULL, and one without bytes: none. */
void sitedict_fields(const struct sitedict *, struct fieldlist *,
                     const struct fields_subject *);

#endif
