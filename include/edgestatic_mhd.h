/* edgestatic_mhd.h - serve packs behind libmicrohttpd.
 *
 * Two ways, over the same code:
 *
 *   A DAEMON   edgestatic_mhd_start, _port, _stop.  A whole server in one
 *              call; `edgestatic serve` is little more.
 *   A SITE     edgestatic_mhd_new, _handle, _free.  Mounts a site in a daemon
 *              of yours, under a prefix, and leaves the rest to you.
 *
 * Both answer from what an edgestatic_live holds at that moment, so
 * edgestatic_live_swap replaces the site between two requests; a response
 * that is being sent keeps its pack until the last byte.
 *
 * libmicrohttpd parses the requests.  What it lets through against RFC 9112 is
 * refused here with 400 and a closed connection: a missing, repeated or
 * malformed Host (section 3.2), a malformed absolute-form target (3.2.2),
 * field names that are no tokens or are followed by white space (5.1),
 * contradictory or malformed Content-Length and Transfer-Encoding (6.1, 6.3).
 * A static site needs no request content, so a request that brings some is
 * answered without reading it and the connection is closed: nothing that
 * follows it can be taken for another request.
 *
 * Date is sent by libmicrohttpd.  What edgestatic.h says of slices, sizes,
 * errors and threads holds here too.  SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_MHD_H
#define EDGESTATIC_MHD_H

#include "edgestatic.h"

#ifdef __cplusplus
extern "C" {
#endif

struct MHD_Connection; /* these two are of <microhttpd.h> */
struct MHD_OptionItem;

/* ---- Errors, besides those of edgestatic.h ---- */

#define EDGESTATIC_MHD_ERRORS(X)                                               \
  X(ADDRESS, -64, "not an address of this machine in numeric form")            \
  X(PORT_IN_USE, -65, "another program listens on this port")                  \
  X(PERMISSION, -66, "this user may not listen on this port")                  \
  X(SYSTEM, -67, "the system refused a socket or a thread")

enum edgestatic_mhd_error {
#define EDGESTATIC_X(name, code, text) EDGESTATIC_MHD_ERR_##name = (code),
  EDGESTATIC_MHD_ERRORS(EDGESTATIC_X)
#undef EDGESTATIC_X
};

/* One line of English for a code of this header or of edgestatic.h; never
 * NULL, static storage. */
EDGESTATIC_API const char *edgestatic_mhd_strerror(int error);

/* ---- One of several sites ---- */

/* The site that a request is for; all zero before edgestatic_mhd_choose. */
typedef struct edgestatic_mhd_choice {
  /* NULL: there is no such site; 404, and with EDGESTATIC_MHD_FALL_THROUGH a
   * request that is yours.  Must outlive the daemon. */
  edgestatic_live *live;

  /* So many bytes at the beginning of request->target named the site: they
   * are cut off and put before redirects within the site.  A slash has to
   * follow them; where the target, or its path, ends instead, the answer is a
   * redirect to there with a slash. */
  size_t prefix_len;

  unsigned flags;   /* EDGESTATIC_REQUEST_*, to be set too */
  const char *name; /* for the log; must outlive the daemon */
} edgestatic_mhd_choice;

/* Chooses for one request; called by the daemon's threads, several at a time.
 * request is as the core will get it, but its target is a path where it came
 * in absolute form. */
typedef void edgestatic_mhd_choose(void *ctx, const edgestatic_request *request,
                                   edgestatic_mhd_choice *choice);

/* ---- A daemon ---- */

/* One request, for an access log: valid during the call only.  Slices are
 * what the client sent, unescaped: they may hold quotes and any byte but NUL,
 * CR and LF; absent where there was none. */
typedef struct edgestatic_mhd_log_entry {
  const char *client; /* numeric address without port: "192.0.2.1", "::1" */
  edgestatic_slice method;
  edgestatic_slice target;  /* raw, with its query */
  edgestatic_slice version; /* "HTTP/1.1" */
  edgestatic_slice referer;
  edgestatic_slice user_agent;
  int status;
  int completed;          /* 0: the connection broke before the end */
  uint64_t content_bytes; /* of the response's content; 0 for HEAD and 304 */
  int64_t time;           /* when the request's header was complete */
  uint64_t duration_ns;   /* from then to the last byte handed to the system */
  const char *site;       /* the name of the choice; NULL: none was made */
} edgestatic_mhd_log_entry;

typedef struct edgestatic_mhd_daemon_options {
  size_t size; /* sizeof(edgestatic_mhd_daemon_options); the macro sets it */

  /* Numeric: "127.0.0.1", "0.0.0.0", "::1"; "::" takes IPv4 clients too.
   * NULL: "127.0.0.1". */
  const char *address;
  uint16_t port; /* 0: any that is free; edgestatic_mhd_port tells it */

  unsigned threads; /* 0: one for each core */

  /* Connections at one time, over all threads; more wait in the system's
   * queue.  0: as many as the limit of open files allows, at most 4096. */
  unsigned connections;
  /* The same from one address.  0: no such limit, as behind a proxy. */
  unsigned connections_per_client;

  /* Bytes of memory of a connection: the header of its request and that of
   * the response share it; a longer request header gets 431 or 414.
   * 0: 16384.  At least 4096. */
  size_t header_memory;

  /* Seconds without a byte after which a connection is closed.  0: 30. */
  unsigned timeout;

  /* The value of the Server field (RFC 9110 section 10.2.4), a valid field
   * value.  NULL: the field is not sent. */
  const char *server;

  /* Called once for each request that was answered here, by the daemon's
   * threads, several at a time.  Requests that libmicrohttpd could not parse
   * are not among them.  NULL: no log, at no cost. */
  void (*log)(void *ctx, const edgestatic_mhd_log_entry *entry);
  void *log_ctx;

  /* Makes this a daemon of several sites.  NULL: there is one, live. */
  edgestatic_mhd_choose *choose;
  void *choose_ctx;
} edgestatic_mhd_daemon_options;

#define EDGESTATIC_MHD_DAEMON_OPTIONS_INIT                                     \
  { sizeof(edgestatic_mhd_daemon_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

typedef struct edgestatic_mhd_daemon edgestatic_mhd_daemon;

/* Listens and serves what live holds (503 while that is nothing), in threads
 * of its own, until _stop.  live must outlive the daemon; it is NULL with
 * options->choose.  options is copied
 * (strings too); NULL is all defaults.
 * Returns EDGESTATIC_OK and the caller's *daemon, or an error and NULL:
 * EDGESTATIC_ERR_MEMORY; EDGESTATIC_ERR_INPUT when an option has no such value
 * or options->size is not one that was ever published; or
 * EDGESTATIC_MHD_ERR_ADDRESS, _PORT_IN_USE, _PERMISSION or _SYSTEM (with
 * these, errno says why, 0 where the address is no numeric one). */
EDGESTATIC_API int
edgestatic_mhd_start(edgestatic_mhd_daemon **daemon, edgestatic_live *live,
                     const edgestatic_mhd_daemon_options *options);

/* The port that the daemon listens on. */
EDGESTATIC_API uint16_t
edgestatic_mhd_port(const edgestatic_mhd_daemon *daemon);

/* Stops: accepts no more connections, waits until the requests that run are
 * answered but no longer than deadline_ms milliseconds (0: not at all), closes
 * every connection and frees the daemon.  NULL is allowed.  Not to be called
 * from the log callback.
 * Returns the number of requests that were cut off. */
EDGESTATIC_API unsigned edgestatic_mhd_stop(edgestatic_mhd_daemon *daemon,
                                            unsigned deadline_ms);

/* ---- A site in a daemon of yours ---- */

typedef struct edgestatic_mhd_site_options {
  size_t size; /* sizeof(edgestatic_mhd_site_options); the macro sets it */

  /* Where the site is mounted: "/docs" serves /a of the pack at /docs/a, puts
   * the prefix before redirects of the site, and redirects /docs to /docs/.
   * Begins with a slash and does not end with one; characters as in a URL, no
   * "%" or "?".  NULL or "": at the root. */
  const char *prefix;

  /* As in edgestatic_mhd_daemon_options. */
  const char *server;
  edgestatic_mhd_choose *choose; /* gets targets without the prefix */
  void *choose_ctx;
} edgestatic_mhd_site_options;

#define EDGESTATIC_MHD_SITE_OPTIONS_INIT                                       \
  { sizeof(edgestatic_mhd_site_options), 0, 0, 0, 0 }

typedef struct edgestatic_mhd edgestatic_mhd;

/* A site over what live holds; live must outlive it, and is NULL with
 * options->choose.  options is copied (strings too); NULL is all defaults.
 * Returns EDGESTATIC_OK, EDGESTATIC_ERR_MEMORY or EDGESTATIC_ERR_INPUT (an
 * option has no such value). */
EDGESTATIC_API int
edgestatic_mhd_new(edgestatic_mhd **site, edgestatic_live *live,
                   const edgestatic_mhd_site_options *options);

/* After MHD_stop_daemon, never while requests run.  NULL is allowed. */
EDGESTATIC_API void edgestatic_mhd_free(edgestatic_mhd *site);

/* What your daemon has to be started with: among the arguments of
 * MHD_start_daemon, MHD_OPTION_ARRAY, edgestatic_mhd_options().  These options
 * leave the target as the client sent it, since the core decodes it itself,
 * once (your handler then sees the raw url too; MHD_http_unescape decodes it),
 * and set how strict libmicrohttpd is (the gate wants level 1 from 1.0 on;
 * strict, 0.9.75 garbles what it answers where Host is missing).  Static. */
EDGESTATIC_API struct MHD_OptionItem *edgestatic_mhd_options(void);

/* What became of a request, and what the access handler returns for it. */
enum edgestatic_mhd_outcome {
  EDGESTATIC_MHD_CLOSE,   /* no memory to answer: return MHD_NO */
  EDGESTATIC_MHD_HANDLED, /* the site's: return MHD_YES */
  EDGESTATIC_MHD_NOT_MINE /* nothing was done: yours to answer */
};

/* Requests for which the site has no asset are not its own: neither its 404
 * page nor its single-page app is sent, and you can try your routes.  Without
 * this flag every request under the prefix is answered. */
#define EDGESTATIC_MHD_FALL_THROUGH 1u

/* To be called first in the access handler of your daemon, for each call that
 * you get and whose *con_cls you have not set yourself:
 *
 *   switch (edgestatic_mhd_handle(site, connection, url, method, version,
 *                                 con_cls, EDGESTATIC_MHD_FALL_THROUGH)) {
 *   case EDGESTATIC_MHD_HANDLED: return MHD_YES;
 *   case EDGESTATIC_MHD_CLOSE: return MHD_NO;
 *   }
 *   ... your own routes
 *
 * libmicrohttpd calls the handler twice or more for a request.  With *con_cls
 * NULL this is the first call: the request is judged, and if it is the site's,
 * *con_cls is set to a mark (never freed, not to be read) and the answer is
 * given in the second call, since libmicrohttpd closes a connection that is
 * answered in the first.  A request that breaks RFC 9112 (see the top) is
 * answered with 400 whatever its path: your routes are behind the same gate.
 *
 * The daemon must be started with edgestatic_mhd_options, and without
 * MHD_OPTION_URI_LOG_CALLBACK (which sets *con_cls).
 *
 * All arguments but the first and the last are those of your handler.  A
 * request of the site's that brings content is answered in the first call, so
 * upload_data is never the site's.  May be called from several threads at
 * once.  Returns enum edgestatic_mhd_outcome. */
EDGESTATIC_API int edgestatic_mhd_handle(edgestatic_mhd *site,
                                         struct MHD_Connection *connection,
                                         const char *url, const char *method,
                                         const char *version, void **con_cls,
                                         unsigned flags);

#ifdef __cplusplus
}
#endif

#endif
