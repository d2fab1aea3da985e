/* build.c - `edgestatic build`: a folder becomes a pack file.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "args.h"
#include "buildopts.h"
#include "json.h"
#include "previous.h"
#include "progress.h"
#include "say.h"
#include "stop.h"
#include "term.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OPTION_JSON = OPTION_LONG };

static const struct option_spec options[] = {
    {'o', "output", "FILE", "the pack to write; needed"},
    {OPTION_JSON, "json", NULL, "print the closing table as JSON"},
    {'q', "quiet", NULL, "print errors and warnings only"},
    {0, NULL, NULL, NULL},
};

struct settings {
  struct build_options build;
  struct previous previous;
  const char *output;
  bool json;
};

static void coding_row(struct term_table *table, int coding, uint32_t variants,
                       uint64_t before, uint64_t after) {
  char text[TERM_SIZE_MAX + 4];
  term_table_add_slice(table, edgestatic_coding_name(coding));
  term_table_add(table, term_count(text, variants));
  term_table_add(table, term_size(text, before));
  term_table_add(table, term_size(text, after));
  double saved = 100 - 100 * (double)after / (double)(before ? before : 1);
  snprintf(text, sizeof text, "%.1f%%", saved);
  bool coded = coding != EDGESTATIC_CODING_IDENTITY && variants > 0;
  term_table_add(table, coded ? text : "");
}

static int print_table(const edgestatic_builder_stats *stats,
                       const char *output) {
  char a[TERM_SIZE_MAX + 4], b[TERM_SIZE_MAX + 4];
  struct term_table table;
  term_table_init(&table, "lrrrr");
  const char *const head[] = {"coding", "files", "before", "after", "saved"};
  for (int i = 0; i < 5; i++)
    term_table_add(&table, head[i]);
  for (int i = 0; i < EDGESTATIC_CODING_COUNT; i++)
    coding_row(&table, i, stats->coding[i].variants, stats->coding[i].before,
               stats->coding[i].after);
  int failed = term_table_print(&table, stdout, 2);
  printf("\n%s %s, %s unique %s", term_count(a, stats->assets),
         stats->assets == 1 ? "file" : "files", term_count(b, stats->blobs),
         stats->blobs == 1 ? "body" : "bodies");
  if (stats->cached_blobs)
    printf(", %s from the cache", term_count(a, stats->cached_blobs));
  if (stats->retained)
    printf(", %s kept from earlier releases", term_count(a, stats->retained));
  printf("; %s in, ", term_size(a, stats->input_bytes));
  printf("%s packed (index %s); ", term_size(a, stats->pack_bytes),
         term_size(b, stats->index_bytes));
  printf("%.1f s\n", stats->seconds);
  term_print(stdout, output);
  putchar('\n');
  return failed;
}

static int print_json(const edgestatic_builder_stats *stats,
                      const char *output) {
  json_t *codings = json_object();
  for (int i = 0; i < EDGESTATIC_CODING_COUNT; i++)
    json_object_set_new(codings, edgestatic_coding_name(i).base,
                        json_pack("{s:I, s:I, s:I}", "files",
                                  (json_int_t)stats->coding[i].variants,
                                  "before", (json_int_t)stats->coding[i].before,
                                  "after", (json_int_t)stats->coding[i].after));
  json_t *root = json_pack(
      "{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:o}", "output",
      json_text((edgestatic_slice){output, strlen(output)}), "files",
      (json_int_t)stats->assets, "unique_bodies", (json_int_t)stats->blobs,
      "from_cache", (json_int_t)stats->cached_blobs, "retained",
      (json_int_t)stats->retained, "input_bytes",
      (json_int_t)stats->input_bytes, "index_bytes",
      (json_int_t)stats->index_bytes, "pack_bytes",
      (json_int_t)stats->pack_bytes, "seconds", stats->seconds, "codings",
      codings);
  return json_print(root, JSON_INDENT(2));
}

static int report(const struct settings *settings,
                  const edgestatic_builder *builder) {
  if (settings->build.quiet && !settings->json)
    return CLI_OK;
  edgestatic_builder_stats stats;
  edgestatic_builder_get_stats(builder, &stats);
  int failed = settings->json ? print_json(&stats, settings->output)
                              : print_table(&stats, settings->output);
  if (failed)
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
  return failed ? CLI_INPUT : CLI_OK;
}

/* A pack that lies in the folder would be packed the next time, and served to
 * the world in the pack after that. */
static void warn_of_itself(const char *dir, const char *output) {
  const char *slash = strrchr(output, '/');
  const char *name = slash ? slash + 1 : output;
  char *folder = slash ? strndup(output, (size_t)(slash - output) + 1) : NULL;
  char *inner = realpath(folder ? folder : ".", NULL);
  char *outer = realpath(dir, NULL);
  free(folder);
  size_t len = outer ? strlen(outer) : 0;
  if (inner && outer && name[0] != '.' && strncmp(inner, outer, len) == 0 &&
      (len == 1 || inner[len] == '/' || inner[len] == '\0'))
    say_warning("%s is in the folder that it is made of: write it elsewhere, "
                "or name it in .edgestaticignore",
                output);
  free(inner);
  free(outer);
}

/* From when on files are kept: of a build that is to be reproduced, not from
 * when it is. */
static int64_t kept_from(const struct settings *settings) {
  int64_t epoch = settings->build.builder.source_date_epoch;
  return epoch != INT64_MIN ? epoch : (int64_t)time(NULL);
}

static int build(const struct settings *settings, const char *dir) {
  if (stop_watch(false) != 0) {
    say_error("cannot watch for signals: %s", strerror(errno));
    return CLI_INPUT;
  }
  edgestatic_builder *builder = NULL;
  warn_of_itself(dir, settings->output);
  progress_begin("packing", settings->build.quiet);
  int error = build_options_scan(&settings->build, dir, &builder);
  if (!error)
    error = previous_apply(&settings->previous, builder, kept_from(settings));
  if (!error) {
    error = edgestatic_builder_write(builder, settings->output);
    build_options_explain(error, settings->output);
  }
  progress_end();
  if (settings->build.rules_warned)
    say_note("`edgestatic lint %s' says more about the rules", dir);
  int status = error ? CLI_INPUT : report(settings, builder);
  edgestatic_builder_free(builder);
  if (error == EDGESTATIC_ERR_CANCELLED) {
    say_error("interrupted; %s is as it was", settings->output);
    stop_die();
  }
  return status;
}

static int parse(struct settings *settings, struct args *args) {
  int id;
  while ((id = args_next(args)) > 0) {
    int status = 0;
    if (id == 'o')
      settings->output = args->value;
    else if (id == 'q')
      settings->build.quiet = true;
    else if (id == OPTION_JSON)
      settings->json = true;
    else if (previous_is_option(id))
      status = previous_take(&settings->previous, args, id);
    else
      status = build_options_take(&settings->build, args, id);
    if (status != 0)
      return status;
  }
  if (id < 0)
    return -1;
  if (!settings->output || settings->output[0] == '\0') {
    say_error("-o FILE is missing");
    say_hint("see `edgestatic build --help'");
    return CLI_USAGE;
  }
  int status = previous_finish(&settings->previous);
  return status ? status : build_options_finish(&settings->build);
}

static int run(struct args *args) {
  struct settings settings = {.output = NULL};
  build_options_init(&settings.build);
  int status = parse(&settings, args);
  if (settings.build.quiet)
    say_set_quiet();
  if (status == 0)
    status = build(&settings, args->operand[0]);
  previous_free(&settings.previous);
  build_options_free(&settings.build);
  return status < 0 ? args->exit : status;
}

const struct verb verb_build = {
    "build",
    "pack a folder of files",
    {"DIR", NULL},
    {options, previous_option_table, build_option_table, policy_option_table,
     NULL},
    "Reads the files of DIR, compresses each as br, zstd and gzip where that\n"
    "saves something, and writes all of it as one pack.  FILE is replaced "
    "only\n"
    "when the new pack is complete.  Left out: names that begin with a dot\n"
    "(but not .well-known), and what DIR/.edgestaticignore names.  The lines\n"
    "of DIR/_redirects and DIR/_headers become rules of the pack.  With\n"
    "SOURCE_DATE_EPOCH set, no Last-Modified is later than that.",
    "  # a site for production\n"
    "  edgestatic build public -o site.edgepack\n"
    "  # while developing: seconds instead of minutes\n"
    "  edgestatic build public -o site.edgepack --fast\n"
    "  # a single-page app, whose fonts never change\n"
    "  edgestatic build dist -o app.edgepack --not-found spa \\\n"
    "    --cache-rule '*.woff2=max-age=31536000, immutable'\n"
    "  # the next release: no hashed name with other bytes, and for a week\n"
    "  # the files that open pages still ask for\n"
    "  edgestatic build public -o new.edgepack --previous site.edgepack \\\n"
    "    --keep 7d\n"
    "  # figures for a script\n"
    "  edgestatic build public -o site.edgepack --json | jq .pack_bytes",
    run};
