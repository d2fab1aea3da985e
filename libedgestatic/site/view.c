/* view.c - see view.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "site/view.h"

#include "build/io.h"
#include "build/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void free_arrays(edgestatic_site *site) {
  free(site->releases);
  free(site->collections);
  free(site->before);
  site->releases = NULL;
  site->collections = NULL;
  site->before = NULL;
}

void view_free(edgestatic_site *site) {
  free_arrays(site);
  state_free(&site->state);
  if (site->file >= 0)
    close(site->file);
  site->file = -1;
}

int view_make(edgestatic_site *site) {
  const struct state *s = &site->state;
  size_t before = 0;
  for (size_t i = 0; i < s->collections; i++)
    before += s->collection[i].before_count;
  free_arrays(site);
  site->releases = calloc(s->releases + 1, sizeof *site->releases);
  site->collections = calloc(s->collections + 1, sizeof *site->collections);
  site->before = calloc(before + 1, sizeof *site->before);
  if (!site->releases || !site->collections || !site->before) {
    free_arrays(site);
    return EDGESTATIC_ERR_MEMORY;
  }
  for (size_t i = 0; i < s->releases; i++)
    site->releases[i] = s->release[i].info;
  before = 0;
  for (size_t i = 0; i < s->collections; i++) {
    const struct state_collection *c = &s->collection[i];
    site->collections[i] =
        (edgestatic_collection){.name = c->name,
                                .release = c->release,
                                .expires = c->expires,
                                .before = site->before + before,
                                .before_count = c->before_count};
    for (size_t k = 0; k < c->before_count; k++)
      site->before[before++] = c->before[k].release;
  }
  return EDGESTATIC_OK;
}

/* ---- The file ---- */

/* All of a file into a block from malloc; 0, ENOMEM or another errno. */
static int read_all(int fd, char **text, size_t *len) {
  struct stat st;
  if (fstat(fd, &st) < 0)
    return errno;
  if (!S_ISREG(st.st_mode) || st.st_size > STATE_BYTES_MAX)
    return EINVAL;
  *len = (size_t)st.st_size;
  *text = malloc(*len + 1);
  return *text ? io_read(fd, *text, *len, 0) : ENOMEM;
}

static int wrong(edgestatic_site *site, int error) {
  const char *text = "not a site store";
  if (error == EDGESTATIC_ERR_VERSION)
    text = "this store is of a newer edgestatic";
  else if (error == EDGESTATIC_ERR_CHECKSUM)
    text = "the file `state' is damaged: put the store back from a copy";
  return report_error(&site->report, error, site->dir, 0, "%s", text);
}

static int read_state(edgestatic_site *site) {
  char *text = NULL;
  size_t len = 0;
  site->file = openat(site->folder, "state",
                      O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (site->file < 0 && (errno == ENOENT || errno == ELOOP))
    return wrong(site, EDGESTATIC_ERR_FORMAT);
  int reason = site->file < 0 ? errno : read_all(site->file, &text, &len);
  if (reason) {
    free(text);
    if (reason == ENOMEM)
      return EDGESTATIC_ERR_MEMORY;
    if (reason == EINVAL)
      return wrong(site, EDGESTATIC_ERR_FORMAT);
    return site_failed(site, EDGESTATIC_ERR_IO, "state", reason);
  }
  int error = state_parse(&site->state, slice_of(text, len));
  free(text);
  if (error == EDGESTATIC_OK)
    error = view_make(site);
  return error && error != EDGESTATIC_ERR_MEMORY ? wrong(site, error) : error;
}

int view_read(edgestatic_site *site) {
  view_free(site);
  int error = read_state(site);
  if (error)
    view_free(site);
  return error;
}
