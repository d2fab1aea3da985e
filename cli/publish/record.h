/* record.h - what an earlier publish left in a folder: the file `.edgestatic`
 * there.
 *
 *   # Made by `edgestatic publish'; ...
 *   target fastly
 *   name my-site
 *   file 0123456789abcdef0123456789abcdef bin/main.wasm
 *
 * The number is the XXH3-128 of the file's content.  A file may stand there
 * twice: while a publish runs, with the old content and the new.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_RECORD_H
#define PUBLISH_RECORD_H

#include "pieces.h"

#include <stdbool.h>
#include <stddef.h>

#define RECORD_FILE ".edgestatic"

#define RECORD_TARGET_MAX 32
#define RECORD_NAME_MAX 64
/* Files of one publish are a dozen; stops a hostile record. */
#define RECORD_FILES_MAX 1000
#define RECORD_SIZE_MAX (256 * 1024)

struct record_file {
  char *name; /* relative, below the folder */
  unsigned char hash[PIECES_HASH_SIZE];
};

struct record { /* zeroed: no record */
  char target[RECORD_TARGET_MAX], name[RECORD_NAME_MAX];
  struct record_file *file;
  size_t count;
};

/* Reads text that ends with a NUL.  Returns 0, or -1 when it is no record
 * (then *record is empty) or there is no memory. */
int record_read(struct record *record, const char *text);

/* The record as text, appended. */
void record_print(const struct record *record, struct pieces *text);

/* Returns 0, or -1 when there is no memory or no room. */
int record_add(struct record *record, const char *name,
               const unsigned char hash[PIECES_HASH_SIZE]);
bool record_has(const struct record *record, const char *name,
                const unsigned char hash[PIECES_HASH_SIZE]);

void record_free(struct record *record);

#endif
