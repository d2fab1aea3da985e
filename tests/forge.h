/* forge.h - the small pack of site.h, to be changed and opened again.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TESTS_FORGE_H
#define EDGESTATIC_TESTS_FORGE_H

#include "core/pack.h"
#include "invariants.h"
#include "site.h"
#include "util.h"

static unsigned char *pack;
static size_t len, index_len;
static edgestatic_store store;

static inline void setup(void) {
  pack = site_pack(&len, true);
  index_len = (size_t)get64(((pack_header *)pack)->index_size);
}

static inline void teardown(void) {
  free(pack);
}

static inline pack_header *header(void) {
  return (pack_header *)pack;
}

static inline pack_section *section(enum section_id id) {
  return (pack_section *)(pack + get32(header()->header_size)) + id;
}

static inline void *record(enum section_id id, uint32_t i) {
  return pack + get32(section(id)->offset) +
         (size_t)i * get32(section(id)->stride);
}

/* The bytes of a string in the pack, to be overwritten. */
static inline char *text_of(le32 ref) {
  return (char *)record(SECTION_STRINGS, get32(ref) + 2);
}

static inline int open_pack(void) {
  return edgestatic_store_open(&store, pack, len);
}

/* Opens after a change, with the checksum made right again. */
static inline void opens_as(int error) {
  mk_reseal(pack);
  ck_assert_int_eq(open_pack(), error);
  if (error != EDGESTATIC_OK) {
    edgestatic_store zero;
    memset(&zero, 0, sizeof zero);
    ck_assert_int_eq(memcmp(&store, &zero, sizeof zero), 0);
  }
}

/* Refused with a bad value of a member, and good again with the old one. */
#define REFUSED(member, value)                                                 \
  do {                                                                         \
    __typeof__(member) old = (member);                                         \
    (member) = (value);                                                        \
    opens_as(EDGESTATIC_ERR_FORMAT);                                           \
    (member) = old;                                                            \
    opens_as(EDGESTATIC_OK);                                                   \
  } while (0)

#endif
