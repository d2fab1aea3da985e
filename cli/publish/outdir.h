/* outdir.h - the folder that publish writes: all of it or none.
 *
 *   artefact  made each time; replaced when the record says that publish wrote
 *             what is there, refused when it is somebody else's
 *   shared    the same, but the host's own tool writes it too (a package):
 *             replaced in any folder of ours
 *   scaffold  configuration for the user to edit: written when it is missing
 *
 * `force` replaces all three.  Whatever else lies in a folder that has a record
 * is left alone; in a folder without one it is refused, since that folder was
 * meant for something else.
 *
 * Everything is written and synced in a folder of its own first: OUT/STAGE, or
 * beside it where OUT is not there yet.  A new OUT then gets its name in one
 * step.  In an old one the record first names the old files and the new, then
 * each new file takes its place, in the order in which they were added, and
 * last the record forgets the old.  So a process that is killed leaves the old
 * folder, or files each of which is the old or the new one and known to the
 * next publish, which also removes the stage.
 *
 * All functions return 0, or -1 after telling why.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_OUTDIR_H
#define PUBLISH_OUTDIR_H

#include "pieces.h"
#include "record.h"

#define OUTDIR_STAGE ".edgestatic-new"

enum outdir_kind { OUTDIR_ARTEFACT, OUTDIR_SHARED, OUTDIR_SCAFFOLD };
enum outdir_fate { OUTDIR_WRITE, OUTDIR_SAME, OUTDIR_KEEP };

struct outdir_file {
  char *name; /* below the folder: "bin/main.wasm" */
  enum outdir_kind kind;
  enum outdir_fate fate;
  struct pieces content;
  unsigned char hash[PIECES_HASH_SIZE];
};

#define OUTDIR_FILES_MAX 32

struct outdir {
  const char *path;
  const char *target;
  bool force;
  bool exists;       /* the folder was there */
  bool ours;         /* and has a record */
  struct record old; /* what an earlier publish wrote */
  struct outdir_file file[OUTDIR_FILES_MAX];
  size_t count;
};

/* Looks at the folder; reads its record.  Refuses a file in its place and, but
 * with force, a damaged record, the folder of another target, and one without
 * a record that holds anything but scaffolds: a list that NULL ends. */
int outdir_open(struct outdir *dir, const char *path, const char *target,
                const char *const *scaffold, bool force);

/* The text of a scaffold that is there and stays; NULL in *text when it will
 * be written.  The caller frees it. */
int outdir_kept(const struct outdir *dir, const char *name, char **text);

/* Adds a file; takes the content, which becomes an empty list.  The name is
 * copied. */
int outdir_add(struct outdir *dir, enum outdir_kind kind, const char *name,
               struct pieces *content);

/* Refuses to replace files of somebody else, and decides the fate of each.
 * Nothing is written so far. */
int outdir_check(struct outdir *dir);

/* Writes; `watch` counts the bytes.  When it stops the write everything is as
 * it was before, and nothing is told. */
int outdir_commit(struct outdir *dir, const char *name,
                  struct pieces_watch watch);

/* Bytes that outdir_commit will write. */
uint64_t outdir_size(const struct outdir *dir);

void outdir_free(struct outdir *dir);

#endif
