/* edgestatic_site.h - packs that follow one another: a site's releases.
 *
 *   A DERIVED PACK   edgestatic_builder_add_pack, _previous.
 *   A SITE STORE     edgestatic_site_*: a folder that holds many releases,
 *                    every body once, and says which of them is shown where.
 *
 * What edgestatic.h says of slices, errors, times and threads holds here too.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_SITE_H
#define EDGESTATIC_SITE_H

#include "edgestatic.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- A pack that is made from another one ---- */

/* Puts the assets of a pack under all that the builder is given: a file of the
 * same name, from memory or from a folder, takes the place of the pack's.
 * They come with the variants, validators and header fields that they have
 * there; nothing is compressed again.  So a pack that was derived costs what is
 * new in it, and a copy.  What is new has the fields that this builder gives
 * it.  Redirects come along unless the builder has some of its own; so do
 * header rules, which then are for what is new, too.
 *
 * The pack decides how pages and missing paths are served, whatever the
 * options say of html_handling and not_found.  Assets that were kept from an
 * earlier release stay, but not those whose time ends at `now` or before;
 * INT64_MIN: all stay.
 *
 * A builder has one such pack: another call replaces it.  The builder takes a
 * reference of its own, which edgestatic_builder_free gives back.
 * Returns EDGESTATIC_OK, or _ERR_INPUT for a pack that no builder made; what
 * is wrong with it goes to the message callback. */
EDGESTATIC_API int edgestatic_builder_add_pack(edgestatic_builder *builder,
                                               edgestatic_pack *pack,
                                               int64_t now);

/* Names an earlier release, the newest one first; deltas are to three of them.
 *
 * Of the first one: a file whose name carries a hash of its content, and whose
 * bytes are others than in that release, fails the build; browsers would keep
 * the old ones for a year.  Pages (HTML) may change.
 *
 * Of every one, where retain_until is not 0: such files, but pages, that the
 * site has no more are kept until that time, so that a page which is open in
 * a browser still finds them.  They come as they are in that release; what it
 * had kept itself is not kept again.  edgestatic_asset.retained_until tells.
 *
 * The builder takes a reference of its own.
 * Returns EDGESTATIC_OK, _ERR_MEMORY, or _ERR_INPUT as
 * edgestatic_builder_add_pack or when retain_until is negative. */
EDGESTATIC_API int edgestatic_builder_previous(edgestatic_builder *builder,
                                               edgestatic_pack *pack,
                                               int64_t retain_until);

/* ---- A site store ---- */

/* A store that is open: what its folder said when it was read last, by
 * edgestatic_site_open, _refresh, or a function that changes it.  Releases are
 * numbered from 1 and a number never comes again.  A collection is a name
 * ("live", "preview-42") and the release that it shows.
 *
 * A change is one rename: whoever reads, sees all of it or nothing, and a
 * writer that is killed leaves the store as it was before or as it should be
 * after.  Writers exclude each other by a lock; readers need none.  A pack
 * from a store stays whole, whatever becomes of the store.
 *
 * Unless a comment says less, functions return EDGESTATIC_OK or
 *   _ERR_IO, _ERR_MEMORY, _ERR_CANCELLED;
 *   _ERR_FORMAT, _ERR_CHECKSUM   not a store, or a damaged one;
 *   _ERR_VERSION                 a store of a newer edgestatic;
 *   _ERR_INPUT                   no such name or release, or no valid name;
 *   _ERR_LIMIT                   a store of 100,000 releases, for example;
 *   _ERR_BUSY                    no_wait, and another writer is at work.
 * What is wrong goes to the message callback; then nothing was changed. */
typedef struct edgestatic_site edgestatic_site;

typedef struct edgestatic_site_options {
  size_t size; /* sizeof(edgestatic_site_options); the macro sets it */
  int create;  /* non-zero: make the store where there is none */
  int no_wait; /* non-zero: do not wait for another writer */
  void (*message)(void *ctx, const edgestatic_message *message);
  void *message_ctx;
} edgestatic_site_options;

#define EDGESTATIC_SITE_OPTIONS_INIT                                           \
  { sizeof(edgestatic_site_options), 0, 0, 0, 0 }

/* Whether a folder is a site store, as far as its first bytes tell. */
EDGESTATIC_API int edgestatic_site_is(const char *dir);

/* options may be NULL. */
EDGESTATIC_API int edgestatic_site_open(edgestatic_site **site, const char *dir,
                                        const edgestatic_site_options *options);
EDGESTATIC_API void edgestatic_site_close(edgestatic_site *site);

/* Reads the store again if it is another one; *changed (or NULL) says so.
 * Otherwise it costs one stat.  A server watches the file DIR/state. */
EDGESTATIC_API int edgestatic_site_refresh(edgestatic_site *site, int *changed);

typedef struct edgestatic_release {
  uint64_t number;
  int64_t time;     /* when it was made */
  int64_t expires;  /* 0: never */
  const char *note; /* "" for none */
  uint32_t files;
  uint64_t bytes;         /* of its pack: index and bodies */
  uint64_t new_bytes;     /* of these, what no earlier release had */
  int64_t retained_until; /* the first end of what it keeps; 0: nothing */
} edgestatic_release;

typedef struct edgestatic_collection {
  const char *name;
  uint64_t release;       /* that it shows */
  int64_t expires;        /* 0: never */
  const uint64_t *before; /* what it showed before, the last one first */
  size_t before_count;
} edgestatic_collection;

/* All releases, the oldest first; all collections by name.  Valid until the
 * site is refreshed, changed or closed. */
EDGESTATIC_API const edgestatic_release *
edgestatic_site_releases(const edgestatic_site *site, size_t *count);
EDGESTATIC_API const edgestatic_collection *
edgestatic_site_collections(const edgestatic_site *site, size_t *count);

/* The release that a name means: of a collection, or a number ("17").
 * EDGESTATIC_OK or _ERR_INPUT. */
EDGESTATIC_API int edgestatic_site_find(edgestatic_site *site, const char *name,
                                        uint64_t *release);

/* The pack of such a name.  Its bodies stay in the store's files, where those
 * of other releases lie too.  _copy: a pack of its own in memory, the bytes
 * that the builder made, for what leaves this machine.  The store is refreshed
 * first.  The caller owns one reference. */
EDGESTATIC_API int edgestatic_site_pack(edgestatic_site *site, const char *name,
                                        edgestatic_pack **pack);
EDGESTATIC_API int edgestatic_site_copy(edgestatic_site *site, const char *name,
                                        edgestatic_pack **pack);

typedef struct edgestatic_release_options {
  size_t size; /* sizeof(edgestatic_release_options); the macro sets it */
  const char *collection; /* that shows it then; NULL: "live" */
  const char *note;       /* a line of at most 1,000 bytes, or NULL */
  int64_t time;           /* INT64_MIN: now, by the clock */
  int64_t expires;        /* of release and collection; 0: never; not of live */
  /* Old assets that are kept, as edgestatic_builder_previous says: those of
   * the last retain_releases that the collection showed, for retain_seconds
   * after another one took their place.  0 of the one: by the other; 0 of
   * seconds is then a year.  0 of both: none. */
  uint32_t retain_releases;
  int64_t retain_seconds;
} edgestatic_release_options;

#define EDGESTATIC_RELEASE_OPTIONS_INIT                                        \
  { sizeof(edgestatic_release_options), 0, 0, INT64_MIN, 0, 0, 0 }

/* Builds the pack of a builder, stores what is new in it, and lets the
 * collection show it.  What that showed (or, of a new one, live) is the release
 * that hashed names are held against; deltas are to it, to live's and to older
 * ones.  No lock is held by the compressor.  *release (or NULL): its number. */
EDGESTATIC_API int
edgestatic_site_release(edgestatic_site *site, edgestatic_builder *builder,
                        const edgestatic_release_options *options,
                        uint64_t *release);

/* Lets collection `to` (made if it is new) show what `from` means.  _rollback:
 * what it showed before; *release (or NULL) says which.  _remove: there is no
 * such collection any more; its releases stay until they are expired. */
EDGESTATIC_API int edgestatic_site_promote(edgestatic_site *site,
                                           const char *from, const char *to);
EDGESTATIC_API int edgestatic_site_rollback(edgestatic_site *site,
                                            const char *collection,
                                            uint64_t *release);
EDGESTATIC_API int edgestatic_site_remove(edgestatic_site *site,
                                          const char *collection);

/* What _expire and _gc did, or would. */
typedef struct edgestatic_site_report {
  uint32_t releases, collections; /* that went */
  uint32_t rewritten;             /* releases without what they had kept */
  uint64_t before, after;         /* bytes of the store's files */
} edgestatic_site_report;

/* Ends what is past its time: collections; then releases that no collection
 * shows; then assets that were kept, of the releases that stay.  Besides them
 * go all that no collection shows but the newest `keep` ones; UINT32_MAX:
 * none.  Room on the disk is given back by _gc, which copies what is used and
 * unlinks the rest; whoever has that open, keeps it.  dry_run: it only
 * reports.  report may be NULL. */
EDGESTATIC_API int edgestatic_site_expire(edgestatic_site *site, int64_t now,
                                          uint32_t keep,
                                          edgestatic_site_report *report);
EDGESTATIC_API int edgestatic_site_gc(edgestatic_site *site, int dry_run,
                                      edgestatic_site_report *report);

/* ---- Two packs, one after the other ---- */

/* FIELDS: the same bytes; RULE: a rule answers, or has answered. */
enum edgestatic_change_kind {
  EDGESTATIC_CHANGE_ADDED,
  EDGESTATIC_CHANGE_REMOVED,
  EDGESTATIC_CHANGE_KEPT,
  EDGESTATIC_CHANGE_CONTENT,
  EDGESTATIC_CHANGE_FIELDS,
  EDGESTATIC_CHANGE_RULE
};

/* Of a rule, path may end with "*".  Bytes are 0 where there is no file. */
typedef struct edgestatic_change {
  int kind;
  edgestatic_slice path;
  uint64_t before, after, best_before, best_after;
} edgestatic_change;

/* Tells what is other, by path.  Returns EDGESTATIC_OK or _ERR_MEMORY. */
EDGESTATIC_API int edgestatic_diff(
    const edgestatic_store *old_store, const edgestatic_store *new_store,
    void (*change)(void *ctx, const edgestatic_change *), void *ctx);

enum edgestatic_cache {
  EDGESTATIC_CACHE_PLAIN, /* any shared cache */
  EDGESTATIC_CACHE_FASTLY,
  EDGESTATIC_CACHE_CLOUDFLARE,
  EDGESTATIC_CACHE_CLOUDFRONT
};

enum edgestatic_purge_kind {
  EDGESTATIC_PURGE_KEY,   /* of Surrogate-Key or Cache-Tag */
  EDGESTATIC_PURGE_URL,   /* path and query, percent-encoded */
  EDGESTATIC_PURGE_PREFIX /* of URLs */
};

/* Tells in short what such a cache has to forget.  Returns as _diff. */
EDGESTATIC_API int
edgestatic_purge(const edgestatic_store *old_store,
                 const edgestatic_store *new_store, int cache,
                 void (*item)(void *ctx, int kind, edgestatic_slice what),
                 void *ctx);

#ifdef __cplusplus
}
#endif

#endif
