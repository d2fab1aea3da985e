/* get.c - `edgestatic get`: the answer to a request, without a server.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "args.h"
#include "packfile.h"
#include "request.h"
#include "say.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Bytes that would upset a terminal; curl asks the same question. */
static bool is_binary(edgestatic_slice body) {
  return memchr(body.base, 0, body.len) != NULL;
}

static void print_body(const edgestatic_store *store,
                       const edgestatic_response *response) {
  bool tty = isatty(STDOUT_FILENO);
  for (uint32_t i = 0; i < response->segment_count; i++) {
    edgestatic_slice body =
        edgestatic_segment_bytes(store, response, &response->segment[i]);
    if (body.len == 0)
      continue;
    if (tty && is_binary(body)) {
      fflush(stdout);
      say_warning("the content is binary and not shown; redirect the output "
                  "to get it");
      return;
    }
    fwrite(body.base, 1, body.len, stdout);
  }
}

static void answer(const edgestatic_store *store,
                   const edgestatic_request *request) {
  edgestatic_response response;
  edgestatic_respond(store, request, &response);
  printf("HTTP/1.1 %d %s\n", response.status,
         edgestatic_reason(response.status));
  for (uint32_t i = 0; i < response.field_count; i++) {
    edgestatic_field field = edgestatic_response_field(store, &response, i);
    printf("%.*s: ", (int)field.name.len, field.name.base);
    fwrite(field.value.base, 1, field.value.len, stdout);
    putchar('\n');
  }
  putchar('\n');
  print_body(store, &response);
}

static int run(struct args *args) {
  struct request request;
  int status = request_parse(&request, args);
  if (status == 0) {
    edgestatic_pack *pack = packfile_open(args->operand[0]);
    status = pack ? CLI_OK : CLI_INPUT;
    if (pack)
      answer(edgestatic_pack_store(pack), &request.core);
    edgestatic_pack_unref(pack);
  }
  request_free(&request);
  return status < 0 ? args->exit : status;
}

const struct verb verb_get = {
    "get",
    "answer one request from a pack, without a server",
    {"PACK", "TARGET", NULL},
    {request_option_table, NULL},
    "Prints the status line, the fields and the content that every host of\n"
    "edgestatic gives for TARGET (a path, percent-encoded, with its query).\n"
    "Any status is an answer: the command succeeds with 404 too.",
    "  edgestatic get site.edgepack /\n"
    "  edgestatic get site.edgepack /app.js -H 'Accept-Encoding: br, gzip'\n"
    "  # is it revalidated?\n"
    "  edgestatic get site.edgepack / -H 'If-None-Match: \"...\"'\n"
    "  # the fields alone\n"
    "  edgestatic get site.edgepack / -X HEAD",
    run};
