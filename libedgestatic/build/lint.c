/* lint.c - edgestatic_lint of edgestatic_rules.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void lint_say(struct lint *l, int severity, int kind, enum scan_rules file,
              unsigned line, unsigned column, const char *format, ...) {
  char text[LINT_TEXT_MAX];
  va_list arguments;
  if (l->error)
    return;
  va_start(arguments, format);
  int len = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (len < 0)
    len = 0;
  if ((size_t)len >= sizeof text)
    len = sizeof text - 1;
  slice copy = mem_arena_copy(&l->strings, slice_of(text, (size_t)len));
  struct lint_finding *grown = mem_grow(&l->builder.allocator, l->finding,
                                        &l->room, l->count + 1, sizeof *grown);
  if (grown)
    l->finding = grown;
  if (!grown || !copy.base) {
    l->error = EDGESTATIC_ERR_MEMORY;
    return;
  }
  l->finding[l->count++] =
      (struct lint_finding){severity, kind, file, line, column, copy};
}

bool lint_afford(struct lint *l, uint64_t patterns, const struct redirect *rule,
                 const char *what) {
  l->work += patterns;
  if (l->work <= LINT_WORK_MAX)
    return true;
  lint_say(l, EDGESTATIC_NOTE, EDGESTATIC_FINDING_LIMIT, SCAN_REDIRECTS,
           rule->line, rule->column,
           "not every rule was looked at for %s: too many have placeholders; "
           "join some",
           what);
  return false;
}

/* ---- What the reader says ---- */

static int kind_of(enum rulefile_kind kind) {
  switch (kind) {
  case RULEFILE_LIMIT:
    return EDGESTATIC_FINDING_LIMIT;
  case RULEFILE_DUPLICATE:
  case RULEFILE_DEAD:
    return EDGESTATIC_FINDING_DEAD;
  case RULEFILE_LOOP:
    return EDGESTATIC_FINDING_LOOP;
  default:
    return EDGESTATIC_FINDING_WRONG;
  }
}

static void pass_on(struct lint *l, enum scan_rules file,
                    const struct rulefile *from) {
  for (size_t i = 0; i < from->count; i++) {
    const struct rulefile_diagnostic *d = &from->diagnostic[i];
    lint_say(l, d->severity, kind_of(d->kind), file, d->line, d->column, "%s",
             d->text.base);
  }
}

void lint_wrong(struct lint *l) {
  const struct lint_reading *own = lint_own(l);
  if (l->error)
    return;
  pass_on(l, SCAN_REDIRECTS, &own->redirects.file);
  pass_on(l, SCAN_HEADERS, &own->headers.file);
}

/* ---- All ---- */

/* By name of the file and line. */
static int compare(const void *a, const void *b) {
  const struct lint_finding *x = a, *y = b;
  if (x->file != y->file)
    return x->file == SCAN_HEADERS ? -1 : 1;
  if (x->line != y->line)
    return x->line < y->line ? -1 : 1;
  if (x->kind != y->kind)
    return x->kind - y->kind;
  if (x->column != y->column)
    return x->column < y->column ? -1 : 1;
  return strcmp(x->text.base, y->text.base);
}

static void tell(const struct lint *l) {
  for (size_t i = 0; i < l->count; i++) {
    const struct lint_finding *f = &l->finding[i];
    const edgestatic_finding finding = {
        f->severity, f->kind,   l->scan.rules[f->file].file.base,
        f->line,     f->column, f->text.base};
    l->found(l->ctx, &finding);
  }
}

static bool options_ok(const edgestatic_lint_options *o) {
  return o->size == sizeof *o && o->dialect >= 0 &&
         o->dialect <= EDGESTATIC_DIALECT_CLOUDFLARE && o->html_handling >= 0 &&
         o->html_handling <= EDGESTATIC_HTML_NONE && o->not_found >= 0 &&
         o->not_found <= EDGESTATIC_NOT_FOUND_NONE && o->limits >= 0 &&
         o->limits <= EDGESTATIC_LIMITS_CLOUDFLARE;
}

int edgestatic_lint(const char *dir, const edgestatic_lint_options *options,
                    edgestatic_found *found, void *ctx) {
  static const edgestatic_lint_options defaults = EDGESTATIC_LINT_OPTIONS_INIT;
  static void (*const parts[])(struct lint *) = {
      lint_wrong,  lint_limits,  lint_dead,  lint_walk,
      lint_differ, lint_headers, lint_depart};
  struct lint l = {
      .options = options ? options : &defaults, .found = found, .ctx = ctx};
  if (!options_ok(l.options))
    return EDGESTATIC_ERR_INPUT;
  lint_open(&l, dir);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    l.work = 0;
    parts[i](&l);
  }
  if (!l.error && l.count > 0) {
    qsort(l.finding, l.count, sizeof *l.finding, compare);
    tell(&l);
  }
  int error = l.error;
  lint_close(&l);
  return error;
}
