/* site_expire.c - what is past its time goes.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "core/pack.h"
#include "site/store.h"

#include <stdlib.h>

static bool is_past(int64_t time, int64_t now) {
  return time != 0 && time <= now;
}

static void end_collections(struct state *s, int64_t now,
                            edgestatic_site_report *report) {
  for (size_t i = s->collections; i > 0; i--)
    if (is_past(s->collection[i - 1].expires, now)) {
      const char *name = s->collection[i - 1].name;
      state_remove_collection(s, slice_of(name, strlen(name)));
      report->collections++;
    }
}

static bool is_shown(const struct state *s, uint64_t number) {
  for (size_t i = 0; i < s->collections; i++)
    if (s->collection[i].release == number)
      return true;
  return false;
}

static void end_releases(struct state *s, int64_t now, uint32_t keep,
                         edgestatic_site_report *report) {
  uint32_t kept = 0;
  for (size_t i = s->releases; i > 0; i--) {
    const edgestatic_release *r = &s->release[i - 1].info;
    if (is_shown(s, r->number))
      continue;
    if (is_past(r->expires, now) || (keep != UINT32_MAX && kept >= keep)) {
      state_remove_release(s, r->number);
      report->releases++;
    } else
      kept++;
  }
}

/* ---- Releases without what they had kept ---- */

/* The same release, built from itself; *pack. */
static int rebuild(edgestatic_site *site, const struct state_release *r,
                   int64_t now, struct state_release *next,
                   edgestatic_pack **pack) {
  edgestatic_pack *whole;
  edgestatic_builder *builder;
  int error = site_need_pack(site, r, &whole);
  if (error)
    return error;
  error = edgestatic_builder_new(&builder, &site->report);
  if (!error) {
    error = edgestatic_builder_add_pack(builder, whole, now);
    if (!error)
      error = builder_finish_in(builder, site->folder, pack);
    next->info.files = builder->stats.assets;
    edgestatic_builder_free(builder);
  }
  edgestatic_pack_unref(whole);
  return error;
}

static int rewrite(edgestatic_site *site, struct place *place,
                   struct state_release *r, int64_t now) {
  edgestatic_pack *pack = NULL;
  struct state_release next = *r;
  int error = rebuild(site, r, now, &next, &pack);
  if (error)
    return error;
  const edgestatic_store *s = edgestatic_pack_store(pack);
  error = site_store_pack(site, place, s, r->info.number, &next);
  /* What was new in it stays what it was. */
  next.info.new_bytes =
      r->info.new_bytes < next.info.bytes ? r->info.new_bytes : next.info.bytes;
  next.info.retained_until = site_retained_until(s);
  if (!error)
    *r = next;
  edgestatic_pack_unref(pack);
  return error;
}

/* All that are to be rewritten. */
static int end_retained(edgestatic_site *site, int64_t now,
                        edgestatic_site_report *report) {
  struct state *s = &site->state;
  struct place place;
  size_t first = 0;
  while (first < s->releases &&
         !is_past(s->release[first].info.retained_until, now))
    first++;
  if (first == s->releases)
    return EDGESTATIC_OK;
  /* Every body is there already, and damage may make it another one. */
  int error = site_place(site, &place, s->data_blobs);
  for (size_t i = first; !error && i < s->releases; i++)
    if (is_past(s->release[i].info.retained_until, now)) {
      error = rewrite(site, &place, &s->release[i], now);
      report->rewritten++;
    }
  if (!error)
    error = site_store_data(site, &place);
  site_place_end(&place);
  return error;
}

static int expire(edgestatic_site *site, int64_t now, uint32_t keep,
                  edgestatic_site_report *report) {
  report->before = site_bytes(&site->state);
  end_collections(&site->state, now, report);
  end_releases(&site->state, now, keep, report);
  int error = end_retained(site, now, report);
  report->after = site_bytes(&site->state);
  if (!error && report->collections + report->releases + report->rewritten > 0)
    error = site_commit(site);
  return error;
}

int edgestatic_site_expire(edgestatic_site *site, int64_t now, uint32_t keep,
                           edgestatic_site_report *report) {
  edgestatic_site_report unused;
  if (!report)
    report = &unused;
  *report = (edgestatic_site_report){0};
  int error = site_lock(site);
  return error ? error : site_unlock(site, expire(site, now, keep, report));
}
