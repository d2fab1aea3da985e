/* csp.c - see csp.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/csp.h"

slice csp_policy(const char *text) {
  return *text ? slice_of(text, strlen(text)) : LIT(CSP_DEFAULT);
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/* Cuts what is before a separator off; false at the end. */
static bool cut(slice *rest, char separator, slice *part) {
  if (rest->len == 0)
    return false;
  const char *end = memchr(rest->base, separator, rest->len);
  size_t n = end ? (size_t)(end - rest->base) : rest->len;
  *part = slice_trim(slice_of(rest->base, n));
  *rest = slice_skip(*rest, end ? n + 1 : n);
  return true;
}

/* Cuts a word off. */
static bool word(slice *rest, slice *part) {
  size_t n = 0;
  *rest = slice_trim(*rest);
  while (n < rest->len && !is_blank(rest->base[n]))
    n++;
  *part = slice_of(rest->base, n);
  *rest = slice_skip(*rest, n);
  return n > 0;
}

/* The sources of a directive; of several with a name the first counts (section
 * 2.2.1).  Absent: there is none. */
static slice sources_of(slice policy, slice name) {
  slice directive, first;
  while (cut(&policy, ';', &directive))
    if (word(&directive, &first) && slice_eq_nocase(first, name))
      return slice_trim(directive);
  return (slice){NULL, 0};
}

static bool is_hash_or_nonce(slice source) {
  static const slice prefixes[] = {
      EDGESTATIC_LITERAL("'nonce-"), EDGESTATIC_LITERAL("'sha256-"),
      EDGESTATIC_LITERAL("'sha384-"), EDGESTATIC_LITERAL("'sha512-")};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (source.len > prefixes[i].len &&
        slice_eq_nocase(slice_of(source.base, prefixes[i].len), prefixes[i]))
      return true;
  return slice_eq_nocase(source, LIT("'strict-dynamic'"));
}

/* Section 6.7.3.2, "does a source list allow all inline behavior". */
static bool allows_inline(slice sources) {
  slice source;
  bool allows = false;
  while (word(&sources, &source)) {
    if (is_hash_or_nonce(source))
      return false;
    allows |= slice_eq_nocase(source, LIT("'unsafe-inline'"));
  }
  return allows;
}

bool csp_refuses_attributes(slice policy, bool style) {
  slice sources = sources_of(policy, style ? LIT("style-src-attr")
                                           : LIT("script-src-attr"));
  slice rest, source;
  if (!sources.base)
    sources = sources_of(policy, style ? LIT("style-src") : LIT("script-src"));
  if (!sources.base)
    sources = sources_of(policy, LIT("default-src"));
  if (!sources.base || allows_inline(sources))
    return false;
  for (rest = sources; word(&rest, &source);)
    if (slice_eq_nocase(source, LIT("'unsafe-hashes'")))
      return false;
  return true;
}

/* ---- Writing ---- */

struct out {
  char text[CSP_VALUE_MAX];
  size_t len;
  bool full;
};

static void put(struct out *out, slice s) {
  if (out->full || s.len > sizeof out->text - out->len) {
    out->full = true;
    return;
  }
  if (s.len > 0)
    memcpy(out->text + out->len, s.base, s.len);
  out->len += s.len;
}

static void put_hashes(struct out *out, const struct html_hashes *hashes) {
  for (size_t i = 0; i < hashes->count; i++) {
    put(out, LIT(" 'sha256-"));
    put(out, slice_of(hashes->hash[i].base64, HTML_HASH_LENGTH));
    put(out, LIT("'"));
  }
}

static void put_directive(struct out *out, slice name, slice sources,
                          const struct html_hashes *hashes) {
  slice source;
  if (out->len > 0)
    put(out, LIT("; "));
  put(out, name);
  while (word(&sources, &source)) {
    if (hashes && slice_eq_nocase(source, LIT("'none'")))
      continue;
    put(out, LIT(" "));
    put(out, source);
  }
  if (hashes)
    put_hashes(out, hashes);
}

/* Where the hashes of one kind go. */
struct where {
  slice name; /* of the directive; absent: nowhere */
  bool made;  /* of default-src */
  const struct html_hashes *hashes;
};

static struct where find(slice policy, slice elem, slice src,
                         const struct html_hashes *hashes) {
  struct where where = {elem, false, hashes};
  slice sources = sources_of(policy, elem);
  if (!sources.base) {
    where.name = src;
    sources = sources_of(policy, src);
  }
  if (!sources.base) {
    where.made = true;
    sources = sources_of(policy, LIT("default-src"));
  }
  if (hashes->count == 0 || !sources.base || allows_inline(sources))
    return (struct where){{NULL, 0}, false, NULL};
  return where;
}

int csp_value(slice policy, const struct html_page *page,
              struct mem_arena *strings, slice *value) {
  static const struct html_hashes none = {NULL, 0, 0};
  struct where where[2] = {find(policy, LIT("script-src-elem"),
                                LIT("script-src"),
                                page ? &page->scripts : &none),
                           find(policy, LIT("style-src-elem"), LIT("style-src"),
                                page ? &page->styles : &none)};
  struct out out = {.len = 0};
  slice rest = policy, directive, name;
  while (cut(&rest, ';', &directive)) {
    if (!word(&directive, &name))
      continue;
    const struct html_hashes *hashes = NULL;
    for (int i = 0; i < 2; i++)
      if (where[i].name.base && !where[i].made &&
          slice_eq_nocase(where[i].name, name)) {
        hashes = where[i].hashes;
        where[i].name.base = NULL; /* into the first of that name */
      }
    put_directive(&out, name, directive, hashes);
  }
  for (int i = 0; i < 2; i++)
    if (where[i].name.base && where[i].made)
      put_directive(&out, where[i].name, sources_of(policy, LIT("default-src")),
                    where[i].hashes);
  if (out.full)
    return EDGESTATIC_ERR_LIMIT;
  *value = mem_arena_copy(strings, slice_of(out.text, out.len));
  return value->base ? EDGESTATIC_OK : EDGESTATIC_ERR_MEMORY;
}
