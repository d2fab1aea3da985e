/* mksite.c - makes a site of a guest and a pack: what `edgestatic publish` does
 * of a module, without its targets.
 *
 *   mksite GUEST PACK OUT
 *
 * SPDX-License-Identifier: MIT
 */
#include "config.h"

#include "../cli/publish/bundle.h"
#include "../cli/publish/refusal.h"

#include <stdlib.h>
#include <string.h>

static int fail(const char *file, const char *why) {
  fprintf(stderr, "mksite: %s: %s\n", file, why);
  return 1;
}

static struct wasm_bytes read_file(const char *name) {
  static unsigned char bytes[GUEST_SIZE_MAX + 1];
  FILE *file = fopen(name, "rb");
  size_t len = file ? fread(bytes, 1, sizeof bytes, file) : 0;
  if (file)
    fclose(file);
  return (struct wasm_bytes){bytes, len};
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fputs("usage: mksite GUEST PACK OUT\n", stderr);
    return 2;
  }
  static struct guest guest;
  static struct bundle bundle;
  edgestatic_pack *pack;
  int error = edgestatic_pack_open(&pack, argv[2]);
  if (error)
    return fail(argv[2], edgestatic_strerror(error));
  int refusal = guest_read(read_file(argv[1]), &guest);
  if (!refusal && strcmp(guest.mark.flavour, GUEST_BESIDE) == 0)
    return fail(argv[1], "the pack stays beside this one");
  if (!refusal)
    refusal = bundle_plan(&bundle, &guest, edgestatic_pack_store(pack));
  if (refusal) {
    edgestatic_pack_unref(pack);
    return fail(argv[1], refusal_text(refusal));
  }
  FILE *out = fopen(argv[3], "wb");
  if (out)
    bundle_write(&bundle, out);
  int failed = out == NULL || ferror(out) || fclose(out) != 0;
  edgestatic_pack_unref(pack);
  return failed ? fail(argv[3], "cannot be written") : 0;
}
