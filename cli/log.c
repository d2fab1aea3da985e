/* log.c - see log.h.
 *
 * A line is put together in the buffer of stdout and flushed, under a lock, so
 * that lines of several threads never mix and a reader sees each at once.
 * JSON is written by hand: jansson wants UTF-8, which a target need not be,
 * and a tree of objects is much for a line that each request pays for.
 *
 * SPDX-License-Identifier: MIT
 */
#include "config.h"

#include "log.h"

#include "term.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* While the daemon runs nobody else writes to stdout. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void put(const char *text) {
  for (; *text; text++)
    putc_unlocked(*text, stdout);
}

/* Quotes, backslashes, control bytes and what is not ASCII as \xNN, so that
 * no client can forge a line. */
static void put_escaped(edgestatic_slice text) {
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.base[i];
    if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\') {
      char code[5];
      snprintf(code, sizeof code, "\\x%02x", c);
      put(code);
    } else {
      putc_unlocked(c, stdout);
    }
  }
}

void log_common(void *ctx, const edgestatic_mhd_log_entry *entry) {
  (void)ctx;
  /* The names of months do not depend on the locale: main sets none. */
  char stamp[32], rest[64];
  time_t t = (time_t)entry->time;
  struct tm tm;
  strftime(stamp, sizeof stamp, "%d/%b/%Y:%H:%M:%S +0000", gmtime_r(&t, &tm));
  if (entry->content_bytes > 0)
    snprintf(rest, sizeof rest, "\" %d %" PRIu64 "\n", entry->status,
             entry->content_bytes);
  else
    snprintf(rest, sizeof rest, "\" %d -\n", entry->status);
  pthread_mutex_lock(&lock);
  put(entry->client);
  put(" - - [");
  put(stamp);
  put("] \"");
  put_escaped(entry->method);
  put(" ");
  put_escaped(entry->target);
  put(" ");
  put_escaped(entry->version);
  put(rest);
  fflush(stdout);
  pthread_mutex_unlock(&lock);
}

static void put_json(const char *name, edgestatic_slice text) {
  if (!text.base)
    return;
  put(",\"");
  put(name);
  put("\":\"");
  for (size_t i = 0; i < text.len;) {
    size_t n = term_utf8(text.base + i, text.len - i);
    unsigned char c = (unsigned char)text.base[i];
    char code[8];
    if (n == 0) {
      put("\xEF\xBF\xBD"); /* U+FFFD, as json_text has it */
    } else if (c == '"' || c == '\\') {
      putc_unlocked('\\', stdout);
      putc_unlocked(c, stdout);
    } else if (c < 0x20) {
      snprintf(code, sizeof code, "\\u%04x", c);
      put(code);
    } else {
      for (size_t k = 0; k < n; k++)
        putc_unlocked(text.base[i + k], stdout);
    }
    i += n ? n : 1;
  }
  put("\"");
}

void log_json(void *ctx, const edgestatic_mhd_log_entry *entry) {
  (void)ctx;
  char stamp[32], rest[128];
  time_t t = (time_t)entry->time;
  struct tm tm;
  strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
  snprintf(rest, sizeof rest,
           ",\"status\":%d,\"bytes\":%" PRIu64
           ",\"seconds\":%.6f,\"completed\":%s}\n",
           entry->status, entry->content_bytes,
           (double)entry->duration_ns / 1e9,
           entry->completed ? "true" : "false");
  pthread_mutex_lock(&lock);
  put("{\"time\":\"");
  put(stamp);
  put("\",\"client\":\"");
  put(entry->client);
  put("\"");
  put_json("method", entry->method);
  put_json("target", entry->target);
  put_json("version", entry->version);
  put_json("referer", entry->referer);
  put_json("user_agent", entry->user_agent);
  if (entry->site)
    put_json("collection",
             (edgestatic_slice){entry->site, strlen(entry->site)});
  put(rest);
  fflush(stdout);
  pthread_mutex_unlock(&lock);
}
