/* messages.h - keeps what a builder told.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TEST_MESSAGES_H
#define EDGESTATIC_TEST_MESSAGES_H

#include "edgestatic.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

struct messages {
  unsigned count;
  int severity; /* of the last one, as all that follows */
  unsigned line, column;
  char file[8192], text[8192];
};

static inline void messages_keep(void *ctx, const edgestatic_message *message) {
  struct messages *m = ctx;
  m->count++;
  m->severity = message->severity;
  m->line = message->line;
  m->column = message->column;
  snprintf(m->file, sizeof m->file, "%s",
           message->file == NULL ? "" : message->file);
  snprintf(m->text, sizeof m->text, "%s", message->text);
}

#define assert_said(m, words)                                                  \
  ck_assert_msg(strstr((m)->text, (words)) != NULL, "\"%s\" is not in \"%s\"", \
                (words), (m)->text)

#endif
