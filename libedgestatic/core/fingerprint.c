/* fingerprint.c - file names that carry a hash of their content.
 * SPDX-License-Identifier: MIT */
#include "core/fingerprint.h"

bool fingerprint_in_name(slice name) {
  size_t run = 0, digits = 0;
  for (size_t i = 0; i <= name.len; i++) {
    char c = i < name.len ? name.base[i] : '.';
    if (is_digit(c) || (c >= 'a' && c <= 'f')) {
      run++;
      digits += is_digit(c);
      continue;
    }
    if (run >= 8 && digits > 0 && digits < run && (c == '.' || c == '-'))
      return true;
    run = digits = 0;
  }
  return false;
}
