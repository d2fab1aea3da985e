/* edgestatic_site.h - packs that follow one another: a site's releases.
 *
 * What edgestatic.h says of slices, errors, times and threads holds here too.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_SITE_H
#define EDGESTATIC_SITE_H

#include "edgestatic.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- A pack that is made from another one ---- */

/* Puts the assets of a pack under all that the builder is given: a file of the
 * same name, from memory or from a folder, takes the place of the pack's.
 * They come with the variants, validators and header fields that they have
 * there; nothing is compressed again.  So a pack that was derived costs what is
 * new in it, and a copy.  What is new has the fields that this builder gives
 * it.  Redirects come along unless the builder has some of its own; so do
 * header rules, which then are for what is new, too.
 *
 * The pack decides how pages and missing paths are served, whatever the
 * options say of html_handling and not_found.  Assets that were kept from an
 * earlier release stay, but not those whose time ends at `now` or before;
 * INT64_MIN: all stay.
 *
 * A builder has one such pack: another call replaces it.  The builder takes a
 * reference of its own, which edgestatic_builder_free gives back.
 * Returns EDGESTATIC_OK, or _ERR_INPUT for a pack that no builder made; what
 * is wrong with it goes to the message callback. */
EDGESTATIC_API int edgestatic_builder_add_pack(edgestatic_builder *builder,
                                               edgestatic_pack *pack,
                                               int64_t now);

/* Names an earlier release, the newest one first.
 *
 * Of the first one: a file whose name carries a hash of its content, and whose
 * bytes are others than in that release, fails the build; browsers would keep
 * the old ones for a year.  Pages (HTML) may change.
 *
 * Of every one, where retain_until is not 0: such files, but pages, that the
 * site has no more are kept until that time, so that a page which is open in
 * a browser still finds them.  They come as they are in that release; what it
 * had kept itself is not kept again.  edgestatic_asset.retained_until tells.
 *
 * The builder takes a reference of its own.
 * Returns EDGESTATIC_OK, _ERR_MEMORY, or _ERR_INPUT as
 * edgestatic_builder_add_pack or when retain_until is negative. */
EDGESTATIC_API int edgestatic_builder_previous(edgestatic_builder *builder,
                                               edgestatic_pack *pack,
                                               int64_t retain_until);

#ifdef __cplusplus
}
#endif

#endif
