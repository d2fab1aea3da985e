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

static int cannot_read(const struct guestfile *file, const char *folder) {
  int why = errno;
  say_error("cannot read the guest %s: %s", file->name, strerror(why));
  if (folder)
    say_hint("--guests wants the folder that `make guests' fills");
  else
    say_hint("install edgestatic with its guests, or name their folder: "
             "--guests DIR");
  return -1;
}

static int check(struct guestfile *file, const char *flavour, size_t len) {
  int refusal = guest_read((struct wasm_bytes){file->bytes, len}, &file->guest);
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
  *file = (struct guestfile){0};
  if (asprintf(&file->name, "%s/%s.wasm", folder ? folder : EDGESTATIC_GUESTDIR,
               flavour) < 0) {
    file->name = NULL;
    say_error("%s", strerror(ENOMEM));
    return -1;
  }
  size_t len = 0;
  FILE *stream = fopen(file->name, "rb");
  if (stream)
    file->bytes = read_all(stream, &len);
  int failed = file->bytes == NULL ? cannot_read(file, folder)
                                   : check(file, flavour, len);
  if (stream)
    fclose(stream);
  if (failed)
    guestfile_close(file);
  return failed;
}

void guestfile_close(struct guestfile *file) {
  free(file->name);
  free(file->bytes);
  *file = (struct guestfile){0};
}
