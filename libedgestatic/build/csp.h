/* csp.h - a Content-Security-Policy with the hashes of a page (CSP Level 3).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_CSP_H
#define EDGESTATIC_CSP_H

#include "build/html.h"

/* Longest field value: servers and proxies take 8 KB for all fields, some. */
#define CSP_VALUE_MAX 7000

/* What --csp alone sends.  The site's own files and, as pictures, what style
 * sheets carry as data: URLs; no plugins; no <base>, form or frame that leads
 * elsewhere.  Not upgrade-insecure-requests, which breaks a site that is tried
 * over plain HTTP. */
#define CSP_DEFAULT                                                            \
  "default-src 'self'; img-src 'self' data:; object-src 'none'; "              \
  "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"

/* Writes the policy with the page's hashes, in the directives that rule on
 * inline elements (sections 6.8.3 and 6.8.4):
 * - script-src-elem, else script-src, else default-src; styles likewise.
 * - default-src is for the rest too, so a directive of its own is made of it.
 * - Where there is no such directive, or 'unsafe-inline' holds (no hash, nonce
 *   or 'strict-dynamic' beside it), inline code is allowed already; a hash
 *   would take that from event handlers.
 * - 'none' goes where a hash comes: it means nothing beside others.
 * page NULL: no hashes.  Returns EDGESTATIC_OK, _ERR_MEMORY, or _ERR_LIMIT:
 * over CSP_VALUE_MAX. */
int csp_value(slice policy, const struct html_page *page,
              struct mem_arena *strings, slice *value);

/* Whether it disables event handlers and javascript: URLs, or style
 * attributes.  'unsafe-hashes' counts as its owner's care for them. */
bool csp_refuses_attributes(slice policy, bool style);

/* The default where the text is empty. */
slice csp_policy(const char *text);

#endif
