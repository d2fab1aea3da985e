/* policy_fields.c - see policy_fields.h.
 *
 * All of it is kept on a 304, so that a cache's copy follows the policy (RFC
 * 9110 section 15.4.5).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/policy_fields.h"

#include "build/cachetags.h"
#include "build/mime.h"
#include "build/origins.h"

/* ---- Caches ---- */

static void add_rule(struct fieldlist *list, const struct policy *policy,
                     const struct fields_subject *s, int kind, slice name) {
  struct policy_answer rule = policy_rule_for(policy, kind, s->item->path);
  if (rule.value.base)
    fieldlist_add(list, name, rule.value, rule.origin, FIELDLIST_KEPT);
}

static void add_tags(struct fieldlist *list, const struct policy *policy,
                     const struct fields_subject *s) {
  bool comma = policy->site.cache_tags == EDGESTATIC_TAGS_CACHE_TAG;
  char value[CACHETAGS_VALUE_MAX];
  slice tags = cachetags_write(value, comma ? LIT(",") : LIT(" "), s->type,
                               s->hash, s->location);
  fieldlist_add(list, comma ? LIT("Cache-Tag") : LIT("Surrogate-Key"),
                fieldlist_copy(list, tags), LIT("--cache-tags"),
                FIELDLIST_KEPT);
}

/* An error page is not stored, so neither a CDN's rule nor a tag is for it. */
static void add_caches(struct fieldlist *list, const struct policy *policy,
                       const struct fields_subject *s) {
  bool error_page = s->role == FIELDS_ERROR_PAGE;
  struct policy_answer cache = {s->item->cache_control, LIT("asset options")};
  if (error_page || !cache.value.base)
    cache = policy_cache(policy, s->item->path, s->type, error_page);
  fieldlist_add(list, LIT("Cache-Control"), cache.value, cache.origin,
                FIELDLIST_KEPT);
  if (error_page)
    return;
  add_rule(list, policy, s, EDGESTATIC_RULE_CDN, LIT("CDN-Cache-Control"));
  add_rule(list, policy, s, EDGESTATIC_RULE_SURROGATE,
           LIT("Surrogate-Control"));
  if (policy->site.cache_tags != EDGESTATIC_TAGS_NONE)
    add_tags(list, policy, s);
}

/* ---- Presets ---- */

struct preset {
  slice name, value;
};

#define PRESET(name, value)                                                    \
  { EDGESTATIC_LITERAL(name), EDGESTATIC_LITERAL(value) }

static slice essence(slice type) {
  size_t i = 0;
  while (i < type.len && type.base[i] != ';')
    i++;
  return slice_trim(slice_of(type.base, i));
}

/* What a browser shows as a document of its own, in which scripts can run or
 * which a frame of another site could hold. */
static bool is_document(slice type) {
  slice e = essence(type);
  return mime_is_page(type) || slice_eq_nocase(e, LIT("image/svg+xml")) ||
         slice_eq_nocase(e, LIT("application/xml")) ||
         slice_eq_nocase(e, LIT("text/xml")) ||
         slice_eq_nocase(e, LIT("application/pdf"));
}

static bool is_script(slice type) {
  slice e = essence(type);
  return slice_eq_nocase(e, LIT("text/javascript")) ||
         slice_eq_nocase(e, LIT("application/javascript"));
}

static void add_presets(struct fieldlist *list, const struct preset *preset,
                        size_t count, slice origin) {
  for (size_t i = 0; i < count; i++)
    fieldlist_set(list, preset[i].name, preset[i].value, origin,
                  FIELDLIST_KEPT);
}

#define ADD_PRESETS(list, presets, origin)                                     \
  add_presets((list), (presets), sizeof(presets) / sizeof *(presets), (origin))

/* What few sites miss and many attacks need.
 * - Referrer-Policy: other sites learn the origin and not the page.  What new
 *   browsers do by themselves, said for the others.
 * - X-Frame-Options: no other site shows the page in a frame, to have clicks
 *   made on it.  frame-ancestors of a CSP, where there is one, goes before it
 *   (CSP 3 section 6.4.2.1).
 * - Permissions-Policy: neither the page nor what it embeds asks for these
 *   three; a site that wants one says so in _headers.
 * - Cross-Origin-Opener-Policy: a page that opened this one has no hold on it;
 *   windows that this one opens (for a login, for a payment) go on working.
 * Left out: X-XSS-Protection, which browsers dropped because it was itself a
 * hole, and whatever depends on the site: that is what --csp is for. */
static const struct preset of_documents[] = {
    PRESET("Referrer-Policy", "strict-origin-when-cross-origin"),
    PRESET("X-Frame-Options", "SAMEORIGIN"),
    PRESET("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    PRESET("Cross-Origin-Opener-Policy", "same-origin-allow-popups")};

/* For a year, and for this host alone: whether hosts below it have TLS is not
 * known here, and a preload list is hard to leave.  Never over plain HTTP (RFC
 * 6797 section 7.2). */
#define HSTS "max-age=31536000"

/* HTML section 7.1.4: a document that has both is isolated; so are workers,
 * whose scripts need the second. */
static const struct preset of_isolated_documents[] = {
    PRESET("Cross-Origin-Opener-Policy", "same-origin"),
    PRESET("Cross-Origin-Embedder-Policy", "require-corp")};
static const struct preset of_isolated_scripts[] = {
    PRESET("Cross-Origin-Embedder-Policy", "require-corp")};

static void add_security(struct fieldlist *list, bool document) {
  if (document)
    ADD_PRESETS(list, of_documents, LIT("--security-headers"));
  fieldlist_set(list, LIT("Strict-Transport-Security"), LIT(HSTS),
                LIT("--security-headers"), FIELDLIST_KEPT | FIELDLIST_TLS);
}

/* Not by robots.txt: what that forbids to read can be listed still. */
static void add_noindex(struct fieldlist *list) {
  fieldlist_set(list, LIT("X-Robots-Tag"), LIT("noindex"), LIT("--noindex"),
                FIELDLIST_KEPT);
}

/* What other sites may read by a CORS rule they may embed, too. */
static void add_isolation(struct fieldlist *list, const struct policy *policy,
                          const struct fields_subject *s) {
  slice origin = LIT("--cross-origin-isolation");
  struct policy_answer cors =
      policy_rule_for(policy, EDGESTATIC_RULE_CORS, s->item->path);
  if (is_document(s->type))
    ADD_PRESETS(list, of_isolated_documents, origin);
  else if (is_script(s->type))
    ADD_PRESETS(list, of_isolated_scripts, origin);
  fieldlist_set(list, LIT("Cross-Origin-Resource-Policy"),
                cors.value.base ? LIT("cross-origin") : LIT("same-origin"),
                origin, FIELDLIST_KEPT);
}

void policy_fields(struct fieldlist *list, const struct policy *policy,
                   const struct fields_subject *s) {
  add_caches(list, policy, s);
  if (policy->site.security_headers)
    add_security(list, is_document(s->type));
  if (policy->site.cross_origin_isolation)
    add_isolation(list, policy, s);
  if (policy->site.noindex)
    add_noindex(list);
}

/* A redirect is on the way to a document and has its fields: a browser takes
 * Referrer-Policy from it (Fetch section 4.4), and another
 * Cross-Origin-Opener-Policy than the page's would part the page from those
 * that it opened (HTML section 7.1.3.2).  A text of the server's own is a
 * document.  Left out is Cross-Origin-Resource-Policy: where a redirect leads
 * says who may embed that. */
bool policy_presets(const struct policy *policy, struct layout *layout) {
  struct fieldlist list;
  fieldlist_begin(&list, layout->allocator);
  if (policy->site.security_headers)
    add_security(&list, true);
  if (policy->site.cross_origin_isolation)
    ADD_PRESETS(&list, of_isolated_documents, LIT("--cross-origin-isolation"));
  if (policy->site.noindex)
    add_noindex(&list);
  for (size_t i = 0; i < list.count; i++)
    layout_header_field(layout, list.field[i].name, list.field[i].value,
                        list.field[i].origin,
                        list.field[i].flags & FIELDLIST_TLS ? HEADER_TLS : 0);
  fieldlist_free(&list);
  return list.count > 0;
}

uint32_t policy_cors(const struct policy *policy, struct layout *layout,
                     slice file) {
  struct policy_answer rule =
      policy_rule_for(policy, EDGESTATIC_RULE_CORS, file);
  return rule.value.base ? origins_layout(layout, rule.value) : 0;
}
