/* choose.c - see choose.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "choose.h"

#include <stdbool.h>
#include <string.h>

/* ---- Text ---- */

static edgestatic_slice slice_of(const char *base, size_t len) {
  return (edgestatic_slice){base, len};
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* DNS and RFC 3986 section 3.2.2: letter case does not matter in hosts. */
static bool same_nocase(const char *a, const char *b, size_t len) {
  for (size_t i = 0; i < len; i++)
    if (lower(a[i]) != lower(b[i]))
      return false;
  return true;
}

static bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

int choose_is_name(edgestatic_slice text) {
  if (text.len == 0 || text.len > CHOOSE_NAME_MAX)
    return false;
  for (size_t i = 0; i < text.len; i++)
    if (!is_alnum(text.base[i]) && text.base[i] != '-')
      return false;
  return true;
}

/* Takes a name over, or leaves "" where it is none. */
static void take_name(struct choose_result *result, edgestatic_slice text) {
  char name[CHOOSE_NAME_MAX];
  if (text.len > sizeof name)
    return;
  for (size_t i = 0; i < text.len; i++)
    name[i] = result->by == CHOOSE_BY_HOST ? lower(text.base[i]) : text.base[i];
  if (!choose_is_name(slice_of(name, text.len)))
    return;
  memcpy(result->name, name, text.len);
  result->name[text.len] = '\0';
  result->name_len = text.len;
}

/* ---- Rules ---- */

static bool is_host_text(edgestatic_slice text) {
  for (size_t i = 0; i < text.len; i++)
    if (!is_alnum(lower(text.base[i])) && text.base[i] != '-' &&
        text.base[i] != '.' && text.base[i] != '[' && text.base[i] != ']' &&
        text.base[i] != ':')
      return false;
  return true;
}

int choose_by_host(struct choose_rules *rules, const char *text) {
  const char *equals = strchr(text, '=');
  size_t len = equals ? (size_t)(equals - text) : strlen(text);
  const char *star = memchr(text, '*', len);
  size_t before = star ? (size_t)(star - text) : len;
  struct choose_host host = {slice_of(text, before), slice_of("", 0), NULL};
  if (star)
    host.after = slice_of(star + 1, len - before - 1);
  if (equals) {
    host.name = equals + 1;
    if (!choose_is_name(slice_of(host.name, strlen(host.name))))
      return -1;
  }
  /* One of the two says which collection it is; and "*" alone is every host. */
  if ((star == NULL) == (equals == NULL) || len < 2 ||
      !is_host_text(host.before) || !is_host_text(host.after) ||
      rules->host_count == CHOOSE_HOSTS_MAX)
    return -1;
  rules->host[rules->host_count++] = host;
  return 0;
}

int choose_by_prefix(struct choose_rules *rules, const char *text) {
  size_t len = strlen(text);
  /* "/" alone would leave no path to the live site. */
  if (len < 3 || text[0] != '/' || text[len - 1] != '/')
    return -1;
  for (size_t i = 0; i < len; i++)
    if (text[i] <= ' ' || text[i] > '~' || strchr("\"#%<>?\\^`{|}", text[i]) ||
        (text[i] == '/' && text[i + 1] == '/'))
      return -1;
  rules->prefix = text;
  return 0;
}

/* RFC 6265 section 4.1.1: a token (RFC 9110 section 5.6.2). */
int choose_by_cookie(struct choose_rules *rules, const char *text) {
  for (const char *c = text; *c; c++)
    if (!is_alnum(lower(*c)) && !strchr("!#$%&'*+-.^_`|~", *c))
      return -1;
  if (*text == '\0')
    return -1;
  rules->cookie = text;
  return 0;
}

/* ---- Requests ---- */

/* Host without its port and the root's dot: "[::1]:80" is "[::1]". */
static edgestatic_slice host_of(const edgestatic_request *request) {
  edgestatic_slice host = request->field[EDGESTATIC_FIELD_HOST];
  size_t end = host.len;
  while (end > 0 && host.base[end - 1] >= '0' && host.base[end - 1] <= '9')
    end--;
  if (end > 0 && host.base[end - 1] == ':')
    host.len = end - 1;
  if (host.len > 0 && host.base[host.len - 1] == '.')
    host.len--;
  return host;
}

static bool host_matches(const struct choose_host *rule, edgestatic_slice host,
                         edgestatic_slice *star) {
  size_t fixed = rule->before.len + rule->after.len;
  if (host.len < fixed || (rule->name && host.len != fixed) ||
      !same_nocase(host.base, rule->before.base, rule->before.len) ||
      !same_nocase(host.base + host.len - rule->after.len, rule->after.base,
                   rule->after.len))
    return false;
  *star = slice_of(host.base + rule->before.len, host.len - fixed);
  /* As in certificates (RFC 9525 section 6.3) a star is within one label. */
  return star->len == 0 || memchr(star->base, '.', star->len) == NULL;
}

static bool by_host(const struct choose_rules *rules,
                    const edgestatic_request *request,
                    struct choose_result *result) {
  edgestatic_slice host, star;
  if (rules->host_count == 0)
    return false;
  host = host_of(request);
  if (host.len == 0)
    return false;
  for (unsigned i = 0; i < rules->host_count; i++) {
    const struct choose_host *rule = &rules->host[i];
    if (!host_matches(rule, host, &star))
      continue;
    result->by = CHOOSE_BY_HOST;
    take_name(result,
              rule->name ? slice_of(rule->name, strlen(rule->name)) : star);
    return true;
  }
  return false;
}

static bool by_prefix(const struct choose_rules *rules,
                      const edgestatic_request *request,
                      struct choose_result *result) {
  edgestatic_slice target = request->target;
  size_t len = rules->prefix ? strlen(rules->prefix) : 0;
  if (len == 0 || target.len < len ||
      memcmp(target.base, rules->prefix, len) != 0)
    return false;
  size_t end = len;
  while (end < target.len && target.base[end] != '/' &&
         target.base[end] != '?' && target.base[end] != '#')
    end++;
  result->by = CHOOSE_BY_PREFIX;
  result->prefix_len = end;
  take_name(result, slice_of(target.base + len, end - len));
  return true;
}

/* RFC 6265 sections 4.1.1 and 4.2.1: pairs parted by "; ", a value may stand
 * in quotes.  Of several with the name the first counts, which user agents
 * send for the longest path (section 5.4). */
static bool cookie_value(const char *name, edgestatic_slice text,
                         edgestatic_slice *value) {
  size_t name_len = strlen(name);
  const char *p = text.base, *end = p + text.len;
  while (p < end) {
    while (p < end && (*p == ' ' || *p == ';'))
      p++;
    const char *stop = memchr(p, ';', (size_t)(end - p));
    size_t len = (size_t)((stop ? stop : end) - p);
    if (len > name_len && memcmp(p, name, name_len) == 0 &&
        p[name_len] == '=') {
      *value = slice_of(p + name_len + 1, len - name_len - 1);
      while (value->len > 0 && value->base[value->len - 1] == ' ')
        value->len--;
      if (value->len >= 2 && value->base[0] == '"' &&
          value->base[value->len - 1] == '"')
        *value = slice_of(value->base + 1, value->len - 2);
      return true;
    }
    p += len;
  }
  return false;
}

void choose_name(const struct choose_rules *rules,
                 const edgestatic_request *request,
                 struct choose_result *result) {
  edgestatic_slice cookie = request->field[EDGESTATIC_FIELD_COOKIE];
  edgestatic_slice value;
  *result = (struct choose_result){.by = CHOOSE_BY_NOTHING};
  if (by_host(rules, request, result) || by_prefix(rules, request, result))
    return;
  result->asked_cookie = rules->cookie != NULL;
  if (rules->cookie && cookie.base &&
      cookie_value(rules->cookie, cookie, &value)) {
    result->by = CHOOSE_BY_COOKIE;
    take_name(result, value);
  }
}
