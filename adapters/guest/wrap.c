/* wrap.c - puts the module of a component guest into its shell: a program of
 * the build, not of the product.
 *
 *   wrap SHELL MODULE OUT
 *
 * SHELL is what tools/gen-shell.py writes: lines of hexadecimal numbers,
 * comments behind "#", and one line "module" where the module belongs.
 *
 * SPDX-License-Identifier: MIT
 */
#include "publish/wasm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A guest is below 64 KB; what is far above is none. */
#define MODULE_MAX (1024 * 1024)

static void fail(const char *file, const char *what) {
  fprintf(stderr, "wrap: %s: %s\n", file, what);
  exit(1);
}

static FILE *open_(const char *file, const char *mode) {
  FILE *f = fopen(file, mode);
  if (f == NULL)
    fail(file, "cannot be opened");
  return f;
}

static void put_module(const char *file, FILE *out) {
  static unsigned char module[MODULE_MAX];
  FILE *in = open_(file, "rb");
  size_t len = fread(module, 1, sizeof module, in);
  if (ferror(in) || fgetc(in) != EOF)
    fail(file, "cannot be read, or is too large");
  fclose(in);

  unsigned char leb[WASM_U32_MAX];
  fputc(WASM_COMPONENT_MODULE, out);
  fwrite(leb, 1, wasm_put_u32(leb, (uint32_t)len), out);
  fwrite(module, 1, len, out);
}

static void put_line(const char *shell, const char *line, FILE *out) {
  for (; *line != '\n'; line += 2) {
    unsigned byte;
    if (line[0] == '\0' || line[1] == '\n' || sscanf(line, "%2x", &byte) != 1)
      fail(shell, "has a line that is no hexadecimal number");
    fputc((int)byte, out);
  }
}

int main(int argc, char **argv) {
  char line[128];
  int modules = 0;

  if (argc != 4) {
    fputs("usage: wrap SHELL MODULE OUT\n", stderr);
    return 2;
  }
  FILE *shell = open_(argv[1], "r");
  FILE *out = open_(argv[3], "wb");
  while (fgets(line, sizeof line, shell) != NULL) {
    if (strcmp(line, "module\n") == 0) {
      put_module(argv[2], out);
      modules++;
    } else if (line[0] != '#') {
      put_line(argv[1], line, out);
    }
  }
  if (ferror(shell) || modules != 1)
    fail(argv[1], "cannot be read, or has not one place for the module");
  fclose(shell);
  if (ferror(out) | fclose(out))
    fail(argv[3], "cannot be written");
  return 0;
}
