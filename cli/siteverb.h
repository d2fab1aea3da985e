/* siteverb.h - what the verbs of a site store share: their options, opening the
 * store, and saying what went wrong.  SPDX-License-Identifier: MIT */
#ifndef CLI_SITEVERB_H
#define CLI_SITEVERB_H

#include "args.h"

#include "edgestatic_site.h"

#include <stdbool.h>

struct siteverb {
  bool json, no_wait, quiet;
};

/* --no-wait, --json and -q, for the tables of a verb. */
extern const struct option_spec siteverb_table[];

/* Takes an option of this table.  False: it is none of them. */
bool siteverb_take(struct siteverb *verb, int id);

/* Reads the options of a verb that has these alone.  Returns 0, or -1 when the
 * verb is to return args->exit. */
int siteverb_parse(struct siteverb *verb, struct args *args);

/* Opens a store.  While another command writes to it, a verb waits, unless it
 * must not.  verb may be NULL for one that only reads.  NULL: told. */
edgestatic_site *siteverb_open(const struct siteverb *verb, const char *dir,
                               bool create);

/* Says why something could not be done with the store, if the store's own
 * messages did not. */
void siteverb_explain(const char *dir, int error);

/* Whether text can be the name of a collection; else it was told. */
bool siteverb_is_name(const char *text);

/* The release that a collection shows, or 0. */
uint64_t siteverb_shown(const edgestatic_site *site, const char *collection);

/* The pack that a name of the store means: of a collection, or a number.  With
 * copy it is a pack of its own, for what leaves this machine.  EDGESTATIC_OK,
 * or the error that was told, and NULL. */
int siteverb_pack(edgestatic_pack **pack, edgestatic_site *site,
                  const char *dir, const char *name, bool copy);

/* Says, or prints as JSON, that a collection shows another release.  Returns
 * what the verb is to exit with. */
int siteverb_report(const struct siteverb *verb, const char *collection,
                    uint64_t release, uint64_t before);

#endif
