/* check_guest_wasi.c - a request and its answer as wasi:http hands them over.
 * SPDX-License-Identifier: MIT */
#include "guest/wasi.c"

#include "mkpack.h"
#include "util.h"

enum { METHOD_OTHER = METHOD_COUNT };

/* Byte number n of the pack is n, modulo 251. */
void guest_bodies(const edgestatic_store *store, void *to, uint64_t offset,
                  size_t len) {
  unsigned char *p = to;
  (void)store;
  for (size_t i = 0; i < len; i++)
    p[i] = (unsigned char)((offset + i) % 251);
}

static unsigned char *pack;
static size_t pack_len;

int guest_open(edgestatic_store *store) {
  return edgestatic_store_open(store, pack, pack_len);
}

static struct wasi_head head;
static edgestatic_response response;

static void setup(void) {
  mk *m = mk_new();
  pack = mk_finish(m, &pack_len);
  memset(&head, 0, sizeof head);
  head.path = (struct wasi_text){1, util_text("/a")};
  wasi_begin();
}

static void teardown(void) {
  free(pack);
  util_free_all();
}

static slice value_of(const edgestatic_store *store, const char *name) {
  for (uint32_t i = 0; i < response.field_count; i++) {
    edgestatic_field f = edgestatic_response_field(store, &response, i);
    if (slice_eq_nocase(f.name, util_text(name)))
      return f.value;
  }
  return slice_of(NULL, 0);
}

/* ---- The request ---- */

START_TEST(a_method_has_its_name) {
  static const char *const name[] = {"GET",     "HEAD",   "POST",
                                     "PUT",     "DELETE", "CONNECT",
                                     "OPTIONS", "TRACE",  "PATCH"};
  for (uint8_t i = 0; i < METHOD_COUNT; i++) {
    head.method.kind = i;
    wasi_answer(&head, &response);
    ck_assert_bytes_eq(request.core.method, name[i]);
  }
}
END_TEST

START_TEST(another_method_is_its_text) {
  head.method = (struct wasi_method){METHOD_OTHER, util_text("BREW")};
  wasi_answer(&head, &response);
  ck_assert_bytes_eq(request.core.method, "BREW");
  ck_assert_int_eq(response.status, 405);
}
END_TEST

START_TEST(without_a_path_the_target_is_the_root) {
  head.path.some = 0;
  wasi_answer(&head, &response);
  ck_assert_bytes_eq(request.core.target, "/");
}
END_TEST

/* JavaScript hosts hand over what the client sent. */
START_TEST(an_absolute_form_is_left_to_the_core) {
  head.path.text = util_text("http://user@host/a");
  wasi_answer(&head, &response);
  ck_assert_int_eq(response.status, 400);
}
END_TEST

START_TEST(https_is_a_secured_connection) {
  wasi_answer(&head, &response);
  ck_assert_uint_eq(request.core.flags & EDGESTATIC_REQUEST_TLS, 0);
  head.scheme.some = 1;
  wasi_begin();
  wasi_answer(&head, &response);
  ck_assert_uint_eq(request.core.flags & EDGESTATIC_REQUEST_TLS, 0);
  head.scheme.scheme.kind = 1;
  wasi_begin();
  wasi_answer(&head, &response);
  ck_assert_uint_ne(request.core.flags & EDGESTATIC_REQUEST_TLS, 0);
}
END_TEST

START_TEST(fields_are_found_by_name_and_joined) {
  struct wasi_field field[] = {
      {util_text("accept"), util_text("text/html")},
      {util_text("x-other"), util_text("1")},
      {util_text("Accept"), util_text("image/png")},
  };
  head.fields = (struct wasi_fields){field, 3};
  wasi_answer(&head, &response);
  ck_assert_bytes_eq(request.core.field[EDGESTATIC_FIELD_ACCEPT],
                     "text/html, image/png");
}
END_TEST

START_TEST(the_authority_stands_in_for_a_host_that_is_kept_back) {
  head.authority = (struct wasi_text){1, util_text("example.org:8080")};
  wasi_answer(&head, &response);
  ck_assert_bytes_eq(request.core.field[EDGESTATIC_FIELD_HOST],
                     "example.org:8080");
}
END_TEST

START_TEST(a_host_that_is_given_is_taken) {
  struct wasi_field field = {util_text("host"), util_text("a.example")};
  head.fields = (struct wasi_fields){&field, 1};
  head.authority = (struct wasi_text){1, util_text("b.example")};
  wasi_answer(&head, &response);
  ck_assert_bytes_eq(request.core.field[EDGESTATIC_FIELD_HOST], "a.example");
}
END_TEST

/* ---- Room ---- */

START_TEST(blocks_are_aligned_and_apart) {
  char *a = wasi_room(NULL, 0, 1, 3);
  char *b = wasi_room(NULL, 0, 4, 8);
  char *c = wasi_room(NULL, 0, 8, 16);
  ck_assert_uint_eq((uintptr_t)b % 4, 0);
  ck_assert_uint_eq((uintptr_t)c % 8, 0);
  ck_assert(b >= a + 3);
  ck_assert(c >= b + 8);
}
END_TEST

START_TEST(the_last_block_grows_in_place) {
  char *a = wasi_room(NULL, 0, 1, 4);
  memcpy(a, "abcd", 4);
  ck_assert_ptr_eq(wasi_room(a, 4, 1, 8), a);
  ck_assert_ptr_eq(wasi_room(a, 8, 1, 6), a);
  ck_assert_mem_eq(a, "abcd", 4);
  ck_assert_ptr_eq(wasi_room(NULL, 0, 1, 1), a + 6);
}
END_TEST

START_TEST(another_block_grows_elsewhere) {
  char *a = wasi_room(NULL, 0, 1, 4);
  memcpy(a, "abcd", 4);
  char *b = wasi_room(NULL, 0, 1, 4);
  char *c = wasi_room(a, 4, 1, 8);
  ck_assert(c >= b + 4);
  ck_assert_mem_eq(c, "abcd", 4);
}
END_TEST

START_TEST(all_the_room_can_be_taken_and_no_more) {
  ck_assert_ptr_nonnull(wasi_room(NULL, 0, 1, GUEST_TEXT_MAX));
  ck_assert_ptr_nonnull(wasi_room(NULL, 0, 1, 0));
  ck_assert_ptr_null(wasi_room(NULL, 0, 1, 1));
  ck_assert_ptr_null(wasi_room(NULL, 0, 8, SIZE_MAX));
  wasi_begin();
  ck_assert_ptr_nonnull(wasi_room(NULL, 0, 1, 1));
}
END_TEST

START_TEST(fields_without_room_are_431) {
  wasi_room(NULL, 0, 1, GUEST_TEXT_MAX + 1);
  /* What the host has handed over lies one over the other: not to be read. */
  head.fields = (struct wasi_fields){NULL, 5};
  const edgestatic_store *store = wasi_answer(&head, &response);
  ck_assert_int_eq(response.status, 431);
  ck_assert_bytes_eq(
      edgestatic_segment_bytes(store, &response, response.segment),
      "431 Request Header Fields Too Large\n");
  head.method.kind = 1; /* HEAD */
  wasi_answer(&head, &response);
  ck_assert_int_eq(response.status, 431);
  ck_assert_uint_eq(response.segment_count, 0);
}
END_TEST

/* Nor is the text of a method that the variant does not name. */
START_TEST(without_room_an_unknown_method_is_not_read) {
  wasi_room(NULL, 0, 1, GUEST_TEXT_MAX + 1);
  head.method = (struct wasi_method){METHOD_OTHER, {NULL, 4}};
  wasi_answer(&head, &response);
  ck_assert_int_eq(response.status, 431);
  ck_assert_uint_eq(response.segment_count, 1);
}
END_TEST

START_TEST(a_target_without_room_is_414) {
  wasi_room(NULL, 0, 1, GUEST_TEXT_MAX + 1);
  head.path.text = (slice){NULL, GUEST_TEXT_MAX + 1};
  wasi_answer(&head, &response);
  ck_assert_int_eq(response.status, 414);
}
END_TEST

/* ---- The response ---- */

#define NO_SITE "500 Internal Server Error: " GUEST_NO_PACK "\n"

START_TEST(without_a_site_it_is_500_with_a_line_that_says_so) {
  pack_len = 0;
  const edgestatic_store *store = wasi_answer(&head, &response);
  ck_assert_int_eq(response.status, 500);
  ck_assert_uint_eq(response.segment_count, 1);
  ck_assert_bytes_eq(
      edgestatic_segment_bytes(store, &response, response.segment), NO_SITE);
  char length[20];
  snprintf(length, sizeof length, "%zu", sizeof NO_SITE - 1);
  ck_assert_bytes_eq(value_of(store, "content-length"), length);

  head.method.kind = 1; /* HEAD */
  wasi_answer(&head, &response);
  ck_assert_uint_eq(response.segment_count, 0);
  ck_assert_bytes_eq(value_of(store, "content-length"), length);
}
END_TEST

START_TEST(a_response_has_its_fields_as_a_list) {
  const edgestatic_store *store = wasi_answer(&head, &response);
  ck_assert_int_eq(response.status, 404);
  struct wasi_fields list = wasi_fields(store, &response);
  ck_assert_uint_eq(list.count, response.field_count);
  for (uint32_t i = 0; i < list.count; i++) {
    edgestatic_field f = edgestatic_response_field(store, &response, i);
    ck_assert(slice_eq(list.field[i].name, f.name));
    ck_assert(slice_eq(list.field[i].value, f.value));
  }
}
END_TEST

START_TEST(too_many_fields_are_no_list) {
  const edgestatic_store *store = wasi_answer(&head, &response);
  response.field_count = FIELDS_MAX + 1;
  ck_assert_uint_eq(wasi_fields(store, &response).count, 0);
}
END_TEST

START_TEST(a_chunk_is_filled_from_several_segments) {
  const edgestatic_store *store = wasi_answer(&head, &response);
  memcpy(response.text, "headtail", 8);
  response.segment_count = 3;
  response.segment[0] = (edgestatic_segment){0, 4, EDGESTATIC_IN_TEXT};
  response.segment[1] = (edgestatic_segment){351, 3, EDGESTATIC_IN_PACK};
  response.segment[2] = (edgestatic_segment){4, 4, EDGESTATIC_IN_TEXT};

  for (size_t size = 1; size < 13; size++) {
    struct guest_body body;
    char all[11];
    size_t len = 0, filled;
    guest_body(&body, store, &response);
    do {
      char *chunk = util_alloc(size);
      filled = wasi_fill(&body, chunk, size);
      ck_assert_uint_eq(filled, size < 11 - len ? size : 11 - len);
      memcpy(all + len, chunk, filled);
      len += filled;
    } while (filled > 0);
    ck_assert_mem_eq(all, "head\x64\x65\x66tail", 11);
  }
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("guest wasi");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, a_method_has_its_name);
  tcase_add_test(tc, another_method_is_its_text);
  tcase_add_test(tc, without_a_path_the_target_is_the_root);
  tcase_add_test(tc, an_absolute_form_is_left_to_the_core);
  tcase_add_test(tc, https_is_a_secured_connection);
  tcase_add_test(tc, fields_are_found_by_name_and_joined);
  tcase_add_test(tc, the_authority_stands_in_for_a_host_that_is_kept_back);
  tcase_add_test(tc, a_host_that_is_given_is_taken);
  tcase_add_test(tc, blocks_are_aligned_and_apart);
  tcase_add_test(tc, the_last_block_grows_in_place);
  tcase_add_test(tc, another_block_grows_elsewhere);
  tcase_add_test(tc, all_the_room_can_be_taken_and_no_more);
  tcase_add_test(tc, fields_without_room_are_431);
  tcase_add_test(tc, without_room_an_unknown_method_is_not_read);
  tcase_add_test(tc, a_target_without_room_is_414);
  tcase_add_test(tc, without_a_site_it_is_500_with_a_line_that_says_so);
  tcase_add_test(tc, a_response_has_its_fields_as_a_list);
  tcase_add_test(tc, too_many_fields_are_no_list);
  tcase_add_test(tc, a_chunk_is_filled_from_several_segments);
  return util_run("guest wasi", tc);
}
