/* guestfile.c - see guestfile.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "guestfile.h"

#include "refusal.h"

#include "../say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The rest of a stream, in a block of the caller's; one byte more than a guest
 * may have shows one that is larger.  NULL on an error, with its errno. */
static unsigned char *read_all(FILE *stream, size_t *len) {
  size_t room = 64 << 10;
  unsigned char *bytes = NULL;
  *len = 0;
  for (;;) {
    unsigned char *larger = realloc(bytes, room);
    if (larger == NULL)
      break;
    bytes = larger;
    *len += fread(bytes + *len, 1, room - *len, stream);
    if (ferror(stream))
      break;
    if (*len < room || room > GUEST_SIZE_MAX)
      return bytes;
    room = room < GUEST_SIZE_MAX / 2 ? room * 2 : GUEST_SIZE_MAX + 1;
  }
  free(bytes);
  return NULL;
}

int guestfile_read(struct guestfile *file, const char *name,
                   const char *folder) {
  *file = (struct guestfile){0};
  if (asprintf(&file->name, "%s/%s", folder ? folder : EDGESTATIC_GUESTDIR,
               name) < 0) {
    file->name = NULL;
    say_error("%s", strerror(ENOMEM));
    return -1;
  }
  FILE *stream = fopen(file->name, "rb");
  if (stream)
    file->bytes = read_all(stream, &file->len);
  int why = errno;
  if (stream)
    fclose(stream);
  if (file->bytes)
    return 0;
  say_error("cannot read %s: %s", file->name, strerror(why));
  if (folder)
    say_hint("--guests wants the folder that `make guests' fills");
  else
    say_hint("install edgestatic with its guests, or name their folder: "
             "--guests DIR");
  guestfile_close(file);
  return -1;
}

static int check(struct guestfile *file, const char *flavour) {
  int refusal =
      guest_read((struct wasm_bytes){file->bytes, file->len}, &file->guest);
  if (refusal) {
    say_error("%s: %s", file->name, refusal_text(refusal));
    return -1;
  }
  if (strcmp(file->guest.mark.flavour, flavour) != 0) {
    say_error("%s: a guest for %s, not for %s", file->name,
              file->guest.mark.flavour, flavour);
    return -1;
  }
  return 0;
}

int guestfile_open(struct guestfile *file, const char *flavour,
                   const char *folder) {
  char name[MARK_FLAVOUR_MAX + sizeof ".wasm"];
  snprintf(name, sizeof name, "%s.wasm", flavour);
  if (guestfile_read(file, name, folder) != 0)
    return -1;
  if (check(file, flavour) == 0)
    return 0;
  guestfile_close(file);
  return -1;
}

void guestfile_close(struct guestfile *file) {
  free(file->name);
  free(file->bytes);
  *file = (struct guestfile){0};
}
