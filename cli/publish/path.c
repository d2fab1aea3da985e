/* path.c - see path.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Appends the names of a path that is not there yet to a folder; takes the
 * folder.  NULL: a name leads back, or there is no memory. */
static char *append_names(char *folder, const char *path) {
  char *whole = realloc(folder, strlen(folder) + strlen(path) + 2);
  if (!whole) {
    free(folder);
    return NULL;
  }
  char *end = whole + strlen(whole);
  if (end[-1] == '/') /* the root */
    end--;
  for (size_t len; *path; path += len) {
    path += strspn(path, "/");
    len = strcspn(path, "/");
    if (len == 0 || (len == 1 && path[0] == '.'))
      continue;
    if (len == 2 && memcmp(path, "..", 2) == 0) {
      free(whole);
      errno = ENOENT;
      return NULL;
    }
    *end++ = '/';
    memcpy(end, path, len);
    end += len;
  }
  *end = '\0';
  return whole;
}

char *path_absolute(const char *path) {
  char *real = realpath(path, NULL);
  size_t known = strlen(path); /* how much of it is there */
  while (!real && errno == ENOENT && known > 0) {
    while (known > 0 && path[known - 1] == '/')
      known--;
    while (known > 0 && path[known - 1] != '/')
      known--;
    char *folder = known > 0 ? strndup(path, known) : strdup(".");
    real = folder ? realpath(folder, NULL) : NULL;
    free(folder);
  }
  return real ? append_names(real, path + known) : NULL;
}

char *path_join(const char *folder, const char *name) {
  char *path = NULL;
  return asprintf(&path, "%s/%s", folder, name) >= 0 ? path : NULL;
}

int path_make_parents(const char *path, size_t *made) {
  char *folder = strdup(path);
  int failed = !folder;
  *made = 0;
  for (char *p = folder; !failed && (p = strchr(p + 1, '/')) != NULL;) {
    struct stat st;
    *p = '\0';
    if (stat(folder, &st) != 0) {
      if (mkdir(folder, 0777) != 0)
        failed = errno != EEXIST; /* somebody else has made it just now */
      else if (*made == 0)
        *made = (size_t)(p - folder);
    }
    *p = '/';
  }
  int why = errno;
  free(folder);
  if (failed)
    path_remove_parents(path, *made);
  errno = why;
  return failed ? -1 : 0;
}

void path_remove_parents(const char *path, size_t made) {
  char *folder = made > 0 ? strdup(path) : NULL;
  int why = errno;
  for (char *slash; folder && (slash = strrchr(folder, '/')) != NULL &&
                    (size_t)(slash - folder) >= made;) {
    *slash = '\0';
    rmdir(folder); /* one that somebody has used since stays */
  }
  free(folder);
  errno = why;
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
