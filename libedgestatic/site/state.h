/* state.h - what a site store is: the text of its one file that decides.
 *
 *   edgestatic-site 1
 *   store GENERATION NEXT            times that it was changed; next release
 *   data FILE SIZE BLOBS             data.FILE: bytes and bodies in use
 *   release NUMBER FILE TIME EXPIRES FILES BYTES NEW KEPT INDEX NOTE
 *   collection NAME RELEASE EXPIRES [RELEASE@UNTIL ...]
 *   checksum XXH3-64                 of all before it, 16 digits
 *
 * One line each, of numbers in decimal.  Releases stand by number, collections
 * by name.  Names of files are made of the numbers, so that a forged state
 * leads nowhere else.  edgestatic-site(5) says it in words.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_STATE_H
#define EDGESTATIC_STATE_H

#include "build/mem.h"

#include "edgestatic_site.h"

/* Each is read whenever a store is opened or changed. */
#define STATE_RELEASES_MAX 100000
#define STATE_COLLECTIONS_MAX 10000
#define STATE_BYTES_MAX (256u << 20) /* of that many, with their notes */

/* A label of a host name (RFC 1035 section 2.3.4): collections are chosen by
 * host. */
#define STATE_NAME_MAX 63

#define STATE_NOTE_MAX 1000 /* a line for people */

/* Releases that a collection can be rolled back through; an older one is
 * promoted by its number. */
#define STATE_BEFORE_MAX 32

struct state_release {
  edgestatic_release info; /* note: a block of its own */
  uint64_t file;           /* release.NUMBER.FILE */
  uint64_t index;          /* its size */
};

struct state_before {
  uint64_t release;
  int64_t until; /* when another one took its place */
};

struct state_collection {
  char name[STATE_NAME_MAX + 1];
  uint64_t release;
  int64_t expires;
  struct state_before before[STATE_BEFORE_MAX]; /* the last one first */
  size_t before_count;
};

struct state {
  uint64_t generation, next;
  uint64_t data, data_size, data_blobs;
  struct state_release *release;
  size_t releases, release_room;
  struct state_collection *collection;
  size_t collections, collection_room;
};

/* All memory is of the default allocator. */
void state_free(struct state *);

/* Reads a text into a state, which is overwritten.  EDGESTATIC_OK,
 * _ERR_FORMAT, _ERR_VERSION, _ERR_CHECKSUM or _ERR_MEMORY; then it is empty. */
int state_parse(struct state *, slice text);

/* The text of a state, from malloc; NULL: no memory. */
char *state_print(const struct state *, size_t *len);

/* Whether a text begins as that of any version does. */
bool state_is(slice text);

bool state_name_ok(slice);
bool state_note_ok(slice); /* UTF-8 without control characters */

/* NULL: there is none. */
struct state_release *state_release(const struct state *, uint64_t number);
struct state_collection *state_collection(const struct state *, slice name);

/* Adds a release with the number `next`, and makes that one more; its note is
 * copied.  EDGESTATIC_OK, _ERR_MEMORY or _ERR_LIMIT. */
int state_add_release(struct state *, const struct state_release *);

/* Forgets a release, also among those that collections showed before. */
void state_remove_release(struct state *, uint64_t number);

/* Lets a collection show a release, from that time on.  EDGESTATIC_OK,
 * _ERR_MEMORY or _ERR_LIMIT. */
int state_show(struct state *, slice name, uint64_t release, int64_t now);
void state_remove_collection(struct state *, slice name);

#endif
