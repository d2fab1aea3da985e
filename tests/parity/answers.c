/* answers.c - what the core answers: the measure of the parity test.
 *
 *   answers PACK <REQUESTS >ANSWERS
 *
 * A request is the line "TLS COUNTRY METHOD TARGET", lines "Name: value" and
 * an empty line; TLS is "tls" or "-", COUNTRY a code or "-".  An answer is its
 * length in bytes, a line feed, and what `edgestatic get` would print: status
 * line, fields, an empty line, content.
 *
 * SPDX-License-Identifier: MIT
 */
#include "config.h"

#include "edgestatic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
  char *text;
  size_t room;
};

/* The next line without its end, in text that lasts; absent at the end. */
static edgestatic_slice next_line(struct line *line) {
  ssize_t len = getline(&line->text, &line->room, stdin);
  if (len <= 0)
    return (edgestatic_slice){NULL, 0};
  if (line->text[len - 1] == '\n')
    len--;
  return (edgestatic_slice){line->text, (size_t)len};
}

static edgestatic_slice after(edgestatic_slice s, const char *mark) {
  const char *at = strstr(s.base, mark) + strlen(mark);
  return (edgestatic_slice){at, (size_t)(s.base + s.len - at)};
}

/* The next word of a line; absent where it is "-". */
static edgestatic_slice word(edgestatic_slice *line) {
  edgestatic_slice taken = *line;
  *line = after(*line, " ");
  taken.len = (size_t)(line->base - taken.base) - 1;
  return taken.len == 1 && *taken.base == '-' ? (edgestatic_slice){NULL, 0}
                                              : taken;
}

/* RFC 9110 section 5.3: several lines of a field are one list; RFC 9113 section
 * 8.2.3: those of Cookie are joined as what they are. */
static void add_field(edgestatic_request *request, edgestatic_slice name,
                      edgestatic_slice value) {
  int id = edgestatic_field_find(name);
  if (id < 0)
    return;
  edgestatic_slice *field = &request->field[id];
  size_t size = field->len + value.len + 3;
  char *joined = malloc(size);
  if (!joined)
    abort();
  snprintf(joined, size, "%.*s%s%.*s", (int)field->len,
           field->base ? field->base : "",
           !field->base                    ? ""
           : id == EDGESTATIC_FIELD_COOKIE ? "; "
                                           : ", ",
           (int)value.len, value.base);
  free((char *)field->base);
  *field = (edgestatic_slice){joined, strlen(joined)};
}

static void print(const edgestatic_store *store,
                  const edgestatic_response *response, FILE *out) {
  fprintf(out, "HTTP/1.1 %d %s\n", response->status,
          edgestatic_reason(response->status));
  for (uint32_t i = 0; i < response->field_count; i++) {
    edgestatic_field field = edgestatic_response_field(store, response, i);
    fprintf(out, "%.*s: %.*s\n", (int)field.name.len, field.name.base,
            (int)field.value.len, field.value.base);
  }
  fputc('\n', out);
  for (uint32_t i = 0; i < response->segment_count; i++) {
    edgestatic_slice body =
        edgestatic_segment_bytes(store, response, &response->segment[i]);
    fwrite(body.base, 1, body.len, out);
  }
}

static void answer(const edgestatic_store *store,
                   const edgestatic_request *request) {
  static edgestatic_response response;
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  if (!out)
    abort();
  edgestatic_respond(store, request, &response);
  print(store, &response, out);
  fclose(out);
  printf("%zu\n", len);
  fwrite(text, 1, len, stdout);
  free(text);
}

int main(int argc, char **argv) {
  edgestatic_pack *pack;
  if (argc != 2) {
    fputs("usage: answers PACK <REQUESTS >ANSWERS\n", stderr);
    return 2;
  }
  int error = edgestatic_pack_open(&pack, argv[1]);
  if (error) {
    fprintf(stderr, "answers: %s: %s\n", argv[1], edgestatic_strerror(error));
    return 1;
  }
  struct line first = {NULL, 0}, line = {NULL, 0};
  edgestatic_slice start, field;
  while ((start = next_line(&first)).base) {
    edgestatic_request request = {0};
    if (word(&start).base)
      request.flags = EDGESTATIC_REQUEST_TLS;
    request.country = word(&start);
    request.method = word(&start);
    request.target = start;
    while ((field = next_line(&line)).len > 0) {
      edgestatic_slice value = after(field, ": ");
      size_t name = (size_t)(value.base - field.base - 2);
      add_field(&request, (edgestatic_slice){field.base, name}, value);
    }
    answer(edgestatic_pack_store(pack), &request);
    for (int i = 0; i < EDGESTATIC_FIELD_COUNT; i++)
      free((char *)request.field[i].base);
  }
  free(first.text);
  free(line.text);
  edgestatic_pack_unref(pack);
  return fflush(stdout) != 0;
}
