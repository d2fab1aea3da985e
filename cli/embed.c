/* embed.c - `edgestatic embed`: a pack that is compiled into a program.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "args.h"
#include "elfobj.h"
#include "outfile.h"
#include "packfile.h"
#include "say.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct option_spec options[] = {
    {'o', "output", "FILE", "the file to write: NAME.o or NAME.c; needed"},
    {'s', "symbol", "NAME", "name of the array [edgepack]"},
    {0, NULL, NULL, NULL},
};

/* C11 section 6.4.2.1, without what is reserved or depends on the compiler. */
static bool is_identifier(const char *name) {
  static const char letters[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  static const char digits[] = "0123456789";
  if (*name == '\0' || strchr(digits, *name))
    return false;
  for (; *name; name++)
    if (!strchr(letters, *name) && !strchr(digits, *name))
      return false;
  return true;
}

/* Every compiler takes this, but slowly: about a second for a megabyte. */
static void write_c(FILE *stream, const char *symbol,
                    const unsigned char *bytes, size_t len) {
  fprintf(stream,
          "/* Made by `edgestatic embed'. */\n"
          "#include <stddef.h>\n"
          "extern const unsigned char %s[];\n"
          "extern const size_t %s_len;\n"
          "_Alignas(%d) const unsigned char %s[] = {",
          symbol, symbol, ELFOBJ_ALIGN, symbol);
  for (size_t i = 0; i < len; i++)
    fprintf(stream, "%s%u,", i % 24 ? "" : "\n", bytes[i]);
  fprintf(stream, "\n};\nconst size_t %s_len = sizeof %s;\n", symbol, symbol);
}

static int write_file(const edgestatic_store *store, const char *output,
                      const char *symbol, bool is_object) {
  size_t len = (size_t)edgestatic_store_pack_size(store);
  struct outfile file;
  if (outfile_open(&file, output) != 0)
    return CLI_INPUT;
  int failed = 0;
  if (is_object)
    failed = elfobj_write(file.stream, symbol, store->base, len);
  else
    write_c(file.stream, symbol, store->base, len);
  if (failed) {
    outfile_abandon(&file);
    say_error("cannot make an object file on this system; write C: -o %s.c",
              symbol);
    return CLI_INPUT;
  }
  return outfile_commit(&file) == 0 ? CLI_OK : CLI_INPUT;
}

static int run(struct args *args) {
  const char *output = NULL, *symbol = "edgepack";
  int id;
  while ((id = args_next(args)) > 0) {
    if (id == 'o')
      output = args->value;
    else
      symbol = args->value;
    if (id == 's' && !is_identifier(symbol))
      return args_bad_value(args, "--symbol", "a name in C");
  }
  if (id < 0)
    return args->exit;
  bool is_object = output && outfile_ends(output, ".o");
  if (!is_object && !(output && outfile_ends(output, ".c"))) {
    say_error("-o NAME.o or -o NAME.c is needed");
    say_hint("see `edgestatic embed --help'");
    return CLI_USAGE;
  }
  edgestatic_pack *pack = packfile_copy(args->operand[0]);
  if (!pack)
    return CLI_INPUT;
  int status =
      write_file(edgestatic_pack_store(pack), output, symbol, is_object);
  edgestatic_pack_unref(pack);
  return status;
}

const struct verb verb_embed = {
    "embed",
    "turn a pack into an object file or C source",
    {"PACK", NULL},
    {options, NULL},
    "Writes the pack as an object file for this machine (no compiler needed,\n"
    "fast for any size) or as C source (for any machine), aligned and\n"
    "read-only.  A program sees it by\n\n"
    "  extern const unsigned char edgepack[];\n"
    "  extern const size_t edgepack_len;\n\n"
    "and serves it by edgestatic_pack_borrow(&pack, edgepack, edgepack_len).",
    "  edgestatic embed site.edgepack -o site.o\n"
    "  cc app.c site.o $(pkg-config --cflags --libs edgestatic-mhd)\n"
    "  # two sites in one program\n"
    "  edgestatic embed admin.edgepack -o admin.o --symbol admin_site",
    run};
