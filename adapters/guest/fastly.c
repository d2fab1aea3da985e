/* fastly.c - the guest for Fastly Compute.
 *
 * An instance answers one request and offers to take more (next_request): to
 * start one costs more than to answer.  A host declines by an error, and then
 * the instance ends, as it does when nothing came for NEXT_TIMEOUT.  A host
 * that lacks the call altogether refuses the module: Viceroy has it since
 * 0.14.0.
 *
 * The fields that frame a message are ours (framing mode "manual") wherever
 * there is a Content-Length: the host would take it from the response to a
 * HEAD.  What the client should not believe complete is abandoned: the host
 * then breaks the connection off.
 *
 * SPDX-License-Identifier: MIT
 */
#include "core/str.h"
#include "core/text.h"
#include "guest/guest.h"

typedef uint32_t handle;

#define HOST(module, name)                                                     \
  __attribute__((import_module(module), import_name(name)))

HOST("fastly_abi", "init") int abi_init(uint64_t version);
HOST("fastly_http_req", "body_downstream_get")
int request_first(handle *request, handle *body);
HOST("fastly_http_downstream", "next_request")
int next_request(uint32_t mask, const void *options, handle *promise);
HOST("fastly_http_downstream", "next_request_wait")
int next_request_wait(handle promise, handle *request, handle *body);
HOST("fastly_http_req", "method_get")
int request_method(handle request, char *to, size_t size, size_t *len);
HOST("fastly_http_req", "uri_get")
int request_uri(handle request, char *to, size_t size, size_t *len);
HOST("fastly_http_req", "header_names_get")
int request_names(handle request, char *to, size_t size, uint32_t cursor,
                  int64_t *next, size_t *len);
HOST("fastly_http_req", "header_values_get")
int request_values(handle request, const char *name, size_t name_len, char *to,
                   size_t size, uint32_t cursor, int64_t *next, size_t *len);
HOST("fastly_http_req", "close") int request_close(handle request);
HOST("fastly_http_resp", "new") int response_new(handle *response);
HOST("fastly_http_resp", "status_set")
int response_status(handle response, uint32_t status);
HOST("fastly_http_resp", "header_append")
int response_append(handle response, const char *name, size_t name_len,
                    const char *value, size_t value_len);
HOST("fastly_http_resp", "framing_headers_mode_set")
int response_framing(handle response, uint32_t mode);
HOST("fastly_http_resp", "send_downstream")
int response_send(handle response, handle body, uint32_t streaming);
HOST("fastly_http_body", "new") int body_new(handle *body);
HOST("fastly_http_body", "write")
int body_write(handle body, const char *bytes, size_t len, uint32_t end,
               size_t *written);
HOST("fastly_http_body", "close") int body_close(handle body);
HOST("fastly_http_body", "abandon") int body_abandon(handle body);

enum { STATUS_OK = 0, STATUS_BUFLEN = 4 };
enum { FRAMING_MANUAL = 1 };
enum { END_BACK = 0 };
enum { NEXT_TIMEOUT_GIVEN = 2 };

/* How long an idle instance waits, in milliseconds. */
#define NEXT_TIMEOUT 10000

static struct guest_request request;
static edgestatic_response response;

/* Field names come by pages of this size, so it bounds a single one: no client
 * has one that comes near, and such a request gets 431. */
#define NAMES_SIZE 16384

static char names[NAMES_SIZE];

/* Content of up to this size is sent whole, which saves the host a stream and
 * at 3 KB more than half of the time for a request; larger content is streamed
 * in pieces of it, so that no more is held at once. */
static char chunk[256 * 1024];

/* Both are true when the host did what was asked; false leaves it to the
 * host to answer 500.  What does not fit sets request.refused. */
static bool get_fields(handle h) {
  int64_t next = 0;
  while (next >= 0) {
    size_t len = 0;
    int status =
        request_names(h, names, sizeof names, (uint32_t)next, &next, &len);
    if (status == STATUS_BUFLEN)
      request.refused = 431;
    if (status != STATUS_OK)
      return status == STATUS_BUFLEN;
    for (slice rest = slice_of(names, len); rest.len > 0;) {
      slice name = guest_cut(&rest);
      int id = edgestatic_field_find(name);
      int64_t cursor = id < 0 || request.core.field[id].base != NULL ? -1 : 0;
      while (cursor >= 0) {
        status = request_values(h, name.base, name.len, guest_room(&request),
                                guest_room_size(&request), (uint32_t)cursor,
                                &cursor, &len);
        if (status == STATUS_BUFLEN)
          request.refused = 431;
        if (status != STATUS_OK)
          return status == STATUS_BUFLEN;
        for (slice lines = guest_take(&request, len); lines.len > 0;)
          guest_field(&request, id, guest_cut(&lines));
      }
    }
  }
  return true;
}

static bool get_request(handle h) {
  size_t len = 0;

  guest_begin(&request);
  if (request_method(h, guest_room(&request), guest_room_size(&request),
                     &len) != STATUS_OK)
    return false;
  request.core.method = guest_take(&request, len);

  int status =
      request_uri(h, guest_room(&request), guest_room_size(&request), &len);
  if (status == STATUS_BUFLEN)
    request.refused = 414;
  if (status != STATUS_OK)
    return status == STATUS_BUFLEN;
  slice uri = guest_take(&request, len);
  guest_target(&request, uri);
  /* The host makes the URI; its scheme is that of the connection. */
  if (slice_starts(uri, LIT("https:")))
    request.core.flags |= EDGESTATIC_REQUEST_TLS;
  return get_fields(h);
}

static bool append(handle h, slice name, slice value) {
  return response_append(h, name.base, name.len, value.base, value.len) ==
         STATUS_OK;
}

static bool write_all(handle body, slice s) {
  while (s.len > 0) {
    size_t written = 0;
    if (body_write(body, s.base, s.len, END_BACK, &written) != STATUS_OK ||
        written == 0 || written > s.len)
      return false;
    s = slice_skip(s, written);
  }
  return true;
}

static bool head(handle h, const edgestatic_store *store) {
  if (response_status(h, (uint32_t)response.status) != STATUS_OK)
    return false;
  for (uint32_t i = 0; i < response.field_count; i++) {
    edgestatic_field field = edgestatic_response_field(store, &response, i);
    if (!append(h, field.name, field.value))
      return false;
    if (slice_eq_nocase(field.name, LIT("Content-Length")) &&
        response_framing(h, FRAMING_MANUAL) != STATUS_OK)
      return false;
  }
  return true;
}

/* Sends the response.  Once its head is on the way nothing can fail any more
 * but the client's connection, and what is not complete is abandoned. */
static bool send(const edgestatic_store *store) {
  handle h, body;
  struct guest_body content;
  uint64_t length = response.segment_count > 0 ? response.content_length : 0;
  bool streamed = length > sizeof chunk, written = true;

  if (response_new(&h) != STATUS_OK || body_new(&body) != STATUS_OK ||
      !head(h, store) || (streamed && response_send(h, body, 1) != STATUS_OK))
    return false;

  guest_body(&content, store, &response);
  while (written) {
    slice piece = guest_body_next(&content, chunk, sizeof chunk);
    if (piece.len == 0)
      break;
    written = write_all(body, piece);
  }
  if (!streamed)
    return written && response_send(h, body, 0) == STATUS_OK;
  if (written)
    body_close(body);
  else
    body_abandon(body);
  return true;
}

static bool answer(const edgestatic_store *store, handle h) {
  if (!get_request(h))
    return false;
  if (request.refused != 0)
    guest_refuse(&response, request.refused, LIT(""), request.core.method);
  else
    edgestatic_respond(store, &request.core, &response);
  return send(store);
}

static bool wait_for_next(handle *h, handle *body) {
  static const uint64_t timeout = NEXT_TIMEOUT;
  handle promise;
  return next_request(NEXT_TIMEOUT_GIVEN, &timeout, &promise) == STATUS_OK &&
         next_request_wait(promise, h, body) == STATUS_OK;
}

__attribute__((export_name("_start"))) void start(void);

/* A trap makes the host answer 500 where nothing was sent. */
void start(void) {
  edgestatic_store store;
  handle h, body;

  if (abi_init(1) != STATUS_OK || request_first(&h, &body) != STATUS_OK)
    __builtin_trap();
  if (guest_open(&store) != EDGESTATIC_OK) {
    guest_refuse(&response, 500, LIT(GUEST_NO_PACK), LIT(""));
    send(&store);
    return;
  }
  do {
    if (!answer(&store, h))
      __builtin_trap();
    /* What a request leaves behind would stay until the instance ends. */
    request_close(h);
    body_close(body);
  } while (wait_for_next(&h, &body));
}
