/* mkpack.h - lays out a small pack by format.h, for the tests of the core.
 *
 * Nothing of the builder is used, so that the two can disagree.  The pack that
 * mk_finish returns can be patched (mk_reseal) to try what a reader refuses.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_TESTS_MKPACK_H
#define EDGESTATIC_TESTS_MKPACK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/format.h"
#include "core/hash.h"
#include "edgestatic.h"

enum { MK_MAX = 512, MK_BYTES = 1 << 20 };

typedef struct mk {
  unsigned char strings[MK_BYTES];
  uint32_t strings_len;
  unsigned char bodies[MK_BYTES];
  uint32_t bodies_len;
  pack_entry entry[MK_MAX], page[MK_MAX]; /* pages: behind the entries */
  pack_asset asset[MK_MAX];
  pack_variant variant[MK_MAX];
  pack_field field[MK_MAX * 4];
  pack_blob blob[MK_MAX];
  pack_digest digest[MK_MAX];
  pack_dictionary dictionary[MK_MAX];
  uint32_t digests, dictionaries; /* digests: 0, or as many as blobs */
  uint32_t entries, pages, assets, variants, fields, blobs;
  uint32_t fallback; /* asset + 1 */
  uint16_t canonical_status;
} mk;

static inline mk *mk_new(void) {
  mk *m = calloc(1, sizeof *m);
  m->canonical_status = 307;
  return m;
}

static inline le32 mk_string(mk *m, const char *s) {
  uint32_t at = m->strings_len;
  uint16_t len = (uint16_t)strlen(s);
  le16 n = put16(len);
  memcpy(m->strings + at, &n, 2);
  memcpy(m->strings + at + 2, s, len + 1u);
  m->strings_len += len + 3u;
  return put32(at);
}

static inline void mk_field(mk *m, const char *name, const char *value) {
  m->field[m->fields++] = (pack_field){mk_string(m, name), mk_string(m, value),
                                       mk_string(m, "the test")};
}

/* An asset without variants.  Its fields: Content-Type, Last-Modified, and of
 * those a 304 keeps, Cache-Control and Vary. */
static inline uint32_t mk_asset(mk *m, const char *path, const char *type,
                                int64_t mtime) {
  pack_asset *a = &m->asset[m->assets];
  *a = (pack_asset){.path = mk_string(m, path),
                    .file = mk_string(m, path + 1),
                    .type = mk_string(m, type),
                    .mtime = put64((uint64_t)mtime),
                    .variant = put32(m->variants),
                    .field = put32(m->fields),
                    .field_count = 4,
                    .field_kept = 2,
                    .bare = put32(m->fields),
                    .bare_count = 4,
                    .bare_kept = 2};
  mk_field(m, "Content-Type", type);
  mk_field(m, "Accept-Ranges", "bytes");
  mk_field(m, "Cache-Control", "public, max-age=60");
  mk_field(m, "Vary", "Accept-Encoding");
  return m->assets++;
}

/* One more variant of the last asset; smallest first. */
static inline uint32_t mk_variant(mk *m, int coding, const char *etag,
                                  const void *body, uint32_t len) {
  pack_asset *a = &m->asset[m->assets - 1];
  char digits[24];
  pack_blob *b = &m->blob[m->blobs];
  b->offset = put64(m->bodies_len); /* mk_finish adds the index */
  b->size = put64(len);
  memset(b->hash, (int)(m->blobs + 0xa0), sizeof b->hash);
  if (len > 0)
    memcpy(m->bodies + m->bodies_len, body, len);
  m->bodies_len += (len + 7) / 8 * 8;

  m->variant[m->variants] = (pack_variant){.blob = put32(m->blobs++),
                                           .etag = mk_string(m, etag),
                                           .field = put32(m->fields),
                                           .field_count = coding > 0 ? 3 : 2,
                                           .field_kept = *etag != '\0',
                                           .coding = (unsigned char)coding};
  snprintf(digits, sizeof digits, "%u", len);
  mk_field(m, "Content-Length", digits);
  if (coding > 0)
    mk_field(m, "Content-Encoding",
             coding < EDGESTATIC_CODING_COUNT
                 ? edgestatic_coding_name(coding).base
                 : "later");
  mk_field(m, *etag != '\0' ? "ETag" : "X-No-Tag", etag);
  a->variant_count = put16((uint16_t)(get16(a->variant_count) + 1));
  return m->variants++;
}

/* What clients may hold: its SHA-256 is 32 times the byte. */
static inline uint32_t mk_dictionary(mk *m, int byte, const char *name) {
  pack_dictionary *d = &m->dictionary[m->dictionaries];
  memset(d->sha256, byte, sizeof d->sha256);
  d->name = mk_string(m, name);
  return ++m->dictionaries;
}

/* One more delta of the last asset, against a dictionary of mk_dictionary;
 * behind all plain variants, smallest first. */
static inline uint32_t mk_delta(mk *m, int coding, uint32_t dictionary,
                                const char *etag, const void *body,
                                uint32_t len) {
  pack_asset *a = &m->asset[m->assets - 1];
  uint32_t variant = mk_variant(m, coding, etag, body, len);
  m->variant[variant].dictionary = put32(dictionary);
  m->field[get32(a->field) + 3].value =
      mk_string(m, "Accept-Encoding, Available-Dictionary");
  return variant;
}

/* Gives each body so far a digest: 32 times the byte of its hash. */
static inline void mk_digests(mk *m) {
  for (m->digests = 0; m->digests < m->blobs; m->digests++)
    memset(m->digest[m->digests].sha256, m->blob[m->digests].hash[0], 32);
}

static inline void mk_entry(mk *m, const char *path, const char *location,
                            uint32_t asset, unsigned flags) {
  m->entry[m->entries++] = (pack_entry){.path = mk_string(m, path),
                                        .location = mk_string(m, location),
                                        .asset = put32(asset),
                                        .status = put16(200),
                                        .kind = ENTRY_ASSET,
                                        .flags = (unsigned char)flags};
}

static inline void mk_redirect(mk *m, const char *path, const char *location,
                               unsigned status) {
  m->entry[m->entries++] = (pack_entry){.path = mk_string(m, path),
                                        .location = mk_string(m, location),
                                        .status = put16((uint16_t)status),
                                        .kind = ENTRY_REDIRECT};
}

static inline void mk_error_page(mk *m, const char *folder, uint32_t asset) {
  m->asset[asset].flags = put32(EDGESTATIC_ASSET_ERROR_PAGE);
  m->page[m->pages++] = (pack_entry){.path = mk_string(m, folder),
                                     .location = mk_string(m, "/"),
                                     .asset = put32(asset),
                                     .status = put16(200),
                                     .kind = ENTRY_ASSET};
}

/* An asset with one identity variant, served at its own path. */
static inline uint32_t mk_file(mk *m, const char *path, const char *type,
                               int64_t mtime, const char *etag,
                               const char *body) {
  uint32_t asset = mk_asset(m, path, type, mtime);
  mk_variant(m, EDGESTATIC_CODING_IDENTITY, etag, body, (uint32_t)strlen(body));
  mk_entry(m, path, path, asset, 0);
  return asset;
}

/* Puts n entries, from the first on, into a table at most half full; returns
 * its mask. */
static inline uint32_t mk_table(mk *m, pack_slot *slot, const pack_entry *e,
                                uint32_t n, uint32_t first) {
  uint32_t mask = 1;
  while (mask + 1 < 2 * n)
    mask = 2 * mask + 1;
  memset(slot, 0, (mask + 1) * sizeof *slot);
  for (uint32_t i = 0; i < n; i++) {
    const unsigned char *s = m->strings + get32(e[i].path);
    uint64_t hash = hash64(s + 2, (size_t)(s[0] | s[1] << 8));
    uint32_t at = (uint32_t)hash & mask;
    while (get32(slot[at].entry) != 0)
      at = (at + 1) & mask;
    slot[at] = (pack_slot){put32((uint32_t)(hash >> 32)), put32(first + i + 1)};
  }
  return mask;
}

/* Makes the checksum right again after the index was changed. */
static inline void mk_reseal(unsigned char *pack) {
  pack_header *h = (pack_header *)pack;
  size_t from = offsetof(pack_header, newest);
  h->checksum = put64(hash64(pack + from, (size_t)get64(h->index_size) - from));
}

/* The pack, in a block from malloc of exactly *len bytes; frees m. */
static inline unsigned char *mk_finish(mk *m, size_t *len) {
  static pack_slot slot[8 * MK_MAX];
  uint32_t depth = 0;
  for (uint32_t i = 0; i < m->pages; i++) {
    const unsigned char *s = m->strings + get32(m->page[i].path);
    uint32_t slashes = 0;
    for (s += 2; *s != '\0'; s++)
      slashes += *s == '/';
    depth = slashes > depth ? slashes : depth;
    m->entry[m->entries + i] = m->page[i];
  }
  uint32_t mask = mk_table(m, slot, m->entry, m->entries, 0);
  uint32_t page_mask =
      mk_table(m, slot + mask + 1, m->entry + m->entries, m->pages, m->entries);
  pack_collection site = {.name = mk_string(m, "live"),
                          .paths = {put32(0), put32(mask)},
                          .error_pages = {put32(mask + 1), put32(page_mask)},
                          .error_page_depth = put32(depth),
                          .fallback = put32(m->fallback),
                          .canonical_status = put16(m->canonical_status)};
  const struct {
    const void *bytes;
    uint32_t count, stride;
  } part[SECTION_KNOWN + 2] = {
      [SECTION_STRINGS] = {m->strings, m->strings_len, 1},
      [SECTION_COLLECTIONS] = {&site, 1, sizeof site},
      [SECTION_SLOTS] = {slot, mask + page_mask + 2, sizeof slot[0]},
      [SECTION_ENTRIES] = {m->entry, m->entries + m->pages, sizeof(pack_entry)},
      [SECTION_ASSETS] = {m->asset, m->assets, sizeof(pack_asset)},
      [SECTION_VARIANTS] = {m->variant, m->variants, sizeof(pack_variant)},
      [SECTION_FIELDS] = {m->field, m->fields, sizeof(pack_field)},
      [SECTION_BLOBS] = {m->blob, m->blobs, sizeof(pack_blob)},
      {m->dictionary, m->dictionaries, sizeof(pack_dictionary)},
      {m->digest, m->digests, sizeof(pack_digest)},
  };
  uint32_t sections = SECTION_KNOWN;
  if (m->dictionaries + m->digests > 0)
    sections += 2;
  uint32_t size =
      (uint32_t)(sizeof(pack_header) + sections * sizeof(pack_section));
  pack_section section[SECTION_KNOWN + 2];
  for (uint32_t i = 0; i < sections; i++) {
    uint32_t id = i < SECTION_KNOWN ? i : i + 23 - SECTION_KNOWN;
    section[i] = (pack_section){.id = put32(id),
                                .offset = put32(size),
                                .count = put32(part[i].count),
                                .stride = put32(part[i].stride)};
    size += (part[i].count * part[i].stride + 7) / 8 * 8;
  }
  for (uint32_t i = 0; i < m->blobs; i++)
    m->blob[i].offset = put64(get64(m->blob[i].offset) + size);

  *len = (size_t)size + m->bodies_len;
  unsigned char *pack = calloc(1, *len);
  pack_header header = {.major = put16(PACK_MAJOR),
                        .minor = put16(PACK_MINOR),
                        .header_size = put32(sizeof header),
                        .index_size = put64(size),
                        .pack_size = put64(*len),
                        .section_count = put32(sections)};
  memcpy(header.magic, PACK_MAGIC, sizeof header.magic);
  memcpy(pack, &header, sizeof header);
  memcpy(pack + sizeof header, section, sections * sizeof *section);
  for (uint32_t i = 0; i < sections; i++)
    if (part[i].count > 0)
      memcpy(pack + get32(section[i].offset), part[i].bytes,
             (size_t)part[i].count * part[i].stride);
  memcpy(pack + size, m->bodies, m->bodies_len);
  mk_reseal(pack);
  free(m);
  return pack;
}

#endif
