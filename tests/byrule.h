/* byrule.h - a small site with rules, asked by the core.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TESTS_BYRULE_H
#define EDGESTATIC_TESTS_BYRULE_H

#include "edgestatic_policy.h"
#include "edgestatic_rules.h"

#include "core/format.h"
#include "invariants.h"
#include "packing.h"

static edgestatic_request request;

static inline void site(int dialect, const char *redirects,
                        const char *headers) {
  edgestatic_rules_options rules = EDGESTATIC_RULES_OPTIONS_INIT;
  request = (edgestatic_request){.flags = 0};
  rules.dialect = dialect;
  ck_assert_int_eq(edgestatic_builder_rules(builder, &rules), EDGESTATIC_OK);
  ck_assert_int_eq(
      edgestatic_builder_redirects(builder, util_text(redirects), "_redirects"),
      EDGESTATIC_OK);
  ck_assert_int_eq(
      edgestatic_builder_headers(builder, util_text(headers), "_headers"),
      EDGESTATIC_OK);
  add("index.html", "home");
  add("about.html", "about");
  add("gone.html", "gone");
  add("404.html", "missing");
  add("font.woff2", "font");
  add("docs/index.html", "docs");
  finish();
}

static inline void netlify(const char *redirects, const char *headers) {
  site(EDGESTATIC_DIALECT_NETLIFY, redirects, headers);
}

static inline void cloudflare(const char *redirects, const char *headers) {
  site(EDGESTATIC_DIALECT_CLOUDFLARE, redirects, headers);
}

static inline int ask(const char *method, const char *target) {
  request.method = util_text(method);
  request.target = util_text(target);
  memset(&response, 0xa5, sizeof response);
  edgestatic_respond(store, &request, &response);
  invariants(store, &request, &response);
  return response.status;
}

static inline void with(int id, const char *value) {
  request.field[id] = util_text(value);
}

static inline void asks(const char *method, const char *target, int status) {
  ck_assert_msg(ask(method, target) == status, "%s %s: %d", method, target,
                response.status);
}

static inline void is(const char *name, const char *value) {
  ck_assert_msg(strcmp(field(name, NULL), value) == 0, "%s: %s", name,
                field(name, NULL));
}

/* How many field lines of a name there are. */
static inline unsigned lines(const char *name) {
  unsigned n = 0;
  for (uint32_t i = 0; i < response.field_count; i++) {
    edgestatic_field f = edgestatic_response_field(store, &response, i);
    n += strcmp(f.name.base, name) == 0;
  }
  return n;
}

static inline bool has_line(const char *name, const char *value) {
  for (uint32_t i = 0; i < response.field_count; i++) {
    edgestatic_field f = edgestatic_response_field(store, &response, i);
    if (strcmp(f.name.base, name) == 0 && strcmp(f.value.base, value) == 0)
      return true;
  }
  return false;
}

static inline void sends(const char *text) {
  ck_assert_uint_eq(response.content_count, 1);
  edgestatic_slice body =
      edgestatic_segment_bytes(store, &response, &response.segment[0]);
  ck_assert_uint_eq(body.len, strlen(text));
  ck_assert(memcmp(body.base, text, body.len) == 0);
}

#endif
