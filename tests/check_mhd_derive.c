/* check_mhd_derive.c - packs that are derived and swapped under load.
 *
 * Clients on many connections ask while another thread derives pack after
 * pack, each with a new edition of one file.  Whatever is served, in whatever
 * coding, has to be the bytes that its entity tag is the hash of.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "edgestatic_site.h"

#include "mhdtest.h"
#include "samples.h"

#include <pthread.h>
#include <stdatomic.h>

enum { CLIENTS = 8, REQUESTS = 300, EDITIONS_MIN = 20 };

static atomic_uint failed, torn, backwards, editions, clients;

/* ---- The app ---- */

/* Half of it compresses; the edition stands at both ends. */
static size_t make_edition(char *text, size_t room, unsigned edition) {
  size_t len = (size_t)snprintf(text, room, "edition %08u\n", edition);
  while (len < room - 32)
    len += (size_t)snprintf(text + len, room - len, "%u <url>\n",
                            (unsigned)(edition * 2654435761u + len));
  return len +
         (size_t)snprintf(text + len, room - len, "edition %08u\n", edition);
}

static edgestatic_pack *derive(edgestatic_pack *from, unsigned edition) {
  static char text[30000];
  edgestatic_builder_options options = EDGESTATIC_BUILDER_OPTIONS_INIT;
  edgestatic_builder *builder;
  edgestatic_pack *next = NULL;
  const edgestatic_slice path = EDGESTATIC_LITERAL("sitemap.xml");
  size_t len = make_edition(text, sizeof text, edition);
  options.effort = EDGESTATIC_EFFORT_FAST;
  int error = edgestatic_builder_new(&builder, &options);
  if (!error && from)
    error = edgestatic_builder_add_pack(builder, from, INT64_MIN);
  if (!error)
    error = edgestatic_builder_add(builder, path, text, len, NULL);
  if (!error && !from) {
    const edgestatic_slice other = EDGESTATIC_LITERAL("other.txt");
    edgestatic_slice body = samples_text(200000, 5);
    error = edgestatic_builder_add(builder, other, body.base, body.len, NULL);
  }
  if (!error)
    error = edgestatic_builder_finish(builder, &next);
  edgestatic_builder_free(builder);
  return error ? NULL : next;
}

static void *run_app(void *arg) {
  (void)arg;
  for (unsigned edition = 2;
       atomic_load(&clients) > 0 || edition <= EDITIONS_MIN; edition++) {
    edgestatic_pack *current = edgestatic_live_acquire(live);
    edgestatic_pack *next = derive(current, edition);
    edgestatic_pack_unref(current);
    if (!next) {
      atomic_fetch_add(&failed, 1);
      break;
    }
    edgestatic_live_swap(live, next);
    edgestatic_pack_unref(next);
    atomic_store(&editions, edition);
  }
  return NULL;
}

/* ---- Its clients ---- */

struct answer {
  char bytes[1 << 18];
  size_t head, len; /* of the header section, of all */
  int status;
  char etag[64];
};

/* The value of a field, or "". */
static void field_of(const struct answer *a, const char *name, char *value,
                     size_t room) {
  const char *at = strstr(a->bytes, name);
  value[0] = '\0';
  if (at != NULL && at < a->bytes + a->head) {
    at += strlen(name);
    snprintf(value, room, "%.*s", (int)strcspn(at, "\r"), at);
  }
}

/* One answer of a connection that stays open; 0, or -1 where it is not whole.
 */
static int receive(int fd, struct answer *a) {
  size_t want = 0;
  *a = (struct answer){.len = 0};
  while (want == 0 || a->len < want) {
    ssize_t n = recv(fd, a->bytes + a->len, sizeof a->bytes - 1 - a->len, 0);
    if (n <= 0)
      return -1;
    a->len += (size_t)n;
    a->bytes[a->len] = '\0';
    const char *end = strstr(a->bytes, "\r\n\r\n");
    if (want > 0 || end == NULL)
      continue;
    char length[32];
    a->head = (size_t)(end - a->bytes) + 4;
    field_of(a, "\r\nContent-Length: ", length, sizeof length);
    field_of(a, "\r\nETag: ", a->etag, sizeof a->etag);
    if (sscanf(a->bytes, "HTTP/1.1 %3d ", &a->status) != 1)
      return -1;
    want = a->head + (a->status == 304 ? 0 : strtoul(length, NULL, 10));
  }
  return a->len == want ? 0 : -1;
}

/* Whether the content is what its entity tag says. */
static bool is_whole(const struct answer *a) {
  unsigned char hash[16];
  char etag[35] = "\"", *p = etag + 1;
  builder_xxh3(a->bytes + a->head, a->len - a->head, hash);
  for (int i = 0; i < 16; i++, p += 2)
    snprintf(p, 3, "%02x", hash[i]);
  return strncmp(a->etag, etag, 33) == 0 && strlen(a->etag) == 34;
}

/* Asks for one thing after the other and keeps the answers' last edition. */
static int ask_in_turn(int fd, unsigned i, struct answer *a, unsigned *last) {
  static const char *const codings[] = {"identity", "gzip", "br"};
  const bool sitemap = i % 4 != 3;
  char request[300], condition[100] = "";
  if (i % 7 == 1 && sitemap)
    snprintf(condition, sizeof condition, "If-None-Match: %s\r\n", a->etag);
  int len = snprintf(request, sizeof request,
                     "GET %s HTTP/1.1\r\nHost: a\r\nAccept-Encoding: %s\r\n"
                     "%s\r\n",
                     sitemap ? "/sitemap.xml" : "/other.txt", codings[i % 3],
                     condition);
  if (send(fd, request, (size_t)len, MSG_NOSIGNAL) != len || receive(fd, a))
    return -1;
  if (a->status == 304 && condition[0])
    return 0;
  if (a->status != 200)
    return -1;
  if (!is_whole(a))
    atomic_fetch_add(&torn, 1);
  if (!sitemap || i % 3 != 0) /* coded */
    return 0;
  unsigned first = 0, end = 0;
  const char *text = a->bytes + a->head;
  if (sscanf(text, "edition %8u", &first) != 1 ||
      sscanf(a->bytes + a->len - 17, "edition %8u", &end) != 1 || first != end)
    atomic_fetch_add(&torn, 1);
  if (first < *last)
    atomic_fetch_add(&backwards, 1);
  *last = first;
  return 0;
}

static void *run_client(void *arg) {
  struct answer *a = calloc(1, sizeof *a);
  unsigned last = 0;
  int fd = *(int *)arg;
  for (unsigned i = 0; a != NULL && i < REQUESTS; i++)
    if (ask_in_turn(fd, i, a, &last) != 0) {
      atomic_fetch_add(&failed, 1);
      break;
    }
  free(a);
  atomic_fetch_sub(&clients, 1);
  return NULL;
}

START_TEST(no_answer_is_torn_or_fails_while_packs_are_derived) {
  pthread_t app, client[CLIENTS];
  int fd[CLIENTS];
  edgestatic_pack *first = derive(NULL, 1);
  ck_assert_ptr_nonnull(first);
  start_with(first, NULL);
  atomic_store(&clients, CLIENTS);
  for (int i = 0; i < CLIENTS; i++) {
    fd[i] = client_connect();
    ck_assert_int_eq(pthread_create(&client[i], NULL, run_client, &fd[i]), 0);
  }
  ck_assert_int_eq(pthread_create(&app, NULL, run_app, NULL), 0);
  for (int i = 0; i < CLIENTS; i++) {
    pthread_join(client[i], NULL);
    close(fd[i]);
  }
  pthread_join(app, NULL);
  ck_assert_uint_eq(atomic_load(&failed), 0);
  ck_assert_uint_eq(atomic_load(&torn), 0);
  ck_assert_uint_eq(atomic_load(&backwards), 0);
  ck_assert_uint_ge(atomic_load(&editions), EDITIONS_MIN);
  ck_assert_uint_eq(stop(1000), 0);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("derive");
  tcase_add_test(c, no_answer_is_torn_or_fails_while_packs_are_derived);
  return util_run("mhd_derive", c);
}
