/* material.c - what a site is made of: the guest, the module, the scripts.
 * See publish.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "publish.h"

#include "fill.h"
#include "path.h"
#include "refusal.h"
#include "target.h"

#include "../say.h"

#include <stdlib.h>
#include <string.h>

static int take(void *ctx, const void *bytes, size_t len) {
  pieces_add(ctx, bytes, len);
  return 0;
}

static uint64_t pages_of(uint64_t bytes) {
  return bytes / WASM_PAGE + (bytes % WASM_PAGE > 0);
}

/* Memory that a module starts with.  Guests that stay as they are were not
 * read further than their mark. */
static uint64_t pages_at_start(const struct guest *guest) {
  uint64_t pages = guest->module.memory.min;
  struct wasm_reader reader = wasm_sections(guest->bytes);
  struct wasm_section section;
  while (pages == 0 && wasm_is_module(guest->bytes) &&
         wasm_section(&reader, &section))
    if (section.id == WASM_MEMORY) {
      struct wasm_reader memory = wasm_read(section.content);
      wasm_u32(&memory); /* how many: one */
      pages = wasm_limits(&memory).min;
    }
  return pages;
}

int publish_module(struct publish *publish) {
  const struct guest *guest = &publish->guest.guest;
  /* The index lies in the memory of the module on every host. */
  uint64_t index = edgestatic_store_index_size(publish->store);
  publish->budget.used[BUDGET_CODE] = guest->bytes.len;
  publish->budget.used[BUDGET_MEMORY] =
      (pages_at_start(guest) + pages_of(index)) * WASM_PAGE;
  if (strcmp(guest->mark.flavour, GUEST_BESIDE) == 0) {
    pieces_add(&publish->wasm, guest->bytes.base, guest->bytes.len);
  } else {
    int refusal = bundle_plan(&publish->bundle, guest, publish->store);
    if (refusal) {
      say_error("%s: %s", publish->site, refusal_text(refusal));
      return -1;
    }
    bundle_each(&publish->bundle, take, &publish->wasm);
  }
  publish->budget.used[BUDGET_MODULE] = publish->wasm.size;
  return 0;
}

int publish_script(const struct publish *publish, const char *name,
                   struct pieces *content) {
  struct guestfile file;
  if (guestfile_read(&file, name, publish->guests) != 0)
    return -1;
  bool fits = file.len <= GUEST_SIZE_MAX;
  if (fits) {
    pieces_own(content, file.bytes, file.len);
    file.bytes = NULL;
  } else {
    say_error("%s: larger than any script of ours", file.name);
  }
  guestfile_close(&file);
  return fits ? 0 : -1;
}

int publish_scaffold(struct publish *publish, const char *name,
                     const char *text) {
  const struct fill list[] = {{"NAME", publish->name}, {NULL, NULL}};
  struct pieces content = {0};
  fill(&content, text, list);
  return outdir_add(&publish->out, OUTDIR_SCAFFOLD, name, &content);
}

void publish_pack(const struct publish *publish, struct pieces *content) {
  pieces_add(content, publish->store->base,
             (size_t)edgestatic_store_pack_size(publish->store));
}

void publish_option(struct publish *publish, const char *name,
                    const char *value) {
  static const char *const means[] = {"cache", "no-cache", "threads"};
  for (size_t i = 0; i < sizeof means / sizeof means[0]; i++)
    if (strcmp(name, means[i]) == 0)
      return;
  pieces_print(&publish->options, " --%s", name);
  if (value) {
    pieces_print(&publish->options, "=");
    path_quote(&publish->options, value);
  }
}

/* The way to a path from an absolute folder, as a word for a shell. */
static int quote_way(struct pieces *text, const char *from, const char *path) {
  char *to = path_absolute(path);
  char *way = to ? path_relative(from, to) : NULL;
  if (way)
    path_quote(text, way);
  free(to);
  free(way);
  return way ? 0 : -1;
}

int publish_again(const struct publish *publish, struct pieces *text) {
  char *out = path_absolute(publish->output);
  pieces_print(text, "edgestatic publish ");
  int failed = !out || quote_way(text, out, publish->site) != 0;
  pieces_append(text, &publish->options);
  pieces_print(text, " --target %s -o .", publish->target->name);
  if (publish->guests && !failed) {
    pieces_print(text, " --guests ");
    failed = quote_way(text, out, publish->guests) != 0;
  }
  free(out);
  if (failed)
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
  return failed ? -1 : 0;
}
