/* packfile.c - see packfile.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "packfile.h"

#include "say.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

static bool is_folder(const char *file) {
  struct stat st;
  return stat(file, &st) == 0 && S_ISDIR(st.st_mode);
}

void packfile_explain(const char *file, int error) {
  int why = errno;
  if (is_folder(file)) {
    say_error("%s is a folder, not a pack", file);
    say_hint("pack it first: edgestatic build %s -o site.edgepack", file);
  } else if (error == EDGESTATIC_ERR_IO) {
    say_error("%s: %s", file, strerror(why));
  } else {
    say_error("%s: %s", file, edgestatic_strerror(error));
    if (error == EDGESTATIC_ERR_FORMAT || error == EDGESTATIC_ERR_CHECKSUM)
      say_hint("copy it again in binary mode, or build it anew");
  }
}

edgestatic_pack *packfile_open(const char *file) {
  edgestatic_pack *pack = NULL;
  int error = edgestatic_pack_open(&pack, file);
  if (!error)
    return pack;
  packfile_explain(file, error);
  return NULL;
}
