/* rollback.c - `edgestatic rollback`: a collection shows what it showed before.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "siteverb.h"

static int rollback(const struct siteverb *verb, const char *dir,
                    const char *collection) {
  edgestatic_site *site = siteverb_open(verb, dir, false);
  uint64_t release = 0;
  if (!site)
    return CLI_INPUT;
  uint64_t before = siteverb_shown(site, collection);
  int error = edgestatic_site_rollback(site, collection, &release);
  edgestatic_site_close(site);
  if (!error)
    return siteverb_report(verb, collection, release, before);
  siteverb_explain(dir, error);
  return CLI_INPUT;
}

static int run(struct args *args) {
  struct siteverb verb = {0};
  if (siteverb_parse(&verb, args) != 0)
    return args->exit;
  const char *collection = args->operand[1] ? args->operand[1] : "live";
  return siteverb_is_name(collection)
             ? rollback(&verb, args->operand[0], collection)
             : CLI_USAGE;
}

const struct verb verb_rollback = {
    "rollback",
    "let a collection show what it showed before",
    {"SITE", "[COLLECTION]", NULL},
    {siteverb_table, NULL},
    "Lets COLLECTION, or `live', show the release that it showed before; "
    "again,\n"
    "the one before that.  It is one step, and a server that runs follows it.\n"
    "The release that was taken back stays in the store: `releases' lists it,\n"
    "and `promote' brings it forward again.",
    "  edgestatic rollback my-site\n"
    "  edgestatic rollback my-site staging",
    run};
