/* refuse.c - answers a request that does not fit, or that there is no site to
 * answer from, as the core would.
 * SPDX-License-Identifier: MIT */
#include "core/answer.h"
#include "guest/guest.h"

void guest_refuse(edgestatic_response *r, int status, slice detail,
                  slice method) {
  answer_begin(r, 0);
  answer_text(r, status, detail);
  if (slice_eq(method, LIT("HEAD")))
    answer_head(r);
}
