/* site_gc.c - the bodies that releases use, into a data file of their own.
 *
 * The old one is unlinked: whoever has it open or mapped, keeps it.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "core/pack.h"
#include "site/siteio.h"
#include "site/store.h"

#include <unistd.h>

/* Places the bodies of all releases, and, where the place has a file, writes
 * the indexes too. */
static int place_all(edgestatic_site *site, struct place *place) {
  int error = EDGESTATIC_OK;
  for (size_t i = 0; !error && i < site->state.releases; i++) {
    struct state_release *r = &site->state.release[i], made = *r;
    struct place_index index;
    edgestatic_pack *pack;
    error = site_need_pack(site, r, &pack);
    if (error)
      break;
    const edgestatic_store *s = edgestatic_pack_store(pack);
    if (place->data >= 0)
      error = site_store_pack(site, place, s, r->info.number, &made);
    else {
      error = place_pack(place, s, place_shift(r->index), &index);
      if (error)
        site_failed(site, error,
                    site_release_name(r->info.number, r->file).text, 0);
      else
        place_index_free(&index);
    }
    edgestatic_pack_unref(pack);
  }
  return error;
}

/* How long the data file would be. */
static int measure(edgestatic_site *site, uint64_t *size) {
  struct place place = {.data = -1};
  int error = place_init(&place, site->state.data_blobs);
  if (error)
    site_failed(site, error, "state", 0);
  else
    error = place_all(site, &place);
  *size = place.end;
  place_free(&place);
  return error;
}

/* Copies what is used. */
static int compact(edgestatic_site *site) {
  struct state *s = &site->state;
  struct place place = {.data = -1};
  uint64_t file = s->generation + 1;
  struct site_name name = site_data_name(file);
  int error = place_init(&place, s->data_blobs);
  if (error)
    return site_failed(site, error, "state", 0);
  int reason = siteio_create(site->folder, name.text, &place.data);
  if (reason)
    error = site_failed(site, EDGESTATIC_ERR_IO, name.text, reason);
  if (!error)
    error = place_all(site, &place);
  if (!error)
    error = site_store_data(site, &place);
  if (place.data >= 0)
    close(place.data);
  place_free(&place);
  if (error)
    return error;
  s->data = file;
  for (size_t i = 0; i < s->releases; i++)
    s->release[i].file = file;
  return site_commit(site);
}

static int collect(edgestatic_site *site, bool dry_run,
                   edgestatic_site_report *report) {
  uint64_t size;
  report->before = report->after = site_bytes(&site->state);
  int error = measure(site, &size);
  bool less = !error && size < site->state.data_size;
  if (less)
    report->after -= site->state.data_size - size;
  if (!error && !dry_run) {
    site_sweep(site);
    if (less)
      error = compact(site);
  }
  return error;
}

int edgestatic_site_gc(edgestatic_site *site, int dry_run,
                       edgestatic_site_report *report) {
  edgestatic_site_report unused;
  if (!report)
    report = &unused;
  *report = (edgestatic_site_report){0};
  int error = site_lock(site);
  return error ? error : site_unlock(site, collect(site, dry_run != 0, report));
}
