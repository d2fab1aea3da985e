/* cgi.c - the guest for hosts that run a WASI command for each request, in the
 * manner of CGI (RFC 3875): meta-variables in, a response to standard output.
 *
 * Of WASI (preview 1) it imports what reads the environment, what writes, and
 * proc_exit; it opens nothing.
 *
 * SPDX-License-Identifier: MIT
 */
#include "guest/cgi.h"
#include "core/str.h"
#include "core/text.h"

#define WASI(name)                                                             \
  __attribute__((import_module("wasi_snapshot_preview1"), import_name(name)))

struct ciovec {
  const char *base;
  size_t len;
};

WASI("environ_sizes_get")
int environ_sizes_get(size_t *count, size_t *size);
WASI("environ_get") int environ_get(const char **variable, char *text);
WASI("fd_write")
int fd_write(int fd, const struct ciovec *piece, size_t count, size_t *written);
WASI("proc_exit") __attribute__((noreturn)) void proc_exit(int status);

enum { ERRNO_AGAIN = 6, ERRNO_INTR = 27 };

#define STDOUT 1

/* A server gives about 30 variables, and one for each field. */
#define VARIABLES_MAX 1024

/* As large as the text of a request may be, and the server's own. */
#define ENVIRONMENT_MAX (2 * GUEST_TEXT_MAX)

#define NO_METHOD "no REQUEST_METHOD, this module speaks CGI (RFC 3875)"

static const char *variable[VARIABLES_MAX];
static char environment[ENVIRONMENT_MAX];
static struct guest_request request;
static edgestatic_response response;

/* What is written goes through here: a small response is one write. */
static char out[65536];
static size_t out_len;

/* A response that cannot be written is cut off: the exit status says so. */
static void flush(void) {
  struct ciovec rest = {out, out_len};
  while (rest.len > 0) {
    size_t written = 0;
    int error = fd_write(STDOUT, &rest, 1, &written);
    if (error == ERRNO_AGAIN || error == ERRNO_INTR)
      continue;
    if (error != 0 || written == 0 || written > rest.len)
      proc_exit(1);
    rest.base += written;
    rest.len -= written;
  }
  out_len = 0;
}

static void put(slice s) {
  while (s.len > 0) {
    size_t room = sizeof out - out_len;
    size_t len = s.len < room ? s.len : room;
    memcpy(out + out_len, s.base, len);
    out_len += len;
    s = slice_skip(s, len);
    if (out_len == sizeof out)
      flush();
  }
}

static void put_number(size_t n) {
  char digits[TEXT_DIGITS];
  put(slice_of(digits, text_decimal(digits, n)));
}

/* "Status" is the response's first field (RFC 3875 section 6.3.3); the space
 * before the reason phrase stays where there is none. */
static void put_status(int status) {
  put(LIT("Status: "));
  put_number((size_t)status);
  put(LIT(" "));
  for (const char *reason = edgestatic_reason(status); *reason; reason++)
    put(slice_of(reason, 1));
  put(LIT("\r\n"));
}

static void put_response(const edgestatic_store *store) {
  put_status(response.status);
  for (uint32_t i = 0; i < response.field_count; i++) {
    edgestatic_field field = edgestatic_response_field(store, &response, i);
    put(field.name);
    put(LIT(": "));
    put(field.value);
    put(LIT("\r\n"));
  }
  put(LIT("\r\n"));

  struct guest_body body;
  guest_body(&body, store, &response);
  for (;;) {
    char *end = out + out_len;
    slice piece = guest_body_next(&body, end, sizeof out - out_len);
    if (piece.len == 0)
      return;
    if (piece.base != end) {
      put(piece);
      continue;
    }
    out_len += piece.len;
    if (out_len == sizeof out)
      flush();
  }
}

/* True when the environment fits.  Some hosts cannot give an empty one. */
static bool read_request(void) {
  size_t count = 0, size = 0;
  if (environ_sizes_get(&count, &size) != 0)
    proc_exit(1);
  if (count > VARIABLES_MAX || size > sizeof environment)
    return false;
  if (count > 0 && environ_get(variable, environment) != 0)
    proc_exit(1);
  cgi_request(&request, variable, count);
  return true;
}

__attribute__((export_name("_start"))) void start(void);

/* Where the method is not known, a server discards what it gets in answer to
 * HEAD (RFC 3875 section 4.3.3). */
void start(void) {
  edgestatic_store store;
  const slice none = {"", 0};

  if (guest_open(&store) != EDGESTATIC_OK)
    guest_refuse(&response, 500, LIT(GUEST_NO_PACK), none);
  else if (!read_request())
    guest_refuse(&response, 431, none, none);
  else if (request.refused != 0)
    guest_refuse(&response, request.refused, none, request.core.method);
  else if (request.core.method.base == NULL)
    guest_refuse(&response, 500, LIT(NO_METHOD), none);
  else
    edgestatic_respond(&store, &request.core, &response);
  put_response(&store);
  flush();
}
