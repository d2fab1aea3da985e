/* args.c - see args.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "args.h"

#include "say.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* getopt_long returns this for an operand when its string begins with '-'. */
enum { OPERAND = 1 };

static const struct option_spec common[] = {
    {'h', "help", NULL, "print this help"},
    {0, NULL, NULL, NULL},
};

/* Calls for the tables of a verb in turn, `common` last. */
static const struct option_spec *table(const struct verb *verb, int i) {
  for (int k = 0; k <= i; k++)
    if (!verb->options[k])
      return k == i ? common : NULL;
  return verb->options[i];
}

/* Of those in brackets, which come last, none is needed. */
static int operands_needed(const struct verb *verb) {
  int n = 0;
  while (verb->operands[n] && verb->operands[n][0] != '[')
    n++;
  return n;
}

static int operands_taken(const struct verb *verb) {
  int n = operands_needed(verb);
  while (verb->operands[n])
    n++;
  return n;
}

/* A value in brackets may be left out; where it is not, it follows "=". */
static int has_value(const struct option_spec *option) {
  if (!option->value)
    return no_argument;
  return option->value[0] == '[' ? optional_argument : required_argument;
}

int args_init(struct args *args, const struct verb *verb, int argc,
              char **argv) {
  memset(args, 0, sizeof *args);
  args->verb = verb;
  args->argc = argc;
  args->argv = argv;
  size_t count = 1;
  const struct option_spec *t;
  for (int i = 0; (t = table(verb, i)) != NULL; i++)
    for (; t->name; t++)
      count++;
  args->longs = calloc(count, sizeof *args->longs);
  args->operand = calloc((size_t)argc + 1, sizeof *args->operand);
  if (!args->longs || !args->operand) {
    args_free(args);
    return -1;
  }
  /* "-": operands are handed over in turn, wherever they stand and whatever
   * POSIXLY_CORRECT says.  ":": a missing value is told apart. */
  char *letter = args->letters;
  *letter++ = '-';
  *letter++ = ':';
  struct option *slot = args->longs;
  for (int i = 0; (t = table(verb, i)) != NULL; i++)
    for (; t->name; t++) {
      *slot++ = (struct option){t->name, has_value(t), NULL, t->id};
      if (t->id < OPTION_LONG) {
        *letter++ = (char)t->id;
        if (t->value)
          *letter++ = ':';
      }
    }
  opterr = 0;
  return 0;
}

void args_free(struct args *args) {
  free(args->longs);
  free(args->operand);
}

static int usage(struct args *args) {
  say_hint("see `edgestatic %s --help'", args->verb->name);
  args->exit = CLI_USAGE;
  return -1;
}

static const struct option_spec *find(const struct verb *verb, int id) {
  const struct option_spec *t;
  for (int i = 0; (t = table(verb, i)) != NULL; i++)
    for (; t->name; t++)
      if (t->id == id)
        return t;
  return NULL;
}

/* What getopt_long did not like.  optopt is the id of an option that lacks a
 * value or has one too many, a letter that is no option, or 0 after a long
 * name that is none. */
static int refused(struct args *args, int code) {
  const struct option_spec *known = optopt ? find(args->verb, optopt) : NULL;
  if (known && code == ':')
    say_error("--%s needs a value: %s", known->name, known->value);
  else if (known)
    say_error("--%s takes no value", known->name);
  else if (optopt)
    say_error("there is no option -%c", optopt);
  else
    say_error("there is no option %s", args->argv[optind - 1]);
  return usage(args);
}

int args_next(struct args *args) {
  for (;;) {
    int code =
        getopt_long(args->argc, args->argv, args->letters, args->longs, NULL);
    if (code == -1)
      break;
    args->value = optarg;
    if (code == OPERAND) {
      args->operand[args->operand_count++] = optarg;
    } else if (code == 'h') {
      args_help(args->verb);
      args->exit = CLI_OK;
      return -1;
    } else if (code == '?' || code == ':') {
      return refused(args, code);
    } else {
      return code;
    }
  }
  while (optind < args->argc)
    args->operand[args->operand_count++] = args->argv[optind++];
  int taken = operands_taken(args->verb);
  if (args->operand_count < operands_needed(args->verb)) {
    say_error("%s is missing", args->verb->operands[args->operand_count]);
    return usage(args);
  }
  if (args->operand_count > taken) {
    say_error("one argument too many: %s", args->operand[taken]);
    return usage(args);
  }
  return 0;
}

int args_bad_value(const struct args *args, const char *option,
                   const char *wanted) {
  say_error("%s %s: must be %s", option, args->value, wanted);
  say_hint("see `edgestatic %s --help'", args->verb->name);
  return CLI_USAGE;
}

int args_number(const struct args *args, unsigned max, unsigned *number) {
  unsigned n = 0;
  const char *s = args->value;
  for (; *s >= '0' && *s <= '9' && n <= max; s++)
    n = n * 10 + (unsigned)(*s - '0');
  if (*s != '\0' || n == 0 || n > max)
    return -1;
  *number = n;
  return 0;
}

/* Left column of the options in --help. */
enum { HELP_COLUMN = 26 };

static void help_option(const struct option_spec *option) {
  char left[80];
  char letter[8] = "    ";
  if (option->id < OPTION_LONG)
    snprintf(letter, sizeof letter, "-%c, ", option->id);
  int width = snprintf(left, sizeof left, "  %s--%s%s%s", letter, option->name,
                       has_value(option) == required_argument ? " " : "",
                       option->value ? option->value : "");
  printf("%-*s", HELP_COLUMN, left);
  if (width >= HELP_COLUMN)
    printf("\n%*s", HELP_COLUMN, "");
  for (const char *line = option->help; *line;) {
    int len = (int)strcspn(line, "\n");
    printf("%.*s\n", len, line);
    line += len;
    if (*line == '\n') {
      printf("%*s", HELP_COLUMN, "");
      line++;
    }
  }
}

void args_help(const struct verb *verb) {
  printf("usage: edgestatic %s", verb->name);
  for (int i = 0; verb->operands[i]; i++)
    printf(" %s", verb->operands[i]);
  printf(" [OPTION]...\n\n%s\n\nOptions:\n", verb->about);
  const struct option_spec *t;
  for (int i = 0; (t = table(verb, i)) != NULL; i++)
    for (; t->name; t++)
      help_option(t);
  printf("\nExamples:\n%s\n", verb->examples);
}
