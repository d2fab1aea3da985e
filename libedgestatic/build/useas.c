/* useas.c - see useas.h.
 *
 * Rulings:
 * - A dictionary is of use while its response is fresh or may be served stale
 *   (RFC 9842 section 2.2.1): a positive max-age or stale-while-revalidate,
 *   and none of no-store, no-cache and a value that is not understood.  So the
 *   pages of a site, which are no-cache by default, are none.
 * - A stable name is matched by itself, a hashed one by a named group in place
 *   of the hash, which ends at the next "/".  Groups by regular expression are
 *   not allowed (section 2.1.1).
 * - No id: the hash decides alone (section 2.1.3).  No match-dest: what is
 *   asked for by another element is the same file (section 2.1.2).  No type:
 *   raw is the default (section 2.1.4).
 * - Of an error page, of a single-page app at other paths and of what an
 *   earlier release left behind nothing new is announced.
 * - A 304 does not repeat it: it is none of the fields of RFC 9110 section
 *   15.4.5, and the client holds the response that had it.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/useas.h"

#include "build/delta.h"
#include "build/mime.h"
#include "build/urls.h"
#include "core/list.h"

#define FIELD LIT("Use-As-Dictionary")

/* By its place in memory our own field is known from the owner's. */
static const char origin[] = "default: dictionary of later versions";

/* ---- The value ---- */

/* Appends a part of a path: percent-encoded as in a URL, then what a URL
 * pattern would read as more than itself is escaped by a backslash, which a
 * string of a structured field doubles (RFC 9651 section 3.3.3). */
static char *put_path(char *to, slice part) {
  char encoded[URLS_ENCODED_MAX];
  size_t len = urls_encode(encoded, part);
  for (size_t i = 0; i < len; i++) {
    if (memchr("*+:()", encoded[i], 5)) {
      *to++ = '\\';
      *to++ = '\\';
    }
    *to++ = encoded[i];
  }
  return to;
}

static char *put(char *to, slice s) {
  memcpy(to, s.base, s.len);
  return to + s.len;
}

slice useas_value(char text[USEAS_VALUE_MAX], slice path, slice hash) {
  char *to = put(text, LIT("match=\""));
  if (!hash.base) {
    to = put_path(to, path);
  } else {
    size_t before = (size_t)(hash.base - path.base);
    slice after = slice_skip(path, before + hash.len);
    to = put_path(to, slice_of(path.base, before));
    /* "_" would go on with the name of the group. */
    to = put(to, after.len > 0 && after.base[0] == '_' ? LIT("*") : LIT(":h"));
    to = put_path(to, after);
  }
  *to++ = '"';
  return slice_of(text, (size_t)(to - text));
}

/* ---- Cache-Control ---- */

/* A positive number of seconds. */
static bool is_some(slice text) {
  bool some = false;
  for (size_t i = 0; i < text.len; i++) {
    if (!is_digit(text.base[i]))
      return false;
    some = some || text.base[i] != '0';
  }
  return some;
}

/* What a value allows: keeping for some time, or for none. */
struct allowed {
  bool fresh, stale, no_stale, never;
};

static void read_directive(struct allowed *a, slice directive) {
  size_t n = 0;
  while (n < directive.len && directive.base[n] != '=')
    n++;
  slice name = slice_of(directive.base, n);
  slice argument = slice_skip(directive, n < directive.len ? n + 1 : n);
  if (slice_eq_nocase(name, LIT("max-age")))
    a->fresh = is_some(argument);
  else if (slice_eq_nocase(name, LIT("stale-while-revalidate")))
    a->stale = is_some(argument);
  else if (slice_eq_nocase(name, LIT("must-revalidate")))
    a->no_stale = true;
  else if (slice_eq_nocase(name, LIT("no-store")) ||
           slice_eq_nocase(name, LIT("no-cache")))
    a->never = true;
}

bool useas_keeps(const struct fieldlist *list) {
  struct allowed a = {false, false, false, false};
  for (size_t i = 0; i < list->count; i++) {
    slice rest = list->field[i].value, directive;
    if (!slice_eq_nocase(list->field[i].name, LIT("Cache-Control")))
      continue;
    while (list_next(&rest, &directive))
      read_directive(&a, directive);
  }
  return !a.never && (a.fresh || (a.stale && !a.no_stale));
}

/* ---- The field ---- */

static bool is_dictionary(const struct policy *policy,
                          const struct fields_subject *s) {
  return !policy->site.no_deltas && s->role == FIELDS_FILE && s->variants > 1 &&
         s->size >= USEAS_MIN && s->size <= DELTA_INPUT_MAX;
}

void useas_offer(struct fieldlist *list, const struct policy *policy,
                 const struct fields_subject *s) {
  char value[USEAS_VALUE_MAX];
  if (fieldlist_find(list, FIELD) || !is_dictionary(policy, s))
    return;
  slice hash =
      versions_hash(&policy->evidence, s->type, s->path, s->item->path);
  slice match = useas_value(value, s->path, hash);
  fieldlist_add(list, FIELD, fieldlist_copy(list, match),
                slice_of(origin, sizeof origin - 1), 0);
}

void useas_settle(struct fieldlist *list) {
  const struct fieldlist_field *there = fieldlist_find(list, FIELD);
  if (there && there->origin.base == origin && !useas_keeps(list))
    fieldlist_remove(list, FIELD);
}
