/* list.h - comma-separated lists (RFC 9110 section 5.6.1).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_LIST_H
#define EDGESTATIC_LIST_H

#include "core/str.h"

/* Cuts at the first c: *head before it, *tail behind.  Without one, head is
 * all and tail is empty. */
static inline void slice_cut(slice s, char c, slice *head, slice *tail) {
  size_t i = 0;
  while (i < s.len && s.base[i] != c)
    i++;
  *head = slice_of(s.base, i);
  *tail = i < s.len ? slice_skip(s, i + 1) : slice_of(s.base + i, 0);
}

/* Takes the next element off a list, without the white space around it.  A
 * recipient must pass over empty elements (section 5.6.1.2).  False at the
 * end. */
static inline bool list_next(slice *rest, slice *element) {
  while (rest->len > 0) {
    slice_cut(*rest, ',', element, rest);
    *element = slice_trim(*element);
    if (element->len > 0)
      return true;
  }
  return false;
}

#endif
