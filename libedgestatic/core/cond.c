/* cond.c - the five preconditions (RFC 9110 section 13).
 *
 * Rulings:
 * - A field that is present but lists no tag that matches fails, also when it
 *   is empty or malformed: for If-None-Match that gives the content, for
 *   If-Match a 412.
 * - A date that is no HTTP-date is ignored, as are dates of a representation
 *   without Last-Modified (sections 13.1.3 and 13.1.4).
 * - A date in If-Range is a match only if it is exactly Last-Modified and that
 *   is a strong validator (section 13.1.5).  All codings of an asset share
 *   their Last-Modified, so it is strong (section 8.8.2.2: it must not stand
 *   for two sets of bytes) only for an asset that has a single variant;
 *   otherwise a part of one coding could be glued to a part of another.
 *   limit: two releases that change a file within one second, or with the same
 *   SOURCE_DATE_EPOCH, share a date too; tags have no such gap.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/cond.h"
#include "core/date.h"
#include "core/etag.h"

static bool is_any(slice s) {
  s = slice_trim(s);
  return s.len == 1 && s.base[0] == '*';
}

static bool has_date(slice field, const struct validators *v, int64_t *date) {
  return field.base != NULL && v->modified != INT64_MIN &&
         date_parse(slice_trim(field), date);
}

int cond_evaluate(const edgestatic_request *request, const struct validators *v,
                  int32_t *decided_by) {
  const slice *field = request->field;
  slice match = field[EDGESTATIC_FIELD_IF_MATCH];
  slice none_match = field[EDGESTATIC_FIELD_IF_NONE_MATCH];
  int64_t date;

  /* Steps 1 and 2. */
  if (match.base != NULL) {
    if (!is_any(match) && !etag_list_has(match, v->etag, ETAG_STRONG)) {
      *decided_by = EDGESTATIC_FIELD_IF_MATCH;
      return 412;
    }
  } else if (has_date(field[EDGESTATIC_FIELD_IF_UNMODIFIED_SINCE], v, &date) &&
             v->modified > date) {
    *decided_by = EDGESTATIC_FIELD_IF_UNMODIFIED_SINCE;
    return 412;
  }

  /* Steps 3 and 4: If-Modified-Since counts only without If-None-Match. */
  if (none_match.base != NULL) {
    if (is_any(none_match) || etag_list_has(none_match, v->etag, ETAG_WEAK)) {
      *decided_by = EDGESTATIC_FIELD_IF_NONE_MATCH;
      return 304;
    }
  } else if (has_date(field[EDGESTATIC_FIELD_IF_MODIFIED_SINCE], v, &date) &&
             v->modified <= date) {
    *decided_by = EDGESTATIC_FIELD_IF_MODIFIED_SINCE;
    return 304;
  }
  return 0;
}

bool cond_if_range(slice value, const struct validators *v) {
  int64_t date;
  value = slice_trim(value);
  /* One tag, not a list: nothing may follow it. */
  if (value.len > 0 && value.base[0] == '"')
    return v->etag.len > 0 && slice_eq(value, v->etag);
  return v->date_is_strong && has_date(value, v, &date) && v->modified == date;
}
