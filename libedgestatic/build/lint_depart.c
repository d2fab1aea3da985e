/* lint_depart.c - lines that edgestatic takes otherwise than the owner of the
 * dialect does: what edgestatic-rules(5) has under "what is not copied" and is
 * no error.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/lint_ask.h"

#include "core/expand.h"
#include "core/list.h"

static const char *owner(const struct lint *l) {
  return l->options->dialect == EDGESTATIC_DIALECT_CLOUDFLARE ? "Cloudflare"
                                                              : "Netlify";
}

static bool is_cloudflare(const struct lint *l) {
  return l->options->dialect == EDGESTATIC_DIALECT_CLOUDFLARE;
}

/* ---- _redirects, of Cloudflare alone ---- */

/* "https://host?query" */
static bool has_bare_host(slice to) {
  size_t path = expand_path(to);
  return path > 0 && path < to.len && to.base[path] == '?';
}

static void look_at_rule(struct lint *l, struct lint_ask *ask,
                         const struct redirect *rule) {
  if (has_bare_host(rule->to))
    lint_say(l, EDGESTATIC_NOTE, EDGESTATIC_FINDING_DIFFERENT, SCAN_REDIRECTS,
             rule->line, rule->column,
             "%.*s: Cloudflare takes all of it for a host, edgestatic for a "
             "host and a query; write / before the ?",
             LINT_QUOTE(rule->to));
  if (rule->status != 200 ||
      !lint_ask_rule(ask, &lint_own(l)->redirects, rule, LINT_PLAIN))
    return;
  lint_ask(ask, lint_own(l));
  slice location = lint_ask_location(ask, lint_own(l));
  if (location.base && lint_ask_line(ask, lint_own(l)) == rule->line)
    lint_say(l, EDGESTATIC_NOTE, EDGESTATIC_FINDING_DIFFERENT, SCAN_REDIRECTS,
             rule->line, rule->column,
             "%.*s: Cloudflare 307 to %.*s, edgestatic %d; write it as the "
             "target to have the page under this path",
             LINT_QUOTE(ask->request.target), LINT_QUOTE(location),
             ask->response.status);
}

static void look_at_redirects(struct lint *l) {
  const struct redirects *of = &lint_own(l)->redirects;
  if (l->error || !is_cloudflare(l) || of->count == 0)
    return;
  struct lint_ask *ask = mem_new(&l->builder.allocator, 1, sizeof *ask);
  if (!ask)
    l->error = EDGESTATIC_ERR_MEMORY;
  for (size_t i = 0; !l->error && i < of->count; i++) {
    const struct redirect *rule = &of->rule[i];
    if (!lint_afford(l, lint_own(l)->dynamic + 1, rule, "what it is here"))
      break;
    if (rule->status != 0)
      look_at_rule(l, ask, rule);
  }
  mem_free(&l->builder.allocator, ask, sizeof *ask);
}

/* ---- _headers ---- */

static void say(struct lint *l, unsigned line, const char *text) {
  lint_say(l, EDGESTATIC_NOTE, EDGESTATIC_FINDING_DIFFERENT, SCAN_HEADERS, line,
           1, "%s %s", owner(l), text);
}

static bool is_cookie(const struct headers_field *f) {
  return !f->unset && slice_eq_nocase(f->name, LIT("Set-Cookie"));
}

static void look_at_block(struct lint *l, const struct headers_block *b) {
  const struct headers_field *field = lint_own(l)->headers.field + b->field;
  size_t cookies = 0;
  for (size_t i = 0; i < b->fields; i++) {
    const struct headers_field *f = &field[i];
    cookies += is_cookie(f);
    if (is_cookie(f) && cookies == 2)
      say(l, f->line,
          "joins the cookies of a block by commas, which no browser reads; "
          "edgestatic sends each in a field of its own");
    if (f->unset && (slice_eq_nocase(f->name, LIT("Vary")) ||
                     slice_eq_nocase(f->name, LIT("Content-Type"))))
      say(l, f->line,
          "takes the field away; edgestatic keeps it, as caches "
          "and browsers need it");
  }
}

/* Lines with two blanks behind "!", which the reader does not tell from those
 * with one. */
static void look_at_text(struct lint *l, slice text) {
  slice line;
  for (unsigned number = 1; text.len > 0; number++) {
    slice_cut(text, '\n', &line, &text);
    line = slice_trim(line);
    if (line.len > 2 && line.base[0] == '!' && is_ows(line.base[1]) &&
        is_ows(line.base[2]))
      say(l, number,
          "answers every request that meets this with a 500; write one blank "
          "behind the !");
  }
}

void lint_depart(struct lint *l) {
  const struct headers *own = &lint_own(l)->headers;
  look_at_redirects(l);
  if (l->error)
    return;
  for (size_t i = 0; i < own->count; i++)
    look_at_block(l, &own->block[i]);
  if (is_cloudflare(l) && l->text[SCAN_HEADERS].size > 0)
    look_at_text(
        l, slice_of(l->text[SCAN_HEADERS].bytes, l->text[SCAN_HEADERS].size));
}
