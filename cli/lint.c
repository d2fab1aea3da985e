/* lint.c - `edgestatic lint`: what is amiss with _redirects and _headers.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "args.h"
#include "edgestatic_rules.h"
#include "json.h"
#include "say.h"
#include "term.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
  OPTION_JSON = OPTION_LONG,
  OPTION_DIALECT,
  OPTION_HTML_HANDLING,
  OPTION_NOT_FOUND,
  OPTION_HOST
};

static const struct option_spec options[] = {
    {'t', "target", "HOST",
     "where the site goes: native [this one], netlify,\n"
     "or a host of publish --target"},
    {OPTION_DIALECT, "dialect", "NAME",
     "the reading that counts: netlify or cloudflare\n"
     "[cloudflare for workers, else netlify]"},
    {OPTION_HTML_HANDLING, "html-handling", "MODE",
     "auto, force, drop or none, as for build [auto]"},
    {OPTION_NOT_FOUND, "not-found", "MODE",
     "404-page, spa or none, as for build [404-page]"},
    {OPTION_HOST, "host", "NAME", "the site's own host name, as for build"},
    {OPTION_JSON, "json", NULL, "print the findings as JSON"},
    {0, NULL, NULL, NULL},
};

struct choice {
  const char *name;
  int value;
};

static const struct {
  const char *name;
  int dialect, limits;
} targets[] = {
    {"native", EDGESTATIC_DIALECT_NETLIFY, EDGESTATIC_LIMITS_OWN},
    {"netlify", EDGESTATIC_DIALECT_NETLIFY, EDGESTATIC_LIMITS_NETLIFY},
    {"workers", EDGESTATIC_DIALECT_CLOUDFLARE, EDGESTATIC_LIMITS_CLOUDFLARE},
    {"fastly", EDGESTATIC_DIALECT_NETLIFY, EDGESTATIC_LIMITS_OWN},
    {"wasi-http", EDGESTATIC_DIALECT_NETLIFY, EDGESTATIC_LIMITS_OWN},
    {"wasi-http-p3", EDGESTATIC_DIALECT_NETLIFY, EDGESTATIC_LIMITS_OWN},
    {"cgi", EDGESTATIC_DIALECT_NETLIFY, EDGESTATIC_LIMITS_OWN},
    {"node", EDGESTATIC_DIALECT_NETLIFY, EDGESTATIC_LIMITS_OWN},
    {"oci", EDGESTATIC_DIALECT_NETLIFY, EDGESTATIC_LIMITS_OWN},
};

static const struct choice dialects[] = {
    {"netlify", EDGESTATIC_DIALECT_NETLIFY},
    {"cloudflare", EDGESTATIC_DIALECT_CLOUDFLARE},
    {NULL, 0}};
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

struct settings {
  edgestatic_lint_options lint;
  size_t target; /* number in the table */
  int dialect;   /* -1: that of the target */
  bool json;
};

/* Of what was found: counted, and printed or kept. */
struct report {
  unsigned count[EDGESTATIC_ERROR + 1]; /* by severity */
  json_t *list;                         /* NULL: lines are printed */
  bool failed, unread;
};

static const char *const severities[] = {"note", "warning", "error"};

static const char *kind_name(int kind) {
  static const char *const names[] = {
#define EDGESTATIC_X(id, name, text) name,
      EDGESTATIC_FINDINGS(EDGESTATIC_X)
#undef EDGESTATIC_X
  };
  return names[kind];
}

static void print_line(const edgestatic_finding *f) {
  static const char *const styles[] = {TERM_DIM, TERM_YELLOW, TERM_RED};
  term_print(stdout, f->file);
  printf(":%u:%u: %s%s%s: ", f->line, f->column,
         term_style(stdout, styles[f->severity]), severities[f->severity],
         term_style(stdout, TERM_PLAIN));
  term_print(stdout, f->text);
  printf(" [%s]\n", kind_name(f->kind));
}

static edgestatic_slice slice_of(const char *s) {
  return (edgestatic_slice){s, strlen(s)};
}

static void found(void *ctx, const edgestatic_finding *f) {
  struct report *report = ctx;
  if (f->line == 0) {
    say_error("%s%s%s", f->file ? f->file : "", f->file ? ": " : "", f->text);
    report->unread = true;
    return;
  }
  report->count[f->severity]++;
  if (!report->list) {
    print_line(f);
    return;
  }
  json_t *one = json_pack(
      "{s:o, s:I, s:I, s:s, s:s, s:o}", "file", json_text(slice_of(f->file)),
      "line", (json_int_t)f->line, "column", (json_int_t)f->column, "severity",
      severities[f->severity], "kind", kind_name(f->kind), "text",
      json_text(slice_of(f->text)));
  if (json_array_append_new(report->list, one) != 0)
    report->failed = true;
}

static void print_count(unsigned n, const char *one, const char *separator) {
  printf("%u %s%s%s", n, one, n == 1 ? "" : "s", separator);
}

static void print_summary(const struct report *report, const char *dir) {
  const unsigned *n = report->count;
  if (n[EDGESTATIC_ERROR] + n[EDGESTATIC_WARNING] + n[EDGESTATIC_NOTE] == 0) {
    term_print(stdout, dir);
    puts(": nothing is amiss with _redirects and _headers");
    return;
  }
  putchar('\n');
  print_count(n[EDGESTATIC_ERROR], "error", ", ");
  print_count(n[EDGESTATIC_WARNING], "warning", ", ");
  print_count(n[EDGESTATIC_NOTE], "note", "\n");
}

static int print(const struct settings *settings, struct report *report,
                 const char *dir) {
  if (!settings->json) {
    print_summary(report, dir);
    return CLI_OK;
  }
  json_t *list = report->list;
  report->list = NULL;
  if (report->failed) {
    json_decref(list);
    list = NULL;
  }
  if (json_print(list, JSON_INDENT(2)) == 0)
    return CLI_OK;
  say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
  return CLI_INPUT;
}

static int lint(const struct settings *settings, const char *dir) {
  struct report report = {.list = settings->json ? json_array() : NULL};
  int error = edgestatic_lint(dir, &settings->lint, found, &report);
  if (error) {
    json_decref(report.list);
    if (!report.unread && error == EDGESTATIC_ERR_INPUT)
      say_error("--host %s: not the name of a host", settings->lint.host.base);
    else if (!report.unread)
      say_error("%s: %s", dir, edgestatic_strerror(error));
    return CLI_INPUT;
  }
  int status = print(settings, &report, dir);
  if (status == CLI_OK &&
      report.count[EDGESTATIC_ERROR] + report.count[EDGESTATIC_WARNING] > 0)
    status = CLI_DIFFERENT;
  return status;
}

/* ---- Options ---- */

/* Looks a name up in a list that ends with NULL.  Returns 0 or -1. */
static int choose(const struct choice *choice, const char *name, int *value) {
  for (; choice->name; choice++)
    if (strcmp(choice->name, name) == 0) {
      *value = choice->value;
      return 0;
    }
  return -1;
}

static int choose_target(struct settings *settings, const struct args *args) {
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
    if (strcmp(targets[i].name, args->value) == 0) {
      settings->target = i;
      return 0;
    }
  return args_bad_value(args, "--target",
                        "native, netlify or one of publish --target");
}

static int take(struct settings *settings, const struct args *args, int id) {
  edgestatic_lint_options *lint = &settings->lint;
  switch (id) {
  case 't':
    return choose_target(settings, args);
  case OPTION_DIALECT:
    if (choose(dialects, args->value, &settings->dialect) != 0)
      return args_bad_value(args, "--dialect", "netlify or cloudflare");
    return 0;
  case OPTION_HTML_HANDLING:
    if (choose(html, args->value, &lint->html_handling) != 0)
      return args_bad_value(args, "--html-handling",
                            "auto, force, drop or none");
    return 0;
  case OPTION_NOT_FOUND:
    if (choose(not_found, args->value, &lint->not_found) != 0)
      return args_bad_value(args, "--not-found", "404-page, spa or none");
    return 0;
  case OPTION_HOST:
    lint->host = slice_of(args->value);
    return 0;
  default:
    settings->json = true;
    return 0;
  }
}

static int run(struct args *args) {
  struct settings settings = {.lint = EDGESTATIC_LINT_OPTIONS_INIT,
                              .dialect = -1};
  int id, status = 0;
  while (status == 0 && (id = args_next(args)) > 0)
    status = take(&settings, args, id);
  if (status != 0)
    return status;
  if (id < 0)
    return args->exit;
  settings.lint.limits = targets[settings.target].limits;
  settings.lint.dialect = settings.dialect < 0
                              ? targets[settings.target].dialect
                              : settings.dialect;
  return lint(&settings, args->operand[0]);
}

const struct verb verb_lint = {
    "lint",
    "find what is amiss with _redirects and _headers",
    {"DIR", NULL},
    {options, NULL},
    "Reads DIR/_redirects and DIR/_headers beside the names of DIR's files, "
    "and\n"
    "prints file, line and column of each line that is wrong, that no request\n"
    "meets (an earlier rule or a file takes it all), that redirects without "
    "end\n"
    "or more than once, that leads nowhere, that is more than the target "
    "takes,\n"
    "or that Netlify, Cloudflare and edgestatic do not read alike.  Errors "
    "fail "
    "a\n"
    "build, warnings do not; both exit with 1.  Notes alone exit with 0.",
    "  edgestatic lint public\n"
    "  # for Cloudflare Workers, as they read the files and with their limits\n"
    "  edgestatic lint public --target workers\n"
    "  # in a workflow: what is more than a note\n"
    "  edgestatic lint public --json | jq '.[] | select(.severity != "
    "\"note\")'",
    run};
