/* builder_rules.c - the builder's calls of edgestatic_rules.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "build/report.h"
#include "build/utf8.h"

#include "core/uri.h"

/* Most bytes of all texts together: as of a file. */
#define TEXTS_MAX SCAN_RULE_FILE_MAX

/* Longest name of a host (RFC 1035 section 2.3.4). */
#define HOST_MAX 253

static bool host_ok(slice host) {
  for (size_t i = 0; i < host.len; i++)
    if (!uri_is_alnum(host.base[i]) && host.base[i] != '-' &&
        host.base[i] != '.' && host.base[i] != '_')
      return false;
  return !host.base || (host.len > 0 && host.len <= HOST_MAX);
}

static void free_host(struct builder_rules *rules,
                      const edgestatic_allocator *allocator) {
  if (rules->options.host.base)
    mem_free(allocator, (void *)(uintptr_t)rules->options.host.base,
             rules->options.host.len + 1);
}

int edgestatic_builder_rules(edgestatic_builder *b,
                             const edgestatic_rules_options *options) {
  const edgestatic_allocator *allocator = &b->options.allocator;
  if (options->size != sizeof *options ||
      options->dialect < EDGESTATIC_DIALECT_NETLIFY ||
      options->dialect > EDGESTATIC_DIALECT_CLOUDFLARE ||
      !host_ok(options->host))
    return EDGESTATIC_ERR_INPUT;
  slice host = {NULL, 0};
  if (options->host.base) {
    host = slice_of(mem_copy(allocator, options->host), options->host.len);
    if (!host.base)
      return EDGESTATIC_ERR_MEMORY;
  }
  free_host(&b->rules, allocator);
  b->rules.options = *options;
  b->rules.options.host = host;
  return EDGESTATIC_OK;
}

static int add_text(edgestatic_builder *b, enum scan_rules kind, slice bytes,
                    const char *name) {
  const edgestatic_allocator *allocator = &b->options.allocator;
  struct builder_rules *rules = &b->rules;
  slice called = slice_of(name, strlen(name));
  if (called.len == 0 || called.len > RULEBOOK_NAME_MAX ||
      !utf8_valid(called) || utf8_has_control(called))
    return EDGESTATIC_ERR_INPUT;
  if (bytes.len > TEXTS_MAX - rules->bytes)
    return EDGESTATIC_ERR_LIMIT;
  struct builder_text **grown = mem_grow(allocator, rules->text, &rules->room,
                                         rules->texts + 1, sizeof *grown);
  if (!grown)
    return EDGESTATIC_ERR_MEMORY;
  rules->text = grown;
  size_t size = sizeof **grown + called.len + 1 + bytes.len + 1;
  struct builder_text *text = mem_new(allocator, size, 1);
  if (!text)
    return EDGESTATIC_ERR_MEMORY;
  char *to = (char *)(text + 1);
  *text = (struct builder_text){size, kind, slice_of(to, called.len),
                                slice_of(to + called.len + 1, bytes.len)};
  memcpy(to, called.base, called.len + 1);
  if (bytes.len > 0)
    memcpy(to + called.len + 1, bytes.base, bytes.len);
  rules->text[rules->texts++] = text;
  rules->bytes += bytes.len;
  return EDGESTATIC_OK;
}

int edgestatic_builder_redirects(edgestatic_builder *b, edgestatic_slice text,
                                 const char *name) {
  return add_text(b, SCAN_REDIRECTS, text, name);
}

int edgestatic_builder_headers(edgestatic_builder *b, edgestatic_slice text,
                               const char *name) {
  return add_text(b, SCAN_HEADERS, text, name);
}

/* ---- A build ---- */

bool builder_rules_has(slice path) {
  return slice_eq(path, scan_rules_name(SCAN_REDIRECTS)) ||
         slice_eq(path, scan_rules_name(SCAN_HEADERS));
}

/* The file of the site's root, as collect() in finish.c chooses among files of
 * one path: an asset from memory, else the last folder's. */
static int add_file(const edgestatic_builder *b, struct rulebook *book,
                    enum scan_rules kind) {
  const edgestatic_builder_options *options = &b->options;
  slice name = scan_rules_name(kind);
  struct readfile *file = &book->file[kind];
  for (size_t i = 0; i < b->assets; i++)
    if (slice_eq(b->asset[i]->path, name)) {
      if (b->asset[i]->bytes.len > SCAN_RULE_FILE_MAX)
        return report_error(options, EDGESTATIC_ERR_LIMIT, name.base, 0,
                            "is larger than 16 MiB, which no file of rules is");
      return rulebook_add(
          book, kind, (struct rulebook_text){name, name, b->asset[i]->bytes});
    }
  size_t from = b->scans;
  while (from > 0 && !b->scan[from - 1].rules[kind].source.base)
    from--;
  if (from == 0)
    return EDGESTATIC_OK;
  const struct scan *scan = &b->scan[from - 1];
  slice called = scan->rules[kind].file;
  file->allocator = &options->allocator;
  int error = readfile(file, scan->root, scan->rules[kind].source);
  if (error)
    return readfile_report(options, called.base, error, file->reason);
  return rulebook_add(
      book, kind,
      (struct rulebook_text){name, called, slice_of(file->bytes, file->size)});
}

int builder_rules_read(const edgestatic_builder *b, struct rulebook *book) {
  *book = (struct rulebook){.options = &b->options, .how = &b->rules.options};
  int error = EDGESTATIC_OK;
  for (size_t i = 0; !error && i < b->rules.texts; i++) {
    const struct builder_text *t = b->rules.text[i];
    error = rulebook_add(book, t->kind,
                         (struct rulebook_text){t->name, t->name, t->bytes});
  }
  for (int kind = 0; !error && kind < SCAN_RULES; kind++)
    error = add_file(b, book, kind);
  return error ? error : rulebook_read(book);
}

void builder_rules_free(struct builder_rules *rules,
                        const edgestatic_allocator *allocator) {
  for (size_t i = 0; i < rules->texts; i++)
    mem_free(allocator, rules->text[i], rules->text[i]->size);
  mem_free(allocator, rules->text, rules->room * sizeof *rules->text);
  free_host(rules, allocator);
}
