/* mhdtest.h - a small site, and a client that shows what came over the wire.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TESTS_MHDTEST_H
#define EDGESTATIC_TESTS_MHDTEST_H

#include "util.h"

#include "edgestatic_mhd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* More than the buffers of a loopback connection hold. */
enum { BIG = 48 << 20 };

/* Byte i of /big.bin: compression does not help, an offset shows. */
static inline unsigned char big_byte(size_t i) {
  return (unsigned char)((i * 2654435761u) >> 13);
}

static inline void add_asset(edgestatic_builder *builder, const char *path,
                             const char *text) {
  ck_assert_int_eq(edgestatic_builder_add(builder, util_text(path), text,
                                          strlen(text), NULL),
                   EDGESTATIC_OK);
}

/* / and /about, /a.txt with the text given, and with_big /big.bin. */
static inline edgestatic_builder *test_builder(const char *a, int with_big) {
  edgestatic_builder_options options = EDGESTATIC_BUILDER_OPTIONS_INIT;
  edgestatic_builder *builder;

  options.effort = EDGESTATIC_EFFORT_FAST;
  ck_assert_int_eq(edgestatic_builder_new(&builder, &options), EDGESTATIC_OK);
  add_asset(builder, "index.html", "<p>home");
  add_asset(builder, "about.html", "<p>about");
  add_asset(builder, "404.html", "<p>not here");
  add_asset(builder, "a.txt", a);
  if (with_big) {
    unsigned char *big = malloc(BIG);
    ck_assert_ptr_nonnull(big);
    for (size_t i = 0; i < BIG; i++)
      big[i] = big_byte(i);
    ck_assert_int_eq(
        edgestatic_builder_add(builder, util_text("big.bin"), big, BIG, NULL),
        EDGESTATIC_OK);
    free(big);
  }
  return builder;
}

static inline edgestatic_pack *test_pack(const char *a, int with_big) {
  edgestatic_builder *builder = test_builder(a, with_big);
  edgestatic_pack *pack;

  ck_assert_int_eq(edgestatic_builder_finish(builder, &pack), EDGESTATIC_OK);
  edgestatic_builder_free(builder);
  return pack;
}

/* A live over a pack that it alone holds. */
static inline edgestatic_live *test_live(edgestatic_pack *pack) {
  edgestatic_live *live;

  ck_assert_int_eq(edgestatic_live_new(&live, pack), EDGESTATIC_OK);
  edgestatic_pack_unref(pack);
  return live;
}

/* ---- The daemon of a test ---- */

static edgestatic_live *live;
static edgestatic_mhd_daemon *served;
static uint16_t port;

static inline void start_with(edgestatic_pack *pack,
                              const edgestatic_mhd_daemon_options *options) {
  live = test_live(pack);
  ck_assert_int_eq(edgestatic_mhd_start(&served, live, options), EDGESTATIC_OK);
  port = edgestatic_mhd_port(served);
  ck_assert_uint_ne(port, 0);
}

static inline void start(void) {
  start_with(test_pack("alpha", 0), NULL);
}

static inline unsigned stop(unsigned deadline_ms) {
  unsigned cut = edgestatic_mhd_stop(served, deadline_ms);

  edgestatic_live_free(live);
  return cut;
}

static inline void wait_ms(long ms) {
  const struct timespec t = {ms / 1000, ms % 1000 * 1000000};

  nanosleep(&t, NULL);
}

/* ---- Client ---- */

static inline int client_connect(void) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  const struct timeval patience = {20, 0};
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
  ck_assert_int_eq(
      connect(fd, (struct sockaddr *)(void *)&address, sizeof address), 0);
  return fd;
}

static inline void client_send(int fd, const void *bytes, size_t len) {
  ck_assert_int_eq(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* All that comes until the server closes, as a string; closes too. */
static inline char *client_finish(int fd) {
  size_t room = 1 << 16, len = 0;
  char *text = util_alloc(room);

  for (;;) {
    ssize_t n = recv(fd, text + len, room - 1 - len, 0);
    ck_assert_msg(n >= 0, "the connection stays open");
    if (n == 0)
      break;
    len += (size_t)n;
    ck_assert_uint_lt(len, room - 1);
  }
  close(fd);
  text[len] = '\0';
  return text;
}

/* What a server answers to these bytes; the last request has to make it
 * close. */
static inline char *ask_bytes(const void *bytes, size_t len) {
  int fd = client_connect();

  client_send(fd, bytes, len);
  return client_finish(fd);
}

static inline char *ask(const char *request) {
  return ask_bytes(request, strlen(request));
}

/* A request with Host and Connection: close; fields end with CR LF each. */
static inline char *ask_for(const char *method, const char *target,
                            const char *fields) {
  char request[20000];

  snprintf(request, sizeof request,
           "%s %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s\r\n", method,
           target, fields);
  return ask(request);
}

static inline char *get(const char *target) {
  return ask_for("GET", target, "");
}

static inline int status_of(const char *answer) {
  int status = 0;

  if (sscanf(answer, "HTTP/1.1 %3d ", &status) != 1)
    ck_abort_msg("no answer: %.200s", answer);
  return status;
}

static inline const char *content_of(const char *answer) {
  const char *end = strstr(answer, "\r\n\r\n");

  ck_assert_ptr_nonnull(end);
  return end + 4;
}

/* How often a text is in an answer. */
static inline int count_of(const char *answer, const char *text) {
  int n = 0;

  for (const char *p = strstr(answer, text); p != NULL; p = strstr(p + 1, text))
    n++;
  return n;
}

#define ck_assert_has(answer, text)                                            \
  ck_assert_msg(strstr(answer, text) != NULL, "no %s in:\n%s", text, answer)
#define ck_assert_hasnt(answer, text)                                          \
  ck_assert_msg(strstr(answer, text) == NULL, "%s in:\n%s", text, answer)

#endif
