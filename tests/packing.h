/* packing.h - a builder and what it makes, for tests.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_TEST_PACKING_H
#define EDGESTATIC_TEST_PACKING_H

#include "core/str.h"

#include "messages.h"
#include "samples.h"
#include "tempdir.h"
#include "util.h"

static edgestatic_builder_options options;
static edgestatic_builder *builder;
static edgestatic_pack *pack;
static const edgestatic_store *store;
static struct messages told;
static int free_descriptor; /* the next one, before the test */

static inline void new_builder(void) {
  edgestatic_builder_free(builder);
  ck_assert_int_eq(edgestatic_builder_new(&builder, &options), EDGESTATIC_OK);
}

/* Descriptors that are left open move the next one up. */
static inline int next_descriptor(void) {
  int fd = dup(0);
  close(fd);
  return fd;
}

static inline void setup(void) {
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

static inline void teardown(void) {
  edgestatic_pack_unref(pack);
  edgestatic_builder_free(builder);
  ck_assert_int_eq(next_descriptor(), free_descriptor);
  tempdir_remove();
}

/* A cache in the folder of the test. */
static inline void use_cache(const char *path) {
  static char dir[8192]; /* outlives the options */
  snprintf(dir, sizeof dir, "%s", tempdir_path(path));
  options.cache_dir = dir;
}

static inline void add_bytes(const char *path, edgestatic_slice bytes) {
  ck_assert_int_eq(edgestatic_builder_add(builder, util_text(path), bytes.base,
                                          bytes.len, NULL),
                   EDGESTATIC_OK);
}

static inline void add(const char *path, const char *text) {
  add_bytes(path, util_text(text));
}

static inline void add_site(void) {
  ck_assert_int_eq(edgestatic_builder_add_dir(builder, tempdir), EDGESTATIC_OK);
}

static inline void finish(void) {
  edgestatic_pack_unref(pack);
  int error = edgestatic_builder_finish(builder, &pack);
  ck_assert_msg(error == EDGESTATIC_OK, "%d %s: %s", error, told.file,
                told.text);
  store = edgestatic_pack_store(pack);
}

static inline void finish_fails(int error, const char *words) {
  ck_assert_int_eq(edgestatic_builder_finish(builder, &pack), error);
  ck_assert_ptr_null(pack);
  assert_said(&told, words);
}

/* ---- Progress ---- */

struct watched {
  edgestatic_progress last;
  unsigned calls, cancel_at;
};

static inline int watch(void *ctx, const edgestatic_progress *progress) {
  struct watched *w = ctx;
  ck_assert_uint_le(progress->files_done, progress->files_total);
  ck_assert_uint_le(progress->bytes_done, progress->bytes_total);
  ck_assert_uint_ge(progress->bytes_done, w->last.bytes_done);
  w->last = *progress;
  return ++w->calls == w->cancel_at;
}

/* A builder that is watched. */
static inline void new_watched(struct watched *w) {
  options.progress = watch;
  options.progress_ctx = w;
  new_builder();
}

/* Cancels the build of what add_all adds in each of its calls in turn; what was
 * seen of the last build, which none cancelled. */
static inline struct watched cancel_in_each(void (*add_all)(void)) {
  for (unsigned at = 1;; at++) {
    struct watched w = {.cancel_at = at};
    new_watched(&w);
    add_all();
    int error = edgestatic_builder_finish(builder, &pack);
    if (w.calls < at) {
      ck_assert_int_eq(error, EDGESTATIC_OK);
      return w;
    }
    ck_assert_int_eq(error, EDGESTATIC_ERR_CANCELLED);
    ck_assert_ptr_null(pack);
  }
}

/* ---- What it made ---- */

static inline edgestatic_slice body_of(const edgestatic_variant *v) {
  return (edgestatic_slice){(const char *)store->base + v->offset,
                            (size_t)v->size};
}

static inline edgestatic_asset asset_at(const char *path) {
  uint32_t i = edgestatic_store_find(store, util_text(path));
  ck_assert_msg(i != EDGESTATIC_NONE, "nothing at %s", path);
  return edgestatic_store_asset(store, i);
}

static inline edgestatic_variant variant_at(const char *path, unsigned coding) {
  edgestatic_asset a = asset_at(path);
  for (uint32_t i = 0; i < a.variant_count; i++) {
    edgestatic_variant v = edgestatic_store_variant(store, a.variant + i);
    if (v.coding == coding)
      return v;
  }
  ck_abort_msg("%s has no variant %u", path, coding);
  return (edgestatic_variant){0};
}

static inline void has_body(const char *path, const char *text) {
  edgestatic_variant v = variant_at(path, EDGESTATIC_CODING_IDENTITY);
  ck_assert_uint_eq(v.size, strlen(text));
  ck_assert(memcmp(body_of(&v).base, text, strlen(text)) == 0);
}

/* ---- Answers ---- */

static edgestatic_response response;

static inline void get(const char *target, const char *accept_encoding) {
  edgestatic_request request = {.method = LIT("GET"),
                                .target = util_text(target)};
  if (accept_encoding)
    request.field[EDGESTATIC_FIELD_ACCEPT_ENCODING] =
        util_text(accept_encoding);
  edgestatic_respond(store, &request, &response);
}

/* The value of a field of the response, and who says so, or "". */
static inline const char *field(const char *name, const char **origin) {
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

static inline void field_is(const char *name, const char *value,
                            const char *origin) {
  const char *who = "";
  ck_assert_str_eq(field(name, &who), value);
  if (origin)
    ck_assert_str_eq(who, origin);
}

#endif
