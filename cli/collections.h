/* collections.h - the collections of a site store, as `serve` shows them.
 *
 * A collection is opened when it is first asked for.  One that was opened
 * follows the store: collections_refresh puts what it shows by then in place,
 * and requests that run keep what they have.
 *
 * The list of collections only grows, so that requests read it without a lock;
 * one that the store has no more stays in it, closed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CLI_COLLECTIONS_H
#define CLI_COLLECTIONS_H

#include "choose.h"
#include "edgestatic_mhd.h"

struct collections;

/* Those of the store in dir, of which `name` (a collection, or the number of a
 * release) is what a request gets for which the rules choose nothing.  Both
 * strings and the rules are borrowed.  Returns NULL after telling why. */
struct collections *collections_open(const char *dir, const char *name,
                                     const struct choose_rules *rules);

/* After the daemon has stopped. */
void collections_free(struct collections *collections);

/* Reads the store again and tells what is served now.  To be called by one
 * thread. */
void collections_refresh(struct collections *collections);

/* For edgestatic_mhd_daemon_options.choose; ctx are the collections. */
void collections_choose(void *ctx, const edgestatic_request *request,
                        edgestatic_mhd_choice *choice);

#endif
