/* log.c - see log.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "log.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <time.h>

static uint64_t now_ns(void) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static slice field(const struct request_line *line, const char *name) {
  const char *value =
      MHD_lookup_connection_value(line->connection, MHD_HEADER_KIND, name);

  return value != NULL ? slice_trim(slice_of(value, strlen(value)))
                       : slice_of(NULL, 0);
}

/* Copied, since libmicrohttpd promises its strings only while the handler
 * runs. */
struct log_record *log_begin(const struct request_line *line) {
  struct request_room room;
  const slice from[] = {
      slice_of(line->method, strlen(line->method)),
      request_target(line, &room),
      slice_of(line->version, strlen(line->version)),
      field(line, MHD_HTTP_HEADER_REFERER),
      field(line, MHD_HTTP_HEADER_USER_AGENT),
  };
  enum { COUNT = sizeof from / sizeof from[0] };
  size_t len = COUNT; /* a NUL after each */
  struct log_record *record;
  char *text;

  for (size_t i = 0; i < COUNT; i++)
    len += from[i].len;
  record = calloc(1, sizeof *record + len);
  if (record == NULL)
    return NULL;
  slice *const to[] = {
      &record->entry.method,  &record->entry.target,     &record->entry.version,
      &record->entry.referer, &record->entry.user_agent,
  };
  text = record->text;
  for (size_t i = 0; i < COUNT; i++) {
    if (from[i].base == NULL)
      continue;
    memcpy(text, from[i].base, from[i].len);
    *to[i] = slice_of(text, from[i].len);
    text += from[i].len + 1;
  }
  record->entry.time = (int64_t)time(NULL);
  record->begin_ns = now_ns();
  return record;
}

/* An IPv4 client of an IPv6 socket is written as IPv4. */
static void write_client(struct MHD_Connection *connection, char *text,
                         socklen_t size) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  const struct sockaddr *address = info != NULL ? info->client_addr : NULL;
  const void *bytes = NULL;
  int family = AF_INET;

  text[0] = '\0';
  if (address != NULL && address->sa_family == AF_INET) {
    bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
  } else if (address != NULL && address->sa_family == AF_INET6) {
    const struct in6_addr *in6 =
        &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(in6)) {
      bytes = &in6->s6_addr[12];
    } else {
      bytes = in6;
      family = AF_INET6;
    }
  }
  if (bytes != NULL)
    inet_ntop(family, bytes, text, size);
}

void log_end(struct log_record *record, struct MHD_Connection *connection,
             bool completed,
             void (*log)(void *ctx, const edgestatic_mhd_log_entry *entry),
             void *ctx) {
  char client[INET6_ADDRSTRLEN];

  write_client(connection, client, sizeof client);
  record->entry.client = client;
  record->entry.status = record->answer.status;
  record->entry.content_bytes = record->answer.content_bytes;
  record->entry.site = record->answer.site;
  record->entry.completed = completed;
  record->entry.duration_ns = now_ns() - record->begin_ns;
  log(ctx, &record->entry);
  free(record);
}
