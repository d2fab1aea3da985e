/* cachetags.h - names by which a cache in front of the site can forget parts
 * of it.
 *
 *   /            everything; /docs, /docs/guide: what is in these folders
 *   type-html    what has this Content-Type: the subtype, "type-svg+xml"
 *   hash-6bba... the content, by its XXH3-128 as 32 hexadecimal digits
 *
 * Paths are percent-encoded.  A tag has no blank and no comma, so it is one for
 * every platform.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_CACHETAGS_H
#define EDGESTATIC_CACHETAGS_H

#include "core/str.h"

/* Longest tag: both Fastly and Cloudflare take 1,024 bytes. */
#define CACHETAGS_TAG_MAX 1024

/* Most folders of a path that get a tag, the root among them. */
#define CACHETAGS_FOLDERS_MAX 16

/* Longest value.  The platforms take 16 KB, but many a server on the way does
 * not take more than 4 or 8 KB for all fields together. */
#define CACHETAGS_VALUE_MAX 3072

/* Writes the tags of an asset with a separator (", " or " ") between them: of
 * its type, its content and, from the root down, of the folders that its path
 * ("/docs/a%20b") is in.  A folder for which there is no room is left out,
 * and those below it. */
slice cachetags_write(char out[CACHETAGS_VALUE_MAX], slice separator,
                      slice type, const unsigned char hash[16], slice location);

#endif
