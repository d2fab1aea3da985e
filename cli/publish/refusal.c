/* refusal.c - see refusal.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "refusal.h"

#include <assert.h>

const char *refusal_text(int refusal) {
  static const char *const text[REFUSAL_COUNT] = {
#define REFUSAL_X(id, text) [REFUSAL_##id] = (text),
      REFUSALS(REFUSAL_X)
#undef REFUSAL_X
  };
  assert(refusal >= 0 && refusal < REFUSAL_COUNT);
  return text[refusal];
}
