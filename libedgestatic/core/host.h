/* host.h - the host that a request names.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_HOST_H
#define EDGESTATIC_HOST_H

#include "core/str.h"

/* The Host field without its port. */
static inline slice host_of(const edgestatic_request *request) {
  slice host = request->field[EDGESTATIC_FIELD_HOST];
  size_t end = host.len;
  while (end > 0 && is_digit(host.base[end - 1]))
    end--;
  if (end > 0 && host.base[end - 1] == ':')
    host.len = end - 1;
  return host;
}

#endif
