/* carry.c - see carry.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/carry.h"

#include "build/builder.h"
#include "build/mime.h"
#include "build/report.h"
#include "core/pack.h"

/* ---- What may be carried ---- */

/* Later versions may store variants in codings that are not known here. */
static bool is_known(const pack_variant *v) {
  return v->coding < EDGESTATIC_CODING_COUNT && get32(v->dictionary) == 0;
}

static bool is_delta(const pack_variant *v) {
  return v->coding < EDGESTATIC_CODING_COUNT && get32(v->dictionary) != 0;
}

/* What is wrong with an asset, or NULL. */
static const char *fault(const edgestatic_store *s, uint32_t i) {
  const pack_asset *a = pack_asset_at(s, i);
  const char *of_name = scan_path_fault(pack_string(s, a->file));
  if (of_name)
    return of_name;
  if (a->field_count == 0)
    return "has no header fields";
  uint32_t count = get16(a->variant_count);
  if (count > CARRY_VARIANTS_MAX)
    return "has more variants than there are content codings";
  for (uint32_t k = 0; k < count; k++) {
    const pack_variant *v = pack_variant_at(s, get32(a->variant) + k);
    if (v->coding == EDGESTATIC_CODING_IDENTITY && is_known(v))
      return NULL;
  }
  return "lacks the variant without a content coding";
}

int carry_check(const edgestatic_store *s,
                const edgestatic_builder_options *options) {
  for (uint32_t i = 0; i < edgestatic_store_asset_count(s); i++) {
    const char *wrong = fault(s, i);
    if (!wrong)
      continue;
    slice file = edgestatic_store_asset(s, i).file;
    return report_error(options, EDGESTATIC_ERR_INPUT, NULL, 0,
                        "the file \"%.*s\" of the pack to carry it from %s; "
                        "build that pack anew",
                        (int)file.len, file.base, wrong);
  }
  return EDGESTATIC_OK;
}

bool carry_is_file(const edgestatic_store *s, uint32_t asset) {
  return (get32(pack_asset_at(s, asset)->flags) &
          (EDGESTATIC_ASSET_ERROR_PAGE | EDGESTATIC_ASSET_FALLBACK)) == 0;
}

/* Pages are revalidated each time, whatever their name is. */
static bool is_fingerprinted(const edgestatic_store *s, uint32_t asset,
                             const struct fingerprints *fingerprints,
                             const struct evidence *release) {
  edgestatic_asset a = edgestatic_store_asset(s, asset);
  return !mime_is_page(a.type) &&
         fingerprints_has(fingerprints, release, a.file);
}

static bool is_of_release(const edgestatic_store *s, uint32_t asset) {
  return carry_is_file(s, asset) &&
         edgestatic_store_asset(s, asset).retained_until == 0;
}

int carry_evidence(const edgestatic_store *s, struct evidence *release) {
  int error = EDGESTATIC_OK;
  for (uint32_t i = 0; !error && i < edgestatic_store_asset_count(s); i++)
    if (is_of_release(s, i))
      error = evidence_add(release, edgestatic_store_asset(s, i).file);
  evidence_settle(release);
  return error;
}

bool carry_is_kept(const edgestatic_store *s, uint32_t asset,
                   const struct fingerprints *fingerprints,
                   const struct evidence *release) {
  return is_of_release(s, asset) &&
         is_fingerprinted(s, asset, fingerprints, release);
}

/* ---- What is carried ---- */

static const pack_blob *identity_of(const edgestatic_store *s, uint32_t asset) {
  uint32_t variant[EDGESTATIC_CODING_COUNT];
  unsigned count = carry_variants(s, asset, variant);
  return pack_blob_at(s, get32(pack_variant_at(s, variant[count - 1])->blob));
}

struct gather_item carry_item(const edgestatic_store *s, uint32_t asset) {
  edgestatic_asset a = edgestatic_store_asset(s, asset);
  return (struct gather_item){.path = a.file,
                              .root = -1,
                              .size = get64(identity_of(s, asset)->size),
                              .type = a.type,
                              .mtime = a.mtime,
                              .pack = s,
                              .asset = asset,
                              .retained_until = a.retained_until};
}

uint32_t carry_role(const struct gather_item *item, enum fields_role role,
                    slice path) {
  const edgestatic_store *s = item->pack;
  const pack_collection *site = pack_collection_of(s);
  uint32_t asset = EDGESTATIC_NONE;
  if (role == FIELDS_FILE)
    return item->asset;
  if (!site)
    return EDGESTATIC_NONE;
  if (role == FIELDS_FALLBACK) {
    asset = get32(site->fallback) - 1; /* of 0: none */
  } else if (get32(site->error_page_depth) != 0) {
    uint32_t entry = pack_find(s, &site->error_pages, path);
    if (entry != EDGESTATIC_NONE)
      asset = get32(pack_entry_at(s, entry)->asset);
  }
  /* Of this file, and not of another one: of a forged pack. */
  if (asset >= edgestatic_store_asset_count(s) ||
      !slice_eq(edgestatic_store_asset(s, asset).file, item->path))
    return EDGESTATIC_NONE;
  return asset;
}

unsigned carry_variants(const edgestatic_store *s, uint32_t asset,
                        uint32_t variant[EDGESTATIC_CODING_COUNT]) {
  const pack_asset *a = pack_asset_at(s, asset);
  bool seen[EDGESTATIC_CODING_COUNT] = {false};
  unsigned count = 0;
  uint32_t identity = 0, first = get32(a->variant);
  for (uint32_t i = first; i < first + get16(a->variant_count); i++) {
    const pack_variant *v = pack_variant_at(s, i);
    if (!is_known(v) || seen[v->coding])
      continue;
    seen[v->coding] = true;
    if (v->coding == EDGESTATIC_CODING_IDENTITY)
      identity = i;
    else
      variant[count++] = i;
  }
  variant[count] = identity;
  return count + 1;
}

unsigned carry_deltas(const struct gather_item *item, uint32_t asset,
                      uint32_t variant[CARRY_VARIANTS_MAX]) {
  const pack_asset *a = pack_asset_at(item->pack, asset);
  uint32_t first = get32(a->variant), all = get16(a->variant_count);
  unsigned count = 0;
  if (item->retained_until != 0 || !carry_is_file(item->pack, asset))
    return 0;
  for (uint32_t i = first; i < first + all && count < CARRY_VARIANTS_MAX; i++)
    if (is_delta(pack_variant_at(item->pack, i)))
      variant[count++] = i;
  return count;
}

struct layout_run carry_run(struct layout *layout, const edgestatic_store *s,
                            le32 first, unsigned count, unsigned kept,
                            bool deltas) {
  struct layout_field field[UINT8_MAX];
  for (unsigned i = 0; i < count; i++) {
    const pack_field *f = pack_field_at(s, get32(first) + i);
    field[i] =
        (struct layout_field){pack_string(s, f->name), pack_string(s, f->value),
                              pack_string(s, f->origin)};
    /* Of one without its deltas; where the owner's rules joined more to it, it
     * only says too much. */
    if (!deltas && slice_eq(field[i].value, LIT(FIELDS_VARY_DELTAS)))
      field[i].value = LIT("Accept-Encoding");
  }
  return layout_run(layout, field, count, kept);
}

/* ---- Verified fingerprints ---- */

/* The number of the item of a file, or the count of them. */
static size_t item_of(const struct gather *g, slice file) {
  size_t low = 0, high = g->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = builder_path_order(g->item[middle].path, file);
    if (order == 0)
      return middle;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return g->count;
}

#define HEX_LENGTH 33

static const char *hex(const unsigned char hash[16], char text[HEX_LENGTH]) {
  static const char digits[] = "0123456789abcdef";
  for (int i = 0; i < 16; i++) {
    text[2 * i] = digits[hash[i] >> 4];
    text[2 * i + 1] = digits[hash[i] & 15];
  }
  text[HEX_LENGTH - 1] = '\0';
  return text;
}

/* By XXH3 and not byte by byte: two contents of one hash would have to be
 * made on purpose, by the one who is to be warned; and the entity tag, which
 * is that hash, could not tell them apart either. */
static bool same_content(const struct gather *g, size_t i,
                         const edgestatic_store *previous, uint32_t asset) {
  const pack_blob *before = identity_of(previous, asset);
  const struct gather_item *item = &g->item[i];
  const unsigned char *now = item->pack
                                 ? identity_of(item->pack, item->asset)->hash
                                 : g->contents.blob[g->file[i].content].hash;
  char was[HEX_LENGTH], is[HEX_LENGTH];
  if (memcmp(before->hash, now, sizeof before->hash) == 0)
    return true;
  report_error(g->options, EDGESTATIC_ERR_INPUT, item->path.base, 0,
               "its name carries a hash, but its bytes are others than in the "
               "previous release (XXH3-128 %s then, %s now): browsers would "
               "keep the old ones for a year; give it a new name",
               hex(before->hash, was), hex(now, is));
  return false;
}

int carry_verify(const struct gather *g,
                 const struct fingerprints *fingerprints,
                 const edgestatic_store *previous) {
  struct evidence release = {.allocator = &g->options->allocator};
  int error = carry_evidence(previous, &release);
  for (uint32_t i = 0; error != EDGESTATIC_ERR_MEMORY &&
                       i < edgestatic_store_asset_count(previous);
       i++) {
    if (!carry_is_file(previous, i) ||
        !is_fingerprinted(previous, i, fingerprints, &release))
      continue;
    size_t item = item_of(g, edgestatic_store_asset(previous, i).file);
    if (item < g->count && !same_content(g, item, previous, i))
      error = EDGESTATIC_ERR_INPUT;
  }
  evidence_free(&release);
  return error;
}
