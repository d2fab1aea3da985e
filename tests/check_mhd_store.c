/* check_mhd_store.c - a release of a site store, served: what is large goes to
 * the socket out of the store's own file.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "mhdtest.h"
#include "tempdir.h"

#include "edgestatic_site.h"

#include <stdatomic.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* libmicrohttpd finds this one before libc's. */
static atomic_ullong sent;       /* bytes by sendfile */
static struct stat file_of_sent; /* out of this file */

ssize_t sendfile64(int out, int in, off64_t *offset, size_t count) {
  ssize_t n = syscall(SYS_sendfile, out, in, offset, count);
  if (n > 0 && atomic_fetch_add(&sent, (unsigned long long)n) == 0)
    fstat(in, &file_of_sent);
  return n;
}

/* The pack of a release whose bodies do not begin where the data file does. */
static edgestatic_pack *store_pack(void) {
  edgestatic_site_options options = EDGESTATIC_SITE_OPTIONS_INIT;
  edgestatic_site *site;
  edgestatic_pack *pack;
  tempdir_make();
  options.create = 1;
  ck_assert_int_eq(edgestatic_site_open(&site, tempdir_path("site"), &options),
                   EDGESTATIC_OK);
  for (int i = 0; i < 2; i++) {
    edgestatic_builder *builder = test_builder(i ? "two" : "one", i);
    ck_assert_int_eq(edgestatic_site_release(site, builder, NULL, NULL),
                     EDGESTATIC_OK);
    edgestatic_builder_free(builder);
  }
  ck_assert_int_eq(edgestatic_site_pack(site, "live", &pack), EDGESTATIC_OK);
  edgestatic_site_close(site);
  return pack;
}

/* Asks for /big.bin and holds what comes against its bytes. */
static void get_big(const char *fields, int status, size_t from, size_t len) {
  char request[200], head[4096], *content;
  size_t at = 0;
  int fd = client_connect();
  int n = snprintf(request, sizeof request,
                   "GET /big.bin HTTP/1.1\r\nHost: a\r\n"
                   "Connection: close\r\n%s\r\n",
                   fields);
  client_send(fd, request, (size_t)n);
  do {
    ssize_t got = recv(fd, head + at, sizeof head - 1 - at, 0);
    ck_assert_int_gt(got, 0);
    at += (size_t)got;
    head[at] = '\0';
    content = strstr(head, "\r\n\r\n");
  } while (!content);
  ck_assert_int_eq(status_of(head), status);
  content += 4;
  size_t have = at - (size_t)(content - head);
  unsigned char *all = util_alloc(len);
  ck_assert_uint_le(have, len);
  memcpy(all, content, have);
  while (have < len) {
    ssize_t got = recv(fd, all + have, len - have, 0);
    ck_assert_int_gt(got, 0);
    have += (size_t)got;
  }
  ck_assert_int_eq(recv(fd, head, 1, 0), 0);
  close(fd);
  for (size_t i = 0; i < len; i++)
    if (all[i] != big_byte(from + i))
      ck_abort_msg("byte %zu is another one", i);
}

START_TEST(a_large_body_goes_by_sendfile_from_the_data_file) {
  struct stat data;
  start_with(store_pack(), NULL);
  get_big("", 200, 0, BIG);
  ck_assert_uint_eq(atomic_load(&sent), BIG);
  ck_assert_int_eq(stat(tempdir_path("site/data.1"), &data), 0);
  ck_assert(data.st_ino == file_of_sent.st_ino &&
            data.st_dev == file_of_sent.st_dev);
  stop(1000);
  tempdir_remove();
}
END_TEST

START_TEST(a_large_range_of_it_does_too_and_a_small_one_need_not) {
  start_with(store_pack(), NULL);
  get_big("Range: bytes=1000001-9000000\r\n", 206, 1000001, 8000000);
  ck_assert_uint_eq(atomic_load(&sent), 8000000);
  get_big("Range: bytes=77-1076\r\n", 206, 77, 1000);
  ck_assert_has(get("/a.txt"), "\r\n\r\ntwo");
  stop(1000);
  tempdir_remove();
}
END_TEST

/* The store may be collected, or removed, while a release is served. */
START_TEST(what_is_served_stays_whole_without_its_store) {
  start_with(store_pack(), NULL);
  tempdir_remove();
  get_big("", 200, 0, BIG);
  ck_assert_has(get("/a.txt"), "\r\n\r\ntwo");
  stop(1000);
}
END_TEST

static void setup(void) {
  atomic_store(&sent, 0);
}

int main(void) {
  TCase *tc = tcase_create("mhd_store");
  tcase_add_checked_fixture(tc, setup, NULL);
  tcase_add_test(tc, a_large_body_goes_by_sendfile_from_the_data_file);
  tcase_add_test(tc, a_large_range_of_it_does_too_and_a_small_one_need_not);
  tcase_add_test(tc, what_is_served_stays_whole_without_its_store);
  return util_run("mhd_store", tc);
}
