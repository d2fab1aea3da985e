/* check_mhd_life.c - the daemon from start to stop: files, swaps, the log.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "mhdtest.h"
#include "tempdir.h"

#include <errno.h>
#include <pthread.h>

/* ---- Files, swaps ---- */

START_TEST(a_large_body_of_a_pack_file_arrives_whole_and_in_parts) {
  const char *file = tempdir_path("big.pack");
  edgestatic_builder *builder = test_builder("alpha", 1);
  edgestatic_pack *pack;
  static unsigned char chunk[1 << 16];
  size_t at = 0, skip;
  ssize_t n;

  ck_assert_int_eq(edgestatic_builder_write(builder, file), EDGESTATIC_OK);
  edgestatic_builder_free(builder);
  ck_assert_int_eq(edgestatic_pack_open(&pack, file), EDGESTATIC_OK);
  start_with(pack, NULL);
  int fd = client_connect();
  static const char request[] = "GET /big.bin HTTP/1.1\r\nHost: a\r\n"
                                "Connection: close\r\n\r\n";
  client_send(fd, request, sizeof request - 1);
  n = recv(fd, chunk, sizeof chunk, MSG_PEEK);
  ck_assert_int_gt(n, 0);
  skip = (size_t)(content_of((char *)chunk) - (char *)chunk);
  while ((n = recv(fd, chunk, sizeof chunk, 0)) > 0) {
    for (size_t i = skip; i < (size_t)n; i++, at++)
      if (chunk[i] != big_byte(at))
        ck_abort_msg("byte %zu is wrong", at);
    skip = 0;
  }
  ck_assert_uint_eq(at, BIG);
  close(fd);
  char *answer =
      ask_for("GET", "/big.bin", "Range: bytes=20000000-20000002\r\n");
  for (size_t i = 0; i < 3; i++)
    ck_assert_int_eq((unsigned char)content_of(answer)[i],
                     big_byte(20000000 + i));
  stop(1000);
}
END_TEST

START_TEST(a_swap_shows_in_the_next_request) {
  start();
  int fd = client_connect();
  static const char request[] = "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n";
  char answer[4096];
  for (int i = 0; i < 3; i++) {
    const char *text = i == 0 ? "alpha" : i == 1 ? "bravo" : "gamma";
    if (i > 0) {
      edgestatic_pack *next = test_pack(text, 0);
      edgestatic_live_swap(live, next);
      edgestatic_pack_unref(next);
    }
    client_send(fd, request, sizeof request - 1);
    ssize_t n = recv(fd, answer, sizeof answer - 1, 0);
    ck_assert_int_gt(n, 0);
    answer[n] = '\0';
    ck_assert_str_eq(content_of(answer), text);
  }
  close(fd);
  stop(1000);
}
END_TEST

/* Ends when the server closes; returns the number of bytes. */
static void *read_slowly(void *arg) {
  static char chunk[1 << 16];
  size_t sum = 0;
  ssize_t n;

  wait_ms(300);
  while ((n = recv(*(int *)arg, chunk, sizeof chunk, 0)) > 0)
    sum += (size_t)n;
  return (void *)sum;
}

START_TEST(a_response_under_way_keeps_its_pack) {
  static const char request[] = "GET /big.bin HTTP/1.1\r\nHost: a\r\n"
                                "Connection: close\r\n\r\n";
  pthread_t reader;
  void *sum;
  start_with(test_pack("alpha", 1), NULL);
  int fd = client_connect();
  client_send(fd, request, sizeof request - 1);
  ck_assert_int_eq(pthread_create(&reader, NULL, read_slowly, &fd), 0);
  wait_ms(100);
  edgestatic_live_swap(live, NULL);
  ck_assert_int_eq(status_of(get("/a.txt")), 503);
  pthread_join(reader, &sum);
  ck_assert_uint_gt((size_t)sum, BIG);
  close(fd);
  stop(1000);
}
END_TEST

/* ---- Stopping ---- */

START_TEST(a_stop_waits_for_the_requests_that_run) {
  static const char request[] = "GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n";
  pthread_t reader;
  void *sum;
  start_with(test_pack("alpha", 1), NULL);
  int fd = client_connect();
  client_send(fd, request, sizeof request - 1);
  ck_assert_int_eq(pthread_create(&reader, NULL, read_slowly, &fd), 0);
  wait_ms(100);
  ck_assert_uint_eq(stop(15000), 0);
  pthread_join(reader, &sum);
  ck_assert_uint_gt((size_t)sum, BIG);
  close(fd);
}
END_TEST

/* Asks again and again on one connection; returns the last answer if it was
 * whole, else NULL. */
static void *ask_until_closed(void *arg) {
  static const char request[] = "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n";
  static char answer[4096];
  int fd = *(int *)arg;

  for (;;) {
    client_send(fd, request, sizeof request - 1);
    ssize_t n = recv(fd, answer, sizeof answer - 1, 0);
    if (n <= 0)
      return NULL;
    answer[n] = '\0';
    if (strcmp(content_of(answer), "alpha") != 0)
      return NULL;
    if (strstr(answer, "\r\nConnection: close\r\n") != NULL)
      return answer;
  }
}

/* RFC 9112 section 9.6: a client that knows of the close loses nothing. */
START_TEST(a_stop_is_announced_to_clients_that_go_on_asking) {
  pthread_t client;
  void *answer;
  start();
  int fd = client_connect();
  ck_assert_int_eq(pthread_create(&client, NULL, ask_until_closed, &fd), 0);
  wait_ms(100);
  ck_assert_uint_eq(stop(5000), 0);
  pthread_join(client, &answer);
  ck_assert_ptr_nonnull(answer);
  close(fd);
}
END_TEST

/* Asks as fast as it can, until the connection is closed. */
static void *hammer(void *arg) {
  static const char request[] = "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n";
  const int *fd = arg;
  char answer[4096];

  while (send(*fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0 &&
         recv(*fd, answer, sizeof answer, 0) > 0)
    ;
  return NULL;
}

/* libmicrohttpd's own way to refuse connections panics in some of these. */
START_TEST(a_stop_while_every_thread_is_busy) {
  enum { TIMES = 100, CLIENTS = 4 };
  pthread_t client[CLIENTS];
  int fd[CLIENTS];

  for (int i = 0; i < TIMES; i++) {
    start();
    for (int k = 0; k < CLIENTS; k++) {
      fd[k] = client_connect();
      ck_assert_int_eq(pthread_create(&client[k], NULL, hammer, &fd[k]), 0);
    }
    wait_ms(2);
    ck_assert_uint_eq(stop(5000), 0);
    for (int k = 0; k < CLIENTS; k++) {
      pthread_join(client[k], NULL);
      close(fd[k]);
    }
  }
}
END_TEST

START_TEST(a_stop_cuts_what_runs_at_its_deadline) {
  static const char request[] = "GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n";
  start_with(test_pack("alpha", 1), NULL);
  int fd = client_connect();
  client_send(fd, request, sizeof request - 1);
  wait_ms(200);
  ck_assert_uint_eq(stop(50), 1);
  close(fd);
}
END_TEST

START_TEST(a_stop_does_not_wait_for_idle_connections) {
  time_t before = time(NULL);
  start();
  int fd = client_connect();
  wait_ms(50);
  ck_assert_uint_eq(stop(20000), 0);
  ck_assert_int_le(time(NULL) - before, 5);
  close(fd);
}
END_TEST

/* ---- The log ---- */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char log_text[4096];

static void write_log(void *ctx, const edgestatic_mhd_log_entry *e) {
  char line[1000];
  ck_assert_str_eq(ctx, "ctx");
  ck_assert_int_le(llabs((long long)e->time - time(NULL)), 100);
  snprintf(line, sizeof line, "%s %s %s %s %d %d %d %s %s\n", e->client,
           e->method.base, e->target.base, e->version.base, e->status,
           e->completed, (int)e->content_bytes,
           e->referer.base != NULL ? e->referer.base : "-",
           e->user_agent.base != NULL ? e->user_agent.base : "-");
  pthread_mutex_lock(&log_lock);
  strncat(log_text, line, sizeof log_text - strlen(log_text) - 1);
  pthread_mutex_unlock(&log_lock);
}

START_TEST(the_log_tells_each_request_once) {
  edgestatic_mhd_daemon_options options = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  log_text[0] = '\0';
  options.log = write_log;
  options.log_ctx = (void *)(uintptr_t) "ctx";
  options.threads = 1;
  start_with(test_pack("alpha", 0), &options);
  ask_for("GET", "/a.txt?q=1+2&z", "User-Agent: me\r\nReferer: http://r/\r\n");
  ask_for("HEAD", "/a.txt", "");
  ask("GET /x%20y HTTP/1.0\r\n\r\n");
  ask("PUT /a.txt HTTP/1.1\r\nHost: {\r\n\r\n");
  stop(1000);
  ck_assert_str_eq(
      log_text, "127.0.0.1 GET /a.txt?q=1+2&z HTTP/1.1 200 1 5 http://r/ me\n"
                "127.0.0.1 HEAD /a.txt HTTP/1.1 200 1 0 - -\n"
                "127.0.0.1 GET /x%20y HTTP/1.0 404 1 11 - -\n"
                "127.0.0.1 PUT /a.txt HTTP/1.1 400 1 45 - -\n");
}
END_TEST

/* ---- Starting ---- */

START_TEST(a_port_that_is_taken_has_an_error_of_its_own) {
  edgestatic_mhd_daemon_options options = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  edgestatic_mhd_daemon *second;
  start();
  options.port = port;
  ck_assert_int_eq(edgestatic_mhd_start(&second, live, &options),
                   EDGESTATIC_MHD_ERR_PORT_IN_USE);
  ck_assert_int_eq(errno, EADDRINUSE);
  ck_assert_ptr_null(second);
  stop(1000);
}
END_TEST

START_TEST(an_address_is_numeric_and_of_this_machine) {
  edgestatic_mhd_daemon_options options = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  static const char *const bad[] = {"localhost", "",          "1.2.3.4.5",
                                    "[::1]",     "192.0.2.1", "127.0.0.1:80"};
  live = test_live(test_pack("a", 0));
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    options.address = bad[i];
    int error = edgestatic_mhd_start(&served, live, &options);
    ck_assert_msg(error == EDGESTATIC_MHD_ERR_ADDRESS, "%s: %d", bad[i], error);
    ck_assert_int_eq(errno,
                     strcmp(bad[i], "192.0.2.1") == 0 ? EADDRNOTAVAIL : 0);
  }
  edgestatic_live_free(live);
}
END_TEST

START_TEST(two_colons_take_ipv4_clients_too) {
  edgestatic_mhd_daemon_options options = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  options.address = "::";
  log_text[0] = '\0';
  options.log = write_log;
  options.log_ctx = (void *)(uintptr_t) "ctx";
  live = test_live(test_pack("alpha", 0));
  int error = edgestatic_mhd_start(&served, live, &options);
  if (error == EDGESTATIC_MHD_ERR_ADDRESS && errno == EAFNOSUPPORT) {
    edgestatic_live_free(live);
    return; /* a machine without IPv6 */
  }
  ck_assert_int_eq(error, EDGESTATIC_OK);
  port = edgestatic_mhd_port(served);
  ck_assert_str_eq(content_of(get("/a.txt")), "alpha");
  stop(1000);
  ck_assert_has(log_text, "127.0.0.1 GET /a.txt ");
}
END_TEST

START_TEST(options_that_make_no_sense_are_refused) {
  edgestatic_mhd_daemon_options options = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  live = test_live(test_pack("a", 0));
  options.size--;
  ck_assert_int_eq(edgestatic_mhd_start(&served, live, &options),
                   EDGESTATIC_ERR_INPUT);
  options.size++;
  options.server = "a\r\nb";
  ck_assert_int_eq(edgestatic_mhd_start(&served, live, &options),
                   EDGESTATIC_ERR_INPUT);
  options.server = "";
  ck_assert_int_eq(edgestatic_mhd_start(&served, live, &options),
                   EDGESTATIC_ERR_INPUT);
  options.server = NULL;
  options.header_memory = 1000;
  ck_assert_int_eq(edgestatic_mhd_start(&served, live, &options),
                   EDGESTATIC_ERR_INPUT);
  edgestatic_live_free(live);
}
END_TEST

START_TEST(every_error_has_a_text) {
#define EDGESTATIC_X(name, code, text)                                         \
  ck_assert_str_eq(edgestatic_mhd_strerror(EDGESTATIC_MHD_ERR_##name), text);
  EDGESTATIC_MHD_ERRORS(EDGESTATIC_X)
#undef EDGESTATIC_X
  ck_assert_str_eq(edgestatic_mhd_strerror(EDGESTATIC_ERR_MEMORY),
                   edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("mhd_life");

  tcase_add_checked_fixture(tc, tempdir_make, tempdir_remove);
  tcase_add_test(tc, a_large_body_of_a_pack_file_arrives_whole_and_in_parts);
  tcase_add_test(tc, a_swap_shows_in_the_next_request);
  tcase_add_test(tc, a_response_under_way_keeps_its_pack);
  tcase_add_test(tc, a_stop_waits_for_the_requests_that_run);
  tcase_add_test(tc, a_stop_is_announced_to_clients_that_go_on_asking);
  tcase_add_test(tc, a_stop_while_every_thread_is_busy);
  tcase_add_test(tc, a_stop_cuts_what_runs_at_its_deadline);
  tcase_add_test(tc, a_stop_does_not_wait_for_idle_connections);
  tcase_add_test(tc, the_log_tells_each_request_once);
  tcase_add_test(tc, a_port_that_is_taken_has_an_error_of_its_own);
  tcase_add_test(tc, an_address_is_numeric_and_of_this_machine);
  tcase_add_test(tc, two_colons_take_ipv4_clients_too);
  tcase_add_test(tc, options_that_make_no_sense_are_refused);
  tcase_add_test(tc, every_error_has_a_text);
  return util_run("mhd_life", tc);
}
