/* ask.h - asks the small site of site.h, and looks at the answer.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TESTS_ASK_H
#define EDGESTATIC_TESTS_ASK_H

#include "invariants.h"
#include "site.h"
#include "util.h"

static edgestatic_store store;
static unsigned char *pack;
static edgestatic_request request;
static edgestatic_response *r;

static inline void open_site(bool fallback) {
  size_t len;
  free(pack);
  pack = site_pack(&len, fallback);
  ck_assert_int_eq(edgestatic_store_open(&store, pack, len), EDGESTATIC_OK);
}

static inline void setup(void) {
  request = (edgestatic_request){.target = {NULL, 0}};
  pack = NULL;
  open_site(false);
}

static inline void teardown(void) {
  free(pack);
}

static inline void with(int field, const char *value) {
  request.field[field] = util_text(value);
}

/* Asks with the fields that were set; returns the status. */
static inline int ask(const char *method, const char *target) {
  request.method = util_text(method);
  request.target = util_text(target);
  r = util_alloc(sizeof *r);
  memset(r, 0xa5, sizeof *r);
  edgestatic_respond(&store, &request, r);
  invariants(&store, &request, r);
  return r->status;
}

/* The value of a field of the last response, or NULL. */
static inline const char *field(const char *name) {
  const char *value = NULL;
  for (uint32_t i = 0; i < r->field_count; i++) {
    edgestatic_field f = edgestatic_response_field(&store, r, i);
    if (strcmp(f.name.base, name) == 0) {
      ck_assert_msg(value == NULL, "%s twice", name);
      value = f.value.base;
    }
  }
  return value;
}

/* The content of the last response, even of a HEAD, as a C string. */
static inline const char *content(void) {
  char *text = util_alloc((size_t)r->content_length + 1);
  size_t len = 0;
  for (uint32_t i = 0; i < r->content_count; i++) {
    edgestatic_slice s = edgestatic_segment_bytes(&store, r, &r->segment[i]);
    memcpy(text + len, s.base, s.len);
    len += s.len;
  }
  text[len] = '\0';
  return text;
}

static inline void is_text(int status) {
  ck_assert_int_eq(r->status, status);
  ck_assert_str_eq(field("Content-Type"), "text/plain; charset=utf-8");
  ck_assert_str_eq(field("X-Content-Type-Options"), "nosniff");
  ck_assert_uint_eq(r->id, 0);
  ck_assert_ptr_null(field("ETag"));
  ck_assert_ptr_null(field("Last-Modified"));
  ck_assert_ptr_null(field("Content-Encoding"));
  ck_assert_int_eq(atoi(content()), status);
}

#endif
