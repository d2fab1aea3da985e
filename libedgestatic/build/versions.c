/* versions.c - see versions.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/versions.h"

#include "build/carry.h"
#include "build/delta.h"
#include "build/fingerprints.h"
#include "build/mime.h"
#include "core/pack.h"

#include <stdlib.h>

/* Of a key: a kind, the path, and a NUL for the hash. */
#define KEY_MAX (EDGESTATIC_PATH_MAX + 2)

/* "p/a.css" and "h/a.\0.css": a name with a hash is no version of one without,
 * which is another file of its release. */
static slice make_key(char key[KEY_MAX], slice path, slice hash) {
  char *to = key;
  size_t before = hash.base ? (size_t)(hash.base - path.base) : path.len;
  *to++ = hash.base ? 'h' : 'p';
  memcpy(to, path.base, before);
  to += before;
  if (hash.base) {
    slice after = slice_skip(path, before + hash.len);
    *to++ = '\0';
    memcpy(to, after.base, after.len);
    to += after.len;
  }
  return slice_of(key, (size_t)(to - key));
}

slice versions_hash(const struct evidence *release, slice type, slice path,
                    slice file) {
  slice hash = fingerprints_hash(release, file);
  /* A page is asked for by its address, which is not its file's name. */
  if (!hash.base || mime_is_page(type) || !slice_ends(path, file))
    return (slice){NULL, 0};
  return slice_of(path.base + path.len - file.len + (hash.base - file.base),
                  hash.len);
}

/* ---- The earlier releases ---- */

/* Whether clients were told to keep asset i, and of this very release: of one
 * that was kept from an earlier release that one tells. */
static bool is_announced(const edgestatic_store *s, uint32_t i) {
  const pack_asset *a = pack_asset_at(s, i);
  if (!carry_is_file(s, i) || edgestatic_store_asset(s, i).retained_until != 0)
    return false;
  for (unsigned k = 0; k < a->field_count; k++)
    if (slice_eq_nocase(
            pack_string(s, pack_field_at(s, get32(a->field) + k)->name),
            LIT("Use-As-Dictionary")))
      return true;
  return false;
}

static int add(struct versions *v, const edgestatic_store *s, uint32_t i,
               const struct evidence *release) {
  edgestatic_asset a = edgestatic_store_asset(s, i);
  uint32_t variant[EDGESTATIC_CODING_COUNT];
  char key[KEY_MAX];
  unsigned count = carry_variants(s, i, variant);
  edgestatic_variant identity = edgestatic_store_variant(s, variant[count - 1]);
  if (a.path.len > EDGESTATIC_PATH_MAX || identity.size == 0 ||
      identity.size > DELTA_INPUT_MAX)
    return EDGESTATIC_OK;
  struct version *more =
      mem_grow(v->allocator, v->version, &v->room, v->count + 1, sizeof *more);
  if (!more)
    return EDGESTATIC_ERR_MEMORY;
  v->version = more;
  slice hash = versions_hash(release, a.type, a.path, a.file);
  slice kept = mem_arena_copy(&v->keys, make_key(key, a.path, hash));
  if (!kept.base)
    return EDGESTATIC_ERR_MEMORY;
  more[v->count++] = (struct version){
      .key = kept,
      .release = v->releases,
      .path = a.path,
      .bytes = slice_of((const char *)s->base + identity.offset,
                        (size_t)identity.size),
      .hash =
          pack_blob_at(s, get32(pack_variant_at(s, variant[count - 1])->blob))
              ->hash,
      .deltas = pack_has_deltas(s, pack_asset_at(s, i))};
  return EDGESTATIC_OK;
}

int versions_add(struct versions *v, const edgestatic_store *s) {
  struct evidence release = {.allocator = v->allocator};
  int error = carry_evidence(s, &release);
  for (uint32_t i = 0; !error && i < edgestatic_store_asset_count(s); i++)
    if (is_announced(s, i))
      error = add(v, s, i, &release);
  v->releases++;
  evidence_free(&release);
  return error;
}

/* ---- Those of a file ---- */

static int by_bytes(slice a, slice b) {
  size_t both = a.len < b.len ? a.len : b.len;
  int order = memcmp(a.base, b.base, both);
  return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_key(const void *a, const void *b) {
  const struct version *x = a, *y = b;
  int order = by_bytes(x->key, y->key);
  if (order == 0)
    order = (x->release > y->release) - (x->release < y->release);
  return order != 0 ? order : by_bytes(x->path, y->path);
}

void versions_settle(struct versions *v) {
  if (v->count > 0)
    qsort(v->version, v->count, sizeof *v->version, by_key);
}

static size_t first_of(const struct versions *v, slice key) {
  size_t low = 0, high = v->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (by_bytes(v->version[middle].key, key) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static uint64_t difference(const struct version *v, uint64_t size) {
  return v->bytes.len > size ? v->bytes.len - size : size - v->bytes.len;
}

/* Whether one is to be preferred to another of the same key, which comes
 * before it in by_key. */
static bool is_better(const struct version *v, const struct version *other,
                      uint64_t size) {
  return v->release == other->release &&
         difference(v, size) < difference(other, size);
}

size_t versions_find(const struct versions *v, slice path, slice hash,
                     uint64_t size, const unsigned char own[16],
                     const struct version *found[VERSIONS_MAX], bool *again) {
  char text[KEY_MAX];
  size_t count = 0;
  *again = false;
  if (v->count == 0 || path.len > EDGESTATIC_PATH_MAX)
    return 0;
  slice key = make_key(text, path, hash);
  size_t first = first_of(v, key);
  for (size_t i = first; i < v->count && i - first < VERSIONS_SEEN_MAX &&
                         slice_eq(v->version[i].key, key);
       i++) {
    const struct version *new = &v->version[i];
    bool known = memcmp(new->hash, own, 16) == 0;
    *again = *again || (known && new->deltas);
    for (size_t k = 0; k < count && !known; k++)
      known = memcmp(new->hash, found[k]->hash, 16) == 0;
    if (known)
      continue;
    size_t at = count;
    while (at > 0 && is_better(new, found[at - 1], size))
      at--;
    if (at == VERSIONS_MAX)
      continue;
    if (count < VERSIONS_MAX)
      count++;
    memmove(found + at + 1, found + at, (count - 1 - at) * sizeof *found);
    found[at] = new;
  }
  return count;
}

void versions_free(struct versions *v) {
  mem_free(v->allocator, v->version, v->room * sizeof *v->version);
  mem_arena_free(&v->keys);
}
