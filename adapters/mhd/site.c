/* site.c - see site.h and edgestatic_mhd.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "site.h"

#include "cache.h"
#include "prepare.h"

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* A refusal is a line such as "400 Bad Request: ...". */
#define REFUSAL_MAX 160

struct edgestatic_mhd {
  edgestatic_live *live;
  struct cache *cache;
  struct prepare_site prepare;
  size_t prefix_len;
  atomic_bool draining;
};

/* ---- Making and freeing ---- */

bool site_is_server(const char *value) {
  for (const char *c = value; *c != '\0'; c++)
    if (*c < ' ' || *c > '~')
      return false;
  return *value != '\0';
}

static bool is_prefix(const char *prefix) {
  size_t len = strlen(prefix);

  if (len == 0)
    return true;
  if (prefix[0] != '/' || prefix[len - 1] == '/' || len > EDGESTATIC_PATH_MAX)
    return false;
  for (size_t i = 0; i < len; i++)
    if (prefix[i] <= ' ' || prefix[i] > '~' ||
        memchr("\"#%<>?\\^`{|}", prefix[i], 12) != NULL ||
        (prefix[i] == '/' && prefix[i + 1] == '/'))
      return false;
  return true;
}

static char *copy_of(const char *s) {
  size_t size = strlen(s) + 1;
  char *copy = malloc(size);

  if (copy != NULL)
    memcpy(copy, s, size);
  return copy;
}

int edgestatic_mhd_new(edgestatic_mhd **result, edgestatic_live *live,
                       const edgestatic_mhd_site_options *options) {
  static const edgestatic_mhd_site_options defaults =
      EDGESTATIC_MHD_SITE_OPTIONS_INIT;
  edgestatic_mhd *site;
  const char *prefix;

  *result = NULL;
  if (options == NULL)
    options = &defaults;
  prefix = options->prefix != NULL ? options->prefix : "";
  if (options->size != sizeof *options || !is_prefix(prefix) ||
      (options->server != NULL && !site_is_server(options->server)))
    return EDGESTATIC_ERR_INPUT;
  site = calloc(1, sizeof *site);
  if (site == NULL)
    return EDGESTATIC_ERR_MEMORY;
  site->live = live;
  site->prefix_len = strlen(prefix);
  site->prepare.prefix = copy_of(prefix);
  if (options->server != NULL)
    site->prepare.server = copy_of(options->server);
  site->cache = cache_new();
  if (site->prepare.prefix == NULL || site->cache == NULL ||
      (options->server != NULL && site->prepare.server == NULL)) {
    edgestatic_mhd_free(site);
    return EDGESTATIC_ERR_MEMORY;
  }
  *result = site;
  return EDGESTATIC_OK;
}

void edgestatic_mhd_free(edgestatic_mhd *site) {
  if (site == NULL)
    return;
  cache_free(site->cache);
  free(site->prepare.prefix);
  free(site->prepare.server);
  free(site);
}

/* A target that is not unescaped. */
static size_t leave_raw(void *unused, struct MHD_Connection *connection,
                        char *text) {
  (void)unused;
  (void)connection;
  return strlen(text);
}

struct MHD_OptionItem *edgestatic_mhd_options(void) {
  static struct MHD_OptionItem items[] = {
    {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_raw, NULL},
#if MHD_VERSION >= 0x01000000
    {MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1, NULL},
#else
    {MHD_OPTION_STRICT_FOR_CLIENT, 0, NULL},
#endif
    {MHD_OPTION_END, 0, NULL},
  };
  return items;
}

void site_drain(edgestatic_mhd *site) {
  atomic_store_explicit(&site->draining, true, memory_order_relaxed);
}

/* ---- Answers ---- */

/* Queues a response of which the caller gives up its reference. */
static int queue(const struct request_line *line, int status,
                 struct MHD_Response *response) {
  enum MHD_Result queued;

  if (response == NULL)
    return EDGESTATIC_MHD_CLOSE;
  queued = MHD_queue_response(line->connection, (unsigned)status, response);
  MHD_destroy_response(response);
  return queued == MHD_YES ? EDGESTATIC_MHD_HANDLED : EDGESTATIC_MHD_CLOSE;
}

static int send_line(edgestatic_mhd *site, const struct request_line *line,
                     int status, const char *text, struct site_answer *answer) {
  char buffer[REFUSAL_MAX];
  int len = snprintf(buffer, sizeof buffer, "%d: %s\n", status, text);

  answer->status = status;
  answer->content_bytes = (uint64_t)len;
  return queue(line, status,
               prepare_text(&site->prepare, slice_of(buffer, (size_t)len)));
}

/* "/docs" and "/docs?q" for a site under "/docs". */
static int send_to_root(edgestatic_mhd *site, const struct request_line *line,
                        slice query, struct site_answer *answer) {
  char path[EDGESTATIC_PATH_MAX + 1];

  memcpy(path, site->prepare.prefix, site->prefix_len);
  path[site->prefix_len] = '/';
  answer->status = MHD_HTTP_TEMPORARY_REDIRECT;
  return queue(line, answer->status,
               prepare_redirect(&site->prepare,
                                slice_of(path, site->prefix_len + 1), query));
}

static int queue_kept(edgestatic_mhd *site, const struct request_line *line,
                      edgestatic_pack *pack, const edgestatic_response *r) {
  struct cache_shard *shard = cache_lock(site->cache, pack);
  struct MHD_Response *response = cache_find(shard, r->id);
  enum MHD_Result queued = MHD_NO;

  if (response == NULL) {
    response = prepare_response(&site->prepare, pack, r, false);
    if (response != NULL)
      cache_keep(shard, r->id, response);
  }
  if (response != NULL)
    queued =
        MHD_queue_response(line->connection, (unsigned)r->status, response);
  cache_unlock(shard);
  return queued == MHD_YES ? EDGESTATIC_MHD_HANDLED : EDGESTATIC_MHD_CLOSE;
}

static int send_response(edgestatic_mhd *site, const struct request_line *line,
                         edgestatic_pack *pack, const edgestatic_response *r,
                         struct site_answer *answer) {
  bool draining = atomic_load_explicit(&site->draining, memory_order_relaxed);

  answer->status = r->status;
  answer->content_bytes = r->segment_count > 0 ? r->content_length : 0;
  if (!draining && prepare_is_reusable(pack, r))
    return queue_kept(site, line, pack, r);
  return queue(line, r->status,
               prepare_response(&site->prepare, pack, r, draining));
}

/* ---- Requests ---- */

/* What is left of a target under the prefix: "/...", or "" or "?..." where
 * only a slash is missing.  Absent: the target is not the site's. */
static slice under_prefix(const edgestatic_mhd *site, slice target) {
  slice authority, path = target;

  if (site->prefix_len == 0)
    return target; /* in any form: the core judges it */
  gate_cut_absolute(target, &authority, &path);
  if (!slice_starts(path, slice_of(site->prepare.prefix, site->prefix_len)))
    return slice_of(NULL, 0);
  path = slice_skip(path, site->prefix_len);
  return path.len == 0 || path.base[0] == '/' || path.base[0] == '?'
             ? path
             : slice_of(NULL, 0);
}

enum intent {
  ANSWER,       /* whatever the answer is */
  ANSWER_ASSET, /* leave the request alone if there is no asset */
  ASK_ASSET     /* the same, and do not answer yet */
};

static int answer_request(edgestatic_mhd *site, const struct request_line *line,
                          enum intent intent, struct site_answer *answer) {
  struct request_room room;
  edgestatic_request request;
  edgestatic_response response;
  edgestatic_pack *pack;
  int outcome, ruling = request_read(line, &room, &request);

  if (ruling != GATE_PASS)
    return send_line(site, line, gate_status(ruling), gate_text(ruling),
                     answer);
  request.target = under_prefix(site, request.target);
  if (site->prefix_len > 0 &&
      (request.target.len == 0 || request.target.base[0] == '?'))
    return intent == ASK_ASSET
               ? EDGESTATIC_MHD_HANDLED
               : send_to_root(site, line, request.target, answer);
  pack = edgestatic_live_acquire(site->live);
  if (pack == NULL)
    return intent != ANSWER
               ? EDGESTATIC_MHD_NOT_MINE
               : send_line(site, line, MHD_HTTP_SERVICE_UNAVAILABLE,
                           "nothing is published here yet", answer);
  edgestatic_respond(edgestatic_pack_store(pack), &request, &response);
  if (intent != ANSWER && (response.flags & EDGESTATIC_RESPONSE_NOT_FOUND) != 0)
    outcome = EDGESTATIC_MHD_NOT_MINE;
  else if (intent == ASK_ASSET)
    outcome = EDGESTATIC_MHD_HANDLED;
  else
    outcome = send_response(site, line, pack, &response, answer);
  edgestatic_pack_unref(pack);
  return outcome;
}

/* The first call for a request: only what has to end its connection is
 * answered here, since libmicrohttpd then closes it. */
static int first_call(edgestatic_mhd *site, const struct request_line *line,
                      unsigned flags, struct site_answer *answer) {
  struct request_room room;
  slice target;
  int ruling = request_judge(line, &room, &target);
  bool fall_through = (flags & EDGESTATIC_MHD_FALL_THROUGH) != 0;

  if (gate_status(ruling) != 0)
    return send_line(site, line, gate_status(ruling), gate_text(ruling),
                     answer);
  if (under_prefix(site, target).base == NULL)
    return EDGESTATIC_MHD_NOT_MINE;
  if (ruling == GATE_CONTENT)
    return answer_request(site, line, fall_through ? ANSWER_ASSET : ANSWER,
                          answer);
  return fall_through ? answer_request(site, line, ASK_ASSET, answer)
                      : EDGESTATIC_MHD_HANDLED;
}

int site_handle(edgestatic_mhd *site, const struct request_line *line,
                void **con_cls, unsigned flags, struct site_answer *answer) {
  int outcome;

  if (*con_cls == site) /* the mark of the first call */
    return answer_request(site, line, ANSWER, answer);
  if (*con_cls != NULL)
    return EDGESTATIC_MHD_NOT_MINE;
  outcome = first_call(site, line, flags, answer);
  if (outcome == EDGESTATIC_MHD_HANDLED)
    *con_cls = site;
  return outcome;
}

int edgestatic_mhd_handle(edgestatic_mhd *site,
                          struct MHD_Connection *connection, const char *url,
                          const char *method, const char *version,
                          void **con_cls, unsigned flags) {
  struct request_line line = {connection, url, method, version};
  struct site_answer answer = {0, 0};

  return site_handle(site, &line, con_cls, flags, &answer);
}
