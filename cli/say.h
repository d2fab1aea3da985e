/* say.h - what the command tells a person, on standard error: one line each.
 * Threads other than the first say nothing.  SPDX-License-Identifier: MIT */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#if defined(__GNUC__)
#define SAY_FORMAT __attribute__((format(printf, 1, 2)))
#else
#define SAY_FORMAT
#endif

/* The verb that is named at the beginning of errors and warnings. */
void say_set_verb(const char *name);

/* Nothing but errors and warnings from now on. */
void say_set_quiet(void);

void say_error(const char *format, ...) SAY_FORMAT;
void say_warning(const char *format, ...) SAY_FORMAT;
/* What to do about the error just told. */
void say_hint(const char *format, ...) SAY_FORMAT;
/* How things go; left out by --quiet. */
void say_note(const char *format, ...) SAY_FORMAT;

#endif
