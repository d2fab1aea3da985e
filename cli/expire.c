/* expire.c - `edgestatic expire`: forgets what is past its time.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "json.h"
#include "say.h"
#include "siteverb.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* More than a store holds. */
#define KEEP_MAX 100000

enum { OPTION_KEEP = OPTION_LONG };

static const struct option_spec options[] = {
    {OPTION_KEEP, "keep", "N",
     "of releases that no collection shows, the newest N\n"
     "stay, to go back to, and the others go [all stay]"},
    {0, NULL, NULL, NULL},
};

static const char *plural(uint32_t n, const char *one, const char *many) {
  return n == 1 ? one : many;
}

static int report(const struct siteverb *verb,
                  const edgestatic_site_report *r) {
  if (verb->json)
    return json_print(json_pack("{s:I, s:I, s:I}", "collections",
                                (json_int_t)r->collections, "releases",
                                (json_int_t)r->releases, "rewritten",
                                (json_int_t)r->rewritten),
                      JSON_INDENT(2));
  if (verb->quiet)
    return 0;
  if (r->collections + r->releases + r->rewritten == 0)
    puts("nothing is past its time");
  if (r->collections + r->releases > 0)
    printf("forgot %u %s and %u %s; `edgestatic gc' gives the space back\n",
           r->collections, plural(r->collections, "collection", "collections"),
           r->releases, plural(r->releases, "release", "releases"));
  if (r->rewritten > 0)
    printf("%u %s had files of earlier releases past their time\n",
           r->rewritten, plural(r->rewritten, "release", "releases"));
  return 0;
}

static int expire(const struct siteverb *verb, const char *dir,
                  const char *collection, uint32_t keep) {
  edgestatic_site_report done;
  edgestatic_site *site = siteverb_open(verb, dir, false);
  if (!site)
    return CLI_INPUT;
  int error = collection ? edgestatic_site_remove(site, collection) : 0;
  if (!error)
    error = edgestatic_site_expire(site, (int64_t)time(NULL), keep, &done);
  edgestatic_site_close(site);
  if (error) {
    siteverb_explain(dir, error);
    return CLI_INPUT;
  }
  done.collections += collection != NULL;
  if (report(verb, &done) == 0)
    return CLI_OK;
  say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
  return CLI_INPUT;
}

static int parse(struct siteverb *verb, struct args *args, uint32_t *keep) {
  int id;
  while ((id = args_next(args)) > 0) {
    unsigned n = 0;
    if (siteverb_take(verb, id))
      continue;
    if (strcmp(args->value, "0") != 0 && args_number(args, KEEP_MAX, &n) != 0)
      return args_bad_value(args, "--keep", "a number from 0 to 100000");
    *keep = n;
  }
  if (verb->quiet)
    say_set_quiet();
  return id;
}

static int run(struct args *args) {
  struct siteverb verb = {0};
  uint32_t keep = UINT32_MAX;
  int status = parse(&verb, args, &keep);
  if (status != 0)
    return status < 0 ? args->exit : status;
  const char *collection = args->operand[1];
  if (collection && !siteverb_is_name(collection))
    return CLI_USAGE;
  if (collection && strcmp(collection, "live") == 0) {
    say_error("live is what the world sees, and does not expire");
    say_hint("another release takes its place by `edgestatic promote'");
    return CLI_USAGE;
  }
  return expire(&verb, args->operand[0], collection, keep);
}

const struct verb verb_expire = {
    "expire",
    "forget what is past its time",
    {"SITE", "[COLLECTION]", NULL},
    {options, siteverb_table, NULL},
    "Forgets collections whose time has come, and releases past their time "
    "that\n"
    "no collection shows; files of earlier releases that a release kept go "
    "when\n"
    "their time has come.  With COLLECTION that one goes now, whatever its\n"
    "time.  `gc' then gives the space back.",
    "  # each night\n"
    "  edgestatic expire -q my-site --keep 20 && edgestatic gc -q my-site\n"
    "  # the pull request was merged\n"
    "  edgestatic expire my-site preview-42",
    run};
