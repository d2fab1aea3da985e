/* args.h - one verb's command line, read by its option tables.
 *
 * The tables are the only list of options: getopt_long, --help and the tests
 * of the manual page and of the shell completions all read them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "cli.h"

struct option_spec {
  int id;            /* the letter, or OPTION_LONG and up where there is none */
  const char *name;  /* long name; NULL ends a table */
  const char *value; /* what it takes: "FILE", "[=FILE]"; NULL: nothing */
  const char *help;  /* lines, parted by \n */
};

/* First id of an option without a letter; each table has its own hundred. */
enum {
  OPTION_LONG = 256,
  OPTION_BUILD = 356,
  OPTION_PREVIOUS = 456,
  OPTION_POLICY = 556,
  OPTION_SITE = 656
};

struct args {
  const struct verb *verb;
  int argc;
  char **argv;
  const char *value;    /* of the option that args_next returned, or NULL */
  const char **operand; /* as many as the verb wants, after args_next gave 0;
                           NULL for one in brackets that was not given */
  int operand_count;
  int exit; /* what to return after args_next gave -1 */
  struct option *longs;
  char letters[256];
};

/* argv[0] is the verb.  Returns 0, or -1 when there is no memory. */
int args_init(struct args *args, const struct verb *verb, int argc,
              char **argv);
void args_free(struct args *args);

/* The id of the next option; 0 when all were read; -1 when the verb is to
 * return args->exit, because of an error (which was told) or --help. */
int args_next(struct args *args);

/* A wrong value of the option just read: says so and returns CLI_USAGE. */
int args_bad_value(const struct args *args, const char *option,
                   const char *wanted);

/* args->value as a number from 1 to max.  Returns 0 or -1. */
int args_number(const struct args *args, unsigned max, unsigned *number);

/* Prints `edgestatic VERB --help`. */
void args_help(const struct verb *verb);

#endif
