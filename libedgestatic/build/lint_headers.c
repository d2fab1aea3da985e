/* lint_headers.c - blocks of _headers: those that are for no path of the site,
 * and those that Netlify and Cloudflare read apart.
 *
 * A block is dead where no response has its fields.  Error pages have them, by
 * the path that was asked for, but for those about caching; so have redirects
 * to the path of a page, in Cloudflare's dialect (core/headers.c).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/lint.h"
#include "build/lint_cover.h"

#include "core/answer.h"
#include "core/pattern.h"

/* ---- Blocks that match nothing ---- */

static bool matches(const struct lint_reading *own,
                    const struct headers_block *b, slice path, slice location) {
  bool netlify = own->headers.file.dialect == RULEFILE_NETLIFY;
  const struct pattern_way way = {.separator = '/', .nocase = netlify};
  slice capture[PATTERN_CAPTURES_MAX];
  slice s = netlify ? path : location;
  if (pattern_match(b->path, s, way, capture))
    return true;
  if (!netlify || s.len < 2 || s.base[s.len - 1] != '/')
    return false;
  s.len--;
  return pattern_match(b->path, s, way, capture);
}

/* The entry of the site that a block is for, or NULL. */
static const struct urls_entry *entry_of(const struct lint *l,
                                         const struct headers_block *b) {
  for (size_t i = 0; i < l->urls.count; i++)
    if (matches(lint_own(l), b, l->urls.entry[i].path,
                l->urls.entry[i].location))
      return &l->urls.entry[i];
  return NULL;
}

/* Whether a rule may answer where a block is for, or nothing but a 404 can. */
static bool rule_may_be(const struct lint *l, const struct headers_block *b) {
  const struct redirects *of = &lint_own(l)->redirects;
  bool netlify = of->file.dialect == RULEFILE_NETLIFY;
  for (size_t i = 0; i < of->count; i++)
    if (of->rule[i].status != 0 &&
        (of->rule[i].dynamic
             ? !lint_cover_apart(of->rule[i].path, b->path, netlify)
             : matches(lint_own(l), b, of->rule[i].path, of->rule[i].path)))
      return true;
  return false;
}

/* The path of a page whose file a block names, "/about.html"; else absent. */
static slice page_of(const struct lint *l, const struct headers_block *b) {
  for (size_t i = 0; i < l->urls.count; i++) {
    const struct urls_entry *e = &l->urls.entry[i];
    slice file = l->file[e->file];
    if (e->main && b->path.len == file.len + 1 &&
        slice_eq(slice_skip(b->path, 1), file))
      return e->path;
  }
  return (slice){NULL, 0};
}

/* Whether a 404 may have one of its fields. */
static bool error_page_has(const struct headers *h,
                           const struct headers_block *b) {
  for (size_t i = b->field; i < b->field + b->fields; i++)
    if (!answer_is_caching(h->field[i].name))
      return true;
  return false;
}

static void look_at_block(struct lint *l, const struct headers_block *b) {
  const struct headers *own = &lint_own(l)->headers;
  if (b->replaced || entry_of(l, b) || rule_may_be(l, b))
    return;
  slice page = page_of(l, b);
  bool met = page.base ? own->file.dialect == RULEFILE_CLOUDFLARE
                       : error_page_has(own, b);
  int kind = met ? EDGESTATIC_FINDING_NOWHERE : EDGESTATIC_FINDING_DEAD;
  if (page.base)
    lint_say(l, EDGESTATIC_WARNING, kind, SCAN_HEADERS, b->line, 1,
             "no page has these fields%s: this one is served at %.*s; write "
             "that path",
             met ? ", only the redirect to it" : "", LINT_QUOTE(page));
  else
    lint_say(l, EDGESTATIC_WARNING, kind, SCAN_HEADERS, b->line, 1,
             "no file and no rule of the site is for this path%s; correct it "
             "or remove the block",
             met ? ", so that 404s alone have these fields" : "");
}

/* ---- Differences ---- */

/* Without the blanks behind commas, which Netlify makes. */
static bool same_value(slice a, slice b) {
  size_t i = 0, k = 0;
  while (i < a.len || k < b.len) {
    while (i < a.len && a.base[i] == ' ')
      i++;
    while (k < b.len && b.base[k] == ' ')
      k++;
    if (i == a.len || k == b.len)
      return i == a.len && k == b.len;
    if (a.base[i++] != b.base[k++])
      return false;
  }
  return true;
}

static bool same(const struct headers_change *a,
                 const struct headers_change *b) {
  return a && b && a->unset == b->unset && same_value(a->value, b->value);
}

static const struct headers_change *find(const struct headers_changes *in,
                                         slice name) {
  for (size_t i = 0; i < in->count; i++)
    if (slice_eq_nocase(in->change[i].name, name))
      return &in->change[i];
  return NULL;
}

static void describe(const struct headers_change *c, char text[160]) {
  slice none = LIT("does not set it"), unset = LIT("takes it away");
  slice s = !c ? none : c->unset ? unset : c->value;
  const char *quote = c && !c->unset ? "\"" : "";
  int len = s.len < 120 ? (int)s.len : 120;
  size_t n = 0;
  if (quote[0])
    text[n++] = '"';
  memcpy(text + n, s.base, (size_t)len);
  n += (size_t)len;
  if (quote[0])
    text[n++] = '"';
  text[n] = '\0';
}

/* Says once of a line that its field differs for a path. */
static void compare_field(struct lint *l, const struct urls_entry *e,
                          const struct headers_change *a,
                          const struct headers_change *b, bool *told) {
  const struct headers_change *any = a ? a : b;
  char netlify[160], cloudflare[160];
  if (same(a, b) || told[any->line])
    return;
  told[any->line] = true;
  describe(a, netlify);
  describe(b, cloudflare);
  lint_say(l, EDGESTATIC_NOTE, EDGESTATIC_FINDING_DIFFERENT, SCAN_HEADERS,
           any->line, 1, "%.*s of %.*s: Netlify %s, Cloudflare %s",
           LINT_QUOTE(any->name), LINT_QUOTE(e->path), netlify, cloudflare);
}

/* Whether a line was refused by one of the readings, which is said of it. */
static void tell_refused(struct lint *l, bool *told) {
  static const char *const owner[LINT_DIALECTS] = {"Netlify", "Cloudflare"};
  int other = 1 - l->options->dialect;
  const struct rulefile *file = &l->reading[other].headers.file;
  const struct rulefile *own = &lint_own(l)->headers.file;
  for (size_t i = 0; i < own->count; i++)
    told[own->diagnostic[i].line] = true; /* is said to be wrong */
  for (size_t i = 0; i < file->count; i++) {
    const struct rulefile_diagnostic *d = &file->diagnostic[i];
    if (told[d->line])
      continue;
    told[d->line] = true;
    bool named =
        slice_starts(d->text, slice_of(owner[other], strlen(owner[other])));
    lint_say(l, EDGESTATIC_NOTE, EDGESTATIC_FINDING_DIFFERENT, SCAN_HEADERS,
             d->line, d->column, "%s%s%s", named ? "" : owner[other],
             named ? "" : ": ", d->text.base);
  }
}

static void compare_entry(struct lint *l, const struct urls_entry *e,
                          bool *told) {
  struct headers_changes changes[LINT_DIALECTS];
  for (int i = 0; i < LINT_DIALECTS; i++) {
    changes[i] =
        (struct headers_changes){.strings = {&l->builder.allocator, NULL}};
    int error = headers_apply(&l->reading[i].headers, e->path, e->location,
                              l->options->host, &changes[i]);
    if (error == EDGESTATIC_ERR_MEMORY)
      l->error = error;
  }
  for (size_t i = 0; i < changes[0].count; i++)
    compare_field(l, e, &changes[0].change[i],
                  find(&changes[1], changes[0].change[i].name), told);
  for (size_t i = 0; i < changes[1].count; i++)
    if (!find(&changes[0], changes[1].change[i].name))
      compare_field(l, e, NULL, &changes[1].change[i], told);
  headers_changes_free(&changes[0]);
  headers_changes_free(&changes[1]);
}

/* Whether a block of one reading is nothing in the other one, which was said
 * of it; its fields are then not said again. */
static void tell_blocks(const struct lint *l, bool *told) {
  for (int i = 0; i < LINT_DIALECTS; i++) {
    const struct headers *h = &l->reading[i].headers;
    for (size_t k = 0; k < h->count; k++)
      for (size_t f = 0; told[h->block[k].line] && f < h->block[k].fields; f++)
        told[h->field[h->block[k].field + f].line] = true;
  }
}

/* Lines of the file, and one. */
static size_t lines_of(slice text) {
  size_t n = 2;
  for (size_t i = 0; i < text.len; i++)
    n += text.base[i] == '\n';
  return n;
}

void lint_headers(struct lint *l) {
  const edgestatic_allocator *allocator = &l->builder.allocator;
  const struct headers *own = &lint_own(l)->headers;
  const struct readfile *file = &l->text[SCAN_HEADERS];
  if (l->error || file->size == 0)
    return;
  /* A single-page app has every path. */
  for (size_t i = 0; i < own->count && !l->error &&
                     l->options->not_found != EDGESTATIC_NOT_FOUND_SPA;
       i++)
    look_at_block(l, &own->block[i]);
  size_t lines = lines_of(slice_of(file->bytes, file->size));
  bool *told = mem_new(allocator, lines, sizeof *told);
  if (!told) {
    l->error = EDGESTATIC_ERR_MEMORY;
    return;
  }
  memset(told, 0, lines * sizeof *told);
  tell_refused(l, told);
  tell_blocks(l, told);
  for (size_t i = 0; i < l->urls.count && !l->error; i++)
    compare_entry(l, &l->urls.entry[i], told);
  mem_free(allocator, told, lines * sizeof *told);
}
