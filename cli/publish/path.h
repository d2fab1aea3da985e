/* path.h - where files lie, seen from each other; and names for sites.
 * SPDX-License-Identifier: MIT */
#ifndef PUBLISH_PATH_H
#define PUBLISH_PATH_H

#include "pieces.h"

#include <stdbool.h>

/* The absolute path of what is there, or could be made.  The caller frees it;
 * NULL, with errno: it could not, or there is no memory. */
char *path_absolute(const char *path);

/* folder/name, which the caller frees; NULL, with errno: no memory. */
char *path_join(const char *folder, const char *name);

/* Makes the folders that a path lies in, where they are missing.  Returns 0, or
 * -1 with errno and nothing made.  *made is for path_remove_parents, which
 * takes away again what was made, and keeps errno: the length of the first. */
int path_make_parents(const char *path, size_t *made);
void path_remove_parents(const char *path, size_t made);

/* The way from an absolute folder to another absolute path, "../public"; the
 * caller frees it.  NULL: no memory. */
char *path_relative(const char *from, const char *to);

/* Would `build' read an absolute path as part of an absolute folder?  Not what
 * has a name with a dot on the way. */
bool path_is_packed(const char *folder, const char *path);

/* Appends a word as a shell reads it. */
void path_quote(struct pieces *text, const char *word);

/* A name that every host takes: that of a Kubernetes service (RFC 1035 section
 * 2.3.1, without capitals), which is the strictest. */
#define PATH_NAME_MAX 63
bool path_is_name(const char *name);

/* The name of a site: that of its pack, of its folder, or of the folder around
 * it when its own says nothing, as `public'. */
void path_name(char name[PATH_NAME_MAX + 1], const char *site, bool is_dir);

#endif
