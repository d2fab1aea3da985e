/* promote.c - `edgestatic promote`: a collection shows what another one shows.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "say.h"
#include "siteverb.h"

static int promote(const struct siteverb *verb, const char *dir,
                   const char *from, const char *to) {
  edgestatic_site *site = siteverb_open(verb, dir, false);
  if (!site)
    return CLI_INPUT;
  uint64_t before = siteverb_shown(site, to);
  int error = edgestatic_site_promote(site, from, to);
  uint64_t release = siteverb_shown(site, to);
  edgestatic_site_close(site);
  if (!error)
    return siteverb_report(verb, to, release, before);
  siteverb_explain(dir, error);
  if (error == EDGESTATIC_ERR_INPUT)
    say_hint("see `edgestatic releases %s'", dir);
  return CLI_INPUT;
}

static int run(struct args *args) {
  struct siteverb verb = {0};
  if (siteverb_parse(&verb, args) != 0)
    return args->exit;
  const char *to = args->operand[2] ? args->operand[2] : "live";
  return siteverb_is_name(to)
             ? promote(&verb, args->operand[0], args->operand[1], to)
             : CLI_USAGE;
}

const struct verb verb_promote = {
    "promote",
    "let one collection show what another one shows",
    {"SITE", "FROM", "[TO]", NULL},
    {siteverb_table, NULL},
    "Lets the collection TO, or `live', show the release that FROM names: a\n"
    "collection, or a number that `releases' lists.  Nothing is built: what "
    "was\n"
    "looked at is what goes live.  It is one step, and a server that runs\n"
    "follows it.",
    "  # the preview that was looked at goes live\n"
    "  edgestatic promote my-site staging\n"
    "  # back to an older release, or forward again\n"
    "  edgestatic promote my-site 17\n"
    "  # a preview of what is live\n"
    "  edgestatic promote my-site live qa",
    run};
