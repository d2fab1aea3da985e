/* fingerprint.c - file names that carry a hash of their content.
 *
 * Who is wrong in the one direction sends a file once more than needed; in the
 * other, a browser keeps a file for a year that has changed.  So a name must
 * look like a hash and unlike a word, a date, a version or a counter:
 *
 *   hex, 16 and more   a letter and a digit, anywhere in the name
 *   hex, 8 to 15       last part of the name; not "cafe2024", not "20240115a"
 *   base64url, 8       last part; mixed as CamelCase never is
 *   base32, 8          last part; capitals and 2 to 7 as no word has them
 *
 * "Last part" is before the extension and what tools put between (".chunk",
 * ".min", ".js" of ".js.map").  Of random hashes the rules know 91 % (8 hex
 * digits), 98 % (12), all (16 and more), 73 % of base64url and 79 % of base32;
 * of the 208,000 other file names of a Debian they took one for a fingerprint.
 * The build looks at the files beside it, too (build/evidence.h).
 * What looks like a hash but is a page (.html) or has no extension is an
 * address, not the output of a build tool; a UUID names what may change.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/fingerprint.h"

static bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

static bool is_letter(char c) {
  return is_upper(c) || is_lower(c);
}

static bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool is_separator(char c) {
  return c == '.' || c == '-' || c == '_' || c == '~';
}

/* Lower-case hex digits as a hash has them: of both kinds, and of a short one
 * more than a word and a number. */
static bool is_hex_hash(slice s) {
  size_t digits = 0, changes = 0;
  for (size_t i = 0; i < s.len; i++) {
    if (!is_hex(s.base[i]))
      return false;
    digits += is_digit(s.base[i]);
    changes += i > 0 && is_digit(s.base[i]) != is_digit(s.base[i - 1]);
  }
  return digits > 0 && digits < s.len && (s.len >= 16 || changes > 1);
}

static bool is_number(slice s) {
  size_t i = 0;
  while (i < s.len && is_digit(s.base[i]))
    i++;
  return i == s.len;
}

/* "<16 or more hex digits>" between separators: MD5, SHA and the like.  Hugo
 * writes "hu" before that of a processed image, which some versions of it wrote
 * in decimal. */
static slice long_hash(slice stem) {
  size_t begin = 0;
  for (size_t i = 0; i <= stem.len; i++) {
    if (i < stem.len && !is_separator(stem.base[i]))
      continue;
    slice part = slice_of(stem.base + begin, i - begin);
    bool image = slice_starts(part, LIT("hu"));
    if (image)
      part = slice_skip(part, 2);
    if (part.len >= 16 && (is_hex_hash(part) || (image && is_number(part))))
      return part;
    begin = i + 1;
  }
  return (slice){NULL, 0};
}

/* The longest run of consonants. */
static int consonants(slice s) {
  int run = 0, longest = 0;
  for (size_t i = 0; i < s.len; i++) {
    char c = lower(s.base[i]);
    bool vowel =
        c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
    run = is_letter(c) && !vowel ? run + 1 : 0;
    if (run > longest)
      longest = run;
  }
  return longest;
}

/* How often a name breaks the habits of CamelCase: a capital has at least two
 * small letters behind it, and two or more capitals are an abbreviation that
 * begins or ends a run of letters. */
static int odd_letters(slice s) {
  int odd = 0;
  size_t i = 0;
  while (i < s.len) {
    if (!is_letter(s.base[i])) {
      i++;
      continue;
    }
    size_t begin = i;
    while (i < s.len && is_upper(s.base[i]))
      i++;
    size_t capitals = i - begin;
    while (i < s.len && is_lower(s.base[i]))
      i++;
    size_t small = i - begin - capitals;
    bool first = begin == 0 || !is_letter(s.base[begin - 1]);
    bool last = i == s.len || !is_letter(s.base[i]);
    if (capitals < 2 ? small < 2 : small == 0 ? !last : small < 2 || !first)
      odd++;
  }
  return odd;
}

struct letters {
  int upper, lower, digits, digit_runs, dashes, others;
};

static struct letters count(slice s) {
  struct letters n = {0};
  for (size_t i = 0; i < s.len; i++) {
    char c = s.base[i];
    n.upper += is_upper(c);
    n.lower += is_lower(c);
    n.digits += is_digit(c);
    n.digit_runs += is_digit(c) && (i == 0 || !is_digit(s.base[i - 1]));
    n.dashes += c == '-' || c == '_';
    n.others += !is_letter(c) && !is_digit(c) && c != '-' && c != '_';
  }
  return n;
}

/* Rollup and Vite; bare in Nuxt, where there must be more evidence. */
static bool is_base64_hash(slice s, bool bare) {
  struct letters n = count(s);
  int odd = odd_letters(s);
  if (n.upper == 0 || n.lower == 0 || n.others > 0)
    return false;
  if (bare || n.dashes > 0)
    return odd > 2 || (odd > 1 && n.digits > 0 && n.upper > 1 && n.lower > 1);
  return odd > 1 || (odd == 1 && (n.digit_runs > 1 || consonants(s) > 3));
}

/* esbuild. */
static bool is_base32_hash(slice s) {
  struct letters n = count(s);
  for (size_t i = 0; i < s.len; i++)
    if (!is_upper(s.base[i]) && !(s.base[i] >= '2' && s.base[i] <= '7'))
      return false;
  bool inside = n.digit_runs > 1 || (n.digits > 0 && !is_digit(s.base[0]) &&
                                     !is_digit(s.base[s.len - 1]));
  return n.digit_runs > 1 || consonants(s) > (inside ? 2 : 3);
}

/* xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx */
static bool ends_with_uuid(slice s) {
  if (s.len < 36)
    return false;
  s = slice_skip(s, s.len - 36);
  for (size_t i = 0; i < 36; i++)
    if (i == 8 || i == 13 || i == 18 || i == 23 ? s.base[i] != '-'
                                                : !is_hex(s.base[i]))
      return false;
  return true;
}

/* Where the last part of a name begins. */
static size_t last_part(slice s) {
  size_t i = s.len;
  while (i > 0 && !is_separator(s.base[i - 1]))
    i--;
  return i;
}

static bool is_one_of(slice s, const slice *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (slice_eq_nocase(s, list[i]))
      return true;
  return false;
}

#define IS_ONE_OF(s, list) is_one_of((s), (list), sizeof(list) / sizeof *(list))
#define L(s) EDGESTATIC_LITERAL(s)

/* What tools put between the hash and the extension. */
static const slice tails[] = {
    L("bundle"), L("chunk"),  L("cjs"),    L("css"),     L("es5"), L("esm"),
    L("js"),     L("lean"),   L("legacy"), L("license"), L("map"), L("min"),
    L("mjs"),    L("modern"), L("module"), L("otf"),     L("ttf"), L("woff")};

/* Addresses rather than outputs. */
static const slice pages[] = {L("htm"), L("html"), L("xhtml")};

/* Where a hash without hexadecimal looks is to be believed. */
static const slice outputs[] = {
    L("avif"), L("css"),  L("eot"),  L("gif"), L("ico"),  L("jpeg"),
    L("jpg"),  L("js"),   L("json"), L("map"), L("mjs"),  L("mp4"),
    L("otf"),  L("png"),  L("svg"),  L("ttf"), L("wasm"), L("webm"),
    L("webp"), L("woff"), L("woff2")};

slice fingerprint_of(slice name) {
  static const slice none;
  size_t begin = last_part(name);
  if (begin == 0 || name.base[begin - 1] != '.')
    return none;
  slice extension = slice_skip(name, begin);
  slice stem = slice_of(name.base, begin - 1);
  if (IS_ONE_OF(extension, pages))
    return none;
  slice part = long_hash(stem);
  if (part.base)
    return part;

  begin = last_part(stem);
  while (begin > 0 && IS_ONE_OF(slice_skip(stem, begin), tails)) {
    stem.len = begin - 1;
    begin = last_part(stem);
  }
  part = slice_skip(stem, begin);
  if (part.len >= 8 && is_hex_hash(part))
    return ends_with_uuid(stem) ? none : part;

  /* base64url has two of the separators among its digits. */
  if (stem.len < 8 || !IS_ONE_OF(extension, outputs))
    return none;
  part = slice_skip(stem, stem.len - 8);
  bool bare = stem.len == 8;
  if (!bare && part.base[-1] != '-' && part.base[-1] != '.')
    return none;
  return is_base64_hash(part, bare) || (!bare && is_base32_hash(part)) ? part
                                                                       : none;
}
