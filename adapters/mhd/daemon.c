/* daemon.c - a whole server in one call; see edgestatic_mhd.h.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "listen.h"
#include "log.h"
#include "site.h"
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* 64 MiB of header memory, if all are open. */
#define CONNECTIONS_DEFAULT 4096

/* Descriptors that are left for what is not a connection: packs, logs, epoll.
 */
#define FILES_RESERVED 64

/* Room for the longest target (EDGESTATIC_TARGET_MAX), or for what Chrome sends
 * with 4 to 6 KB of cookies, which libmicrohttpd copies and takes apart.  Not
 * more, since it clears all of it after each request: 32768, its own default,
 * is an eighth of the time of a small one. */
#define HEADER_MEMORY_DEFAULT 16384
#define HEADER_MEMORY_MIN 4096

#define TIMEOUT_DEFAULT 30
#define THREADS_MAX 1024

/* How long a daemon that stops waits for requests that clients may have sent
 * already on connections that are open: a few round trips. */
#define QUIET_MS 100
#define POLL_MS 5

/* Requests of one thread.  Both only grow, so that their sums over all threads
 * can be compared without a lock. */
struct tally {
  _Alignas(CACHE_LINE) atomic_ulong begun;
  atomic_ulong done;
};

struct edgestatic_mhd_daemon {
  _Alignas(CACHE_LINE) edgestatic_mhd *site;
  struct MHD_Daemon *mhd;
  int listener;
  uint16_t port;
  void (*log)(void *ctx, const edgestatic_mhd_log_entry *entry);
  void *log_ctx;
  size_t slots;
  struct tally tally[];
};

/* ---- Requests ---- */

static void count(edgestatic_mhd_daemon *daemon, bool begun) {
  struct tally *tally = &daemon->tally[thread_slot(daemon->slots)];

  /* Released, so that who sees it done sees what was done. */
  atomic_fetch_add_explicit(begun ? &tally->begun : &tally->done, 1,
                            memory_order_release);
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection,
                              const char *url, const char *method,
                              const char *version, const char *upload_data,
                              size_t *upload_data_size, void **con_cls) {
  edgestatic_mhd_daemon *daemon = cls;
  const struct request_line line = {connection, url, method, version};
  struct site_answer answer = {0, 0, NULL};
  struct log_record *record;

  (void)upload_data;
  (void)upload_data_size;
  if (*con_cls == NULL)
    count(daemon, true);
  if (daemon->log == NULL) {
    int outcome = site_handle(daemon->site, &line, con_cls, 0, &answer);
    *con_cls = daemon->site; /* it was begun, whatever came of it */
    return outcome == EDGESTATIC_MHD_CLOSE ? MHD_NO : MHD_YES;
  }
  if (*con_cls == NULL)
    *con_cls = log_begin(&line);
  record = *con_cls;
  if (record == NULL) {
    count(daemon, false);
    return MHD_NO;
  }
  return site_handle(daemon->site, &line, &record->mark, 0, &record->answer) ==
                 EDGESTATIC_MHD_CLOSE
             ? MHD_NO
             : MHD_YES;
}

static void completed(void *cls, struct MHD_Connection *connection,
                      void **con_cls, enum MHD_RequestTerminationCode how) {
  edgestatic_mhd_daemon *daemon = cls;

  if (*con_cls == NULL)
    return;
  count(daemon, false);
  if (daemon->log != NULL)
    log_end(*con_cls, connection, how == MHD_REQUEST_TERMINATED_COMPLETED_OK,
            daemon->log, daemon->log_ctx);
  *con_cls = NULL;
}

/* ---- Starting ---- */

static unsigned connections_default(void) {
  struct rlimit files;
  rlim_t room;

  if (getrlimit(RLIMIT_NOFILE, &files) != 0)
    return CONNECTIONS_DEFAULT;
  /* A connection that sends a large file has two.  Where there is none left
   * for that it is sent from memory, so a third as many will do. */
  room = files.rlim_cur > 2 * FILES_RESERVED
             ? (files.rlim_cur - FILES_RESERVED) / 4 * 3
             : FILES_RESERVED / 2;
  return room < CONNECTIONS_DEFAULT ? (unsigned)room : CONNECTIONS_DEFAULT;
}

static unsigned threads_default(void) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);

  return cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (unsigned)cores;
}

static int check_options(const edgestatic_mhd_daemon_options *o) {
  if (o->size != sizeof *o || o->threads > THREADS_MAX ||
      (o->header_memory != 0 && o->header_memory < HEADER_MEMORY_MIN) ||
      (o->server != NULL && !site_is_server(o->server)))
    return EDGESTATIC_ERR_INPUT;
  return EDGESTATIC_OK;
}

/* Zero stands for a default, but not in *o from here on. */
static void fill_options(edgestatic_mhd_daemon_options *o) {
  if (o->address == NULL)
    o->address = "127.0.0.1";
  if (o->threads == 0)
    o->threads = threads_default();
  if (o->connections == 0)
    o->connections = connections_default();
  if (o->connections < o->threads)
    o->connections = o->threads; /* each thread has its part of them */
  if (o->header_memory == 0)
    o->header_memory = HEADER_MEMORY_DEFAULT;
  if (o->timeout == 0)
    o->timeout = TIMEOUT_DEFAULT;
}

/* libmicrohttpd closes the listener when it stops.  When it cannot start, it
 * may have closed it or not; it is left alone then. */
static struct MHD_Daemon *start_mhd(edgestatic_mhd_daemon *daemon,
                                    const edgestatic_mhd_daemon_options *o) {
  const unsigned flags =
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO | MHD_USE_ITC;
  struct MHD_OptionItem items[] = {
      {MHD_OPTION_LISTEN_SOCKET, daemon->listener, NULL},
      {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)o->connections, NULL},
      {MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)o->connections_per_client,
       NULL},
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)o->header_memory, NULL},
      {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)o->timeout, NULL},
      {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)completed, daemon},
      {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)o->threads, NULL},
      {MHD_OPTION_END, 0, NULL},
  };

  return MHD_start_daemon(flags, 0, NULL, NULL, handle, daemon,
                          MHD_OPTION_ARRAY, edgestatic_mhd_options(),
                          MHD_OPTION_ARRAY, items, MHD_OPTION_END);
}

/* Without a site and a listener yet; NULL without memory. */
static edgestatic_mhd_daemon *
new_daemon(const edgestatic_mhd_daemon_options *o) {
  size_t slots = thread_slots();
  edgestatic_mhd_daemon *daemon =
      aligned_alloc(CACHE_LINE, sizeof *daemon + slots * sizeof(struct tally));

  if (daemon == NULL)
    return NULL;
  *daemon = (edgestatic_mhd_daemon){
      .listener = -1, .log = o->log, .log_ctx = o->log_ctx, .slots = slots};
  for (size_t i = 0; i < slots; i++) {
    atomic_init(&daemon->tally[i].begun, 0);
    atomic_init(&daemon->tally[i].done, 0);
  }
  return daemon;
}

static int start_daemon(edgestatic_mhd_daemon *daemon, edgestatic_live *live,
                        const edgestatic_mhd_daemon_options *o) {
  edgestatic_mhd_site_options site_options = EDGESTATIC_MHD_SITE_OPTIONS_INIT;
  int error;

  site_options.server = o->server;
  site_options.choose = o->choose;
  site_options.choose_ctx = o->choose_ctx;
  error = edgestatic_mhd_new(&daemon->site, live, &site_options);
  if (error == EDGESTATIC_OK)
    error = listen_on(o->address, o->port, &daemon->listener);
  if (error != EDGESTATIC_OK)
    return error;
  daemon->port = listen_port(daemon->listener);
  daemon->mhd = start_mhd(daemon, o);
  return daemon->mhd != NULL ? EDGESTATIC_OK : EDGESTATIC_MHD_ERR_SYSTEM;
}

int edgestatic_mhd_start(edgestatic_mhd_daemon **result, edgestatic_live *live,
                         const edgestatic_mhd_daemon_options *options) {
  edgestatic_mhd_daemon_options o = EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  edgestatic_mhd_daemon *daemon;
  int error;

  *result = NULL;
  if (options != NULL) {
    error = check_options(options);
    if (error != EDGESTATIC_OK)
      return error;
    o = *options;
  }
  fill_options(&o);
  daemon = new_daemon(&o);
  if (daemon == NULL)
    return EDGESTATIC_ERR_MEMORY;
  error = start_daemon(daemon, live, &o);
  if (error != EDGESTATIC_OK) {
    int saved = errno;
    edgestatic_mhd_free(daemon->site);
    free(daemon);
    errno = saved;
    return error;
  }
  *result = daemon;
  return EDGESTATIC_OK;
}

uint16_t edgestatic_mhd_port(const edgestatic_mhd_daemon *daemon) {
  return daemon->port;
}

/* ---- Stopping ---- */

/* Requests that were begun and are not done; *begun: all ever begun.  Done is
 * read first: what is counted as done is then counted as begun, too. */
static unsigned long running(edgestatic_mhd_daemon *daemon,
                             unsigned long *begun) {
  unsigned long done = 0;

  *begun = 0;
  for (size_t i = 0; i < daemon->slots; i++)
    done += atomic_load_explicit(&daemon->tally[i].done, memory_order_acquire);
  for (size_t i = 0; i < daemon->slots; i++)
    *begun +=
        atomic_load_explicit(&daemon->tally[i].begun, memory_order_acquire);
  return *begun - done;
}

static bool has_connections(edgestatic_mhd_daemon *daemon) {
  const union MHD_DaemonInfo *info =
      MHD_get_daemon_info(daemon->mhd, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

  return info == NULL || info->num_connections > 0;
}

/* Waits until no request runs and, for as long as clients have connections, no
 * new one came for a while.  A connection that merely stays open, as those of
 * browsers do, is not waited for. */
static unsigned long wait_until_quiet(edgestatic_mhd_daemon *daemon,
                                      unsigned deadline_ms) {
  const struct timespec pause = {0, POLL_MS * 1000000L};
  unsigned long left, begun, begun_before = 0;
  unsigned quiet_ms = 0;

  for (unsigned ms = 0;; ms += POLL_MS) {
    left = running(daemon, &begun);
    quiet_ms = left == 0 && begun == begun_before ? quiet_ms + POLL_MS : 0;
    begun_before = begun;
    if (left == 0 && (quiet_ms >= QUIET_MS || !has_connections(daemon)))
      return 0;
    if (ms >= deadline_ms)
      return left;
    nanosleep(&pause, NULL);
  }
}

/* Refuses new connections, at once those too that wait in the system's queue.
 *
 * Not by MHD_quiesce_daemon: it and a thread of the pool may both take the
 * listener out of that thread's epoll set, and who comes second panics (up to
 * 1.0.1 at least).  So the descriptor is given another meaning.  Closing the
 * socket takes it out of all sets; in its place stands something that is never
 * ready.  The pause is for a thread that has just taken its last connection
 * and takes the listener out of its set itself before it waits again. */
static void refuse_connections(int listener) {
  const struct timespec pause = {0, POLL_MS * 1000000L};
  int never_ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

  shutdown(listener, SHUT_RDWR);
  /* Without one, threads run idle until the daemon has stopped. */
  if (never_ready < 0)
    return;
  nanosleep(&pause, NULL);
  dup3(never_ready, listener, O_CLOEXEC);
  close(never_ready);
}

unsigned edgestatic_mhd_stop(edgestatic_mhd_daemon *daemon,
                             unsigned deadline_ms) {
  unsigned long left;

  if (daemon == NULL)
    return 0;
  site_drain(daemon->site);
  refuse_connections(daemon->listener);
  left = wait_until_quiet(daemon, deadline_ms);
  MHD_stop_daemon(daemon->mhd); /* closes the listener's descriptor */
  edgestatic_mhd_free(daemon->site);
  free(daemon);
  return (unsigned)left;
}
