/* list.h - comma-separated lists (RFC 9110 section 5.6.1).
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_LIST_H
#define EDGESTATIC_LIST_H

#include "core/str.h"

/* Cuts at the first c: *head before it, *tail behind.  Without one, head is
 * all and tail is empty. */
void slice_cut(slice s, char c, slice *head, slice *tail);

/* Takes the next element off a list, without the white space around it.  A
 * recipient must pass over empty elements (section 5.6.1.2).  False at the
 * end. */
bool list_next(slice *rest, slice *element);

#endif
