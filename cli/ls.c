/* ls.c - `edgestatic ls`: what a pack holds.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "args.h"
#include "json.h"
#include "packfile.h"
#include "say.h"
#include "term.h"
#include "view.h"

#include <stdio.h>
#include <stdlib.h>

enum { OPTION_JSON = OPTION_LONG };

static const struct option_spec options[] = {
    {OPTION_JSON, "json", NULL, "print a JSON array instead, one asset a line"},
    {0, NULL, NULL, NULL},
};

/* Beside the paths of the site stand two kinds of assets that are sent in
 * place of a missing one. */
static void add_path(struct term_table *table, const edgestatic_asset *asset) {
  const char *note = "";
  if (asset->flags & EDGESTATIC_ASSET_ERROR_PAGE)
    note = " (404 page of this folder)";
  else if (asset->flags & EDGESTATIC_ASSET_FALLBACK)
    note = " (single-page app)";
  char kept[TERM_TIME_MAX + 64] = "", time[TERM_TIME_MAX];
  if (asset->retained_until)
    snprintf(kept, sizeof kept, " (kept from an earlier release until %s)",
             term_time(time, asset->retained_until));
  char *text; /* not of a fixed size: a forged pack may have any path */
  int len = asprintf(&text, "%.*s%s%s", (int)asset->path.len, asset->path.base,
                     note, kept);
  if (len < 0) {
    table->failed = true;
    return;
  }
  term_table_add_slice(table, (edgestatic_slice){text, (size_t)len});
  free(text);
}

/* The largest delta of an asset, which is the most that a client downloads that
 * holds one of its earlier versions, and what that saves of the smallest
 * variant for all. */
static void add_deltas(struct term_table *table, const edgestatic_store *store,
                       const edgestatic_asset *asset) {
  char size[TERM_SIZE_MAX], saves[TERM_SIZE_MAX];
  edgestatic_variant plain = edgestatic_store_variant(store, asset->variant);
  edgestatic_variant delta = edgestatic_store_variant(
      store, asset->variant + asset->variant_count - 1);
  if (!delta.dictionary) {
    term_table_add(table, "-");
    term_table_add(table, "-");
    return;
  }
  snprintf(saves, sizeof saves, "%.1f %%",
           100 - 100 * (double)delta.size / (double)plain.size);
  term_table_add(table, term_size(size, delta.size));
  term_table_add(table, saves);
}

static int print_table(const edgestatic_store *store) {
  struct term_table table;
  term_table_init(&table, "rrrrrrlll");
  for (int i = 0; i < EDGESTATIC_CODING_DCB; i++)
    term_table_add_slice(&table, edgestatic_coding_name(i));
  term_table_add(&table, "delta");
  term_table_add(&table, "saves");
  term_table_add(&table, "hash");
  term_table_add(&table, "type");
  term_table_add(&table, "path");
  uint32_t count = edgestatic_store_asset_count(store);
  for (uint32_t i = 0; i < count && !table.failed; i++) {
    edgestatic_asset asset = edgestatic_store_asset(store, i);
    edgestatic_variant identity = {0};
    for (int coding = 0; coding < EDGESTATIC_CODING_DCB; coding++) {
      edgestatic_variant variant;
      char size[TERM_SIZE_MAX];
      if (view_variant(store, &asset, coding, &variant))
        term_table_add(&table, term_size(size, variant.size));
      else
        term_table_add(&table, "-");
      if (coding == EDGESTATIC_CODING_IDENTITY)
        identity = variant;
    }
    add_deltas(&table, store, &asset);
    char hash[VIEW_HASH_MAX];
    term_table_add(&table, view_hash(hash, &identity));
    term_table_add_slice(&table, asset.type);
    add_path(&table, &asset);
  }
  return term_table_print(&table, stdout, 0);
}

static json_t *asset_json(const edgestatic_store *store, uint32_t i) {
  edgestatic_asset asset = edgestatic_store_asset(store, i);
  json_t *variants = json_array();
  for (uint32_t k = 0; k < asset.variant_count; k++) {
    edgestatic_variant variant =
        edgestatic_store_variant(store, asset.variant + k);
    edgestatic_slice coding = edgestatic_coding_name((int)variant.coding);
    if (!coding.base)
      continue;
    char hash[VIEW_HASH_MAX];
    json_t *one =
        json_pack("{s:o, s:I, s:s, s:o}", "coding", json_text(coding), "size",
                  (json_int_t)variant.size, "hash", view_hash(hash, &variant),
                  "etag", json_text(variant.etag));
    if (one && variant.dictionary)
      json_object_set_new(
          one, "to",
          json_text(
              edgestatic_store_dictionary(store, variant.dictionary - 1).name));
    json_array_append_new(variants, one);
  }
  json_t *root = json_pack(
      "{s:o, s:o, s:o, s:b, s:b, s:o}", "path", json_text(asset.path), "file",
      json_text(asset.file), "type", json_text(asset.type), "error_page",
      (asset.flags & EDGESTATIC_ASSET_ERROR_PAGE) != 0, "fallback",
      (asset.flags & EDGESTATIC_ASSET_FALLBACK) != 0, "variants", variants);
  if (root && asset.mtime != INT64_MIN)
    json_object_set_new(root, "mtime", json_integer((json_int_t)asset.mtime));
  if (root && asset.retained_until)
    json_object_set_new(root, "retained_until",
                        json_integer((json_int_t)asset.retained_until));
  return root;
}

/* A line for each asset, so that a large pack needs no large memory. */
static int print_json(const edgestatic_store *store) {
  uint32_t count = edgestatic_store_asset_count(store);
  puts("[");
  for (uint32_t i = 0; i < count; i++) {
    json_t *asset = asset_json(store, i);
    char *line = asset ? json_dumps(asset, JSON_COMPACT) : NULL;
    json_decref(asset);
    if (!line)
      return -1;
    printf("%s%s\n", line, i + 1 < count ? "," : "");
    free(line);
  }
  puts("]");
  return 0;
}

static int run(struct args *args) {
  bool json = false;
  int id;
  while ((id = args_next(args)) > 0)
    json = true;
  if (id < 0)
    return args->exit;
  edgestatic_pack *pack = packfile_open(args->operand[0]);
  if (!pack)
    return CLI_INPUT;
  const edgestatic_store *store = edgestatic_pack_store(pack);
  int failed = json ? print_json(store) : print_table(store);
  if (failed)
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
  edgestatic_pack_unref(pack);
  return failed ? CLI_INPUT : CLI_OK;
}

const struct verb verb_ls = {
    "ls",
    "list what a pack holds",
    {"PACK", NULL},
    {options, NULL},
    "Prints a line for each asset: its size in each coding (- where there is\n"
    "none), its largest delta, for who holds an earlier version, and what it\n"
    "saves, the XXH3-128 of its bytes, its Content-Type and its path.",
    "  edgestatic ls site.edgepack\n"
    "  # the ten largest files\n"
    "  edgestatic ls --json site.edgepack |\n"
    "    jq -r '.[] | .path as $p | .variants[] |\n"
    "      select(.coding == \"identity\") | \"\\(.size) \\($p)\"' |\n"
    "    sort -rn | head\n"
    "  # what changed between two releases\n"
    "  diff <(edgestatic ls old.edgepack) <(edgestatic ls new.edgepack)",
    run};
