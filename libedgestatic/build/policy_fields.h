/* policy_fields.h - what the owner's policy makes of the fields of an asset.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_POLICY_FIELDS_H
#define EDGESTATIC_POLICY_FIELDS_H

#include "build/fieldlist.h"
#include "build/policy.h"

/* Adds the fields for caches, by rule or by default, and those of the
 * presets. */
void policy_fields(struct fieldlist *, const struct policy *,
                   const struct fields_subject *);

/* Adds those of the presets for what has no fields of an asset (redirects,
 * texts) to a layout without header rules; whether there are any. */
bool policy_presets(const struct policy *, struct layout *);

/* The CORS record of a file for its asset; 0: no rule is for it. */
uint32_t policy_cors(const struct policy *, struct layout *, slice file);

#endif
