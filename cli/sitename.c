/* sitename.c - see sitename.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "sitename.h"

#include "edgestatic_site.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool sitename_parse(struct sitename *site, const char *text) {
  struct stat st;
  const char *at = strrchr(text, '@');
  *site = (struct sitename){NULL, "live", true};
  /* A file or folder of just that name is what was meant. */
  if (stat(text, &st) == 0) {
    if (!S_ISDIR(st.st_mode) || !edgestatic_site_is(text))
      return false;
    site->dir = strdup(text);
    return true;
  }
  if (!at || at == text)
    return false;
  site->dir = strndup(text, (size_t)(at - text));
  site->name = at + 1;
  site->is_plain = false;
  if (!site->dir || edgestatic_site_is(site->dir))
    return true;
  free(site->dir);
  site->dir = NULL;
  return false;
}
