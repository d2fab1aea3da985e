/* carry_rules.h - the rules of a pack that is carried over.
 *
 * Redirects go from pack to pack as they are.  Header rules are read into the
 * build's own book, so that files which are new get what they say too.  What
 * the pack does not have is lost: a rule for Content-Type has done its work.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_CARRY_RULES_H
#define EDGESTATIC_CARRY_RULES_H

#include "build/layout.h"
#include "build/rulebook.h"

/* Adds the redirects of a pack to a layout that has none. */
void carry_redirects(struct layout *, const edgestatic_store *);

/* Adds the presets of a pack to a layout without header rules. */
void carry_presets(struct layout *, const edgestatic_store *);

/* Puts the header rules of a pack, which must outlive the book, into a book
 * that was read and has none.  EDGESTATIC_OK, _ERR_MEMORY, or _ERR_INPUT for
 * those that no builder made, which was reported. */
int carry_headers(struct rulebook *, const edgestatic_store *);

#endif
