/* coding.c - Accept-Encoding (RFC 9110 sections 12.4.2 and 12.5.3) and
 * Available-Dictionary (RFC 9842 section 2.2).
 *
 * Rulings:
 * - No field: identity.  Any coding would be allowed, but who does not say
 *   that it decodes often does not.  An empty field: identity, as it says.
 * - "*" stands for each coding that is not named, identity too; but not for
 *   dcb and dcz, which need a dictionary too: who has one names them (RFC 9842
 *   section 6.1 has clients do so), and a "*" of older clients never meant
 *   them.
 * - identity that nothing speaks of is acceptable; it gets the least weight
 *   there is, so that any coding asked for comes before it.
 * - An element that is malformed is passed over, weight or not: "gzip;q=x"
 *   does not make gzip acceptable, as it may have meant the opposite.
 * - A coding named twice gets its lowest weight: a refusal is never lost.
 * - Available-Dictionary is a byte sequence of 32, or it says nothing.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/coding.h"
#include "core/list.h"
#include "core/structured.h"

#define UNNAMED UINT16_MAX

edgestatic_slice edgestatic_coding_name(int coding) {
  static const edgestatic_slice names[] = {
#define EDGESTATIC_X(name, id, token) [id] = EDGESTATIC_LITERAL(token),
      EDGESTATIC_CODINGS(EDGESTATIC_X)
#undef EDGESTATIC_X
  };
  if (coding < 0 || coding >= EDGESTATIC_CODING_COUNT)
    return (edgestatic_slice){NULL, 0};
  return names[coding];
}

/* weight = OWS ";" OWS "q=" qvalue; "q" in any case (RFC 5234 section 2.3). */
int weight_parse(slice s) {
  s = slice_trim(s);
  if (s.len < 3 || lower(s.base[0]) != 'q' || s.base[1] != '=' ||
      (s.base[2] != '0' && s.base[2] != '1'))
    return -1;
  int weight = (s.base[2] - '0') * 1000;
  s = slice_skip(s, 3);
  if (s.len == 0)
    return weight;
  if (s.base[0] != '.' || s.len > 4)
    return -1;
  int scale = 100;
  for (size_t i = 1; i < s.len; i++, scale /= 10) {
    if (!is_digit(s.base[i]))
      return -1;
    weight += (s.base[i] - '0') * scale;
  }
  return weight <= 1000 ? weight : -1;
}

/* EDGESTATIC_CODING_COUNT stands for "*", -1 for codings that we lack. */
static int coding_of(slice token) {
  switch (token.len) {
  case 1:
    return token.base[0] == '*' ? EDGESTATIC_CODING_COUNT : -1;
  case 2:
    return slice_eq_nocase(token, LIT("br")) ? EDGESTATIC_CODING_BR : -1;
  case 3:
    if (slice_eq_nocase(token, LIT("dcz")))
      return EDGESTATIC_CODING_DCZ;
    return slice_eq_nocase(token, LIT("dcb")) ? EDGESTATIC_CODING_DCB : -1;
  case 4:
    if (slice_eq_nocase(token, LIT("gzip")))
      return EDGESTATIC_CODING_GZIP;
    return slice_eq_nocase(token, LIT("zstd")) ? EDGESTATIC_CODING_ZSTD : -1;
  case 6: /* equivalent to gzip (section 8.4.1.3) */
    return slice_eq_nocase(token, LIT("x-gzip")) ? EDGESTATIC_CODING_GZIP : -1;
  case 8:
    return slice_eq_nocase(token, LIT("identity")) ? EDGESTATIC_CODING_IDENTITY
                                                   : -1;
  default:
    return -1;
  }
}

void coding_weights(slice accept, uint16_t weight[EDGESTATIC_CODING_COUNT]) {
  uint16_t named[EDGESTATIC_CODING_COUNT + 1];
  for (int i = 0; i <= EDGESTATIC_CODING_COUNT; i++)
    named[i] = UNNAMED;

  slice element, token, parameter;
  while (list_next(&accept, &element)) {
    slice_cut(element, ';', &token, &parameter);
    int coding = coding_of(slice_trim(token));
    if (coding < 0)
      continue;
    int w = token.len == element.len ? 1000 : weight_parse(parameter);
    if (w >= 0 && w < named[coding])
      named[coding] = (uint16_t)w;
  }

  for (int i = 0; i < EDGESTATIC_CODING_COUNT; i++) {
    if (named[i] != UNNAMED)
      weight[i] = named[i];
    else if (named[EDGESTATIC_CODING_COUNT] != UNNAMED &&
             i < EDGESTATIC_CODING_DCB)
      weight[i] = named[EDGESTATIC_CODING_COUNT];
    else
      weight[i] = i == EDGESTATIC_CODING_IDENTITY ? 1 : 0;
  }
}

int edgestatic_coding_weight(edgestatic_slice accept_encoding, int coding) {
  uint16_t weight[EDGESTATIC_CODING_COUNT];
  if (coding < 0 || coding >= EDGESTATIC_CODING_COUNT)
    return 0;
  coding_weights(accept_encoding, weight);
  return weight[coding];
}

int edgestatic_available_dictionary(edgestatic_slice value,
                                    unsigned char sha256[32]) {
  return value.base != NULL && structured_bytes(value, sha256, 32);
}
