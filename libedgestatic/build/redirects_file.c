/* redirects_file.c - see redirects_file.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/redirects_reader.h"

#include "core/expand.h"
#include "core/hash.h"
#include "core/pack.h"

#define ERROR EDGESTATIC_ERROR
#define WARNING EDGESTATIC_WARNING

/* ---- What was said before ---- */

static size_t seen_at(const struct reader *r, slice words) {
  size_t i = (size_t)hash64(words.base, words.len) & (r->seen_slots - 1);
  while (r->seen[i] != 0 &&
         !slice_eq(r->out->rule[r->seen[i] - 1].words, words))
    i = (i + 1) & (r->seen_slots - 1);
  return i;
}

static bool grow_seen(struct reader *r) {
  const edgestatic_allocator *allocator = r->options->allocator;
  size_t slots = r->seen_slots ? r->seen_slots * 2 : 256;
  uint32_t *grown = mem_new(allocator, slots, sizeof *grown);
  if (!grown) {
    r->file->error = EDGESTATIC_ERR_MEMORY;
    return false;
  }
  mem_free(allocator, r->seen, r->seen_slots * sizeof *r->seen);
  memset(grown, 0, slots * sizeof *grown);
  r->seen = grown;
  r->seen_slots = slots;
  for (size_t i = 0; i < r->out->count; i++)
    r->seen[seen_at(r, r->out->rule[i].words)] = (uint32_t)i + 1;
  return true;
}

struct redirect *redirects_seen(struct reader *r, slice words) {
  if (r->seen_slots == 0)
    return NULL;
  uint32_t number = r->seen[seen_at(r, words)];
  return number > 0 ? &r->out->rule[number - 1] : NULL;
}

/* ---- Rules ---- */

void redirects_add_condition(struct reader *r, int kind, slice name,
                             slice value) {
  struct redirects *out = r->out;
  struct redirect_condition *grown =
      mem_grow(r->options->allocator, out->condition, &out->condition_room,
               out->conditions + 1, sizeof *grown);
  if (!grown) {
    r->file->error = EDGESTATIC_ERR_MEMORY;
    return;
  }
  out->condition = grown;
  out->condition[out->conditions++] = (struct redirect_condition){
      rulefile_copy(r->file, name), rulefile_copy(r->file, value), kind};
}

void redirects_keep(struct reader *r, const struct redirect *rule) {
  struct redirects *out = r->out;
  if (out->count == RULES_MAX ||
      (r->from.dynamic && r->patterns == RULES_DYNAMIC_MAX)) {
    rulefile_stop(r->file);
    redirects_refuse(r, RULEFILE_LIMIT, r->file->line,
                     "a site can have 100,000 rules, 10,000 of them with "
                     "placeholders; this line and those below are not read");
    return;
  }
  if ((out->count + 1) * 2 > r->seen_slots && !grow_seen(r))
    return;
  struct redirect *grown = mem_grow(r->options->allocator, out->rule,
                                    &out->room, out->count + 1, sizeof *grown);
  if (!grown) {
    r->file->error = EDGESTATIC_ERR_MEMORY;
    return;
  }
  out->rule = grown;
  struct redirect *kept = &out->rule[out->count];
  *kept = *rule;
  kept->from = rulefile_copy(r->file, rule->from);
  kept->to = rulefile_copy(r->file, rule->to);
  kept->host = rulefile_copy(r->file, rule->host);
  kept->words = rulefile_copy(r->file, rule->words);
  kept->path = rulefile_copy(r->file, slice_of(r->from.bytes, r->from.len));
  kept->target = rulefile_copy(r->file, slice_of(r->to.bytes, r->to.len));
  kept->dynamic = r->from.dynamic;
  kept->source = r->file->source;
  kept->line = r->file->number;
  kept->column = (unsigned)(r->file->line.base - r->file->begin) + 1;
  kept->conditions = out->conditions - rule->condition;
  if (r->file->error)
    return;
  r->patterns += kept->dynamic;
  r->seen[seen_at(r, kept->words)] = (uint32_t)++out->count;
}

bool redirects_refuse(struct reader *r, enum rulefile_kind kind, slice at,
                      const char *text) {
  return rulefile_refuse(r->file, kind, at, text);
}

bool redirects_refuse_fault(struct reader *r,
                            const struct rulepath_fault *fault) {
  return redirects_refuse(r, fault->kind, slice_of(fault->at, 0), fault->text);
}

bool redirects_status(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 ||
         status == 308;
}

bool redirects_make_target(struct reader *r, enum rulepath_style style,
                           const struct redirect *rule) {
  struct rulepath_fault fault;
  const char *unknown;
  bool page = !redirects_status(rule->status),
       another = expand_path(rule->to) > 0;
  if (page && another && style == RULEPATH_CLOUDFLARE)
    return redirects_refuse(
        r, RULEFILE_VALUE, rule->to,
        "with status 200 the target is a path of this site; write "
        "it without a host, or redirect with 302");
  if (page && another)
    return redirects_refuse(
        r, RULEFILE_UNSUPPORTED, rule->to,
        "edgestatic fetches nothing from other sites; redirect with "
        "302, or proxy this path in front of it");
  if (!rulepath_target(&r->to, &r->from, rule->to, page, &fault, &unknown))
    return redirects_refuse_fault(r, &fault);
  if (!page && rulepath_loops(&r->from, &r->to, style))
    return redirects_refuse(
        r, RULEFILE_LOOP, rule->to,
        "redirects to the path that it is for, without end; remove "
        "the rule");
  if (unknown)
    rulefile_say(r->file, WARNING, RULEFILE_VALUE, unknown,
                 "the path of the rule has no placeholder of this name, so it "
                 "stays as it is");
  return true;
}

/* ---- Lines ---- */

size_t redirects_split(struct reader *r, slice word[REDIRECTS_WORDS_MAX]) {
  slice rest = r->file->line, next;
  size_t count = 0;
  while (rulefile_word(&rest, &next) && next.base[0] != '#') {
    if (count == REDIRECTS_WORDS_MAX) {
      redirects_refuse(r, RULEFILE_LIMIT, next,
                       "the line has more than 32 words");
      return 0;
    }
    word[count++] = next;
  }
  return count;
}

/* ---- The file ---- */

int redirects_read_texts(struct redirects *out,
                         const struct redirects_options *options,
                         const slice *text, unsigned count) {
  *out = (struct redirects){.file = {.dialect = options->dialect,
                                     .text = text,
                                     .texts = count,
                                     .strings = {options->allocator, NULL}}};
  struct reader *r = mem_new(options->allocator, 1, sizeof *r);
  if (!r)
    return EDGESTATIC_ERR_MEMORY;
  *r = (struct reader){.out = out, .file = &out->file, .options = options};
  while (rulefile_next(r->file)) {
    size_t conditions = out->conditions, rules = out->count;
    if (options->dialect == RULEFILE_NETLIFY)
      redirects_netlify_line(r);
    else
      redirects_cloudflare_line(r);
    if (out->count == rules)
      out->conditions = conditions; /* of a line that was left out */
  }
  rulefile_stop(r->file);
  mem_free(options->allocator, r->seen, r->seen_slots * sizeof *r->seen);
  int error = out->file.error;
  mem_free(options->allocator, r, sizeof *r);
  if (error)
    redirects_free(out);
  return error;
}

void redirects_free(struct redirects *out) {
  const edgestatic_allocator *allocator = out->file.strings.allocator;
  mem_free(allocator, out->rule, out->room * sizeof *out->rule);
  mem_free(allocator, out->condition,
           out->condition_room * sizeof *out->condition);
  rulefile_free(&out->file);
  *out = (struct redirects){0};
}
