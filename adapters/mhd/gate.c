/* gate.c - see gate.h.  SPDX-License-Identifier: MIT */
#include "gate.h"

/* ---- Byte classes ---- */

enum {
  TOKEN = 1, /* tchar (RFC 9110 section 5.6.2) */
  NAME = 2,  /* unreserved or sub-delims (RFC 3986 section 2.3, 2.2) */
  HEX = 4
};

#define BOTH (TOKEN | NAME)

static const unsigned char class_of[256] = {
    ['0'] = BOTH | HEX, ['1'] = BOTH | HEX, ['2'] = BOTH | HEX,
    ['3'] = BOTH | HEX, ['4'] = BOTH | HEX, ['5'] = BOTH | HEX,
    ['6'] = BOTH | HEX, ['7'] = BOTH | HEX, ['8'] = BOTH | HEX,
    ['9'] = BOTH | HEX, ['A'] = BOTH | HEX, ['B'] = BOTH | HEX,
    ['C'] = BOTH | HEX, ['D'] = BOTH | HEX, ['E'] = BOTH | HEX,
    ['F'] = BOTH | HEX, ['a'] = BOTH | HEX, ['b'] = BOTH | HEX,
    ['c'] = BOTH | HEX, ['d'] = BOTH | HEX, ['e'] = BOTH | HEX,
    ['f'] = BOTH | HEX, ['G'] = BOTH,       ['H'] = BOTH,
    ['I'] = BOTH,       ['J'] = BOTH,       ['K'] = BOTH,
    ['L'] = BOTH,       ['M'] = BOTH,       ['N'] = BOTH,
    ['O'] = BOTH,       ['P'] = BOTH,       ['Q'] = BOTH,
    ['R'] = BOTH,       ['S'] = BOTH,       ['T'] = BOTH,
    ['U'] = BOTH,       ['V'] = BOTH,       ['W'] = BOTH,
    ['X'] = BOTH,       ['Y'] = BOTH,       ['Z'] = BOTH,
    ['g'] = BOTH,       ['h'] = BOTH,       ['i'] = BOTH,
    ['j'] = BOTH,       ['k'] = BOTH,       ['l'] = BOTH,
    ['m'] = BOTH,       ['n'] = BOTH,       ['o'] = BOTH,
    ['p'] = BOTH,       ['q'] = BOTH,       ['r'] = BOTH,
    ['s'] = BOTH,       ['t'] = BOTH,       ['u'] = BOTH,
    ['v'] = BOTH,       ['w'] = BOTH,       ['x'] = BOTH,
    ['y'] = BOTH,       ['z'] = BOTH,       ['-'] = BOTH,
    ['.'] = BOTH,       ['_'] = BOTH,       ['~'] = BOTH,
    ['!'] = BOTH,       ['$'] = BOTH,       ['&'] = BOTH,
    ['\''] = BOTH,      ['*'] = BOTH,       ['+'] = BOTH,
    ['#'] = TOKEN,      ['%'] = TOKEN,      ['^'] = TOKEN,
    ['`'] = TOKEN,      ['|'] = TOKEN,      ['('] = NAME,
    [')'] = NAME,       [','] = NAME,       [';'] = NAME,
    ['='] = NAME,
};

static bool is(char c, unsigned class) {
  return (class_of[(unsigned char)c] & class) != 0;
}

static bool all(slice s, unsigned class) {
  for (size_t i = 0; i < s.len; i++)
    if (!is(s.base[i], class))
      return false;
  return true;
}

/* A control character other than HTAB.  RFC 9110 section 5.5 wants CR, LF and
 * NUL refused or replaced and calls the others dangerous: all are refused.
 * Values are most of a request's bytes, so eight are looked at at a time. */
static bool has_control(slice s) {
  const uint64_t ones = 0x0101010101010101u;
  size_t i = 0;

  for (; i + 8 <= s.len; i += 8) {
    uint64_t x;
    memcpy(&x, s.base + i, sizeof x);
    uint64_t below_space = (x - ones * 0x20) & ~x;
    uint64_t del = x ^ ones * 0x7f;
    uint64_t is_del = (del - ones) & ~del;
    if (((below_space | is_del) & ones * 0x80) != 0)
      break; /* HTAB too, and what borrows beside one: look closer */
  }
  for (; i < s.len; i++) {
    unsigned char c = (unsigned char)s.base[i];
    if ((c < 0x20 && c != '\t') || c == 0x7f)
      return true;
  }
  return false;
}

/* ---- Hosts ---- */

/* IPv4address (RFC 3986 section 3.2.2): no leading zeros, no short forms. */
static bool is_ipv4(slice s) {
  size_t i = 0;

  for (int part = 0; part < 4; part++) {
    unsigned n = 0;
    size_t first;
    if (part > 0 && (i == s.len || s.base[i++] != '.'))
      return false;
    for (first = i; i < s.len && i < first + 3 && is_digit(s.base[i]); i++)
      n = n * 10 + (unsigned)(s.base[i] - '0');
    if (i == first || n > 255 || (s.base[first] == '0' && i > first + 1))
      return false;
  }
  return i == s.len;
}

/* IPv6address: eight groups, or fewer and one "::"; the last two may be an
 * IPv4 address. */
static bool is_ipv6(slice s) {
  size_t i = 0;
  int groups = 0;
  bool gap = false;

  if (slice_starts(s, LIT("::"))) {
    gap = true;
    i = 2;
  }
  while (i < s.len) {
    size_t first = i;
    while (i < s.len && i < first + 4 && is(s.base[i], HEX))
      i++;
    if (i < s.len && s.base[i] == '.') {
      if (!is_ipv4(slice_skip(s, first)))
        return false;
      groups += 2;
      break;
    }
    if (i == first || ++groups > 8)
      return false;
    if (i == s.len)
      break;
    if (s.base[i++] != ':' || i == s.len)
      return false;
    if (s.base[i] == ':') {
      if (gap)
        return false;
      gap = true;
      i++;
    }
  }
  return gap ? groups <= 7 : groups == 8;
}

/* IPvFuture: "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ) */
static bool is_ipvfuture(slice s) {
  size_t i = 1;

  if (s.len == 0 || lower(s.base[0]) != 'v')
    return false;
  while (i < s.len && is(s.base[i], HEX))
    i++;
  if (i == 1 || i + 1 >= s.len || s.base[i] != '.')
    return false;
  for (i++; i < s.len; i++)
    if (!is(s.base[i], NAME) && s.base[i] != ':')
      return false;
  return true;
}

bool gate_is_host(slice s) {
  size_t i = 0;

  if (s.len > 0 && s.base[0] == '[') {
    const char *end = memchr(s.base, ']', s.len);
    if (end == NULL)
      return false;
    slice literal = slice_of(s.base + 1, (size_t)(end - s.base) - 1);
    if (!is_ipv6(literal) && !is_ipvfuture(literal))
      return false;
    i = literal.len + 2;
  } else {
    while (i < s.len && s.base[i] != ':') {
      if (s.base[i] == '%') {
        if (s.len - i < 3 || !is(s.base[i + 1], HEX) || !is(s.base[i + 2], HEX))
          return false;
        i += 3;
      } else if (is(s.base[i], NAME)) {
        i++;
      } else {
        return false;
      }
    }
  }
  if (i == s.len)
    return true;
  if (s.base[i++] != ':')
    return false;
  while (i < s.len && is_digit(s.base[i]))
    i++;
  return i == s.len;
}

bool gate_cut_absolute(slice target, slice *authority, slice *rest) {
  slice s;
  size_t n = 0;

  if (target.len >= 7 &&
      slice_eq_nocase(slice_of(target.base, 7), LIT("http://")))
    s = slice_skip(target, 7);
  else if (target.len >= 8 &&
           slice_eq_nocase(slice_of(target.base, 8), LIT("https://")))
    s = slice_skip(target, 8);
  else
    return false;
  while (n < s.len && s.base[n] != '/' && s.base[n] != '?' && s.base[n] != '#')
    n++;
  *authority = slice_of(s.base, n);
  *rest = slice_skip(s, n);
  return true;
}

/* RFC 9112 section 3.2.2: in absolute-form the authority is the target's; the
 * host must not be empty (RFC 9110 section 4.2.1) and userinfo is an error
 * (section 4.2.4), which gate_is_host says of "@".  White space and control
 * characters are in no form of target (section 3.2).  The rest is the core's
 * to judge. */
static bool is_target(slice target) {
  slice authority, rest;

  for (size_t i = 0; i < target.len; i++) {
    unsigned char c = (unsigned char)target.base[i];
    if (c <= 0x20 || c == 0x7f)
      return false;
  }
  return !gate_cut_absolute(target, &authority, &rest) ||
         (authority.len > 0 && authority.base[0] != ':' &&
          gate_is_host(authority));
}

/* ---- Fields ---- */

static void refuse(struct gate *gate, int ruling) {
  if (gate->refused == GATE_PASS)
    gate->refused = ruling;
}

/* RFC 9110 section 8.6: 1*DIGIT.  Chosen: a list of equal numbers, which a
 * recipient may accept, is refused too; so are 20 digits and more, beyond
 * what any counter holds. */
static void see_length(struct gate *gate, slice value) {
  if (value.len == 0 || value.len > 19)
    refuse(gate, GATE_LENGTH);
  for (size_t i = 0; i < value.len; i++) {
    if (!is_digit(value.base[i]))
      refuse(gate, GATE_LENGTH);
    if (value.base[i] != '0')
      gate->content = true;
  }
  if (++gate->lengths > 1)
    refuse(gate, GATE_LENGTH);
}

/* RFC 9112 section 6.1: a list of transfer codings, over all its fields.
 * Parameters make a coding that is not known here. */
static void see_coding(struct gate *gate, slice value) {
  gate->coding_fields++;
  while (value.len > 0) {
    const char *comma = memchr(value.base, ',', value.len);
    size_t n = comma != NULL ? (size_t)(comma - value.base) : value.len;
    slice coding = slice_trim(slice_of(value.base, n));
    value = slice_skip(value, comma != NULL ? n + 1 : n);
    if (coding.len == 0)
      continue; /* empty elements (RFC 9110 section 5.6.1.2) */
    gate->codings++;
    gate->chunked_last = slice_eq_nocase(coding, LIT("chunked"));
    gate->chunked += gate->chunked_last;
  }
}

void gate_field(struct gate *gate, slice name, slice value) {
  value = slice_trim(value);
  if (name.len == 0 || !all(name, TOKEN))
    refuse(gate, GATE_NAME);
  if (has_control(value))
    refuse(gate, GATE_VALUE);
  switch (name.len) {
  case 4:
    if (slice_eq_nocase(name, LIT("Host"))) {
      gate->host = value;
      gate->hosts++;
    }
    break;
  case 14:
    if (slice_eq_nocase(name, LIT("Content-Length")))
      see_length(gate, value);
    break;
  case 17:
    if (slice_eq_nocase(name, LIT("Transfer-Encoding")))
      see_coding(gate, value);
    break;
  }
}

/* RFC 9112 section 6.1 and 6.3: anything that two recipients could frame in
 * two ways is refused, even where a recipient may choose one. */
static int rule_framing(const struct gate *gate, bool http10) {
  if (gate->coding_fields == 0)
    return gate->content ? GATE_CONTENT : GATE_PASS;
  if (gate->lengths > 0)
    return GATE_LENGTH_AND_CODING;
  if (http10)
    return GATE_CODING_IN_HTTP10;
  if (!gate->chunked_last || gate->chunked > 1)
    return GATE_CODING;
  if (gate->codings > 1)
    return GATE_CODING_UNKNOWN;
  return GATE_CONTENT;
}

int gate_rule(const struct gate *gate, slice version, slice target) {
  bool http10 = slice_eq(version, LIT("HTTP/1.0"));

  if (gate->refused != GATE_PASS)
    return gate->refused;
  if (!is_target(target))
    return GATE_TARGET;
  /* RFC 9112 section 3.2: Host is wanted of HTTP/1.1, also beside an
   * absolute-form; twice or malformed it is refused in any version. */
  if (gate->hosts > 1)
    return GATE_HOST_REPEATED;
  if (gate->hosts == 0 && !http10)
    return GATE_HOST_MISSING;
  if (!gate_is_host(gate->host))
    return GATE_HOST_MALFORMED;
  return rule_framing(gate, http10);
}

int gate_status(int ruling) {
  static const short status[] = {
#define GATE_X(id, status, text) [GATE_##id] = (status),
      GATE_RULINGS(GATE_X)
#undef GATE_X
  };
  return status[ruling];
}

const char *gate_text(int ruling) {
  static const char *const text[] = {
#define GATE_X(id, status, text) [GATE_##id] = (text),
      GATE_RULINGS(GATE_X)
#undef GATE_X
  };
  return text[ruling];
}
