/* wasi_http.c - the guest for hosts of wasi:http 0.2: a component that exports
 * incoming-handler.  Most hosts start an instance for each request.
 *
 * It imports no more than wit/wasi-http.wit has: no files, clocks or random.
 * Of what it is given it drops children before their parents, as hosts want.
 *
 * HEAD: the response has the Content-Length of a GET (RFC 9110 section 8.6)
 * and a body that ends at once.  The host takes that for a body cut short, but
 * a server of HTTP/1 never reads the body of such a response.  limit: one of
 * HTTP/2 may, and then resets the stream behind the fields.  The interface's
 * other way, not to take the body at all, ends jco 1.35.
 *
 * SPDX-License-Identifier: MIT
 */
#define TYPES(name) WASI_IMPORT("wasi:http/types@0.2.0", name)
#define REQUEST "incoming-request"
#define GETTER ""
#define FIELDS_LIST "entries"
#include "guest/wasi_http.h"

#include <stdbool.h>

#define STREAMS(name) WASI_IMPORT("wasi:io/streams@0.2.0", name)
#define POLL(name) WASI_IMPORT("wasi:io/poll@0.2.0", name)

/* result<T> where T is a handle */
struct result_handle {
  uint8_t error;
  wasi_handle ok;
};

/* result<u64, stream-error> */
struct result_permit {
  uint8_t error;
  union {
    uint64_t ok;
    struct {
      uint8_t kind;
      wasi_handle error; /* of kind 0, last-operation-failed */
    } stream;
  } u;
};

/* result<_, stream-error> */
struct result_write {
  uint8_t error;
  struct {
    uint8_t kind;
    wasi_handle error;
  } stream;
};

/* result<_, error-code>: not looked into. */
struct result_code {
  uint64_t bytes[5];
};

TYPES("[constructor]outgoing-response")
wasi_handle response_new(wasi_handle fields);
TYPES("[method]outgoing-response.set-status-code")
int response_status(wasi_handle response, int status);
TYPES("[method]outgoing-response.body")
void response_body(wasi_handle response, struct result_handle *body);
TYPES("[static]response-outparam.set")
void outparam_set(wasi_handle out, int error, wasi_handle response, int,
                  int64_t, int, int, int, int);
TYPES("[method]outgoing-body.write")
void body_write(wasi_handle body, struct result_handle *stream);
TYPES("[static]outgoing-body.finish")
void body_finish(wasi_handle body, int some, wasi_handle trailers,
                 struct result_code *result);
TYPES("[resource-drop]outgoing-body") void body_drop(wasi_handle body);
STREAMS("[method]output-stream.check-write")
void stream_check(wasi_handle stream, struct result_permit *permit);
STREAMS("[method]output-stream.write")
void stream_write(wasi_handle stream, const char *bytes, size_t len,
                  struct result_write *result);
STREAMS("[method]output-stream.subscribe")
wasi_handle stream_subscribe(wasi_handle stream);
STREAMS("[resource-drop]output-stream") void stream_drop(wasi_handle stream);
POLL("[method]pollable.block") void pollable_block(wasi_handle pollable);
POLL("[resource-drop]pollable") void pollable_drop(wasi_handle pollable);
WASI_IMPORT("wasi:io/error@0.2.0", "[resource-drop]error")
void error_drop(wasi_handle error);

enum { LAST_OPERATION_FAILED = 0 };

static edgestatic_response response;

/* Small enough that a new instance touches few pages, large enough that the
 * calls do not show. */
static char chunk[65536];

static void drop_error(uint8_t kind, wasi_handle error) {
  if (kind == LAST_OPERATION_FAILED)
    error_drop(error);
}

/* How much may be written now, waiting until it is something; 0 when the
 * client is gone. */
static size_t wait_for_permit(wasi_handle stream) {
  for (;;) {
    struct result_permit permit;
    stream_check(stream, &permit);
    if (permit.error) {
      drop_error(permit.u.stream.kind, permit.u.stream.error);
      return 0;
    }
    if (permit.u.ok > 0)
      return permit.u.ok < sizeof chunk ? (size_t)permit.u.ok : sizeof chunk;
    wasi_handle pollable = stream_subscribe(stream);
    pollable_block(pollable);
    pollable_drop(pollable);
  }
}

/* True when all of the content was written. */
static bool write_content(wasi_handle stream, const edgestatic_store *store) {
  struct guest_body content;
  guest_body(&content, store, &response);
  for (uint64_t left = response.content_length; left > 0;) {
    size_t permit = wait_for_permit(stream);
    if (permit == 0)
      return false;
    size_t len = wasi_fill(&content, chunk, permit);
    struct result_write written;
    stream_write(stream, chunk, len, &written);
    if (written.error) {
      drop_error(written.stream.kind, written.stream.error);
      return false;
    }
    left -= len;
  }
  return true;
}

static void send(wasi_handle out, const edgestatic_store *store) {
  struct result_handle body, stream;
  wasi_handle r = response_new(make_fields(store, &response));
  if (response.status != STATUS_AT_FIRST)
    response_status(r, response.status);
  response_body(r, &body);
  outparam_set(out, 0, r, 0, 0, 0, 0, 0, 0);
  if (body.error)
    return;

  if (response.segment_count > 0) {
    body_write(body.ok, &stream);
    bool whole = !stream.error && write_content(stream.ok, store);
    if (!stream.error)
      stream_drop(stream.ok);
    if (!whole) { /* dropped, not finished: the host does not call it whole */
      body_drop(body.ok);
      return;
    }
  }
  struct result_code ignored;
  body_finish(body.ok, 0, 0, &ignored);
}

WASI_EXPORT("wasi:http/incoming-handler@0.2.0#handle")
void handle(wasi_handle request, wasi_handle out);

void handle(wasi_handle request, wasi_handle out) {
  struct wasi_head head;
  read_request(request, &head);
  const edgestatic_store *store = wasi_answer(&head, &response);
  request_drop(request);
  send(out, store);
}
