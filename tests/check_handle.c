/* check_handle.c - handles around packs, and the live one.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/handle.h"

#include "memtest.h"
#include "mkpack.h"
#include "tempdir.h"
#include "util.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <time.h>

/* Handles come from malloc, whose failure the tests choose. */
static bool no_memory;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size) {
  return no_memory ? NULL : __real_malloc(size);
}

/* A pack with one file that holds text. */
static unsigned char *small_pack(const char *text, size_t *len) {
  mk *m = mk_new();
  mk_file(m, "/a.txt", "text/plain", INT64_MIN, "\"a\"", text);
  return mk_finish(m, len);
}

/* Whether a pack serves that text. */
static void serves(const edgestatic_pack *pack, const char *text) {
  const edgestatic_store *store = edgestatic_pack_store(pack);
  edgestatic_request request = {.method = EDGESTATIC_LITERAL("GET"),
                                .target = EDGESTATIC_LITERAL("/a.txt")};
  edgestatic_response response;
  edgestatic_respond(store, &request, &response);
  ck_assert_int_eq(response.status, 200);
  edgestatic_slice body =
      edgestatic_segment_bytes(store, &response, &response.segment[0]);
  ck_assert_uint_eq(body.len, strlen(text));
  ck_assert_mem_eq(body.base, text, body.len);
}

static int open_fds(void) {
  int n = 0;
  for (int fd = 0; fd < 256; fd++)
    n += fcntl(fd, F_GETFD) >= 0;
  return n;
}

static int descriptors;

static void setup(void) {
  tempdir_make();
  descriptors = open_fds();
}

static void teardown(void) {
  ck_assert_int_eq(open_fds(), descriptors);
  tempdir_remove();
}

START_TEST(a_file_is_mapped_and_its_descriptor_kept) {
  size_t len;
  unsigned char *bytes = small_pack("hello", &len);
  tempdir_bytes("site.edgepack", bytes, len);
  edgestatic_pack *pack;
  ck_assert_int_eq(edgestatic_pack_open(&pack, tempdir_path("site.edgepack")),
                   EDGESTATIC_OK);
  serves(pack, "hello");
  uint64_t shift = 1;
  int fd = edgestatic_pack_fd(pack, &shift);
  ck_assert_uint_eq(shift, 0);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  unsigned char *again = util_alloc(len);
  ck_assert_int_eq(pread(fd, again, len, 0), (ssize_t)len);
  ck_assert_mem_eq(again, bytes, len);
  /* As long as somebody holds it. */
  ck_assert_ptr_eq(edgestatic_pack_ref(pack), pack);
  edgestatic_pack_unref(pack);
  ck_assert_int_eq(unlink(tempdir_path("site.edgepack")), 0);
  serves(pack, "hello");
  void *map = (void *)edgestatic_pack_store(pack)->base;
  unsigned char core;
  ck_assert_int_eq(mincore(map, 1, &core), 0);
  edgestatic_pack_unref(pack);
  ck_assert_int_eq(mincore(map, 1, &core), -1); /* nothing is there now */
  ck_assert_int_eq(errno, ENOMEM);
  free(bytes);
}
END_TEST

START_TEST(borrowed_bytes_have_no_descriptor_and_are_not_freed) {
  size_t len;
  unsigned char *bytes = small_pack("hello", &len);
  edgestatic_pack *pack;
  ck_assert_int_eq(edgestatic_pack_borrow(&pack, bytes, len), EDGESTATIC_OK);
  uint64_t shift;
  ck_assert_int_eq(edgestatic_pack_fd(pack, &shift), -1);
  serves(pack, "hello");
  edgestatic_pack_unref(pack);
  free(bytes);
}
END_TEST

START_TEST(nobodys_reference_can_be_given_back) {
  edgestatic_pack_unref(NULL);
}
END_TEST

START_TEST(an_adopted_block_goes_back_to_its_allocator) {
  size_t len;
  unsigned char *bytes = small_pack("hello", &len);
  for (size_t cut = 0; cut < 2; cut++) {
    struct memtest m = MEMTEST_INIT;
    const edgestatic_allocator allocator = {memtest_resize, &m};
    void *block = memtest_resize(&m, NULL, 0, len - cut);
    memcpy(block, bytes, len - cut);
    edgestatic_pack *pack;
    int error = pack_adopt_heap(&pack, &allocator, block, len - cut);
    ck_assert_int_eq(error, cut > 0 ? EDGESTATIC_ERR_FORMAT : EDGESTATIC_OK);
    if (cut == 0)
      serves(pack, "hello");
    else
      ck_assert_ptr_null(pack);
    edgestatic_pack_unref(pack);
    ck_assert_uint_eq(m.blocks, 0);
  }
  free(bytes);
}
END_TEST

START_TEST(what_is_not_a_pack_file_is_an_error_that_leaves_nothing_open) {
  edgestatic_pack *pack;
  errno = 0;
  ck_assert_int_eq(edgestatic_pack_open(&pack, tempdir_path("missing")),
                   EDGESTATIC_ERR_IO);
  ck_assert_int_eq(errno, ENOENT);
  ck_assert_ptr_null(pack);
  ck_assert_int_eq(edgestatic_pack_open(&pack, tempdir), EDGESTATIC_ERR_IO);
  ck_assert_int_eq(errno, EISDIR);
  ck_assert_int_eq(mkfifo(tempdir_path("pipe"), 0644), 0);
  ck_assert_int_eq(edgestatic_pack_open(&pack, tempdir_path("pipe")),
                   EDGESTATIC_ERR_IO);
  ck_assert_int_eq(errno, EINVAL);
  tempdir_file("empty", "");
  ck_assert_int_eq(edgestatic_pack_open(&pack, tempdir_path("empty")),
                   EDGESTATIC_ERR_FORMAT);
  tempdir_file("text", "this is no pack, and nobody should take it for one");
  ck_assert_int_eq(edgestatic_pack_open(&pack, tempdir_path("text")),
                   EDGESTATIC_ERR_FORMAT);
  ck_assert_ptr_null(pack);
}
END_TEST

START_TEST(a_pack_that_was_cut_is_refused_at_every_length) {
  size_t len;
  unsigned char *bytes = small_pack("hello", &len);
  for (size_t cut = 0; cut < len; cut++) {
    edgestatic_slice part = util_bytes(bytes, cut);
    edgestatic_pack *pack;
    ck_assert_int_ne(edgestatic_pack_borrow(&pack, part.base, part.len),
                     EDGESTATIC_OK);
    ck_assert_ptr_null(pack);
    util_free_all();
  }
  free(bytes);
}
END_TEST

START_TEST(a_pack_that_was_changed_is_refused) {
  size_t len;
  unsigned char *bytes = small_pack("hello", &len);
  bytes[sizeof(pack_header) + 300] ^= 1;
  tempdir_bytes("bad", bytes, len);
  edgestatic_pack *pack;
  ck_assert_int_eq(edgestatic_pack_open(&pack, tempdir_path("bad")),
                   EDGESTATIC_ERR_CHECKSUM);
  ck_assert_ptr_null(pack);
  free(bytes);
}
END_TEST

START_TEST(without_memory_there_is_no_handle_and_nothing_open) {
  size_t len;
  unsigned char *bytes = small_pack("hello", &len);
  tempdir_bytes("site.edgepack", bytes, len);
  const char *file = tempdir_path("site.edgepack");
  edgestatic_pack *pack;
  edgestatic_live *live;
  no_memory = true;
  int opened = edgestatic_pack_open(&pack, file);
  int made = edgestatic_live_new(&live, NULL);
  no_memory = false;
  ck_assert_int_eq(opened, EDGESTATIC_ERR_MEMORY);
  ck_assert_ptr_null(pack);
  ck_assert_int_eq(made, EDGESTATIC_ERR_MEMORY);
  ck_assert_ptr_null(live);
  free(bytes);
}
END_TEST

START_TEST(a_live_pack_may_be_none) {
  edgestatic_live *live;
  ck_assert_int_eq(edgestatic_live_new(&live, NULL), EDGESTATIC_OK);
  ck_assert_ptr_null(edgestatic_live_acquire(live));
  size_t len;
  unsigned char *bytes = small_pack("hello", &len);
  edgestatic_pack *pack;
  ck_assert_int_eq(edgestatic_pack_borrow(&pack, bytes, len), EDGESTATIC_OK);
  edgestatic_live_swap(live, pack);
  edgestatic_pack_unref(pack);
  pack = edgestatic_live_acquire(live);
  serves(pack, "hello");
  edgestatic_live_swap(live, NULL);
  ck_assert_ptr_null(edgestatic_live_acquire(live));
  serves(pack, "hello");
  edgestatic_pack_unref(pack);
  edgestatic_live_free(live);
  edgestatic_live_free(NULL);
  free(bytes);
}
END_TEST

struct shared {
  edgestatic_live *live;
  atomic_bool stop;
  atomic_ulong acquired;
};

/* Every block of these packs is overwritten when it is freed: a thread that
 * used one too long would see that. */
static void *poison_resize(void *ctx, void *p, size_t old_size,
                           size_t new_size) {
  atomic_int *blocks = ctx;
  if (p == NULL) {
    atomic_fetch_add(blocks, 1);
    return malloc(new_size);
  }
  ck_assert_uint_eq(new_size, 0);
  memset(p, 0xff, old_size);
  free(p);
  atomic_fetch_sub(blocks, 1);
  return NULL;
}

static void *keep_serving(void *arg) {
  struct shared *shared = arg;
  while (!atomic_load(&shared->stop)) {
    edgestatic_pack *pack = edgestatic_live_acquire(shared->live);
    serves(pack, "hello");
    edgestatic_pack_ref(pack);
    edgestatic_pack_unref(pack);
    edgestatic_pack_unref(pack);
    atomic_fetch_add(&shared->acquired, 1);
  }
  return NULL;
}

START_TEST(threads_acquire_while_others_swap) {
  enum { SERVERS = 4, SWAPS = 2000 };
  size_t len;
  unsigned char *bytes = small_pack("hello", &len);
  atomic_int blocks = 0;
  const edgestatic_allocator allocator = {poison_resize, &blocks};
  struct shared shared = {.live = NULL};
  pthread_t thread[SERVERS];
  for (int i = 0; i < SWAPS; i++) {
    void *block = poison_resize(&blocks, NULL, 0, len);
    memcpy(block, bytes, len);
    edgestatic_pack *pack;
    ck_assert_int_eq(pack_adopt_heap(&pack, &allocator, block, len),
                     EDGESTATIC_OK);
    if (i == 0) {
      ck_assert_int_eq(edgestatic_live_new(&shared.live, pack), EDGESTATIC_OK);
      for (int t = 0; t < SERVERS; t++)
        ck_assert_int_eq(
            pthread_create(&thread[t], NULL, keep_serving, &shared), 0);
    } else {
      edgestatic_live_swap(shared.live, pack);
    }
    edgestatic_pack_unref(pack);
    if (i % 100 == 0)
      nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
  atomic_store(&shared.stop, true);
  for (int t = 0; t < SERVERS; t++)
    pthread_join(thread[t], NULL);
  ck_assert_uint_gt(atomic_load(&shared.acquired), 0);
  ck_assert_int_eq(atomic_load(&blocks), 1);
  edgestatic_live_free(shared.live);
  ck_assert_int_eq(atomic_load(&blocks), 0);
  free(bytes);
}
END_TEST

int main(void) {
  TCase *c = tcase_create("handle");
  tcase_add_checked_fixture(c, setup, teardown);
  tcase_add_test(c, a_file_is_mapped_and_its_descriptor_kept);
  tcase_add_test(c, borrowed_bytes_have_no_descriptor_and_are_not_freed);
  tcase_add_test(c, nobodys_reference_can_be_given_back);
  tcase_add_test(c, an_adopted_block_goes_back_to_its_allocator);
  tcase_add_test(c,
                 what_is_not_a_pack_file_is_an_error_that_leaves_nothing_open);
  tcase_add_test(c, a_pack_that_was_cut_is_refused_at_every_length);
  tcase_add_test(c, a_pack_that_was_changed_is_refused);
  tcase_add_test(c, without_memory_there_is_no_handle_and_nothing_open);
  tcase_add_test(c, a_live_pack_may_be_none);
  tcase_add_test(c, threads_acquire_while_others_swap);
  return util_run("handle", c);
}
