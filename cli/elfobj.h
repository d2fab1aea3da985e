/* elfobj.h - bytes as an ELF object file, made without a compiler.
 * SPDX-License-Identifier: MIT */
#ifndef CLI_ELFOBJ_H
#define CLI_ELFOBJ_H

#include <stddef.h>
#include <stdio.h>

/* Where the bytes begin in the program: more than any load of them needs. */
#define ELFOBJ_ALIGN 64

/* Writes an object for the machine that this program runs on, with two
 * read-only symbols: `symbol`, the bytes, and `symbol`_len, a size_t.
 * Returns 0, or -1 where programs are no ELF files or there is no memory;
 * errors of the stream are the stream's. */
int elfobj_write(FILE *stream, const char *symbol, const void *bytes,
                 size_t len);

#endif
