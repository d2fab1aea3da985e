/* previous.c - see previous.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "previous.h"

#include "duration.h"
#include "edgestatic_site.h"
#include "packfile.h"
#include "say.h"

#include <stdlib.h>

enum { OPTION_PREVIOUS_PACK = OPTION_PREVIOUS, OPTION_KEEP };

const struct option_spec previous_option_table[] = {
    {OPTION_PREVIOUS_PACK, "previous", "PACK",
     "an earlier release; a file whose name carries a hash\n"
     "must be as it is there; may be given many times,\n"
     "the newest first, for --keep"},
    {OPTION_KEEP, "keep", "TIME",
     "keep such files of the earlier releases that the site\n"
     "has no more, for so long: 30m, 12h, 7d, 2w"},
    {0, NULL, NULL, NULL},
};

void previous_free(struct previous *previous) {
  free(previous->file);
}

bool previous_is_option(int id) {
  return id == OPTION_PREVIOUS_PACK || id == OPTION_KEEP;
}

int previous_take(struct previous *previous, const struct args *args, int id) {
  if (id == OPTION_KEEP)
    return duration_parse(args->value, &previous->keep) == 0
               ? 0
               : args_bad_value(args, "--keep", DURATION_WANTED);
  const char **file =
      realloc(previous->file, (previous->count + 1) * sizeof *file);
  if (!file) {
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    return CLI_INPUT;
  }
  previous->file = file;
  file[previous->count++] = args->value;
  return 0;
}

int previous_finish(const struct previous *previous) {
  if (previous->keep == 0 || previous->count > 0)
    return 0;
  say_error("--keep needs an earlier release to keep files of");
  say_hint("name it: --previous PACK");
  return CLI_USAGE;
}

int previous_apply(const struct previous *previous, edgestatic_builder *builder,
                   int64_t now) {
  int error = EDGESTATIC_OK;
  int64_t until = previous->keep ? now + previous->keep : 0;
  for (size_t i = 0; !error && i < previous->count; i++) {
    edgestatic_pack *pack = packfile_open(previous->file[i]);
    if (!pack)
      return EDGESTATIC_ERR_IO;
    error = edgestatic_builder_previous(builder, pack, until);
    edgestatic_pack_unref(pack);
    if (error == EDGESTATIC_ERR_MEMORY)
      say_error("%s", edgestatic_strerror(error));
  }
  return error;
}
