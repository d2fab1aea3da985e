/* site_release.c - one more release of a site.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "build/report.h"
#include "build/versions.h"
#include "core/pack.h"
#include "site/store.h"

#include <time.h>
#include <unistd.h>

/* How long old assets are kept where only their releases are counted: as long
 * as browsers keep what is immutable. */
#define RETAIN_SECONDS (365 * 86400)

struct making {
  edgestatic_site *site;
  edgestatic_builder *builder;
  const edgestatic_release_options *options;
  slice collection;
  int64_t now;
  uint64_t compared; /* the release that names were held against; 0: none */
  uint64_t told[VERSIONS_MAX]; /* the first that the builder was told of */
  size_t told_count;
};

/* ---- What came before ---- */

/* What the collection shows, or live, which a new one will replace one day. */
static const struct state_collection *current(const struct making *m) {
  const struct state *s = &m->site->state;
  const struct state_collection *c = state_collection(s, m->collection);
  return c ? c : state_collection(s, LIT("live"));
}

static int64_t add_seconds(int64_t time, int64_t seconds) {
  return time > INT64_MAX - seconds ? INT64_MAX : time + seconds;
}

static bool was_told(const struct making *m, uint64_t number) {
  for (size_t i = 0; i < m->told_count; i++)
    if (m->told[i] == number)
      return true;
  return false;
}

/* Tells the builder of one release. */
static int tell(struct making *m, uint64_t number, int64_t until) {
  const struct state_release *r = state_release(&m->site->state, number);
  edgestatic_pack *pack;
  int error = site_need_pack(m->site, r, &pack);
  if (error)
    return error;
  error = edgestatic_builder_previous(m->builder, pack, until);
  edgestatic_pack_unref(pack);
  if (m->told_count < VERSIONS_MAX)
    m->told[m->told_count++] = number;
  return error;
}

/* The same of one that leaves nothing behind: for deltas to what its visitors
 * hold, which are made to so many releases. */
static int tell_versions(struct making *m, uint64_t number) {
  bool of_use = !m->builder->policy.site.no_deltas &&
                m->told_count < VERSIONS_MAX && !was_told(m, number);
  return of_use ? tell(m, number, 0) : EDGESTATIC_OK;
}

/* Tells the builder of what the collection showed, the last one first.  What
 * live shows comes second: who releases to a preview and promotes that, has
 * his visitors there. */
static int tell_previous(struct making *m) {
  const edgestatic_release_options *o = m->options;
  const struct state_collection *c = current(m);
  bool own = state_collection(&m->site->state, m->collection) != NULL;
  bool retain = own && (o->retain_releases > 0 || o->retain_seconds > 0);
  int64_t seconds = o->retain_seconds ? o->retain_seconds : RETAIN_SECONDS;
  const struct state_collection *live =
      state_collection(&m->site->state, LIT("live"));
  m->compared = c ? c->release : 0;
  m->told_count = 0;
  if (!c)
    return EDGESTATIC_OK;
  int error = tell(m, c->release, retain ? add_seconds(m->now, seconds) : 0);
  if (!error && live)
    error = tell_versions(m, live->release);
  for (size_t i = 0; !error && i < c->before_count; i++) {
    int64_t until = add_seconds(c->before[i].until, seconds);
    bool counts = o->retain_releases == 0 || i + 1 < o->retain_releases;
    if (retain && counts && until > m->now)
      error = tell(m, c->before[i].release, until);
    else
      error = tell_versions(m, c->before[i].release);
  }
  return error;
}

/* ---- The release ---- */

/* Builds the pack, and comes back with the lock, unless there is an error.
 * What came before is opened under the lock, since another writer may remove
 * it; an open pack stays. */
static int build(struct making *m, edgestatic_pack **pack) {
  edgestatic_site *site = m->site;
  int error = site_lock(site);
  if (error)
    return error;
  error = tell_previous(m);
  site_unlock(site, error);
  if (!error)
    error = builder_finish_in(m->builder, site->folder, pack);
  return error ? error : site_lock(site);
}

/* Once more, for another release came between, and nobody else meanwhile. */
static int rebuild(struct making *m, edgestatic_pack **pack) {
  edgestatic_pack_unref(*pack);
  *pack = NULL;
  int error = tell_previous(m);
  return error ? error : builder_finish_in(m->builder, m->site->folder, pack);
}

static int store(struct making *m, edgestatic_pack *pack, uint64_t *number) {
  edgestatic_site *site = m->site;
  const edgestatic_release_options *o = m->options;
  const edgestatic_store *s = edgestatic_pack_store(pack);
  struct state_release r = {.info = {.time = m->now,
                                     .expires = o->expires,
                                     .note = o->note ? o->note : "",
                                     .files = m->builder->stats.assets,
                                     .retained_until = site_retained_until(s)}};
  struct place place;
  uint64_t made = site->state.next;
  int error = site_place(site, &place, s->section[SECTION_BLOBS].count);
  if (!error)
    error = site_store_pack(site, &place, s, made, &r);
  if (!error)
    error = site_store_data(site, &place);
  site_place_end(&place);
  if (!error)
    error = state_add_release(&site->state, &r);
  if (!error)
    error = state_show(&site->state, m->collection, made, m->now);
  if (error == EDGESTATIC_ERR_LIMIT)
    return report_error(&site->report, error, site->dir, 0,
                        "the store is full: end old releases and collections");
  if (error)
    return error;
  state_collection(&site->state, m->collection)->expires = o->expires;
  error = site_commit(site);
  if (!error && number)
    *number = made;
  return error;
}

static bool options_ok(edgestatic_site *site,
                       const edgestatic_release_options *o, slice collection) {
  const char *wrong = NULL;
  if (o->note && !state_note_ok(slice_of(o->note, strlen(o->note))))
    wrong = "a note is one line of at most 1000 bytes";
  else if ((o->time < 0 && o->time != INT64_MIN) || o->expires < 0 ||
           o->retain_seconds < 0)
    wrong = "a time is before 1970";
  else if (o->expires != 0 && slice_eq(collection, LIT("live")))
    wrong = "live does not expire; name another collection";
  if (wrong)
    report(&site->report, EDGESTATIC_ERROR, site->dir, 0, "%s", wrong);
  return !wrong && site_name_ok(site, collection);
}

int edgestatic_site_release(edgestatic_site *site, edgestatic_builder *builder,
                            const edgestatic_release_options *options,
                            uint64_t *release) {
  const edgestatic_release_options none = EDGESTATIC_RELEASE_OPTIONS_INIT;
  if (!options)
    options = &none;
  const char *name = options->collection ? options->collection : "live";
  struct making m = {.site = site,
                     .builder = builder,
                     .options = options,
                     .collection = slice_of(name, strlen(name)),
                     .now = options->time == INT64_MIN ? (int64_t)time(NULL)
                                                       : options->time};
  if (options->size != sizeof *options ||
      !options_ok(site, options, m.collection))
    return EDGESTATIC_ERR_INPUT;
  edgestatic_pack *pack = NULL;
  size_t before = builder->previous_count;
  int error = build(&m, &pack);
  builder_forget_previous(builder, before);
  if (error) {
    edgestatic_pack_unref(pack);
    return error;
  }
  const struct state_collection *c = current(&m);
  if (m.compared != (c ? c->release : 0)) {
    error = rebuild(&m, &pack);
    builder_forget_previous(builder, before);
  }
  if (!error)
    error = store(&m, pack, release);
  edgestatic_pack_unref(pack);
  return site_unlock(site, error);
}
