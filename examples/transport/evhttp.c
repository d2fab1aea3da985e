/* evhttp: the same pack behind another host, libevent's HTTP server.
 *
 * The core knows no host: an adapter fills in a request, calls
 * edgestatic_respond and copies status, fields and segments.  That is all of
 * this file.  Serves PACK on 127.0.0.1:PORT until it is killed.
 *
 * Left out for brevity: joining a field that came on several lines, as
 * adapters/mhd does.  SPDX-License-Identifier: MIT
 */
#include <edgestatic.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static edgestatic_slice slice(const char *text) {
  edgestatic_slice s = {text, text ? strlen(text) : 0};
  return s;
}

static edgestatic_slice method_name(enum evhttp_cmd_type method) {
  switch ((int)method) {
  case EVHTTP_REQ_GET:
    return slice("GET");
  case EVHTTP_REQ_HEAD:
    return slice("HEAD");
  case EVHTTP_REQ_OPTIONS:
    return slice("OPTIONS");
  default: /* whatever it is, the core refuses it */
    return slice("POST");
  }
}

static void handle(struct evhttp_request *http, void *ctx) {
  const edgestatic_store *store = ctx;
  edgestatic_request request = {0};
  edgestatic_response response;
  const struct evkeyval *in;
  struct evbuffer *content = evbuffer_new();

  request.method = method_name(evhttp_request_get_command(http));
  request.target = slice(evhttp_request_get_uri(http));
  for (in = evhttp_request_get_input_headers(http)->tqh_first; in;
       in = in->next.tqe_next) {
    int id = edgestatic_field_find(slice(in->key));
    if (id >= 0)
      request.field[id] = slice(in->value);
  }

  edgestatic_respond(store, &request, &response);

  for (uint32_t i = 0; i < response.field_count; i++) {
    edgestatic_field out = edgestatic_response_field(store, &response, i);
    evhttp_add_header(evhttp_request_get_output_headers(http), out.name.base,
                      out.value.base);
  }
  for (uint32_t i = 0; i < response.segment_count; i++) {
    edgestatic_slice s =
        edgestatic_segment_bytes(store, &response, &response.segment[i]);
    if (response.segment[i].place == EDGESTATIC_IN_PACK)
      evbuffer_add_reference(content, s.base, s.len, NULL, NULL);
    else /* the response is gone before its text is sent */
      evbuffer_add(content, s.base, s.len);
  }
  evhttp_send_reply(http, response.status, edgestatic_reason(response.status),
                    content);
  evbuffer_free(content);
}

int main(int argc, char **argv) {
  edgestatic_pack *pack;
  struct event_base *base = event_base_new();
  struct evhttp *http = evhttp_new(base);
  int error;

  if (argc != 3) {
    fprintf(stderr, "usage: evhttp PACK PORT\n");
    return 2;
  }
  if ((error = edgestatic_pack_open(&pack, argv[1]))) {
    fprintf(stderr, "evhttp: %s: %s\n", argv[1], edgestatic_strerror(error));
    return 1;
  }
  evhttp_set_allowed_methods(http, (ev_uint16_t)~0u);
  evhttp_set_gencb(http, handle, (void *)edgestatic_pack_store(pack));
  if (evhttp_bind_socket(http, "127.0.0.1", (ev_uint16_t)atoi(argv[2]))) {
    fprintf(stderr, "evhttp: cannot listen on port %s\n", argv[2]);
    return 1;
  }
  return event_base_dispatch(base);
}
