/* sitedict_use.c - see sitedict_use.h.
 *
 * Rulings:
 * - It is for documents and frames alone (match-dest, RFC 9842 section 2.1.2):
 *   what else is below "/" is not compressed with it, and need not name it in
 *   each request.  A dictionary with match-dest goes before those without it
 *   (section 2.2.3), so who holds it gets pages by it, and not by an earlier
 *   version of the page.
 * - Pages announce it by Link (section 3).  Error pages do, too: they are
 *   pages, and a visitor goes on from there.  A 304 repeats it as it repeats
 *   other links that are set here (RFC 9110 section 15.4.5).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/sitedict_use.h"

#include "build/mime.h"
#include "build/report.h"

#include <stdio.h>

static bool is_page(const struct gather *g, size_t i) {
  return !g->item[i].pack && mime_is_page(g->file[i].type);
}

static slice text_of(const char *text) {
  return slice_of(text, strlen(text));
}

int sitedict_deltas(const struct sitedict *d, struct deltas *to) {
  const struct gather *g = to->gather;
  int error = EDGESTATIC_OK;
  for (size_t i = 0; !error && d->bytes.base && i < g->count; i++) {
    if (!is_page(g, i))
      continue;
    error = deltas_add_shared(to, g->file[i].content, d->bytes, d->sha256,
                              text_of(d->name));
    if (!error && d->earlier.base)
      error = deltas_add_shared(to, g->file[i].content, d->earlier,
                                d->earlier_sha256, text_of(d->earlier_name));
  }
  return error;
}

void sitedict_tell(const struct sitedict *d, const struct deltas *deltas) {
  const struct gather *g = deltas->gather;
  unsigned long long pages = 0, plain = 0, small = 0;
  if (!d->bytes.base)
    return;
  for (size_t i = 0; i < g->count; i++) {
    uint32_t number[DELTAS_MAX];
    if (!is_page(g, i))
      continue;
    const struct gather_file *file = &g->file[i];
    const struct gather_content *content = &g->content[file->content];
    uint64_t least = content->count > 0 ? content->kept[0].size
                                        : g->contents.blob[file->content].size;
    size_t count = deltas_of(deltas, file->content, number);
    pages++;
    plain += least;
    for (size_t k = 0; k < count; k++) {
      const struct deltas_one *one = &deltas->one[number[k]];
      if (memcmp(one->sha256, d->sha256, DIGEST_SIZE) == 0 &&
          one->kept.size < least)
        least = one->kept.size;
    }
    small += least;
  }
  unsigned long long saved = (plain - small) / pages;
  report(g->options, EDGESTATIC_NOTE, NULL, 0,
         "site dictionary: %llu pages take %llu bytes with it and %llu "
         "without; its own %llu are saved again after %llu pages",
         pages, small, plain, (unsigned long long)d->cost,
         saved > 0 ? (d->cost + saved - 1) / saved : pages);
}

void sitedict_fields(const struct sitedict *d, struct fieldlist *list,
                     const struct fields_subject *s) {
  static const slice origin = EDGESTATIC_LITERAL("--site-dictionary");
  char link[SITEDICT_NAME_MAX + 40];
  if (!d || !d->bytes.base)
    return;
  if (mime_is_page(s->type)) {
    int len = snprintf(link, sizeof link,
                       "</%s>; rel=\"compression-dictionary\"", d->name);
    fieldlist_merge(list, LIT("Link"),
                    fieldlist_copy(list, slice_of(link, (size_t)len)), origin,
                    FIELDLIST_KEPT);
  } else if (s->role == FIELDS_FILE &&
             slice_eq(s->item->path, text_of(d->name)))
    fieldlist_add(list, LIT("Use-As-Dictionary"),
                  LIT("match=\"/*\", match-dest=(\"document\" \"frame\")"),
                  origin, 0);
}
