/* prepare.h - from an edgestatic_response to a response of libmicrohttpd.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_MHD_PREPARE_H
#define EDGESTATIC_MHD_PREPARE_H

#include "core/str.h"

struct MHD_Response;

/* What a site adds to every response. */
struct prepare_site {
  slice prefix; /* put before a Location that is a path; may be empty */
  char *server; /* value of Server, or NULL; ends with a NUL */
};

/* Whether a response may be used again: it comes from the pack alone and does
 * not hold a file descriptor.  With own_prefix the site's prefix is that of
 * this request, and may not stand in it. */
bool prepare_is_reusable(edgestatic_pack *pack, bool own_prefix,
                         const edgestatic_response *response);

/* A response that libmicrohttpd can queue with response->status; it holds a
 * reference to the pack for as long as it reads from it.  With close, it ends
 * its connection.  NULL when there is no memory. */
struct MHD_Response *prepare_response(const struct prepare_site *site,
                                      edgestatic_pack *pack,
                                      const edgestatic_response *response,
                                      bool close);

/* A line of plain text, copied. */
struct MHD_Response *prepare_text(const struct prepare_site *site, slice text);

/* A redirect without content, to the root of the site: its prefix, a slash,
 * and the query. */
struct MHD_Response *prepare_redirect(const struct prepare_site *site,
                                      slice query);

#endif
