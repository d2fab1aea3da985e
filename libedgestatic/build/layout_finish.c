/* layout_finish.c - gives each section and each body of a layout its place.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/layout.h"

#include <xxhash.h>

#define SECTION_ALIGN 8

/* Of redirects to a page's own path: permanent, and the method stays (RFC 9110
 * section 15.4.9). */
#define CANONICAL_STATUS 308

/* Slots of a table for n entries: at most half full, so a lookup of a missing
 * path looks at two and a half slots on average. */
static uint32_t table_slots(size_t n) {
  uint32_t slots = 1;
  while (slots < n * 2)
    slots *= 2;
  return slots;
}

/* Puts record i, of that path, into a table. */
static void fill_slot(const struct layout *l, pack_slot *slot, uint32_t slots,
                      le32 path, size_t i) {
  const char *s = l->strings.bytes + get32(path);
  size_t len = get16((le16){{(unsigned char)s[0], (unsigned char)s[1]}});
  uint64_t hash = XXH3_64bits(s + 2, len);
  uint32_t at = (uint32_t)hash & (slots - 1);
  while (get32(slot[at].entry) != 0)
    at = (at + 1) & (slots - 1);
  slot[at] = (pack_slot){put32((uint32_t)(hash >> 32)), put32((uint32_t)i + 1)};
}

/* Fills the table for entries [first, first + n). */
static void fill_table(const struct layout *l, pack_slot *slot, uint32_t slots,
                       size_t first, size_t n) {
  const pack_entry *e = (const pack_entry *)l->entries.bytes;
  for (size_t i = first; i < first + n; i++)
    fill_slot(l, slot, slots, e[i].path, i);
}

/* Fills the table for the first rule of each path. */
static void fill_rules(const struct layout *l, pack_slot *slot,
                       uint32_t slots) {
  const pack_rule *r = (const pack_rule *)l->rules.bytes;
  for (size_t i = 0; i < l->exact_rules; i++)
    if (i == 0 || (r[i - 1].flags & RULE_MORE) == 0)
      fill_slot(l, slot, slots, r[i].path, i);
}

static uint64_t align_up(uint64_t n, uint64_t align) {
  return (n + align - 1) / align * align;
}

/* Gives each body its place behind the index: in the order of the blobs,
 * which is that of the paths, so that what is sent together lies together. */
static void place_bodies(struct layout *l, struct layout_index *index) {
  uint64_t end = index->size;
  pack_blob *blob = (pack_blob *)l->blobs.bytes;
  for (size_t i = 0; i < l->blobs.count; i++) {
    uint64_t size = get64(blob[i].size);
    end = align_up(end, size >= LAYOUT_PAGED_MIN ? PACK_PAGE : PACK_ALIGN);
    blob[i].offset = put64(end);
    end += size;
  }
  index->pack_size = end;
}

struct part {
  const void *bytes;
  size_t count, stride;
};

/* A site without rules is read by those who know none. */
static bool is_left_out(const struct part *part, uint32_t i) {
  return i >= SECTION_KNOWN && part[i].count == 0;
}

/* What a reader may not pass over. */
static bool is_critical(uint32_t i) {
  return i >= SECTION_KNOWN && i < SECTION_DICTIONARIES;
}

/* Gives each section its place, *sections of them; the size of the index, or 0
 * where it is too large. */
static size_t place_sections(const struct part *part, uint32_t *sections,
                             pack_section *section) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < SECTION_PLACES; i++)
    n += !is_left_out(part, i);
  *sections = n;
  uint64_t end = sizeof(pack_header) + n * sizeof(pack_section);
  n = 0;
  for (uint32_t i = 0; i < SECTION_PLACES; i++) {
    bool later = i >= SECTION_KNOWN;
    if (is_left_out(part, i))
      continue;
    end = align_up(end, SECTION_ALIGN);
    if (end > UINT32_MAX)
      return 0;
    section[n++] =
        (pack_section){.id = put32(later ? i + SECTION_LATER_BASE : i),
                       .flags = put32(is_critical(i) ? SECTION_CRITICAL : 0),
                       .offset = put32((uint32_t)end),
                       .count = put32((uint32_t)part[i].count),
                       .stride = put32((uint32_t)part[i].stride)};
    end += (uint64_t)part[i].count * part[i].stride;
  }
  return end > UINT32_MAX ? 0 : (size_t)end;
}

static void write_header(const struct layout *l, struct layout_index *index,
                         uint32_t sections) {
  pack_header header = {.major = put16(PACK_MAJOR),
                        .minor = put16(PACK_MINOR),
                        .header_size = put32(sizeof header),
                        .index_size = put64(index->size),
                        .pack_size = put64(index->pack_size),
                        .newest = put64((uint64_t)l->newest),
                        .section_count = put32(sections)};
  memcpy(header.magic, PACK_MAGIC, sizeof header.magic);
  memcpy(index->bytes, &header, sizeof header);
  size_t from = offsetof(pack_header, newest);
  header.checksum = put64(XXH3_64bits(index->bytes + from, index->size - from));
  memcpy(index->bytes, &header, sizeof header);
}

int layout_finish(struct layout *l, struct layout_index *index) {
  *index = (struct layout_index){0};
  le32 name = put32(strings_add(&l->strings, LIT("live")));
  if (!l->error)
    l->error = l->strings.error;
  if (l->error)
    return l->error;
  size_t error_pages = l->entries.count - l->paths;
  uint32_t path_slots = table_slots(l->paths);
  uint32_t error_slots = table_slots(error_pages);
  uint32_t rule_slots = l->rules.count > 0 ? table_slots(l->exact_paths) : 0;
  pack_collection collection = {
      .name = name,
      .paths = {put32(0), put32(path_slots - 1)},
      .error_pages = {put32(path_slots), put32(error_slots - 1)},
      .error_page_depth = put32(l->error_page_depth),
      .fallback = put32(l->fallback),
      .canonical_status = put16(CANONICAL_STATUS),
      .flags = put16((uint16_t)l->flags)};
  pack_ruleset ruleset = {
      .exact = {put32(path_slots + error_slots), put32(rule_slots - 1)},
      .dynamic = put32(l->exact_rules),
      .dynamic_count = put32((uint32_t)l->rules.count - l->exact_rules),
      .flags = put32(l->ruleset_flags)};
  const pack_header_block *blocks = (void *)l->header_blocks.bytes;
  const pack_header_set header_set = {
      .block_count = put32((uint32_t)l->header_blocks.count),
      .flags = put32(l->header_flags),
      .preset_count = l->header_blocks.count > 0
                          ? blocks->field
                          : put32((uint32_t)l->header_fields.count)};
  const struct part part[SECTION_PLACES] = {
      [SECTION_STRINGS] = {l->strings.bytes, l->strings.size, 1},
      [SECTION_COLLECTIONS] = {&collection, 1, sizeof collection},
      [SECTION_SLOTS] = {NULL, (size_t)path_slots + error_slots + rule_slots,
                         sizeof(pack_slot)},
      [SECTION_ENTRIES] = {l->entries.bytes, l->entries.count,
                           sizeof(pack_entry)},
      [SECTION_ASSETS] = {l->assets.bytes, l->assets.count, sizeof(pack_asset)},
      [SECTION_VARIANTS] = {l->variants.bytes, l->variants.count,
                            sizeof(pack_variant)},
      [SECTION_FIELDS] = {l->fields.bytes, l->fields.count, sizeof(pack_field)},
      [SECTION_BLOBS] = {l->blobs.bytes, l->blobs.count, sizeof(pack_blob)},
      [SECTION_RULESETS] = {&ruleset, l->rules.count > 0, sizeof ruleset},
      [SECTION_RULES] = {l->rules.bytes, l->rules.count, sizeof(pack_rule)},
      [SECTION_CONDITIONS] = {l->conditions.bytes, l->conditions.count,
                              sizeof(pack_condition)},
      [SECTION_HEADER_SETS] = {&header_set,
                               l->header_blocks.count + l->header_fields.count >
                                   0,
                               sizeof header_set},
      [SECTION_HEADER_BLOCKS] = {l->header_blocks.bytes, l->header_blocks.count,
                                 sizeof(pack_header_block)},
      [SECTION_HEADER_FIELDS] = {l->header_fields.bytes, l->header_fields.count,
                                 sizeof(pack_header_field)},
      [SECTION_CORS] = {l->cors.bytes, l->cors.count, sizeof(pack_cors)},
      [SECTION_DICTIONARIES] = {l->dictionaries.bytes, l->dictionaries.count,
                                sizeof(pack_dictionary)},
      [SECTION_DIGESTS] = {l->digests.bytes,
                           l->digested == l->blobs.count ? l->digested : 0,
                           sizeof(pack_digest)}};

  uint32_t sections;
  pack_section section[SECTION_PLACES];
  index->size = place_sections(part, &sections, section);
  if (index->size == 0)
    return EDGESTATIC_ERR_LIMIT;
  index->bytes = mem_new(l->allocator, index->size, 1);
  if (!index->bytes)
    return EDGESTATIC_ERR_MEMORY;
  memset(index->bytes, 0, index->size);
  place_bodies(l, index);

  memcpy(index->bytes + sizeof(pack_header), section,
         sections * sizeof *section);
  for (uint32_t i = 0, n = 0; i < SECTION_PLACES; i++) {
    uint32_t at = is_left_out(part, i) ? 0 : get32(section[n++].offset);
    if (at > 0 && part[i].bytes)
      memcpy(index->bytes + at, part[i].bytes, part[i].count * part[i].stride);
  }
  pack_slot *slot =
      (pack_slot *)(index->bytes + get32(section[SECTION_SLOTS].offset));
  fill_table(l, slot, path_slots, 0, l->paths);
  fill_table(l, slot + path_slots, error_slots, l->paths, error_pages);
  fill_rules(l, slot + path_slots + error_slots, rule_slots);
  write_header(l, index, sections);
  return EDGESTATIC_OK;
}
