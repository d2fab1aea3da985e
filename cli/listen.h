/* listen.h - ADDR:PORT, as `serve --listen` takes it.
 * SPDX-License-Identifier: MIT */
#ifndef CLI_LISTEN_H
#define CLI_LISTEN_H

#include <stdint.h>

/* The longest numeric address, with a zone (fe80::1%eth0). */
#define LISTEN_ADDRESS_MAX 80

struct listen {
  char address[LISTEN_ADDRESS_MAX];
  uint16_t port; /* 0: any */
};

/* "127.0.0.1:8080", "localhost:8080", "[::1]:8080".  Returns 0 or -1. */
int listen_parse(struct listen *listen, const char *text);

/* What a browser wants: "http://[::1]:8080/". */
#define LISTEN_URL_MAX (LISTEN_ADDRESS_MAX + 24)
const char *listen_url(char buffer[LISTEN_URL_MAX],
                       const struct listen *listen);

#endif
