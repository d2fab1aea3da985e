/* listen.c - see listen.h.  libmicrohttpd can make its own socket, but does
 * not say what was wrong with it.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "listen.h"

#include "edgestatic_mhd.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int reason(int error) {
  switch (error) {
  case EADDRINUSE:
    return EDGESTATIC_MHD_ERR_PORT_IN_USE;
  case EACCES:
  case EPERM:
    return EDGESTATIC_MHD_ERR_PERMISSION;
  case EADDRNOTAVAIL:
  case EAFNOSUPPORT:
    return EDGESTATIC_MHD_ERR_ADDRESS;
  default:
    return EDGESTATIC_MHD_ERR_SYSTEM;
  }
}

/* SO_REUSEADDR: a server that starts again must not wait for the connections
 * of the last one to time out. */
static int set_options(int fd, int family) {
  const int on = 1, off = 0;

  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
    return -1;
  if (family != AF_INET6)
    return 0;
  return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
}

int listen_on(const char *address, uint16_t port, int *result) {
  const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                 .ai_socktype = SOCK_STREAM,
                                 .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
  struct addrinfo *found;
  char service[sizeof "65535"];
  int fd, error;

  snprintf(service, sizeof service, "%u", (unsigned)port);
  error = getaddrinfo(address, service, &hints, &found);
  if (error != 0) {
    errno = error == EAI_SYSTEM ? errno : 0;
    return error == EAI_MEMORY ? EDGESTATIC_ERR_MEMORY
                               : EDGESTATIC_MHD_ERR_ADDRESS;
  }
  fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || set_options(fd, found->ai_family) != 0 ||
      bind(fd, found->ai_addr, found->ai_addrlen) != 0 ||
      listen(fd, SOMAXCONN) != 0) {
    error = errno;
    if (fd >= 0)
      close(fd);
    freeaddrinfo(found);
    errno = error;
    return reason(error);
  }
  freeaddrinfo(found);
  *result = fd;
  return EDGESTATIC_OK;
}

uint16_t listen_port(int fd) {
  union {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
  } address;
  socklen_t len = sizeof address;

  if (getsockname(fd, &address.any, &len) != 0)
    return 0;
  return ntohs(address.any.sa_family == AF_INET6 ? address.in6.sin6_port
                                                 : address.in.sin_port);
}
