/* bundle.c - see bundle.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "bundle.h"

#include "component.h"
#include "refusal.h"

#include <assert.h>
#include <string.h>

/* ---- The guest ---- */

int guest_read(struct wasm_bytes bytes, struct guest *guest) {
  *guest = (struct guest){.bytes = bytes};
  if (bytes.len > GUEST_SIZE_MAX)
    return REFUSAL_SIZE;
  int refusal = mark_read(bytes, &guest->mark);
  if (refusal || strcmp(guest->mark.flavour, GUEST_BESIDE) == 0)
    return refusal;
  struct wasm_bytes module = {bytes.base, guest->mark.offset};
  if (wasm_is_component(bytes)) {
    refusal = component_find(module, &guest->nested);
    module = guest->nested.content;
  }
  return refusal ? refusal : module_read(module, &guest->module);
}

/* ---- Pieces ---- */

static const unsigned char *source_base(const struct bundle *bundle,
                                        enum bundle_source source) {
  switch (source) {
  case BUNDLE_GUEST:
    return bundle->guest.base;
  case BUNDLE_PACK:
    return bundle->pack.base;
  default:
    return bundle->own;
  }
}

/* Joins what follows on the last piece. */
static void add(struct bundle *bundle, enum bundle_source source, size_t offset,
                size_t len) {
  if (len == 0)
    return;
  bundle->size += len;
  if (bundle->count > 0 && bundle->piece[bundle->count - 1].source == source &&
      bundle->piece[bundle->count - 1].offset +
              bundle->piece[bundle->count - 1].len ==
          offset) {
    bundle->piece[bundle->count - 1].len += len;
    return;
  }
  assert(bundle->count < BUNDLE_PIECES_MAX);
  bundle->piece[bundle->count].source = source;
  bundle->piece[bundle->count].offset = offset;
  bundle->piece[bundle->count++].len = len;
}

/* The guest's bytes from one place to another. */
static void add_guest(struct bundle *bundle, const unsigned char *from,
                      const unsigned char *to) {
  add(bundle, BUNDLE_GUEST, (size_t)(from - bundle->guest.base),
      (size_t)(to - from));
}

int bundle_each(const struct bundle *bundle,
                int (*take)(void *ctx, const void *bytes, size_t len),
                void *ctx) {
  int stop = 0;
  for (unsigned i = 0; i < bundle->count && stop == 0; i++)
    stop = take(ctx,
                source_base(bundle, bundle->piece[i].source) +
                    bundle->piece[i].offset,
                bundle->piece[i].len);
  return stop;
}

/* ---- The plan ---- */

/* A few bytes to write: the longest is a memory section. */
struct text {
  size_t len;
  unsigned char bytes[32];
};

static void put_byte(struct text *text, unsigned byte) {
  assert(text->len < sizeof text->bytes);
  text->bytes[text->len++] = (unsigned char)byte;
}

static void put_bytes(struct text *text, const unsigned char *bytes,
                      size_t len) {
  for (size_t i = 0; i < len; i++)
    put_byte(text, bytes[i]);
}

static void put_u32(struct text *text, uint32_t value) {
  unsigned char bytes[WASM_U32_MAX];
  put_bytes(text, bytes, wasm_put_u32(bytes, value));
}

static void put_le32(struct text *text, uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8)
    put_byte(text, value >> shift & 0xff);
}

static struct text section_head(unsigned id, size_t len) {
  struct text head = {0};
  put_byte(&head, id);
  put_u32(&head, (uint32_t)len);
  return head;
}

static struct text section_of(unsigned id, const struct text *content) {
  struct text section = section_head(id, content->len);
  put_bytes(&section, content->bytes, content->len);
  return section;
}

static struct text memory_section(const struct wasm_limits *limits,
                                  uint32_t pages) {
  struct text content = {0};
  put_u32(&content, 1);
  put_byte(&content, limits->flags);
  put_u32(&content, limits->min + pages);
  if (limits->flags & WASM_LIMITS_MAX)
    put_u32(&content, limits->max + pages);
  return section_of(WASM_MEMORY, &content);
}

static struct text number(uint32_t value) {
  struct text text = {0};
  put_u32(&text, value);
  return text;
}

/* The body of edgestatic_bodies, with its length: memory.init of a segment
 * with the three arguments of the function, which are destination, offset and
 * length there as well. */
static struct text bodies_function(uint32_t segment) {
  struct text code = {0};
  put_byte(&code, 0); /* no locals */
  for (unsigned argument = 0; argument < 3; argument++) {
    put_byte(&code, 0x20); /* local.get */
    put_byte(&code, argument);
  }
  put_byte(&code, 0xfc); /* memory.init */
  put_byte(&code, 8);
  put_u32(&code, segment);
  put_byte(&code, 0);    /* to memory 0 */
  put_byte(&code, 0x0b); /* end */
  struct text function = number((uint32_t)code.len);
  put_bytes(&function, code.bytes, code.len);
  return function;
}

/* A segment up to its bytes. */
static struct text active_head(uint32_t address, uint32_t len) {
  unsigned char bytes[WASM_U32_MAX];
  struct text head = {0};
  put_byte(&head, 0);    /* active */
  put_byte(&head, 0x41); /* i32.const, which is signed */
  put_bytes(&head, bytes, wasm_put_s32(bytes, (int32_t)address));
  put_byte(&head, 0x0b); /* end */
  put_u32(&head, len);
  return head;
}

static struct text passive_head(uint32_t len) {
  struct text head = {0};
  put_byte(&head, 1); /* passive */
  put_u32(&head, len);
  return head;
}

/* What is put into the module. */
struct parts {
  size_t index_len, bodies_len;
  struct text memory, data_count, function;
  struct text segment_count, index, slot, bodies;
};

enum { NEW_SEGMENTS = 3 }; /* index, slot, bodies */

static struct parts make_parts(const struct module *module, uint32_t pages,
                               size_t index_len, size_t bodies_len) {
  uint32_t base = module->memory.min * WASM_PAGE;
  uint32_t count = module->segment_count + NEW_SEGMENTS;
  struct parts parts = {
      .index_len = index_len,
      .bodies_len = bodies_len,
      .memory = memory_section(&module->memory, pages),
      .segment_count = number(count),
      .function = bodies_function(count - 1),
      .index = active_head(base, (uint32_t)index_len),
      .slot = active_head(module->slot, MODULE_SLOT_SIZE),
      .bodies = passive_head((uint32_t)bodies_len),
  };
  parts.data_count = section_of(WASM_DATA_COUNT, &parts.segment_count);
  put_le32(&parts.slot, base);
  put_le32(&parts.slot, (uint32_t)index_len);
  return parts;
}

static void add_text(struct bundle *bundle, const struct text *text) {
  assert(text->len <= sizeof bundle->own - bundle->own_len);
  memcpy(bundle->own + bundle->own_len, text->bytes, text->len);
  add(bundle, BUNDLE_OWN, bundle->own_len, text->len);
  bundle->own_len += text->len;
}

static const unsigned char *end_of(struct wasm_bytes bytes) {
  return bytes.base + bytes.len;
}

static void add_code(struct bundle *bundle, const struct module *module,
                     const struct text *function) {
  struct wasm_bytes code = module->section[WASM_CODE].content;
  struct text head =
      section_head(WASM_CODE, code.len - module->body.len + function->len);
  add_text(bundle, &head);
  add_guest(bundle, code.base, module->body.base);
  add_text(bundle, function);
  add_guest(bundle, end_of(module->body), end_of(code));
}

static uint64_t data_size(const struct module *module,
                          const struct parts *parts) {
  return (uint64_t)parts->segment_count.len + module->segments.len +
         parts->index.len + parts->index_len + parts->slot.len +
         parts->bodies.len + parts->bodies_len;
}

static void add_data(struct bundle *bundle, const struct module *module,
                     const struct parts *parts) {
  struct text head = section_head(WASM_DATA, (size_t)data_size(module, parts));
  add_text(bundle, &head);
  add_text(bundle, &parts->segment_count);
  if (module->segments.len > 0)
    add_guest(bundle, module->segments.base, end_of(module->segments));
  add_text(bundle, &parts->index);
  add(bundle, BUNDLE_PACK, 0, parts->index_len);
  add_text(bundle, &parts->slot);
  add_text(bundle, &parts->bodies);
  add(bundle, BUNDLE_PACK, parts->index_len, parts->bodies_len);
}

/* The module with its parts.  The sections that change, in their order:
 * memory, data count, code, data; between them, bytes of the guest. */
static void add_module(struct bundle *bundle, const struct module *module,
                       const struct parts *parts) {
  struct wasm_bytes memory = module->section[WASM_MEMORY].whole;
  struct wasm_bytes count = module->section[WASM_DATA_COUNT].whole;
  struct wasm_bytes code = module->section[WASM_CODE].whole;
  struct wasm_bytes data = module->section[WASM_DATA].whole;
  /* What isn't there yet stands right before and right behind the code. */
  if (count.len == 0)
    count.base = code.base;
  if (data.len == 0)
    data.base = end_of(code);

  add_guest(bundle, module->bytes.base, memory.base);
  add_text(bundle, &parts->memory);
  add_guest(bundle, end_of(memory), count.base);
  add_text(bundle, &parts->data_count);
  add_guest(bundle, end_of(count), code.base);
  add_code(bundle, module, &parts->function);
  add_guest(bundle, end_of(code), data.base);
  add_data(bundle, module, parts);
  add_guest(bundle, end_of(data), end_of(module->bytes));
}

static void add_mark(struct bundle *bundle, const struct guest *guest) {
  /* The checksum of the index, in the pack's header: edgestatic-pack(5). */
  enum { CHECKSUM_AT = 32, CHECKSUM_SIZE = 8 };
  uint64_t checksum = 0;
  for (unsigned i = 0; i < CHECKSUM_SIZE; i++)
    checksum |= (uint64_t)bundle->pack.base[CHECKSUM_AT + i] << (8 * i);
  size_t room = sizeof bundle->own - bundle->own_len;
  assert(room >= MARK_SIZE_MAX);
  size_t len =
      mark_site(bundle->own + bundle->own_len, guest->mark.flavour, checksum);
  add(bundle, BUNDLE_OWN, bundle->own_len, len);
  bundle->own_len += len;
}

int bundle_plan(struct bundle *bundle, const struct guest *guest,
                const edgestatic_store *store) {
  const struct module *module = &guest->module;
  uint64_t index_len = edgestatic_store_index_size(store);
  uint64_t pack_len = edgestatic_store_pack_size(store);
  assert(module->bytes.len > 0 && store->len >= pack_len);

  uint64_t pages = index_len / WASM_PAGE + (index_len % WASM_PAGE > 0);
  uint32_t most = module->memory.flags & WASM_LIMITS_MAX ? module->memory.max
                                                         : module->memory.min;
  if (pages > WASM_PAGES_MAX - most)
    return REFUSAL_INDEX_SIZE;
  if (pack_len > UINT32_MAX)
    return REFUSAL_PACK_SIZE;
  struct parts parts = make_parts(module, (uint32_t)pages, (size_t)index_len,
                                  (size_t)(pack_len - index_len));
  if (data_size(module, &parts) > UINT32_MAX)
    return REFUSAL_PACK_SIZE;

  *bundle = (struct bundle){
      .guest = guest->bytes,
      .pack = {store->base, (size_t)pack_len},
  };
  if (guest->nested.whole.len > 0) {
    /* Planned twice, since its length comes first. */
    struct bundle inside = *bundle;
    add_module(&inside, module, &parts);
    if (inside.size > UINT32_MAX)
      return REFUSAL_PACK_SIZE;
    struct text head = section_head(WASM_COMPONENT_MODULE, (size_t)inside.size);
    add_guest(bundle, guest->bytes.base, guest->nested.whole.base);
    add_text(bundle, &head);
  }
  add_module(bundle, module, &parts);
  add_guest(bundle, end_of(module->bytes),
            guest->bytes.base + guest->mark.offset);
  add_mark(bundle, guest);
  return REFUSAL_NONE;
}
