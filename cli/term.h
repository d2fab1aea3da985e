/* term.h - text for a person: colours, safe strings, numbers, tables.
 * SPDX-License-Identifier: MIT */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include "edgestatic.h"

#include <stdbool.h>
#include <stdio.h>

#define TERM_PLAIN "\033[0m"
#define TERM_BOLD "\033[1m"
#define TERM_RED "\033[31m"
#define TERM_GREEN "\033[32m"
#define TERM_YELLOW "\033[33m"
#define TERM_DIM "\033[2m"

/* style where the stream is a terminal that can show it and NO_COLOR is not
 * set, else "". */
const char *term_style(FILE *stream, const char *style);

/* A terminal that can move its cursor. */
bool term_is_tty(FILE *stream);
unsigned term_width(FILE *stream);

/* Prints text with control bytes and what is not UTF-8 as \xNN, so that no
 * name in a pack can drive the terminal. */
void term_print(FILE *stream, const char *text);
void term_print_slice(FILE *stream, edgestatic_slice text);

/* The same into memory; the caller frees it.  NULL: no memory. */
char *term_text(edgestatic_slice text);

/* Length of the UTF-8 sequence that p begins with, or 0 where it is none. */
size_t term_utf8(const char *p, size_t len);

/* "1.23 MB"; units of a thousand. */
#define TERM_SIZE_MAX 24
const char *term_size(char buffer[TERM_SIZE_MAX], uint64_t bytes);

/* "12,345" */
const char *term_count(char buffer[TERM_SIZE_MAX + 4], uint64_t n);

/* "2026-12-24 18:00 UTC" */
#define TERM_TIME_MAX 40
const char *term_time(char buffer[TERM_TIME_MAX], int64_t seconds);

/* ---- A table: its columns line up, the last is not padded ---- */

#define TERM_COLUMNS_MAX 9

struct term_table {
  unsigned columns;
  bool right[TERM_COLUMNS_MAX]; /* numbers stand to the right */
  char **cell;
  size_t count, room;
  bool failed; /* out of memory */
};

/* align: one of "l" and "r" for each column. */
void term_table_init(struct term_table *table, const char *align);
/* Adds the next cell; the text is copied and made safe. */
void term_table_add(struct term_table *table, const char *text);
void term_table_add_slice(struct term_table *table, edgestatic_slice text);
/* Prints, the first row bold, each row after `indent` spaces, and frees.
 * Returns 0, or -1 when there was no memory for it. */
int term_table_print(struct term_table *table, FILE *stream, unsigned indent);

#endif
