/* check_builder.c - from files and bytes to a pack in memory.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "build/builder.h"
#include "core/format.h"

#include "memtest.h"
#include "messages.h"
#include "samples.h"
#include "tempdir.h"
#include "util.h"

#include <sys/time.h>
#include <time.h>

static edgestatic_builder_options options;
static edgestatic_builder *builder;
static edgestatic_pack *pack;
static const edgestatic_store *store;
static struct messages told;
static int free_descriptor; /* the next one, before the test */

static void new_builder(void) {
  edgestatic_builder_free(builder);
  ck_assert_int_eq(edgestatic_builder_new(&builder, &options), EDGESTATIC_OK);
}

/* Descriptors that are left open move the next one up. */
static int next_descriptor(void) {
  int fd = dup(0);
  close(fd);
  return fd;
}

static void setup(void) {
  tempdir_make();
  free_descriptor = next_descriptor();
  memset(&told, 0, sizeof told);
  options = (edgestatic_builder_options)EDGESTATIC_BUILDER_OPTIONS_INIT;
  options.message = messages_keep;
  options.message_ctx = &told;
  options.effort = EDGESTATIC_EFFORT_FAST;
  options.threads = 2;
  builder = NULL;
  pack = NULL;
  new_builder();
}

static void teardown(void) {
  edgestatic_pack_unref(pack);
  edgestatic_builder_free(builder);
  ck_assert_int_eq(next_descriptor(), free_descriptor);
  tempdir_remove();
}

static void add_bytes(const char *path, edgestatic_slice bytes) {
  ck_assert_int_eq(edgestatic_builder_add(builder, util_text(path), bytes.base,
                                          bytes.len, NULL),
                   EDGESTATIC_OK);
}

static void add(const char *path, const char *text) {
  add_bytes(path, util_text(text));
}

static void add_site(void) {
  ck_assert_int_eq(edgestatic_builder_add_dir(builder, tempdir), EDGESTATIC_OK);
}

static void finish(void) {
  edgestatic_pack_unref(pack);
  int error = edgestatic_builder_finish(builder, &pack);
  ck_assert_msg(error == EDGESTATIC_OK, "%d %s: %s", error, told.file,
                told.text);
  store = edgestatic_pack_store(pack);
}

static void finish_fails(int error, const char *words) {
  ck_assert_int_eq(edgestatic_builder_finish(builder, &pack), error);
  ck_assert_ptr_null(pack);
  assert_said(&told, words);
}

static edgestatic_slice body_of(const edgestatic_variant *v) {
  return (edgestatic_slice){(const char *)store->base + v->offset,
                            (size_t)v->size};
}

static edgestatic_asset asset_at(const char *path) {
  uint32_t i = edgestatic_store_find(store, util_text(path));
  ck_assert_msg(i != EDGESTATIC_NONE, "nothing at %s", path);
  return edgestatic_store_asset(store, i);
}

static edgestatic_variant variant_at(const char *path, unsigned coding) {
  edgestatic_asset a = asset_at(path);
  for (uint32_t i = 0; i < a.variant_count; i++) {
    edgestatic_variant v = edgestatic_store_variant(store, a.variant + i);
    if (v.coding == coding)
      return v;
  }
  ck_abort_msg("%s has no variant %u", path, coding);
  return (edgestatic_variant){0};
}

static void has_body(const char *path, const char *text) {
  edgestatic_variant v = variant_at(path, EDGESTATIC_CODING_IDENTITY);
  ck_assert_uint_eq(v.size, strlen(text));
  ck_assert(memcmp(body_of(&v).base, text, strlen(text)) == 0);
}

/* ---- Answers ---- */

static edgestatic_response response;

static void get(const char *target, const char *accept_encoding) {
  edgestatic_request request = {.method = LIT("GET"),
                                .target = util_text(target)};
  if (accept_encoding)
    request.field[EDGESTATIC_FIELD_ACCEPT_ENCODING] =
        util_text(accept_encoding);
  edgestatic_respond(store, &request, &response);
}

/* The value of a field of the response, and who says so, or "". */
static const char *field(const char *name, const char **origin) {
  for (uint32_t i = 0; i < response.field_count; i++) {
    edgestatic_field f = edgestatic_response_field(store, &response, i);
    if (strcmp(f.name.base, name) != 0)
      continue;
    if (origin)
      *origin = f.origin.base;
    return f.value.base;
  }
  return "";
}

static void field_is(const char *name, const char *value, const char *origin) {
  const char *who = "";
  ck_assert_str_eq(field(name, &who), value);
  if (origin)
    ck_assert_str_eq(who, origin);
}

/* ---- Assets from memory ---- */

START_TEST(assets_are_served_with_their_bytes) {
  add("a.txt", "alpha");
  add("docs/b.html", "beta");
  add("empty.css", "");
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 3);
  has_body("/a.txt", "alpha");
  has_body("/docs/b", "beta");
  has_body("/empty.css", "");
  get("/a.txt", NULL);
  ck_assert_int_eq(response.status, 200);
  field_is("Content-Type", "text/plain; charset=utf-8", "mime table");
  field_is("Content-Length", "5", "body");
  field_is("Accept-Ranges", "bytes", "default");
  field_is("X-Content-Type-Options", "nosniff", "default");
  field_is("Last-Modified", "", NULL);
  field_is("Vary", "", NULL);
}
END_TEST

START_TEST(a_path_that_was_added_before_is_replaced) {
  add("a.txt", "one");
  add("b.txt", "other");
  add("a.txt", "two");
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 2);
  has_body("/a.txt", "two");
}
END_TEST

START_TEST(assets_can_be_added_in_any_order) {
  char path[16], seen[300] = {0};
  for (unsigned i = 0; i < 300; i++) {
    snprintf(path, sizeof path, "%u.txt", i * 7 % 300);
    add(path, path);
  }
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 300);
  for (unsigned i = 0; i < 300; i++) {
    snprintf(path, sizeof path, "/%u.txt", i);
    has_body(path, path + 1);
    seen[i] = 1;
  }
  ck_assert_int_eq(seen[299], 1);
}
END_TEST

START_TEST(an_asset_may_have_type_cache_control_and_time_of_its_own) {
  edgestatic_asset_options o = EDGESTATIC_ASSET_OPTIONS_INIT;
  o.type = util_text("application/vnd.example+json");
  o.cache_control = util_text("private");
  o.mtime = 784111777;
  edgestatic_slice bytes = util_text("{}");
  ck_assert_int_eq(edgestatic_builder_add(builder, util_text("api"), bytes.base,
                                          bytes.len, &o),
                   EDGESTATIC_OK);
  finish();
  get("/api", NULL);
  field_is("Content-Type", "application/vnd.example+json", "asset options");
  field_is("Cache-Control", "private", "asset options");
  field_is("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT", "asset options");
  ck_assert_int_eq(asset_at("/api").mtime, 784111777);
}
END_TEST

START_TEST(what_cannot_be_an_asset_is_refused_and_told) {
  static const char *const paths[] = {
      "", "/a.txt", "a//b", "../a", "a/..", "./a", "a\x80.txt", "a\nb", "a/"};
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    memset(&told, 0, sizeof told);
    ck_assert_msg(edgestatic_builder_add(builder, util_text(paths[i]), "x", 1,
                                         NULL) == EDGESTATIC_ERR_INPUT,
                  "%s", paths[i]);
    ck_assert_uint_eq(told.count, 1);
    ck_assert_int_eq(told.severity, EDGESTATIC_ERROR);
  }
  static const char *const values[] = {"", "a\r\nb: c", "a\x7f", "a\nb"};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    edgestatic_asset_options o = EDGESTATIC_ASSET_OPTIONS_INIT;
    o.type = util_text(values[i]);
    ck_assert_int_eq(edgestatic_builder_add(builder, LIT("a"), "x", 1, &o),
                     EDGESTATIC_ERR_INPUT);
    assert_said(&told, "type");
    o.type = (edgestatic_slice){NULL, 0};
    o.cache_control = util_text(values[i]);
    ck_assert_int_eq(edgestatic_builder_add(builder, LIT("a"), "x", 1, &o),
                     EDGESTATIC_ERR_INPUT);
    assert_said(&told, "cache_control");
  }
  edgestatic_asset_options o = EDGESTATIC_ASSET_OPTIONS_INIT;
  char *type = util_alloc(256);
  memset(type, 'a', 256);
  o.type = (edgestatic_slice){type, 256};
  ck_assert_int_eq(edgestatic_builder_add(builder, LIT("a"), "x", 1, &o),
                   EDGESTATIC_ERR_INPUT);
  o.size = 3;
  ck_assert_int_eq(edgestatic_builder_add(builder, LIT("a"), "x", 1, &o),
                   EDGESTATIC_ERR_INPUT);
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 0);
}
END_TEST

START_TEST(options_without_such_a_value_are_refused) {
  edgestatic_builder *none;
  edgestatic_builder_options o = options;
  o.size = 0;
  ck_assert_int_eq(edgestatic_builder_new(&none, &o), EDGESTATIC_ERR_INPUT);
  ck_assert_ptr_null(none);
  o = options;
  o.html_handling = 4;
  ck_assert_int_eq(edgestatic_builder_new(&none, &o), EDGESTATIC_ERR_INPUT);
  o = options;
  o.not_found = -1;
  ck_assert_int_eq(edgestatic_builder_new(&none, &o), EDGESTATIC_ERR_INPUT);
  o = options;
  o.effort = 2;
  ck_assert_int_eq(edgestatic_builder_new(&none, &o), EDGESTATIC_ERR_INPUT);
  ck_assert_int_eq(edgestatic_builder_new(&none, NULL), EDGESTATIC_OK);
  edgestatic_builder_free(none);
  edgestatic_builder_free(NULL);
}
END_TEST

/* ---- Folders ---- */

START_TEST(memory_wins_over_folders_and_a_later_folder_over_an_earlier_one) {
  add("config.js", "from memory");
  tempdir_file("one/config.js", "1");
  tempdir_file("one/a.txt", "1");
  tempdir_file("one/b.txt", "1");
  tempdir_file("two/b.txt", "2");
  char dir[8192];
  snprintf(dir, sizeof dir, "%s", tempdir_path("one"));
  ck_assert_int_eq(edgestatic_builder_add_dir(builder, dir), EDGESTATIC_OK);
  snprintf(dir, sizeof dir, "%s", tempdir_path("two"));
  ck_assert_int_eq(edgestatic_builder_add_dir(builder, dir), EDGESTATIC_OK);
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 3);
  has_body("/config.js", "from memory");
  has_body("/a.txt", "1");
  has_body("/b.txt", "2");
}
END_TEST

START_TEST(a_file_that_changed_since_it_was_added_is_packed_as_it_is_now) {
  tempdir_file("a.txt", "old");
  add_site();
  tempdir_file("a.txt", "newer");
  finish();
  has_body("/a.txt", "newer");
  tempdir_file("a.txt", "newest");
  finish(); /* again, with the same builder */
  has_body("/a.txt", "newest");
}
END_TEST

START_TEST(every_file_that_is_gone_is_told_in_order) {
  tempdir_file("a.txt", "1");
  tempdir_file("b.txt", "2");
  tempdir_file("c.txt", "3");
  add_site();
  ck_assert_int_eq(unlink(tempdir_path("a.txt")), 0);
  ck_assert_int_eq(unlink(tempdir_path("c.txt")), 0);
  finish_fails(EDGESTATIC_ERR_IO, "");
  ck_assert_uint_eq(told.count, 2);
  ck_assert_str_eq(told.file, "c.txt");
}
END_TEST

/* ---- Dedupe ---- */

START_TEST(equal_files_are_one_blob_in_each_coding) {
  edgestatic_slice text = samples_text(20000, 1);
  add_bytes("a.html", text);
  add_bytes("b/c.html", text);
  add_bytes("d.txt", text);
  finish();
  edgestatic_builder_stats stats;
  edgestatic_builder_get_stats(builder, &stats);
  ck_assert_uint_eq(stats.assets, 3);
  ck_assert_uint_eq(stats.input_bytes, 60000);
  ck_assert_uint_eq(stats.coding[EDGESTATIC_CODING_IDENTITY].variants, 3);
  ck_assert_uint_eq(stats.coding[EDGESTATIC_CODING_IDENTITY].before, 60000);
  ck_assert_uint_eq(stats.coding[EDGESTATIC_CODING_BR].variants, 3);
  ck_assert_uint_eq(stats.blobs, 3); /* identity, gzip, br */
  ck_assert_uint_eq(stats.pack_bytes, edgestatic_store_pack_size(store));
  ck_assert_uint_eq(stats.index_bytes, edgestatic_store_index_size(store));
  ck_assert_uint_eq(variant_at("/a", EDGESTATIC_CODING_BR).offset,
                    variant_at("/d.txt", EDGESTATIC_CODING_BR).offset);
}
END_TEST

START_TEST(a_file_that_is_the_encoding_of_another_shares_its_blob) {
  edgestatic_slice text = samples_text(20000, 1);
  add_bytes("a.js", text);
  finish();
  edgestatic_variant gzip = variant_at("/a.js", EDGESTATIC_CODING_GZIP);
  edgestatic_slice bytes = body_of(&gzip);
  add_bytes("a.js.gz", util_bytes(bytes.base, bytes.len));
  add_bytes("0.gz", util_bytes(bytes.base, bytes.len));
  finish();
  ck_assert_uint_eq(variant_at("/a.js", EDGESTATIC_CODING_GZIP).offset,
                    variant_at("/a.js.gz", EDGESTATIC_CODING_IDENTITY).offset);
  ck_assert_uint_eq(variant_at("/a.js", EDGESTATIC_CODING_GZIP).offset,
                    variant_at("/0.gz", EDGESTATIC_CODING_IDENTITY).offset);
}
END_TEST

/* A hash that gives the same for all. */
static void one_hash(const void *bytes, size_t len, unsigned char hash[16]) {
  (void)bytes;
  (void)len;
  memset(hash, 0x55, 16);
}

START_TEST(files_whose_hashes_collide_stay_apart) {
  char dir[8192];
  snprintf(dir, sizeof dir, "%s", tempdir_path("cache"));
  options.cache_dir = dir;
  for (unsigned round = 0; round < 2; round++) { /* by the cache as well */
    new_builder();
    builder->hash = one_hash;
    edgestatic_slice text[5];
    char path[16];
    for (uint32_t i = 0; i < 5; i++) {
      text[i] = samples_text(5000, i + 1);
      snprintf(path, sizeof path, "%u.txt", i);
      add_bytes(path, text[i]);
      snprintf(path, sizeof path, "same%u.txt", i);
      add_bytes(path, text[i]);
    }
    finish();
    for (uint32_t i = 0; i < 5; i++) {
      snprintf(path, sizeof path, "/%u.txt", i);
      edgestatic_variant v = variant_at(path, EDGESTATIC_CODING_IDENTITY);
      ck_assert_uint_eq(v.size, 5000);
      ck_assert(memcmp(body_of(&v).base, text[i].base, 5000) == 0);
      uint64_t br = variant_at(path, EDGESTATIC_CODING_BR).offset;
      snprintf(path, sizeof path, "/same%u.txt", i);
      ck_assert_uint_eq(variant_at(path, EDGESTATIC_CODING_BR).offset, br);
      for (uint32_t k = 0; k < i; k++) {
        snprintf(path, sizeof path, "/%u.txt", k);
        ck_assert_uint_ne(variant_at(path, EDGESTATIC_CODING_BR).offset, br);
      }
    }
  }
}
END_TEST

/* ---- Validators and policy ---- */

START_TEST(an_etag_is_the_xxh3_128_of_the_bytes_of_its_variant) {
  add("a.txt", "hello\n");
  edgestatic_slice text = samples_text(20000, 1);
  add_bytes("b.txt", text);
  finish();
  /* printf 'hello\n' | xxhsum -H128 */
  ck_assert_slice_eq(variant_at("/a.txt", EDGESTATIC_CODING_IDENTITY).etag,
                     "\"6bba86c7e069f56d5a10b435f1c8e49c\"");
  edgestatic_asset b = asset_at("/b.txt");
  ck_assert_uint_eq(b.variant_count, 3);
  for (uint32_t i = 0; i < 3; i++) {
    edgestatic_variant v = edgestatic_store_variant(store, b.variant + i);
    unsigned char hash[16];
    builder_xxh3(body_of(&v).base, (size_t)v.size, hash);
    ck_assert(memcmp(hash, v.hash, 16) == 0);
    for (uint32_t k = 0; k < i; k++)
      ck_assert_str_ne(
          v.etag.base,
          edgestatic_store_variant(store, b.variant + k).etag.base);
  }
}
END_TEST

START_TEST(variants_come_smallest_first_with_identity_last) {
  add_bytes("a.txt", samples_text(20000, 1));
  finish();
  edgestatic_asset a = asset_at("/a.txt");
  uint64_t size = 0;
  for (uint32_t i = 0; i < a.variant_count; i++) {
    edgestatic_variant v = edgestatic_store_variant(store, a.variant + i);
    ck_assert_uint_ge(v.size, size);
    size = v.size;
    ck_assert_int_eq(v.coding == EDGESTATIC_CODING_IDENTITY,
                     i + 1 == a.variant_count);
  }
  get("/a.txt", "gzip, br, zstd");
  field_is("Content-Encoding", "br", "variant");
  field_is("Vary", "Accept-Encoding", "variants");
  get("/a.txt", NULL);
  field_is("Content-Encoding", "", NULL);
  field_is("Vary", "Accept-Encoding", "variants");
}
END_TEST

START_TEST(cache_control_is_by_rule_else_by_kind) {
  ck_assert_int_eq(
      edgestatic_builder_cache_rule(builder, LIT("*.css"), LIT("max-age=5")),
      EDGESTATIC_OK);
  ck_assert_int_eq(
      edgestatic_builder_cache_rule(builder, LIT("*.css"), LIT("a\nb")),
      EDGESTATIC_ERR_INPUT);
  add("a.css", "a{}");
  add("index.html", "<p>");
  finish();
  get("/a.css", NULL);
  field_is("Cache-Control", "max-age=5", "--cache-rule *.css");
  get("/", NULL);
  field_is("Cache-Control", "no-cache", "default: HTML");
}
END_TEST

START_TEST(nosniff_can_be_left_out) {
  options.no_nosniff = 1;
  new_builder();
  add("a.txt", "a");
  finish();
  get("/a.txt", NULL);
  field_is("X-Content-Type-Options", "", NULL);
}
END_TEST

static void file_of(const char *path, int64_t mtime) {
  tempdir_file(path, path);
  const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                    {.tv_sec = (time_t)mtime}};
  ck_assert_int_eq(utimensat(AT_FDCWD, tempdir_path(path), times, 0), 0);
}

START_TEST(a_file_from_the_future_has_no_last_modified) {
  file_of("past.txt", 1000000000);
  file_of("future.txt", (int64_t)time(NULL) + 86400);
  file_of("before.txt", -5);
  add_site();
  finish();
  ck_assert_int_eq(asset_at("/past.txt").mtime, 1000000000);
  ck_assert(asset_at("/future.txt").mtime == INT64_MIN);
  ck_assert(asset_at("/before.txt").mtime == INT64_MIN);
  get("/past.txt", NULL);
  field_is("Last-Modified", "Sun, 09 Sep 2001 01:46:40 GMT", "file");
  get("/future.txt", NULL);
  field_is("Last-Modified", "", NULL);
}
END_TEST

START_TEST(the_source_date_epoch_is_the_newest_last_modified) {
  options.source_date_epoch = 1500000000;
  new_builder();
  file_of("old.txt", 1000000000);
  file_of("new.txt", 1600000000);
  file_of("future.txt", (int64_t)time(NULL) + 86400);
  add_site();
  finish();
  ck_assert_int_eq(asset_at("/old.txt").mtime, 1000000000);
  ck_assert_int_eq(asset_at("/new.txt").mtime, 1500000000);
  ck_assert_int_eq(asset_at("/future.txt").mtime, 1500000000);
  get("/new.txt", NULL);
  field_is("Last-Modified", "Fri, 14 Jul 2017 02:40:00 GMT",
           "source date epoch");
}
END_TEST

/* ---- What is missing ---- */

START_TEST(a_404_page_is_an_error_page_and_stays_a_page) {
  add("404.html", "root");
  add("docs/404.html", "docs");
  add("a.txt", "a");
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 5);
  get("/docs/none", NULL);
  ck_assert_int_eq(response.status, 404);
  ck_assert_uint_eq(response.content_length, 4);
  ck_assert(edgestatic_store_asset(store, response.asset).flags &
            EDGESTATIC_ASSET_ERROR_PAGE);
  field_is("Cache-Control", "no-store", NULL);
  field_is("ETag", "", NULL);
  field_is("Last-Modified", "", NULL);
  field_is("Accept-Ranges", "", NULL);
  get("/none", NULL);
  ck_assert_int_eq(response.status, 404);
  ck_assert_slice_eq(edgestatic_store_asset(store, response.asset).file,
                     "404.html");
  get("/404", NULL);
  ck_assert_int_eq(response.status, 200);
  field_is("Cache-Control", "no-cache", NULL);
  ck_assert_str_ne(field("ETag", NULL), "");
}
END_TEST

START_TEST(without_error_pages_a_404_page_is_a_page_only) {
  options.not_found = EDGESTATIC_NOT_FOUND_NONE;
  new_builder();
  add("404.html", "root");
  finish();
  ck_assert_uint_eq(edgestatic_store_asset_count(store), 1);
  get("/none", NULL);
  ck_assert_int_eq(response.status, 404);
  ck_assert_uint_eq(response.asset, EDGESTATIC_NONE);
}
END_TEST

START_TEST(a_single_page_app_answers_navigations) {
  options.not_found = EDGESTATIC_NOT_FOUND_SPA;
  new_builder();
  add("index.html", "<p>app");
  add("404.html", "<p>none");
  finish();
  static const char vary[] =
      "Accept-Encoding, Accept, Sec-Fetch-Mode, Sec-Fetch-Dest";
  edgestatic_request request = {.method = LIT("GET"),
                                .target = LIT("/deep/link")};
  request.field[EDGESTATIC_FIELD_SEC_FETCH_MODE] = LIT("navigate");
  request.field[EDGESTATIC_FIELD_SEC_FETCH_DEST] = LIT("document");
  edgestatic_respond(store, &request, &response);
  ck_assert_int_eq(response.status, 200);
  ck_assert(edgestatic_store_asset(store, response.asset).flags &
            EDGESTATIC_ASSET_FALLBACK);
  field_is("Vary", vary, "single-page app");
  field_is("Cache-Control", "no-cache", NULL);
  ck_assert_str_ne(field("ETag", NULL), "");
  request.field[EDGESTATIC_FIELD_SEC_FETCH_MODE] = LIT("no-cors");
  request.field[EDGESTATIC_FIELD_SEC_FETCH_DEST] = LIT("script");
  edgestatic_respond(store, &request, &response);
  ck_assert_int_eq(response.status, 404);
  field_is("Vary", vary, "single-page app");
  get("/", NULL);
  ck_assert_int_eq(response.status, 200);
  field_is("Vary", "", NULL);
}
END_TEST

START_TEST(a_single_page_app_needs_its_page) {
  options.not_found = EDGESTATIC_NOT_FOUND_SPA;
  new_builder();
  add("docs/index.html", "x");
  finish_fails(EDGESTATIC_ERR_INPUT, "single-page app");
  ck_assert_str_eq(told.file, "index.html");
}
END_TEST

/* ---- Determinism ---- */

static edgestatic_slice pack_bytes(void) {
  finish();
  return util_bytes(store->base, store->len);
}

static void same_pack(edgestatic_slice expected, const char *how) {
  edgestatic_slice got = pack_bytes();
  ck_assert_msg(got.len == expected.len &&
                    memcmp(got.base, expected.base, got.len) == 0,
                "another pack: %s", how);
}

static edgestatic_slice many[40];

static void add_many(unsigned step) {
  char path[32];
  for (unsigned i = 0; i < 40; i++) {
    unsigned n = i * step % 40; /* step has no factor of 40 */
    snprintf(path, sizeof path, "%u/%u.html", n % 5, n);
    add_bytes(path, many[n]);
  }
}

START_TEST(the_same_input_gives_the_same_bytes_whatever_else) {
  for (uint32_t i = 0; i < 40; i++)
    many[i] = samples_text(i % 7 * 3000 + 100, i % 11 + 1);
  options.threads = 1;
  new_builder();
  add_many(1);
  edgestatic_slice first = pack_bytes();
  same_pack(first, "finished again");
  for (unsigned threads = 1; threads <= 4; threads += 3) {
    options.threads = threads;
    new_builder();
    add_many(threads == 1 ? 7 : 13);
    same_pack(first, "order and threads");
  }
  char dir[8192];
  snprintf(dir, sizeof dir, "%s", tempdir_path("cache"));
  options.cache_dir = dir;
  for (unsigned i = 0; i < 3; i++) {
    new_builder();
    add_many(3);
    same_pack(first, i ? "warm cache" : "cold cache");
    edgestatic_builder_stats stats;
    edgestatic_builder_get_stats(builder, &stats);
    ck_assert_int_eq(stats.cached_blobs > 0, i > 0);
  }
}
END_TEST

START_TEST(other_input_gives_other_bytes) {
  add("a.txt", "a");
  edgestatic_slice a = pack_bytes();
  add("a.txt", "b");
  edgestatic_slice b = pack_bytes();
  ck_assert(a.len != b.len || memcmp(a.base, b.base, a.len) != 0);
}
END_TEST

START_TEST(a_cache_that_cannot_be_used_is_a_warning) {
  tempdir_file("file", "");
  char dir[8192];
  snprintf(dir, sizeof dir, "%s", tempdir_path("file/cache"));
  options.cache_dir = dir;
  new_builder();
  add("a.txt", "a");
  finish();
  ck_assert_uint_eq(told.count, 1);
  ck_assert_int_eq(told.severity, EDGESTATIC_WARNING);
  assert_said(&told, "the cache");
  ck_assert_str_eq(told.file, dir);
}
END_TEST

/* ---- Progress ---- */

struct watched {
  edgestatic_progress last;
  unsigned calls, cancel_at;
};

static int watch(void *ctx, const edgestatic_progress *progress) {
  struct watched *w = ctx;
  ck_assert_uint_le(progress->files_done, progress->files_total);
  ck_assert_uint_le(progress->bytes_done, progress->bytes_total);
  ck_assert_uint_ge(progress->bytes_done, w->last.bytes_done);
  w->last = *progress;
  return ++w->calls == w->cancel_at;
}

START_TEST(progress_ends_with_all_files_and_bytes) {
  struct watched w = {.calls = 0};
  options.progress = watch;
  options.progress_ctx = &w;
  new_builder();
  for (uint32_t i = 0; i < 10; i++) {
    char path[16];
    snprintf(path, sizeof path, "%u", i);
    add_bytes(path, samples_noise(1000, i + 1));
  }
  finish();
  ck_assert_uint_ge(w.calls, 1);
  ck_assert_uint_eq(w.last.files_total, 10);
  ck_assert_uint_eq(w.last.files_done, 10);
  ck_assert_uint_eq(w.last.bytes_done, 10000);
  ck_assert_uint_eq(w.last.bytes_total, 10000);
}
END_TEST

START_TEST(progress_can_cancel_in_each_of_its_calls) {
  for (unsigned at = 1;; at++) {
    struct watched w = {.cancel_at = at};
    options.progress = watch;
    options.progress_ctx = &w;
    new_builder();
    add("a.txt", "a");
    int error = edgestatic_builder_finish(builder, &pack);
    if (w.calls < at) {
      ck_assert_int_eq(error, EDGESTATIC_OK);
      ck_assert_uint_gt(at, 1);
      break;
    }
    ck_assert_int_eq(error, EDGESTATIC_ERR_CANCELLED);
    ck_assert_ptr_null(pack);
  }
}
END_TEST

/* ---- Memory ---- */

static int build_all(const edgestatic_allocator *a, void *arg) {
  edgestatic_builder *b;
  edgestatic_builder_options o = options;
  edgestatic_pack *made = NULL;
  const edgestatic_slice *text = arg;
  o.allocator = *a;
  int error = edgestatic_builder_new(&b, &o);
  if (error)
    return error;
  error = edgestatic_builder_cache_rule(b, LIT("*.x"), LIT("no-store"));
  if (!error)
    error = edgestatic_builder_add(b, LIT("mem/a.html"), text->base, text->len,
                                   NULL);
  if (!error)
    error = edgestatic_builder_add(b, LIT("404.html"), "x", 1, NULL);
  char dir[8192];
  snprintf(dir, sizeof dir, "%s", tempdir_path("site"));
  if (!error)
    error = edgestatic_builder_add_dir(b, dir);
  if (!error)
    error = edgestatic_builder_finish(b, &made);
  ck_assert_int_eq(made != NULL, error == EDGESTATIC_OK);
  edgestatic_pack_unref(made);
  edgestatic_builder_free(b);
  return error;
}

static void site_of_three(void) {
  edgestatic_slice text = samples_text(6000, 2);
  tempdir_file("site/b.html", "b");
  tempdir_bytes("site/docs/c.html", text.base, text.len);
  tempdir_file("site/docs/404.html", "none");
}

START_TEST(each_failing_allocation_is_an_error_without_a_leak) {
  edgestatic_slice text = samples_text(6000, 1);
  site_of_three();
  for (options.threads = 1; options.threads <= 2; options.threads++)
    memtest_fail_each(build_all, &text);
}
END_TEST

START_TEST(a_cache_without_memory_is_done_without) {
  edgestatic_slice text = samples_text(6000, 1);
  site_of_three();
  char dir[8192];
  snprintf(dir, sizeof dir, "%s", tempdir_path("cache"));
  options.cache_dir = dir;
  options.threads = 1;
  unsigned spared = 0;
  for (size_t i = 1;; i++) {
    struct memtest m = MEMTEST_INIT;
    m.fail_at = i;
    const edgestatic_allocator allocator = {memtest_resize, &m};
    int error = build_all(&allocator, &text);
    ck_assert_uint_eq(m.blocks, 0);
    if (m.calls < i)
      break;
    ck_assert(error == EDGESTATIC_ERR_MEMORY || error == EDGESTATIC_OK);
    spared += error == EDGESTATIC_OK;
  }
  ck_assert_uint_gt(spared, 0);
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("builder");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, assets_are_served_with_their_bytes);
  tcase_add_test(tc, a_path_that_was_added_before_is_replaced);
  tcase_add_test(tc, assets_can_be_added_in_any_order);
  tcase_add_test(tc, an_asset_may_have_type_cache_control_and_time_of_its_own);
  tcase_add_test(tc, what_cannot_be_an_asset_is_refused_and_told);
  tcase_add_test(tc, options_without_such_a_value_are_refused);
  tcase_add_test(
      tc, memory_wins_over_folders_and_a_later_folder_over_an_earlier_one);
  tcase_add_test(tc,
                 a_file_that_changed_since_it_was_added_is_packed_as_it_is_now);
  tcase_add_test(tc, every_file_that_is_gone_is_told_in_order);
  tcase_add_test(tc, equal_files_are_one_blob_in_each_coding);
  tcase_add_test(tc, a_file_that_is_the_encoding_of_another_shares_its_blob);
  tcase_add_test(tc, files_whose_hashes_collide_stay_apart);
  tcase_add_test(tc, an_etag_is_the_xxh3_128_of_the_bytes_of_its_variant);
  tcase_add_test(tc, variants_come_smallest_first_with_identity_last);
  tcase_add_test(tc, cache_control_is_by_rule_else_by_kind);
  tcase_add_test(tc, nosniff_can_be_left_out);
  tcase_add_test(tc, a_file_from_the_future_has_no_last_modified);
  tcase_add_test(tc, the_source_date_epoch_is_the_newest_last_modified);
  tcase_add_test(tc, a_404_page_is_an_error_page_and_stays_a_page);
  tcase_add_test(tc, without_error_pages_a_404_page_is_a_page_only);
  tcase_add_test(tc, a_single_page_app_answers_navigations);
  tcase_add_test(tc, a_single_page_app_needs_its_page);
  tcase_add_test(tc, the_same_input_gives_the_same_bytes_whatever_else);
  tcase_add_test(tc, other_input_gives_other_bytes);
  tcase_add_test(tc, a_cache_that_cannot_be_used_is_a_warning);
  tcase_add_test(tc, progress_ends_with_all_files_and_bytes);
  tcase_add_test(tc, progress_can_cancel_in_each_of_its_calls);
  tcase_add_test(tc, each_failing_allocation_is_an_error_without_a_leak);
  tcase_add_test(tc, a_cache_without_memory_is_done_without);
  return util_run("builder", tc);
}
