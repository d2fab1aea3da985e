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
  edgestatic_live *live; /* NULL with choose */
  edgestatic_mhd_choose *choose;
  void *choose_ctx;
  struct cache *cache;
  struct prepare_site prepare;
  char *prefix; /* what prepare.prefix is of */
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
      (options->server != NULL && !site_is_server(options->server)) ||
      (live == NULL) != (options->choose != NULL))
    return EDGESTATIC_ERR_INPUT;
  site = calloc(1, sizeof *site);
  if (site == NULL)
    return EDGESTATIC_ERR_MEMORY;
  site->live = live;
  site->choose = options->choose;
  site->choose_ctx = options->choose_ctx;
  site->prefix = copy_of(prefix);
  site->prepare.prefix = slice_of(site->prefix, strlen(prefix));
  if (options->server != NULL)
    site->prepare.server = copy_of(options->server);
  site->cache = cache_new();
  if (site->prefix == NULL || site->cache == NULL ||
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
  free(site->prefix);
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

/* What answers one request. */
struct place {
  edgestatic_live *live;
  struct prepare_site prepare;
  bool own_prefix; /* prepare.prefix was chosen for this request */
};

/* "/docs" and "/docs?q" for a site under "/docs". */
static int send_to_root(const struct place *place,
                        const struct request_line *line, slice query,
                        struct site_answer *answer) {
  answer->status = MHD_HTTP_TEMPORARY_REDIRECT;
  return queue(line, answer->status, prepare_redirect(&place->prepare, query));
}

static int queue_in(struct cache_shard *shard, const struct place *place,
                    const struct request_line *line, edgestatic_pack *pack,
                    const edgestatic_response *r) {
  struct MHD_Response *response = cache_find(shard, r->id);
  enum MHD_Result queued = MHD_NO;

  if (response == NULL) {
    response = prepare_response(&place->prepare, pack, r, false);
    if (response != NULL)
      cache_keep(shard, r->id, response);
  }
  if (response != NULL)
    queued =
        MHD_queue_response(line->connection, (unsigned)r->status, response);
  return queued == MHD_YES ? EDGESTATIC_MHD_HANDLED : EDGESTATIC_MHD_CLOSE;
}

static int send_response(edgestatic_mhd *site, const struct place *place,
                         const struct request_line *line, edgestatic_pack *pack,
                         const edgestatic_response *r,
                         struct site_answer *answer) {
  bool draining = atomic_load_explicit(&site->draining, memory_order_relaxed);
  struct cache_shard *shard = NULL;
  int outcome;

  answer->status = r->status;
  answer->content_bytes = r->segment_count > 0 ? r->content_length : 0;
  if (!draining && prepare_is_reusable(pack, place->own_prefix, r))
    shard = cache_lock(site->cache, place->live, pack);
  if (shard == NULL)
    return queue(line, r->status,
                 prepare_response(&place->prepare, pack, r, draining));
  outcome = queue_in(shard, place, line, pack, r);
  cache_unlock(shard);
  return outcome;
}

/* ---- Requests ---- */

/* A path that ends with the prefix. */
static bool lacks_slash(slice path) {
  return path.len == 0 || path.base[0] == '?';
}

/* What is left of a target under the prefix: "/...", or "" or "?..." where
 * only a slash is missing.  Absent: the target is not the site's. */
static slice under_prefix(const edgestatic_mhd *site, slice target) {
  slice authority, path = target, prefix = site->prepare.prefix;

  if (prefix.len == 0 && site->choose == NULL)
    return target; /* in any form: the core judges it */
  gate_cut_absolute(target, &authority, &path);
  if (!slice_starts(path, prefix))
    return slice_of(NULL, 0);
  path = slice_skip(path, prefix.len);
  if (prefix.len == 0)
    return lacks_slash(path) ? target : path;
  return lacks_slash(path) || path.base[0] == '/' ? path : slice_of(NULL, 0);
}

/* Finds the place of a request and cuts off what named it.  False: there is
 * no such site. */
static bool find_place(const edgestatic_mhd *site, edgestatic_request *request,
                       struct place *place, struct site_answer *answer) {
  edgestatic_mhd_choice choice = {NULL, 0, 0, NULL};
  size_t before = site->prepare.prefix.len;

  *place = (struct place){site->live, site->prepare, false};
  if (site->choose == NULL)
    return true;
  site->choose(site->choose_ctx, request, &choice);
  answer->site = choice.name;
  if (choice.live == NULL)
    return false;
  place->live = choice.live;
  request->flags |= choice.flags;
  if (choice.prefix_len > 0 && choice.prefix_len <= request->target.len) {
    place->own_prefix = true;
    place->prepare.prefix =
        slice_of(request->target.base - before, before + choice.prefix_len);
    request->target = slice_skip(request->target, choice.prefix_len);
  }
  return true;
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
  struct place place;
  int outcome, ruling = request_read(line, &room, &request);

  if (ruling != GATE_PASS)
    return send_line(site, line, gate_status(ruling), gate_text(ruling),
                     answer);
  request.target = under_prefix(site, request.target);
  if (!find_place(site, &request, &place, answer))
    return intent != ANSWER ? EDGESTATIC_MHD_NOT_MINE
                            : send_line(site, line, MHD_HTTP_NOT_FOUND,
                                        "there is no such site here", answer);
  if (place.prepare.prefix.len > 0 && lacks_slash(request.target))
    return intent == ASK_ASSET
               ? EDGESTATIC_MHD_HANDLED
               : send_to_root(&place, line, request.target, answer);
  pack = edgestatic_live_acquire(place.live);
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
    outcome = send_response(site, &place, line, pack, &response, answer);
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
  struct site_answer answer = {0, 0, NULL};

  return site_handle(site, &line, con_cls, flags, &answer);
}
