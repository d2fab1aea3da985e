/* check_mhd.c - requests and responses of the daemon, over real sockets.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "mhdtest.h"
#include "mkpack.h"

/* ---- Responses ---- */

START_TEST(a_get_has_the_fields_of_the_pack_date_and_one_length) {
  start();
  char *answer = get("/a.txt");
  ck_assert_int_eq(status_of(answer), 200);
  ck_assert_str_eq(content_of(answer), "alpha");
  ck_assert_int_eq(count_of(answer, "\r\nContent-Length: 5\r\n"), 1);
  ck_assert_int_eq(count_of(answer, "\r\nDate: "), 1);
  ck_assert_int_eq(count_of(answer, "\r\nETag: "), 1);
  ck_assert_hasnt(answer, "\r\nServer:");
  ck_assert_int_eq(stop(1000), 0);
}
END_TEST

START_TEST(server_is_sent_where_it_is_set) {
  edgestatic_mhd_daemon_options options = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  options.server = "edgestatic/0";
  start_with(test_pack("a", 0), &options);
  ck_assert_has(get("/a.txt"), "\r\nServer: edgestatic/0\r\n");
  ck_assert_has(ask("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
                "\r\nServer: edg");
  stop(1000);
}
END_TEST

/* RFC 9110 section 9.3.2; the response of the GET is used for it. */
START_TEST(head_has_the_length_of_get_and_no_content) {
  start();
  for (int i = 0; i < 2; i++) {
    char *answer = ask_for("HEAD", "/a.txt", "");
    ck_assert_has(answer, "\r\nContent-Length: 5\r\n");
    ck_assert_str_eq(content_of(answer), "");
    ck_assert_str_eq(content_of(get("/a.txt")), "alpha");
  }
  stop(1000);
}
END_TEST

/* RFC 9110 section 8.6. */
START_TEST(a_304_has_no_content_and_never_a_wrong_length) {
  start();
  char *answer = ask_for("GET", "/a.txt", "If-None-Match: *\r\n");
  ck_assert_int_eq(status_of(answer), 304);
  ck_assert_str_eq(content_of(answer), "");
  if (strstr(answer, "Content-Length") != NULL)
    ck_assert_has(answer, "\r\nContent-Length: 5\r\n");
  ck_assert_hasnt(answer, "Transfer-Encoding");
  stop(1000);
}
END_TEST

START_TEST(a_204_has_no_length) {
  start();
  char *answer = ask_for("OPTIONS", "/a.txt", "");
  ck_assert_int_eq(status_of(answer), 204);
  ck_assert_hasnt(answer, "Content-Length");
  stop(1000);
}
END_TEST

START_TEST(ranges_are_sent_from_memory_in_one_and_in_several_parts) {
  start();
  char *answer = ask_for("GET", "/a.txt", "Range: bytes=1-2\r\n");
  ck_assert_int_eq(status_of(answer), 206);
  ck_assert_str_eq(content_of(answer), "lp");
  answer = ask_for("GET", "/a.txt", "Range: bytes=0-0,4-4\r\n");
  ck_assert_int_eq(status_of(answer), 206);
  ck_assert_int_eq(count_of(answer, "\r\nContent-Range: bytes "), 2);
  ck_assert_has(answer, "bytes 0-0/5\r\n\r\na\r\n--");
  ck_assert_has(answer, "bytes 4-4/5\r\n\r\na\r\n--");
  answer = ask_for("GET", "/a.txt", "Range: bytes=9-\r\n");
  ck_assert_int_eq(status_of(answer), 416);
  stop(1000);
}
END_TEST

START_TEST(fields_that_are_the_hosts_or_empty_are_left_out) {
  mk *m = mk_new();
  edgestatic_pack *pack;
  size_t len;
  mk_file(m, "/a.txt", "text/plain", 0, "\"t\"", "alpha");
  pack_asset *asset = &m->asset[0];
  asset->field = put32(m->fields);
  asset->field_count = 4;
  asset->field_kept = 0;
  mk_field(m, "Content-Type", "text/plain");
  mk_field(m, "date", "mine");
  mk_field(m, "CONNECTION", "mine");
  mk_field(m, "X-Empty", "");
  unsigned char *bytes = mk_finish(m, &len);
  ck_assert_int_eq(edgestatic_pack_borrow(&pack, bytes, len), EDGESTATIC_OK);
  start_with(pack, NULL);
  char *answer = get("/a.txt");
  ck_assert_int_eq(status_of(answer), 200);
  ck_assert_str_eq(content_of(answer), "alpha");
  ck_assert_hasnt(answer, "mine");
  ck_assert_hasnt(answer, "X-Empty");
  stop(1000);
  free(bytes);
}
END_TEST

START_TEST(the_404_page_of_the_site_is_sent) {
  start();
  char *answer = get("/missing");
  ck_assert_int_eq(status_of(answer), 404);
  ck_assert_str_eq(content_of(answer), "<p>not here");
  stop(1000);
}
END_TEST

START_TEST(nothing_published_yet_is_503) {
  start_with(NULL, NULL);
  ck_assert_int_eq(status_of(get("/")), 503);
  stop(1000);
}
END_TEST

/* ---- Requests ---- */

START_TEST(a_connection_serves_one_request_after_the_other) {
  start();
  char *answer = ask("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n"
                     "HEAD /a.txt HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET /missing HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET / HTTP/1.1\r\nHost: a\r\n"
                     "Connection: close\r\n\r\n");
  ck_assert_int_eq(count_of(answer, "HTTP/1.1 200 OK\r\n"), 3);
  ck_assert_int_eq(count_of(answer, "HTTP/1.1 404 "), 1);
  ck_assert_int_eq(count_of(answer, "\r\nConnection: close\r\n"), 1);
  ck_assert_has(answer, "<p>home");
  stop(1000);
}
END_TEST

/* libmicrohttpd hands a query over in pieces. */
START_TEST(a_query_arrives_as_it_was_sent) {
  static const char *const queries[] = {
      "?a",    "?a=b",           "?a=&b",  "?=b",         "?a=b=c&d", "?a+b=+c",
      "?a&&b", "?%41=%2B&c=%26", "?x=%00", "?q=\xc3\xa9", "?a=b?c",   "?&a"};
  start();
  for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
    char target[100], location[100];
    snprintf(target, sizeof target, "/about.html%s", queries[i]);
    snprintf(location, sizeof location, "\r\nLocation: /about%s\r\n",
             queries[i]);
    char *answer = get(target);
    ck_assert_int_eq(status_of(answer) / 100, 3);
    if (strchr(queries[i], '\xc3') == NULL)
      ck_assert_has(answer, location);
  }
  stop(1000);
}
END_TEST

START_TEST(a_target_of_8192_bytes_is_read_and_a_longer_one_is_414) {
  char target[9000] = "/a.txt?";
  start();
  for (size_t len = 8192; len <= 8193; len++) {
    memset(target + 7, 'q', sizeof target - 7);
    target[len] = '\0';
    ck_assert_int_eq(status_of(get(target)), len > 8192 ? 414 : 200);
  }
  stop(1000);
}
END_TEST

/* RFC 9110 section 5.3. */
START_TEST(lines_of_one_field_are_joined) {
  start();
  char *answer = get("/a.txt");
  char tag[100], fields[300];
  ck_assert_int_eq(
      sscanf(strstr(answer, "\r\nETag: "), "\r\nETag: %99[^\r]", tag), 1);
  snprintf(fields, sizeof fields,
           "If-None-Match: \"x\"\r\nAccept: */*\r\nIF-NONE-MATCH: \"y\"\r\n"
           "Accept: a/b\r\nif-none-match: %s \r\n",
           tag);
  ck_assert_int_eq(status_of(ask_for("GET", "/a.txt", fields)), 304);
  stop(1000);
}
END_TEST

START_TEST(joined_fields_that_are_too_long_are_431) {
  edgestatic_mhd_daemon_options options = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  char value[6300], fields[13000];
  options.header_memory = 32768;
  start_with(test_pack("alpha", 0), &options);
  for (size_t len = 6000; len <= 6200; len += 200) {
    memset(value, 'a', len);
    value[len] = '\0';
    snprintf(fields, sizeof fields, "Accept: %s\r\nAccept: %s\r\n", value,
             value);
    ck_assert_int_eq(status_of(ask_for("GET", "/a.txt", fields)),
                     len == 6000 ? 200 : 431);
  }
  stop(1000);
}
END_TEST

START_TEST(a_header_may_come_byte_by_byte) {
  static const char request[] =
      "GET /about.html?a=b+c&d HTTP/1.1\r\nHost:\ta\r\n"
      "X: y \r\nConnection: close\r\n\r\n";
  start();
  int fd = client_connect();
  for (size_t i = 0; i < sizeof request - 1; i++) {
    client_send(fd, request + i, 1);
    wait_ms(i % 7 == 0);
  }
  ck_assert_has(client_finish(fd), "\r\nLocation: /about?a=b+c&d\r\n");
  stop(1000);
}
END_TEST

/* ---- The gate ---- */

START_TEST(what_breaks_the_rules_is_refused_and_the_connection_closed) {
  static const char *const requests[] = {
      "GET /a.txt HTTP/1.1\r\n\r\n",
      "GET /a.txt HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
      "GET /a.txt HTTP/1.1\r\nHost: {\r\n\r\n",
      "GET /a.txt HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n",
      "GET /a.txt HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
      "GET /a.txt HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:   x\r\n y\r\n\r\n",
      "GET /a.txt HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n",
      "GET /a.txt HTTP/1.1\r\nHost: a\r\n:\r\n\r\n",
      "GET /a.txt HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n",
      "GET http://u@a/a.txt HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a.txt HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
      "GET /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
      "Content-Length: 5\r\n\r\n",
      "GET /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
      "Transfer-Encoding: chunked\r\n\r\n"};
  start();
  for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
    char two[500];
    snprintf(two, sizeof two,
             "%sGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
             requests[i]);
    char *answer = ask(two);
    ck_assert_msg(status_of(answer) == 400, "%s\n%s", requests[i], answer);
    ck_assert_has(answer, "\r\nConnection: close\r\n");
    ck_assert_hasnt(answer, "<p>home");
  }
  stop(1000);
}
END_TEST

/* With 400, or by closing: what 1.0 does of itself. */
static void assert_refused(const void *request, size_t len) {
  char *answer = ask_bytes(request, len);

  if (*answer != '\0')
    ck_assert_int_eq(status_of(answer), 400);
}

START_TEST(a_nul_is_refused_wherever_it_stands) {
  static const char target[] = "GET /a.txt\0b HTTP/1.1\r\nHost: a\r\n\r\n";
  static const char query[] = "GET /a.txt?a\0b=c HTTP/1.1\r\nHost: a\r\n\r\n";
  static const char value[] = "GET /a.txt HTTP/1.1\r\nHost: a\r\n"
                              "X: a\0b\r\nY: z\r\n\r\n";
  static const char name[] = "GET /a.txt HTTP/1.1\r\nHost: a\r\n"
                             "X\0: a\r\nY: z\r\n\r\n";
  start();
  assert_refused(target, sizeof target - 1);
  assert_refused(query, sizeof query - 1);
  assert_refused(value, sizeof value - 1);
  assert_refused(name, sizeof name - 1);
  stop(1000);
}
END_TEST

START_TEST(content_of_a_request_is_not_taken_for_a_request) {
  start();
  char *answer = ask("GET /a.txt HTTP/1.1\r\nHost: a\r\n"
                     "Content-Length: 28\r\n\r\n"
                     "GET / HTTP/1.1\r\nHost: abc\r\n\r\n");
  ck_assert_int_eq(status_of(answer), 200);
  ck_assert_int_eq(count_of(answer, "HTTP/1.1 "), 1);
  ck_assert_has(answer, "\r\nConnection: close\r\n");
  answer = ask("POST /a.txt HTTP/1.1\r\nHost: a\r\n"
               "Transfer-Encoding: chunked\r\n\r\n"
               "0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  ck_assert_int_eq(status_of(answer), 405);
  ck_assert_int_eq(count_of(answer, "HTTP/1.1 "), 1);
  stop(1000);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("mhd");

  tcase_add_test(tc, a_get_has_the_fields_of_the_pack_date_and_one_length);
  tcase_add_test(tc, server_is_sent_where_it_is_set);
  tcase_add_test(tc, head_has_the_length_of_get_and_no_content);
  tcase_add_test(tc, a_304_has_no_content_and_never_a_wrong_length);
  tcase_add_test(tc, a_204_has_no_length);
  tcase_add_test(tc, ranges_are_sent_from_memory_in_one_and_in_several_parts);
  tcase_add_test(tc, fields_that_are_the_hosts_or_empty_are_left_out);
  tcase_add_test(tc, the_404_page_of_the_site_is_sent);
  tcase_add_test(tc, nothing_published_yet_is_503);
  tcase_add_test(tc, a_connection_serves_one_request_after_the_other);
  tcase_add_test(tc, a_query_arrives_as_it_was_sent);
  tcase_add_test(tc, a_target_of_8192_bytes_is_read_and_a_longer_one_is_414);
  tcase_add_test(tc, lines_of_one_field_are_joined);
  tcase_add_test(tc, joined_fields_that_are_too_long_are_431);
  tcase_add_test(tc, a_header_may_come_byte_by_byte);
  tcase_add_test(tc,
                 what_breaks_the_rules_is_refused_and_the_connection_closed);
  tcase_add_test(tc, a_nul_is_refused_wherever_it_stands);
  tcase_add_test(tc, content_of_a_request_is_not_taken_for_a_request);
  return util_run("mhd", tc);
}
