/* report.c - messages to the person who builds.
 * SPDX-License-Identifier: MIT */
#include "build/report.h"

#include "build/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/* Writes text as one printable line of at most REPORT_MAX - 1 bytes. */
static void printable(char *out, const char *text) {
  static const char hex[] = "0123456789abcdef";
  slice s = slice_of(text, strlen(text));
  /* Room for one more piece (of at most four bytes), "..." and a NUL. */
  size_t used = 0, limit = REPORT_MAX - 4 - 4;
  while (s.len > 0 && used <= limit) {
    size_t n = utf8_sequence(s);
    if (n == 0 || utf8_has_control(slice_of(s.base, n))) {
      unsigned char c = (unsigned char)s.base[0];
      n = 1;
      memcpy(out + used, "\\x", 2);
      out[used + 2] = hex[c >> 4];
      out[used + 3] = hex[c & 15];
      used += 4;
    } else {
      memcpy(out + used, s.base, n);
      used += n;
    }
    s = slice_skip(s, n);
  }
  if (s.len > 0) {
    memcpy(out + used, "...", 3);
    used += 3;
  }
  out[used] = 0;
}

static void say(const edgestatic_builder_options *options, int severity,
                const char *file, unsigned line, unsigned column,
                const char *format, va_list arguments) {
  if (options->message == NULL)
    return;
  int saved = errno;
  /* One byte more than printable() keeps, so that a cut here is seen there. */
  char raw[REPORT_MAX + 1], text[REPORT_MAX], name[REPORT_MAX];
  if (vsnprintf(raw, sizeof raw, format, arguments) < 0)
    raw[0] = 0;
  printable(text, raw);
  if (file != NULL)
    printable(name, file);
  edgestatic_message message = {
      .severity = severity,
      .file = file == NULL ? NULL : name,
      .line = line,
      .column = column,
      .text = text,
  };
  options->message(options->message_ctx, &message);
  errno = saved;
}

void report(const edgestatic_builder_options *options, int severity,
            const char *file, unsigned line, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say(options, severity, file, line, 0, format, arguments);
  va_end(arguments);
}

void report_at(const edgestatic_builder_options *options, int severity,
               const char *file, unsigned line, unsigned column,
               const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say(options, severity, file, line, column, format, arguments);
  va_end(arguments);
}

int report_error(const edgestatic_builder_options *options, int error,
                 const char *file, unsigned line, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say(options, EDGESTATIC_ERROR, file, line, 0, format, arguments);
  va_end(arguments);
  return error;
}
