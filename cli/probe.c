/* probe.c - see probe.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "probe.h"

#include "progress.h"
#include "term.h"

#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seconds to connect, and of less than one byte a second. */
#define CONNECT_SECONDS 10L
#define STALL_SECONDS 30L

/* Fields that change what a client does with an answer: they must not come
 * where the pack sends none.  Others (Date, Server, Via ...) may. */
static const char *const unwanted[] = {
    "Content-Encoding", "Content-Range", "Location", "Cache-Control", "ETag",
    "Last-Modified",    "Vary",          "Expires",  "Content-Type",  "Refresh",
    "Set-Cookie"};

/* The next bytes that are expected; empty at the end. */
static edgestatic_slice rest_of_segment(struct probe *probe) {
  while (probe->segment < probe->expected.segment_count) {
    edgestatic_slice rest =
        edgestatic_segment_bytes(probe->store, &probe->expected,
                                 &probe->expected.segment[probe->segment]);
    if (probe->at < rest.len) {
      rest.base += probe->at;
      rest.len -= (size_t)probe->at;
      return rest;
    }
    probe->segment++;
    probe->at = 0;
  }
  return (edgestatic_slice){NULL, 0};
}

static size_t on_content(char *bytes, size_t one, size_t len, void *ctx) {
  struct probe *probe = ctx;
  (void)one; /* always 1 */
  probe->received += len;
  const char *p = bytes;
  for (size_t left = len; left > 0 && !probe->content_differs;) {
    edgestatic_slice want = rest_of_segment(probe);
    size_t n = left < want.len ? left : want.len;
    if (n == 0 || memcmp(want.base, p, n) != 0)
      probe->content_differs = true;
    p += n;
    left -= n;
    probe->at += n;
  }
  return len;
}

static uint64_t expected_length(const struct probe *probe) {
  uint64_t length = 0;
  for (uint32_t i = 0; i < probe->expected.segment_count; i++)
    length += probe->expected.segment[i].length;
  return length;
}

int probe_init(struct probe *probe, const edgestatic_store *store) {
  memset(probe, 0, sizeof *probe);
  probe->store = store;
  probe->easy = curl_easy_init();
  if (!probe->easy)
    return -1;
  curl_easy_setopt(probe->easy, CURLOPT_PRIVATE, probe);
  curl_easy_setopt(probe->easy, CURLOPT_WRITEFUNCTION, on_content);
  curl_easy_setopt(probe->easy, CURLOPT_WRITEDATA, probe);
  curl_easy_setopt(probe->easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(probe->easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(probe->easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(probe->easy, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
  curl_easy_setopt(probe->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(probe->easy, CURLOPT_LOW_SPEED_TIME, STALL_SECONDS);
  return 0;
}

static void forget(struct probe *probe) {
  curl_slist_free_all(probe->fields);
  free(probe->url);
  probe->fields = NULL;
  probe->url = NULL;
}

void probe_free(struct probe *probe) {
  forget(probe);
  curl_easy_cleanup(probe->easy);
}

/* Asked for to see the page of a missing path. */
static const char missing_name[] = "edgestatic-check-asks-for-no-such-file";

/* RFC 3986 section 3.3: what a path may hold stays, the rest is encoded. */
static char *url_of(const char *base, const struct probe_question *question) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789-._~!$&'()*+,;=:@/";
  edgestatic_slice path = question->path;
  size_t base_len = strlen(base);
  char *url = malloc(base_len + 3 * path.len + sizeof missing_name);
  if (!url)
    return NULL;
  memcpy(url, base, base_len);
  char *out = url + base_len;
  for (size_t i = 0; i < path.len; i++) {
    char c = path.base[i];
    if (c != '\0' && strchr(plain, c))
      *out++ = c;
    else
      out += snprintf(out, 4, "%%%02X", (unsigned char)c);
  }
  strcpy(out, question->missing ? missing_name : "");
  return url;
}

/* An absent value leaves a field out, also where libcurl would add one. */
static int add_field(struct probe *probe, const char *name,
                     edgestatic_slice value) {
  char *line = NULL;
  if (asprintf(&line, "%s:%s%.*s", name, value.len ? " " : "", (int)value.len,
               value.base ? value.base : "") < 0)
    return -1;
  struct curl_slist *longer = curl_slist_append(probe->fields, line);
  free(line);
  if (!longer)
    return -1;
  probe->fields = longer;
  return 0;
}

static int add_fields(struct probe *probe, const edgestatic_request *request) {
  static const int ids[] = {
      EDGESTATIC_FIELD_ACCEPT,         EDGESTATIC_FIELD_ACCEPT_ENCODING,
      EDGESTATIC_FIELD_IF_NONE_MATCH,  EDGESTATIC_FIELD_SEC_FETCH_MODE,
      EDGESTATIC_FIELD_SEC_FETCH_DEST, EDGESTATIC_FIELD_AVAILABLE_DICTIONARY};
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
    if (add_field(probe, edgestatic_field_name(ids[i]).base,
                  request->field[ids[i]]) != 0)
      return -1;
  return 0;
}

int probe_ask(struct probe *probe, const char *base,
              const struct probe_question *question) {
  forget(probe);
  probe->question = *question;
  probe->received = 0;
  probe->segment = 0;
  probe->at = 0;
  probe->content_differs = false;
  probe->url = url_of(base, question);
  if (!probe->url)
    return -1;
  edgestatic_request request = {.method = EDGESTATIC_LITERAL("GET")};
  const char *target = probe->url + strlen(base);
  request.target = (edgestatic_slice){target, strlen(target)};
  request.field[EDGESTATIC_FIELD_ACCEPT_ENCODING] = question->accept_encoding;
  request.field[EDGESTATIC_FIELD_IF_NONE_MATCH] = question->if_none_match;
  if (question->dictionary) {
    probe->held[0] = ':';
    base64_encode_raw(probe->held + 1, 32, question->dictionary);
    memcpy(probe->held + PROBE_HELD - 2, ":", 2);
    request.field[EDGESTATIC_FIELD_AVAILABLE_DICTIONARY] =
        (edgestatic_slice){probe->held, PROBE_HELD - 1};
  }
  if (question->navigation) {
    request.field[EDGESTATIC_FIELD_SEC_FETCH_MODE] =
        (edgestatic_slice)EDGESTATIC_LITERAL("navigate");
    request.field[EDGESTATIC_FIELD_SEC_FETCH_DEST] =
        (edgestatic_slice)EDGESTATIC_LITERAL("document");
  }
  edgestatic_respond(probe->store, &request, &probe->expected);
  curl_easy_setopt(probe->easy, CURLOPT_URL, probe->url);
  if (add_fields(probe, &request) != 0)
    return -1;
  curl_easy_setopt(probe->easy, CURLOPT_HTTPHEADER, probe->fields);
  return 0;
}

/* The beginning of a line about a difference. */
static void begin(const struct probe *probe) {
  progress_hide();
  term_print_slice(stdout, probe->question.path);
  fputs(probe->question.missing ? "(missing) (" : " (", stdout);
  term_print_slice(stdout, probe->question.accept_encoding);
  fputs(probe->question.if_none_match.base ? ", revalidated): " : "): ",
        stdout);
}

static const char *received(CURL *easy, const char *name) {
  struct curl_header *field;
  if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &field) != CURLHE_OK)
    return NULL;
  return field->value;
}

static unsigned compare_expected(struct probe *probe) {
  unsigned differences = 0;
  for (uint32_t i = 0; i < probe->expected.field_count; i++) {
    edgestatic_field field =
        edgestatic_response_field(probe->store, &probe->expected, i);
    const char *value = received(probe->easy, field.name.base);
    if (value && strlen(value) == field.value.len &&
        memcmp(value, field.value.base, field.value.len) == 0)
      continue;
    differences++;
    begin(probe);
    term_print_slice(stdout, field.name);
    fputs(value ? " is '" : " is missing", stdout);
    if (value) {
      term_print(stdout, value);
      putchar('\'');
    }
    fputs(", should be '", stdout);
    term_print_slice(stdout, field.value);
    puts("'");
  }
  return differences;
}

static bool is_expected(const struct probe *probe, const char *name) {
  for (uint32_t i = 0; i < probe->expected.field_count; i++)
    if (strcmp(edgestatic_response_field(probe->store, &probe->expected, i)
                   .name.base,
               name) == 0)
      return true;
  return false;
}

static unsigned compare_unwanted(struct probe *probe) {
  unsigned differences = 0;
  for (size_t i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++) {
    const char *value = received(probe->easy, unwanted[i]);
    if (!value || is_expected(probe, unwanted[i]))
      continue;
    differences++;
    begin(probe);
    printf("%s is '", unwanted[i]);
    term_print(stdout, value);
    puts("', should not be there");
  }
  return differences;
}

unsigned probe_compare(struct probe *probe, CURLcode result) {
  if (result != CURLE_OK) {
    begin(probe);
    printf("no whole answer: %s\n", curl_easy_strerror(result));
    return 1;
  }
  long status = 0;
  curl_easy_getinfo(probe->easy, CURLINFO_RESPONSE_CODE, &status);
  if (status != probe->expected.status) {
    begin(probe);
    printf("the status is %ld, should be %d\n", status, probe->expected.status);
    return 1;
  }
  unsigned differences = compare_expected(probe) + compare_unwanted(probe);
  if (probe->content_differs || probe->received != expected_length(probe)) {
    begin(probe);
    puts("the content differs");
    differences++;
  }
  return differences;
}
