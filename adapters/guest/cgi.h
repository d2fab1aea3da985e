/* cgi.h - the pure part of the CGI guest: from meta-variables to a request.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_GUEST_CGI_H
#define EDGESTATIC_GUEST_CGI_H

#include "guest/guest.h"

/* Sets *r from count meta-variables "NAME=VALUE" (RFC 3875 section 4.1).
 * Values are borrowed; r->refused is set when a target does not fit. */
void cgi_request(struct guest_request *r, const char *const *variable,
                 size_t count);

#endif
