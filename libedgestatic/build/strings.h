/* strings.h - the string section of a pack: each string once.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_STRINGS_H
#define EDGESTATIC_STRINGS_H

#include "build/mem.h"

/* Zero it and set the allocator. */
struct strings {
  const edgestatic_allocator *allocator;
  char *bytes; /* le16 length, bytes, NUL; and again */
  size_t size, room;
  uint32_t *slot; /* offset of a string, + 1 */
  size_t slots;   /* a power of two, or 0 */
  size_t count;
  int error; /* the first one; later calls do nothing */
};

/* The offset of a string, 0 after an error: EDGESTATIC_ERR_MEMORY, or
 * _ERR_LIMIT where it is longer than 65,535 bytes or the section than 4 GB. */
uint32_t strings_add(struct strings *, slice);

void strings_free(struct strings *);

#endif
