/* term.c - see term.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "term.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* The last second of the year 9999: years have four digits. */
#define TIME_NEWEST INT64_C(253402300799)

bool term_is_tty(FILE *stream) {
  const char *name = getenv("TERM");
  return isatty(fileno(stream)) && name && strcmp(name, "dumb") != 0;
}

const char *term_style(FILE *stream, const char *style) {
  const char *no_color = getenv("NO_COLOR"); /* no-color.org: any value */
  bool plain = no_color && no_color[0] != '\0';
  return !plain && term_is_tty(stream) ? style : "";
}

unsigned term_width(FILE *stream) {
  struct winsize size;
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

/* Well-formed sequences of RFC 3629 section 4. */
size_t term_utf8(const char *text, size_t len) {
  const unsigned char *p = (const unsigned char *)text;
  if (len == 0)
    return 0;
  if (p[0] < 0x80)
    return 1;
  size_t n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
  if (p[0] < 0xC2 || p[0] > 0xF4 || n > len)
    return 0;
  for (size_t i = 1; i < n; i++)
    if ((p[i] & 0xC0) != 0x80)
      return 0;
  if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
      (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
    return 0;
  return n;
}

/* C0, DEL and C1, which some terminals obey too. */
static bool is_control(const char *text, size_t len) {
  const unsigned char *p = (const unsigned char *)text;
  return (len == 1 && (p[0] < 0x20 || p[0] == 0x7F)) ||
         (len == 2 && p[0] == 0xC2 && p[1] < 0xA0);
}

char *term_text(edgestatic_slice text) {
  /* Each byte becomes at most the four of \xNN. */
  char *safe = malloc(text.len * 4 + 1);
  if (!safe)
    return NULL;
  char *out = safe;
  for (size_t i = 0; i < text.len;) {
    size_t n = term_utf8(text.base + i, text.len - i);
    if (n == 0 || is_control(text.base + i, n)) {
      for (size_t end = i + (n ? n : 1); i < end; i++) {
        static const char hex[] = "0123456789abcdef";
        unsigned char c = (unsigned char)text.base[i];
        *out++ = '\\';
        *out++ = 'x';
        *out++ = hex[c >> 4];
        *out++ = hex[c & 15];
      }
    } else {
      memcpy(out, text.base + i, n);
      out += n;
      i += n;
    }
  }
  *out = '\0';
  return safe;
}

void term_print_slice(FILE *stream, edgestatic_slice text) {
  char *safe = term_text(text);
  if (safe)
    fputs(safe, stream);
  free(safe);
}

void term_print(FILE *stream, const char *text) {
  term_print_slice(stream, (edgestatic_slice){text, strlen(text)});
}

const char *term_size(char buffer[TERM_SIZE_MAX], uint64_t bytes) {
  static const char unit[] = "kMGTPE";
  if (bytes < 1000) {
    snprintf(buffer, TERM_SIZE_MAX, "%u B", (unsigned)bytes);
    return buffer;
  }
  double n = (double)bytes / 1000;
  size_t u = 0;
  for (; n >= 999.5 && unit[u + 1]; u++)
    n /= 1000;
  snprintf(buffer, TERM_SIZE_MAX, "%.*f %cB",
           n < 9.995   ? 2
           : n < 99.95 ? 1
                       : 0,
           n, unit[u]);
  return buffer;
}

const char *term_time(char buffer[TERM_TIME_MAX], int64_t seconds) {
  time_t t = (time_t)seconds;
  struct tm tm;
  /* A forged pack may name any. */
  if (seconds < 0 || seconds > TIME_NEWEST || !gmtime_r(&t, &tm))
    snprintf(buffer, TERM_TIME_MAX, "an impossible time");
  else
    strftime(buffer, TERM_TIME_MAX, "%Y-%m-%d %H:%M UTC", &tm);
  return buffer;
}

const char *term_count(char buffer[TERM_SIZE_MAX + 4], uint64_t n) {
  char *p = buffer + TERM_SIZE_MAX + 3;
  *p = '\0';
  int digits = 0;
  do {
    if (digits > 0 && digits % 3 == 0)
      *--p = ',';
    *--p = (char)('0' + n % 10);
    n /= 10;
    digits++;
  } while (n > 0);
  return p;
}

void term_table_init(struct term_table *table, const char *align) {
  memset(table, 0, sizeof *table);
  for (; *align && table->columns < TERM_COLUMNS_MAX; align++)
    table->right[table->columns++] = *align == 'r';
}

void term_table_add_slice(struct term_table *table, edgestatic_slice text) {
  if (table->failed)
    return;
  if (table->count == table->room) {
    size_t room = table->room ? table->room * 2 : 64;
    char **cell = realloc(table->cell, room * sizeof *cell);
    if (!cell) {
      table->failed = true;
      return;
    }
    table->cell = cell;
    table->room = room;
  }
  char *safe = term_text(text);
  if (safe)
    table->cell[table->count++] = safe;
  else
    table->failed = true;
}

void term_table_add(struct term_table *table, const char *text) {
  term_table_add_slice(table, (edgestatic_slice){text, strlen(text)});
}

/* Code points; cells are valid UTF-8. */
static unsigned width_of(const char *text) {
  unsigned n = 0;
  for (; *text; text++)
    n += ((unsigned char)*text & 0xC0) != 0x80;
  return n;
}

int term_table_print(struct term_table *table, FILE *stream, unsigned indent) {
  unsigned width[TERM_COLUMNS_MAX] = {0};
  unsigned columns = table->columns;
  for (size_t i = 0; i < table->count; i++) {
    unsigned w = width_of(table->cell[i]);
    if (w > width[i % columns])
      width[i % columns] = w;
  }
  for (size_t i = 0; i < table->count && !table->failed; i++) {
    unsigned column = (unsigned)(i % columns);
    bool last = column + 1 == columns;
    int pad = (int)(width[column] - width_of(table->cell[i]));
    if (column == 0)
      fprintf(stream, "%*s%s", (int)indent, "",
              i == 0 ? term_style(stream, TERM_BOLD) : "");
    if (table->right[column])
      fprintf(stream, "%*s%s", pad, "", table->cell[i]);
    else
      fprintf(stream, "%s%*s", table->cell[i], last ? 0 : pad, "");
    if (last && i + 1 == columns)
      fputs(term_style(stream, TERM_PLAIN), stream);
    fputs(last ? "\n" : "  ", stream);
  }
  for (size_t i = 0; i < table->count; i++)
    free(table->cell[i]);
  free(table->cell);
  return table->failed ? -1 : 0;
}
