/* tempdir.h - a folder to put files into, gone after the test.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TEST_TEMPDIR_H
#define EDGESTATIC_TEST_TEMPDIR_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char tempdir[256];

static inline void tempdir_make(void) {
  const char *base = getenv("TMPDIR");
  int n = snprintf(tempdir, sizeof tempdir, "%s/edgestatic-test-XXXXXX",
                   base == NULL ? "/tmp" : base);
  ck_assert_int_lt(n, (int)sizeof tempdir);
  ck_assert_ptr_nonnull(mkdtemp(tempdir));
  ck_assert_int_eq(chmod(tempdir, 0755), 0);
}

static inline int tempdir_remove_one(const char *path, const struct stat *st,
                                     int kind, struct FTW *at) {
  (void)st;
  (void)kind;
  (void)at;
  return remove(path);
}

static inline void tempdir_remove(void) {
  nftw(tempdir, tempdir_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The whole name of a path below the folder; overwritten by the next call. */
static inline const char *tempdir_path(const char *path) {
  static char full[8192];
  snprintf(full, sizeof full, "%s/%s", tempdir, path);
  return full;
}

/* Makes the folders that a path lies in. */
static inline void tempdir_folders(const char *path) {
  char full[8192];
  snprintf(full, sizeof full, "%s", tempdir_path(path));
  for (char *p = full + strlen(tempdir) + 1; (p = strchr(p, '/')) != NULL;
       p++) {
    *p = 0;
    ck_assert(mkdir(full, 0755) == 0 || errno == EEXIST);
    *p = '/';
  }
}

static inline void tempdir_bytes(const char *path, const void *bytes,
                                 size_t len) {
  tempdir_folders(path);
  FILE *file = fopen(tempdir_path(path), "wb");
  ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
  ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
  ck_assert_int_eq(fclose(file), 0);
}

static inline void tempdir_file(const char *path, const char *text) {
  tempdir_bytes(path, text, strlen(text));
}

static inline void tempdir_link(const char *target, const char *path) {
  tempdir_folders(path);
  ck_assert_int_eq(symlink(target, tempdir_path(path)), 0);
}

/* Permissions mean nothing to root: tests of them run as somebody else. */
static inline void tempdir_drop_root(void) {
  if (geteuid() == 0) {
    ck_assert_int_eq(setegid(65534), 0);
    ck_assert_int_eq(seteuid(65534), 0);
  }
}

static inline void tempdir_back_to_root(void) {
  if (getuid() == 0) {
    ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(setegid(0), 0);
  }
}

#endif
