/* view.h - the state of a store, read from its file and shown to callers.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_VIEW_H
#define EDGESTATIC_VIEW_H

#include "site/store.h"

/* Reads the file `state`; then the site has it, or on an error, which was
 * reported, nothing. */
int view_read(edgestatic_site *);

/* Makes the arrays of callers from site->state.  EDGESTATIC_OK or
 * _ERR_MEMORY. */
int view_make(edgestatic_site *);

void view_free(edgestatic_site *);

#endif
