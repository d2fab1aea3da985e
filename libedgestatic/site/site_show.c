/* site_show.c - which collection shows which release.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/report.h"
#include "site/store.h"

#include <time.h>

static slice text(const char *s) {
  return slice_of(s, strlen(s));
}

/* A collection by name; NULL: reported. */
static struct state_collection *need(edgestatic_site *site, const char *name) {
  struct state_collection *c = NULL;
  if (site_name_ok(site, text(name))) {
    c = state_collection(&site->state, text(name));
    if (!c)
      report(&site->report, EDGESTATIC_ERROR, site->dir, 0,
             "there is no collection %s", name);
  }
  return c;
}

/* What a preview's release was to end with must not end under a collection
 * that lasts longer. */
static void extend(struct state_release *r, int64_t expires) {
  if (expires == 0 || (r->info.expires != 0 && r->info.expires < expires))
    r->info.expires = expires;
}

static int promote(edgestatic_site *site, const char *from, const char *to) {
  uint64_t number;
  int error = edgestatic_site_find(site, from, &number);
  if (error)
    return error;
  if (!site_name_ok(site, text(to)))
    return EDGESTATIC_ERR_INPUT;
  error = state_show(&site->state, text(to), number, (int64_t)time(NULL));
  if (error == EDGESTATIC_ERR_LIMIT)
    return report_error(&site->report, error, site->dir, 0,
                        "a store has at most %d collections",
                        STATE_COLLECTIONS_MAX);
  if (error)
    return error;
  extend(state_release(&site->state, number),
         state_collection(&site->state, text(to))->expires);
  return site_commit(site);
}

int edgestatic_site_promote(edgestatic_site *site, const char *from,
                            const char *to) {
  int error = site_lock(site);
  return error ? error : site_unlock(site, promote(site, from, to));
}

static int rollback(edgestatic_site *site, const char *name,
                    uint64_t *release) {
  struct state_collection *c = need(site, name);
  if (!c)
    return EDGESTATIC_ERR_INPUT;
  if (c->before_count == 0)
    return report_error(&site->report, EDGESTATIC_ERR_INPUT, site->dir, 0,
                        "%s has shown no other release that is still here",
                        name);
  c->release = c->before[0].release;
  c->before_count--;
  memmove(c->before, c->before + 1, c->before_count * sizeof c->before[0]);
  if (release)
    *release = c->release;
  return site_commit(site);
}

int edgestatic_site_rollback(edgestatic_site *site, const char *collection,
                             uint64_t *release) {
  int error = site_lock(site);
  return error ? error : site_unlock(site, rollback(site, collection, release));
}

static int remove_collection(edgestatic_site *site, const char *name) {
  if (!need(site, name))
    return EDGESTATIC_ERR_INPUT;
  state_remove_collection(&site->state, text(name));
  return site_commit(site);
}

int edgestatic_site_remove(edgestatic_site *site, const char *collection) {
  int error = site_lock(site);
  return error ? error : site_unlock(site, remove_collection(site, collection));
}
