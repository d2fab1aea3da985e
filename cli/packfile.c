/* packfile.c - see packfile.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "packfile.h"

#include "say.h"
#include "sitename.h"
#include "siteverb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_folder(const char *file) {
  struct stat st;
  return stat(file, &st) == 0 && S_ISDIR(st.st_mode);
}

bool packfile_is_folder(const char *name) {
  return is_folder(name) && !edgestatic_site_is(name);
}

static void explain(const char *file, int error) {
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

static int load_release(edgestatic_pack **pack, const struct sitename *name,
                        bool copy) {
  edgestatic_site *site = siteverb_open(NULL, name->dir, false);
  if (!site)
    return EDGESTATIC_ERR_INPUT;
  int error = siteverb_pack(pack, site, name->dir, name->name, copy);
  edgestatic_site_close(site);
  return error;
}

int packfile_load(edgestatic_pack **pack, const char *name, bool copy) {
  struct sitename site;
  *pack = NULL;
  if (sitename_parse(&site, name)) {
    int error =
        site.dir ? load_release(pack, &site, copy) : EDGESTATIC_ERR_MEMORY;
    if (!site.dir)
      say_error("%s", edgestatic_strerror(error));
    free(site.dir);
    return error;
  }
  int error = edgestatic_pack_open(pack, name);
  if (error)
    explain(name, error);
  return error;
}

edgestatic_pack *packfile_open(const char *name) {
  edgestatic_pack *pack;
  packfile_load(&pack, name, false);
  return pack;
}

edgestatic_pack *packfile_copy(const char *name) {
  edgestatic_pack *pack;
  packfile_load(&pack, name, true);
  return pack;
}
