/* rulebook.c - see rulebook.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/rulebook.h"

#include "build/headers_pack.h"
#include "build/redirects_pack.h"
#include "build/report.h"

#include "core/answer.h"

#include <stdio.h>

int rulebook_add(struct rulebook *book, enum scan_rules kind,
                 struct rulebook_text text) {
  struct rulebook_texts *to = &book->texts[kind];
  struct rulebook_text *grown =
      mem_grow(&book->options->allocator, to->text, &to->room, to->count + 1,
               sizeof *grown);
  if (!grown)
    return EDGESTATIC_ERR_MEMORY;
  to->text = grown;
  to->text[to->count++] = text;
  return EDGESTATIC_OK;
}

/* ---- Reading ---- */

/* Tells what was said of the lines; EDGESTATIC_ERR_INPUT where one is wrong
 * and that matters. */
static int tell(const struct rulebook *book, enum scan_rules kind,
                const struct rulefile *file) {
  int error = EDGESTATIC_OK;
  size_t told = 0;
  for (size_t i = 0; i < file->count; i++) {
    const struct rulefile_diagnostic *d = &file->diagnostic[i];
    const struct rulebook_text *text = &book->texts[kind].text[d->source];
    int severity = d->severity;
    if (severity == EDGESTATIC_ERROR && book->how->lenient)
      severity = EDGESTATIC_WARNING;
    if (severity == EDGESTATIC_ERROR)
      error = EDGESTATIC_ERR_INPUT;
    if (told++ < RULEBOOK_TOLD_MAX)
      report_at(book->options, severity, text->file.base, d->line, d->column,
                "%s", d->text.base);
  }
  if (told > RULEBOOK_TOLD_MAX)
    report(book->options, error ? EDGESTATIC_ERROR : EDGESTATIC_WARNING,
           book->texts[kind].text[0].file.base, 0,
           "%zu more lines have something wrong", told - RULEBOOK_TOLD_MAX);
  return error;
}

/* Blocks of _headers for a host that nobody said is the site's. */
static void tell_hosts(const struct rulebook *book) {
  const struct headers *h = &book->headers;
  for (size_t i = 0; i < h->count && !book->how->host.base; i++) {
    const struct headers_block *b = &h->block[i];
    const struct rulebook_text *text =
        &book->texts[SCAN_HEADERS].text[b->source];
    if (b->host.len == 0 || b->replaced)
      continue;
    report_at(book->options, EDGESTATIC_WARNING, text->file.base, b->line, 1,
              "this block is for the host %.*s alone and left out, because the "
              "site's own host is not known; give it by --host",
              RULEFILE_QUOTE(b->host));
  }
}

/* A path whose fields do not all fit where no file of its own is sent. */
static void tell_crowded(const struct rulebook *book) {
  char path[EDGESTATIC_TARGET_MAX + 1];
  slice room[ANSWER_OWN_RULES];
  const struct headers_field *f = headers_crowded(
      &book->headers, book->how->host, room, ANSWER_OWN_RULES, path);
  if (f)
    report_at(book->options, EDGESTATIC_WARNING,
              book->texts[SCAN_HEADERS].text[f->source].file.base, f->line, 1,
              "paths such as %.*s get more than %zu fields; where another "
              "path's page, a redirect or an error is sent, this one and those "
              "below it are left out; give them fewer",
              RULEFILE_QUOTE(slice_of(path, strlen(path))), ANSWER_OWN_RULES);
}

static slice *bytes_of(const struct rulebook *book, enum scan_rules kind) {
  const struct rulebook_texts *texts = &book->texts[kind];
  slice *bytes =
      mem_new(&book->options->allocator, texts->count, sizeof *bytes);
  for (size_t i = 0; bytes && i < texts->count; i++)
    bytes[i] = texts->text[i].bytes;
  return bytes;
}

static int read_texts(struct rulebook *book, enum scan_rules kind) {
  const edgestatic_allocator *allocator = &book->options->allocator;
  size_t count = book->texts[kind].count;
  enum rulefile_dialect dialect =
      book->how->dialect == EDGESTATIC_DIALECT_CLOUDFLARE ? RULEFILE_CLOUDFLARE
                                                          : RULEFILE_NETLIFY;
  const struct redirects_options options = {
      allocator, dialect, book->options->html_handling == EDGESTATIC_HTML_NONE};
  if (count == 0)
    return EDGESTATIC_OK;
  slice *bytes = bytes_of(book, kind);
  if (!bytes)
    return EDGESTATIC_ERR_MEMORY;
  int error = kind == SCAN_REDIRECTS
                  ? redirects_read_texts(&book->redirects, &options, bytes,
                                         (unsigned)count)
                  : headers_read_texts(&book->headers, allocator, dialect,
                                       bytes, (unsigned)count);
  mem_free(allocator, bytes, count * sizeof *bytes);
  return error;
}

int rulebook_read(struct rulebook *book) {
  int error = read_texts(book, SCAN_REDIRECTS);
  if (!error)
    error = read_texts(book, SCAN_HEADERS);
  if (error)
    return error;
  /* Both are told of, so that one build shows all that is wrong. */
  int redirects = tell(book, SCAN_REDIRECTS, &book->redirects.file);
  int headers = tell(book, SCAN_HEADERS, &book->headers.file);
  tell_hosts(book);
  tell_crowded(book);
  return redirects ? redirects : headers;
}

/* ---- Fields of an asset ---- */

struct overlay {
  const struct rulebook *book;
  struct fieldlist *list;
  const struct fields_subject *subject;
  slice *type;
};

static const struct rulebook_text *
text_of(const struct rulebook *book, const struct headers_change *change) {
  return &book->texts[SCAN_HEADERS].text[change->source];
}

/* "_headers:12", in the list. */
static slice origin_of(const struct overlay *o,
                       const struct headers_change *change) {
  char origin[RULEBOOK_NAME_MAX + 12];
  int len = snprintf(origin, sizeof origin, "%s:%u",
                     text_of(o->book, change)->name.base, change->line);
  return fieldlist_copy(o->list, slice_of(origin, (size_t)len));
}

/* EDGESTATIC_OK, or EDGESTATIC_ERR_INPUT after telling. */
static int set_type(const struct overlay *o, slice value, slice origin,
                    const struct headers_change *change) {
  if (value.len > PACK_TYPE_MAX) {
    report_at(o->book->options, EDGESTATIC_ERROR,
              text_of(o->book, change)->file.base, change->line, 1,
              "a Content-Type has at most %d bytes; shorten it", PACK_TYPE_MAX);
    return EDGESTATIC_ERR_INPUT;
  }
  *o->type = value;
  fieldlist_set(o->list, LIT("Content-Type"), value, origin, 0);
  return EDGESTATIC_OK;
}

/* Whether a field is the site's own affair (rulebook.h). */
static bool stays(slice name) {
  return slice_eq_nocase(name, LIT("Vary")) ||
         slice_eq_nocase(name, LIT("Content-Type"));
}

static int change_field(const struct overlay *o,
                        const struct headers_change *change) {
  if (change->unset) {
    if (!stays(change->name))
      fieldlist_remove(o->list, change->name);
    return EDGESTATIC_OK;
  }
  slice origin = origin_of(o, change);
  slice name = fieldlist_copy(o->list, change->name);
  slice value = fieldlist_copy(o->list, change->value);
  if (slice_eq_nocase(name, LIT("Content-Type")))
    return set_type(o, value, origin, change);
  if (slice_eq_nocase(name, LIT("Vary")))
    fieldlist_merge(o->list, name, value, origin, FIELDLIST_KEPT);
  else if (slice_eq_nocase(name, LIT("Set-Cookie")))
    fieldlist_add(o->list, name, value, origin, FIELDLIST_KEPT);
  else if (slice_eq_nocase(name, LIT("Strict-Transport-Security")))
    fieldlist_set(o->list, name, value, origin, FIELDLIST_TLS);
  else
    fieldlist_set(o->list, name, value, origin, FIELDLIST_KEPT);
  return EDGESTATIC_OK;
}

int rulebook_overlay(const struct rulebook *book, struct fieldlist *list,
                     const struct fields_subject *subject, slice *type,
                     bool *changed) {
  const struct overlay o = {book, list, subject, type};
  struct headers_changes changes = {
      .strings = {&book->options->allocator, NULL}};
  int error = headers_apply(&book->headers, subject->path, subject->location,
                            book->how->host, &changes);
  *changed = changes.count > 0;
  for (size_t i = 0; !error && i < changes.count; i++)
    error = change_field(&o, &changes.change[i]);
  headers_changes_free(&changes);
  if (error == EDGESTATIC_ERR_LIMIT || list->error == EDGESTATIC_ERR_LIMIT)
    return report_error(book->options, EDGESTATIC_ERR_INPUT,
                        subject->item->path.base, 0,
                        "the rules of _headers give it more than %d fields, or "
                        "a value of more than %d bytes; give it fewer",
                        HEADERS_CHANGES_MAX, HEADERS_VALUE_MAX);
  return error ? error : list->error;
}

/* ---- The pack ---- */

static int pack_texts(const struct rulebook *book, enum scan_rules kind,
                      struct layout *layout) {
  const edgestatic_allocator *allocator = &book->options->allocator;
  const struct rulebook_texts *texts = &book->texts[kind];
  int error = EDGESTATIC_OK;
  if (texts->count == 0)
    return EDGESTATIC_OK;
  slice *name = mem_new(allocator, texts->count, sizeof *name);
  if (!name)
    return EDGESTATIC_ERR_MEMORY;
  for (size_t i = 0; i < texts->count; i++)
    name[i] = texts->text[i].name;
  if (kind == SCAN_REDIRECTS)
    error = redirects_pack(layout, &book->redirects, name);
  else
    headers_pack(layout, &book->headers, book->how->host, name);
  mem_free(allocator, name, texts->count * sizeof *name);
  return error;
}

int rulebook_pack(const struct rulebook *book, struct layout *layout) {
  /* Cloudflare's html handling redirects a rewrite, too. */
  if (book->how->dialect == EDGESTATIC_DIALECT_CLOUDFLARE &&
      book->options->html_handling != EDGESTATIC_HTML_NONE &&
      book->redirects.count > 0)
    layout->ruleset_flags |= RULESET_PAGES;
  int error = pack_texts(book, SCAN_REDIRECTS, layout);
  return error ? error : pack_texts(book, SCAN_HEADERS, layout);
}

void rulebook_free(struct rulebook *book) {
  const edgestatic_allocator *allocator = &book->options->allocator;
  for (int i = 0; i < SCAN_RULES; i++)
    mem_free(allocator, book->texts[i].text,
             book->texts[i].room * sizeof *book->texts[i].text);
  for (int i = 0; i < SCAN_RULES; i++)
    if (book->file[i].allocator)
      readfile_free(&book->file[i]);
  if (book->redirects.file.strings.allocator)
    redirects_free(&book->redirects);
  if (book->headers.file.strings.allocator)
    headers_free(&book->headers);
}
