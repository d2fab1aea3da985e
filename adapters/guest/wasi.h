/* wasi.h - what the two wasi:http guests (0.2 and 0.3) share: requests and
 * field lists as the component model's canonical ABI lays them out in memory.
 *
 * A host lowers strings and lists into memory that it asks cabi_realloc
 * (wasi_memory.c) for: that is the room of the one request, which wasi_begin
 * empties.  So a guest that has several requests in flight answers each before
 * it waits.
 *
 * On a machine of 32 bits a string and a list of bytes are an edgestatic_slice.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_GUEST_WASI_H
#define EDGESTATIC_GUEST_WASI_H

#include "guest/guest.h"

typedef uint32_t wasi_handle; /* 0 is never one */

#define WASI_IMPORT(module, name)                                              \
  __attribute__((import_module(module), import_name(name)))
#define WASI_EXPORT(name) __attribute__((export_name(name)))

/* option<string> */
struct wasi_text {
  uint8_t some;
  edgestatic_slice text;
};

/* variant method */
struct wasi_method {
  uint8_t kind; /* position in the list, the last of which is other(string) */
  edgestatic_slice other;
};

/* option<scheme> */
struct wasi_scheme {
  uint8_t some;
  struct {
    uint8_t kind; /* HTTP, HTTPS, other(string) */
    edgestatic_slice other;
  } scheme;
};

struct wasi_field {
  edgestatic_slice name, value;
};

/* list<tuple<string, list<u8>>> */
struct wasi_fields {
  const struct wasi_field *field;
  size_t count;
};

/* A request without its content. */
struct wasi_head {
  struct wasi_method method;
  struct wasi_text path, authority;
  struct wasi_scheme scheme;
  struct wasi_fields fields;
};

/* Makes room for a request: called before the host is asked for any part. */
void wasi_begin(void);

/* Room for size bytes, where old_size bytes at old have been moved to; align
 * is a power of two.  NULL when there is none left: the request will be
 * refused. */
void *wasi_room(void *old, size_t old_size, size_t align, size_t size);

/* Answers, also where there is no site or the request did not fit.  Returns
 * the store that the response borrows from. */
const edgestatic_store *wasi_answer(const struct wasi_head *head,
                                    edgestatic_response *response);

/* The fields of a response as one list, valid until the next call; without
 * any when there are more than it has room for. */
struct wasi_fields wasi_fields(const edgestatic_store *store,
                               const edgestatic_response *response);

/* Puts the next bytes of the content into chunk, as many as fit.  Returns how
 * many: 0 at the end. */
size_t wasi_fill(struct guest_body *body, char *chunk, size_t size);

#endif
