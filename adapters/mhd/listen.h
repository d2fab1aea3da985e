/* listen.h - a listening socket, and why there is none.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_MHD_LISTEN_H
#define EDGESTATIC_MHD_LISTEN_H

#include <stdint.h>

/* Listens on a numeric address and port (0: any).  Returns EDGESTATIC_OK and
 * the caller's *fd, or EDGESTATIC_MHD_ERR_ADDRESS, _PORT_IN_USE, _PERMISSION
 * or _SYSTEM with errno set (0 where the address is no numeric one). */
int listen_on(const char *address, uint16_t port, int *fd);

/* The port of a listening socket. */
uint16_t listen_port(int fd);

#endif
