/* place.c - see place.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "site/place.h"

#include "build/builder.h"
#include "build/handle.h"
#include "build/io.h"
#include "build/layout.h"
#include "core/hash.h"
#include "core/pack.h"
#include "site/siteio.h"

static const edgestatic_allocator plain;

static uint64_t align_up(uint64_t n, uint64_t align) {
  return (n + align - 1) / align * align;
}

uint64_t place_shift(uint64_t index_size) {
  return align_up(index_size, PACK_PARTS_ALIGN);
}

int place_init(struct place *p, uint64_t bodies) {
  if (bodies > UINT32_MAX / 2)
    return EDGESTATIC_ERR_LIMIT;
  /* One more, since whether a body is new is asked before it has a place. */
  return blobs_init(&p->known, &plain, (uint32_t)bodies + 1);
}

void place_free(struct place *p) {
  blobs_free(&p->known);
}

/* ---- Bodies that are there ---- */

static bool same_place(void *ctx, const struct blob *have) {
  return have->source == *(const uint64_t *)ctx;
}

int place_known(struct place *p, const edgestatic_store *store,
                uint64_t shift) {
  for (uint32_t i = 0; i < store->section[SECTION_BLOBS].count; i++) {
    const pack_blob *b = pack_blob_at(store, i);
    uint64_t at = get64(b->offset) - shift;
    bool fresh;
    if (p->known.count == p->known.max)
      return EDGESTATIC_ERR_FORMAT;
    blobs_share(&p->known, b->hash, get64(b->size), at, same_place, &at,
                &fresh);
  }
  return EDGESTATIC_OK;
}

/* ---- Bodies that are to be there ---- */

struct comparison {
  const struct place *place;
  const void *bytes;
};

static bool same_bytes(void *ctx, const struct blob *have) {
  const struct comparison *c = ctx;
  return c->place->data < 0 ||
         io_same(c->place->data, c->bytes, (size_t)have->size, have->source);
}

/* Places one body; *at. */
static int place_body(struct place *p, const pack_blob *b, const void *bytes,
                      uint64_t *at, uint64_t *fresh_bytes) {
  uint64_t size = get64(b->size);
  if (p->data >= 0) {
    unsigned char hash[16];
    builder_xxh3(bytes, (size_t)size, hash);
    if (memcmp(hash, b->hash, sizeof hash) != 0)
      return EDGESTATIC_ERR_CHECKSUM;
  }
  if (p->known.count == p->known.max)
    return EDGESTATIC_ERR_FORMAT;
  struct comparison comparison = {p, bytes};
  uint64_t next =
      align_up(p->end, size >= LAYOUT_PAGED_MIN ? PACK_PAGE : PACK_ALIGN);
  bool fresh;
  uint32_t i = blobs_share(&p->known, b->hash, size, next, same_bytes,
                           &comparison, &fresh);
  *at = p->known.blob[i].source;
  if (!fresh)
    return EDGESTATIC_OK;
  if (p->data >= 0)
    p->reason = siteio_write(p->data, bytes, (size_t)size, next);
  p->end = next + size;
  *fresh_bytes += size;
  return p->reason ? EDGESTATIC_ERR_IO : EDGESTATIC_OK;
}

/* Makes the numbers of an index true again. */
static void seal(struct place_index *index) {
  pack_header header;
  size_t from = offsetof(pack_header, newest);
  memcpy(&header, index->bytes, sizeof header);
  header.pack_size = put64(index->pack_size);
  header.checksum = put64(hash64(index->bytes + from, index->size - from));
  memcpy(index->bytes, &header, sizeof header);
}

int place_pack(struct place *p, const edgestatic_store *store, uint64_t shift,
               struct place_index *index) {
  pack_header header;
  memcpy(&header, store->base, sizeof header);
  *index = (struct place_index){.size = (size_t)get64(header.index_size)};
  index->bytes = mem_new(&plain, index->size, 1);
  if (!index->bytes)
    return EDGESTATIC_ERR_MEMORY;
  memcpy(index->bytes, store->base, index->size);
  index->pack_size = shift > index->size ? shift : index->size;
  for (uint32_t i = 0; i < store->section[SECTION_BLOBS].count; i++) {
    pack_blob b = *pack_blob_at(store, i);
    size_t record = (size_t)((const unsigned char *)pack_blob_at(store, i) -
                             (const unsigned char *)store->base);
    uint64_t at = 0, size = get64(b.size);
    int error =
        place_body(p, &b, (const unsigned char *)store->base + get64(b.offset),
                   &at, &index->fresh);
    if (error) {
      place_index_free(index);
      return error;
    }
    b.offset = put64(shift + at);
    memcpy(index->bytes + record, &b, sizeof b);
    index->sum += size;
    if (shift + at + size > index->pack_size)
      index->pack_size = shift + at + size;
  }
  seal(index);
  return EDGESTATIC_OK;
}

void place_index_free(struct place_index *index) {
  mem_free(&plain, index->bytes, index->size);
  *index = (struct place_index){0};
}
