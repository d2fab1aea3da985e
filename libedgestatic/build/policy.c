/* policy.c - Cache-Control by rule, else by what a file is.
 * SPDX-License-Identifier: MIT */
#include "build/policy.h"

#include "build/glob.h"
#include "build/mem.h"
#include "build/mime.h"
#include "core/fingerprint.h"

bool policy_value(slice *value) {
  *value = slice_trim(*value);
  if (value->len == 0 || value->len > POLICY_VALUE_MAX)
    return false;
  for (size_t i = 0; i < value->len; i++) {
    unsigned char c = (unsigned char)value->base[i];
    /* Visible ASCII and blanks; obs-text is not of any directive. */
    if ((c < ' ' && c != '\t') || c >= 0x7f)
      return false;
  }
  return true;
}

static void free_slice(const edgestatic_allocator *allocator, slice s) {
  mem_free(allocator, (char *)s.base, s.len + 1);
}

static bool copy_slice(const edgestatic_allocator *allocator, slice from,
                       slice *to) {
  *to = slice_of(mem_copy(allocator, from), from.len);
  return to->base != NULL;
}

static void free_rule(const edgestatic_allocator *allocator,
                      const struct policy_rule *rule) {
  if (rule->origin.base != NULL)
    free_slice(allocator, rule->origin);
  if (rule->value.base != NULL)
    free_slice(allocator, rule->value);
}

/* The origin names the option that the rule came by; its end is the glob. */
static bool copy_rule(const edgestatic_allocator *allocator, slice glob,
                      slice value, struct policy_rule *rule) {
  slice option = LIT("--cache-rule ");
  char origin[sizeof "--cache-rule " + GLOB_MAX];
  memcpy(origin, option.base, option.len);
  memcpy(origin + option.len, glob.base, glob.len);
  *rule = (struct policy_rule){0};
  if (copy_slice(allocator, slice_of(origin, option.len + glob.len),
                 &rule->origin) &&
      copy_slice(allocator, value, &rule->value)) {
    rule->glob = slice_skip(rule->origin, option.len);
    return true;
  }
  free_rule(allocator, rule);
  return false;
}

int policy_add(struct policy *policy, slice glob, slice value) {
  if (!glob_valid(glob) || !policy_value(&value))
    return EDGESTATIC_ERR_INPUT;
  if (policy->count == POLICY_RULES_MAX)
    return EDGESTATIC_ERR_LIMIT;
  struct policy_rule *grown =
      mem_grow(policy->allocator, policy->rule, &policy->room,
               policy->count + 1, sizeof *grown);
  if (grown == NULL)
    return EDGESTATIC_ERR_MEMORY;
  policy->rule = grown;
  if (!copy_rule(policy->allocator, glob, value, &policy->rule[policy->count]))
    return EDGESTATIC_ERR_MEMORY;
  policy->count++;
  return EDGESTATIC_OK;
}

/* The defaults.
 * - A page is revalidated each time (RFC 9111 section 5.2.2.4): one 304, and a
 *   new release is seen at once.
 * - A fingerprinted name never changes its bytes: kept for a year, and not
 *   revalidated on reload (RFC 8246).
 * - Anything else may change under its name while pages that are always fresh
 *   refer to it.  Five minutes serve one visit without a question; after them
 *   the old copy is shown once more while the new one is fetched (RFC 5861
 *   section 3).  That window is an hour and not longer, because as long can a
 *   new page meet an old style sheet.
 * - Not public: max-age alone lets shared caches keep it, and public would let
 *   them keep what somebody sees behind a login too (RFC 9111 section 3.5).
 * - An error page is not kept: the path may exist after the next release, and
 *   no rule for its file may make a 404 immutable. */
struct policy_answer policy_for(const struct policy *policy, slice file,
                                slice type, bool error_page) {
  if (error_page)
    return (struct policy_answer){LIT("no-store"), LIT("default: error page")};
  for (size_t i = policy->count; i > 0; i--) {
    const struct policy_rule *rule = &policy->rule[i - 1];
    if (glob_match_file(rule->glob, file))
      return (struct policy_answer){rule->value, rule->origin};
  }
  if (mime_is_page(type))
    return (struct policy_answer){LIT("no-cache"), LIT("default: HTML")};
  if (fingerprint_in_name(glob_last_segment(file)))
    return (struct policy_answer){LIT("max-age=31536000, immutable"),
                                  LIT("default: fingerprint in the name")};
  return (struct policy_answer){LIT("max-age=300, stale-while-revalidate=3600"),
                                LIT("default: no fingerprint in the name")};
}

void policy_free(struct policy *policy) {
  for (size_t i = 0; i < policy->count; i++)
    free_rule(policy->allocator, &policy->rule[i]);
  mem_free(policy->allocator, policy->rule,
           policy->room * sizeof *policy->rule);
  *policy = (struct policy){.allocator = policy->allocator};
}
