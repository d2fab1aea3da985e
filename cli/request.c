/* request.c - see request.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "request.h"

#include "say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct option_spec request_option_table[] = {
    {'X', "request", "METHOD", "the method [GET]"},
    {'H', "header", "'FIELD: VALUE'",
     "a field of the request; may be given many times"},
    {0, NULL, NULL, NULL},
};

static edgestatic_slice trim(const char *base, size_t len) {
  while (len > 0 && (*base == ' ' || *base == '\t')) {
    base++;
    len--;
  }
  while (len > 0 && (base[len - 1] == ' ' || base[len - 1] == '\t'))
    len--;
  return (edgestatic_slice){base, len};
}

/* RFC 9110 section 5.3: several lines of a field are one list; RFC 6265
 * section 5.4 joins Cookie by a semicolon. */
static int add_field(struct request *request, int id, edgestatic_slice value) {
  edgestatic_slice *slot = &request->core.field[id];
  if (!slot->base) {
    *slot = value;
    return 0;
  }
  char *joined = NULL;
  int len = asprintf(&joined, "%.*s%s%.*s", (int)slot->len, slot->base,
                     id == EDGESTATIC_FIELD_COOKIE ? "; " : ", ",
                     (int)value.len, value.base);
  if (len < 0) {
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    return CLI_INPUT;
  }
  free(request->joined[id]);
  request->joined[id] = joined;
  *slot = (edgestatic_slice){joined, (size_t)len};
  return 0;
}

static int take_field(struct request *request, const struct args *args) {
  const char *colon = strchr(args->value, ':');
  if (!colon || colon == args->value)
    return args_bad_value(args, "-H", "'Field: value'");
  edgestatic_slice name = {args->value, (size_t)(colon - args->value)};
  int id = edgestatic_field_find(name);
  if (id < 0) {
    say_warning("no answer depends on the field %.*s: left out", (int)name.len,
                name.base);
    return 0;
  }
  return add_field(request, id, trim(colon + 1, strlen(colon + 1)));
}

int request_parse(struct request *request, struct args *args) {
  memset(request, 0, sizeof *request);
  request->core.method = (edgestatic_slice)EDGESTATIC_LITERAL("GET");
  int id;
  while ((id = args_next(args)) > 0) {
    int status = 0;
    if (id == 'X')
      request->core.method =
          (edgestatic_slice){args->value, strlen(args->value)};
    else
      status = take_field(request, args);
    if (status != 0)
      return status;
  }
  if (id < 0)
    return -1;
  const char *target = args->operand[1];
  request->core.target = (edgestatic_slice){target, strlen(target)};
  return 0;
}

void request_free(struct request *request) {
  for (int i = 0; i < EDGESTATIC_FIELD_ROOM; i++)
    free(request->joined[i]);
}
