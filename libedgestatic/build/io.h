/* io.h - reading and writing all of it, and files without a name.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_IO_H
#define EDGESTATIC_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Moves size bytes at an offset of a file.  0 or errno; EIO where the file
 * ends before. */
int io_read(int fd, void *bytes, size_t size, uint64_t offset);
int io_write(int fd, const void *bytes, size_t size, uint64_t offset);

/* Whether a file has exactly these bytes at an offset. */
bool io_same(int fd, const void *bytes, size_t size, uint64_t offset);

/* Opens a folder and makes it, with those above it, where it is missing.  A
 * descriptor, or -1 with errno. */
int io_make_folder(const char *path);

/* Makes a file of its own in a folder (a descriptor) to be renamed later;
 * name, of size bytes, is prefix and a number.  A descriptor that reads and
 * writes, with the mode that the umask gives, or -1 with errno. */
int io_new_file(int folder, const char *prefix, char *name, size_t size);

/* Where no file can be made without a name, it has one for a moment. */
#define IO_NAMELESS_PREFIX ".edgestatic-"

/* A file without a name in a folder: gone when it is closed.  A descriptor,
 * or -1 with errno. */
int io_nameless_file(int folder);

/* The same in memory, where there is such a thing; else in the folder for
 * temporary files. */
int io_memory_file(void);

#endif
