/* siteio.h - every step by which a site store changes the disk.
 *
 * They go through here so that a test can end the process before each of them,
 * or fail each of them.  All return 0 or errno.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_SITEIO_H
#define EDGESTATIC_SITEIO_H

#include <stddef.h>
#include <stdint.h>

/* Called before each step where it is not NULL, by tests alone: 0, or the errno
 * that the step fails with. */
extern int (*siteio_step)(void);

/* Most bytes of one write: a step each. */
extern size_t siteio_piece;

/* A new file, or an emptied one, to read and write; *fd.  It has the mode of
 * the file `state`, where there is one. */
int siteio_create(int folder, const char *name, int *fd);
int siteio_write(int fd, const void *bytes, size_t size, uint64_t offset);
int siteio_truncate(int fd, uint64_t size);
int siteio_sync(int fd);
int siteio_rename(int folder, const char *from, const char *to);
int siteio_unlink(int folder, const char *name);

#endif
