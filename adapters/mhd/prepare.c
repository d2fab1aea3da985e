/* prepare.c - see prepare.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "prepare.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <unistd.h>

/* From this many bytes on, a body of a pack file is sent by sendfile.  It
 * saves a copy, but costs a response and a descriptor for each request, and
 * libmicrohttpd sends 128 KiB at a time.  Measured, microseconds of CPU for a
 * body from memory / by sendfile: 64 KiB 16/21, 256 KiB 47/75, 512 KiB
 * 114/103, 1 MiB 145-212/173-331, 2 MiB 444/222, 8 MiB 1900/670. */
#define SENDFILE_MIN (2 * 1024 * 1024)

/* ---- Content ---- */

static bool is_in_pack(const edgestatic_segment *segment) {
  return segment->place == EDGESTATIC_IN_PACK;
}

/* What HEAD leaves out is prepared all the same: libmicrohttpd takes the
 * Content-Length from it, and a GET with the same id can use it. */
static uint32_t segment_count(const edgestatic_response *r) {
  return (r->flags & EDGESTATIC_RESPONSE_HEAD) != 0 ? r->content_count
                                                    : r->segment_count;
}

static bool wants_sendfile(edgestatic_pack *pack,
                           const edgestatic_response *r) {
  uint64_t shift;

  return segment_count(r) == 1 && is_in_pack(&r->segment[0]) &&
         r->segment[0].length >= SENDFILE_MIN &&
         edgestatic_pack_fd(pack, &shift) >= 0;
}

static bool has_location(edgestatic_pack *pack, const edgestatic_response *r) {
  for (uint32_t i = 0; i < r->field_count; i++)
    if (slice_eq_nocase(
            edgestatic_response_field(edgestatic_pack_store(pack), r, i).name,
            LIT(MHD_HTTP_HEADER_LOCATION)))
      return true;
  return false;
}

bool prepare_is_reusable(edgestatic_pack *pack, bool own_prefix,
                         const edgestatic_response *r) {
  return r->id != 0 && !wants_sendfile(pack, r) &&
         !(own_prefix && has_location(pack, r));
}

static void unref_pack(void *pack) {
  edgestatic_pack_unref(pack);
}

/* RFC 9110 section 8.6: a 304 has the Content-Length of the 200 or none.  None
 * is better, since some clients then wait for content; but before 0.9.77
 * libmicrohttpd always announces the length of what it does not send.  The
 * bytes are not read. */
static struct MHD_Response *not_modified(const edgestatic_store *store,
                                         const edgestatic_response *r) {
#if MHD_VERSION >= 0x00097701
  (void)store;
  (void)r;
  return MHD_create_response_empty(MHD_RF_HEAD_ONLY_RESPONSE);
#else
  static char unread[1];
  uint64_t size = r->variant == EDGESTATIC_NONE
                      ? 0
                      : edgestatic_store_variant(store, r->variant).size;

  return MHD_create_response_from_buffer((size_t)size, unread,
                                         MHD_RESPMEM_PERSISTENT);
#endif
}

/* libmicrohttpd closes the descriptor, so it gets one of its own.  NULL when
 * there is none left. */
static struct MHD_Response *from_file(edgestatic_pack *pack,
                                      const edgestatic_segment *segment) {
  uint64_t shift;
  int fd = fcntl(edgestatic_pack_fd(pack, &shift), F_DUPFD_CLOEXEC, 0);
  struct MHD_Response *response;

  if (fd < 0)
    return NULL;
  response = MHD_create_response_from_fd_at_offset64(segment->length, fd,
                                                     segment->offset - shift);
  if (response == NULL)
    close(fd);
  return response;
}

static struct MHD_Response *from_pack(edgestatic_pack *pack, slice bytes) {
  struct MHD_Response *response =
      MHD_create_response_from_buffer_with_free_callback_cls(
          bytes.len, (void *)(uintptr_t)bytes.base, unref_pack,
          edgestatic_pack_ref(pack));

  if (response == NULL)
    edgestatic_pack_unref(pack);
  return response;
}

/* Several segments: those in the pack stay there, the text is copied behind
 * the list. */
struct parts {
  edgestatic_pack *pack;
  struct MHD_IoVec vector[EDGESTATIC_SEGMENTS_MAX];
  char text[];
};

static void free_parts(void *cls) {
  struct parts *parts = cls;

  edgestatic_pack_unref(parts->pack);
  free(parts);
}

static struct MHD_Response *from_parts(edgestatic_pack *pack,
                                       const edgestatic_response *r) {
  const edgestatic_store *store = edgestatic_pack_store(pack);
  uint32_t count = segment_count(r);
  size_t text_len = 0;
  struct parts *parts;
  struct MHD_Response *response;
  char *text;

  for (uint32_t i = 0; i < count; i++)
    if (!is_in_pack(&r->segment[i]))
      text_len += (size_t)r->segment[i].length;
  parts = malloc(sizeof *parts + text_len);
  if (parts == NULL)
    return NULL;
  parts->pack = edgestatic_pack_ref(pack);
  text = parts->text;
  for (uint32_t i = 0; i < count; i++) {
    slice s = edgestatic_segment_bytes(store, r, &r->segment[i]);
    if (!is_in_pack(&r->segment[i])) {
      memcpy(text, s.base, s.len);
      s.base = text;
      text += s.len;
    }
    parts->vector[i].iov_base = s.base;
    parts->vector[i].iov_len = s.len;
  }
  response =
      MHD_create_response_from_iovec(parts->vector, count, free_parts, parts);
  if (response == NULL)
    free_parts(parts);
  return response;
}

static struct MHD_Response *with_content(edgestatic_pack *pack,
                                         const edgestatic_response *r) {
  const edgestatic_store *store = edgestatic_pack_store(pack);

  if (r->status == MHD_HTTP_NOT_MODIFIED)
    return not_modified(store, r);
  if (segment_count(r) == 0 || r->content_length == 0)
    return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
  if (wants_sendfile(pack, r)) {
    struct MHD_Response *response = from_file(pack, &r->segment[0]);
    if (response != NULL)
      return response;
  }
  if (segment_count(r) == 1 && is_in_pack(&r->segment[0]))
    return from_pack(pack, edgestatic_segment_bytes(store, r, &r->segment[0]));
  return from_parts(pack, r);
}

/* ---- Fields ---- */

static bool add(struct MHD_Response *response, const char *name,
                const char *value) {
  return MHD_add_response_header(response, name, value) != MHD_NO;
}

static bool add_location(struct MHD_Response *response, slice first,
                         slice second, slice third) {
  char *value = malloc(first.len + second.len + third.len + 1);
  char *end = value;
  bool added;

  if (value == NULL)
    return false;
  memcpy(end, first.base, first.len);
  memcpy(end += first.len, second.base, second.len);
  memcpy(end += second.len, third.base, third.len);
  end[third.len] = '\0';
  added = add(response, MHD_HTTP_HEADER_LOCATION, value);
  free(value);
  return added;
}

/* A path of this site, but not "//host/path" (RFC 3986 section 4.2). */
static bool is_path(slice s) {
  return s.len > 0 && s.base[0] == '/' && (s.len == 1 || s.base[1] != '/');
}

/* Fields that libmicrohttpd makes, and Server where the site has one.  A pack
 * that was opened has no Transfer-Encoding. */
static bool is_ours(const struct prepare_site *site, slice name) {
  return slice_eq_nocase(name, LIT(MHD_HTTP_HEADER_CONTENT_LENGTH)) ||
         slice_eq_nocase(name, LIT(MHD_HTTP_HEADER_DATE)) ||
         slice_eq_nocase(name, LIT(MHD_HTTP_HEADER_CONNECTION)) ||
         (site->server != NULL &&
          slice_eq_nocase(name, LIT(MHD_HTTP_HEADER_SERVER)));
}

static bool add_field(const struct prepare_site *site,
                      struct MHD_Response *response,
                      const edgestatic_field *field) {
  /* limit: libmicrohttpd cannot send a field with an empty value. */
  if (field->value.len == 0 || is_ours(site, field->name))
    return true;
  if (site->prefix.len > 0 && is_path(field->value) &&
      slice_eq_nocase(field->name, LIT(MHD_HTTP_HEADER_LOCATION)))
    return add_location(response, site->prefix, field->value, LIT(""));
  return add(response, field->name.base, field->value.base);
}

static bool add_server(const struct prepare_site *site,
                       struct MHD_Response *response) {
  return site->server == NULL ||
         add(response, MHD_HTTP_HEADER_SERVER, site->server);
}

static struct MHD_Response *unless(bool failed, struct MHD_Response *response) {
  if (!failed)
    return response;
  MHD_destroy_response(response);
  return NULL;
}

struct MHD_Response *prepare_response(const struct prepare_site *site,
                                      edgestatic_pack *pack,
                                      const edgestatic_response *r,
                                      bool close_after) {
  struct MHD_Response *response = with_content(pack, r);
  bool good;

  if (response == NULL)
    return NULL;
  good = add_server(site, response) &&
         (!close_after || add(response, MHD_HTTP_HEADER_CONNECTION, "close"));
  for (uint32_t i = 0; good && i < r->field_count; i++) {
    edgestatic_field field =
        edgestatic_response_field(edgestatic_pack_store(pack), r, i);
    good = add_field(site, response, &field);
  }
  return unless(!good, response);
}

struct MHD_Response *prepare_text(const struct prepare_site *site, slice text) {
  struct MHD_Response *response = MHD_create_response_from_buffer(
      text.len, (void *)(uintptr_t)text.base, MHD_RESPMEM_MUST_COPY);

  return response == NULL
             ? NULL
             : unless(!add_server(site, response) ||
                          !add(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                               "text/plain; charset=utf-8"),
                      response);
}

struct MHD_Response *prepare_redirect(const struct prepare_site *site,
                                      slice query) {
  struct MHD_Response *response = prepare_text(site, LIT(""));

  return response == NULL
             ? NULL
             : unless(!add_location(response, site->prefix, LIT("/"), query),
                      response);
}
