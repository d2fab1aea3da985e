/* log.h - the access log of `serve`: a line for each request, on standard
 * output.  SPDX-License-Identifier: MIT */
#ifndef CLI_LOG_H
#define CLI_LOG_H

#include "edgestatic_mhd.h"

/* Callbacks for edgestatic_mhd_daemon_options.log; any thread may call them.
 * common: the Common Log Format of NCSA httpd, as Apache writes it. */
void log_common(void *ctx, const edgestatic_mhd_log_entry *entry);
void log_json(void *ctx, const edgestatic_mhd_log_entry *entry);

#endif
