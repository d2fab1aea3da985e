/* check_mhd_site.c - a site mounted in a daemon that has routes of its own.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "mhdtest.h"

#include <microhttpd.h>

/* The app: a site under a prefix, an API, and what is left is "none". */
struct app {
  edgestatic_mhd *site;
  unsigned flags;
  unsigned uploaded; /* bytes that the API got */
};

static struct app app;
static struct MHD_Daemon *mhd;

static enum MHD_Result say(struct MHD_Connection *connection, unsigned status,
                           const char *text) {
  struct MHD_Response *response = MHD_create_response_from_buffer(
      strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
  enum MHD_Result queued = MHD_queue_response(connection, status, response);

  MHD_destroy_response(response);
  return queued;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection,
                              const char *url, const char *method,
                              const char *version, const char *upload,
                              size_t *upload_size, void **con_cls) {
  static char begun;

  (void)cls;
  (void)upload;
  switch (edgestatic_mhd_handle(app.site, connection, url, method, version,
                                con_cls, app.flags)) {
  case EDGESTATIC_MHD_HANDLED:
    return MHD_YES;
  case EDGESTATIC_MHD_CLOSE:
    return MHD_NO;
  }
  if (*con_cls == NULL) {
    *con_cls = &begun;
    return MHD_YES;
  }
  if (*upload_size > 0) {
    app.uploaded += (unsigned)*upload_size;
    *upload_size = 0;
    return MHD_YES;
  }
  return strcmp(url, "/api") == 0 ? say(connection, 200, "api")
                                  : say(connection, 404, "none");
}

static void start_app(const char *prefix, unsigned flags) {
  edgestatic_mhd_site_options options = EDGESTATIC_MHD_SITE_OPTIONS_INIT;

  options.prefix = prefix;
  options.server = "app";
  app.flags = flags;
  app.uploaded = 0;
  live = test_live(test_pack("alpha", 0));
  ck_assert_int_eq(edgestatic_mhd_new(&app.site, live, &options),
                   EDGESTATIC_OK);
  mhd = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, handle,
                         NULL, MHD_OPTION_ARRAY, edgestatic_mhd_options(),
                         MHD_OPTION_END);
  ck_assert_ptr_nonnull(mhd);
  port = MHD_get_daemon_info(mhd, MHD_DAEMON_INFO_BIND_PORT)->port;
}

static void stop_app(void) {
  MHD_stop_daemon(mhd);
  edgestatic_mhd_free(app.site);
  edgestatic_live_free(live);
}

/* Status and content of an answer, as in "200 alpha". */
static const char *gist(const char *answer) {
  static char text[300];

  snprintf(text, sizeof text, "%d %s", status_of(answer), content_of(answer));
  return text;
}

START_TEST(at_the_root_assets_come_first_and_routes_next) {
  start_app(NULL, EDGESTATIC_MHD_FALL_THROUGH);
  ck_assert_str_eq(gist(get("/a.txt")), "200 alpha");
  ck_assert_str_eq(gist(get("/")), "200 <p>home");
  ck_assert_str_eq(gist(get("/api")), "200 api");
  ck_assert_str_eq(gist(get("/other")), "404 none");
  ck_assert_has(get("/a.txt"), "\r\nServer: app\r\n");
  stop_app();
}
END_TEST

START_TEST(without_fall_through_the_site_has_the_last_word) {
  start_app("", 0);
  ck_assert_str_eq(gist(get("/a.txt")), "200 alpha");
  ck_assert_str_eq(gist(get("/api")), "404 <p>not here");
  stop_app();
}
END_TEST

START_TEST(under_a_prefix_only_what_is_below_it_is_the_sites) {
  start_app("/x/docs", 0);
  ck_assert_str_eq(gist(get("/x/docs/a.txt")), "200 alpha");
  ck_assert_str_eq(gist(get("/x/docs/")), "200 <p>home");
  ck_assert_str_eq(gist(get("/x/docs/missing")), "404 <p>not here");
  ck_assert_str_eq(gist(get("/api")), "200 api");
  ck_assert_str_eq(gist(get("/a.txt")), "404 none");
  ck_assert_str_eq(gist(get("/x/docsa.txt")), "404 none");
  ck_assert_str_eq(gist(get("/x")), "404 none");
  stop_app();
}
END_TEST

START_TEST(under_a_prefix_an_absolute_target_is_cut_first) {
  start_app("/docs", 0);
  ck_assert_str_eq(gist(get("http://b/docs/a.txt")), "200 alpha");
  ck_assert_str_eq(gist(get("http://docs/a.txt")), "404 none");
  ck_assert_str_eq(gist(ask_for("OPTIONS", "*", "")), "404 none");
  stop_app();
}
END_TEST

START_TEST(redirects_of_the_site_keep_its_prefix_and_the_query) {
  start_app("/docs", EDGESTATIC_MHD_FALL_THROUGH);
  ck_assert_has(get("/docs/about.html?q=1"),
                "\r\nLocation: /docs/about?q=1\r\n");
  ck_assert_has(get("/docs/index.html"), "\r\nLocation: /docs/\r\n");
  stop_app();
}
END_TEST

START_TEST(the_prefix_itself_redirects_to_its_slash) {
  start_app("/docs", EDGESTATIC_MHD_FALL_THROUGH);
  char *answer = get("/docs");
  ck_assert_int_eq(status_of(answer), 307);
  ck_assert_has(answer, "\r\nLocation: /docs/\r\n");
  ck_assert_has(get("/docs?a=b&c"), "\r\nLocation: /docs/?a=b&c\r\n");
  stop_app();
}
END_TEST

START_TEST(a_route_of_the_app_gets_the_content_of_its_requests) {
  start_app(NULL, EDGESTATIC_MHD_FALL_THROUGH);
  ck_assert_str_eq(
      gist(ask_for("POST", "/api", "Content-Length: 5\r\n\r\nhello")),
      "200 api");
  ck_assert_uint_eq(app.uploaded, 5);
  stop_app();
}
END_TEST

START_TEST(content_for_an_asset_ends_the_connection) {
  start_app(NULL, EDGESTATIC_MHD_FALL_THROUGH);
  char *answer = ask("POST /a.txt HTTP/1.1\r\nHost: a\r\n"
                     "Content-Length: 5\r\n\r\nhello");
  ck_assert_int_eq(status_of(answer), 405);
  ck_assert_has(answer, "\r\nConnection: close\r\n");
  ck_assert_uint_eq(app.uploaded, 0);
  stop_app();
}
END_TEST

START_TEST(the_routes_of_the_app_are_behind_the_gate) {
  start_app("/docs", EDGESTATIC_MHD_FALL_THROUGH);
  ck_assert_int_eq(status_of(ask("GET /api HTTP/1.1\r\n\r\n")), 400);
  ck_assert_int_eq(status_of(ask("POST /api HTTP/1.1\r\nHost: a\r\n"
                                 "Content-Length: 5\r\n"
                                 "Content-Length: 6\r\n\r\nhello")),
                   400);
  ck_assert_uint_eq(app.uploaded, 0);
  stop_app();
}
END_TEST

START_TEST(assets_and_routes_share_a_connection) {
  start_app(NULL, EDGESTATIC_MHD_FALL_THROUGH);
  char *answer = ask("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET /api HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET /other HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET / HTTP/1.1\r\nHost: a\r\n"
                     "Connection: close\r\n\r\n");
  ck_assert_int_eq(count_of(answer, "HTTP/1.1 "), 4);
  ck_assert_has(answer, "alpha");
  ck_assert_has(answer, "api");
  ck_assert_has(answer, "none");
  ck_assert_has(answer, "<p>home");
  stop_app();
}
END_TEST

START_TEST(a_prefix_is_a_path_without_a_slash_at_its_end) {
  static const char *const bad[] = {"docs",  "/",     "/docs/", "/a//b",
                                    "/a b",  "/a%20", "/a?b",   "/caf\xc3\xa9",
                                    "/a\nb", "//a",   "/a#"};
  edgestatic_mhd_site_options options = EDGESTATIC_MHD_SITE_OPTIONS_INIT;
  edgestatic_mhd *site;
  live = test_live(NULL);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    options.prefix = bad[i];
    ck_assert_msg(edgestatic_mhd_new(&site, live, &options) ==
                      EDGESTATIC_ERR_INPUT,
                  "%s", bad[i]);
    ck_assert_ptr_null(site);
  }
  edgestatic_live_free(live);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("mhd_site");

  tcase_add_test(tc, at_the_root_assets_come_first_and_routes_next);
  tcase_add_test(tc, without_fall_through_the_site_has_the_last_word);
  tcase_add_test(tc, under_a_prefix_only_what_is_below_it_is_the_sites);
  tcase_add_test(tc, under_a_prefix_an_absolute_target_is_cut_first);
  tcase_add_test(tc, redirects_of_the_site_keep_its_prefix_and_the_query);
  tcase_add_test(tc, the_prefix_itself_redirects_to_its_slash);
  tcase_add_test(tc, a_route_of_the_app_gets_the_content_of_its_requests);
  tcase_add_test(tc, content_for_an_asset_ends_the_connection);
  tcase_add_test(tc, the_routes_of_the_app_are_behind_the_gate);
  tcase_add_test(tc, assets_and_routes_share_a_connection);
  tcase_add_test(tc, a_prefix_is_a_path_without_a_slash_at_its_end);
  return util_run("mhd_site", tc);
}
