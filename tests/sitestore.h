/* sitestore.h - a site store in a folder, for its tests.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TESTS_SITESTORE_H
#define EDGESTATIC_TESTS_SITESTORE_H

#include "build/builder.h"
#include "messages.h"
#include "site/siteio.h"
#include "site/store.h"
#include "tempdir.h"
#include "util.h"

#include <dirent.h>

enum { STORE_BIG = 70000 }; /* paged in a pack */

static struct messages store_said;

/* In memory where there is a folder for it: what matters here is the order of
 * steps, and hundreds of fsync take long on a disk. */
static inline void store_setup(void) {
  if (access("/dev/shm", W_OK | X_OK) == 0)
    ck_assert_int_eq(setenv("TMPDIR", "/dev/shm", 0), 0);
  tempdir_make();
  store_said = (struct messages){0};
}

static inline void store_teardown(void) {
  tempdir_remove();
}

/* The store in the folder "site". */
static inline int store_try_open(edgestatic_site **site, int create) {
  edgestatic_site_options options = EDGESTATIC_SITE_OPTIONS_INIT;
  options.create = create;
  options.message = messages_keep;
  options.message_ctx = &store_said;
  return edgestatic_site_open(site, tempdir_path("site"), &options);
}

static inline edgestatic_site *store_open(int create) {
  edgestatic_site *site;
  int error = store_try_open(&site, create);
  ck_assert_msg(error == EDGESTATIC_OK, "%d: %s", error, store_said.text);
  return site;
}

static inline void store_add(edgestatic_builder *builder, const char *path,
                             const void *bytes, size_t len) {
  ck_assert_int_eq(
      edgestatic_builder_add(builder, util_text(path), bytes, len, NULL),
      EDGESTATIC_OK);
}

/* Bytes that no compression makes smaller. */
static inline void *store_noise(size_t len, unsigned seed) {
  unsigned char *bytes = util_alloc(len);
  for (size_t i = 0; i < len; i++) {
    seed = seed * 1664525u + 1013904223u;
    bytes[i] = (unsigned char)(seed >> 24);
  }
  return bytes;
}

/* A site of a page, which says the text, and two files that stay. */
static inline edgestatic_builder *store_builder(const char *text) {
  edgestatic_builder_options options = EDGESTATIC_BUILDER_OPTIONS_INIT;
  edgestatic_builder *builder;
  options.effort = EDGESTATIC_EFFORT_FAST;
  options.threads = 1;
  options.message = messages_keep;
  options.message_ctx = &store_said;
  ck_assert_int_eq(edgestatic_builder_new(&builder, &options), EDGESTATIC_OK);
  store_add(builder, "index.html", text, strlen(text));
  store_add(builder, "a.txt", "it stays", 8);
  store_add(builder, "big.bin", store_noise(STORE_BIG, 1), STORE_BIG);
  return builder;
}

static inline uint64_t store_put(edgestatic_site *site,
                                 edgestatic_builder *builder,
                                 const edgestatic_release_options *options) {
  uint64_t number = 0;
  int error = edgestatic_site_release(site, builder, options, &number);
  ck_assert_msg(error == EDGESTATIC_OK, "%d: %s", error, store_said.text);
  edgestatic_builder_free(builder);
  return number;
}

static inline uint64_t store_release_until(edgestatic_site *site,
                                           const char *collection,
                                           const char *text, int64_t expires) {
  edgestatic_release_options options = EDGESTATIC_RELEASE_OPTIONS_INIT;
  options.collection = collection;
  options.note = text;
  options.expires = expires;
  return store_put(site, store_builder(text), &options);
}

static inline uint64_t store_release(edgestatic_site *site,
                                     const char *collection, const char *text) {
  return store_release_until(site, collection, text, 0);
}

/* One more large file, which nobody else has. */
static inline uint64_t store_release_big(edgestatic_site *site,
                                         const char *collection, char seed) {
  edgestatic_release_options options = EDGESTATIC_RELEASE_OPTIONS_INIT;
  edgestatic_builder *builder = store_builder("big");
  options.collection = collection;
  store_add(builder, "more.bin", store_noise(STORE_BIG, (unsigned char)seed),
            STORE_BIG);
  return store_put(site, builder, &options);
}

static inline int store_find(edgestatic_site *site, const char *name) {
  uint64_t number;
  return edgestatic_site_find(site, name, &number);
}

/* Every body is what its hash says. */
static inline void store_verify(const edgestatic_pack *pack) {
  const edgestatic_store *s = edgestatic_pack_store(pack);
  for (uint32_t i = 0; i < edgestatic_store_variant_count(s); i++) {
    edgestatic_variant v = edgestatic_store_variant(s, i);
    unsigned char hash[16];
    builder_xxh3((const char *)s->base + v.offset, (size_t)v.size, hash);
    ck_assert_mem_eq(hash, v.hash, sizeof hash);
  }
}

/* The page of a release says the text, and the release is whole. */
static inline void store_shows(edgestatic_site *site, const char *name,
                               const char *text) {
  edgestatic_request request = {.method = EDGESTATIC_LITERAL("GET"),
                                .target = EDGESTATIC_LITERAL("/")};
  edgestatic_response response;
  edgestatic_pack *pack;
  int error = edgestatic_site_pack(site, name, &pack);
  ck_assert_msg(error == EDGESTATIC_OK, "%s: %d: %s", name, error,
                store_said.text);
  const edgestatic_store *s = edgestatic_pack_store(pack);
  edgestatic_respond(s, &request, &response);
  ck_assert_int_eq(response.status, 200);
  ck_assert_bytes_eq(
      edgestatic_segment_bytes(s, &response, &response.segment[0]), text);
  store_verify(pack);
  edgestatic_pack_unref(pack);
}

/* How many files the folder has, and the size of its data. */
static inline int store_look(off_t *data) {
  int count = 0;
  DIR *dir = opendir(tempdir_path("site"));
  ck_assert_ptr_nonnull(dir);
  for (struct dirent *e; (e = readdir(dir)) != NULL;) {
    struct stat st;
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
      continue;
    count++;
    ck_assert_int_eq(fstatat(dirfd(dir), e->d_name, &st, 0), 0);
    if (strncmp(e->d_name, "data.", 5) == 0)
      *data = st.st_size;
  }
  closedir(dir);
  return count;
}

static inline off_t store_data_size(void) {
  off_t data = -1;
  store_look(&data);
  return data;
}

static inline int store_files(void) {
  off_t data;
  return store_look(&data);
}

#endif
