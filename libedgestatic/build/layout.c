/* layout.c - see layout.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/layout.h"

#include <assert.h>
#include <xxhash.h>

#define SECTION_ALIGN 8

/* Of redirects to a page's own path: permanent, and the method stays (RFC 9110
 * section 15.4.9). */
#define CANONICAL_STATUS 308

void layout_init(struct layout *l, const edgestatic_allocator *allocator) {
  *l = (struct layout){.allocator = allocator,
                       .strings = {.allocator = allocator},
                       .newest = INT64_MIN};
}

static void free_records(struct layout *l, struct layout_records *r,
                         size_t size) {
  mem_free(l->allocator, r->bytes, r->room * size);
}

void layout_free(struct layout *l) {
  strings_free(&l->strings);
  free_records(l, &l->entries, sizeof(pack_entry));
  free_records(l, &l->assets, sizeof(pack_asset));
  free_records(l, &l->variants, sizeof(pack_variant));
  free_records(l, &l->fields, sizeof(pack_field));
  free_records(l, &l->blobs, sizeof(pack_blob));
  free_records(l, &l->rules, sizeof(pack_rule));
  free_records(l, &l->conditions, sizeof(pack_condition));
  free_records(l, &l->header_blocks, sizeof(pack_header_block));
  free_records(l, &l->header_fields, sizeof(pack_header_field));
  free_records(l, &l->cors, sizeof(pack_cors));
  mem_free(l->allocator, l->run, l->run_slots * sizeof *l->run);
  mem_free(l->allocator, l->run_length, l->run_slots);
  *l = (struct layout){0};
}

/* Room for `count` more records; NULL after an error. */
static void *append(struct layout *l, struct layout_records *r, size_t count,
                    size_t size) {
  if (l->error)
    return NULL;
  if (r->count + count > UINT32_MAX / 2) {
    l->error = EDGESTATIC_ERR_LIMIT;
    return NULL;
  }
  unsigned char *bytes =
      mem_grow(l->allocator, r->bytes, &r->room, r->count + count, size);
  if (!bytes) {
    l->error = EDGESTATIC_ERR_MEMORY;
    return NULL;
  }
  r->bytes = bytes;
  void *added = bytes + r->count * size;
  r->count += count;
  return added;
}

static le32 string(struct layout *l, slice s) {
  uint32_t offset = strings_add(&l->strings, s);
  if (l->strings.error && !l->error)
    l->error = l->strings.error;
  return put32(offset);
}

uint32_t layout_blob(struct layout *l, const unsigned char hash[16],
                     uint64_t size) {
  pack_blob *b = append(l, &l->blobs, 1, sizeof *b);
  if (!b)
    return 0;
  *b = (pack_blob){.size = put64(size)};
  memcpy(b->hash, hash, sizeof b->hash);
  return (uint32_t)l->blobs.count - 1;
}

uint64_t layout_blob_offset(const struct layout *l, uint32_t blob) {
  return get64(((const pack_blob *)l->blobs.bytes)[blob].offset);
}

/* ---- Runs of fields ---- */

static pack_field *field_at(const struct layout *l, uint32_t i) {
  return (pack_field *)l->fields.bytes + i;
}

/* The place of a run in the table, or a free one. */
static size_t find_run(const struct layout *l, const pack_field *run,
                       size_t count) {
  size_t size = count * sizeof *run;
  size_t i = (size_t)XXH3_64bits(run, size) & (l->run_slots - 1);
  while (l->run[i] != 0 && (l->run_length[i] != count ||
                            memcmp(field_at(l, l->run[i] - 1), run, size) != 0))
    i = (i + 1) & (l->run_slots - 1);
  return i;
}

static bool grow_runs(struct layout *l) {
  struct layout more = *l;
  more.run_slots = l->run_slots ? l->run_slots * 2 : 256;
  more.run = mem_new(l->allocator, more.run_slots, sizeof *more.run);
  more.run_length = mem_new(l->allocator, more.run_slots, 1);
  if (!more.run || !more.run_length) {
    mem_free(l->allocator, more.run, more.run_slots * sizeof *more.run);
    mem_free(l->allocator, more.run_length, more.run_slots);
    l->error = EDGESTATIC_ERR_MEMORY;
    return false;
  }
  memset(more.run, 0, more.run_slots * sizeof *more.run);
  for (size_t i = 0; i < l->run_slots; i++) {
    if (l->run[i] == 0)
      continue;
    size_t to = find_run(&more, field_at(l, l->run[i] - 1), l->run_length[i]);
    more.run[to] = l->run[i];
    more.run_length[to] = l->run_length[i];
  }
  mem_free(l->allocator, l->run, l->run_slots * sizeof *l->run);
  mem_free(l->allocator, l->run_length, l->run_slots);
  l->run = more.run;
  l->run_length = more.run_length;
  l->run_slots = more.run_slots;
  return true;
}

struct layout_run layout_run(struct layout *l, const struct layout_field *field,
                             size_t count, size_t kept) {
  pack_field run[UINT8_MAX];
  assert(count > 0 && count <= UINT8_MAX && kept <= count);
  struct layout_run result = {0, (unsigned char)count, (unsigned char)kept, 0};
  for (size_t i = 0; i < count; i++)
    run[i] = (pack_field){string(l, field[i].name), string(l, field[i].value),
                          string(l, field[i].origin)};
  if (l->error || (l->runs * 2 >= l->run_slots && !grow_runs(l)))
    return result;
  size_t slot = find_run(l, run, count);
  if (l->run[slot] == 0) {
    pack_field *added = append(l, &l->fields, count, sizeof *added);
    if (!added)
      return result;
    memcpy(added, run, count * sizeof *run);
    l->run[slot] = (uint32_t)(l->fields.count - count) + 1;
    l->run_length[slot] = (unsigned char)count;
    l->runs++;
  }
  result.first = l->run[slot] - 1;
  return result;
}

/* ---- Variants, assets, entries ---- */

uint32_t layout_variant(struct layout *l, uint32_t blob, unsigned coding,
                        slice etag, struct layout_run fields) {
  le32 tag = string(l, etag);
  pack_variant *v = append(l, &l->variants, 1, sizeof *v);
  if (!v)
    return 0;
  *v = (pack_variant){.blob = put32(blob),
                      .etag = tag,
                      .field = put32(fields.first),
                      .field_count = fields.count,
                      .field_kept = fields.kept,
                      .coding = (unsigned char)coding};
  return (uint32_t)l->variants.count - 1;
}

uint32_t layout_asset(struct layout *l, const struct layout_asset *from) {
  le32 path = string(l, from->path), file = string(l, from->file);
  le32 type = string(l, from->type);
  struct layout_run bare = from->bare.count > 0 ? from->bare : from->fields;
  pack_asset *a = append(l, &l->assets, 1, sizeof *a);
  if (!a)
    return 0;
  *a = (pack_asset){.path = path,
                    .file = file,
                    .type = type,
                    .flags = put32(from->flags),
                    .mtime = put64((uint64_t)from->mtime),
                    .variant = put32(from->variant),
                    .field = put32(from->fields.first),
                    .variant_count = put16((uint16_t)from->variant_count),
                    .field_count = from->fields.count,
                    .field_kept = from->fields.kept,
                    .bare = put32(bare.first),
                    .bare_count = bare.count,
                    .bare_kept = bare.kept,
                    .tls_count = from->fields.tls,
                    .bare_tls = bare.tls,
                    .cors = put32(from->cors),
                    .retained_until = put64((uint64_t)from->retained_until)};
  if (from->mtime > l->newest)
    l->newest = from->mtime;
  return (uint32_t)l->assets.count - 1;
}

static void add_entry(struct layout *l, slice path, slice location,
                      uint32_t asset, unsigned flags) {
  le32 at = string(l, path), to = string(l, location);
  pack_entry *e = append(l, &l->entries, 1, sizeof *e);
  if (e)
    *e = (pack_entry){.path = at,
                      .location = to,
                      .asset = put32(asset),
                      .status = put16(200),
                      .kind = ENTRY_ASSET,
                      .flags = (unsigned char)flags};
}

void layout_path(struct layout *l, slice path, slice location, uint32_t asset,
                 unsigned flags) {
  assert(l->error || l->paths == l->entries.count);
  add_entry(l, path, location, asset, flags);
  l->paths = (uint32_t)l->entries.count;
}

void layout_error_page(struct layout *l, slice folder, slice location,
                       uint32_t asset) {
  add_entry(l, folder, location, asset, 0);
  uint32_t depth = 0;
  for (size_t i = 0; i < folder.len; i++)
    depth += folder.base[i] == '/';
  if (depth > l->error_page_depth)
    l->error_page_depth = depth;
}

/* ---- Rules ---- */

static pack_rule *last_rule(const struct layout *l) {
  return (pack_rule *)l->rules.bytes + l->rules.count - 1;
}

void layout_rule(struct layout *l, const struct layout_rule *from) {
  le32 path = string(l, from->path), target = string(l, from->target);
  le32 host = string(l, from->host), origin = string(l, from->origin);
  if (l->error)
    return;
  bool more = !from->dynamic && l->rules.count > 0 &&
              get32(last_rule(l)->path) == get32(path);
  if (more)
    last_rule(l)->flags |= RULE_MORE;
  pack_rule *r = append(l, &l->rules, 1, sizeof *r);
  if (!r)
    return;
  *r = (pack_rule){.path = path,
                   .target = target,
                   .host = host,
                   .origin = origin,
                   .order = put32(from->order),
                   .condition = put32((uint32_t)l->conditions.count),
                   .status = put16((uint16_t)from->status),
                   .flags = (unsigned char)from->flags};
  l->ruleset_flags |= from->flags & RULE_FORCED ? RULESET_FORCED : 0;
  if (!from->dynamic) {
    assert(l->exact_rules + 1 == l->rules.count);
    l->exact_rules++;
    l->exact_paths += !more;
  }
}

void layout_condition(struct layout *l, int kind, slice name, slice value) {
  le32 of_name = string(l, name), of_value = string(l, value);
  pack_condition *c = append(l, &l->conditions, 1, sizeof *c);
  if (!c)
    return;
  *c = (pack_condition){
      .name = of_name, .value = of_value, .kind = (unsigned char)kind};
  last_rule(l)->condition_count++;
}

/* ---- Header rules ---- */

void layout_header_block(struct layout *l, slice host, slice path) {
  le32 of_host = string(l, host), of_path = string(l, path);
  pack_header_block *b = append(l, &l->header_blocks, 1, sizeof *b);
  if (b)
    *b = (pack_header_block){.host = of_host,
                             .path = of_path,
                             .field = put32((uint32_t)l->header_fields.count)};
}

void layout_header_field(struct layout *l, slice name, slice value,
                         slice origin, unsigned flags) {
  le32 of_name = string(l, name), of_value = string(l, value);
  le32 of_origin = string(l, origin);
  pack_header_field *f = append(l, &l->header_fields, 1, sizeof *f);
  if (!f)
    return;
  *f = (pack_header_field){of_name, of_value, of_origin, put32(flags)};
  if (l->header_blocks.count == 0)
    return;
  pack_header_block *b =
      (pack_header_block *)l->header_blocks.bytes + l->header_blocks.count - 1;
  b->field_count = put32(get32(b->field_count) + 1);
}

uint32_t layout_cors(struct layout *l, const struct layout_cors *from) {
  const pack_cors record = {string(l, from->origins), string(l, from->methods),
                            string(l, from->headers), string(l, from->exposed),
                            put32(from->max_age),     put32(from->flags)};
  for (size_t i = 0; i < l->cors.count; i++)
    if (memcmp((const pack_cors *)l->cors.bytes + i, &record, sizeof record) ==
        0)
      return (uint32_t)i + 1;
  pack_cors *c = append(l, &l->cors, 1, sizeof *c);
  if (!c)
    return 0;
  *c = record;
  return (uint32_t)l->cors.count;
}

/* ---- The whole ---- */

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
                       .flags = put32(later ? SECTION_CRITICAL : 0),
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
  le32 name = string(l, LIT("live"));
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
      [SECTION_CORS] = {l->cors.bytes, l->cors.count, sizeof(pack_cors)}};

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
