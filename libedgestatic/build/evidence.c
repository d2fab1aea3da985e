/* evidence.c - see evidence.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/evidence.h"

#include "build/glob.h"
#include "core/fingerprint.h"

#include <stdlib.h>

/* Short hashes have at least 8 digits; longer ones than these need nobody
 * beside them. */
#define HASH_MIN 8
#define HASH_MAX 15

/* Longest extension, and longest part that tools put before it. */
#define EXTENSION_MAX 15
#define TAIL_MAX 7

enum kind { KIND_CODE, KIND_MEDIA, KIND_OTHER };

/* They have no string in common: hashes of one class have the same letters. */
enum alphabet {
  ALPHABET_HEX,    /* digits and a to f */
  ALPHABET_BASE64, /* large and small letters: Rollup, Vite */
  ALPHABET_BASE32, /* large letters, and digits: esbuild */
  ALPHABETS
};

/* The files of one shape in a folder. */
struct evidence_group {
  slice folder;
  size_t length;
  enum kind kind;
  char separator; /* before the part; NUL: the name is nothing else */
  size_t files, sure;
  size_t of[ALPHABETS];      /* of the sure ones */
  bool convinces[ALPHABETS]; /* of what has that alphabet */
};

static bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

static bool is_separator(char c) {
  return c == '-' || c == '.' || c == '_' || c == '~';
}

/* ---- The last part of a name ---- */

struct part {
  slice text, extension;
  char separator;
};

/* Where the last ".xyz" begins, or 0. */
static size_t last_dot(slice s) {
  size_t i = s.len;
  while (i > 0 && s.base[i - 1] != '.')
    i--;
  return i > 0 ? i - 1 : 0;
}

/* xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx names what may change. */
static bool ends_with_uuid(slice s) {
  return s.len >= 36 && s.base[s.len - 13] == '-' &&
         s.base[s.len - 18] == '-' && s.base[s.len - 23] == '-' &&
         s.base[s.len - 28] == '-';
}

static bool is_page(slice extension) {
  return slice_eq_nocase(extension, LIT("htm")) ||
         slice_eq_nocase(extension, LIT("html")) ||
         slice_eq_nocase(extension, LIT("xhtml"));
}

/* "BvI4qzlP" of "index-BvI4qzlP.js.map"; false: no such name has a hash.  A
 * part of 8 may have dashes in it. */
static bool part_of(slice name, struct part *part) {
  size_t dot = last_dot(name);
  if (dot == 0 || name.len - dot - 1 > EXTENSION_MAX)
    return false;
  part->extension = slice_skip(name, dot + 1);
  if (is_page(part->extension))
    return false;
  name.len = dot;
  for (dot = last_dot(name); dot > 0 && name.len - dot - 1 <= TAIL_MAX;
       dot = last_dot(name))
    name.len = dot;
  if (name.len < HASH_MIN || ends_with_uuid(name))
    return false;
  size_t begin = name.len - HASH_MIN;
  while (begin > 0 && !is_separator(name.base[begin - 1]))
    begin--;
  part->text = slice_skip(name, begin);
  part->separator = begin > 0 ? name.base[begin - 1] : '\0';
  return part->text.len <= HASH_MAX;
}

/* The alphabet of a part, or ALPHABETS: of none. */
static enum alphabet alphabet_of(slice s) {
  size_t upper = 0, small = 0, digits = 0, hex = 0, low = 0, dashes = 0;
  for (size_t i = 0; i < s.len; i++) {
    char c = s.base[i];
    upper += is_upper(c);
    small += is_lower(c);
    digits += is_digit(c);
    hex += is_digit(c) || (c >= 'a' && c <= 'f');
    low += c >= '2' && c <= '7';
    dashes += c == '-' || c == '_';
  }
  if (hex == s.len)
    return ALPHABET_HEX;
  if (s.len != HASH_MIN)
    return ALPHABETS;
  if (upper + low == s.len)
    return ALPHABET_BASE32;
  return upper > 0 && small > 0 && upper + small + digits + dashes == s.len
             ? ALPHABET_BASE64
             : ALPHABETS;
}

/* Whether the part is a hash whatever stands beside it: the name that has
 * nothing else is asked of core/fingerprint.h. */
static bool is_sure(const struct part *part) {
  char name[3 + HASH_MAX + EXTENSION_MAX], *p = name;
  if (part->separator != '\0') {
    *p++ = 'x';
    *p++ = part->separator;
  }
  memcpy(p, part->text.base, part->text.len);
  p += part->text.len;
  *p++ = '.';
  memcpy(p, part->extension.base, part->extension.len);
  p += part->extension.len;
  return fingerprint_in_name(slice_of(name, (size_t)(p - name)));
}

/* Whether capitals stand as in no CamelCase: there, one begins a word, and
 * several are an abbreviation at an end. */
static bool has_odd_capital(slice s) {
  for (size_t i = 0; i < s.len; i++) {
    size_t begin = i, end, after;
    while (i < s.len && is_upper(s.base[i]))
      i++;
    if (i == begin)
      continue;
    for (end = i; i < s.len && is_lower(s.base[i]); i++)
      ;
    after = i - end;
    if (end - begin == 1 ? after < 2 : after == 1 || (begin > 0 && end < s.len))
      return true;
    i--;
  }
  return false;
}

/* Whether five small consonants follow one another, as in no word but few:
 * light and box have four between them. */
static bool has_consonants(slice s) {
  size_t run = 0;
  for (size_t i = 0; i < s.len && run < 5; i++)
    run = is_lower(s.base[i]) && !memchr("aeiouy", s.base[i], 6) ? run + 1 : 0;
  return run == 5;
}

/* A counter begins with zeros, a date has its century in front or behind day
 * and month. */
static bool is_counted(slice s) {
  return s.base[0] == '0' || memcmp(s.base, "19", 2) == 0 ||
         memcmp(s.base, "20", 2) == 0 || memcmp(s.base + 4, "19", 2) == 0 ||
         memcmp(s.base + 4, "20", 2) == 0;
}

/* Whether a part could be a hash at all, and no word, date or counter.  One
 * hash in 43 has digits alone, but so have pictures by number. */
static bool is_like(slice s, enum alphabet alphabet, enum kind kind) {
  size_t digits = 0, runs = 0;
  for (size_t i = 0; i < s.len; i++) {
    digits += is_digit(s.base[i]);
    runs += is_digit(s.base[i]) && (i == 0 || !is_digit(s.base[i - 1]));
  }
  if (alphabet == ALPHABET_HEX)
    return digits == s.len ? kind == KIND_CODE && !is_counted(s) : digits > 0;
  if (alphabet == ALPHABET_BASE32)
    return digits > 0;
  return alphabet == ALPHABET_BASE64 &&
         (runs > 1 || has_odd_capital(s) || has_consonants(s));
}

/* ---- Groups ---- */

/* Images are apart from code, because it is they that people name. */
static enum kind kind_of(slice extension) {
  static const slice code[] = {
      EDGESTATIC_LITERAL("css"),  EDGESTATIC_LITERAL("js"),
      EDGESTATIC_LITERAL("json"), EDGESTATIC_LITERAL("map"),
      EDGESTATIC_LITERAL("mjs"),  EDGESTATIC_LITERAL("wasm")};
  static const slice media[] = {
      EDGESTATIC_LITERAL("avif"), EDGESTATIC_LITERAL("eot"),
      EDGESTATIC_LITERAL("gif"),  EDGESTATIC_LITERAL("ico"),
      EDGESTATIC_LITERAL("jpeg"), EDGESTATIC_LITERAL("jpg"),
      EDGESTATIC_LITERAL("mp4"),  EDGESTATIC_LITERAL("otf"),
      EDGESTATIC_LITERAL("png"),  EDGESTATIC_LITERAL("svg"),
      EDGESTATIC_LITERAL("ttf"),  EDGESTATIC_LITERAL("webm"),
      EDGESTATIC_LITERAL("webp"), EDGESTATIC_LITERAL("woff"),
      EDGESTATIC_LITERAL("woff2")};
  for (size_t i = 0; i < sizeof code / sizeof *code; i++)
    if (slice_eq_nocase(extension, code[i]))
      return KIND_CODE;
  for (size_t i = 0; i < sizeof media / sizeof *media; i++)
    if (slice_eq_nocase(extension, media[i]))
      return KIND_MEDIA;
  return KIND_OTHER;
}

/* The group that a file is of, without files; false: of none. */
static bool group_of(slice file, struct part *part,
                     struct evidence_group *group) {
  slice name = glob_last_segment(file);
  if (!part_of(name, part))
    return false;
  *group = (struct evidence_group){.folder = {file.base, file.len - name.len},
                                   .length = part->text.len,
                                   .kind = kind_of(part->extension),
                                   .separator = part->separator};
  return true;
}

static int order(const void *a, const void *b) {
  const struct evidence_group *x = a, *y = b;
  size_t shorter =
      x->folder.len < y->folder.len ? x->folder.len : y->folder.len;
  int folder =
      shorter > 0 ? memcmp(x->folder.base, y->folder.base, shorter) : 0;
  if (folder != 0)
    return folder;
  if (x->folder.len != y->folder.len)
    return x->folder.len < y->folder.len ? -1 : 1;
  if (x->length != y->length)
    return x->length < y->length ? -1 : 1;
  if (x->kind != y->kind)
    return x->kind < y->kind ? -1 : 1;
  return (x->separator > y->separator) - (x->separator < y->separator);
}

int evidence_add(struct evidence *e, slice file) {
  struct part part;
  struct evidence_group new;
  if (!group_of(file, &part, &new) ||
      slice_eq_nocase(part.extension, LIT("map")))
    return EDGESTATIC_OK;
  enum alphabet alphabet = alphabet_of(part.text);
  new.files = 1;
  new.sure = alphabet != ALPHABETS &&is_sure(&part);
  if (new.sure)
    new.of[alphabet] = 1;
  struct evidence_group *grown =
      mem_grow(e->allocator, e->group, &e->room, e->count + 1, sizeof *grown);
  if (!grown)
    return EDGESTATIC_ERR_MEMORY;
  e->group = grown;
  e->group[e->count++] = new;
  return EDGESTATIC_OK;
}

static void join(struct evidence_group *group,
                 const struct evidence_group *more) {
  group->files += more->files;
  group->sure += more->sure;
  for (int i = 0; i < ALPHABETS; i++)
    group->of[i] += more->of[i];
}

static void conclude(struct evidence_group *group) {
  for (int i = 0; i < ALPHABETS; i++)
    group->convinces[i] = group->of[i] >= 2 && group->sure > group->files / 2;
}

void evidence_settle(struct evidence *e) {
  size_t groups = 0;
  if (e->count == 0)
    return;
  qsort(e->group, e->count, sizeof *e->group, order);
  for (size_t i = 1; i < e->count; i++)
    if (order(&e->group[groups], &e->group[i]) == 0)
      join(&e->group[groups], &e->group[i]);
    else
      e->group[++groups] = e->group[i];
  e->count = groups + 1;
  for (size_t i = 0; i < e->count; i++)
    conclude(&e->group[i]);
}

slice evidence_hash(const struct evidence *e, slice file) {
  static const slice none;
  struct part part;
  struct evidence_group key;
  if (e->count == 0 || !group_of(file, &part, &key))
    return none;
  enum alphabet alphabet = alphabet_of(part.text);
  if (!is_like(part.text, alphabet, key.kind))
    return none;
  const struct evidence_group *group =
      bsearch(&key, e->group, e->count, sizeof key, order);
  return group && group->convinces[alphabet] ? part.text : none;
}

void evidence_free(struct evidence *e) {
  mem_free(e->allocator, e->group, e->room * sizeof *e->group);
  *e = (struct evidence){.allocator = e->allocator};
}
