/* buildopts.c - see buildopts.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "buildopts.h"

#include "progress.h"
#include "say.h"
#include "stop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
  OPTION_FAST = OPTION_BUILD,
  OPTION_CACHE,
  OPTION_NO_CACHE,
  OPTION_THREADS,
  OPTION_HTML_HANDLING,
  OPTION_NOT_FOUND,
  OPTION_NO_NOSNIFF,
  OPTION_DIALECT,
  OPTION_LENIENT,
  OPTION_HOST
};

/* More threads than any machine has; stops a typing error. */
#define THREADS_MAX 1024

const struct option_spec build_option_table[] = {
    {OPTION_FAST, "fast", NULL, "cheap compression, for developing"},
    {OPTION_CACHE, "cache", "DIR",
     "keep compressed files in DIR for the next build\n"
     "[$XDG_CACHE_HOME/edgestatic or ~/.cache/edgestatic]"},
    {OPTION_NO_CACHE, "no-cache", NULL, "keep none, and use none"},
    {OPTION_THREADS, "threads", "N", "threads to use [one for each core]"},
    {OPTION_HTML_HANDLING, "html-handling", "MODE",
     "where about.html and docs/index.html are served:\n"
     "auto   /about and /docs/ [this one]\n"
     "force  /about/ and /docs/\n"
     "drop   /about and /docs\n"
     "none   /about.html and /docs/, as a plain web server\n"
     "other spellings redirect there"},
    {OPTION_NOT_FOUND, "not-found", "MODE",
     "what a missing path gets:\n"
     "404-page  the nearest 404.html upwards [this one]\n"
     "spa       /index.html for navigations, else as above\n"
     "none      a line of text"},
    {OPTION_NO_NOSNIFF, "no-nosniff", NULL,
     "leave out X-Content-Type-Options: nosniff"},
    {OPTION_DIALECT, "dialect", "NAME",
     "how DIR/_redirects and DIR/_headers are read, as by:\n"
     "netlify [this one] or cloudflare; edgestatic-rules(5)"},
    {OPTION_LENIENT, "lenient", NULL,
     "leave out lines of them that are wrong, with a warning"},
    {OPTION_HOST, "host", "NAME",
     "the site's own host name, for blocks of _headers that\n"
     "are for one host"},
    {0, NULL, NULL, NULL},
};

void build_options_init(struct build_options *options) {
  *options = (struct build_options){
      .builder = EDGESTATIC_BUILDER_OPTIONS_INIT,
      .rules = EDGESTATIC_RULES_OPTIONS_INIT,
  };
  policy_options_init(&options->policy);
}

void build_options_free(struct build_options *options) {
  policy_options_free(&options->policy);
  free(options->default_cache);
}

struct choice {
  const char *name;
  int value;
};

/* Looks a name up in a list that ends with NULL.  Returns 0 or -1. */
static int choose(const struct choice *choice, const char *name, int *value) {
  for (; choice->name; choice++)
    if (strcmp(choice->name, name) == 0) {
      *value = choice->value;
      return 0;
    }
  return -1;
}

const char *build_options_name(int id) {
  const struct option_spec *option =
      id < OPTION_POLICY ? build_option_table : policy_option_table;
  while (option->id != id)
    option++;
  return option->name;
}

int build_options_take(struct build_options *options, const struct args *args,
                       int id) {
  static const struct choice html[] = {{"auto", EDGESTATIC_HTML_AUTO},
                                       {"force", EDGESTATIC_HTML_FORCE},
                                       {"drop", EDGESTATIC_HTML_DROP},
                                       {"none", EDGESTATIC_HTML_NONE},
                                       {NULL, 0}};
  static const struct choice not_found[] = {
      {"404-page", EDGESTATIC_NOT_FOUND_PAGE},
      {"spa", EDGESTATIC_NOT_FOUND_SPA},
      {"none", EDGESTATIC_NOT_FOUND_NONE},
      {NULL, 0}};
  static const struct choice dialect[] = {
      {"netlify", EDGESTATIC_DIALECT_NETLIFY},
      {"cloudflare", EDGESTATIC_DIALECT_CLOUDFLARE},
      {NULL, 0}};
  edgestatic_builder_options *builder = &options->builder;
  if (id != OPTION_THREADS)
    options->given = build_options_name(id);
  if (id >= OPTION_POLICY)
    return policy_options_take(&options->policy, args, id);
  switch (id) {
  case OPTION_FAST:
    builder->effort = EDGESTATIC_EFFORT_FAST;
    return 0;
  case OPTION_CACHE:
    if (args->value[0] == '\0')
      return args_bad_value(args, "--cache", "a folder");
    builder->cache_dir = args->value;
    options->cache_is_set = true;
    return 0;
  case OPTION_NO_CACHE:
    builder->cache_dir = NULL;
    options->cache_is_set = true;
    return 0;
  case OPTION_THREADS:
    if (args_number(args, THREADS_MAX, &builder->threads) != 0)
      return args_bad_value(args, "--threads", "a number from 1 to 1024");
    return 0;
  case OPTION_HTML_HANDLING:
    if (choose(html, args->value, &builder->html_handling) != 0)
      return args_bad_value(args, "--html-handling",
                            "auto, force, drop or none");
    return 0;
  case OPTION_NOT_FOUND:
    if (choose(not_found, args->value, &builder->not_found) != 0)
      return args_bad_value(args, "--not-found", "404-page, spa or none");
    return 0;
  case OPTION_DIALECT:
    if (choose(dialect, args->value, &options->rules.dialect) != 0)
      return args_bad_value(args, "--dialect", "netlify or cloudflare");
    options->dialect_is_set = true;
    return 0;
  case OPTION_LENIENT:
    options->rules.lenient = 1;
    return 0;
  case OPTION_HOST:
    options->rules.host = (edgestatic_slice){args->value, strlen(args->value)};
    return 0;
  default:
    builder->no_nosniff = 1;
    return 0;
  }
}

/* The XDG Base Directory Specification: the variable counts only when it is
 * an absolute path; folders that are missing are made with 0700.  Without a
 * home there is no cache. */
static int default_cache(struct build_options *options) {
  const char *xdg = getenv("XDG_CACHE_HOME");
  const char *home = getenv("HOME");
  char *parent = NULL;
  int len = 0;
  if (xdg && xdg[0] == '/')
    len = asprintf(&parent, "%s", xdg);
  else if (home && home[0] == '/')
    len = asprintf(&parent, "%s/.cache", home);
  else
    return 0;
  if (len >= 0)
    len = asprintf(&options->default_cache, "%s/edgestatic", parent);
  if (len < 0) {
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    return CLI_INPUT;
  }
  if ((mkdir(parent, 0700) == 0 || errno == EEXIST) &&
      (mkdir(options->default_cache, 0700) == 0 || errno == EEXIST))
    options->builder.cache_dir = options->default_cache;
  else
    say_warning("no cache: cannot make %s: %s (--cache DIR names another "
                "folder, --no-cache none)",
                options->default_cache, strerror(errno));
  free(parent);
  return 0;
}

/* reproducible-builds.org: a decimal number of seconds. */
static int source_date_epoch(struct build_options *options) {
  const char *text = getenv("SOURCE_DATE_EPOCH");
  if (!text)
    return 0;
  int64_t n = 0;
  const char *s = text;
  for (; *s >= '0' && *s <= '9' && n < INT64_MAX / 100; s++)
    n = n * 10 + (*s - '0');
  if (s == text || *s != '\0') {
    say_error("SOURCE_DATE_EPOCH is '%s': must be seconds since 1970 as a "
              "decimal number",
              text);
    say_hint("set it to such a number, or unset it");
    return CLI_USAGE;
  }
  options->builder.source_date_epoch = n;
  return 0;
}

/* Whether a message is about a line of _redirects or _headers. */
static bool is_of_rules(const edgestatic_message *message) {
  const char *slash = message->file ? strrchr(message->file, '/') : NULL;
  const char *name = slash ? slash + 1 : "";
  return message->line > 0 &&
         (strcmp(name, "_redirects") == 0 || strcmp(name, "_headers") == 0);
}

static void show_message(void *ctx, const edgestatic_message *message) {
  struct build_options *options = ctx;
  char line[32] = "";
  if (message->severity == EDGESTATIC_WARNING && is_of_rules(message))
    options->rules_warned = true;
  if (message->severity == EDGESTATIC_ERROR && is_of_rules(message))
    options->rules_wrong = true;
  if (message->column)
    snprintf(line, sizeof line, ":%u:%u", message->line, message->column);
  else if (message->line)
    snprintf(line, sizeof line, ":%u", message->line);
  const char *file = message->file ? message->file : "";
  const char *colon = message->file ? ": " : "";
  if (message->severity == EDGESTATIC_ERROR)
    say_error("%s%s%s%s", file, line, colon, message->text);
  else if (message->severity == EDGESTATIC_WARNING)
    say_warning("%s%s%s%s", file, line, colon, message->text);
  else
    say_note("%s%s%s%s", file, line, colon, message->text);
}

static int show_progress(void *ctx, const edgestatic_progress *progress) {
  (void)ctx;
  progress_at(progress->bytes_done, progress->bytes_total, progress->files_done,
              progress->files_total, "files");
  return stop_signal() != 0;
}

int build_options_finish(struct build_options *options) {
  options->builder.message = show_message;
  options->builder.message_ctx = options;
  options->builder.progress = show_progress;
  int status = source_date_epoch(options);
  if (status == 0 && !options->cache_is_set)
    status = default_cache(options);
  return status;
}

void build_options_explain(int error, const char *what) {
  /* The builder has told about these itself, file by file. */
  if (error != EDGESTATIC_OK && error != EDGESTATIC_ERR_IO &&
      error != EDGESTATIC_ERR_INPUT && error != EDGESTATIC_ERR_LIMIT &&
      error != EDGESTATIC_ERR_CANCELLED)
    say_error("%s: %s", what, edgestatic_strerror(error));
}

static int add_rules(const struct build_options *options,
                     edgestatic_builder *builder) {
  int wrong = edgestatic_builder_rules(builder, &options->rules);
  if (wrong) {
    say_error("--host %s: %s", options->rules.host.base,
              wrong == EDGESTATIC_ERR_INPUT ? "not the name of a host"
                                            : edgestatic_strerror(wrong));
    return wrong;
  }
  return policy_options_apply(&options->policy, builder);
}

int build_options_scan(const struct build_options *options, const char *dir,
                       edgestatic_builder **builder) {
  int error = edgestatic_builder_new(builder, &options->builder);
  if (error) {
    say_error("%s", edgestatic_strerror(error));
    return error;
  }
  error = add_rules(options, *builder);
  if (!error) {
    error = edgestatic_builder_add_dir(*builder, dir);
    build_options_explain(error, dir);
  }
  if (error) {
    edgestatic_builder_free(*builder);
    *builder = NULL;
  }
  return error;
}

edgestatic_pack *build_options_pack(const struct build_options *options,
                                    const char *dir,
                                    edgestatic_builder_stats *stats) {
  edgestatic_builder *builder = NULL;
  edgestatic_pack *pack = NULL;
  progress_begin("packing", options->quiet);
  if (build_options_scan(options, dir, &builder) == 0) {
    build_options_explain(edgestatic_builder_finish(builder, &pack), dir);
    edgestatic_builder_get_stats(builder, stats);
  }
  progress_end();
  edgestatic_builder_free(builder);
  return pack;
}
