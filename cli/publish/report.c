/* report.c - see report.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "report.h"

#include "fill.h"
#include "path.h"
#include "target.h"

#include "../json.h"
#include "../say.h"
#include "../term.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const fates[] = {
    [OUTDIR_WRITE] = "written",
    [OUTDIR_SAME] = "unchanged",
    [OUTDIR_KEEP] = "yours, kept",
};

/* As a shell reads it; NULL: no memory. */
static char *quoted(const char *folder, const char *name) {
  struct pieces text = {0};
  char *path = NULL, *word = NULL;
  if (asprintf(&path, "%s%s%s", folder, *name ? "/" : "", name) < 0)
    path = NULL;
  else
    path_quote(&text, path);
  if (text.size > 0 && !text.failed)
    word = calloc(1, (size_t)text.size + 1);
  if (word)
    pieces_copy(&text, word);
  pieces_free(&text);
  free(path);
  return word;
}

/* The lines to type next, or NULL: no memory. */
static char *next_lines(const struct publish *publish) {
  const char *next = publish->target->next;
  if (publish->to_file && strstr(next, "@OUT@"))
    next = "";
  bool inside = !publish->to_file && publish->served;
  char *out = quoted(publish->output, "");
  char *file = quoted(publish->output, inside ? publish->served : "");
  const struct fill list[] = {
      {"OUT", out}, {"FILE", file}, {"NAME", publish->name}, {NULL, NULL}};
  char *text = out && file ? fill_text(next, list) : NULL;
  free(out);
  free(file);
  return text;
}

/* Blobs are named by 64 digits, of which twelve are enough to tell. */
#define DIGITS 64
#define DIGITS_SHOWN 12

static void add_name(struct term_table *table, const char *name) {
  size_t len = strlen(name);
  if (len > DIGITS && strspn(name + len - DIGITS, "0123456789abcdef") == DIGITS)
    len -= DIGITS - DIGITS_SHOWN;
  term_table_add_slice(table, (edgestatic_slice){name, len});
}

static void add_row(struct term_table *table, const char *name, uint64_t size,
                    const char *fate) {
  char text[TERM_SIZE_MAX];
  add_name(table, name);
  term_table_add(table, term_size(text, size));
  term_table_add(table, fate);
}

static int no_memory(void) {
  say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
  return -1;
}

int report_text(const struct publish *publish, double seconds) {
  struct term_table table;
  term_table_init(&table, "lrl");
  term_table_add(&table, "file");
  term_table_add(&table, "size");
  term_table_add(&table, "done");
  const struct outdir *out = &publish->out;
  if (publish->to_file)
    add_row(&table, publish->output, publish->wasm.size, "written");
  for (size_t i = 0; i < out->count && !publish->to_file; i++)
    add_row(&table, out->file[i].name, out->file[i].content.size,
            fates[out->file[i].fate]);
  putchar('\n');
  if (term_table_print(&table, stdout, 2) != 0)
    return no_memory();
  char *next = next_lines(publish);
  if (!next)
    return no_memory();
  printf("\n");
  term_print(stdout, publish->output);
  printf(": for %s, in %.1f s\n", publish->target->host, seconds);
  for (const char *line = next; *line;) {
    size_t len = strcspn(line, "\n");
    fputs("next: ", stdout);
    term_print_slice(stdout, (edgestatic_slice){line, len});
    putchar('\n');
    line += len + (line[len] == '\n');
  }
  free(next);
  return 0;
}

static json_t *text_json(const char *text) {
  return json_text((edgestatic_slice){text, strlen(text)});
}

static json_t *files_json(const struct publish *publish) {
  json_t *files = json_array();
  const struct outdir *out = &publish->out;
  for (size_t i = 0; i < out->count && !publish->to_file; i++)
    json_array_append_new(files,
                          json_pack("{s:o, s:I, s:s}", "name",
                                    text_json(out->file[i].name), "size",
                                    (json_int_t)out->file[i].content.size,
                                    "fate", fates[out->file[i].fate]));
  if (publish->to_file)
    json_array_append_new(files, json_pack("{s:o, s:I, s:s}", "name",
                                           text_json(publish->output), "size",
                                           (json_int_t)publish->wasm.size,
                                           "fate", fates[OUTDIR_WRITE]));
  return files;
}

static json_t *next_json(const struct publish *publish) {
  json_t *lines = json_array();
  char *next = next_lines(publish);
  for (const char *line = next ? next : ""; *line;) {
    size_t len = strcspn(line, "\n");
    json_array_append_new(lines, json_text((edgestatic_slice){line, len}));
    line += len + (line[len] == '\n');
  }
  free(next);
  return lines;
}

int report_json(const struct publish *publish, double seconds) {
  json_t *root = json_pack(
      "{s:s, s:s, s:o, s:o, s:o, s:o, s:f}", "target", publish->target->name,
      "name", publish->name, "output", text_json(publish->output), "files",
      files_json(publish), "limits", budget_json(&publish->budget), "next",
      next_json(publish), "seconds", seconds);
  return json_print(root, JSON_INDENT(2)) == 0 ? 0 : no_memory();
}
