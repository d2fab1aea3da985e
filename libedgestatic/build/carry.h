/* carry.h - assets of packs as items of a build, taken as they are.
 *
 * A carried item is an asset of an open pack.  Its variants, validators and
 * header fields are those that it has there.  Its bodies are read from the
 * pack's memory when they are written, and held against their hashes then.
 *
 * A pack that was opened can be read without danger, but may still be no
 * builder's: carry_check refuses what the functions below rely on.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_CARRY_H
#define EDGESTATIC_CARRY_H

#include "build/fields.h"
#include "build/gather.h"
#include "build/layout.h"

/* Most variants of an asset: one of each coding known here, and room for those
 * that later versions may add.  A forged pack could name 65,535 for each of
 * its assets, and every one costs a look. */
#define CARRY_VARIANTS_MAX 32

/* EDGESTATIC_OK, or _ERR_INPUT, which was reported. */
int carry_check(const edgestatic_store *, const edgestatic_builder_options *);

/* Whether asset i is a file of the site, and not the same file in another
 * role. */
bool carry_is_file(const edgestatic_store *, uint32_t asset);

/* Draws evidence, which knows nothing yet, from the files of that very
 * release: what it told browsers to keep.  EDGESTATIC_OK or _ERR_MEMORY. */
int carry_evidence(const edgestatic_store *, struct evidence *);

/* Whether asset i is one that a later release keeps: a file of this very
 * release, no page, whose name carries a hash of its content. */
bool carry_is_kept(const edgestatic_store *, uint32_t asset,
                   const struct fingerprints *, const struct evidence *);

/* Asset i as an item. */
struct gather_item carry_item(const edgestatic_store *, uint32_t asset);

/* The asset that a carried item is in a role, for the path of an error page;
 * EDGESTATIC_NONE: its pack does not have it in that role. */
uint32_t carry_role(const struct gather_item *, enum fields_role, slice path);

/* The variants of an asset that are carried, by number: one of each coding
 * known here, as they stand in the pack, but identity last.  Returns how many,
 * at least one. */
unsigned carry_variants(const edgestatic_store *, uint32_t asset,
                        uint32_t variant[EDGESTATIC_CODING_COUNT]);

/* The deltas of a carried item, by number, as they stand in its pack.  What an
 * earlier release left behind is asked for by pages of that time and goes
 * without, and so is what is no file.  Returns how many. */
unsigned carry_deltas(const struct gather_item *, uint32_t asset,
                      uint32_t variant[CARRY_VARIANTS_MAX]);

/* The run of fields that a record of a pack names, of an asset that has deltas
 * or not. */
struct layout_run carry_run(struct layout *, const edgestatic_store *,
                            le32 first, unsigned count, unsigned kept,
                            bool deltas);

/* Holds what was gathered against an earlier release: a file whose name
 * carries a hash must have the same bytes.  EDGESTATIC_OK, or _ERR_INPUT after
 * reporting each that has not. */
int carry_verify(const struct gather *, const struct fingerprints *,
                 const edgestatic_store *previous);

#endif
