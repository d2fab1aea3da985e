/* html.c - see html.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/html.h"

/* ASCII whitespace (HTML section 2.3.1). */
static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

#ifdef HAVE_HTML

#include "build/htmlmem.h"
#include "build/utf8.h"

#include <gumbo.h>
#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <stdlib.h>

bool html_supported(void) {
  return true;
}

/* ---- Attributes ---- */

static slice attribute(const GumboElement *e, const char *name) {
  const GumboAttribute *a = gumbo_get_attribute(&e->attributes, name);
  return a ? slice_of(a->value, strlen(a->value)) : (slice){NULL, 0};
}

static bool has(const GumboElement *e, const char *name) {
  return attribute(e, name).base != NULL;
}

static slice trim(slice s) {
  while (s.len > 0 && is_space(s.base[0]))
    s = slice_skip(s, 1);
  while (s.len > 0 && is_space(s.base[s.len - 1]))
    s.len--;
  return s;
}

/* Whether a set of tokens (HTML section 2.3.7) has one. */
static bool has_token(slice set, slice token) {
  while (set.len > 0) {
    size_t n = 0;
    while (n < set.len && !is_space(set.base[n]))
      n++;
    if (slice_eq_nocase(slice_of(set.base, n), token))
      return true;
    set = slice_skip(set, n < set.len ? n + 1 : n);
  }
  return false;
}

/* ---- What is kept ---- */

/* false: no memory, here and below. */
static bool keep(struct html_page *page, slice *s) {
  if (!s->base)
    return true;
  *s = mem_arena_copy(&page->strings, *s);
  return s->base != NULL;
}

static struct html_place place_of(GumboSourcePosition at) {
  return (struct html_place){at.line, at.column > 0 ? at.column : 1};
}

static bool add_attribute(struct html_page *page, const GumboAttribute *a) {
  struct html_attribute *grown =
      mem_grow(page->allocator, page->attribute, &page->attribute_room,
               page->attributes + 1, sizeof *grown);
  if (!grown)
    return false;
  page->attribute = grown;
  struct html_attribute *to = &grown[page->attributes++];
  *to = (struct html_attribute){place_of(a->name_start),
                                slice_of(a->name, strlen(a->name))};
  return keep(page, &to->name);
}

static bool add_resource(struct html_page *page, const struct html_resource *r,
                         const GumboElement *e) {
  struct html_resource *grown =
      mem_grow(page->allocator, page->resource, &page->resource_room,
               page->resources + 1, sizeof *grown);
  if (!grown)
    return false;
  page->resource = grown;
  struct html_resource *to = &grown[page->resources++];
  *to = *r;
  to->place = place_of(e->start_pos);
  to->integrity = attribute(e, "integrity");
  to->type = attribute(e, "type");
  to->media = attribute(e, "media");
  to->as = attribute(e, "as");
  to->crossorigin = attribute(e, "crossorigin");
  to->fetchpriority = attribute(e, "fetchpriority");
  return keep(page, &to->url) && keep(page, &to->integrity) &&
         keep(page, &to->type) && keep(page, &to->media) &&
         keep(page, &to->as) && keep(page, &to->crossorigin) &&
         keep(page, &to->fetchpriority);
}

/* The hash of an element's text.  Browsers hash the text of the tree in UTF-8
 * (CSP3 section 6.7.2.2), where line ends are LF already. */
static bool add_hash(struct html_page *page, struct html_hashes *to,
                     const GumboElement *e, bool empty_too) {
  struct sha256_ctx sha;
  uint8_t digest[SHA256_DIGEST_SIZE];
  size_t len = 0;
  sha256_init(&sha);
  for (unsigned i = 0; i < e->children.length; i++) {
    const GumboNode *n = e->children.data[i];
    if (n->type != GUMBO_NODE_TEXT && n->type != GUMBO_NODE_WHITESPACE &&
        n->type != GUMBO_NODE_CDATA)
      continue;
    size_t part = strlen(n->v.text.text);
    sha256_update(&sha, part, (const uint8_t *)n->v.text.text);
    len += part;
  }
  if (len == 0 && !empty_too)
    return true;
  sha256_digest(&sha, sizeof digest, digest);
  struct html_hash *grown = mem_grow(page->allocator, to->hash, &to->room,
                                     to->count + 1, sizeof *grown);
  if (!grown)
    return false;
  to->hash = grown;
  base64_encode_raw(grown[to->count++].base64, sizeof digest, digest);
  return true;
}

static int hash_order(const void *a, const void *b) {
  return memcmp(a, b, sizeof(struct html_hash));
}

/* The same page gives the same field, whatever its order. */
static void sort_hashes(struct html_hashes *h) {
  size_t kept = 0;
  if (h->count == 0)
    return;
  qsort(h->hash, h->count, sizeof *h->hash, hash_order);
  for (size_t i = 1; i < h->count; i++)
    if (hash_order(&h->hash[kept], &h->hash[i]) != 0)
      h->hash[++kept] = h->hash[i];
  h->count = kept + 1;
}

/* ---- Elements ---- */

enum script_type { SCRIPT_DATA, SCRIPT_CLASSIC, SCRIPT_MODULE, SCRIPT_OTHER };

/* What a script is (HTML section 4.12.1.1, "prepare the script element").  A
 * data block, as JSON-LD, is nothing to a browser and needs no hash; import
 * maps and speculation rules are held against the policy as scripts are. */
static enum script_type script_type(const GumboElement *e) {
  static const char *const essences[] = {"application/ecmascript",
                                         "application/javascript",
                                         "application/x-ecmascript",
                                         "application/x-javascript",
                                         "text/ecmascript",
                                         "text/javascript",
                                         "text/javascript1.0",
                                         "text/javascript1.1",
                                         "text/javascript1.2",
                                         "text/javascript1.3",
                                         "text/javascript1.4",
                                         "text/javascript1.5",
                                         "text/jscript",
                                         "text/livescript",
                                         "text/x-ecmascript",
                                         "text/x-javascript"};
  slice type = attribute(e, "type"), language = attribute(e, "language");
  if (!type.base && language.len > 0) {
    for (size_t i = 0; i < sizeof essences / sizeof *essences; i++)
      if (strncmp(essences[i], "text/", 5) == 0 &&
          slice_eq_nocase(language,
                          slice_of(essences[i] + 5, strlen(essences[i]) - 5)))
        return SCRIPT_CLASSIC;
    return SCRIPT_DATA;
  }
  if (type.len == 0)
    return SCRIPT_CLASSIC;
  type = trim(type);
  for (size_t i = 0; i < sizeof essences / sizeof *essences; i++)
    if (slice_eq_nocase(type, slice_of(essences[i], strlen(essences[i]))))
      return SCRIPT_CLASSIC;
  if (slice_eq_nocase(type, LIT("module")))
    return SCRIPT_MODULE;
  if (slice_eq_nocase(type, LIT("importmap")) ||
      slice_eq_nocase(type, LIT("speculationrules")))
    return SCRIPT_OTHER;
  return SCRIPT_DATA;
}

static bool read_script(struct html_page *page, const GumboElement *e,
                        bool head) {
  bool html = e->tag_namespace == GUMBO_NAMESPACE_HTML;
  slice src = attribute(e, html ? "src" : "href");
  enum script_type type = script_type(e);
  if (type == SCRIPT_DATA)
    return true;
  if (!src.base)
    return add_hash(page, &page->scripts, e, false);
  if (!html || type == SCRIPT_OTHER)
    return true;
  const struct html_resource r = {
      .kind = type == SCRIPT_MODULE ? HTML_MODULE : HTML_SCRIPT,
      .head = head && !has(e, "nomodule") && !has(e, "async"),
      .url = src};
  return add_resource(page, &r, e);
}

/* Its text is hashed where it is empty too: scripts put rules into such a
 * sheet, which is none where the policy refuses it. */
static bool read_style(struct html_page *page, const GumboElement *e) {
  slice type = attribute(e, "type");
  if (type.len > 0 && !slice_eq_nocase(type, LIT("text/css")))
    return true;
  return add_hash(page, &page->styles, e, true);
}

static bool read_link(struct html_page *page, const GumboElement *e,
                      bool head) {
  static const struct {
    slice rel;
    enum html_kind kind;
  } kinds[] = {
      {EDGESTATIC_LITERAL("stylesheet"), HTML_STYLESHEET},
      {EDGESTATIC_LITERAL("preload"), HTML_PRELOAD},
      {EDGESTATIC_LITERAL("modulepreload"), HTML_MODULEPRELOAD},
      {EDGESTATIC_LITERAL("preconnect"), HTML_PRECONNECT},
  };
  slice rel = attribute(e, "rel");
  struct html_resource r = {.url = attribute(e, "href")};
  if (r.url.len == 0)
    return true;
  r.head = head && !has(e, "disabled") && !has(e, "imagesrcset") &&
           !has_token(rel, LIT("alternate"));
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (has_token(rel, kinds[i].rel)) {
      r.kind = kinds[i].kind;
      return add_resource(page, &r, e);
    }
  return true;
}

static bool is_code(const GumboAttribute *a) {
  slice name = slice_of(a->name, strlen(a->name));
  slice value = trim(slice_of(a->value, strlen(a->value)));
  slice scheme = LIT("javascript:");
  if (slice_eq(name, LIT("style")))
    return true;
  if (name.len > 2 && slice_starts(name, LIT("on")))
    return true;
  return (slice_eq(name, LIT("href")) || slice_eq(name, LIT("action")) ||
          slice_eq(name, LIT("formaction"))) &&
         value.len >= scheme.len &&
         slice_eq_nocase(slice_of(value.base, scheme.len), scheme);
}

static bool read_element(struct html_page *page, const GumboElement *e,
                         bool head) {
  for (unsigned i = 0; i < e->attributes.length; i++) {
    const GumboAttribute *a = e->attributes.data[i];
    if (is_code(a) && !add_attribute(page, a))
      return false;
  }
  switch (e->tag) {
  case GUMBO_TAG_SCRIPT:
    return read_script(page, e, head);
  case GUMBO_TAG_STYLE:
    return read_style(page, e);
  case GUMBO_TAG_LINK:
    return read_link(page, e, head);
  case GUMBO_TAG_BASE:
    if (!page->base.base) { /* HTML section 4.2.3: the first with a href */
      page->base = attribute(e, "href");
      return keep(page, &page->base);
    }
    return true;
  default:
    return true;
  }
}

/* ---- The tree ---- */

struct step {
  const GumboNode *node;
  unsigned child;
  bool head;
};

/* Walks without recursion: elements that are moved while they are parsed can
 * lie deeper than they were made.  Inert content counts too, since scripts
 * copy it into the page. */
static bool walk(struct html_page *page, const GumboNode *root) {
  struct step *stack = NULL;
  size_t depth = 0, room = 0;
  bool ok = true;
  const GumboNode *next = root;
  bool head = false;
  while (ok) {
    if (next) {
      bool element =
          next->type == GUMBO_NODE_ELEMENT || next->type == GUMBO_NODE_TEMPLATE;
      if (element) {
        GumboTag tag = next->v.element.tag;
        if (tag == GUMBO_TAG_HEAD)
          head = true;
        else if (tag == GUMBO_TAG_NOSCRIPT || tag == GUMBO_TAG_TEMPLATE)
          head = false;
        struct step *grown =
            mem_grow(page->allocator, stack, &room, depth + 1, sizeof *grown);
        ok = grown && read_element(page, &next->v.element, head);
        if (grown) {
          stack = grown;
          stack[depth++] = (struct step){next, 0, head};
        }
      }
      next = NULL;
      continue;
    }
    if (depth == 0)
      break;
    struct step *top = &stack[depth - 1];
    const GumboVector *children = &top->node->v.element.children;
    if (top->child == children->length) {
      depth--;
      continue;
    }
    head = top->head;
    next = children->data[top->child++];
  }
  mem_free(page->allocator, stack, room * sizeof *stack);
  return ok;
}

/* Parses and reads; separate, because a longjmp comes back to it. */
static bool parse(struct html_page *page, struct htmlmem *m, const char *bytes,
                  size_t len) {
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = htmlmem_take;
  options.deallocator = htmlmem_ignore;
  options.userdata = m;
  options.max_errors = 0;
  options.tab_stop = 1; /* a column is a character */
  switch (setjmp(m->leave)) {
  case 0:
    break;
  case HTMLMEM_OVER_LIMIT:
    page->fault = HTML_TOO_COMPLEX;
    return true;
  default:
    return false;
  }
  const GumboOutput *out = gumbo_parse_with_options(&options, bytes, len);
  return walk(page, out->root);
}

struct html_page *html_read(const edgestatic_allocator *allocator,
                            const void *bytes, size_t len) {
  struct html_page *page = mem_new(allocator, 1, sizeof *page);
  if (!page)
    return NULL;
  *page =
      (struct html_page){.allocator = allocator, .strings = {allocator, NULL}};
  if (len > HTML_PAGE_MAX) {
    page->fault = HTML_TOO_LARGE;
    return page;
  }
  struct htmlmem m = {.allocator = allocator, .budget = htmlmem_budget(len)};
  bool ok = parse(page, &m, bytes, len);
  htmlmem_free(&m);
  if (!ok) {
    html_free(page);
    return NULL;
  }
  page->utf8 = utf8_valid(slice_of(bytes, len));
  sort_hashes(&page->scripts);
  sort_hashes(&page->styles);
  return page;
}

#else

bool html_supported(void) {
  return false;
}

struct html_page *html_read(const edgestatic_allocator *allocator,
                            const void *bytes, size_t len) {
  (void)allocator;
  (void)bytes;
  (void)len;
  return NULL;
}

#endif

/* How far the word "integrity" can go on when its last letter would be c: to
 * where it has that letter (Horspool).  All pages are searched, so few of their
 * bytes are looked at. */
static size_t integrity_step(char c) {
  switch (lower(c)) {
  case 't':
    return 1;
  case 'i':
    return 2;
  case 'r':
    return 3;
  case 'g':
    return 4;
  case 'e':
    return 5;
  case 'n':
    return 7;
  default:
    return sizeof "integrity" - 1;
  }
}

bool html_has_integrity(const void *bytes, size_t len) {
  const slice name = LIT("integrity");
  slice s = slice_of(bytes, len);
  for (size_t i = name.len; i <= s.len; i += integrity_step(s.base[i - 1])) {
    if (!slice_eq_nocase(slice_of(s.base + i - name.len, name.len), name))
      continue;
    size_t after = i;
    while (after < s.len && is_space(s.base[after]))
      after++;
    if (after < s.len && s.base[after] == '=')
      return true;
  }
  return false;
}

void html_free(struct html_page *page) {
  if (!page)
    return;
  const edgestatic_allocator *allocator = page->allocator;
  mem_free(allocator, page->scripts.hash,
           page->scripts.room * sizeof *page->scripts.hash);
  mem_free(allocator, page->styles.hash,
           page->styles.room * sizeof *page->styles.hash);
  mem_free(allocator, page->attribute,
           page->attribute_room * sizeof *page->attribute);
  mem_free(allocator, page->resource,
           page->resource_room * sizeof *page->resource);
  mem_arena_free(&page->strings);
  mem_free(allocator, page, sizeof *page);
}
