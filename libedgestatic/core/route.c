/* route.c - from a target to what is there.
 *
 * Rulings:
 * - A path names an asset, or a redirect, or nothing.  Of a page each other
 *   spelling (with or without ".html", "/index" and a last slash) redirects to
 *   the one where it is served, so that it has one URL; the builder has
 *   decided which.  Where two pages differ by their slash alone, the one whose
 *   form is nearer to the request is meant.
 * - Empty segments ("//x") are part of a path (RFC 3986 section 3.3), and a
 *   path with them names nothing.  If it would without them, it redirects
 *   there: such links are slips of the pen.
 * - Location is always a string of the pack, never made of the request's
 *   path: it cannot lead to another site because of a request.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/route.h"
#include "core/coding.h"
#include "core/fingerprint.h"
#include "core/list.h"

static const struct route nothing = {
    EDGESTATIC_ROUTE_NONE, 404, EDGESTATIC_NONE, {NULL, 0}};

static struct route redirect_to(const edgestatic_store *store,
                                const pack_entry *e, int kind, int status) {
  return (struct route){
      kind, status, e->kind == ENTRY_ASSET ? get32(e->asset) : EDGESTATIC_NONE,
      pack_string(store, e->location)};
}

/* The page at a stem, with or without a slash behind it; NULL: there is none.
 * The stem lies in a buffer with room for the slash. */
static const pack_entry *find_page(const edgestatic_store *store,
                                   const pack_collection *site, char *path,
                                   size_t stem, bool slash, unsigned flags) {
  if (slash)
    path[stem] = '/';
  uint32_t i =
      pack_find(store, &site->paths, slice_of(path, stem + (slash ? 1 : 0)));
  if (i == EDGESTATIC_NONE)
    return NULL;
  const pack_entry *e = pack_entry_at(store, i);
  return e->kind == ENTRY_ASSET && (e->flags & flags) != 0 ? e : NULL;
}

/* The page that a path is another spelling of, or NULL. */
static const pack_entry *other_spelling(const edgestatic_store *store,
                                        const pack_collection *site,
                                        slice path) {
  char buffer[EDGESTATIC_PATH_MAX + 1];
  size_t stem = path.len;
  const pack_entry *e;

  memcpy(buffer, path.base, path.len);
  if (slice_ends(path, LIT("/index.html")))
    stem -= sizeof "/index.html" - 1;
  else if (slice_ends(path, LIT("/index")))
    stem -= sizeof "/index" - 1;
  if (stem < path.len) {
    e = find_page(store, site, buffer, stem, true, ENTRY_PAGE);
    return e != NULL ? e
                     : find_page(store, site, buffer, stem, false, ENTRY_PAGE);
  }
  if (slice_ends(path, LIT(".html"))) {
    stem -= sizeof ".html" - 1;
    if (buffer[stem - 1] == '/')
      return NULL; /* "/x/.html" */
    e = find_page(store, site, buffer, stem, false, ENTRY_PAGE);
    return e != NULL ? e
                     : find_page(store, site, buffer, stem, true, ENTRY_PAGE);
  }
  if (buffer[stem - 1] == '/')
    return find_page(store, site, buffer, stem - 1, false, ENTRY_PAGE);
  return find_page(store, site, buffer, stem, true, ENTRY_PAGE | ENTRY_FOLDER);
}

static struct route find(const edgestatic_store *store,
                         const pack_collection *site, slice path) {
  uint32_t i = pack_find(store, &site->paths, path);
  if (i != EDGESTATIC_NONE) {
    const pack_entry *e = pack_entry_at(store, i);
    if (e->kind == ENTRY_REDIRECT)
      return redirect_to(store, e, EDGESTATIC_ROUTE_REDIRECT, get16(e->status));
    return (struct route){EDGESTATIC_ROUTE_ASSET, 200, get32(e->asset),
                          pack_string(store, e->location)};
  }
  const pack_entry *page = other_spelling(store, site, path);
  if (page == NULL)
    return nothing;
  return redirect_to(store, page, EDGESTATIC_ROUTE_CANONICAL,
                     get16(site->canonical_status));
}

struct route route_path(const edgestatic_store *store, const struct target *t) {
  const pack_collection *site = pack_collection_of(store);
  if (site == NULL || t->unmatchable)
    return nothing;
  if (!t->empty_segments)
    return find(store, site, t->path);

  char buffer[EDGESTATIC_PATH_MAX];
  size_t len = 0;
  for (size_t i = 0; i < t->path.len; i++)
    if (t->path.base[i] != '/' || len == 0 || buffer[len - 1] != '/')
      buffer[len++] = t->path.base[i];
  struct route r = find(store, site, slice_of(buffer, len));
  if (r.kind == EDGESTATIC_ROUTE_ASSET) {
    r.kind = EDGESTATIC_ROUTE_CANONICAL;
    r.status = get16(site->canonical_status);
  }
  return r;
}

/* The nearest error page: of the folder of the path, then of those above. */
static struct route error_page(const edgestatic_store *store,
                               const pack_collection *site, slice path) {
  uint32_t depth = get32(site->error_page_depth);
  size_t len = 0; /* of a folder that may have one, with its slash */
  for (size_t i = 0; i < path.len && depth > 0; i++)
    if (path.base[i] == '/') {
      len = i + 1;
      depth--;
    }
  while (len > 0) {
    uint32_t i = pack_find(store, &site->error_pages, slice_of(path.base, len));
    if (i != EDGESTATIC_NONE && pack_entry_at(store, i)->kind == ENTRY_ASSET)
      return (struct route){EDGESTATIC_ROUTE_NOT_FOUND_PAGE,
                            404,
                            get32(pack_entry_at(store, i)->asset),
                            {NULL, 0}};
    do
      len--;
    while (len > 0 && path.base[len - 1] != '/');
  }
  return nothing;
}

/* Whether an Accept value asks for HTML by name, as browsers do when they
 * navigate and scripts do not.  limit: a comma in a quoted parameter counts. */
static bool accepts_html(slice accept) {
  slice range, type, parameter;
  while (list_next(&accept, &range)) {
    slice_cut(range, ';', &type, &range);
    if (!slice_eq_nocase(slice_trim(type), LIT("text/html")))
      continue;
    int weight = 1000;
    while (range.len > 0) {
      slice_cut(range, ';', &parameter, &range);
      int w = weight_parse(parameter);
      if (w >= 0)
        weight = w;
    }
    return weight > 0;
  }
  return false;
}

/* Whether a request wants a document to show, rather than a script, a style or
 * data: Fetch Metadata says it; without it (older browsers, plain http), an
 * Accept that names HTML for a path without a file name extension. */
static bool is_navigation(const edgestatic_request *request, slice last) {
  slice mode = request->field[EDGESTATIC_FIELD_SEC_FETCH_MODE];
  slice dest = request->field[EDGESTATIC_FIELD_SEC_FETCH_DEST];
  if (mode.base != NULL || dest.base != NULL)
    return slice_eq(mode, LIT("navigate")) || slice_eq(dest, LIT("document")) ||
           slice_eq(dest, LIT("iframe")) || slice_eq(dest, LIT("frame"));
  for (size_t i = 0; i < last.len; i++)
    if (last.base[i] == '.')
      return false;
  return accepts_html(request->field[EDGESTATIC_FIELD_ACCEPT]);
}

struct route route_missing(const edgestatic_store *store,
                           const struct target *t,
                           const edgestatic_request *request) {
  const pack_collection *site = pack_collection_of(store);
  if (site == NULL)
    return nothing;
  size_t begin = t->path.len;
  while (t->path.base[begin - 1] != '/')
    begin--;
  slice last = slice_skip(t->path, begin);
  uint32_t fallback = get32(site->fallback);
  /* A stale page that asks for a script of the last release must be told that
   * it is gone, not be given HTML to run. */
  if (fallback != 0 && !t->unmatchable && is_navigation(request, last) &&
      !fingerprint_in_name(last))
    return (struct route){
        EDGESTATIC_ROUTE_FALLBACK, 200, fallback - 1, {NULL, 0}};
  return error_page(store, site, t->path);
}
