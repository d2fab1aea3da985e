/* workers.c - the guest for JavaScript hosts: a reactor without imports.
 *
 * edgestatic.mjs is its only caller.  The index of the pack lies in this
 * module's memory, the bodies stay outside in an ArrayBuffer; an answer names
 * them by offset and length.  Numbers that may pass 2^32 are doubles, which
 * JavaScript reads as they are and which are exact up to 2^53; an ArrayBuffer
 * is never that long.
 *
 * The order of calls:
 *   1. the first bytes of a pack go to the input: edgestatic_index_size;
 *   2. the caller grows the memory and copies the index there:
 *      edgestatic_open, which checks it all, once;
 *   3. for each request, method, target, field values and country go to the
 *      input, one after the other, and their lengths to edgestatic_lengths:
 *      edgestatic_answer, whose record stands until the next call.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/format.h"
#include "guest/guest.h"

#include <string.h>

#define EXPORT(name) __attribute__((export_name("edgestatic_" #name))) name

/* Changes with what is exported and with the layout of `record`. */
#define ABI 2

/* Of a field that the request does not have. */
#define ABSENT UINT32_MAX

/* Two runs of stored fields, of which a record counts up to 255, and the own
 * ones of a response. */
#define FIELDS_MAX                                                             \
  (2 * 255 +                                                                   \
   sizeof((edgestatic_response *)0)->own / sizeof(edgestatic_own_field))

struct part {
  double offset, length; /* in the pack; or in this memory: */
  double in_memory;      /* 0 or 1 */
};

struct line {
  uint32_t name, name_len, value, value_len; /* in this memory */
};

struct record {
  uint32_t status, flags, id;
  uint32_t line_count, line; /* its address */
  uint32_t part_count, part;
  uint32_t reserved;
  double content_length;
};

static char input_bytes[GUEST_TEXT_MAX];
static uint32_t input_lengths[2 + EDGESTATIC_FIELD_COUNT + 1];
static edgestatic_store store;
static edgestatic_response response;
static struct part parts[EDGESTATIC_SEGMENTS_MAX];
static struct line lines[FIELDS_MAX];
static struct record record;

static uint32_t address(const void *p) {
  return (uint32_t)(uintptr_t)p;
}

int EXPORT(abi)(void) {
  return ABI;
}

char *EXPORT(input)(void) {
  return input_bytes;
}

uint32_t EXPORT(input_size)(void) {
  return sizeof input_bytes;
}

/* Of method, target, then each field by its id, then the country. */
uint32_t *EXPORT(lengths)(void) {
  return input_lengths;
}

/* The name of field i as a C string; NULL behind the last one. */
const char *EXPORT(field_name)(int i) {
  return edgestatic_field_name(i).base;
}

/* A line of English, as a C string. */
const char *EXPORT(error_text)(int error) {
  return edgestatic_strerror(error);
}

/* Bytes of the index of the pack whose first len bytes are in the input; or
 * _ERR_FORMAT, _ERR_VERSION, and _ERR_LIMIT when it cannot fit into memory. */
int32_t EXPORT(index_size)(uint32_t len) {
  const pack_header *h = (const pack_header *)input_bytes;
  if (len < sizeof *h ||
      memcmp(h->magic, PACK_MAGIC, sizeof PACK_MAGIC - 1) != 0)
    return EDGESTATIC_ERR_FORMAT;
  if (get16(h->major) != PACK_MAJOR)
    return EDGESTATIC_ERR_VERSION;
  uint64_t size = get64(h->index_size);
  return size > INT32_MAX ? EDGESTATIC_ERR_LIMIT : (int32_t)size;
}

/* Opens the index that the caller has copied into this memory. */
int EXPORT(open)(const char *index, uint32_t len) {
  return edgestatic_store_open(&store, index, len);
}

double EXPORT(pack_size)(void) {
  return (double)edgestatic_store_pack_size(&store);
}

static void list_lines(void) {
  for (uint32_t i = 0; i < response.field_count; i++) {
    edgestatic_field f = edgestatic_response_field(&store, &response, i);
    lines[i] = (struct line){address(f.name.base), (uint32_t)f.name.len,
                             address(f.value.base), (uint32_t)f.value.len};
  }
}

static void list_parts(void) {
  for (uint32_t i = 0; i < response.segment_count; i++) {
    const edgestatic_segment *s = &response.segment[i];
    uint64_t offset = s->offset;
    if (s->place == EDGESTATIC_IN_TEXT)
      offset += address(response.text);
    parts[i] = (struct part){(double)offset, (double)s->length,
                             s->place == EDGESTATIC_IN_TEXT};
  }
}

/* Answers the request in the input; flags are EDGESTATIC_REQUEST_*. */
const struct record *EXPORT(answer)(uint32_t flags) {
  edgestatic_request request = {.flags = flags};
  const char *at = input_bytes;
  edgestatic_slice *slice[2] = {&request.method, &request.target};
  for (int i = 0; i <= 2 + EDGESTATIC_FIELD_COUNT; i++) {
    if (input_lengths[i] == ABSENT)
      continue;
    *(i < 2                            ? slice[i]
      : i < 2 + EDGESTATIC_FIELD_COUNT ? &request.field[i - 2]
                                       : &request.country) =
        (edgestatic_slice){at, input_lengths[i]};
    at += input_lengths[i];
  }
  edgestatic_respond(&store, &request, &response);
  list_lines();
  list_parts();
  record = (struct record){.status = (uint32_t)response.status,
                           .flags = response.flags,
                           .id = response.id,
                           .line_count = response.field_count,
                           .line = address(lines),
                           .part_count = response.segment_count,
                           .part = address(parts),
                           .content_length = (double)response.content_length};
  return &record;
}
