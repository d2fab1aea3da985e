/* deltas_find.c - what clients may hold of each file of a site.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/deltas_find.h"

/* A client that was sent a delta holds its tag, and goes on with it only as
 * long as it is acceptable (core/respond.c): when it asks again it holds this
 * very version, so there is a delta to that, too: some 60 bytes, against the
 * whole of it once more.  It stays while the file does: with the last release
 * of it, all who came by a delta would lose their tags.  What has a hash in its
 * name is not asked for again. */
static int find_of(struct deltas *d, const struct policy *policy,
                   const struct versions *versions, size_t item, slice path) {
  const struct gather *g = d->gather;
  const struct gather_item *it = &g->item[item];
  const struct gather_file *file = &g->file[item];
  const struct blob *blob = &g->contents.blob[file->content];
  const struct version *found[VERSIONS_MAX];
  int error = EDGESTATIC_OK;
  bool again;
  slice hash = versions_hash(&policy->evidence, file->type, path, it->path);
  size_t count = versions_find(versions, path, hash, blob->size, blob->hash,
                               found, &again);
  for (size_t i = 0; !error && i < count; i++)
    error = deltas_add(d, file->content, found[i]->bytes, found[i]->path);
  if (!error && (count > 0 || again) && !hash.base)
    error = deltas_add_self(d, file->content, again, path);
  return error;
}

int deltas_find(struct deltas *d, const struct policy *policy,
                const struct versions *versions, const struct urls *urls) {
  int error = EDGESTATIC_OK;
  for (size_t e = 0; !error && e < urls->count; e++)
    if (urls->entry[e].main && !d->gather->item[urls->entry[e].file].pack)
      error = find_of(d, policy, versions, urls->entry[e].file,
                      urls->entry[e].path);
  return error;
}
