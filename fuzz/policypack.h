/* policypack.h - packs of fuzz/site with rules, presets and CORS, as `make
 * fuzz' has had the command build them.  SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_FUZZ_POLICYPACK_H
#define EDGESTATIC_FUZZ_POLICYPACK_H

#include "tests/invariants.h"

#define POLICYPACKS 2

/* One of them, read whole into a block of its own. */
static inline unsigned char *policypack(int which, size_t *len) {
  static const char *const name[POLICYPACKS] = {"netlify.edgepack",
                                                "cloudflare.edgepack"};
  FILE *f = fopen(name[which], "rb");
  HOLDS(f != NULL && fseek(f, 0, SEEK_END) == 0);
  long size = ftell(f);
  HOLDS(size > 0 && fseek(f, 0, SEEK_SET) == 0);
  unsigned char *pack = malloc((size_t)size);
  HOLDS(pack != NULL && fread(pack, 1, (size_t)size, f) == (size_t)size);
  fclose(f);
  *len = (size_t)size;
  return pack;
}

#endif
