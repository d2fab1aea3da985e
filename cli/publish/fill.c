/* fill.c - see fill.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "fill.h"

#include <stdlib.h>
#include <string.h>

/* The value of the gap that text begins with, "@NAME@..."; NULL: it is none. */
static const char *value_at(const char *text, const struct fill *list,
                            size_t *gap_len) {
  for (; list->gap; list++) {
    size_t len = strlen(list->gap);
    if (strncmp(text + 1, list->gap, len) == 0 && text[len + 1] == '@') {
      *gap_len = len + 2;
      return list->value;
    }
  }
  return NULL;
}

char *fill_text(const char *text, const struct fill *list) {
  struct pieces parts = {0};
  const char *from = text;
  for (const char *p = text; (p = strchr(p, '@')) != NULL;) {
    size_t gap_len = 0;
    const char *value = value_at(p, list, &gap_len);
    if (!value) {
      p++;
      continue;
    }
    pieces_add(&parts, from, (size_t)(p - from));
    pieces_add(&parts, value, strlen(value));
    from = p += gap_len;
  }
  pieces_add(&parts, from, strlen(from));
  char *filled = parts.failed ? NULL : calloc(1, (size_t)parts.size + 1);
  if (filled)
    pieces_copy(&parts, filled);
  pieces_free(&parts);
  return filled;
}

void fill(struct pieces *to, const char *text, const struct fill *list) {
  char *filled = fill_text(text, list);
  if (filled)
    pieces_own(to, filled, strlen(filled));
  else
    to->failed = true;
}
