/* preload.c - see preload.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/preload.h"

#include "build/pagelink.h"
#include "build/urls.h"
#include "core/uri.h"

struct out {
  char text[PRELOAD_VALUE_MAX];
  size_t len;
  bool full; /* or not to be said */
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

/* A quoted string (RFC 9110 section 5.6.4) that needs no escapes. */
static void put_quoted(struct out *out, slice name, slice value) {
  for (size_t i = 0; i < value.len; i++) {
    char c = value.base[i];
    if (c < ' ' || c > '~' || c == '"' || c == '\\')
      out->full = true;
  }
  put(out, name);
  put(out, value);
  put(out, LIT("\""));
}

static bool is_token(slice s) {
  for (size_t i = 0; i < s.len; i++)
    if (!uri_is_alnum(s.base[i]) && s.base[i] != '-')
      return false;
  return s.len > 0;
}

static void put_token(struct out *out, slice name, slice value) {
  if (!is_token(value))
    out->full = true;
  put(out, name);
  put(out, value);
}

/* "anonymous" is what the parameter means by itself, as the empty and every
 * unknown value do (HTML section 2.5.4). */
static void put_crossorigin(struct out *out, slice value) {
  if (!value.base)
    return;
  put(out, LIT("; crossorigin"));
  if (slice_eq_nocase(value, LIT("use-credentials")))
    put(out, LIT("=use-credentials"));
}

static const slice rels[] = {
    [HTML_SCRIPT] = EDGESTATIC_LITERAL(">; rel=preload; as=script"),
    [HTML_MODULE] = EDGESTATIC_LITERAL(">; rel=modulepreload"),
    [HTML_STYLESHEET] = EDGESTATIC_LITERAL(">; rel=preload; as=style"),
    [HTML_PRELOAD] = EDGESTATIC_LITERAL(">; rel=preload"),
    [HTML_MODULEPRELOAD] = EDGESTATIC_LITERAL(">; rel=modulepreload"),
    [HTML_PRECONNECT] = EDGESTATIC_LITERAL(">; rel=preconnect"),
};

static void put_parameters(struct out *out, const struct html_resource *r) {
  bool link = r->kind == HTML_PRELOAD || r->kind == HTML_MODULEPRELOAD;
  put(out, rels[r->kind]);
  if (link && r->as.len > 0)
    put_token(out, LIT("; as="), r->as);
  put_crossorigin(out, r->crossorigin);
  if (r->kind == HTML_PRECONNECT)
    return;
  if (link && r->type.len > 0)
    put_quoted(out, LIT("; type=\""), r->type);
  if (r->media.len > 0 && !slice_eq_nocase(r->media, LIT("all")))
    put_quoted(out, LIT("; media=\""), r->media);
  /* Without it a script with integrity would be fetched again. */
  if (r->integrity.len > 0)
    put_quoted(out, LIT("; integrity=\""), r->integrity);
  if (r->fetchpriority.len > 0)
    put_token(out, LIT("; fetchpriority="), r->fetchpriority);
}

/* An origin, as "https://fonts.example" or "//fonts.example". */
static bool put_origin(struct out *out, slice url) {
  slice rest = url;
  if (slice_starts(rest, LIT("https:")))
    rest = slice_skip(rest, 6);
  else if (slice_starts(rest, LIT("http:")))
    rest = slice_skip(rest, 5);
  if (!slice_starts(rest, LIT("//")) || rest.len == 2)
    return false;
  for (size_t i = 0; i < rest.len; i++)
    if (!uri_is_path(rest.base[i]) && rest.base[i] != '/')
      return false;
  put(out, url);
  return true;
}

static bool put_query(struct out *out, slice query) {
  for (size_t i = 0; i < query.len; i++)
    if (!uri_is_query(query.base[i]) && !uri_is_escape(query, i))
      return false;
  put(out, query);
  return true;
}

static bool put_file(struct out *out, const struct preload *p, slice url) {
  struct pagelink link;
  char encoded[URLS_ENCODED_MAX];
  if (p->anywhere && url.base[0] != '/')
    return false;
  if (!pagelink_resolve(&link, p->location, p->page->base, url) ||
      !p->exists(p->ctx, link.path))
    return false;
  put(out, slice_of(encoded, urls_encode(encoded, link.path)));
  return put_query(out, link.query);
}

static bool wanted(const struct html_resource *r) {
  if (!r->head || r->url.len == 0)
    return false;
  if (r->kind == HTML_PRELOAD) /* without it the link does nothing */
    return r->as.len > 0;
  return r->kind != HTML_STYLESHEET || !slice_eq_nocase(r->media, LIT("print"));
}

static bool said_before(const struct out *out, size_t from) {
  size_t len = out->len - from;
  for (size_t i = 0; i + len <= from; i++)
    if (out->text[i] == '<' &&
        memcmp(out->text + i, out->text + from, len) == 0)
      return true;
  return false;
}

int preload_value(const struct preload *p, struct mem_arena *strings,
                  slice *value) {
  struct out out = {.len = 0};
  unsigned links = 0;
  *value = LIT("");
  for (size_t i = 0; i < p->page->resources && links < PRELOAD_LINKS_MAX; i++) {
    const struct html_resource *r = &p->page->resource[i];
    size_t before = out.len, from;
    if (!wanted(r))
      continue;
    if (links > 0)
      put(&out, LIT(", "));
    from = out.len;
    put(&out, LIT("<"));
    bool said = r->kind == HTML_PRECONNECT ? put_origin(&out, r->url)
                                           : put_file(&out, p, r->url);
    if (said)
      put_parameters(&out, r);
    if (!said || out.full || said_before(&out, from)) {
      out.len = before;
      out.full = false;
    } else
      links++;
  }
  if (links == 0)
    return EDGESTATIC_OK;
  *value = mem_arena_copy(strings, slice_of(out.text, out.len));
  return value->base ? EDGESTATIC_OK : EDGESTATIC_ERR_MEMORY;
}
