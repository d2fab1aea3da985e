/* main.c - the command `edgestatic`: finds the verb and runs it.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "args.h"
#include "edgestatic.h"
#include "say.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct verb *const verbs[] = {
    &verb_build,
#ifdef HAVE_MHD
    &verb_serve,
#endif
    &verb_ls,       &verb_get,      &verb_explain, &verb_verify,
#ifdef HAVE_CURL
    &verb_check,
#endif
    &verb_embed,
#ifdef HAVE_PUBLISH
    &verb_publish,
#endif
    &verb_release,  &verb_releases, &verb_diff,    &verb_promote,
    &verb_rollback, &verb_expire,   &verb_gc,      &verb_lint,
};

/* Verbs that configure may have left out, and what they need. */
static const struct {
  const char *name, *needs;
} optional[] = {
    {"serve", "libmicrohttpd"},
    {"check", "libcurl"},
    {"publish", "libarchive and nettle"},
};

enum {
  VERBS = sizeof verbs / sizeof verbs[0],
  OPTIONAL = sizeof optional / sizeof optional[0]
};

static void help(FILE *stream) {
  fputs("usage: edgestatic COMMAND [ARGUMENT]...\n\n"
        "A folder of files becomes one pack, and a pack is served.\n\n"
        "Commands:\n",
        stream);
  for (size_t i = 0; i < VERBS; i++)
    fprintf(stream, "  %-9s %s\n", verbs[i]->name, verbs[i]->summary);
  fputs("\nExit status:\n", stream);
#define CLI_X(name, code, text) fprintf(stream, "  %d  %s\n", code, text);
  CLI_EXITS(CLI_X)
#undef CLI_X
  fputs(
      "\nExamples:\n"
      "  edgestatic build public -o site.edgepack   # pack a folder\n"
      "  edgestatic serve site.edgepack             # and serve it\n"
      "  edgestatic publish public --target fastly  # what an edge host takes\n"
      "  edgestatic release my-site public          # a release, to go back "
      "to\n"
      "  edgestatic build --help                    # more about a command\n"
      "\n`edgestatic --version' prints the version; `man edgestatic' is the "
      "manual.\n",
      stream);
}

static const struct verb *find(const char *name) {
  for (size_t i = 0; i < VERBS; i++)
    if (strcmp(verbs[i]->name, name) == 0)
      return verbs[i];
  for (size_t i = 0; i < OPTIONAL; i++)
    if (strcmp(optional[i].name, name) == 0) {
      say_error("`%s' was left out of this edgestatic: it was built without %s",
                name, optional[i].needs);
      return NULL;
    }
  say_error("there is no command `%s'", name);
  say_hint("see `edgestatic --help'");
  return NULL;
}

/* What standard output holds back is written now, so that a full disk is not
 * taken for success. */
static int finish(int status) {
  if (fflush(stdout) == 0 && !ferror(stdout))
    return status;
  say_error("cannot write to standard output: %s", strerror(errno));
  return status == CLI_OK ? CLI_INPUT : status;
}

static int run(const struct verb *verb, int argc, char **argv) {
  say_set_verb(verb->name);
  struct args args;
  if (args_init(&args, verb, argc, argv) != 0) {
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    return CLI_INPUT;
  }
  int status = verb->run(&args);
  args_free(&args);
  return finish(status);
}

int main(int argc, char **argv) {
  /* A reader that goes away (`| head') ends the command quietly, also where
   * the parent had SIGPIPE ignored; `serve' ignores it again. */
  signal(SIGPIPE, SIG_DFL);
  /* A file that grows beyond the user's limit is an error of a write, after
   * which things are tidied up, and not the end. */
  signal(SIGXFSZ, SIG_IGN);
  if (argc < 2) {
    help(stderr);
    return CLI_USAGE;
  }
  const char *word = argv[1];
  if (strcmp(word, "--version") == 0) {
    puts("edgestatic " PACKAGE_VERSION);
    return finish(CLI_OK);
  }
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
    help(stdout);
    return finish(CLI_OK);
  }
  if (word[0] == '-') {
    say_error("there is no option %s before a command", word);
    say_hint("see `edgestatic --help'");
    return CLI_USAGE;
  }
  const struct verb *verb = find(word);
  return verb ? run(verb, argc - 1, argv + 1) : CLI_USAGE;
}
