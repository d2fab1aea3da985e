/* say.c - see say.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "say.h"

#include "progress.h"
#include "term.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static const char *verb;
static bool quiet;

void say_set_verb(const char *name) {
  verb = name;
}

void say_set_quiet(void) {
  quiet = true;
}

/* Text may quote names from files and packs: control bytes are shown, never
 * sent to the terminal. */
static void say(const char *kind, const char *style, const char *format,
                va_list list) {
  progress_hide();
  flockfile(stderr);
  if (kind) {
    fprintf(stderr, "edgestatic%s%s: ", verb ? " " : "", verb ? verb : "");
    fprintf(stderr, "%s%s%s", term_style(stderr, style), kind,
            term_style(stderr, TERM_PLAIN));
  }
  char *text = NULL;
  if (vasprintf(&text, format, list) >= 0)
    term_print(stderr, text);
  free(text);
  fputc('\n', stderr);
  funlockfile(stderr);
}

void say_error(const char *format, ...) {
  va_list list;
  va_start(list, format);
  say("error: ", TERM_RED, format, list);
  va_end(list);
}

void say_warning(const char *format, ...) {
  va_list list;
  va_start(list, format);
  say("warning: ", TERM_YELLOW, format, list);
  va_end(list);
}

void say_hint(const char *format, ...) {
  va_list list;
  va_start(list, format);
  say(NULL, TERM_PLAIN, format, list);
  va_end(list);
}

void say_note(const char *format, ...) {
  if (quiet)
    return;
  va_list list;
  va_start(list, format);
  say(NULL, TERM_PLAIN, format, list);
  va_end(list);
}
