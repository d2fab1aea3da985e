/* check_mhd_choose.c - one daemon, several sites.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "mhdtest.h"

static edgestatic_live *beta;
static const char *logged; /* the site of the last request */

/* "Host: b" and "/b/..." are beta, "/none/..." is no site, the rest live. */
static void choose(void *ctx, const edgestatic_request *request,
                   edgestatic_mhd_choice *choice) {
  edgestatic_slice host = request->field[EDGESTATIC_FIELD_HOST];
  edgestatic_slice path = request->target;

  ck_assert_ptr_eq(ctx, &beta);
  choice->live = live;
  choice->name = "live";
  if (host.len == 1 && host.base[0] == 'b') {
    choice->live = beta;
    choice->name = "beta";
  } else if (path.len >= 2 && memcmp(path.base, "/b", 2) == 0 &&
             (path.len == 2 || path.base[2] == '/' || path.base[2] == '?')) {
    choice->live = beta;
    choice->name = "beta";
    choice->prefix_len = 2;
  } else if (path.len >= 5 && memcmp(path.base, "/none", 5) == 0) {
    choice->live = NULL;
    choice->name = NULL;
  }
}

static void note_site(void *ctx, const edgestatic_mhd_log_entry *entry) {
  (void)ctx;
  logged = entry->site;
}

static void set_up(void) {
  edgestatic_mhd_daemon_options options = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;

  live = test_live(test_pack("alpha", 0));
  beta = test_live(test_pack("beta", 0));
  options.choose = choose;
  options.choose_ctx = &beta;
  options.log = note_site;
  options.threads = 1;
  logged = "";
  ck_assert_int_eq(edgestatic_mhd_start(&served, NULL, &options),
                   EDGESTATIC_OK);
  port = edgestatic_mhd_port(served);
}

static void tear_down(void) {
  stop(1000);
  edgestatic_live_free(beta);
}

static const char *text_of(const char *host, const char *target) {
  char request[200];

  snprintf(request, sizeof request,
           "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", target,
           host);
  return content_of(ask(request));
}

/* Twice, since the second answer is one that was kept. */
START_TEST(each_request_is_answered_by_the_site_chosen_for_it) {
  for (int i = 0; i < 2; i++) {
    ck_assert_str_eq(text_of("a", "/a.txt"), "alpha");
    ck_assert_str_eq(text_of("b", "/a.txt"), "beta");
    ck_assert_str_eq(text_of("a", "/b/a.txt"), "beta");
    ck_assert_str_eq(text_of("a", "http://b/a.txt"), "beta");
    ck_assert_str_eq(text_of("a", "http://a/b/a.txt"), "beta");
    ck_assert_str_eq(text_of("a", "http://a"), "<p>home");
    ck_assert_str_eq(text_of("a", "http://b?x"), "<p>home");
  }
}
END_TEST

START_TEST(a_chosen_prefix_stands_before_redirects_of_that_request_only) {
  for (int i = 0; i < 2; i++) {
    ck_assert_has(get("/b/about.html?q"), "\r\nLocation: /b/about?q\r\n");
    ck_assert_has(ask("GET /about.html HTTP/1.1\r\nHost: b\r\n"
                      "Connection: close\r\n\r\n"),
                  "\r\nLocation: /about\r\n");
    ck_assert_has(get("/b"), "\r\nLocation: /b/\r\n");
    ck_assert_has(get("/b?x=1"), "\r\nLocation: /b/?x=1\r\n");
  }
}
END_TEST

START_TEST(where_there_is_no_such_site_the_answer_is_404) {
  char *answer = get("/none/a.txt");
  ck_assert_int_eq(status_of(answer), 404);
  ck_assert_has(answer, "no such site");
}
END_TEST

START_TEST(a_site_without_a_pack_is_unavailable) {
  edgestatic_live_swap(beta, NULL);
  ck_assert_int_eq(status_of(get("/b/a.txt")), 503);
  ck_assert_int_eq(status_of(get("/a.txt")), 200);
}
END_TEST

START_TEST(a_swap_of_one_site_leaves_the_others_alone) {
  edgestatic_pack *gamma = test_pack("gamma", 0);
  ck_assert_str_eq(text_of("a", "/a.txt"), "alpha");
  ck_assert_str_eq(text_of("b", "/a.txt"), "beta");
  edgestatic_live_swap(beta, gamma);
  edgestatic_pack_unref(gamma);
  ck_assert_str_eq(text_of("b", "/a.txt"), "gamma");
  ck_assert_str_eq(text_of("a", "/a.txt"), "alpha");
}
END_TEST

START_TEST(the_log_names_the_site) {
  get("/b/a.txt");
  edgestatic_mhd_stop(served, 1000);
  ck_assert_str_eq(logged, "beta");
  served = NULL;
}
END_TEST

START_TEST(there_is_one_site_or_a_choice_never_both_or_none) {
  edgestatic_mhd_daemon_options options = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  edgestatic_mhd_daemon *other;
  ck_assert_int_eq(edgestatic_mhd_start(&other, NULL, &options),
                   EDGESTATIC_ERR_INPUT);
  options.choose = choose;
  ck_assert_int_eq(edgestatic_mhd_start(&other, live, &options),
                   EDGESTATIC_ERR_INPUT);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("mhd_choose");

  tcase_add_checked_fixture(tc, set_up, tear_down);
  tcase_add_test(tc, each_request_is_answered_by_the_site_chosen_for_it);
  tcase_add_test(tc,
                 a_chosen_prefix_stands_before_redirects_of_that_request_only);
  tcase_add_test(tc, where_there_is_no_such_site_the_answer_is_404);
  tcase_add_test(tc, a_site_without_a_pack_is_unavailable);
  tcase_add_test(tc, a_swap_of_one_site_leaves_the_others_alone);
  tcase_add_test(tc, the_log_names_the_site);
  tcase_add_test(tc, there_is_one_site_or_a_choice_never_both_or_none);
  return util_run("mhd_choose", tc);
}
