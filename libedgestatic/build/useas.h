/* useas.h - Use-As-Dictionary: whose responses clients are told to keep as
 * dictionaries, and for which requests (RFC 9842 section 2.1).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_USEAS_H
#define EDGESTATIC_USEAS_H

#include "build/fieldlist.h"
#include "build/policy.h"
#include "build/versions.h"

/* The least content to announce.  A smaller one is a packet or two, with which
 * a delta arrives no sooner than the whole. */
#define USEAS_MIN 2048

/* Longest value: each byte of a path is three of a pattern at most (a "%xx", or
 * an escaped backslash and the byte), then match="", ":h" and a NUL. */
#define USEAS_VALUE_MAX (3 * EDGESTATIC_PATH_MAX + 16)

/* Writes the value for what comes after the file at a path: the same path, or
 * where there is a hash in it any other one in its place. */
slice useas_value(char text[USEAS_VALUE_MAX], slice path, slice hash);

/* Whether a private cache may keep a response with these Cache-Control fields
 * and use it later without asking. */
bool useas_keeps(const struct fieldlist *);

/* Sets the field where the subject can be a dictionary, whatever the list says
 * of caches so far.  One that is there already is left as it is. */
void useas_offer(struct fieldlist *, const struct policy *,
                 const struct fields_subject *);

/* Takes what was offered back where the list does not let caches keep it. */
void useas_settle(struct fieldlist *);

#endif
