/* packfile.h - opens the pack that a verb was given, or says why not.
 * SPDX-License-Identifier: MIT */
#ifndef CLI_PACKFILE_H
#define CLI_PACKFILE_H

#include "edgestatic.h"

/* The caller's reference, or NULL after telling why. */
edgestatic_pack *packfile_open(const char *file);

/* Why a pack could not be opened; errno as edgestatic_pack_open left it. */
void packfile_explain(const char *file, int error);

#endif
