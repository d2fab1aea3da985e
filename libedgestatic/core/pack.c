/* pack.c - opens a pack and finds things in it.
 * SPDX-License-Identifier: MIT */
#include "core/pack.h"
#include "core/hash.h"

_Static_assert(sizeof(pack_header) == 56 && sizeof(pack_section) == 24 &&
                   sizeof(pack_entry) == 16 && sizeof(pack_asset) == 56 &&
                   sizeof(pack_variant) == 20 && sizeof(pack_ruleset) == 24 &&
                   sizeof(pack_rule) == 28 && sizeof(pack_condition) == 12 &&
                   sizeof(pack_header_set) == 20 &&
                   sizeof(pack_header_block) == 16 &&
                   sizeof(pack_header_field) == 16 && sizeof(pack_cors) == 24 &&
                   sizeof(pack_dictionary) == 40 && sizeof(pack_digest) == 32,
               "records have no padding");
_Static_assert(SECTION_PLACES <= sizeof((edgestatic_store *)0)->section /
                                     sizeof((edgestatic_store *)0)->section[0],
               "a store has a place for each known section");

/* The least stride of each section: what this reader reads of a record. */
static const uint32_t record_size[SECTION_PLACES] = {
    [SECTION_STRINGS] = 1,
    [SECTION_COLLECTIONS] = sizeof(pack_collection),
    [SECTION_SLOTS] = sizeof(pack_slot),
    [SECTION_ENTRIES] = sizeof(pack_entry),
    [SECTION_ASSETS] = sizeof(pack_asset),
    [SECTION_VARIANTS] = sizeof(pack_variant),
    [SECTION_FIELDS] = sizeof(pack_field),
    [SECTION_BLOBS] = sizeof(pack_blob),
    [SECTION_RULESETS] = sizeof(pack_ruleset),
    [SECTION_RULES] = sizeof(pack_rule),
    [SECTION_CONDITIONS] = sizeof(pack_condition),
    [SECTION_HEADER_SETS] = sizeof(pack_header_set),
    [SECTION_HEADER_BLOCKS] = sizeof(pack_header_block),
    [SECTION_HEADER_FIELDS] = sizeof(pack_header_field),
    [SECTION_CORS] = sizeof(pack_cors),
    [SECTION_DICTIONARIES] = sizeof(pack_dictionary),
    [SECTION_DIGESTS] = sizeof(pack_digest),
};

/* The place of a section in a store, or SECTION_PLACES: not known. */
static uint32_t place_of(uint32_t id) {
  if (id < SECTION_KNOWN)
    return id;
  if (id >= SECTION_KNOWN + SECTION_LATER_BASE &&
      id < SECTION_PLACES + SECTION_LATER_BASE)
    return id - SECTION_LATER_BASE;
  return SECTION_PLACES;
}

static int read_section(edgestatic_store *store, const pack_section *section) {
  uint32_t id = place_of(get32(section->id));
  uint32_t offset = get32(section->offset);
  uint32_t count = get32(section->count);
  uint32_t stride = get32(section->stride);

  /* 32 by 32 bits fit into 64, and so does one more 32-bit number. */
  if (offset + (uint64_t)count * stride > store->index_size)
    return EDGESTATIC_ERR_FORMAT;
  if (id == SECTION_PLACES)
    return get32(section->flags) & SECTION_CRITICAL ? EDGESTATIC_ERR_VERSION
                                                    : EDGESTATIC_OK;
  if (stride < record_size[id] || (id == SECTION_STRINGS && stride != 1) ||
      store->section[id].stride != 0)
    return EDGESTATIC_ERR_FORMAT;
  store->section[id].offset = offset;
  store->section[id].count = count;
  store->section[id].stride = stride;
  return EDGESTATIC_OK;
}

int pack_read_header(edgestatic_store *store, const void *bytes, size_t len) {
  const pack_header *h = bytes;

  memset(store, 0, sizeof *store);
  if (len < sizeof *h ||
      memcmp(h->magic, PACK_MAGIC, sizeof PACK_MAGIC - 1) != 0)
    return EDGESTATIC_ERR_FORMAT;
  if (get16(h->major) != PACK_MAJOR)
    return EDGESTATIC_ERR_VERSION;

  store->base = bytes;
  store->len = len;
  store->index_size = get64(h->index_size);
  store->pack_size = get64(h->pack_size);
  uint32_t table = get32(h->header_size);
  uint32_t count = get32(h->section_count);
  if (store->index_size > len || store->index_size > store->pack_size ||
      store->pack_size > INT64_MAX || table < sizeof *h ||
      count > PACK_SECTIONS_MAX ||
      table + (uint64_t)count * sizeof(pack_section) > store->index_size)
    return EDGESTATIC_ERR_FORMAT;

  const pack_section *section = (const pack_section *)(store->base + table);
  for (uint32_t i = 0; i < count; i++) {
    int error = read_section(store, &section[i]);
    if (error != EDGESTATIC_OK)
      return error;
  }
  return EDGESTATIC_OK;
}

int edgestatic_store_open_trusted(edgestatic_store *store, const void *bytes,
                                  size_t len) {
  int error = pack_read_header(store, bytes, len);
  if (error != EDGESTATIC_OK)
    memset(store, 0, sizeof *store);
  return error;
}

int edgestatic_store_open(edgestatic_store *store, const void *bytes,
                          size_t len) {
  int error = pack_read_header(store, bytes, len);
  if (error == EDGESTATIC_OK) {
    const pack_header *h = bytes;
    size_t from = offsetof(pack_header, newest);
    if (hash64(store->base + from, (size_t)store->index_size - from) !=
        get64(h->checksum))
      error = EDGESTATIC_ERR_CHECKSUM;
    else if (!pack_check(store))
      error = EDGESTATIC_ERR_FORMAT;
  }
  if (error != EDGESTATIC_OK)
    memset(store, 0, sizeof *store);
  return error;
}

uint64_t edgestatic_store_index_size(const edgestatic_store *store) {
  return store->index_size;
}

uint64_t edgestatic_store_pack_size(const edgestatic_store *store) {
  return store->pack_size;
}

uint32_t edgestatic_store_asset_count(const edgestatic_store *store) {
  return store->section[SECTION_ASSETS].count;
}

uint32_t edgestatic_store_variant_count(const edgestatic_store *store) {
  return store->section[SECTION_VARIANTS].count;
}

edgestatic_asset edgestatic_store_asset(const edgestatic_store *store,
                                        uint32_t i) {
  const pack_asset *a = pack_asset_at(store, i);
  return (edgestatic_asset){.path = pack_string(store, a->path),
                            .file = pack_string(store, a->file),
                            .type = pack_string(store, a->type),
                            .mtime = (int64_t)get64(a->mtime),
                            .variant = get32(a->variant),
                            .variant_count = get16(a->variant_count),
                            .flags = get32(a->flags),
                            .retained_until =
                                (int64_t)get64(a->retained_until)};
}

edgestatic_variant edgestatic_store_variant(const edgestatic_store *store,
                                            uint32_t i) {
  const pack_variant *v = pack_variant_at(store, i);
  const pack_blob *b = pack_blob_at(store, get32(v->blob));
  edgestatic_variant variant = {.coding = v->coding,
                                .etag = pack_string(store, v->etag),
                                .offset = get64(b->offset),
                                .size = get64(b->size),
                                .dictionary = get32(v->dictionary)};
  if (store->section[SECTION_DIGESTS].count > 0)
    variant.sha256 = pack_digest_at(store, get32(v->blob))->sha256;
  memcpy(variant.hash, b->hash, sizeof variant.hash);
  return variant;
}

edgestatic_dictionary edgestatic_store_dictionary(const edgestatic_store *store,
                                                  uint32_t i) {
  const pack_dictionary *d = pack_dictionary_at(store, i);
  return (edgestatic_dictionary){d->sha256, pack_string(store, d->name)};
}

edgestatic_slice edgestatic_store_rule(const edgestatic_store *store,
                                       uint32_t i) {
  return pack_string(store, pack_rule_at(store, i)->origin);
}

/* The records of both sections begin with the string that they are found by.
 */
static inline uint32_t find(const edgestatic_store *store,
                            enum section_id section, const pack_table *table,
                            slice path) {
  uint64_t hash = hash64(path.base, path.len);
  uint32_t first = get32(table->first);
  uint32_t mask = get32(table->mask);
  uint32_t tag = (uint32_t)(hash >> 32);

  for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
    const pack_slot *slot =
        (const pack_slot *)pack_record(store, SECTION_SLOTS, first + i);
    uint32_t entry = get32(slot->entry);
    if (entry == 0)
      return EDGESTATIC_NONE;
    if (get32(slot->tag) == tag) {
      const le32 *key = (const le32 *)pack_record(store, section, entry - 1);
      if (slice_eq(pack_string(store, *key), path))
        return entry - 1;
    }
  }
}

uint32_t pack_find(const edgestatic_store *store, const pack_table *table,
                   slice path) {
  return find(store, SECTION_ENTRIES, table, path);
}

uint32_t pack_find_rule(const edgestatic_store *store, const pack_table *table,
                        slice path) {
  return find(store, SECTION_RULES, table, path);
}

uint32_t edgestatic_store_find(const edgestatic_store *store,
                               edgestatic_slice path) {
  const pack_collection *site = pack_collection_of(store);
  if (site == NULL)
    return EDGESTATIC_NONE;
  uint32_t i = pack_find(store, &site->paths, path);
  if (i == EDGESTATIC_NONE || pack_entry_at(store, i)->kind != ENTRY_ASSET)
    return EDGESTATIC_NONE;
  return get32(pack_entry_at(store, i)->asset);
}
