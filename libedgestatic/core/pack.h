/* pack.h - reading an opened pack: records, strings and the hash tables.
 *
 * Nothing here checks a bound: edgestatic_store_open did, once, for every
 * number that these functions follow.  All results borrow from the pack.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_PACK_H
#define EDGESTATIC_PACK_H

#include "core/format.h"
#include "core/str.h"

/* Longest Content-Type: 16 of them fit into a response's text. */
#define PACK_TYPE_MAX 255

/* Longest Location: an encoded path of EDGESTATIC_PATH_MAX bytes. */
#define PACK_LOCATION_MAX (3 * EDGESTATIC_PATH_MAX)

/* Longest run of used slots in a table.  At most half full, a table of a
 * million good hashes has runs of some 60; a forged pack must not make every
 * lookup walk through all of it. */
#define PACK_PROBES_MAX 1024

static inline const unsigned char *
pack_record(const edgestatic_store *s, enum section_id section, uint32_t i) {
  return s->base + s->section[section].offset +
         (size_t)i * s->section[section].stride;
}

static inline slice pack_string(const edgestatic_store *s, le32 ref) {
  const unsigned char *p =
      s->base + s->section[SECTION_STRINGS].offset + get32(ref);
  return (slice){(const char *)p + 2, get16((le16){{p[0], p[1]}})};
}

static inline const pack_entry *pack_entry_at(const edgestatic_store *s,
                                              uint32_t i) {
  return (const pack_entry *)pack_record(s, SECTION_ENTRIES, i);
}

static inline const pack_asset *pack_asset_at(const edgestatic_store *s,
                                              uint32_t i) {
  return (const pack_asset *)pack_record(s, SECTION_ASSETS, i);
}

static inline const pack_variant *pack_variant_at(const edgestatic_store *s,
                                                  uint32_t i) {
  return (const pack_variant *)pack_record(s, SECTION_VARIANTS, i);
}

static inline const pack_field *pack_field_at(const edgestatic_store *s,
                                              uint32_t i) {
  return (const pack_field *)pack_record(s, SECTION_FIELDS, i);
}

static inline const pack_rule *pack_rule_at(const edgestatic_store *s,
                                            uint32_t i) {
  return (const pack_rule *)pack_record(s, SECTION_RULES, i);
}

static inline const pack_condition *pack_condition_at(const edgestatic_store *s,
                                                      uint32_t i) {
  return (const pack_condition *)pack_record(s, SECTION_CONDITIONS, i);
}

/* The rules of the collection that is served, or NULL: none. */
static inline const pack_ruleset *pack_ruleset_of(const edgestatic_store *s) {
  if (s->section[SECTION_RULESETS].count == 0)
    return NULL;
  return (const pack_ruleset *)pack_record(s, SECTION_RULESETS, 0);
}

/* The header rules of the collection that is served, or NULL: none. */
static inline const pack_header_set *
pack_header_set_of(const edgestatic_store *s) {
  if (s->section[SECTION_HEADER_SETS].count == 0)
    return NULL;
  return (const pack_header_set *)pack_record(s, SECTION_HEADER_SETS, 0);
}

static inline const pack_header_block *
pack_header_block_at(const edgestatic_store *s, uint32_t i) {
  return (const pack_header_block *)pack_record(s, SECTION_HEADER_BLOCKS, i);
}

static inline const pack_header_field *
pack_header_field_at(const edgestatic_store *s, uint32_t i) {
  return (const pack_header_field *)pack_record(s, SECTION_HEADER_FIELDS, i);
}

static inline const pack_cors *pack_cors_at(const edgestatic_store *s,
                                            uint32_t i) {
  return (const pack_cors *)pack_record(s, SECTION_CORS, i);
}

static inline const pack_dictionary *
pack_dictionary_at(const edgestatic_store *s, uint32_t i) {
  return (const pack_dictionary *)pack_record(s, SECTION_DICTIONARIES, i);
}

/* Of blob i, where the section is there. */
static inline const pack_digest *pack_digest_at(const edgestatic_store *s,
                                                uint32_t i) {
  return (const pack_digest *)pack_record(s, SECTION_DIGESTS, i);
}

/* Whether an asset has deltas, which are the last of its variants. */
static inline bool pack_has_deltas(const edgestatic_store *s,
                                   const pack_asset *a) {
  return get32(
             pack_variant_at(s, get32(a->variant) + get16(a->variant_count) - 1)
                 ->dictionary) != 0;
}

static inline const pack_blob *pack_blob_at(const edgestatic_store *s,
                                            uint32_t i) {
  return (const pack_blob *)pack_record(s, SECTION_BLOBS, i);
}

/* The collection that is served, or NULL: a store without assets. */
static inline const pack_collection *
pack_collection_of(const edgestatic_store *s) {
  if (s->section[SECTION_COLLECTIONS].count == 0)
    return NULL;
  return (const pack_collection *)pack_record(s, SECTION_COLLECTIONS, 0);
}

/* The entry that a table has for a path, or EDGESTATIC_NONE. */
uint32_t pack_find(const edgestatic_store *store, const pack_table *table,
                   slice path);

/* The first rule that a ruleset's table has for a path, or EDGESTATIC_NONE. */
uint32_t pack_find_rule(const edgestatic_store *store, const pack_table *table,
                        slice path);

/* Reads the header and the section table, all that is needed to follow the
 * rest of a good pack.  Returns EDGESTATIC_OK, _ERR_FORMAT or _ERR_VERSION;
 * *store is zeroed first and left half-filled on an error. */
int pack_read_header(edgestatic_store *store, const void *bytes, size_t len);

/* Whether every number behind the section table may be followed. */
bool pack_check(const edgestatic_store *store);

/* The same of the rules alone (rules_check.c, headers_check.c), and what they
 * share with the rest: so many records lie in a section; every slot of a table
 * leads to one of so many records, and probing ends soon; a string's length
 * and its NUL lie in the section; it is a token or a field value (RFC 9110
 * sections 5.6.2 and 5.5). */
bool pack_check_rules(const edgestatic_store *store);
bool pack_check_headers(const edgestatic_store *store);
bool pack_check_records(const edgestatic_store *store, enum section_id section,
                        le32 first, uint32_t count);
bool pack_check_token(slice s);
bool pack_check_value(slice s);
bool pack_check_table(const edgestatic_store *store, const pack_table *table,
                      uint32_t records);
bool pack_check_string(const edgestatic_store *store, le32 ref);

#endif
