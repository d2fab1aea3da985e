/* list.c - see list.h.
 * SPDX-License-Identifier: MIT */
#include "core/list.h"

void slice_cut(slice s, char c, slice *head, slice *tail) {
  size_t i = 0;
  while (i < s.len && s.base[i] != c)
    i++;
  *head = slice_of(s.base, i);
  *tail = i < s.len ? slice_skip(s, i + 1) : slice_of(s.base + i, 0);
}

bool list_next(slice *rest, slice *element) {
  while (rest->len > 0) {
    slice_cut(*rest, ',', element, rest);
    *element = slice_trim(*element);
    if (element->len > 0)
      return true;
  }
  return false;
}
