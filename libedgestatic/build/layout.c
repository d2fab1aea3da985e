/* layout.c - see layout.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/layout.h"

#include <assert.h>
#include <xxhash.h>

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
  free_records(l, &l->dictionaries, sizeof(pack_dictionary));
  free_records(l, &l->digests, sizeof(pack_digest));
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

void layout_digest(struct layout *l, uint32_t blob,
                   const unsigned char sha256[32]) {
  size_t had = l->digests.count;
  if (blob >= had) {
    pack_digest *added = append(l, &l->digests, blob + 1 - had, sizeof *added);
    if (!added)
      return;
    memset(added, 0, (blob + 1 - had) * sizeof *added);
  }
  if (l->error)
    return;
  memcpy(((pack_digest *)l->digests.bytes)[blob].sha256, sha256, 32);
  l->digested++;
}

uint32_t layout_dictionary(struct layout *l, const unsigned char sha256[32],
                           slice name) {
  const pack_dictionary *known = (const pack_dictionary *)l->dictionaries.bytes;
  for (size_t i = 0; i < l->dictionaries.count; i++)
    if (memcmp(known[i].sha256, sha256, sizeof known[i].sha256) == 0)
      return (uint32_t)i + 1;
  le32 of_name = string(l, name);
  pack_dictionary *d = append(l, &l->dictionaries, 1, sizeof *d);
  if (!d)
    return 0;
  *d = (pack_dictionary){.name = of_name};
  memcpy(d->sha256, sha256, sizeof d->sha256);
  return (uint32_t)l->dictionaries.count;
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
                        uint32_t dictionary, slice etag,
                        struct layout_run fields) {
  le32 tag = string(l, etag);
  pack_variant *v = append(l, &l->variants, 1, sizeof *v);
  if (!v)
    return 0;
  *v = (pack_variant){.blob = put32(blob),
                      .etag = tag,
                      .field = put32(fields.first),
                      .dictionary = put32(dictionary),
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
