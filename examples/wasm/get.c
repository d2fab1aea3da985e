/* get: a program for WebAssembly that has a site inside.
 *
 * Prints the response to a GET of its argument, with the fields "NAME: VALUE"
 * that follow.  The core is the same everywhere; in ./configure's build for
 * wasm32-wasi it is all of the library.  With the site as C source:
 *
 *   edgestatic build DIR -o site.edgepack
 *   edgestatic embed site.edgepack --symbol site -o site.c
 *   clang --target=wasm32-wasi -O2 get.c site.c -o get.wasm \
 *     $(pkg-config --cflags --libs edgestatic)
 *   wasmtime run get.wasm /about "Accept-Encoding: br"
 *
 * SPDX-License-Identifier: MIT
 */
#include <edgestatic.h>
#include <stdio.h>
#include <string.h>

extern const unsigned char site[];
extern const size_t site_len;

static edgestatic_slice slice(const char *text, size_t len) {
  edgestatic_slice s = {text, len};
  return s;
}

static void print(edgestatic_slice s) {
  fwrite(s.base, 1, s.len, stdout);
}

int main(int argc, char **argv) {
  static edgestatic_response response;
  edgestatic_request request = {0};
  edgestatic_store store;

  if (argc < 2) {
    fprintf(stderr, "usage: get TARGET [FIELD: VALUE]...\n");
    return 2;
  }
  int error = edgestatic_store_open(&store, site, site_len);
  if (error != EDGESTATIC_OK) {
    fprintf(stderr, "get: %s\n", edgestatic_strerror(error));
    return 1;
  }

  request.method = slice("GET", 3);
  request.target = slice(argv[1], strlen(argv[1]));
  for (int i = 2; i < argc; i++) {
    const char *colon = strstr(argv[i], ": ");
    if (colon == NULL)
      continue;
    int id = edgestatic_field_find(slice(argv[i], (size_t)(colon - argv[i])));
    if (id >= 0)
      request.field[id] = slice(colon + 2, strlen(colon + 2));
  }
  edgestatic_respond(&store, &request, &response);

  printf("%d %s\n", (int)response.status, edgestatic_reason(response.status));
  for (uint32_t i = 0; i < response.field_count; i++) {
    edgestatic_field field = edgestatic_response_field(&store, &response, i);
    print(field.name);
    printf(": ");
    print(field.value);
    printf("\n");
  }
  printf("\n");
  for (uint32_t i = 0; i < response.segment_count; i++)
    print(edgestatic_segment_bytes(&store, &response, &response.segment[i]));
  return fflush(stdout) != 0;
}
