/* log.h - what an access log wants to know of a request.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_MHD_LOG_H
#define EDGESTATIC_MHD_LOG_H

#include "site.h"

/* From the first call of libmicrohttpd's handler to the end of the request. */
struct log_record {
  void *mark;                /* con_cls of the site */
  struct site_answer answer; /* set by the site */
  edgestatic_mhd_log_entry entry;
  uint64_t begin_ns;
  char text[]; /* what the entry points to */
};

/* A record with all that is known before the answer; NULL without memory. */
struct log_record *log_begin(const struct request_line *line);

/* Completes the record, shows it to `log` and frees it. */
void log_end(struct log_record *record, struct MHD_Connection *connection,
             bool completed,
             void (*log)(void *ctx, const edgestatic_mhd_log_entry *entry),
             void *ctx);

#endif
