/* gc.c - `edgestatic gc`: gives back the space of what no release has.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "json.h"
#include "say.h"
#include "siteverb.h"
#include "term.h"

#include <stdio.h>

enum { OPTION_DRY_RUN = OPTION_LONG };

static const struct option_spec options[] = {
    {OPTION_DRY_RUN, "dry-run", NULL, "only say how much it would be"},
    {0, NULL, NULL, NULL},
};

static uint64_t freed(const edgestatic_site_report *report) {
  return report->before > report->after ? report->before - report->after : 0;
}

static int print_json(const edgestatic_site_report *report, bool dry_run) {
  return json_print(json_pack("{s:b, s:I, s:I}", "dry_run", (int)dry_run,
                              "freed_bytes", (json_int_t)freed(report), "bytes",
                              (json_int_t)report->after),
                    JSON_INDENT(2));
}

static int print_text(const edgestatic_site_report *report, bool dry_run) {
  char gone[TERM_SIZE_MAX], kept[TERM_SIZE_MAX];
  term_size(gone, freed(report));
  term_size(kept, report->after);
  if (freed(report) == 0)
    printf("nothing to give back; the store has %s\n", kept);
  else if (dry_run)
    printf("would give back %s; the store would have %s then\n", gone, kept);
  else
    printf("gave back %s; the store has %s now\n", gone, kept);
  return 0;
}

static int gc(const struct siteverb *verb, const char *dir, bool dry_run) {
  edgestatic_site_report report;
  edgestatic_site *site = siteverb_open(verb, dir, false);
  if (!site)
    return CLI_INPUT;
  int error = edgestatic_site_gc(site, dry_run, &report);
  edgestatic_site_close(site);
  if (error) {
    siteverb_explain(dir, error);
    return CLI_INPUT;
  }
  int failed = 0;
  if (verb->json)
    failed = print_json(&report, dry_run);
  else if (!verb->quiet)
    failed = print_text(&report, dry_run);
  if (failed)
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
  return failed ? CLI_INPUT : CLI_OK;
}

static int run(struct args *args) {
  struct siteverb verb = {0};
  bool dry_run = false;
  int id;
  while ((id = args_next(args)) > 0)
    if (!siteverb_take(&verb, id))
      dry_run = true;
  if (id < 0)
    return args->exit;
  if (verb.quiet)
    say_set_quiet();
  return gc(&verb, args->operand[0], dry_run);
}

const struct verb verb_gc = {
    "gc",
    "give back the space of what no release has",
    {"SITE", NULL},
    {options, siteverb_table, NULL},
    "Contents that no release has any more are left out of the store.  What a\n"
    "release has is never touched, and a server that runs keeps what it has\n"
    "open until it needs it no more.  `expire' comes first: it says which\n"
    "releases go.",
    "  edgestatic expire my-site && edgestatic gc my-site\n"
    "  # how much would it be?\n"
    "  edgestatic gc my-site --dry-run",
    run};
