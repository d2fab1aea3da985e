/* stamp.c - marks a module, or a component, as a guest of edgestatic: a
 * program of the build, not of the product.
 *
 *   stamp FLAVOUR IN OUT
 *
 * Adds the custom section by which publishing tells a guest, its flavour, and
 * a damaged file: see mark.h, whose code writes it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "publish/mark.h"

#include <stdio.h>
#include <stdlib.h>

/* A guest is below 64 KB; what is far above is none. */
#define MODULE_MAX (1024 * 1024)

static void fail(const char *file, const char *what) {
  fprintf(stderr, "stamp: %s: %s\n", file, what);
  exit(1);
}

static size_t read_module(const char *file, unsigned char *bytes) {
  FILE *in = fopen(file, "rb");
  if (in == NULL)
    fail(file, "cannot be opened");
  size_t len = fread(bytes, 1, MODULE_MAX, in);
  if (ferror(in) || fgetc(in) != EOF)
    fail(file, "cannot be read, or is too large");
  fclose(in);
  struct wasm_bytes module = {bytes, len};
  if (!wasm_is_module(module) && !wasm_is_component(module))
    fail(file, "is no WebAssembly");
  return len;
}

int main(int argc, char **argv) {
  static unsigned char module[MODULE_MAX + MARK_SIZE_MAX];

  if (argc != 4) {
    fputs("usage: stamp FLAVOUR IN OUT\n", stderr);
    return 2;
  }
  size_t len = read_module(argv[2], module);
  size_t mark_len =
      mark_guest(module + len, argv[1], (struct wasm_bytes){module, len});
  if (mark_len == 0)
    fail(argv[1], "is no name of a flavour");

  FILE *out = fopen(argv[3], "wb");
  if (out == NULL)
    fail(argv[3], "cannot be written");
  fwrite(module, 1, len + mark_len, out);
  if (ferror(out) | fclose(out)) {
    remove(argv[3]);
    fail(argv[3], "cannot be written");
  }
  return 0;
}
