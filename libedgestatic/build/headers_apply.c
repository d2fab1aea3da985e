/* headers_apply.c - what the blocks of _headers make of the fields of a path,
 * and whether those are too many.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/headers_file.h"

#include "core/pattern.h"

/* Whether a block is for a path. */
static bool block_matches(const struct headers *h,
                          const struct headers_block *b, slice path,
                          slice location, slice host,
                          slice capture[PATTERN_CAPTURES_MAX]) {
  bool netlify = h->file.dialect == RULEFILE_NETLIFY;
  const struct pattern_way way = {.separator = '/', .nocase = netlify};
  if (b->replaced || (b->host.len > 0 && !slice_eq_nocase(b->host, host)))
    return false;
  if (!netlify)
    return pattern_match(b->path, location, way, capture);
  /* A splat takes a last slash along. */
  if (pattern_match(b->path, path, way, capture))
    return true;
  if (path.len < 2 || path.base[path.len - 1] != '/')
    return false;
  path.len--;
  return pattern_match(b->path, path, way, capture);
}

/* The change of a name that was made so far, or NULL. */
static struct headers_change *find(struct headers_changes *changes,
                                   slice name) {
  for (size_t i = 0; i < changes->count; i++)
    if (slice_eq_nocase(changes->change[i].name, name))
      return &changes->change[i];
  return NULL;
}

static void forget(struct headers_changes *changes, slice name) {
  size_t kept = 0;
  for (size_t i = 0; i < changes->count; i++)
    if (!slice_eq_nocase(changes->change[i].name, name))
      changes->change[kept++] = changes->change[i];
  changes->count = kept;
}

static int put(struct headers_changes *changes, const struct headers_field *f,
               slice value) {
  if (changes->count == HEADERS_CHANGES_MAX)
    return EDGESTATIC_ERR_LIMIT;
  struct headers_change *grown =
      mem_grow(changes->strings.allocator, changes->change, &changes->room,
               changes->count + 1, sizeof *grown);
  slice copy = mem_arena_copy(&changes->strings, value);
  if (grown)
    changes->change = grown;
  if (!grown || !copy.base)
    return EDGESTATIC_ERR_MEMORY;
  changes->change[changes->count++] =
      (struct headers_change){f->name, copy, f->unset, f->source, f->line};
  return EDGESTATIC_OK;
}

/* Writes a value with its captures behind what out has; false: too long. */
static bool write_value(char out[HEADERS_VALUE_MAX], size_t *len, slice value,
                        const slice capture[PATTERN_CAPTURES_MAX]) {
  for (size_t i = 0; i < value.len; i++) {
    unsigned char c = (unsigned char)value.base[i];
    slice piece = c <= PATTERN_CAPTURES_MAX ? capture[c - 1]
                                            : slice_of(value.base + i, 1);
    if (piece.len > HEADERS_VALUE_MAX - *len)
      return false;
    if (piece.len > 0)
      memcpy(out + *len, piece.base, piece.len);
    *len += piece.len;
  }
  return true;
}

/* Cloudflare appends to what an earlier block has set, Netlify replaces it. */
static int set(const struct headers *h, const struct headers_block *b,
               const struct headers_field *f, struct headers_changes *changes,
               const slice *capture) {
  bool cookie = slice_eq_nocase(f->name, LIT("Set-Cookie"));
  bool netlify = h->file.dialect == RULEFILE_NETLIFY;
  struct headers_change *before = find(changes, f->name);
  char value[HEADERS_VALUE_MAX];
  size_t len = 0;
  if (before && !before->unset && !netlify && !cookie) {
    memcpy(value, before->value.base, before->value.len);
    len = before->value.len;
    if (len + 2 > sizeof value)
      return EDGESTATIC_ERR_LIMIT;
    memcpy(value + len, ", ", 2);
    len += 2;
  }
  if (!write_value(value, &len, f->value, capture))
    return EDGESTATIC_ERR_LIMIT;
  /* Cookies of one block stay together. */
  bool own = before && cookie && before->source == b->source &&
             before->line >= b->line;
  if (before && (before->unset || !cookie || (netlify && !own)))
    forget(changes, f->name);
  return put(changes, f, slice_of(value, len));
}

static int apply(const struct headers *h, const struct headers_block *b,
                 struct headers_changes *changes, const slice *capture) {
  int error = EDGESTATIC_OK;
  for (size_t i = b->field; !error && i < b->field + b->fields; i++)
    if (h->field[i].unset) {
      forget(changes, h->field[i].name);
      error = put(changes, &h->field[i], LIT(""));
    }
  for (size_t i = b->field; !error && i < b->field + b->fields; i++)
    if (!h->field[i].unset)
      error = set(h, b, &h->field[i], changes, capture);
  return error;
}

int headers_apply(const struct headers *h, slice path, slice location,
                  slice host, struct headers_changes *changes) {
  slice capture[PATTERN_CAPTURES_MAX];
  for (size_t i = 0; i < h->count; i++) {
    const struct headers_block *b = &h->block[i];
    if (!block_matches(h, b, path, location, host, capture))
      continue;
    int error = apply(h, b, changes, capture);
    if (error)
      return error;
  }
  return EDGESTATIC_OK;
}

void headers_changes_free(struct headers_changes *changes) {
  mem_free(changes->strings.allocator, changes->change,
           changes->room * sizeof *changes->change);
  mem_arena_free(&changes->strings);
}

/* ---- Too many ---- */

/* Names of the fields that a response has by rules, as core/headers.c counts
 * them. */
struct crowd {
  slice *name;
  size_t count, most;
};

/* Takes a name out of the first *end. */
static void crowd_drop(struct crowd *c, slice name, size_t *end) {
  size_t kept = 0;
  for (size_t i = 0; i < c->count; i++)
    if (i >= *end || !slice_eq_nocase(c->name[i], name))
      c->name[kept++] = c->name[i];
  *end -= c->count - kept;
  c->count = kept;
}

/* The first field of a block that has no room, or NULL. */
static const struct headers_field *crowd_add(struct crowd *c,
                                             const struct headers *h,
                                             const struct headers_block *b) {
  const struct headers_field *field = h->field + b->field;
  for (size_t i = 0; i < b->fields; i++) {
    size_t all = c->count;
    if (field[i].unset && !slice_eq_nocase(field[i].name, LIT("Vary")))
      crowd_drop(c, field[i].name, &all);
  }
  size_t before = c->count;
  for (size_t i = 0; i < b->fields; i++) {
    slice name = field[i].name;
    if (field[i].unset || slice_eq_nocase(name, LIT("Content-Type")))
      continue;
    if (c->count == c->most)
      return &field[i];
    if (h->file.dialect == RULEFILE_NETLIFY &&
        !slice_eq_nocase(name, LIT("Vary")))
      crowd_drop(c, name, &before);
    c->name[c->count++] = name;
  }
  return NULL;
}

/* A path that a pattern matches, with its NUL; false: it would be longer than
 * any request's. */
static bool sample_of(slice pattern, char path[EDGESTATIC_TARGET_MAX + 1]) {
  size_t len = 0;
  for (size_t i = 0; i < pattern.len; i++) {
    char c = pattern.base[i];
    bool variable = c == PATTERN_ONE || c == PATTERN_ANY || c == PATTERN_REST;
    if (len + 2 > EDGESTATIC_TARGET_MAX)
      return false;
    if (c == PATTERN_REST || (variable && len == 0))
      path[len++] = '/';
    path[len++] = variable ? 'x' : c;
  }
  path[len] = '\0';
  return true;
}

const struct headers_field *
headers_crowded(const struct headers *h, slice host, slice *room, size_t most,
                char path[EDGESTATIC_TARGET_MAX + 1]) {
  slice capture[PATTERN_CAPTURES_MAX];
  for (size_t i = 0; i < h->count && h->fields > most; i++) {
    struct crowd crowd = {.name = room, .most = most};
    if (!sample_of(h->block[i].path, path))
      continue;
    slice sample = slice_of(path, strlen(path));
    for (size_t k = 0; k < h->count; k++) {
      const struct headers_block *b = &h->block[k];
      const struct headers_field *left_out = NULL;
      if (block_matches(h, b, sample, sample, host, capture))
        left_out = crowd_add(&crowd, h, b);
      if (left_out)
        return left_out;
    }
  }
  return NULL;
}
