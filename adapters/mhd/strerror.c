/* strerror.c - the errors of edgestatic_mhd.h in words.
 * SPDX-License-Identifier: MIT */
#include "edgestatic_mhd.h"

const char *edgestatic_mhd_strerror(int error) {
  switch (error) {
#define EDGESTATIC_X(name, code, text)                                         \
  case EDGESTATIC_MHD_ERR_##name:                                              \
    return text;
    EDGESTATIC_MHD_ERRORS(EDGESTATIC_X)
#undef EDGESTATIC_X
  default:
    return edgestatic_strerror(error);
  }
}
