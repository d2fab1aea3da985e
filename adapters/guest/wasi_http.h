/* wasi_http.h - what the guests of wasi:http 0.2 and 0.3 both do with requests
 * and fields; the names of what they import differ.
 *
 * Included once by each, after it has said what its host calls
 *   TYPES(name)    a function of wasi:http/types
 *   REQUEST        the resource that is an incoming request
 *   GETTER         what its methods begin with
 *   FIELDS_LIST    the method that gives all fields
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_GUEST_WASI_HTTP_H
#define EDGESTATIC_GUEST_WASI_HTTP_H

#include "guest/wasi.h"

/* result<fields, header-error>: the error is larger in 0.3. */
struct result_fields {
  uint8_t error;
  union {
    wasi_handle ok;
    uint32_t other[4];
  } u;
};

/* result<_, header-error>: not looked into. */
struct result_append {
  uint32_t words[5];
};

#define REQUEST_GET(name) TYPES("[method]" REQUEST "." GETTER name)
REQUEST_GET("method")
void request_method(wasi_handle request, struct wasi_method *method);
REQUEST_GET("path-with-query")
void request_path(wasi_handle request, struct wasi_text *path);
REQUEST_GET("scheme")
void request_scheme(wasi_handle request, struct wasi_scheme *scheme);
REQUEST_GET("authority")
void request_authority(wasi_handle request, struct wasi_text *authority);
REQUEST_GET("headers") wasi_handle request_headers(wasi_handle request);
TYPES("[resource-drop]" REQUEST) void request_drop(wasi_handle request);

TYPES("[method]fields." FIELDS_LIST)
void fields_entries(wasi_handle fields, struct wasi_fields *list);
TYPES("[constructor]fields") wasi_handle fields_new(void);
TYPES("[static]fields.from-list")
void fields_from(const struct wasi_field *field, size_t count,
                 struct result_fields *fields);
TYPES("[method]fields.append")
void fields_append(wasi_handle fields, const char *name, size_t name_len,
                   const char *value, size_t value_len,
                   struct result_append *result);
TYPES("[resource-drop]fields") void fields_drop(wasi_handle fields);

/* What a response has before it is given another status. */
enum { STATUS_AT_FIRST = 200 };

static inline void read_request(wasi_handle request, struct wasi_head *head) {
  wasi_begin();
  request_method(request, &head->method);
  request_path(request, &head->path);
  request_scheme(request, &head->scheme);
  request_authority(request, &head->authority);
  wasi_handle fields = request_headers(request);
  fields_entries(fields, &head->fields);
  fields_drop(fields);
}

/* A host refuses a list for one field that it keeps to itself, as Connection;
 * then all but that are set. */
static inline wasi_handle make_fields(const edgestatic_store *store,
                                      const edgestatic_response *response) {
  struct wasi_fields list = wasi_fields(store, response);
  struct result_fields made = {.error = 1};
  if (list.count > 0)
    fields_from(list.field, list.count, &made);
  if (!made.error)
    return made.u.ok;

  wasi_handle fields = fields_new();
  for (uint32_t i = 0; i < response->field_count; i++) {
    edgestatic_field f = edgestatic_response_field(store, response, i);
    struct result_append ignored;
    fields_append(fields, f.name.base, f.name.len, f.value.base, f.value.len,
                  &ignored);
  }
  return fields;
}

#endif
