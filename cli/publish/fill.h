/* fill.h - texts with gaps: @NAME@ is replaced by the value of NAME.  So that
 * configuration stands in the source as it will be read.
 * SPDX-License-Identifier: MIT */
#ifndef PUBLISH_FILL_H
#define PUBLISH_FILL_H

#include "pieces.h"

struct fill {
  const char *gap, *value; /* gap NULL ends a list */
};

/* Appends the text.  Gaps that the list does not have stay as they are. */
void fill(struct pieces *to, const char *text, const struct fill *list);

/* The same as a string that the caller frees; NULL: no memory. */
char *fill_text(const char *text, const struct fill *list);

#endif
