/* rules_world.h - from the text of a rule file to a pack that has its rules and
 * nothing else, and what a request meets there.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TESTS_RULES_WORLD_H
#define EDGESTATIC_TESTS_RULES_WORLD_H

#include "build/redirects_pack.h"
#include "core/rules.h"
#include "invariants.h"

static const edgestatic_allocator world_plain;
static const edgestatic_slice world_file = EDGESTATIC_LITERAL("_redirects");

struct world {
  struct redirects rules;
  struct layout_index index;
  edgestatic_store store;
};

/* Reads bytes and opens the pack; it is one that a reader accepts. */
static inline void world_make(struct world *w, enum rulefile_dialect dialect,
                              bool html_none, edgestatic_slice bytes) {
  const struct redirects_options options = {&world_plain, dialect, html_none};
  struct layout layout;
  HOLDS(redirects_read(&w->rules, &options, bytes) == EDGESTATIC_OK);
  layout_init(&layout, &world_plain);
  HOLDS(redirects_pack(&layout, &w->rules, &world_file) == EDGESTATIC_OK);
  HOLDS(layout_finish(&layout, &w->index) == EDGESTATIC_OK);
  layout_free(&layout);
  HOLDS(edgestatic_store_open(&w->store, w->index.bytes, w->index.size) ==
        EDGESTATIC_OK);
}

static inline void world_free(struct world *w) {
  redirects_free(&w->rules);
  mem_free(&world_plain, w->index.bytes, w->index.size);
}

/* What a request for a raw target meets, -1 where the target is refused; text
 * is cut to its length and ends with a NUL. */
static inline struct rules_answer world_ask(const struct world *w,
                                            const edgestatic_request *request,
                                            enum rules_phase phase,
                                            char text[RULES_TEXT_MAX + 1]) {
  char buffer[EDGESTATIC_PATH_MAX];
  struct target target;
  struct rules_answer answer = {.rule = EDGESTATIC_NONE, .status = -1};
  text[0] = '\0';
  if (target_parse(&target, request->target, buffer) != 0)
    return answer;
  answer = rules_find(&w->store, &target, request, phase, text);
  HOLDS(answer.len <= RULES_TEXT_MAX);
  text[answer.len] = '\0';
  return answer;
}

/* What is true of each answer: a status of a rule, a text that is a URI
 * reference, and one of this site where the rule's target is a path. */
static inline void world_invariants(const struct world *w,
                                    const struct rules_answer *a,
                                    const char *text) {
  if (a->rule == EDGESTATIC_NONE)
    return;
  HOLDS(a->rule < w->store.section[SECTION_RULES].count);
  if (a->status == 414)
    return;
  const pack_rule *rule = pack_rule_at(&w->store, a->rule);
  edgestatic_slice target = pack_string(&w->store, rule->target);
  HOLDS(a->status == get16(rule->status));
  HOLDS(a->len > 0 && strlen(text) == a->len);
  for (size_t i = 0; i < a->len; i++)
    HOLDS(text[i] > ' ' && text[i] < 0x7f && text[i] != '"' && text[i] != '<' &&
          text[i] != '>' && text[i] != '\\' && text[i] != '^' &&
          text[i] != '`' && text[i] != '{' && text[i] != '|' && text[i] != '}');
  bool redirect = a->status > 300 && a->status < 400;
  if (!redirect || (target.base[0] == '/' && target.base[1] != '/')) {
    HOLDS(text[0] == '/');
    HOLDS(text[1] != '/' && text[1] != '\\');
  }
  if (!redirect) {
    HOLDS(strchr(text, '?') == NULL && strchr(text, '#') == NULL);
    char buffer[EDGESTATIC_PATH_MAX];
    struct target t;
    int refused = target_parse(&t, (edgestatic_slice){text, a->len}, buffer);
    HOLDS(refused == 0 || refused == 414 || strchr(text, '%') != NULL);
  }
}

#endif
