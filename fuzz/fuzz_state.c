/* fuzz_state.c - the file `state` of a site store, and what is done to it.
 *
 * Input: a byte whose lowest bit says whether the first line and the checksum
 * are put around the rest (without them hardly any input is a state), and whose
 * other bits choose a change; the text.
 *
 * What is read is written as it was; so is what it is changed to.
 *
 * SPDX-License-Identifier: MIT */
#include "core/hash.h"
#include "site/state.h"
#include "tests/invariants.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A block of its own, so that reading past its end is an error. */
static slice make_text(const uint8_t *data, size_t size, bool dress) {
  static const char first[] = "edgestatic-site 1\n";
  char last[27];
  size_t head = dress ? sizeof first - 1 : 0, tail = dress ? 26 : 0;
  char *text = malloc(head + size + tail + 1);
  memcpy(text, first, head);
  memcpy(text + head, data, size);
  snprintf(last, sizeof last, "checksum %016" PRIx64 "\n",
           hash64(text, head + size));
  memcpy(text + head + size, last, tail);
  size_t len = head + size + tail;
  text = realloc(text, len > 0 ? len : 1);
  return slice_of(text, len);
}

/* What holds of every state. */
static void sound(const struct state *s) {
  HOLDS(s->next > 0 && s->data <= s->generation);
  for (size_t i = 0; i < s->releases; i++) {
    const struct state_release *r = &s->release[i];
    HOLDS(r->info.number > 0 && r->info.number < s->next);
    HOLDS(i == 0 || r[-1].info.number < r->info.number);
    HOLDS(r->file <= s->generation);
    HOLDS(state_note_ok(slice_of(r->info.note, strlen(r->info.note))));
    HOLDS(state_release(s, r->info.number) == r);
  }
  for (size_t i = 0; i < s->collections; i++) {
    const struct state_collection *c = &s->collection[i];
    slice name = slice_of(c->name, strlen(c->name));
    HOLDS(state_name_ok(name) && state_collection(s, name) == c);
    HOLDS(i == 0 || strcmp(c[-1].name, c->name) < 0);
    HOLDS(state_release(s, c->release) != NULL);
    HOLDS(c->before_count <= STATE_BEFORE_MAX);
    for (size_t k = 0; k < c->before_count; k++)
      HOLDS(state_release(s, c->before[k].release) != NULL);
  }
}

/* What a state is written as, read again, is written the same. */
static void written(const struct state *s) {
  struct state again;
  size_t len, same;
  char *text = state_print(s, &len);
  HOLDS(state_parse(&again, slice_of(text, len)) == EDGESTATIC_OK);
  sound(&again);
  char *twice = state_print(&again, &same);
  HOLDS(same == len && memcmp(text, twice, len) == 0);
  state_free(&again);
  free(text);
  free(twice);
}

static void change(struct state *s, unsigned how) {
  const struct state_release more = {.info = {.time = 1, .note = "one more"}};
  uint64_t made = s->next;
  s->generation++;
  if (how & 1 && s->next < INT64_MAX - 1) {
    HOLDS(state_add_release(s, &more) == EDGESTATIC_OK);
    HOLDS(state_show(s, LIT("live"), made, 2) == EDGESTATIC_OK);
    HOLDS(state_show(s, LIT("zz"), made, 3) == EDGESTATIC_OK);
  }
  /* As expiry does: only releases that nothing shows. */
  if (how & 2)
    while (s->collections > (how & 4 ? 1 : 0)) {
      const char *name = s->collection[0].name;
      state_remove_collection(s, slice_of(name, strlen(name)));
    }
  for (size_t i = s->releases; how & 8 && i > 0; i--) {
    uint64_t number = s->release[i - 1].info.number;
    bool shown = false;
    for (size_t k = 0; k < s->collections; k++)
      shown |= s->collection[k].release == number;
    if (!shown)
      state_remove_release(s, number);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct state s;
  if (size == 0)
    return 0;
  slice text = make_text(data + 1, size - 1, (data[0] & 1) != 0);
  int error = state_parse(&s, text);
  if (error) {
    HOLDS(error == EDGESTATIC_ERR_FORMAT || error == EDGESTATIC_ERR_VERSION ||
          error == EDGESTATIC_ERR_CHECKSUM);
    HOLDS(s.releases + s.collections == 0 && !s.release && !s.collection);
  } else {
    size_t len;
    char *printed = state_print(&s, &len);
    HOLDS(len == text.len && memcmp(printed, text.base, len) == 0);
    free(printed);
    sound(&s);
    /* Past that the store is not changed: site_commit. */
    if (s.generation < INT64_MAX - 1) {
      change(&s, data[0] >> 1);
      sound(&s);
      written(&s);
    }
    state_free(&s);
  }
  free((char *)(uintptr_t)text.base);
  return 0;
}
