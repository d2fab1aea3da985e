/* directives.h - directives for caches that do not do what they look like.
 *
 * A cache passes over a directive that it does not know and takes what it
 * cannot read for stale or for absent; nobody ever tells the site's owner.
 * Here it is a warning: a name that no cache knows, a value that is no number
 * of seconds, a directive that is there twice, and those that contradict each
 * other.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_DIRECTIVES_H
#define EDGESTATIC_DIRECTIVES_H

#include "edgestatic_policy.h"

#include "core/str.h"

/* Checks the value of a rule for caches of a kind; who set it begins each
 * message.  EDGESTATIC_OK, or _ERR_INPUT for a CDN-Cache-Control that is no
 * dictionary and would be ignored whole (RFC 9213 section 2.1). */
int directives_check(const edgestatic_builder_options *, int kind, slice who,
                     slice value);

#endif
