/* path.c - see path.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *path_absolute(const char *path) {
  char *whole = realpath(path, NULL);
  if (whole)
    return whole;
  size_t len = strlen(path);
  while (len > 1 && path[len - 1] == '/')
    len--;
  size_t parent = len;
  while (parent > 0 && path[parent - 1] != '/')
    parent--;
  char *folder = parent > 0 ? strndup(path, parent) : strdup(".");
  char *real = folder ? realpath(folder, NULL) : NULL;
  if (real && asprintf(&whole, "%s/%.*s", strcmp(real, "/") ? real : "",
                       (int)(len - parent), path + parent) < 0)
    whole = NULL;
  free(folder);
  free(real);
  return whole;
}

char *path_relative(const char *from, const char *to) {
  size_t same = 0; /* ends behind a slash that both have */
  for (size_t i = 0; from[i] && from[i] == to[i]; i++)
    if (from[i] == '/')
      same = i + 1;
  size_t up = 0;
  for (const char *p = from + same; *p; p++)
    up += p == from + same || *p == '/';
  char *way = malloc(3 * up + strlen(to + same) + 1);
  char *out = way;
  for (size_t i = 0; way && i < up; i++) {
    memcpy(out, "../", 3);
    out += 3;
  }
  if (way)
    strcpy(out, to + same);
  return way;
}

bool path_is_packed(const char *folder, const char *path) {
  size_t len = strcmp(folder, "/") ? strlen(folder) : 0;
  if (strncmp(folder, path, len) != 0 || (path[len] && path[len] != '/'))
    return false;
  return strstr(path + len, "/.") == NULL;
}

void path_quote(struct pieces *text, const char *word) {
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs"
                              "tuvwxyz0123456789-._/=:,+@%";
  if (*word && strspn(word, plain) == strlen(word)) {
    pieces_print(text, "%s", word);
    return;
  }
  pieces_print(text, "'");
  for (const char *end; (end = strchr(word, '\'')) != NULL; word = end + 1)
    pieces_print(text, "%.*s'\\''", (int)(end - word), word);
  pieces_print(text, "%s'", word);
}

bool path_is_name(const char *name) {
  size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
  return name[len] == '\0' && len > 0 && len <= PATH_NAME_MAX &&
         name[0] >= 'a' && name[0] <= 'z' && name[len - 1] != '-';
}

/* Where generators put their sites. */
static bool says_nothing(const char *name, size_t len) {
  static const char *const word[] = {"_site",  "build",  "dist", "html", "out",
                                     "output", "public", "site", "www"};
  for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
    if (strlen(word[i]) == len && memcmp(word[i], name, len) == 0)
      return true;
  return false;
}

/* Capitals become small, runs of anything else one dash. */
static void make_name(char name[PATH_NAME_MAX + 1], const char *text,
                      size_t text_len) {
  size_t len = 0;
  for (size_t i = 0; i < text_len && len < PATH_NAME_MAX; i++) {
    char c = text[i];
    if (c >= 'A' && c <= 'Z')
      c = (char)(c - 'A' + 'a');
    bool letter = c >= 'a' && c <= 'z', number = c >= '0' && c <= '9';
    if (letter || (len > 0 && number))
      name[len++] = c;
    else if (len > 0 && name[len - 1] != '-')
      name[len++] = '-';
  }
  while (len > 0 && name[len - 1] == '-')
    len--;
  name[len] = '\0';
}

void path_name(char name[PATH_NAME_MAX + 1], const char *site, bool is_dir) {
  char *path = path_absolute(site);
  size_t end = path ? strlen(path) : 0, begin = end;
  for (;;) {
    while (begin > 0 && path[begin - 1] != '/')
      begin--;
    if (!is_dir || begin <= 1 || !says_nothing(path + begin, end - begin))
      break;
    end = --begin;
  }
  const char *dot =
      is_dir || !path ? NULL : memchr(path + begin, '.', end - begin);
  make_name(name, path ? path + begin : "",
            dot ? (size_t)(dot - path) - begin : end - begin);
  free(path);
  if (name[0] == '\0')
    strcpy(name, "site");
}
