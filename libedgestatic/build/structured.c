/* structured.c - see structured.h.  A function for each section of RFC 8941;
 * each takes what it parses off the front of *s.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/structured.h"

static bool take(slice *s, char c) {
  if (s->len == 0 || s->base[0] != c)
    return false;
  *s = slice_skip(*s, 1);
  return true;
}

static bool is_alpha(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool is_one_of(char c, const char *set) {
  return c != '\0' && strchr(set, c) != NULL;
}

static size_t digits(slice s) {
  size_t n = 0;
  while (n < s.len && is_digit(s.base[n]))
    n++;
  return n;
}

/* Section 4.2.4: at most 15 digits, or 12 and a fraction of 3. */
static bool number(slice *s) {
  take(s, '-');
  size_t whole = digits(*s);
  *s = slice_skip(*s, whole);
  if (whole == 0 || whole > 15)
    return false;
  if (s->len == 0 || s->base[0] != '.')
    return true;
  slice fraction = slice_skip(*s, 1);
  size_t part = digits(fraction);
  if (whole > 12 || part == 0 || part > 3)
    return false;
  *s = slice_skip(fraction, part);
  return true;
}

/* Section 4.2.5. */
static bool string(slice *s) {
  while (s->len > 0 && s->base[0] >= ' ' && s->base[0] < 0x7f) {
    char c = s->base[0];
    *s = slice_skip(*s, 1);
    if (c == '"')
      return true;
    if (c == '\\' && !take(s, '"') && !take(s, '\\'))
      return false;
  }
  return false;
}

/* Section 4.2.6. */
static bool token(slice *s) {
  while (s->len > 0 && (is_alpha(s->base[0]) || is_digit(s->base[0]) ||
                        is_one_of(s->base[0], "!#$%&'*+-.^_`|~:/")))
    *s = slice_skip(*s, 1);
  return true;
}

/* Section 4.2.7. */
static bool bytes(slice *s) {
  while (s->len > 0 && (is_alpha(s->base[0]) || is_digit(s->base[0]) ||
                        is_one_of(s->base[0], "+/=")))
    *s = slice_skip(*s, 1);
  return take(s, ':');
}

/* Section 4.2.3.1. */
static bool bare_item(slice *s) {
  if (s->len == 0)
    return false;
  if (s->base[0] == '-' || is_digit(s->base[0]))
    return number(s);
  if (s->base[0] == '*' || is_alpha(s->base[0]))
    return token(s);
  if (take(s, '"'))
    return string(s);
  if (take(s, ':'))
    return bytes(s);
  return take(s, '?') && (take(s, '0') || take(s, '1'));
}

/* Section 4.2.3.3. */
static bool key(slice *s) {
  if (s->len == 0 ||
      !((s->base[0] >= 'a' && s->base[0] <= 'z') || s->base[0] == '*'))
    return false;
  while (s->len > 0 && ((s->base[0] >= 'a' && s->base[0] <= 'z') ||
                        is_digit(s->base[0]) || is_one_of(s->base[0], "_-.*")))
    *s = slice_skip(*s, 1);
  return true;
}

static void blanks(slice *s) {
  while (take(s, ' '))
    ;
}

/* Section 4.2.3.2. */
static bool parameters(slice *s) {
  while (take(s, ';')) {
    blanks(s);
    if (!key(s) || (take(s, '=') && !bare_item(s)))
      return false;
  }
  return true;
}

/* Section 4.2.1.2. */
static bool inner_list(slice *s) {
  for (;;) {
    blanks(s);
    if (take(s, ')'))
      return parameters(s);
    if (!bare_item(s) || !parameters(s) ||
        (s->len > 0 && s->base[0] != ' ' && s->base[0] != ')'))
      return false;
  }
}

static bool member(slice *s) {
  if (!key(s))
    return false;
  if (!take(s, '='))
    return parameters(s);
  if (take(s, '('))
    return inner_list(s);
  return bare_item(s) && parameters(s);
}

bool structured_dictionary(slice value, slice *rest) {
  *rest = value;
  do {
    while (take(rest, ' ') || take(rest, '\t'))
      ;
    if (!member(rest))
      return false;
    while (take(rest, ' ') || take(rest, '\t'))
      ;
  } while (take(rest, ','));
  return rest->len == 0;
}
