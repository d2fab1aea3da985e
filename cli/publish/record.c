/* record.c - see record.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "record.h"

#include <stdlib.h>
#include <string.h>

int record_add(struct record *record, const char *name,
               const unsigned char hash[PIECES_HASH_SIZE]) {
  if (record_has(record, name, hash))
    return 0;
  if (record->count >= RECORD_FILES_MAX)
    return -1;
  struct record_file *file =
      realloc(record->file, (record->count + 1) * sizeof *file);
  if (!file)
    return -1;
  record->file = file;
  file += record->count;
  file->name = strdup(name);
  if (!file->name)
    return -1;
  memcpy(file->hash, hash, PIECES_HASH_SIZE);
  record->count++;
  return 0;
}

bool record_has(const struct record *record, const char *name,
                const unsigned char hash[PIECES_HASH_SIZE]) {
  for (size_t i = 0; i < record->count; i++)
    if (strcmp(record->file[i].name, name) == 0 &&
        memcmp(record->file[i].hash, hash, PIECES_HASH_SIZE) == 0)
      return true;
  return false;
}

void record_free(struct record *record) {
  for (size_t i = 0; i < record->count; i++)
    free(record->file[i].name);
  free(record->file);
  memset(record, 0, sizeof *record);
}

void record_print(const struct record *record, struct pieces *text) {
  pieces_print(text,
               "# Made by `edgestatic publish': what it wrote here, and may "
               "replace.\ntarget %s\nname %s\n",
               record->target, record->name);
  for (size_t i = 0; i < record->count; i++) {
    char hex[2 * PIECES_HASH_SIZE + 1] = "";
    for (size_t k = 0; k < PIECES_HASH_SIZE; k++) {
      static const char digit[] = "0123456789abcdef";
      hex[2 * k] = digit[record->file[i].hash[k] >> 4];
      hex[2 * k + 1] = digit[record->file[i].hash[k] & 15];
    }
    pieces_print(text, "file %s %s\n", hex, record->file[i].name);
  }
}

static int digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A name that publish would write: below the folder, and plain.  Files of
 * these names are removed, so nothing may lead out. */
static bool is_inside(const char *name) {
  for (const char *p = name;; p++) {
    size_t len = strcspn(p, "/");
    if (len == 0 || p[0] == '.')
      return false;
    for (size_t i = 0; i < len; i++)
      if ((unsigned char)p[i] < 0x20 || p[i] == 0x7F)
        return false;
    p += len;
    if (*p == '\0')
      return true;
  }
}

/* "HASH NAME" */
static int read_file(struct record *record, const char *text) {
  unsigned char hash[PIECES_HASH_SIZE];
  for (size_t i = 0; i < sizeof hash; i++) {
    int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);
    if (low < 0)
      return -1;
    hash[i] = (unsigned char)(high << 4 | low);
    text += 2;
  }
  if (text[0] != ' ' || !is_inside(text + 1))
    return -1;
  return record_add(record, text + 1, hash);
}

/* A word that fits. */
static int read_word(char *word, size_t room, const char *text) {
  size_t len = strlen(text);
  if (len == 0 || len >= room || strcspn(text, " \t") != len)
    return -1;
  memcpy(word, text, len + 1);
  return 0;
}

static int read_line(struct record *record, const char *line) {
  if (line[0] == '#' || line[0] == '\0')
    return 0;
  if (strncmp(line, "target ", 7) == 0)
    return read_word(record->target, sizeof record->target, line + 7);
  if (strncmp(line, "name ", 5) == 0)
    return read_word(record->name, sizeof record->name, line + 5);
  if (strncmp(line, "file ", 5) == 0)
    return read_file(record, line + 5);
  return -1;
}

int record_read(struct record *record, const char *text) {
  memset(record, 0, sizeof *record);
  char *copy = strdup(text);
  int failed = !copy;
  char *rest = copy;
  while (rest && !failed) {
    char *line = rest;
    rest = strchr(line, '\n');
    if (rest)
      *rest++ = '\0';
    failed = read_line(record, line) != 0;
  }
  free(copy);
  if (!failed && record->target[0] && record->name[0])
    return 0;
  record_free(record);
  return -1;
}
