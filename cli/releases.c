/* releases.c - `edgestatic releases`: what a site store holds.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "json.h"
#include "say.h"
#include "siteverb.h"
#include "term.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_JSON = OPTION_LONG };

static const struct option_spec options[] = {
    {OPTION_JSON, "json", NULL, "print JSON"},
    {0, NULL, NULL, NULL},
};

static edgestatic_slice text(const char *s) {
  return (edgestatic_slice){s, strlen(s)};
}

/* ---- For people ---- */

/* "live, staging", for the caller to free; NULL: no memory. */
static char *shown_by(const edgestatic_site *site, uint64_t release) {
  char *names = NULL;
  size_t size;
  FILE *stream = open_memstream(&names, &size);
  const char *comma = "";
  size_t count;
  const edgestatic_collection *c = edgestatic_site_collections(site, &count);
  if (!stream)
    return NULL;
  for (size_t i = 0; i < count; i++) {
    if (c[i].release != release)
      continue;
    fprintf(stream, "%s%s", comma, c[i].name);
    comma = ", ";
  }
  if (*comma == '\0')
    fputs("-", stream);
  if (fclose(stream) != 0) {
    free(names);
    return NULL;
  }
  return names;
}

static int add_row(struct term_table *table, const edgestatic_site *site,
                   const edgestatic_release *r) {
  char size[TERM_SIZE_MAX], count[TERM_SIZE_MAX + 4], number[24];
  char when[TERM_TIME_MAX];
  char *names = shown_by(site, r->number);
  if (!names)
    return -1;
  snprintf(number, sizeof number, "%llu", (unsigned long long)r->number);
  term_table_add(table, number);
  term_table_add(table, term_time(when, r->time));
  term_table_add(table, names);
  term_table_add(table, term_count(count, r->files));
  term_table_add(table, term_size(size, r->bytes));
  term_table_add(table, term_size(size, r->new_bytes));
  term_table_add(table, r->expires ? term_time(when, r->expires) : "-");
  term_table_add(table, r->note);
  free(names);
  return 0;
}

static int print_table(const edgestatic_site *site) {
  static const char *const head[] = {"release", "time", "collections", "files",
                                     "size",    "new",  "expires",     "note"};
  struct term_table table;
  int failed = 0;
  term_table_init(&table, "rllrrrll");
  for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
    term_table_add(&table, head[i]);
  size_t count;
  const edgestatic_release *release = edgestatic_site_releases(site, &count);
  while (count-- > 0 && !failed)
    failed = add_row(&table, site, &release[count]);
  return term_table_print(&table, stdout, 0) | failed;
}

/* ---- For programs ---- */

static json_t *time_json(int64_t time) {
  return time ? json_integer((json_int_t)time) : json_null();
}

static json_t *release_json(const edgestatic_release *r) {
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "number",
                   (json_int_t)r->number, "time", (json_int_t)r->time, "files",
                   (json_int_t)r->files, "bytes", (json_int_t)r->bytes,
                   "new_bytes", (json_int_t)r->new_bytes, "expires",
                   time_json(r->expires), "note", json_text(text(r->note)));
}

static int print_json(const edgestatic_site *site) {
  json_t *releases = json_array(), *collections = json_array();
  size_t count;
  const edgestatic_release *r = edgestatic_site_releases(site, &count);
  while (count-- > 0)
    json_array_append_new(releases, release_json(&r[count]));
  const edgestatic_collection *c = edgestatic_site_collections(site, &count);
  for (size_t i = 0; i < count; i++)
    json_array_append_new(collections,
                          json_pack("{s:s, s:I, s:o}", "name", c[i].name,
                                    "release", (json_int_t)c[i].release,
                                    "expires", time_json(c[i].expires)));
  return json_print(
      json_pack("{s:o, s:o}", "releases", releases, "collections", collections),
      JSON_INDENT(2));
}

static int run(struct args *args) {
  bool json = false;
  int id;
  while ((id = args_next(args)) > 0)
    json = true;
  if (id < 0)
    return args->exit;
  edgestatic_site *site = siteverb_open(NULL, args->operand[0], false);
  if (!site)
    return CLI_INPUT;
  int failed = json ? print_json(site) : print_table(site);
  edgestatic_site_close(site);
  if (failed)
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
  return failed ? CLI_INPUT : CLI_OK;
}

const struct verb verb_releases = {
    "releases",
    "list the releases of a site store",
    {"SITE", NULL},
    {options, NULL},
    "Prints a line for each release, the newest first: its number, its time,\n"
    "the collections that show it, its files, their size and what of it was "
    "new\n"
    "in the store, when it expires, and its note.",
    "  edgestatic releases my-site\n"
    "  # what does the world see?\n"
    "  edgestatic releases my-site --json |\n"
    "    jq '.collections[] | select(.name == \"live\").release'",
    run};
