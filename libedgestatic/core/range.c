/* range.c - byte ranges (RFC 9110 section 14).
 *
 * Rulings:
 * - A unit that is not "bytes" (in any case, section 14.1), a malformed set, a
 *   last position before its first: the field is ignored (section 14.2: an
 *   invalid one MAY be; it is the older and safer of the two).
 * - Positions have any number of digits; what does not fit into 64 bits is
 *   beyond every representation and is taken as 2^64 - 1.
 * - Ranges that overlap or touch are joined (section 15.3.7.2), where the
 *   first of them stood; the others keep their order, which a client may have
 *   chosen by need.  Gaps are never sent along.
 * - More than EDGESTATIC_RANGES_MAX after joining: the whole representation.
 *   limit: the set is read once, so that ranges which a later one would join
 *   count apart.
 * - Of ranges of which some cannot be satisfied, the others are sent; of none,
 *   416.  A suffix of an empty representation is satisfiable (section
 *   14.1.2), but no Content-Range can say so: the field is ignored.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/range.h"
#include "core/list.h"

static bool take_position(slice *s, uint64_t *n) {
  size_t i = 0;
  *n = 0;
  for (; i < s->len && is_digit(s->base[i]); i++) {
    unsigned digit = (unsigned)(s->base[i] - '0');
    *n = *n > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *n * 10 + digit;
  }
  *s = slice_skip(*s, i);
  return i > 0;
}

/* Reads one range-spec; *satisfiable says whether *r is of the content. */
static bool parse_spec(slice s, uint64_t size, byte_range *r,
                       bool *satisfiable) {
  uint64_t n;
  if (s.base[0] == '-') {
    s = slice_skip(s, 1);
    if (!take_position(&s, &n) || s.len > 0)
      return false;
    *satisfiable = n > 0;
    r->first = n < size ? size - n : 0;
    r->last = size - 1;
    return true;
  }
  if (!take_position(&s, &r->first) || s.len == 0 || s.base[0] != '-')
    return false;
  s = slice_skip(s, 1);
  r->last = UINT64_MAX;
  if (s.len > 0 && (!take_position(&s, &r->last) || s.len > 0))
    return false;
  if (r->first > r->last)
    return false;
  *satisfiable = r->first < size;
  if (r->last >= size)
    r->last = size - 1;
  return true;
}

/* Overlapping, or one right behind the other. */
static bool touch(const byte_range *a, const byte_range *b) {
  return (a->first <= b->last || a->first - b->last == 1) &&
         (b->first <= a->last || b->first - a->last == 1);
}

/* Adds a range to a set of which no two touch.  False: there is no room. */
static bool add(byte_range *range, int *count, byte_range new) {
  int at = *count;
  int kept = 0;
  for (int i = 0; i < *count; i++) {
    if (touch(&range[i], &new)) {
      if (range[i].first < new.first)
        new.first = range[i].first;
      if (range[i].last > new.last)
        new.last = range[i].last;
      if (at == *count)
        at = kept++; /* the place of the first that is joined */
    } else {
      range[kept++] = range[i];
    }
  }
  if (at == *count) {
    if (at == EDGESTATIC_RANGES_MAX)
      return false;
    at = kept++;
  }
  range[at] = new;
  *count = kept;
  return true;
}

int range_parse(slice value, uint64_t size,
                byte_range range[EDGESTATIC_RANGES_MAX]) {
  slice unit, set, spec;
  int count = 0;
  bool any = false, suffix_of_nothing = false;

  slice_cut(value, '=', &unit, &set);
  if (!slice_eq_nocase(unit, LIT("bytes")) || set.len == 0 ||
      is_ows(set.base[0]))
    return RANGE_IGNORED;
  while (list_next(&set, &spec)) {
    byte_range r;
    bool satisfiable;
    if (!parse_spec(spec, size, &r, &satisfiable))
      return RANGE_IGNORED;
    any = true;
    if (!satisfiable)
      continue;
    if (size == 0)
      suffix_of_nothing = true;
    else if (!add(range, &count, r))
      return RANGE_IGNORED;
  }
  if (!any || suffix_of_nothing)
    return RANGE_IGNORED;
  return count > 0 ? count : RANGE_UNSATISFIABLE;
}
