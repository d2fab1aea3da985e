/* listen.c - see listen.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "listen.h"

#include <stdio.h>
#include <string.h>

static int parse_port(const char *text, uint16_t *port) {
  unsigned n = 0;
  const char *s = text;
  for (; *s >= '0' && *s <= '9' && n <= UINT16_MAX; s++)
    n = n * 10 + (unsigned)(*s - '0');
  if (s == text || *s != '\0' || n > UINT16_MAX)
    return -1;
  *port = (uint16_t)n;
  return 0;
}

int listen_parse(struct listen *listen, const char *text) {
  const char *colon = strrchr(text, ':');
  if (!colon || parse_port(colon + 1, &listen->port) != 0)
    return -1;
  size_t len = (size_t)(colon - text);
  if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
    text++;
    len -= 2;
  } else if (memchr(text, ':', len)) {
    return -1; /* an IPv6 address without brackets: where does it end? */
  }
  if (len == 0 || len >= sizeof listen->address)
    return -1;
  memcpy(listen->address, text, len);
  listen->address[len] = '\0';
  /* Names are not looked up, but for the one that needs no looking up. */
  if (strcmp(listen->address, "localhost") == 0)
    strcpy(listen->address, "127.0.0.1");
  return 0;
}

const char *listen_url(char buffer[LISTEN_URL_MAX],
                       const struct listen *listen) {
  const char *format =
      strchr(listen->address, ':') ? "http://[%s]:%u/" : "http://%s:%u/";
  snprintf(buffer, LISTEN_URL_MAX, format, listen->address, listen->port);
  return buffer;
}
