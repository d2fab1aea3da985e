/* release.c - `edgestatic release`: a folder or a pack becomes a release of a
 * site store.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "buildopts.h"
#include "duration.h"
#include "json.h"
#include "packfile.h"
#include "progress.h"
#include "say.h"
#include "siteverb.h"
#include "stop.h"
#include "term.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Typing errors beyond; of releases the store looks at each. */
#define KEEP_RELEASES_MAX 1000
#define KEEP_DAYS_MAX 3650

#define DAY (24 * 60 * 60)

enum {
  OPTION_COLLECTION = OPTION_LONG,
  OPTION_EXPIRES,
  OPTION_NOTE,
  OPTION_KEEP_RELEASES,
  OPTION_KEEP_DAYS
};

static const struct option_spec options[] = {
    {OPTION_COLLECTION, "collection", "NAME",
     "what shows the release [live]; a to z, 0 to 9 and -"},
    {OPTION_EXPIRES, "expires", "TIME",
     "how long the collection is served: 12h, 7d, 2w"},
    {OPTION_NOTE, "note", "TEXT", "a line about it, for `releases'"},
    {OPTION_KEEP_RELEASES, "keep-releases", "N",
     "fingerprinted files of the last N releases stay\n"
     "reachable, for pages that are open in browsers"},
    {OPTION_KEEP_DAYS, "keep-days", "N", "those of the last N days, too"},
    {0, NULL, NULL, NULL},
};

struct settings {
  struct build_options build;
  struct siteverb verb;
  const char *collection;
  const char *note;
  int64_t expires; /* seconds from now; 0: never */
  unsigned keep_releases, keep_days;
};

/* ---- What was done ---- */

static int print_json(const struct settings *settings, uint64_t before,
                      const edgestatic_release *r) {
  return json_print(
      json_pack(
          "{s:I, s:s, s:o, s:I, s:I, s:I, s:o}", "release",
          (json_int_t)r->number, "collection", settings->collection, "before",
          before ? json_integer((json_int_t)before) : json_null(), "files",
          (json_int_t)r->files, "bytes", (json_int_t)r->bytes, "new_bytes",
          (json_int_t)r->new_bytes, "expires",
          r->expires ? json_integer((json_int_t)r->expires) : json_null()),
      JSON_INDENT(2));
}

static void print_text(const struct settings *settings, uint64_t before,
                       const edgestatic_release *r) {
  char count[TERM_SIZE_MAX + 4], size[TERM_SIZE_MAX], fresh[TERM_SIZE_MAX];
  char until[TERM_TIME_MAX];
  printf("release %llu: %s %s, %s, %s of it new\n",
         (unsigned long long)r->number, term_count(count, r->files),
         r->files == 1 ? "file" : "files", term_size(size, r->bytes),
         term_size(fresh, r->new_bytes));
  printf("%s shows it", settings->collection);
  if (r->expires)
    printf(" until %s", term_time(until, r->expires));
  if (before)
    printf("; before it was release %llu", (unsigned long long)before);
  putchar('\n');
}

static int report(const struct settings *settings, uint64_t before,
                  const edgestatic_release *release) {
  if (settings->verb.json) {
    if (print_json(settings, before, release) == 0)
      return EDGESTATIC_OK;
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    return EDGESTATIC_ERR_MEMORY;
  }
  if (!settings->verb.quiet)
    print_text(settings, before, release);
  return EDGESTATIC_OK;
}

/* ---- Doing it ---- */

/* A builder that holds what the pack does. */
static int of_pack(const struct build_options *build, const char *file,
                   edgestatic_builder **builder) {
  edgestatic_pack *pack = packfile_open(file);
  if (!pack)
    return EDGESTATIC_ERR_INPUT;
  int error = edgestatic_builder_new(builder, &build->builder);
  if (!error)
    error = edgestatic_builder_add_pack(*builder, pack, (int64_t)time(NULL));
  build_options_explain(error, file);
  edgestatic_pack_unref(pack);
  return error;
}

static const edgestatic_release *find(const edgestatic_site *site,
                                      uint64_t number) {
  size_t count;
  const edgestatic_release *r = edgestatic_site_releases(site, &count);
  while (count > 0 && r[count - 1].number != number)
    count--;
  return count > 0 ? &r[count - 1] : NULL;
}

/* What the builder or the store told itself is not told again. */
static void explain(const char *dir, int error) {
  if (error != EDGESTATIC_ERR_IO && error != EDGESTATIC_ERR_INPUT &&
      error != EDGESTATIC_ERR_LIMIT)
    siteverb_explain(dir, error);
}

static int add(const struct settings *settings, const char *dir,
               edgestatic_builder *builder) {
  edgestatic_release_options o = EDGESTATIC_RELEASE_OPTIONS_INIT;
  edgestatic_site *site = siteverb_open(&settings->verb, dir, true);
  uint64_t number = 0;
  if (!site)
    return EDGESTATIC_ERR_INPUT;
  o.collection = settings->collection;
  o.note = settings->note;
  if (settings->expires)
    o.expires = (int64_t)time(NULL) + settings->expires;
  o.retain_releases = settings->keep_releases;
  o.retain_seconds = (int64_t)settings->keep_days * DAY;
  uint64_t before = siteverb_shown(site, o.collection);
  int error = edgestatic_site_release(site, builder, &o, &number);
  progress_end();
  const edgestatic_release *done = error ? NULL : find(site, number);
  if (error)
    explain(dir, error);
  else if (done) /* unless somebody was faster, and it is gone again */
    error = report(settings, before, done);
  edgestatic_site_close(site);
  return error;
}

static int release(const struct settings *settings, const char *dir,
                   const char *source) {
  edgestatic_builder *builder = NULL;
  bool folder = packfile_is_folder(source);
  if (!folder && settings->build.given) {
    say_error("--%s is for a folder, and %s is none", settings->build.given,
              source);
    return CLI_USAGE;
  }
  if (stop_watch(false) != 0) {
    say_error("cannot watch for signals: %s", strerror(errno));
    return CLI_INPUT;
  }
  progress_begin("packing", settings->verb.quiet);
  int error = folder ? build_options_scan(&settings->build, source, &builder)
                     : of_pack(&settings->build, source, &builder);
  if (!error)
    error = add(settings, dir, builder);
  progress_end();
  edgestatic_builder_free(builder);
  if (error == EDGESTATIC_ERR_CANCELLED) {
    say_error("interrupted; %s is as it was", dir);
    stop_die();
  }
  return error ? CLI_INPUT : CLI_OK;
}

/* ---- The command line ---- */

static int take(struct settings *settings, const struct args *args, int id) {
  switch (id) {
  case OPTION_COLLECTION:
    settings->collection = args->value;
    return siteverb_is_name(args->value) ? 0 : CLI_USAGE;
  case OPTION_EXPIRES:
    return duration_parse(args->value, &settings->expires) == 0
               ? 0
               : args_bad_value(args, "--expires", DURATION_WANTED);
  case OPTION_NOTE:
    settings->note = args->value;
    return 0;
  case OPTION_KEEP_RELEASES:
    return args_number(args, KEEP_RELEASES_MAX, &settings->keep_releases) == 0
               ? 0
               : args_bad_value(args, "--keep-releases",
                                "a number from 1 to 1000");
  case OPTION_KEEP_DAYS:
    return args_number(args, KEEP_DAYS_MAX, &settings->keep_days) == 0
               ? 0
               : args_bad_value(args, "--keep-days", "a number from 1 to 3650");
  default:
    return siteverb_take(&settings->verb, id)
               ? 0
               : build_options_take(&settings->build, args, id);
  }
}

static int parse(struct settings *settings, struct args *args) {
  int id;
  while ((id = args_next(args)) > 0) {
    int status = take(settings, args, id);
    if (status != 0)
      return status;
  }
  if (id < 0)
    return -1;
  if (settings->expires && strcmp(settings->collection, "live") == 0) {
    say_error("--expires is for previews, and live has no end");
    say_hint("name the preview: --collection preview-42");
    return CLI_USAGE;
  }
  settings->build.quiet = settings->verb.quiet;
  return build_options_finish(&settings->build);
}

static int run(struct args *args) {
  struct settings settings = {.collection = "live", .note = ""};
  build_options_init(&settings.build);
  int status = parse(&settings, args);
  if (settings.verb.quiet)
    say_set_quiet();
  if (status == 0)
    status = release(&settings, args->operand[0], args->operand[1]);
  build_options_free(&settings.build);
  return status < 0 ? args->exit : status;
}

const struct verb verb_release = {
    "release",
    "add a release to a site store, and show it",
    {"SITE", "DIR|PACK", NULL},
    {options, siteverb_table, build_option_table, policy_option_table, NULL},
    "Adds a release to the site store SITE, a folder that is made if it is\n"
    "missing, and lets a collection show it: `live', which the world sees, or\n"
    "with --collection a preview.  Contents that the store has are not stored\n"
    "again.  A folder is packed with the options of `build'.  All of it takes\n"
    "effect in the end, in one step; a server that runs follows it.",
    "  edgestatic release my-site public --note 'new prices'\n"
    "  edgestatic serve my-site\n"
    "  # a preview for a week, and then the very same bytes go live\n"
    "  edgestatic release my-site public --collection staging --expires 7d\n"
    "  edgestatic promote my-site staging\n"
    "  # the way back\n"
    "  edgestatic rollback my-site",
    run};
