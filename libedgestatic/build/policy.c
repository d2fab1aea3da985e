/* policy.c - see policy.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/policy.h"

#include "build/directives.h"
#include "build/glob.h"
#include "build/html.h"
#include "build/mime.h"
#include "build/origins.h"
#include "build/report.h"
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

/* ---- Rules ---- */

static const slice options_of_kinds[] = {
    [EDGESTATIC_RULE_CACHE] = EDGESTATIC_LITERAL("--cache-rule "),
    [EDGESTATIC_RULE_CDN] = EDGESTATIC_LITERAL("--cdn-cache-rule "),
    [EDGESTATIC_RULE_SURROGATE] = EDGESTATIC_LITERAL("--surrogate-rule "),
    [EDGESTATIC_RULE_CORS] = EDGESTATIC_LITERAL("--cors ")};

#define KINDS (int)(sizeof options_of_kinds / sizeof *options_of_kinds)
#define OPTION_LENGTH_MAX 32

/* The origin names the option that the rule came by; its end is the glob. */
static bool copy_rule(struct mem_arena *strings, int kind, slice glob,
                      slice value, struct policy_rule *rule) {
  slice option = options_of_kinds[kind];
  char origin[OPTION_LENGTH_MAX + GLOB_MAX];
  memcpy(origin, option.base, option.len);
  memcpy(origin + option.len, glob.base, glob.len);
  slice copy = mem_arena_copy(strings, slice_of(origin, option.len + glob.len));
  value = mem_arena_copy(strings, value);
  if (!copy.base || !value.base)
    return false;
  *rule = (struct policy_rule){kind, slice_skip(copy, option.len), value, copy};
  return true;
}

/* Says what is wrong with a rule. */
static int refuse(const struct policy *policy, int kind, slice glob,
                  const char *fault) {
  return report_error(policy->options, EDGESTATIC_ERR_INPUT, NULL, 0,
                      "%s%.*s: %s", options_of_kinds[kind].base,
                      (int)(glob.len < GLOB_MAX ? glob.len : GLOB_MAX),
                      glob.base, fault);
}

static int check_origins(const struct policy *policy,
                         const struct policy_rule *rule) {
  slice which;
  const char *fault = origins_fault(rule->value, &which);
  if (!fault)
    return EDGESTATIC_OK;
  return report_error(policy->options, EDGESTATIC_ERR_INPUT, NULL, 0,
                      "%s: %.*s %s", rule->origin.base, (int)which.len,
                      which.base, fault);
}

int policy_add(struct policy *policy, int kind, slice glob, slice value) {
  if (kind < 0 || kind >= KINDS)
    return report_error(policy->options, EDGESTATIC_ERR_INPUT, NULL, 0,
                        "there is no such kind of rule: %d", kind);
  if (!glob_valid(glob))
    return refuse(policy, kind, glob, "not a glob");
  if (!policy_value(&value))
    return refuse(policy, kind, glob, "not the value of a header field");
  if (policy->count == POLICY_RULES_MAX)
    return EDGESTATIC_ERR_LIMIT;
  struct policy_rule *grown =
      mem_grow(policy->strings.allocator, policy->rule, &policy->room,
               policy->count + 1, sizeof *grown);
  if (grown == NULL)
    return EDGESTATIC_ERR_MEMORY;
  policy->rule = grown;
  struct policy_rule *rule = &policy->rule[policy->count];
  if (!copy_rule(&policy->strings, kind, glob, value, rule))
    return EDGESTATIC_ERR_MEMORY;
  int error =
      kind == EDGESTATIC_RULE_CORS
          ? check_origins(policy, rule)
          : directives_check(policy->options, kind, rule->origin, rule->value);
  if (!error)
    policy->count++;
  return error;
}

struct policy_answer policy_rule_for(const struct policy *policy, int kind,
                                     slice file) {
  for (size_t i = policy->count; i > 0; i--) {
    const struct policy_rule *rule = &policy->rule[i - 1];
    if (rule->kind == kind && glob_match_file(rule->glob, file))
      return (struct policy_answer){rule->value, rule->origin};
  }
  return (struct policy_answer){{NULL, 0}, {NULL, 0}};
}

/* ---- The site's policy ---- */

/* Makes *text a copy, unless it is NULL; false: no memory. */
static bool copy_text(struct mem_arena *strings, const char **text) {
  if (!*text)
    return true;
  *text = mem_arena_copy(strings, slice_of(*text, strlen(*text))).base;
  return *text != NULL;
}

static int refuse_policy(const struct policy *policy, const char *fault) {
  return report_error(policy->options, EDGESTATIC_ERR_INPUT, NULL, 0, "%s",
                      fault);
}

int policy_set(struct policy *policy, const edgestatic_policy *given) {
  char reason[FINGERPRINTS_REASON_MAX];
  if (given->size != sizeof *given)
    return refuse_policy(policy, "the policy has another size; begin with "
                                 "EDGESTATIC_POLICY_INIT");
  edgestatic_policy site = *given;
  if (site.cache_tags < EDGESTATIC_TAGS_NONE ||
      site.cache_tags > EDGESTATIC_TAGS_CACHE_TAG)
    return refuse_policy(policy, "the policy has a kind of cache tags that "
                                 "does not exist");
  slice csp = {site.csp, site.csp ? strlen(site.csp) : 0};
  if (csp.len > 0 && !policy_value(&csp))
    return refuse_policy(policy, "--csp: not the value of a header field");
  if ((site.csp || site.preload) && !html_supported())
    return refuse_policy(policy, "--csp and --preload need libgumbo, which "
                                 "this edgestatic was built without");
  if (site.site_dictionary && site.no_deltas)
    return refuse_policy(policy, "--site-dictionary is of no use with "
                                 "--no-deltas");
  int error = fingerprints_set(&policy->fingerprints, site.fingerprint, reason);
  if (error == EDGESTATIC_ERR_INPUT)
    return report_error(policy->options, error, NULL, 0,
                        "--fingerprint '%s': %s", site.fingerprint, reason);
  if (error)
    return error;
  if (!copy_text(&policy->strings, &site.csp) ||
      !copy_text(&policy->strings, &site.fingerprint))
    return EDGESTATIC_ERR_MEMORY;
  policy->site = site;
  return EDGESTATIC_OK;
}

void policy_init(struct policy *policy,
                 const edgestatic_builder_options *options) {
  *policy = (struct policy){.options = options,
                            .strings = {&options->allocator, NULL},
                            .site = EDGESTATIC_POLICY_INIT,
                            .evidence = {.allocator = &options->allocator}};
}

void policy_free(struct policy *policy) {
  mem_free(policy->strings.allocator, policy->rule,
           policy->room * sizeof *policy->rule);
  mem_arena_free(&policy->strings);
  fingerprints_free(&policy->fingerprints);
  evidence_free(&policy->evidence);
}

/* ---- Cache-Control ---- */

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
 * - No stale-if-error (RFC 5861 section 4): while the server fails, no cache
 * may show a page, which is no-cache (RFC 9111 section 4.2.4), and a style
 * sheet alone helps nobody; what is immutable is fresh anyway.
 * - Not public: max-age alone lets shared caches keep it, and public would let
 *   them keep what somebody sees behind a login too (RFC 9111 section 3.5).
 * - An error page is not kept: the path may exist after the next release, and
 *   no rule for its file may make a 404 immutable. */
struct policy_answer policy_cache(const struct policy *policy, slice file,
                                  slice type, bool error_page) {
  if (error_page)
    return (struct policy_answer){LIT("no-store"), LIT("default: error page")};
  struct policy_answer rule =
      policy_rule_for(policy, EDGESTATIC_RULE_CACHE, file);
  if (rule.value.base)
    return rule;
  if (mime_is_page(type))
    return (struct policy_answer){LIT("no-cache"), LIT("default: HTML")};
  if (fingerprint_in_name(glob_last_segment(file)))
    return (struct policy_answer){LIT("max-age=31536000, immutable"),
                                  LIT("default: fingerprint in the name")};
  if (evidence_has(&policy->evidence, file))
    return (struct policy_answer){
        LIT("max-age=31536000, immutable"),
        LIT("default: fingerprint in the name, as in those beside it")};
  if (fingerprints_given(&policy->fingerprints, file))
    return (struct policy_answer){LIT("max-age=31536000, immutable"),
                                  LIT("--fingerprint")};
  return (struct policy_answer){LIT("max-age=300, stale-while-revalidate=3600"),
                                LIT("default: no fingerprint in the name")};
}
