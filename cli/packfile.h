/* packfile.h - opens the pack that a verb was given, or says why not: a file,
 * or a release of a site store (see sitename.h).  SPDX-License-Identifier: MIT
 */
#ifndef CLI_PACKFILE_H
#define CLI_PACKFILE_H

#include "edgestatic.h"

#include <stdbool.h>

/* The caller's reference, or NULL after telling why. */
edgestatic_pack *packfile_open(const char *name);

/* The same for a verb that hands the pack's bytes on: those of a release are
 * put together in memory, without what other releases have beside them. */
edgestatic_pack *packfile_copy(const char *name);

/* Either of them; EDGESTATIC_OK, or the error that was told. */
int packfile_load(edgestatic_pack **pack, const char *name, bool copy);

/* Whether a verb that takes folders, too, has to pack it: a folder, and no
 * store. */
bool packfile_is_folder(const char *name);

#endif
