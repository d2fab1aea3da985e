/* rules.c - which redirect or rewrite a request meets.
 *
 * Rulings:
 * - A path that names nothing by itself (dot segments, %2F: target.c) meets no
 *   rule, or a rule could lead it around that ruling.
 * - The query is compared name by name, after decoding; of a name that came
 *   twice the last value counts.  Names that a rule does not speak of do not
 *   matter.
 * - The language of a request is the one with the greatest weight, the first
 *   of equals (RFC 9110 section 12.5.4).  "en" is met by en-GB, "en-gb" by
 *   en-GB alone (RFC 4647 section 3.3.1).  Without the field there is none.
 * - Of a cookie only its presence counts.  Its name is case-sensitive (RFC
 *   6265 section 5.4).
 * - The country is the host's to say, by two letters in any case.  It comes
 * from no field of the request that Vary could name: Vary: * (RFC 9110 section
 *   12.5.5).  Where the host does not know it, and of a role, no rule that asks
 *   for it is met.
 * - A rule that names a host looks at the Host field, but for its port.
 * - A Location that is a path is one whatever was captured (expand.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/rules.h"
#include "core/coding.h"
#include "core/expand.h"
#include "core/host.h"
#include "core/list.h"
#include "core/uri.h"

struct ask {
  const edgestatic_store *store;
  const pack_ruleset *set;
  const edgestatic_request *request;
  slice path;  /* as the set wants it */
  slice query; /* with its "?", or absent */
  char *text;
  struct rules_answer answer;
};

/* ---- Conditions ---- */

/* Whether a name or value of a query is equal to s, decoded or as it is. */
static bool parameter_is(slice encoded, slice s) {
  size_t n = 0;
  if (slice_eq(encoded, s))
    return true;
  for (size_t i = 0; i < encoded.len; i++, n++) {
    char c = encoded.base[i] == '+' ? ' ' : encoded.base[i];
    if (uri_is_escape(encoded, i)) {
      c = uri_escaped(encoded, i);
      i += 2;
    }
    if (n == s.len || s.base[n] != c)
      return false;
  }
  return n == s.len;
}

/* The last value that a query has for a name, still encoded; absent: none. */
static slice parameter(slice query, slice name) {
  slice found = {NULL, 0}, pair, key, value;
  if (query.len > 0)
    query = slice_skip(query, 1);
  while (query.len > 0) {
    slice_cut(query, '&', &pair, &query);
    slice_cut(pair, '=', &key, &value);
    if (parameter_is(key, name))
      found = value;
  }
  return found;
}

/* The language range of the greatest weight; absent: none. */
static slice language_of(slice accept) {
  slice found = {NULL, 0}, element, range, rest;
  int best = 0;
  while (list_next(&accept, &element)) {
    slice_cut(element, ';', &range, &rest);
    int weight = range.len == element.len ? 1000 : weight_parse(rest);
    if (weight > best) {
      best = weight;
      found = slice_trim(range);
    }
  }
  return found;
}

static bool has_language(slice accept, slice names) {
  slice language = language_of(accept), name;
  while (language.base != NULL && list_next(&names, &name))
    if (name.len <= language.len &&
        slice_eq_nocase(slice_of(language.base, name.len), name) &&
        (name.len == language.len || language.base[name.len] == '-'))
      return true;
  return false;
}

static bool has_cookie(slice cookies, slice names) {
  slice pair, cookie, value, list, name;
  while (cookies.len > 0) {
    slice_cut(cookies, ';', &pair, &cookies);
    slice_cut(slice_trim(pair), '=', &cookie, &value);
    list = names;
    while (list_next(&list, &name))
      if (slice_eq(slice_trim(cookie), name))
        return true;
  }
  return false;
}

static bool has_name(slice names, slice wanted) {
  slice name;
  while (list_next(&names, &name))
    if (slice_eq_nocase(name, wanted))
      return true;
  return false;
}

static bool conditions_hold(struct ask *a, const pack_rule *rule,
                            struct capture *capture, size_t *count) {
  const slice *field = a->request->field;
  for (uint32_t i = 0; i < rule->condition_count; i++) {
    const pack_condition *c =
        pack_condition_at(a->store, get32(rule->condition) + i);
    slice value = pack_string(a->store, c->value);
    slice given;
    switch (c->kind) {
    case CONDITION_PARAMETER:
    case CONDITION_CAPTURE:
      given = parameter(a->query, pack_string(a->store, c->name));
      if (given.base == NULL ||
          (c->kind == CONDITION_PARAMETER && !parameter_is(given, value)) ||
          *count == PATTERN_CAPTURES_MAX)
        return false;
      if (c->kind == CONDITION_CAPTURE)
        capture[(*count)++] = (struct capture){given, CAPTURE_PARAMETER};
      break;
    case CONDITION_LANGUAGE:
      a->answer.vary |= RULES_VARY_LANGUAGE;
      if (!has_language(field[EDGESTATIC_FIELD_ACCEPT_LANGUAGE], value))
        return false;
      break;
    case CONDITION_COOKIE:
      a->answer.vary |= RULES_VARY_COOKIE;
      if (!has_cookie(field[EDGESTATIC_FIELD_COOKIE], value))
        return false;
      break;
    case CONDITION_COUNTRY:
      if (a->request->country.base == NULL)
        return false; /* the host never knows: it is no part of the answer */
      a->answer.vary |= RULES_VARY_ANY;
      if (!has_name(value, a->request->country))
        return false;
      break;
    default:
      return false;
    }
  }
  return true;
}

static bool origin_holds(const struct ask *a, const pack_rule *rule) {
  bool secured = (a->request->flags & EDGESTATIC_REQUEST_TLS) != 0;
  slice host = pack_string(a->store, rule->host);
  if ((rule->flags & (secured ? RULE_HTTP : RULE_HTTPS)) != 0)
    return false;
  return host.len == 0 || slice_eq_nocase(host, host_of(a->request));
}

/* ---- Answers ---- */

/* Takes scheme and host off a Location that has those of the request. */
static void make_local(struct ask *a) {
  bool secured = (a->request->flags & EDGESTATIC_REQUEST_TLS) != 0;
  slice scheme = secured ? LIT("https://") : LIT("http://");
  slice host = a->request->field[EDGESTATIC_FIELD_HOST];
  slice rest = slice_of(a->text, a->answer.len);
  if (host.len == 0 || !slice_starts(rest, scheme))
    return;
  rest = slice_skip(rest, scheme.len);
  if (rest.len <= host.len || rest.base[host.len] != '/' ||
      !slice_eq_nocase(slice_of(rest.base, host.len), host))
    return;
  rest = slice_skip(rest, host.len);
  if (rest.len > 1 && rest.base[1] == '/')
    return; /* as a path this would name a host */
  memmove(a->text, rest.base, rest.len);
  a->answer.len = rest.len;
}

static bool is_redirect(int status) {
  return status >= 300 && status < 400;
}

/* Answers with a rule whose path matched; false: something else of it does
 * not. */
static bool meet(struct ask *a, uint32_t number, const slice *captured) {
  const pack_rule *rule = pack_rule_at(a->store, number);
  struct capture capture[PATTERN_CAPTURES_MAX];
  size_t count = pattern_captures(pack_string(a->store, rule->path));
  bool encoded = (get32(a->set->flags) & RULESET_ENCODED) != 0;
  for (size_t i = 0; captured != NULL && i < count; i++)
    capture[i] = (struct capture){captured[i],
                                  encoded ? CAPTURE_ENCODED : CAPTURE_DECODED};
  if (captured == NULL)
    count = 0;
  if (!origin_holds(a, rule) || !conditions_hold(a, rule, capture, &count))
    return false;

  int status = get16(rule->status);
  const struct expand e = {.template = pack_string(a->store, rule->target),
                           .capture = capture,
                           .count = count,
                           .query =
                               is_redirect(status) ? a->query : slice_of("", 0),
                           .squeeze = (rule->flags & RULE_SQUEEZE) != 0};
  switch (expand(&e, a->text, RULES_TEXT_MAX, &a->answer.len)) {
  case EXPAND_NOT_A_HOST:
    return false;
  case EXPAND_TOO_LONG:
    status = 414;
    break;
  default:
    break;
  }
  a->answer.rule = number;
  a->answer.status = status;
  if (is_redirect(status) && (get32(a->set->flags) & RULESET_LOCAL) != 0)
    make_local(a);
  return true;
}

/* ---- Finding ---- */

/* A path without its last slash, where a set does not care. */
static slice bare(const struct ask *a) {
  slice path = a->path;
  if ((get32(a->set->flags) & RULESET_SLASH) != 0 && path.len > 1 &&
      path.base[path.len - 1] == '/')
    path.len--;
  return path;
}

/* The first rule of an exact path that is met, or EDGESTATIC_NONE. */
static uint32_t find_exact(struct ask *a) {
  uint32_t i = pack_find_rule(a->store, &a->set->exact, bare(a));
  for (; i != EDGESTATIC_NONE; i++) {
    if (meet(a, i, NULL))
      return i;
    if ((pack_rule_at(a->store, i)->flags & RULE_MORE) == 0)
      return EDGESTATIC_NONE;
  }
  return EDGESTATIC_NONE;
}

/* The first rule with a pattern that is met, of those before an order. */
static bool find_dynamic(struct ask *a, uint32_t before) {
  static const struct pattern_way way = {.separator = '/'};
  slice capture[PATTERN_CAPTURES_MAX];
  uint32_t first = get32(a->set->dynamic);
  for (uint32_t i = 0; i < get32(a->set->dynamic_count); i++) {
    const pack_rule *rule = pack_rule_at(a->store, first + i);
    slice pattern = pack_string(a->store, rule->path);
    if (get32(rule->order) >= before)
      return false;
    char last = pattern.len > 0 ? pattern.base[pattern.len - 1] : '\0';
    bool takes_slash = last == PATTERN_ANY || last == PATTERN_REST;
    if (pattern_match(pattern, takes_slash ? a->path : bare(a), way, capture) &&
        meet(a, first + i, capture))
      return true;
  }
  return false;
}

struct rules_answer rules_find(const edgestatic_store *store,
                               const struct target *target,
                               const edgestatic_request *request,
                               enum rules_phase phase,
                               char text[RULES_TEXT_MAX]) {
  struct ask a = {.store = store,
                  .set = pack_ruleset_of(store),
                  .request = request,
                  .query = target->query,
                  .text = text,
                  .answer = {.rule = EDGESTATIC_NONE}};
  struct rules_answer none = a.answer;
  if (a.set == NULL || target->asterisk || target->unmatchable ||
      (phase == RULES_BEFORE && (get32(a.set->flags) & RULESET_FORCED) == 0))
    return none;
  a.path =
      (get32(a.set->flags) & RULESET_ENCODED) != 0 ? target->raw : target->path;
  uint32_t exact = find_exact(&a);
  uint32_t before = exact == EDGESTATIC_NONE
                        ? UINT32_MAX
                        : get32(pack_rule_at(store, exact)->order);
  /* What was tried after it has written over the text. */
  if (!find_dynamic(&a, before) && exact != EDGESTATIC_NONE)
    meet(&a, exact, NULL);
  none.vary = a.answer.vary;
  if (a.answer.rule == EDGESTATIC_NONE ||
      (phase == RULES_BEFORE &&
       (pack_rule_at(store, a.answer.rule)->flags & RULE_FORCED) == 0))
    return none;
  return a.answer;
}
