/* wasi_http_p3.c - the guest for hosts of wasi:http 0.3: a component whose
 * handler is asynchronous, so that one instance answers many requests.
 *
 * A request is read and answered at once; what takes time is that its content
 * is written as fast as the client reads.  That is a task: `handle` starts it
 * and returns with something to wait for, `handle_event` goes on when the host
 * has news.  Between the two other requests are handled, so nothing but tasks
 * may hold what a response still needs.
 *
 * SPDX-License-Identifier: MIT
 */
#define TYPES(name) WASI_IMPORT("wasi:http/types@0.3.0", name)
#define REQUEST "request"
#define GETTER "get-"
#define FIELDS_LIST "copy-all"
#include "guest/wasi_http.h"

#include <stdbool.h>

#define ROOT(name) WASI_IMPORT("$root", name)

/* result<option<trailers>, error-code> */
struct result_trailers {
  uint64_t bytes[5];
};

TYPES("[static]response.new")
void response_new(wasi_handle fields, int has_content, wasi_handle content,
                  wasi_handle trailers, wasi_handle made[2]);
TYPES("[method]response.set-status-code")
int response_status(wasi_handle response, int status);

/* A new stream or future: the end to read from is the lower half, the end to
 * write to the upper one. */
TYPES("[stream-new-0][static]response.new") uint64_t content_new(void);
TYPES("[async-lower][stream-write-0][static]response.new")
uint32_t content_write(wasi_handle content, const char *bytes, size_t len);
TYPES("[stream-drop-writable-0][static]response.new")
void content_drop(wasi_handle content);
TYPES("[future-new-1][static]response.new") uint64_t trailers_new(void);
TYPES("[async-lower][future-write-1][static]response.new")
uint32_t trailers_write(wasi_handle trailers, const struct result_trailers *);
TYPES("[future-drop-writable-1][static]response.new")
void trailers_drop(wasi_handle trailers);
TYPES("[future-drop-readable-2][static]response.new")
void sent_drop(wasi_handle sent);

WASI_IMPORT("[export]wasi:http/handler@0.3.0", "[task-return]handle")
void task_return(int error, wasi_handle response, int, int64_t, int, int, int,
                 int);
ROOT("[waitable-set-new]") wasi_handle set_new(void);
ROOT("[waitable-join]") void waitable_join(wasi_handle one, wasi_handle set);
ROOT("[context-set-0]") void context_set(uint32_t context);
ROOT("[context-get-0]") uint32_t context_get(void);
ROOT("[backpressure-inc]") void backpressure_inc(void);
ROOT("[backpressure-dec]") void backpressure_dec(void);

/* What a write says: it waits, or how much was taken and how it ended. */
#define WRITE_BLOCKED UINT32_MAX
#define WRITE_COUNT(status) ((status) >> 4)
enum { WRITE_COMPLETED = 0, WRITE_ENDING = 15 };

enum { EVENT_STREAM_WRITE = 3, EVENT_FUTURE_WRITE = 5 };

/* What `handle` and `handle_event` return; a set to wait for lies above. */
enum { CODE_EXIT = 0, CODE_WAIT = 2 };
#define CODE_SET_SHIFT 4

/* Requests that are answered at a time.  wasmtime gives an instance 16 unless
 * told otherwise; a host with more is held back until one has ended. */
#define TASKS_MAX 64

/* The content that is being written: it has to stay as it is until the host
 * has taken it.  With all tasks at work this is 2 MB of memory. */
#define CHUNK_SIZE 32768

/* A task is taken when its bit in `taken` is set. */
struct task {
  wasi_handle content, trailers; /* the ends to write to */
  wasi_handle set;               /* holds both while they wait; kept */
  uint64_t left;                 /* bytes of content that are not in chunk */
  struct guest_body body;
  size_t chunk_len, chunk_done;
  edgestatic_response response;
  char chunk[CHUNK_SIZE];
};

static struct task task[TASKS_MAX];
static uint64_t taken;
_Static_assert(TASKS_MAX == 64, "one bit of `taken` for each");

/* Tasks that have ended are used again before new ones, whose memory nothing
 * has touched yet. */
static struct task *take_task(void) {
  if (taken == UINT64_MAX) /* held back, but the host went on */
    __builtin_trap();
  struct task *t = &task[__builtin_ctzll(~taken)];
  taken |= taken + 1;
  if (taken == UINT64_MAX)
    backpressure_inc();
  if (t->set == 0)
    t->set = set_new();
  return t;
}

static void end_task(struct task *t) {
  if (taken == UINT64_MAX)
    backpressure_dec();
  taken &= ~(UINT64_C(1) << (t - task));
}

/* ---- The life of a task ---- */

static uint32_t wait(const struct task *t) {
  return CODE_WAIT | t->set << CODE_SET_SHIFT;
}

static uint32_t finish(struct task *t) {
  trailers_drop(t->trailers);
  end_task(t);
  return CODE_EXIT;
}

/* There are none, which has to be said all the same. */
static uint32_t write_trailers(struct task *t) {
  static const struct result_trailers none;
  if (trailers_write(t->trailers, &none) != WRITE_BLOCKED)
    return finish(t);
  waitable_join(t->trailers, t->set);
  return wait(t);
}

/* Writes until the host takes no more, or the content ends: by itself,
 * or because nobody reads on. */
static uint32_t write_content(struct task *t) {
  for (;;) {
    if (t->chunk_done == t->chunk_len) {
      if (t->left == 0)
        break;
      t->chunk_len = wasi_fill(&t->body, t->chunk, sizeof t->chunk);
      t->chunk_done = 0;
      t->left -= t->chunk_len;
    }
    uint32_t status = content_write(t->content, t->chunk + t->chunk_done,
                                    t->chunk_len - t->chunk_done);
    if (status == WRITE_BLOCKED)
      return wait(t);
    if ((status & WRITE_ENDING) != WRITE_COMPLETED)
      break;
    t->chunk_done += WRITE_COUNT(status);
  }
  content_drop(t->content);
  return write_trailers(t);
}

static uint32_t start(struct task *t, const edgestatic_store *store) {
  bool has_content = t->response.segment_count > 0;
  uint64_t content = has_content ? content_new() : 0;
  uint64_t trailers = trailers_new();
  wasi_handle made[2]; /* a response, and a future of how its sending went */
  response_new(make_fields(store, &t->response), has_content,
               (wasi_handle)content, (wasi_handle)trailers, made);
  if (t->response.status != STATUS_AT_FIRST)
    response_status(made[0], t->response.status);
  sent_drop(made[1]);
  task_return(0, made[0], 0, 0, 0, 0, 0, 0);

  t->trailers = (wasi_handle)(trailers >> 32);
  if (!has_content)
    return write_trailers(t);
  t->content = (wasi_handle)(content >> 32);
  waitable_join(t->content, t->set);
  guest_body(&t->body, store, &t->response);
  t->left = t->response.content_length;
  t->chunk_len = t->chunk_done = 0;
  return write_content(t);
}

WASI_EXPORT("[async-lift]wasi:http/handler@0.3.0#handle")
uint32_t handle(wasi_handle request);

uint32_t handle(wasi_handle request) {
  struct wasi_head head;
  struct task *t = take_task();
  context_set((uint32_t)(uintptr_t)t);
  read_request(request, &head);
  const edgestatic_store *store = wasi_answer(&head, &t->response);
  request_drop(request);
  return start(t, store);
}

WASI_EXPORT("[callback][async-lift]wasi:http/handler@0.3.0#handle")
uint32_t handle_event(uint32_t event, uint32_t waitable, uint32_t status);

uint32_t handle_event(uint32_t event, uint32_t waitable, uint32_t status) {
  struct task *t = (struct task *)(uintptr_t)context_get();
  (void)waitable;
  switch (event) {
  case EVENT_STREAM_WRITE:
    if ((status & WRITE_ENDING) == WRITE_COMPLETED) {
      t->chunk_done += WRITE_COUNT(status);
      return write_content(t);
    }
    content_drop(t->content);
    return write_trailers(t);
  case EVENT_FUTURE_WRITE:
    return finish(t);
  default:
    return wait(t);
  }
}
