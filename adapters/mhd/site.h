/* site.h - answers requests from what an edgestatic_live holds: what a site in
 * a foreign daemon and our own daemon have in common.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_MHD_SITE_H
#define EDGESTATIC_MHD_SITE_H

#include "edgestatic_mhd.h"
#include "request.h"

/* What was queued, for a log.  status is 0 as long as nothing was. */
struct site_answer {
  int status;
  uint64_t content_bytes;
  const char *site; /* the name of the chosen one, or NULL */
};

/* edgestatic_mhd_handle, which also tells what was answered.  *answer is left
 * alone where nothing was. */
int site_handle(edgestatic_mhd *site, const struct request_line *line,
                void **con_cls, unsigned flags, struct site_answer *answer);

/* From now on every response ends its connection. */
void site_drain(edgestatic_mhd *site);

/* Whether a Server value can be sent: visible ASCII and blanks, not empty. */
bool site_is_server(const char *value);

#endif
