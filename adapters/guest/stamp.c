/* stamp.c - marks a module, or a component, as a guest of edgestatic: a
 * program of the build, not of the product.
 *
 *   stamp FLAVOUR IN OUT
 *
 * Adds the custom section "edgestatic" at the end, one line of text:
 *
 *   guest FLAVOUR ABI CHECKSUM
 *
 * CHECKSUM is the XXH3-64 of all bytes before the section, by which publishing
 * tells a damaged file.
 *
 * SPDX-License-Identifier: MIT
 */
#include "guest/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* A guest is below 64 KB; what is far above is none. */
#define MODULE_MAX (1024 * 1024)

#define SECTION_NAME "edgestatic"
#define SECTION_CUSTOM 0

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
  if (len < 8 || memcmp(bytes, "\0asm", 4) != 0)
    fail(file, "is no WebAssembly");
  return len;
}

int main(int argc, char **argv) {
  static unsigned char module[MODULE_MAX];
  char line[100];

  if (argc != 4) {
    fputs("usage: stamp FLAVOUR IN OUT\n", stderr);
    return 2;
  }
  size_t len = read_module(argv[2], module);
  int line_len =
      snprintf(line, sizeof line, "guest %s %d %016llx\n", argv[1], GUEST_ABI,
               (unsigned long long)XXH3_64bits(module, len));
  size_t name_len = sizeof SECTION_NAME - 1;
  size_t size = 1 + name_len + (size_t)line_len;
  /* One byte of LEB128 holds it. */
  if (line_len < 0 || (size_t)line_len >= sizeof line || size > 127)
    fail(argv[1], "is too long a name");

  FILE *out = fopen(argv[3], "wb");
  if (out == NULL)
    fail(argv[3], "cannot be written");
  fwrite(module, 1, len, out);
  fputc(SECTION_CUSTOM, out);
  fputc((int)size, out);
  fputc((int)name_len, out);
  fputs(SECTION_NAME, out);
  fputs(line, out);
  if (ferror(out) | fclose(out)) {
    remove(argv[3]);
    fail(argv[3], "cannot be written");
  }
  return 0;
}
