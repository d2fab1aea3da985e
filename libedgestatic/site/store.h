/* store.h - an open site store: its files, its lock, and how it is changed.
 *
 * A change is: site_lock, which reads the state as it is now; new files, under
 * names with the next generation; changes of site->state; site_commit.  At the
 * end site_unlock in any case, with the error: what was not committed is then
 * forgotten.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_STORE_H
#define EDGESTATIC_STORE_H

#include "site/place.h"
#include "site/state.h"

struct edgestatic_site {
  edgestatic_builder_options report; /* the message callback alone */
  char *dir;
  int folder; /* descriptors */
  int lock;   /* -1: not held */
  int file;   /* of the state that was read; -1: none.  Open, so that no other
                 file gets its inode */
  bool no_wait;
  struct state state;

  /* What callers see of it. */
  edgestatic_release *releases;
  edgestatic_collection *collections;
  uint64_t *before; /* of all collections */
};

/* A file that a state names: "release.7.3", "data.2". */
struct site_name {
  char text[64];
};
struct site_name site_release_name(uint64_t number, uint64_t file);
struct site_name site_data_name(uint64_t file);

/* Waits for other writers, or not, and reads the state.  On an error nothing
 * is held; it was reported. */
int site_lock(edgestatic_site *);
int site_unlock(edgestatic_site *, int error);

/* The lock alone, for a folder that is no store yet. */
int site_take_lock(edgestatic_site *);
void site_give_lock(edgestatic_site *);

/* Makes the state the store's, in one step: the data file and the indexes that
 * it names are on the disk already.  Then removes what no state names. */
int site_commit(edgestatic_site *);

/* Whether a file is one that a writer renames or unlinks at once, if it is not
 * killed. */
bool site_is_temporary(const char *name);

/* Removes what the state does not tell of: files and bytes of writers that were
 * killed, and files that a commit left behind.  Under the lock. */
void site_sweep(edgestatic_site *);

/* The pack of a release.  Not reported: errno ENOENT may mean that the state
 * is another one by now. */
int site_open_pack(const edgestatic_site *, const struct state_release *,
                   edgestatic_pack **);

/* The same, reported. */
int site_need_pack(edgestatic_site *, const struct state_release *,
                   edgestatic_pack **);

/* Opens the data file for writing behind what is in use, and learns which
 * bodies are there; room for so many more.  site_place_end in any case. */
int site_place(edgestatic_site *, struct place *, uint64_t more);
void site_place_end(struct place *);

/* Gives the bodies of a pack their places and writes its index, release.N.G
 * with the next generation; fills file, index, bytes and new_bytes of r. */
int site_store_pack(edgestatic_site *, struct place *, const edgestatic_store *,
                    uint64_t number, struct state_release *r);

/* Brings the data file to the disk; the state then tells of it. */
int site_store_data(edgestatic_site *, struct place *);

/* The first end of what a pack has kept, or 0. */
int64_t site_retained_until(const edgestatic_store *);

/* Bytes of the files that a state names, but its own. */
uint64_t site_bytes(const struct state *);

/* Whether a name is one; else it was reported. */
bool site_name_ok(edgestatic_site *, slice name);

/* Reports and returns the error. */
int site_failed(edgestatic_site *, int error, const char *file, int reason);

#endif
