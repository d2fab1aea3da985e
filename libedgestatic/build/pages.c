/* pages.c - see pages.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/pages.h"

#include "build/csp.h"
#include "build/mime.h"
#include "build/pagelink.h"
#include "build/preload.h"
#include "build/report.h"
#include "build/sri.h"

#include <stdlib.h>

enum gather_pages pages_wanted(const struct policy *policy) {
  if (!html_supported())
    return GATHER_NO_PAGES;
  if (policy->site.csp || policy->site.preload)
    return GATHER_PAGES;
  return policy->site.no_sri ? GATHER_NO_PAGES : GATHER_INTEGRITY;
}

/* What was read in a file, or NULL. */
static const struct html_page *page_of(const struct pages *pages, size_t file) {
  const struct gather *g = pages->gather;
  if (g->item[file].pack || !mime_is_page(g->file[file].type))
    return NULL;
  return atomic_load(&g->content[g->file[file].content].page);
}

/* ---- Paths of the site ---- */

static int path_order(const void *a, const void *b) {
  const struct pages_path *x = a, *y = b;
  size_t both = x->path.len < y->path.len ? x->path.len : y->path.len;
  int order = memcmp(x->path.base, y->path.base, both);
  return order != 0 ? order
                    : (x->path.len > y->path.len) - (x->path.len < y->path.len);
}

static const struct pages_path *find(const struct pages *pages, slice path) {
  const struct pages_path key = {path, 0};
  return bsearch(&key, pages->path, pages->count, sizeof key, path_order);
}

static bool exists(const void *ctx, slice path) {
  return find(ctx, path) != NULL;
}

static int index_paths(struct pages *pages) {
  const struct urls *urls = pages->urls;
  pages->path = mem_new(&pages->gather->options->allocator, urls->count + 1,
                        sizeof *pages->path);
  if (!pages->path)
    return EDGESTATIC_ERR_MEMORY;
  for (size_t i = 0; i < urls->count; i++)
    pages->path[i] =
        (struct pages_path){urls->entry[i].path, urls->entry[i].file};
  pages->count = urls->count;
  qsort(pages->path, pages->count, sizeof *pages->path, path_order);
  return EDGESTATIC_OK;
}

/* ---- Subresource Integrity ---- */

#ifdef HAVE_HTML

static struct sri_digests *digests_of(struct pages *pages, uint32_t content) {
  const edgestatic_allocator *allocator = &pages->gather->options->allocator;
  struct sri_digests **d = &pages->digests[content];
  if (!*d) {
    *d = mem_new(allocator, 1, sizeof **d);
    if (*d)
      (*d)->made = 0;
  }
  return *d;
}

/* Holds one attribute against the file it is for. */
static int check_resource(struct pages *pages, const char *name,
                          const struct html_resource *r, size_t file) {
  struct gather *g = pages->gather;
  const edgestatic_builder_options *options = g->options;
  uint32_t content = g->file[file].content;
  uint64_t source = gather_source(content, EDGESTATIC_CODING_IDENTITY);
  struct sri_digests *digests = digests_of(pages, content);
  if (!digests)
    return EDGESTATIC_ERR_MEMORY;
  struct gather_bytes got = gather_load(g, 0, source);
  if (got.error)
    return gather_report(g, source, got.error, got.reason);
  slice wanted, actual, bytes = slice_of(got.bytes, (size_t)got.size);
  slice path = g->item[file].path;
  switch (sri_check(r->integrity, bytes, digests, &wanted, &actual)) {
  case SRI_WRONG:
    report_at(options, EDGESTATIC_ERROR, name, r->place.line, r->place.column,
              "browsers will refuse %.*s: its integrity attribute is %.*s, "
              "but the file has %.*s; correct the attribute, or give --no-sri",
              (int)path.len, path.base, (int)wanted.len, wanted.base,
              (int)actual.len, actual.base);
    return EDGESTATIC_ERR_INPUT;
  case SRI_UNKNOWN:
    report_at(options, EDGESTATIC_WARNING, name, r->place.line, r->place.column,
              "the integrity attribute of %.*s has no hash that browsers know "
              "(sha256, sha384 or sha512), so it protects nothing",
              (int)path.len, path.base);
    return EDGESTATIC_OK;
  case SRI_MALFORMED:
    report_at(options, EDGESTATIC_WARNING, name, r->place.line, r->place.column,
              "the integrity attribute of %.*s has a hash of a wrong length "
              "or with other characters than those of base64",
              (int)path.len, path.base);
    return EDGESTATIC_OK;
  default:
    return EDGESTATIC_OK;
  }
}

/* All of a page are told before the build fails. */
static int check_integrity(struct pages *pages, const struct html_page *page,
                           const char *name, slice location) {
  int result = EDGESTATIC_OK;
  struct pagelink link;
  for (size_t i = 0; i < page->resources; i++) {
    const struct html_resource *r = &page->resource[i];
    if (r->integrity.len == 0 || r->kind == HTML_PRECONNECT ||
        !pagelink_resolve(&link, location, page->base, r->url))
      continue;
    const struct pages_path *target = find(pages, link.path);
    if (!target || pages->gather->item[target->file].pack)
      continue;
    int error = check_resource(pages, name, r, target->file);
    if (error && error != EDGESTATIC_ERR_INPUT)
      return error;
    if (error)
      result = error;
  }
  return result;
}

#else

static int check_integrity(struct pages *pages, const struct html_page *page,
                           const char *name, slice location) {
  (void)pages;
  (void)page;
  (void)name;
  (void)location;
  return EDGESTATIC_OK;
}

#endif

/* ---- What is told of a page ---- */

static void tell_fault(const struct pages *pages, const struct html_page *page,
                       const char *name) {
  const char *why = page->fault == HTML_TOO_LARGE
                        ? "it is larger than 4 MiB"
                        : "its tags are nested or repeated too much";
  if (pages->policy->site.csp)
    report(pages->gather->options, EDGESTATIC_WARNING, name, 0,
           "the page is not read, because %s: its Content-Security-Policy has "
           "no hashes of inline scripts and styles",
           why);
  else
    report(pages->gather->options, EDGESTATIC_NOTE, name, 0,
           "the page is not read for links and integrity attributes, because "
           "%s",
           why);
}

/* What the policy disables in it. */
static void tell_attributes(const struct pages *pages,
                            const struct html_page *page, const char *name) {
  const edgestatic_builder_options *options = pages->gather->options;
  slice policy = csp_policy(pages->policy->site.csp);
  bool refused[2] = {csp_refuses_attributes(policy, false),
                     csp_refuses_attributes(policy, true)};
  unsigned told = 0, more = 0;
  for (size_t i = 0; i < page->attributes; i++) {
    const struct html_attribute *a = &page->attribute[i];
    if (!refused[slice_eq(a->name, LIT("style"))])
      continue;
    if (told == PAGES_TOLD_MAX) {
      more++;
      continue;
    }
    told++;
    report_at(options, EDGESTATIC_WARNING, name, a->place.line, a->place.column,
              "the Content-Security-Policy disables this %.*s attribute: move "
              "it to a script or a style sheet (a hash of it would need "
              "'unsafe-hashes' too)",
              (int)a->name.len, a->name.base);
  }
  if (more > 0)
    report(options, EDGESTATIC_WARNING, name, 0,
           "the Content-Security-Policy disables %u more attributes", more);
  if (!page->utf8 && page->scripts.count + page->styles.count > 0)
    report(options, EDGESTATIC_WARNING, name, 0,
           "the page is not in UTF-8, so the hashes of its inline scripts and "
           "styles may be wrong; convert it");
}

static int check_page(struct pages *pages, const struct html_page *page,
                      const struct urls_entry *entry) {
  const char *name = pages->gather->item[entry->file].path.base;
  if (page->fault != HTML_READ) {
    tell_fault(pages, page, name);
    return EDGESTATIC_OK;
  }
  if (pages->policy->site.csp)
    tell_attributes(pages, page, name);
  if (pages->policy->site.no_sri)
    return EDGESTATIC_OK;
  return check_integrity(pages, page, name, entry->location);
}

int pages_open(struct pages *pages, struct gather *g,
               const struct policy *policy, const struct urls *urls) {
  int result = EDGESTATIC_OK;
  *pages = (struct pages){.gather = g, .policy = policy, .urls = urls};
  if (pages_wanted(policy) == GATHER_NO_PAGES)
    return EDGESTATIC_OK;
  size_t room = (size_t)g->contents.count + 1;
  pages->digests = mem_new(&g->options->allocator, room, sizeof(void *));
  for (size_t i = 0; pages->digests && i < room; i++)
    pages->digests[i] = NULL;
  if (!pages->digests || index_paths(pages))
    return EDGESTATIC_ERR_MEMORY;
  for (size_t i = 0; i < urls->count; i++) {
    const struct urls_entry *entry = &urls->entry[i];
    const struct html_page *page =
        entry->main ? page_of(pages, entry->file) : NULL;
    int error = page ? check_page(pages, page, entry) : EDGESTATIC_OK;
    if (error && error != EDGESTATIC_ERR_INPUT)
      return error;
    if (error)
      result = error;
  }
  return result;
}

/* ---- Fields ---- */

static int add_csp(const struct pages *pages, const struct html_page *page,
                   struct fieldlist *list, const struct fields_subject *s) {
  slice value;
  int error = csp_value(csp_policy(pages->policy->site.csp), page,
                        &list->strings, &value);
  if (error == EDGESTATIC_ERR_LIMIT)
    return report_error(pages->gather->options, EDGESTATIC_ERR_INPUT,
                        s->item->path.base, 0,
                        "its inline scripts and styles are so many that their "
                        "hashes do not fit a header field (%d bytes): move "
                        "them to files",
                        CSP_VALUE_MAX);
  if (error)
    return error;
  fieldlist_set(list, LIT("Content-Security-Policy"), value, LIT("--csp"),
                FIELDLIST_KEPT);
  return EDGESTATIC_OK;
}

/* Not on error pages: what they need is not worth a hint on each miss. */
static int add_link(const struct pages *pages, const struct html_page *page,
                    struct fieldlist *list, const struct fields_subject *s) {
  slice value;
  const struct preload preload = {.page = page,
                                  .location = s->location,
                                  .anywhere = s->role == FIELDS_FALLBACK,
                                  .exists = exists,
                                  .ctx = pages};
  int error = preload_value(&preload, &list->strings, &value);
  if (!error && value.len > 0)
    fieldlist_add(list, LIT("Link"), value, LIT("--preload"), FIELDLIST_KEPT);
  return error;
}

int pages_fields(const struct pages *pages, struct fieldlist *list,
                 const struct fields_subject *s) {
  int error = EDGESTATIC_OK;
  if (!pages || !pages->path || !mime_is_page(s->type))
    return EDGESTATIC_OK;
  const struct gather *g = pages->gather;
  const struct html_page *page = page_of(pages, (size_t)(s->item - g->item));
  if (pages->policy->site.csp)
    error = add_csp(pages, page, list, s);
  if (!error && page && pages->policy->site.preload &&
      s->role != FIELDS_ERROR_PAGE)
    error = add_link(pages, page, list, s);
  return error;
}

void pages_free(struct pages *pages) {
  if (!pages->gather)
    return;
  const edgestatic_allocator *allocator = &pages->gather->options->allocator;
  size_t room = (size_t)pages->gather->contents.count + 1;
  for (size_t i = 0; pages->digests && i < room; i++)
    mem_free(allocator, pages->digests[i], sizeof **pages->digests);
  mem_free(allocator, pages->digests, room * sizeof(void *));
  mem_free(allocator, pages->path,
           (pages->urls->count + 1) * sizeof *pages->path);
}
