/* mark.c - see mark.h.  With wasm.c a part of the build program that marks the
 * guests, so it is for the machine that builds and knows no config.h.
 * SPDX-License-Identifier: MIT */
#include "mark.h"

#include "refusal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Header-only here, as in the rest of the command. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#define NAME "edgestatic"

/* ---- Writing ---- */

static bool is_flavour(const char *name) {
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
  size_t len = strlen(name);
  return len > 0 && len < MARK_FLAVOUR_MAX && strspn(name, allowed) == len;
}

static size_t put(unsigned char *bytes, const char *kind, const char *flavour,
                  uint64_t checksum) {
  /* Less than 0x80 bytes in all, so that each length is one byte. */
  char line[MARK_SIZE_MAX - 3 - (sizeof NAME - 1)];
  if (!is_flavour(flavour))
    return 0;
  size_t len = (size_t)snprintf(line, sizeof line, "%s %s %d %016" PRIx64 "\n",
                                kind, flavour, MARK_ABI, checksum);
  size_t n = 0;
  bytes[n++] = WASM_CUSTOM;
  n += wasm_put_u32(bytes + n, (uint32_t)(1 + strlen(NAME) + len));
  n += wasm_put_u32(bytes + n, (uint32_t)strlen(NAME));
  memcpy(bytes + n, NAME, strlen(NAME));
  n += strlen(NAME);
  memcpy(bytes + n, line, len);
  return n + len;
}

size_t mark_site(unsigned char *bytes, const char *flavour, uint64_t checksum) {
  return put(bytes, "site", flavour, checksum);
}

size_t mark_guest(unsigned char *bytes, const char *flavour,
                  struct wasm_bytes module) {
  return put(bytes, "guest", flavour, XXH3_64bits(module.base, module.len));
}

/* ---- Reading ---- */

/* The last section, when it is a mark.  Which other sections there are, and
 * whether they stand in order, is not asked: the checksum tells. */
static bool find(struct wasm_bytes bytes, size_t *offset,
                 struct wasm_bytes *line) {
  if (!wasm_is_module(bytes) && !wasm_is_component(bytes))
    return false;
  struct wasm_reader reader = wasm_sections(bytes);
  struct wasm_section section, last = {.id = WASM_SECTIONS};
  while (wasm_section(&reader, &section))
    last = section;
  if (reader.bad || last.id != WASM_CUSTOM)
    return false;
  struct wasm_reader content = wasm_read(last.content);
  if (!wasm_same(wasm_counted(&content), NAME))
    return false;
  *offset = (size_t)(last.whole.base - bytes.base);
  *line = wasm_take(&content, (size_t)(content.end - content.at));
  return true;
}

/* The next word of a line, which a space ends; empty without one. */
static struct wasm_bytes word(struct wasm_reader *line) {
  const unsigned char *from = line->at;
  const unsigned char *to = memchr(from, ' ', (size_t)(line->end - from));
  if (to == NULL)
    return (struct wasm_bytes){from, 0};
  line->at = to + 1;
  return (struct wasm_bytes){from, (size_t)(to - from)};
}

int mark_read(struct wasm_bytes guest, struct mark *mark) {
  struct wasm_bytes text;
  if (!find(guest, &mark->offset, &text))
    return REFUSAL_FOREIGN;
  struct wasm_reader line = wasm_read(text);
  struct wasm_bytes kind = word(&line);
  struct wasm_bytes flavour = word(&line);
  struct wasm_bytes abi = word(&line);
  if (wasm_same(kind, "site"))
    return REFUSAL_SITE;
  if (!wasm_same(kind, "guest"))
    return REFUSAL_FOREIGN;
  char number[12];
  snprintf(number, sizeof number, "%d", MARK_ABI);
  if (!wasm_same(abi, number))
    return REFUSAL_ABI;

  /* What it has to be is made and compared. */
  unsigned char wanted[MARK_SIZE_MAX];
  if (flavour.len >= sizeof mark->flavour)
    return REFUSAL_DAMAGED;
  memcpy(mark->flavour, flavour.base, flavour.len);
  mark->flavour[flavour.len] = '\0';
  struct wasm_bytes before = {guest.base, mark->offset};
  size_t len = mark_guest(wanted, mark->flavour, before);
  if (len == 0 || len != guest.len - mark->offset ||
      memcmp(wanted, guest.base + mark->offset, len) != 0)
    return REFUSAL_DAMAGED;
  return REFUSAL_NONE;
}
