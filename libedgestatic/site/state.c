/* state.c - see state.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "site/state.h"

#include "build/utf8.h"
#include "core/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MAGIC "edgestatic-site "
#define FIRST_LINE MAGIC "1\n"
#define CHECKSUM_LINE 26 /* "checksum ", 16 digits, a newline */

static const edgestatic_allocator plain;

void state_free(struct state *s) {
  for (size_t i = 0; i < s->releases; i++)
    mem_free(&plain, (char *)(uintptr_t)s->release[i].info.note,
             strlen(s->release[i].info.note) + 1);
  mem_free(&plain, s->release, s->release_room * sizeof *s->release);
  mem_free(&plain, s->collection, s->collection_room * sizeof *s->collection);
  *s = (struct state){0};
}

/* ---- What is valid ---- */

bool state_is(slice text) {
  return slice_starts(text, LIT(MAGIC));
}

/* Not a number alone, which would be a release's; and no hyphen at an end, as
 * in a host name (RFC 1123 section 2.1 lets it begin with a digit). */
bool state_name_ok(slice name) {
  bool letter = false;
  if (name.len == 0 || name.len > STATE_NAME_MAX || name.base[0] == '-' ||
      name.base[name.len - 1] == '-')
    return false;
  for (size_t i = 0; i < name.len; i++) {
    char c = name.base[i];
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
      return false;
    letter |= c < '0' || c > '9';
  }
  return letter;
}

bool state_note_ok(slice note) {
  return note.len <= STATE_NOTE_MAX && utf8_valid(note) &&
         !utf8_has_control(note);
}

/* ---- Finding ---- */

struct state_release *state_release(const struct state *s, uint64_t number) {
  size_t low = 0, high = s->releases;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (s->release[middle].info.number < number)
      low = middle + 1;
    else
      high = middle;
  }
  return low < s->releases && s->release[low].info.number == number
             ? &s->release[low]
             : NULL;
}

/* The place of a name, or where it would stand. */
static size_t place_of(const struct state *s, slice name) {
  size_t low = 0, high = s->collections;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const char *have = s->collection[middle].name;
    size_t len = strlen(have), both = len < name.len ? len : name.len;
    int order = memcmp(have, name.base, both);
    if (order < 0 || (order == 0 && len < name.len))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

struct state_collection *state_collection(const struct state *s, slice name) {
  size_t i = name.base ? place_of(s, name) : s->collections;
  return i < s->collections &&
                 slice_eq(name, slice_of(s->collection[i].name,
                                         strlen(s->collection[i].name)))
             ? &s->collection[i]
             : NULL;
}

/* ---- Changing ---- */

static int append_release(struct state *s, const struct state_release *r) {
  if (s->releases >= STATE_RELEASES_MAX)
    return EDGESTATIC_ERR_LIMIT;
  char *note = mem_copy(&plain, slice_of(r->info.note, strlen(r->info.note)));
  struct state_release *more = mem_grow(&plain, s->release, &s->release_room,
                                        s->releases + 1, sizeof *more);
  if (more)
    s->release = more;
  if (!more || !note) {
    if (note)
      mem_free(&plain, note, strlen(note) + 1);
    return EDGESTATIC_ERR_MEMORY;
  }
  more[s->releases] = *r;
  more[s->releases++].info.note = note;
  return EDGESTATIC_OK;
}

int state_add_release(struct state *s, const struct state_release *r) {
  struct state_release numbered = *r;
  numbered.info.number = s->next;
  int error = append_release(s, &numbered);
  if (!error)
    s->next++;
  return error;
}

static void forget_before(struct state_collection *c, uint64_t number) {
  size_t kept = 0;
  for (size_t i = 0; i < c->before_count; i++)
    if (c->before[i].release != number)
      c->before[kept++] = c->before[i];
  c->before_count = kept;
}

void state_remove_release(struct state *s, uint64_t number) {
  struct state_release *r = state_release(s, number);
  if (!r)
    return;
  char *note = (char *)(uintptr_t)r->info.note;
  mem_free(&plain, note, strlen(note) + 1);
  size_t after = s->releases - (size_t)(r - s->release) - 1;
  memmove(r, r + 1, after * sizeof *r);
  s->releases--;
  for (size_t i = 0; i < s->collections; i++)
    forget_before(&s->collection[i], number);
}

/* Makes room for a collection at its place; NULL: *error. */
static struct state_collection *insert(struct state *s, slice name,
                                       int *error) {
  *error = EDGESTATIC_ERR_LIMIT;
  if (s->collections >= STATE_COLLECTIONS_MAX)
    return NULL;
  *error = EDGESTATIC_ERR_MEMORY;
  struct state_collection *more =
      mem_grow(&plain, s->collection, &s->collection_room, s->collections + 1,
               sizeof *more);
  if (!more)
    return NULL;
  *error = EDGESTATIC_OK;
  s->collection = more;
  size_t i = place_of(s, name);
  memmove(more + i + 1, more + i, (s->collections - i) * sizeof *more);
  s->collections++;
  more[i] = (struct state_collection){0};
  memcpy(more[i].name, name.base, name.len);
  return &more[i];
}

int state_show(struct state *s, slice name, uint64_t release, int64_t now) {
  struct state_collection *c = state_collection(s, name);
  int error = EDGESTATIC_OK;
  if (!c) {
    c = insert(s, name, &error);
    if (c)
      c->release = release;
    return error;
  }
  if (c->release == release)
    return EDGESTATIC_OK;
  if (c->before_count < STATE_BEFORE_MAX)
    c->before_count++;
  memmove(c->before + 1, c->before,
          (c->before_count - 1) * sizeof c->before[0]);
  c->before[0] = (struct state_before){c->release, now};
  c->release = release;
  return EDGESTATIC_OK;
}

void state_remove_collection(struct state *s, slice name) {
  struct state_collection *c = state_collection(s, name);
  if (!c)
    return;
  size_t after = s->collections - (size_t)(c - s->collection) - 1;
  memmove(c, c + 1, after * sizeof *c);
  s->collections--;
}

/* ---- Text ---- */

char *state_print(const struct state *s, size_t *len) {
  char *text = NULL;
  FILE *out = open_memstream(&text, len);
  if (!out)
    return NULL;
  fprintf(out, FIRST_LINE "store %" PRIu64 " %" PRIu64 "\n", s->generation,
          s->next);
  fprintf(out, "data %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", s->data,
          s->data_size, s->data_blobs);
  for (size_t i = 0; i < s->releases; i++) {
    const struct state_release *r = &s->release[i];
    const edgestatic_release *n = &r->info;
    fprintf(out,
            "release %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 " %" PRIu32
            " %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRIu64 " %s\n",
            n->number, r->file, n->time, n->expires, n->files, n->bytes,
            n->new_bytes, n->retained_until, r->index, n->note);
  }
  for (size_t i = 0; i < s->collections; i++) {
    const struct state_collection *c = &s->collection[i];
    fprintf(out, "collection %s %" PRIu64 " %" PRId64, c->name, c->release,
            c->expires);
    for (size_t k = 0; k < c->before_count; k++)
      fprintf(out, " %" PRIu64 "@%" PRId64, c->before[k].release,
              c->before[k].until);
    putc('\n', out);
  }
  if (fflush(out) == 0)
    fprintf(out, "checksum %016" PRIx64 "\n", hash64(text, *len));
  if (fclose(out) != 0) {
    free(text);
    return NULL;
  }
  return text;
}

/* Cuts a word that ends with that character. */
static bool cut(slice *text, char end, slice *word) {
  const char *at = text->len ? memchr(text->base, end, text->len) : NULL;
  if (!at)
    return false;
  *word = slice_of(text->base, (size_t)(at - text->base));
  *text = slice_of(at + 1, text->len - word->len - 1);
  return true;
}

/* A number without a leading zero, that an int64_t holds too: there is one
 * spelling of each state. */
static bool read_number(slice word, uint64_t *number) {
  uint64_t n = 0;
  if (word.len == 0 || (word.len > 1 && word.base[0] == '0'))
    return false;
  for (size_t i = 0; i < word.len; i++) {
    unsigned digit = (unsigned char)word.base[i] - (unsigned)'0';
    if (digit > 9 || n > ((uint64_t)INT64_MAX - digit) / 10)
      return false;
    n = n * 10 + digit;
  }
  *number = n;
  return true;
}

/* Numbers of a line with a blank between them.  What is left of the line is
 * what follows the blank behind the last one; without such a blank, NULL. */
static bool numbers(slice *line, uint64_t *number, size_t count) {
  for (size_t i = 0; i < count; i++) {
    slice word = *line;
    if (!cut(line, ' ', &word))
      *line = slice_of(NULL, 0);
    if (!read_number(word, &number[i]))
      return false;
  }
  return true;
}

static int parse_release(struct state *s, slice line) {
  uint64_t n[9];
  char note[STATE_NOTE_MAX + 1];
  uint64_t last = s->releases ? s->release[s->releases - 1].info.number : 0;
  if (!numbers(&line, n, 9) || !line.base || !state_note_ok(line) ||
      s->collections > 0 || n[0] <= last || n[0] >= s->next ||
      n[1] > s->generation || n[4] > UINT32_MAX)
    return EDGESTATIC_ERR_FORMAT;
  memcpy(note, line.base, line.len);
  note[line.len] = '\0';
  const struct state_release r = {.info = {.number = n[0],
                                           .time = (int64_t)n[2],
                                           .expires = (int64_t)n[3],
                                           .note = note,
                                           .files = (uint32_t)n[4],
                                           .bytes = n[5],
                                           .new_bytes = n[6],
                                           .retained_until = (int64_t)n[7]},
                                  .file = n[1],
                                  .index = n[8]};
  int error = append_release(s, &r);
  return error == EDGESTATIC_ERR_LIMIT ? EDGESTATIC_ERR_FORMAT : error;
}

static int parse_collection(struct state *s, slice line) {
  slice name;
  uint64_t n[2];
  if (!cut(&line, ' ', &name) || !state_name_ok(name) ||
      place_of(s, name) != s->collections || state_collection(s, name) ||
      !numbers(&line, n, 2) || !state_release(s, n[0]))
    return EDGESTATIC_ERR_FORMAT;
  int error;
  struct state_collection *c = insert(s, name, &error);
  if (!c)
    return error == EDGESTATIC_ERR_LIMIT ? EDGESTATIC_ERR_FORMAT : error;
  c->release = n[0];
  c->expires = (int64_t)n[1];
  while (line.base) {
    slice word = line, number;
    if (!cut(&line, ' ', &word))
      line = slice_of(NULL, 0);
    if (c->before_count == STATE_BEFORE_MAX || !cut(&word, '@', &number) ||
        !read_number(number, &n[0]) || !read_number(word, &n[1]) ||
        !state_release(s, n[0]))
      return EDGESTATIC_ERR_FORMAT;
    c->before[c->before_count++] = (struct state_before){n[0], (int64_t)n[1]};
  }
  return EDGESTATIC_OK;
}

/* The lines behind the first one. */
static int parse_lines(struct state *s, slice text) {
  slice line, word;
  uint64_t n[3];
  if (!cut(&text, '\n', &line) || !cut(&line, ' ', &word) ||
      !slice_eq(word, LIT("store")) || !numbers(&line, n, 2) || line.base ||
      n[0] == INT64_MAX || n[1] == 0 || n[1] == INT64_MAX)
    return EDGESTATIC_ERR_FORMAT;
  s->generation = n[0];
  s->next = n[1];
  if (!cut(&text, '\n', &line) || !cut(&line, ' ', &word) ||
      !slice_eq(word, LIT("data")) || !numbers(&line, n, 3) || line.base ||
      n[0] > s->generation)
    return EDGESTATIC_ERR_FORMAT;
  s->data = n[0];
  s->data_size = n[1];
  s->data_blobs = n[2];
  while (text.len > 0) {
    int error = EDGESTATIC_ERR_FORMAT;
    if (!cut(&text, '\n', &line) || !cut(&line, ' ', &word))
      return error;
    if (slice_eq(word, LIT("release")))
      error = parse_release(s, line);
    else if (slice_eq(word, LIT("collection")))
      error = parse_collection(s, line);
    if (error)
      return error;
  }
  return EDGESTATIC_OK;
}

int state_parse(struct state *s, slice text) {
  *s = (struct state){0};
  if (!state_is(text))
    return EDGESTATIC_ERR_FORMAT;
  if (!slice_starts(text, LIT(FIRST_LINE)))
    return memchr(text.base, '\n', text.len) ? EDGESTATIC_ERR_VERSION
                                             : EDGESTATIC_ERR_FORMAT;
  size_t first = sizeof FIRST_LINE - 1;
  if (text.len < first + CHECKSUM_LINE)
    return EDGESTATIC_ERR_CHECKSUM;
  slice before = slice_of(text.base, text.len - CHECKSUM_LINE);
  char line[CHECKSUM_LINE + 1];
  snprintf(line, sizeof line, "checksum %016" PRIx64 "\n",
           hash64(before.base, before.len));
  if (memcmp(before.base + before.len, line, CHECKSUM_LINE) != 0)
    return EDGESTATIC_ERR_CHECKSUM;
  int error = parse_lines(s, slice_of(text.base + first, before.len - first));
  if (error)
    state_free(s);
  return error;
}
