/* previous.h - options about earlier releases of the site that is built.
 * SPDX-License-Identifier: MIT */
#ifndef CLI_PREVIOUS_H
#define CLI_PREVIOUS_H

#include "args.h"

#include "edgestatic.h"

#include <stdbool.h>

/* For the tables of a verb. */
extern const struct option_spec previous_option_table[];

struct previous {
  const char **file; /* the newest first */
  size_t count;
  int64_t keep; /* seconds; 0: nothing is kept */
};

void previous_free(struct previous *previous);

/* Whether the option is of this table. */
bool previous_is_option(int id);

/* Takes an option of this table.  Returns 0, or the exit code after telling
 * what is wrong. */
int previous_take(struct previous *previous, const struct args *args, int id);

/* After the last option; returns as _take. */
int previous_finish(const struct previous *previous);

/* Gives the packs to the builder; what is kept is kept from `now` on.  Returns
 * EDGESTATIC_OK, or an error that was told. */
int previous_apply(const struct previous *previous, edgestatic_builder *builder,
                   int64_t now);

#endif
