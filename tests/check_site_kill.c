/* check_site_kill.c - a writer of a site store is killed at each of its steps,
 * or the disk refuses each of them: the store is the old one or the new one.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "sitestore.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

/* What is done to the store of `begin`. */
struct operation {
  const char *name;
  int (*run)(edgestatic_site *);
};

static int run_release(edgestatic_site *site) {
  edgestatic_release_options options = EDGESTATIC_RELEASE_OPTIONS_INIT;
  edgestatic_builder *builder = store_builder("next");
  store_add(builder, "new.bin", store_noise(5000, 9), 5000);
  int error = edgestatic_site_release(site, builder, &options, NULL);
  edgestatic_builder_free(builder);
  return error;
}

static int run_promote(edgestatic_site *site) {
  return edgestatic_site_promote(site, "staging", "live");
}

static int run_rollback(edgestatic_site *site) {
  return edgestatic_site_rollback(site, "live", NULL);
}

static int run_remove(edgestatic_site *site) {
  return edgestatic_site_remove(site, "staging");
}

/* A collection and its release go, and one is rewritten. */
static int run_expire(edgestatic_site *site) {
  return edgestatic_site_expire(site, 5000, UINT32_MAX, NULL);
}

static int run_gc(edgestatic_site *site) {
  return edgestatic_site_gc(site, 0, NULL);
}

static const struct operation operations[] = {
    {"release", run_release},   {"promote", run_promote},
    {"rollback", run_rollback}, {"remove", run_remove},
    {"expire", run_expire},     {"gc", run_gc}};

/* ---- The store before ---- */

static void release_at(edgestatic_site *site, const char *collection,
                       const char *text, int64_t time, int64_t expires,
                       const char *hashed) {
  edgestatic_release_options options = EDGESTATIC_RELEASE_OPTIONS_INIT;
  edgestatic_builder *builder = store_builder(text);
  options.collection = collection;
  options.time = time;
  options.expires = expires;
  options.retain_seconds = expires ? 0 : 1000;
  store_add(builder, hashed, hashed, strlen(hashed));
  store_put(site, builder, &options);
}

/* Made once for a test, in the folder "before"; begin copies it, which spares
 * hundreds of fsync. */
static void make_before(void) {
  edgestatic_site *site = store_open(1);
  release_at(site, "live", "one", 1000, 0, "app-3f2a9c1b.js");
  release_at(site, "live", "two", 2000, 0, "app-4e1b8d2c.js");
  release_at(site, "staging", "three", 2000, 0, "app-5d0c7e3a.js");
  release_at(site, "preview-1", "four", 2000, 4000, "app-6c9d1f4b.js");
  release_at(site, "preview-2", "five", 2000, 2400, "app-7b8e2a5c.js");
  /* Room for gc. */
  ck_assert_int_eq(edgestatic_site_expire(site, 2500, UINT32_MAX, NULL), 0);
  edgestatic_site_close(site);
  char *made = strdup(tempdir_path("site"));
  ck_assert_ptr_nonnull(made);
  ck_assert_int_eq(rename(made, tempdir_path("before")), 0);
  free(made);
}

static void copy_file(const char *name) {
  char to[300], from[300], bytes[65536];
  snprintf(from, sizeof from, "before/%s", name);
  snprintf(to, sizeof to, "site/%s", name);
  FILE *in = fopen(tempdir_path(from), "rb");
  ck_assert_ptr_nonnull(in);
  tempdir_folders(to);
  FILE *out = fopen(tempdir_path(to), "wb");
  ck_assert_ptr_nonnull(out);
  for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
    ck_assert_uint_eq(fwrite(bytes, 1, n, out), n);
  fclose(in);
  ck_assert_int_eq(fclose(out), 0);
}

static void each_file(const char *folder, void (*call)(const char *name)) {
  DIR *dir = opendir(tempdir_path(folder));
  if (!dir)
    return;
  for (struct dirent *e; (e = readdir(dir)) != NULL;)
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
      call(e->d_name);
  closedir(dir);
}

static void remove_file(const char *name) {
  char path[300];
  snprintf(path, sizeof path, "site/%s", name);
  ck_assert_int_eq(unlink(tempdir_path(path)), 0);
}

static void begin(void) {
  each_file("site", remove_file);
  each_file("before", copy_file);
}

static long steps, step_at;
static int step_errno;

static void setup(void) {
  steps = step_at = 0;
  step_errno = 0;
  store_setup();
  make_before();
  begin();
}

/* ---- What the store says ---- */

/* All that can be seen of it; every release is whole. */
static void describe(char *text, size_t size) {
  edgestatic_site *site = store_open(0);
  size_t count, at = 0;
  const edgestatic_release *r = edgestatic_site_releases(site, &count);
  for (size_t i = 0; i < count; i++)
    at += (size_t)snprintf(text + at, size - at,
                           "%d until %d keeps %d bytes %d\n", (int)r[i].number,
                           (int)r[i].expires, (int)r[i].retained_until,
                           (int)r[i].bytes);
  size_t releases = count;
  const edgestatic_collection *c = edgestatic_site_collections(site, &count);
  for (size_t i = 0; i < count; i++) {
    at += (size_t)snprintf(text + at, size - at, "%s %d:", c[i].name,
                           (int)c[i].release);
    for (size_t k = 0; k < c[i].before_count; k++)
      at += (size_t)snprintf(text + at, size - at, " %d", (int)c[i].before[k]);
    at += (size_t)snprintf(text + at, size - at, "\n");
  }
  ck_assert_uint_lt(at, size);
  for (size_t i = 0; i < releases; i++) {
    char name[24];
    edgestatic_pack *pack;
    snprintf(name, sizeof name, "%d", (int)site->releases[i].number);
    ck_assert_int_eq(edgestatic_site_pack(site, name, &pack), 0);
    store_verify(pack);
    edgestatic_pack_unref(pack);
  }
  edgestatic_site_close(site);
}

/* ---- Steps ---- */

static int count_step(void) {
  if (++steps != step_at)
    return 0;
  if (step_errno == 0)
    raise(SIGKILL);
  return step_errno;
}

/* Does it in a process of its own, which is killed before step n; whether it
 * was. */
static bool killed_at(const struct operation *op, long n) {
  pid_t pid = fork();
  ck_assert_int_ge(pid, 0);
  if (pid == 0) {
    edgestatic_site *site = store_open(0);
    step_at = n;
    siteio_piece = 512;
    siteio_step = count_step;
    int error = op->run(site);
    edgestatic_site_close(site);
    _exit(error == EDGESTATIC_OK ? 0 : 1);
  }
  int status;
  ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  if (WIFSIGNALED(status)) {
    ck_assert_int_eq(WTERMSIG(status), SIGKILL);
    return true;
  }
  ck_assert_int_eq(WEXITSTATUS(status), 0);
  return false;
}

static void run_whole(const struct operation *op) {
  edgestatic_site *site = store_open(0);
  int error = op->run(site);
  ck_assert_msg(error == EDGESTATIC_OK, "%s: %s", op->name, store_said.text);
  edgestatic_site_close(site);
}

/* Files of the store when nothing else is in it. */
static int own_files(void) {
  edgestatic_site *site = store_open(0);
  size_t count;
  edgestatic_site_releases(site, &count);
  edgestatic_site_close(site);
  return (int)count + 3;
}

START_TEST(killed_at_any_step_the_store_is_the_old_or_the_new_one) {
  const struct operation *op = &operations[_i];
  char old[4096], new[4096], after[4096];
  describe(old, sizeof old);
  run_whole(op);
  describe(new, sizeof new);
  if (op->run != run_gc)
    ck_assert_str_ne(old, new);
  bool was_old = false, was_new = false;
  for (long n = 1;; n++) {
    begin();
    bool killed = killed_at(op, n);
    describe(after, sizeof after);
    bool is_old = strcmp(after, old) == 0, is_new = strcmp(after, new) == 0;
    ck_assert_msg(is_old || is_new, "%s, step %ld:\n%s", op->name, n, after);
    was_old |= is_old;
    was_new |= is_new && killed;
    if (is_old) {
      run_whole(op);
      describe(after, sizeof after);
      ck_assert_str_eq(after, new);
    }
    /* The next writer leaves nothing of the one that was killed. */
    edgestatic_site *site = store_open(0);
    ck_assert_int_eq(edgestatic_site_gc(site, 0, NULL), 0);
    edgestatic_site_close(site);
    ck_assert_int_eq(store_files(), own_files());
    util_free_all();
    if (!killed) {
      ck_assert_int_gt(n, 5);
      break;
    }
  }
  ck_assert(was_old && was_new);
}
END_TEST

START_TEST(a_full_disk_at_any_step_leaves_the_old_store_whole) {
  const struct operation *op = &operations[_i];
  char old[4096], new[4096], after[4096];
  describe(old, sizeof old);
  run_whole(op);
  describe(new, sizeof new);
  begin();
  for (long n = 1;; n++) {
    edgestatic_site *site = store_open(0);
    off_t data = store_data_size();
    steps = 0;
    step_at = n;
    step_errno = ENOSPC;
    siteio_piece = 512;
    siteio_step = count_step;
    store_said = (struct messages){0};
    int error = op->run(site);
    siteio_step = NULL;
    bool reached = steps >= n;
    /* What the same handle shows is what the disk has. */
    size_t count;
    edgestatic_site_releases(site, &count);
    ck_assert_int_eq((int)count + 3, own_files());
    edgestatic_site_close(site);
    describe(after, sizeof after);
    if (error) {
      ck_assert_int_eq(error, EDGESTATIC_ERR_IO);
      assert_said(&store_said, "No space left");
      ck_assert_str_eq(after, old);
      ck_assert_int_eq(store_data_size(), data);
      ck_assert_int_eq(store_files(), own_files());
      util_free_all();
      continue;
    }
    ck_assert_str_eq(after, new);
    util_free_all();
    if (!reached)
      break;
    begin();
  }
}
END_TEST

/* ---- A store that is begun ---- */

START_TEST(killed_while_it_is_made_a_store_can_be_made) {
  for (long n = 1;; n++) {
    each_file("site", remove_file);
    rmdir(tempdir_path("site"));
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
      step_at = n;
      siteio_step = count_step;
      edgestatic_site *site = store_open(1);
      edgestatic_site_close(site);
      _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    edgestatic_site *site = store_open(1);
    store_release(site, "live", "one");
    store_shows(site, "live", "one");
    edgestatic_site_close(site);
    ck_assert_int_eq(store_files(), 4);
    if (!WIFSIGNALED(status)) {
      ck_assert_int_gt(n, 4);
      break;
    }
  }
}
END_TEST

/* ---- Two writers ---- */

static int locked(bool no_wait) {
  edgestatic_site *site = store_open(0);
  site->no_wait = no_wait;
  store_said = (struct messages){0};
  int error = edgestatic_site_promote(site, "staging", "live");
  edgestatic_site_close(site);
  return error;
}

START_TEST(a_second_writer_waits_or_is_told) {
  edgestatic_site *site = store_open(0);
  ck_assert_int_eq(site_lock(site), EDGESTATIC_OK);
  ck_assert_int_eq(locked(true), EDGESTATIC_ERR_BUSY);
  assert_said(&store_said, "another writer is at work");
  pid_t pid = fork();
  ck_assert_int_ge(pid, 0);
  if (pid == 0) {
    /* The lock is the parent's: the child has it from another open file. */
    site_give_lock(site);
    edgestatic_site_close(site);
    _exit(locked(false) == EDGESTATIC_OK && store_said.count == 1 ? 0 : 1);
  }
  struct timespec moment = {.tv_nsec = 200000000};
  nanosleep(&moment, NULL);
  int status;
  ck_assert_int_eq(waitpid(pid, &status, WNOHANG), 0); /* it waits */
  store_shows(site, "live", "two");
  site_unlock(site, EDGESTATIC_OK);
  ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  ck_assert_int_eq(status, 0);
  store_shows(site, "live", "three");
  edgestatic_site_close(site);
}
END_TEST

START_TEST(many_writers_at_once_all_make_their_releases) {
  enum { WRITERS = 4, EACH = 4 };
  edgestatic_site *site = store_open(0);
  uint64_t first = site->state.next;
  edgestatic_site_close(site);
  pid_t pid[WRITERS];
  for (int w = 0; w < WRITERS; w++) {
    pid[w] = fork();
    ck_assert_int_ge(pid[w], 0);
    if (pid[w] == 0) {
      site = store_open(0);
      for (int i = 0; i < EACH; i++) {
        char text[24];
        snprintf(text, sizeof text, "%d.%d", w, i);
        store_release(site, w % 2 ? "live" : "staging", text);
        if (i % 2)
          ck_assert_int_eq(edgestatic_site_gc(site, 0, NULL), EDGESTATIC_OK);
      }
      edgestatic_site_close(site);
      _exit(0);
    }
  }
  /* And a reader meanwhile. */
  site = store_open(0);
  for (int i = 0; i < 200; i++) {
    edgestatic_pack *pack;
    ck_assert_int_eq(edgestatic_site_pack(site, "live", &pack), EDGESTATIC_OK);
    store_verify(pack);
    edgestatic_pack_unref(pack);
  }
  for (int w = 0; w < WRITERS; w++) {
    int status;
    ck_assert_int_eq(waitpid(pid[w], &status, 0), pid[w]);
    ck_assert_int_eq(status, 0);
  }
  ck_assert_int_eq(edgestatic_site_refresh(site, NULL), 0);
  ck_assert_uint_eq(site->state.next, first + WRITERS * EACH);
  char all[16384];
  describe(all, sizeof all);
  edgestatic_site_close(site);
}
END_TEST

int main(void) {
  const int count = sizeof operations / sizeof operations[0];
  TCase *c = tcase_create("site_kill");
  tcase_add_checked_fixture(c, setup, store_teardown);
  tcase_add_loop_test(c, killed_at_any_step_the_store_is_the_old_or_the_new_one,
                      0, count);
  tcase_add_loop_test(c, a_full_disk_at_any_step_leaves_the_old_store_whole, 0,
                      count);
  tcase_add_test(c, killed_while_it_is_made_a_store_can_be_made);
  tcase_add_test(c, a_second_writer_waits_or_is_told);
  tcase_add_test(c, many_writers_at_once_all_make_their_releases);
  return util_run("site_kill", c);
}
