/* preload.h - the Link field of a page: what a browser fetches before it has
 * read the page (RFC 8288; HTML section 4.2.4.4, "process link headers").
 *
 * From what stands in the head and is wanted at once: style sheets, scripts
 * (modules as modulepreload), and links with rel preload, modulepreload and
 * preconnect as they are.  Rulings:
 * - Only files of the site, but preconnect to other origins: what is asked for
 *   in vain costs more than it gains.
 * - Print style sheets, alternates, async and nomodule scripts, and what is
 *   within noscript or template, are not wanted at once.
 * - A link that cannot be said in printable ASCII is left out, and so are those
 *   after the first PRELOAD_LINKS_MAX or over PRELOAD_VALUE_MAX.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_PRELOAD_H
#define EDGESTATIC_PRELOAD_H

#include "build/html.h"

/* More would compete with the page itself for the line. */
#define PRELOAD_LINKS_MAX 16

/* Half of what the smallest common limit of all fields (4 KB) leaves. */
#define PRELOAD_VALUE_MAX 2000

/* Whether the site has an asset at a decoded path. */
typedef bool preload_exists(const void *ctx, slice path);

struct preload {
  const struct html_page *page;
  slice location; /* of the page, percent-encoded */
  bool anywhere;  /* the page is sent for other paths: no relative URLs */
  preload_exists *exists;
  const void *ctx;
};

/* The value; empty: there is nothing to say.  EDGESTATIC_OK or _ERR_MEMORY. */
int preload_value(const struct preload *, struct mem_arena *strings,
                  slice *value);

#endif
