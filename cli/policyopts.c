/* policyopts.c - see policyopts.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "policyopts.h"

#include "say.h"

#include <stdlib.h>
#include <string.h>

enum {
  OPTION_CACHE_RULE = OPTION_POLICY,
  OPTION_CDN_CACHE_RULE,
  OPTION_SURROGATE_RULE,
  OPTION_CORS,
  OPTION_CACHE_TAGS,
  OPTION_FINGERPRINT,
  OPTION_SECURITY_HEADERS,
  OPTION_CROSS_ORIGIN_ISOLATION,
  OPTION_NOINDEX,
  OPTION_CSP,
  OPTION_PRELOAD,
  OPTION_NO_SRI,
  OPTION_REPR_DIGEST,
  OPTION_NO_DELTAS,
  OPTION_SITE_DICTIONARY
};

const struct option_spec policy_option_table[] = {
    {OPTION_CACHE_RULE, "cache-rule", "GLOB=VALUE",
     "Cache-Control of the files that match; the last rule\n"
     "that matches wins; may be given many times, as the\n"
     "three below"},
    {OPTION_CDN_CACHE_RULE, "cdn-cache-rule", "GLOB=VALUE",
     "CDN-Cache-Control, for caches in front of the site"},
    {OPTION_SURROGATE_RULE, "surrogate-rule", "GLOB=VALUE",
     "Surrogate-Control, for those that do not know that"},
    {OPTION_CORS, "cors", "GLOB=ORIGINS",
     "sites whose scripts may read the files, or '*'; fonts\n"
     "need it: '*.woff2=https://a.example,https://b.example'"},
    {OPTION_CACHE_TAGS, "cache-tags", "FIELD",
     "what to purge a cache by, from path, type and content:\n"
     "surrogate-key for Fastly, cache-tag for Cloudflare"},
    {OPTION_FINGERPRINT, "fingerprint", "REGEX",
     "paths of more files that have a hash of their content\n"
     "in their names and never change: '^js/v[0-9]+/'"},
    {OPTION_SECURITY_HEADERS, "security-headers", NULL,
     "the fields that make browsers careful with the site;\n"
     "over TLS HTTPS only from then on"},
    {OPTION_CROSS_ORIGIN_ISOLATION, "cross-origin-isolation", NULL,
     "what pages need for SharedArrayBuffer"},
    {OPTION_NOINDEX, "noindex", NULL, "no search engine is to list the site"},
    {OPTION_CSP, "csp", "[=POLICY]",
     "Content-Security-Policy of pages, with the hashes of\n"
     "their inline scripts and styles"},
    {OPTION_PRELOAD, "preload", NULL,
     "Link: rel=preload for what pages need at once"},
    {OPTION_NO_SRI, "no-sri", NULL,
     "do not hold integrity attributes against the files"},
    {OPTION_REPR_DIGEST, "repr-digest", NULL,
     "send Repr-Digest, a SHA-256, with every file and page,\n"
     "and not to those alone who ask for it"},
    {OPTION_NO_DELTAS, "no-deltas", NULL,
     "send files whole to those who hold earlier versions,\n"
     "and do not tell browsers to keep them for that"},
    {OPTION_SITE_DICTIONARY, "site-dictionary", NULL,
     "make a dictionary of what the pages have in common,\n"
     "where that pays, and compress the pages with it"},
    {0, NULL, NULL, NULL},
};

void policy_options_init(struct policy_options *options) {
  *options = (struct policy_options){.policy = EDGESTATIC_POLICY_INIT};
}

void policy_options_free(struct policy_options *options) {
  free(options->rule);
}

static int take_rule(struct policy_options *options, const struct args *args,
                     int kind, const char *option, const char *wanted) {
  const char *equals = strchr(args->value, '=');
  if (!equals || equals == args->value || equals[1] == '\0')
    return args_bad_value(args, option, wanted);
  struct policy_option *rule =
      realloc(options->rule, (options->rule_count + 1) * sizeof *rule);
  if (!rule) {
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    return CLI_INPUT;
  }
  options->rule = rule;
  rule[options->rule_count++] = (struct policy_option){
      kind,
      {args->value, (size_t)(equals - args->value)},
      {equals + 1, strlen(equals + 1)},
  };
  return 0;
}

static int take_tags(edgestatic_policy *policy, const struct args *args) {
  if (strcmp(args->value, "surrogate-key") == 0)
    policy->cache_tags = EDGESTATIC_TAGS_SURROGATE_KEY;
  else if (strcmp(args->value, "cache-tag") == 0)
    policy->cache_tags = EDGESTATIC_TAGS_CACHE_TAG;
  else
    return args_bad_value(args, "--cache-tags", "surrogate-key or cache-tag");
  return 0;
}

int policy_options_take(struct policy_options *options, const struct args *args,
                        int id) {
  edgestatic_policy *policy = &options->policy;
  switch (id) {
  case OPTION_CACHE_RULE:
    return take_rule(options, args, EDGESTATIC_RULE_CACHE, "--cache-rule",
                     "GLOB=VALUE, as '*.woff2=max-age=86400'");
  case OPTION_CDN_CACHE_RULE:
    return take_rule(options, args, EDGESTATIC_RULE_CDN, "--cdn-cache-rule",
                     "GLOB=VALUE, as '*=max-age=31536000'");
  case OPTION_SURROGATE_RULE:
    return take_rule(options, args, EDGESTATIC_RULE_SURROGATE,
                     "--surrogate-rule", "GLOB=VALUE, as '*=max-age=31536000'");
  case OPTION_CORS:
    return take_rule(options, args, EDGESTATIC_RULE_CORS, "--cors",
                     "GLOB=ORIGINS, as '*.woff2=https://a.example'");
  case OPTION_CACHE_TAGS:
    return take_tags(policy, args);
  case OPTION_FINGERPRINT:
    policy->fingerprint = args->value;
    return 0;
  case OPTION_SECURITY_HEADERS:
    policy->security_headers = 1;
    return 0;
  case OPTION_CROSS_ORIGIN_ISOLATION:
    policy->cross_origin_isolation = 1;
    return 0;
  case OPTION_NOINDEX:
    policy->noindex = 1;
    return 0;
  case OPTION_CSP:
    policy->csp = args->value ? args->value : "";
    return 0;
  case OPTION_PRELOAD:
    policy->preload = 1;
    return 0;
  case OPTION_NO_SRI:
    policy->no_sri = 1;
    return 0;
  case OPTION_REPR_DIGEST:
    policy->repr_digest = 1;
    return 0;
  case OPTION_NO_DELTAS:
    policy->no_deltas = 1;
    return 0;
  default:
    policy->site_dictionary = 1;
    return 0;
  }
}

int policy_options_apply(const struct policy_options *options,
                         edgestatic_builder *builder) {
  int error = edgestatic_builder_policy(builder, &options->policy);
  for (size_t i = 0; !error && i < options->rule_count; i++) {
    const struct policy_option *rule = &options->rule[i];
    error =
        edgestatic_builder_rule(builder, rule->kind, rule->glob, rule->value);
  }
  if (error && error != EDGESTATIC_ERR_INPUT)
    say_error("%s", edgestatic_strerror(error));
  return error;
}
