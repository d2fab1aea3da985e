/* mark.h - the custom section `edgestatic`, the last one of a module or
 * component: what it is, for whom, and whether it is whole.
 *
 *   guest FLAVOUR ABI CHECKSUM    XXH3-64 of all bytes before the section
 *   site FLAVOUR ABI CHECKSUM     the checksum of the index of the pack inside
 *
 * One line with its newline; the checksum has 16 lower-case digits.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_MARK_H
#define PUBLISH_MARK_H

#include "wasm.h"

/* How guests and publish fit together: the slot, the bodies, the mark.  A
 * guest of another number is refused. */
#define MARK_ABI 1

#define MARK_FLAVOUR_MAX 32 /* longest name, with its NUL */
/* The longest section: id, length, name, line. */
#define MARK_SIZE_MAX 128

struct mark {
  char flavour[MARK_FLAVOUR_MAX]; /* "fastly" */
  size_t offset;                  /* where the section begins */
};

/* Reads the mark of a guest and checks all of it.  Returns REFUSAL_NONE,
 * _FOREIGN, _SITE, _ABI or _DAMAGED. */
int mark_read(struct wasm_bytes guest, struct mark *mark);

/* Puts the section of a site, or of a guest whose other bytes are those, into
 * bytes[MARK_SIZE_MAX].  Returns its length; 0 when the flavour is no such
 * name: letters, digits and hyphens. */
size_t mark_site(unsigned char *bytes, const char *flavour, uint64_t checksum);
size_t mark_guest(unsigned char *bytes, const char *flavour,
                  struct wasm_bytes module);

#endif
