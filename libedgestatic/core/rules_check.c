/* rules_check.c - follows every number of the rules of a pack once; a part of
 * check.c.
 *
 * A forged pack may have any pattern, since all of them end (pattern.h).  What
 * a Location is made of must be a template, and one of a path where the rule
 * is for a page of this site.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/expand.h"
#include "core/pack.h"

static bool rulesets_ok(const edgestatic_store *s) {
  uint32_t rules = s->section[SECTION_RULES].count;
  for (uint32_t i = 0; i < s->section[SECTION_RULESETS].count; i++) {
    const pack_ruleset *set =
        (const pack_ruleset *)pack_record(s, SECTION_RULESETS, i);
    if (!pack_check_table(s, &set->exact, rules) ||
        get32(set->dynamic_count) > RULES_DYNAMIC_MAX ||
        !pack_check_records(s, SECTION_RULES, set->dynamic,
                            get32(set->dynamic_count)))
      return false;
  }
  return rules <= RULES_MAX;
}

static bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 ||
         status == 308;
}

static bool rules_ok(const edgestatic_store *s) {
  uint32_t rules = s->section[SECTION_RULES].count;
  for (uint32_t i = 0; i < rules; i++) {
    const pack_rule *r = pack_rule_at(s, i);
    unsigned status = get16(r->status);
    if (!pack_check_string(s, r->path) || !pack_check_string(s, r->target) ||
        !pack_check_string(s, r->host) || !pack_check_string(s, r->origin) ||
        !pack_check_records(s, SECTION_CONDITIONS, r->condition,
                            r->condition_count) ||
        ((r->flags & RULE_MORE) != 0 && i + 1 == rules) ||
        (status != 200 && !is_redirect(status) &&
         (status < 400 || status > 599)) ||
        !expand_valid(pack_string(s, r->target), !is_redirect(status)))
      return false;
  }
  return true;
}

static bool conditions_ok(const edgestatic_store *s) {
  for (uint32_t i = 0; i < s->section[SECTION_CONDITIONS].count; i++) {
    const pack_condition *c = pack_condition_at(s, i);
    if (!pack_check_string(s, c->name) || !pack_check_string(s, c->value))
      return false;
  }
  return true;
}

bool pack_check_rules(const edgestatic_store *s) {
  return rulesets_ok(s) && rules_ok(s) && conditions_ok(s);
}
