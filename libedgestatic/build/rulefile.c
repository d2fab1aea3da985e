/* rulefile.c - see rulefile.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/rulefile.h"

#include "build/utf8.h"

#include <stdarg.h>
#include <stdio.h>

/* A sentence around a quotation. */
#define TEXT_MAX 512

/* Most of a line that is quoted. */
#define QUOTE_MAX 60

static bool is_space(char c) {
  return is_ows(c) || c == '\r' || c == '\v' || c == '\f';
}

static slice trim(slice s) {
  while (s.len > 0 && is_space(s.base[0]))
    s = slice_skip(s, 1);
  while (s.len > 0 && is_space(s.base[s.len - 1]))
    s.len--;
  return s;
}

/* Characters, of which UTF-8 has up to four bytes each. */
static size_t characters(slice s) {
  size_t n = 0;
  for (size_t i = 0; i < s.len; i++)
    n += ((unsigned char)s.base[i] & 0xc0) != 0x80;
  return n;
}

static const char *control_in(slice s) {
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.base[i];
    if ((c < ' ' && !is_space((char)c)) || c == 0x7f)
      return s.base + i;
  }
  return NULL;
}

static bool line_ok(struct rulefile *f) {
  size_t most = f->dialect == RULEFILE_CLOUDFLARE ? RULEFILE_CLOUDFLARE_LINE_MAX
                                                  : RULEFILE_LINE_MAX;
  const char *control = control_in(f->line);
  if (characters(f->line) > most || f->line.len > RULEFILE_LINE_MAX)
    rulefile_say(f, EDGESTATIC_ERROR, RULEFILE_LIMIT, NULL,
                 "the line is longer than %zu characters; shorten it", most);
  else if (control != NULL)
    rulefile_say(f, EDGESTATIC_ERROR, RULEFILE_SYNTAX, control,
                 "there is a control character (0x%02x) here; delete it",
                 (unsigned)(unsigned char)*control);
  else if (!utf8_valid(f->line))
    rulefile_say(f, EDGESTATIC_ERROR, RULEFILE_SYNTAX, NULL,
                 "the line is not UTF-8; save the file as UTF-8");
  else
    return true;
  return false;
}

/* Moves on to the next text that is not empty; false: there is none. */
static bool next_text(struct rulefile *f) {
  while (f->rest.len == 0) {
    if (f->begun)
      f->source++;
    f->begun = true;
    if (f->source >= f->texts)
      return false;
    f->rest = f->text[f->source];
    f->number = 0;
    if (slice_starts(f->rest, LIT("\xef\xbb\xbf")))
      f->rest = slice_skip(f->rest, 3); /* a byte order mark */
  }
  return true;
}

bool rulefile_next(struct rulefile *f) {
  while (!f->error && next_text(f)) {
    const char *end = memchr(f->rest.base, '\n', f->rest.len);
    size_t len = end ? (size_t)(end - f->rest.base) : f->rest.len;
    f->begin = f->rest.base;
    f->line = trim(slice_of(f->begin, len));
    f->rest = slice_skip(f->rest, end ? len + 1 : len);
    f->number++;
    if (f->line.len > 0 && f->line.base[0] != '#' && line_ok(f))
      return true;
  }
  return false;
}

void rulefile_stop(struct rulefile *f) {
  f->rest.len = 0;
  f->text = NULL;
  f->texts = 0;
}

bool rulefile_word(slice *rest, slice *word) {
  *rest = trim(*rest);
  size_t len = 0;
  while (len < rest->len && !is_space(rest->base[len]))
    len++;
  *word = slice_of(rest->base, len);
  *rest = slice_skip(*rest, len);
  return len > 0;
}

void rulefile_say(struct rulefile *f, int severity, enum rulefile_kind kind,
                  const char *at, const char *format, ...) {
  if (f->error)
    return;
  struct rulefile_diagnostic *grown =
      mem_grow(f->strings.allocator, f->diagnostic, &f->room, f->count + 1,
               sizeof *grown);
  if (!grown) {
    f->error = EDGESTATIC_ERR_MEMORY;
    return;
  }
  f->diagnostic = grown;
  char text[TEXT_MAX];
  va_list arguments;
  va_start(arguments, format);
  int len = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (len < 0)
    len = 0;
  if ((size_t)len >= sizeof text)
    len = sizeof text - 1;
  slice copy = rulefile_copy(f, slice_of(text, (size_t)len));
  if (f->error)
    return;
  /* What was made up is not in the line. */
  if ((uintptr_t)at < (uintptr_t)f->line.base ||
      (uintptr_t)at > (uintptr_t)(f->line.base + f->line.len))
    at = f->line.base;
  f->diagnostic[f->count++] =
      (struct rulefile_diagnostic){.source = f->source,
                                   .line = f->number,
                                   .column = (unsigned)(at - f->begin) + 1,
                                   .severity = severity,
                                   .kind = kind,
                                   .text = copy};
}

bool rulefile_refuse(struct rulefile *f, enum rulefile_kind kind, slice at,
                     const char *text) {
  int len = at.len < QUOTE_MAX ? (int)at.len : QUOTE_MAX;
  if (text[0] == ' ')
    rulefile_say(f, EDGESTATIC_ERROR, kind, at.base, "\"%.*s%s\"%s", len,
                 at.base, at.len > QUOTE_MAX ? "..." : "", text);
  else
    rulefile_say(f, EDGESTATIC_ERROR, kind, at.base, "%s", text);
  return false;
}

slice rulefile_copy(struct rulefile *f, slice s) {
  slice copy = mem_arena_copy(&f->strings, s);
  if (copy.base)
    return copy;
  f->error = EDGESTATIC_ERR_MEMORY;
  return slice_of("", 0);
}

void rulefile_free(struct rulefile *f) {
  mem_free(f->strings.allocator, f->diagnostic,
           f->room * sizeof *f->diagnostic);
  mem_arena_free(&f->strings);
  *f = (struct rulefile){0};
}
