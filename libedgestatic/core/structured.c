/* structured.c - see structured.h.  A function for each section of RFC 8941;
 * each takes what it parses off the front of *s.
 * SPDX-License-Identifier: MIT */
#include "core/structured.h"

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"

/* Base64 (RFC 4648 section 4). */
static const char alphabet[] = UPPER LOWER DIGIT "+/";

#define SEXTETS 64u
#define SEXTET_LOWER 26u /* the first of its kind */
#define SEXTET_DIGIT 52u

/* The place of a byte in the alphabet, or SEXTETS. */
static unsigned sextet(const slice *s) {
  unsigned i = 0;
  while (i < SEXTETS && (s->len == 0 || s->base[0] != alphabet[i]))
    i++;
  return i;
}

static bool take(slice *s, char c) {
  if (s->len == 0 || s->base[0] != c)
    return false;
  *s = slice_skip(*s, 1);
  return true;
}

static bool take_any(slice *s, const char *set) {
  while (*set != '\0' && !take(s, *set))
    set++;
  return *set != '\0';
}

static void blanks(slice *s, const char *set) {
  while (take_any(s, set))
    ;
}

/* Takes bytes of the alphabet from `first` up to its digits, and others. */
static size_t run(slice *s, unsigned first, const char *others) {
  size_t len = s->len;
  for (;;) {
    unsigned i = sextet(s);
    if (i >= first && i < SEXTET_DIGIT + 10)
      *s = slice_skip(*s, 1);
    else if (!take_any(s, others))
      return len - s->len;
  }
}

/* Section 4.2.4: at most 15 digits, or 12 and a fraction of 3. */
static bool number(slice *s) {
  size_t whole = run(s, SEXTET_DIGIT, "");
  if (whole == 0 || whole > 15)
    return false;
  if (!take(s, '.'))
    return true;
  size_t part = run(s, SEXTET_DIGIT, "");
  return whole <= 12 && part > 0 && part <= 3;
}

/* Section 4.2.5. */
static bool string(slice *s) {
  while (s->len > 0 && s->base[0] >= ' ' && s->base[0] < 0x7f) {
    if (take(s, '"'))
      return true;
    if (!take(s, '\\'))
      *s = slice_skip(*s, 1);
    else if (!take_any(s, "\"\\"))
      return false;
  }
  return false;
}

/* Section 4.2.3.1; tokens are of section 4.2.6, byte sequences of 4.2.7. */
static bool bare_item(slice *s) {
  unsigned first = sextet(s);
  if (first < SEXTET_DIGIT || take(s, '*')) {
    run(s, 0, "!#$%&'*+-.^_`|~:/");
    return true;
  }
  if (take(s, '"'))
    return string(s);
  if (take(s, ':')) {
    run(s, 0, "+/=");
    return take(s, ':');
  }
  if (take(s, '?'))
    return take_any(s, "01");
  take(s, '-');
  return number(s);
}

/* Section 4.2.3.3. */
static bool key(slice *s) {
  unsigned first = sextet(s);
  if ((first < SEXTET_LOWER || first >= SEXTET_DIGIT) && !take(s, '*'))
    return false;
  run(s, SEXTET_LOWER, "_-.*");
  return true;
}

/* Section 4.2.3.2. */
static bool parameters(slice *s) {
  while (take(s, ';')) {
    blanks(s, " ");
    if (!key(s) || (take(s, '=') && !bare_item(s)))
      return false;
  }
  return true;
}

/* Section 4.2.1.2. */
static bool inner_list(slice *s) {
  for (;;) {
    blanks(s, " ");
    if (take(s, ')'))
      return true;
    if (!bare_item(s) || !parameters(s) ||
        (s->len > 0 && s->base[0] != ' ' && s->base[0] != ')'))
      return false;
  }
}

/* Section 4.2.2.  *found is the value of the last member of that key, which is
 * the one that counts, as it stands; absent without one. */
static bool dictionary(slice *s, slice wanted, slice *found) {
  *found = (slice){NULL, 0};
  do {
    blanks(s, " \t");
    slice name = *s;
    if (!key(s))
      return false;
    name.len -= s->len;
    bool has_value = take(s, '=');
    slice value = *s;
    if ((has_value && !(take(s, '(') ? inner_list(s) : bare_item(s))) ||
        !parameters(s))
      return false;
    value.len = has_value ? value.len - s->len : 0;
    if (slice_eq(name, wanted))
      *found = value;
    blanks(s, " \t");
  } while (take(s, ','));
  return s->len == 0;
}

bool structured_dictionary(slice value, slice *rest) {
  slice found;
  *rest = value;
  return dictionary(rest, LIT(""), &found);
}

int structured_integer(slice value, slice wanted) {
  slice s;
  if (!dictionary(&value, wanted, &s))
    return -1;
  int n = 0;
  slice digits = s;
  digits.len = run(&s, SEXTET_DIGIT, "");
  for (size_t i = 0; i < digits.len; i++)
    if (n <= STRUCTURED_INTEGER_MAX)
      n = n * 10 + (digits.base[i] - '0');
  return digits.len > 0 && !take(&s, '.') && n <= STRUCTURED_INTEGER_MAX ? n
                                                                         : -1;
}

/* Padding may be missing, and pad bits are not looked at, as section 4.2.7 asks
 * of those who read. */
bool structured_bytes(slice s, unsigned char *bytes, size_t len) {
  uint32_t bits = 0;
  unsigned had = 0;
  blanks(&s, " ");
  if (!take(&s, ':'))
    return false;
  for (size_t i = 0; i < len; had -= 8) {
    for (; had < 8; had += 6) {
      unsigned six = sextet(&s);
      if (six == SEXTETS)
        return false;
      bits = bits << 6 | six;
      s = slice_skip(s, 1);
    }
    bytes[i++] = (unsigned char)(bits >> (had - 8));
  }
  for (size_t i = len; i % 3 != 0 && take(&s, '='); i++)
    ;
  if (!take(&s, ':') || !parameters(&s))
    return false;
  blanks(&s, " ");
  return s.len == 0;
}

void structured_put_bytes(char *out, const unsigned char *bytes, size_t len) {
  size_t i = 0;
  *out++ = ':';
  for (; i * 6 < len * 8; i++) {
    size_t at = i * 6 / 8;
    unsigned two = (unsigned)bytes[at] << 8;
    if (at + 1 < len)
      two |= bytes[at + 1];
    *out++ = alphabet[two >> (10 - i * 6 % 8) & 63];
  }
  for (; i % 4 != 0; i++)
    *out++ = '=';
  *out = ':';
}
