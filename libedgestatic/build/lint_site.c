/* lint_site.c - what lint looks at: the folder's names, its two files, and a
 * pack of each reading.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/lint.h"

#include <stdio.h>

/* What cannot be read at all is told at once. */
static void tell(void *ctx, const edgestatic_message *message) {
  const struct lint *l = ctx;
  const edgestatic_finding finding = {
      message->severity, EDGESTATIC_FINDING_WRONG, message->file,
      message->line,     message->column,          message->text};
  if (message->severity == EDGESTATIC_ERROR)
    l->found(l->ctx, &finding);
}

static int read_text(struct lint *l, enum scan_rules kind) {
  const struct scan_rule_file *file = &l->scan.rules[kind];
  l->text[kind].allocator = &l->builder.allocator;
  if (!file->source.base)
    return EDGESTATIC_OK;
  int error = readfile(&l->text[kind], l->scan.root, file->source);
  if (error)
    return readfile_report(&l->builder, file->file.base, error,
                           l->text[kind].reason);
  return EDGESTATIC_OK;
}

static slice text_of(const struct lint *l, enum scan_rules kind) {
  return slice_of(l->text[kind].size > 0 ? l->text[kind].bytes : "",
                  l->text[kind].size);
}

/* ---- Packs ---- */

/* A file of the site takes part by its name alone. */
static int add_files(const struct lint *l, edgestatic_builder *builder) {
  int error = EDGESTATIC_OK;
  for (size_t i = 0; !error && i < l->scan.count; i++)
    error = edgestatic_builder_add(builder, l->scan.file[i].path, "", 0, NULL);
  return error;
}

static int make_pack(const struct lint *l, int dialect,
                     edgestatic_pack **pack) {
  edgestatic_rules_options rules = EDGESTATIC_RULES_OPTIONS_INIT;
  edgestatic_builder *builder = NULL;
  slice text = text_of(l, SCAN_REDIRECTS);
  rules.dialect = dialect;
  rules.lenient = 1;
  rules.host = l->options->host;
  int error = edgestatic_builder_new(&builder, &l->builder);
  if (error)
    return error;
  error = edgestatic_builder_rules(builder, &rules);
  if (!error)
    error = add_files(l, builder);
  if (!error)
    error = edgestatic_builder_add(builder, scan_rules_name(SCAN_REDIRECTS),
                                   text.base, text.len, NULL);
  if (!error)
    error = edgestatic_builder_finish(builder, pack);
  edgestatic_builder_free(builder);
  return error;
}

static int read_as(struct lint *l, int dialect) {
  const edgestatic_allocator *allocator = &l->builder.allocator;
  struct lint_reading *reading = &l->reading[dialect];
  enum rulefile_dialect as = dialect == EDGESTATIC_DIALECT_CLOUDFLARE
                                 ? RULEFILE_CLOUDFLARE
                                 : RULEFILE_NETLIFY;
  const struct redirects_options options = {
      allocator, as, l->options->html_handling == EDGESTATIC_HTML_NONE};
  int error =
      redirects_read(&reading->redirects, &options, text_of(l, SCAN_REDIRECTS));
  for (size_t i = 0; i < reading->redirects.count; i++)
    reading->dynamic += reading->redirects.rule[i].dynamic;
  if (!error)
    error = headers_read(&reading->headers, allocator, as,
                         text_of(l, SCAN_HEADERS));
  return error ? error : make_pack(l, dialect, &reading->pack);
}

/* ---- All ---- */

static int map_files(struct lint *l) {
  l->file = mem_new(&l->builder.allocator, l->scan.count, sizeof *l->file);
  if (l->scan.count > 0 && !l->file)
    return EDGESTATIC_ERR_MEMORY;
  for (size_t i = 0; i < l->scan.count; i++)
    l->file[i] = l->scan.file[i].path;
  return urls_map(&l->urls, &l->builder, l->file, l->scan.count);
}

void lint_open(struct lint *l, const char *dir) {
  l->builder = (edgestatic_builder_options)EDGESTATIC_BUILDER_OPTIONS_INIT;
  l->builder.html_handling = l->options->html_handling;
  l->builder.not_found = l->options->not_found;
  l->builder.effort = EDGESTATIC_EFFORT_FAST;
  l->builder.threads = 1;
  l->builder.message = tell;
  l->builder.message_ctx = l;
  l->strings.allocator = &l->builder.allocator;
  l->scan.root = -1;
  l->error = scan_dir(&l->scan, &l->builder, dir);
  l->scanned = !l->error;
  for (int kind = 0; !l->error && kind < SCAN_RULES; kind++)
    l->error = read_text(l, kind);
  l->builder.message = NULL; /* a build says the rest */
  if (!l->error)
    l->error = map_files(l);
  for (int dialect = 0; !l->error && dialect < LINT_DIALECTS; dialect++)
    l->error = read_as(l, dialect);
}

void lint_close(struct lint *l) {
  const edgestatic_allocator *allocator = &l->builder.allocator;
  for (int i = 0; i < LINT_DIALECTS; i++) {
    struct lint_reading *reading = &l->reading[i];
    edgestatic_pack_unref(reading->pack);
    if (reading->redirects.file.strings.allocator)
      redirects_free(&reading->redirects);
    if (reading->headers.file.strings.allocator)
      headers_free(&reading->headers);
  }
  for (int kind = 0; kind < SCAN_RULES; kind++)
    if (l->text[kind].allocator)
      readfile_free(&l->text[kind]);
  if (l->urls.strings.allocator)
    urls_free(&l->urls);
  mem_free(allocator, l->file, l->scan.count * sizeof *l->file);
  if (l->scanned)
    scan_free(&l->scan);
  mem_free(allocator, l->finding, l->room * sizeof *l->finding);
  mem_arena_free(&l->strings);
}
