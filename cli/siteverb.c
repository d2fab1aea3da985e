/* siteverb.c - see siteverb.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "siteverb.h"

#include "choose.h"
#include "json.h"
#include "say.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_NO_WAIT = OPTION_SITE, OPTION_JSON };

const struct option_spec siteverb_table[] = {
    {OPTION_NO_WAIT, "no-wait", NULL,
     "fail at once while another command writes to SITE"},
    {OPTION_JSON, "json", NULL, "print what was done as JSON"},
    {'q', "quiet", NULL, "print errors and warnings only"},
    {0, NULL, NULL, NULL},
};

bool siteverb_take(struct siteverb *verb, int id) {
  if (id == OPTION_NO_WAIT)
    verb->no_wait = true;
  else if (id == OPTION_JSON)
    verb->json = true;
  else if (id == 'q')
    verb->quiet = true;
  else
    return false;
  return true;
}

int siteverb_parse(struct siteverb *verb, struct args *args) {
  int id;
  while ((id = args_next(args)) > 0)
    siteverb_take(verb, id);
  if (verb->quiet)
    say_set_quiet();
  return id;
}

/* ---- Opening, and what went wrong ---- */

/* An error, by the store itself.  Of each thread: `serve` opens a store in that
 * which follows it and in those that answer. */
static _Thread_local bool told;

static void show_message(void *ctx, const edgestatic_message *message) {
  (void)ctx;
  const char *file = message->file ? message->file : "";
  const char *colon = message->file ? ": " : "";
  if (message->severity == EDGESTATIC_ERROR) {
    told = true;
    say_error("%s%s%s", file, colon, message->text);
  } else if (message->severity == EDGESTATIC_WARNING) {
    say_warning("%s%s%s", file, colon, message->text);
  } else {
    say_note("%s%s%s", file, colon, message->text);
  }
}

void siteverb_explain(const char *dir, int error) {
  int why = errno;
  if (error == EDGESTATIC_OK || error == EDGESTATIC_ERR_CANCELLED || told)
    return;
  if (error == EDGESTATIC_ERR_IO)
    say_error("%s: %s", dir, strerror(why));
  else
    say_error("%s: %s", dir, edgestatic_strerror(error));
}

edgestatic_site *siteverb_open(const struct siteverb *verb, const char *dir,
                               bool create) {
  edgestatic_site_options options = EDGESTATIC_SITE_OPTIONS_INIT;
  edgestatic_site *site = NULL;
  options.create = create;
  options.no_wait = verb && verb->no_wait;
  options.message = show_message;
  told = false;
  int error = edgestatic_site_open(&site, dir, &options);
  if (!error)
    return site;
  siteverb_explain(dir, error);
  return NULL;
}

/* ---- Names ---- */

bool siteverb_is_name(const char *text) {
  if (choose_is_name((edgestatic_slice){text, strlen(text)}))
    return true;
  say_error("'%s' is no name of a collection", text);
  say_hint("names have a to z, 0 to 9 and hyphens, at most %d of them",
           CHOOSE_NAME_MAX);
  return false;
}

uint64_t siteverb_shown(const edgestatic_site *site, const char *collection) {
  size_t count;
  const edgestatic_collection *c = edgestatic_site_collections(site, &count);
  for (size_t i = 0; i < count; i++)
    if (strcmp(c[i].name, collection) == 0)
      return c[i].release;
  return 0;
}

int siteverb_pack(edgestatic_pack **pack, edgestatic_site *site,
                  const char *dir, const char *name, bool copy) {
  *pack = NULL;
  told = false;
  int error = copy ? edgestatic_site_copy(site, name, pack)
                   : edgestatic_site_pack(site, name, pack);
  siteverb_explain(dir, error);
  if (error == EDGESTATIC_ERR_INPUT)
    say_hint("see `edgestatic releases %s'", dir);
  return error;
}

/* ---- What was done ---- */

static int print_json(const char *collection, uint64_t release,
                      uint64_t before) {
  return json_print(
      json_pack("{s:s, s:I, s:o}", "collection", collection, "release",
                (json_int_t)release, "before",
                before ? json_integer((json_int_t)before) : json_null()),
      JSON_INDENT(2));
}

int siteverb_report(const struct siteverb *verb, const char *collection,
                    uint64_t release, uint64_t before) {
  if (verb->json) {
    if (print_json(collection, release, before) == 0)
      return CLI_OK;
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    return CLI_INPUT;
  }
  if (verb->quiet)
    return CLI_OK;
  printf("%s shows release %llu", collection, (unsigned long long)release);
  if (before && before != release)
    printf("; before it was release %llu", (unsigned long long)before);
  putchar('\n');
  return CLI_OK;
}
