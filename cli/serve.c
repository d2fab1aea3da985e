/* serve.c - `edgestatic serve`: answers requests from a pack, or from a folder
 * that it packs in memory.
 *
 * The first thread waits for signals and changes; the daemon's threads serve
 * what the live holds, so a new pack is one swap.
 *
 * SPDX-License-Identifier: MIT
 */
#include "config.h"

#include "edgestatic_mhd.h"

#include "args.h"
#include "buildopts.h"
#include "choose.h"
#include "collections.h"
#include "listen.h"
#include "log.h"
#include "packfile.h"
#include "progress.h"
#include "say.h"
#include "sitename.h"
#include "stop.h"
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A rebuild begins when the tree was quiet for so long, so that a generator
 * that writes many files causes one; but one that never stops writing does not
 * hold it up for ever.  Milliseconds. */
#define QUIET_MS 100
#define QUIET_MAX_MS 2000
/* How often to look for a folder that went away to be written anew. */
#define GONE_MS 300
/* How long requests that run may take to end. */
#define STOP_MS 10000

enum {
  OPTION_WATCH = OPTION_LONG,
  OPTION_LOG,
  OPTION_BY_HOST,
  OPTION_BY_PREFIX,
  OPTION_BY_COOKIE
};

static const struct option_spec options[] = {
    {'l', "listen", "ADDR:PORT",
     "where to listen [127.0.0.1:8080]; IPv6 as [::1]:8080;\n"
     "port 0 takes any that is free"},
    {OPTION_WATCH, "watch", NULL,
     "serve changes as soon as they are made; no request is\n"
     "dropped, and a build that fails changes nothing"},
    {OPTION_LOG, "log", "FORMAT",
     "access log on standard output: common, json or\n"
     "none [this one]"},
    {OPTION_BY_HOST, "by-host", "PATTERN",
     "of a site store, serve other collections, too:\n"
     "'*.preview.example.com' by the name in place of *,\n"
     "HOST=COLLECTION one by one; may be given many times"},
    {OPTION_BY_PREFIX, "by-prefix", "PATH",
     "the same below a path: /-/ serves /-/COLLECTION/"},
    {OPTION_BY_COOKIE, "by-cookie", "NAME",
     "the same by the value of a cookie"},
    {0, NULL, NULL, NULL},
};

struct server {
  struct build_options build;
  struct listen listen;
  bool watches;
  void (*log)(void *ctx, const edgestatic_mhd_log_entry *entry);

  const char *site; /* DIR, PACK or SITE */
  bool is_dir;
  edgestatic_live *live; /* NULL of a store */

  struct choose_rules rules;
  const char *chosen_by; /* name of an option that set one, or NULL */
  struct sitename store; /* dir is NULL where it is none */
  char *state;           /* the file to watch */
  struct collections *collections;

  struct watch watch;
};

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The folder as a pack in memory, or NULL: told, or cancelled by a signal. */
static edgestatic_pack *build(const struct server *server) {
  edgestatic_builder_stats stats;
  edgestatic_pack *pack =
      build_options_pack(&server->build, server->site, &stats);
  if (pack)
    say_note("packed %u files in %.1f s", stats.assets, stats.seconds);
  return pack;
}

static edgestatic_pack *load(const struct server *server) {
  return server->is_dir ? build(server) : packfile_open(server->site);
}

/* The index holds the hash of every body. */
static bool same(const edgestatic_pack *a, const edgestatic_pack *b) {
  const edgestatic_store *x = edgestatic_pack_store(a);
  const edgestatic_store *y = edgestatic_pack_store(b);
  return x->index_size == y->index_size &&
         memcmp(x->base, y->base, (size_t)x->index_size) == 0;
}

static void reload(struct server *server) {
  if (server->collections) {
    collections_refresh(server->collections);
    return;
  }
  edgestatic_pack *next = load(server);
  if (!next) {
    if (!stop_signal())
      say_hint("still serving %s as it was before", server->site);
    return;
  }
  edgestatic_pack *current = edgestatic_live_acquire(server->live);
  if (current && same(current, next)) {
    say_note("nothing has changed");
  } else {
    edgestatic_live_swap(server->live, next);
    say_note("now serving the new %s", server->site);
  }
  edgestatic_pack_unref(current);
  edgestatic_pack_unref(next);
}

/* When something changed: first and last time, or 0. */
struct changes {
  int64_t first, last;
  bool gone; /* the folder; looked for now and then */
};

static int timeout_of(const struct changes *changes) {
  if (changes->first == 0)
    return changes->gone ? GONE_MS : -1;
  int64_t due = changes->last + QUIET_MS;
  if (due > changes->first + QUIET_MAX_MS)
    due = changes->first + QUIET_MAX_MS;
  int64_t left = due - now_ms();
  return left > 0 ? (int)left : 0;
}

static void note_change(struct changes *changes) {
  changes->last = now_ms();
  if (changes->first == 0)
    changes->first = changes->last;
}

static void follow_changes(struct server *server, struct changes *changes) {
  if (changes->gone || (changes->first && timeout_of(changes) == 0)) {
    bool was_gone = changes->gone;
    changes->gone = watch_renew(&server->watch) != 0;
    if (was_gone && !changes->gone)
      note_change(changes);
    if (changes->gone && !was_gone)
      say_warning("%s has gone; still serving it as it was, until it is back",
                  server->site);
    if (changes->gone)
      changes->first = 0;
  }
  if (changes->first && timeout_of(changes) == 0) {
    changes->first = 0;
    reload(server);
  }
}

/* Until a signal asks to end. */
static void run_until_stopped(struct server *server) {
  struct changes changes = {0};
  while (!stop_signal()) {
    struct pollfd fds[] = {{stop_fd(), POLLIN, 0},
                           {server->watch.fd, POLLIN, 0}};
    poll(fds, server->watches ? 2 : 1, timeout_of(&changes));
    stop_drain();
    if (stop_signal())
      break;
    if (stop_hangup())
      reload(server);
    if (!server->watches)
      continue;
    bool changed = watch_read(&server->watch);
    if (server->collections) {
      if (changed) /* in one step: nothing to wait for */
        reload(server);
      continue;
    }
    if (changed)
      note_change(&changes);
    follow_changes(server, &changes);
  }
}

static int cannot_listen(const struct server *server, int error) {
  int why = errno;
  const char *text = edgestatic_mhd_strerror(error);
  say_error("cannot listen on %s port %u: %s", server->listen.address,
            server->listen.port, text);
  if (error == EDGESTATIC_MHD_ERR_PORT_IN_USE)
    say_hint("choose another by --listen, or 0 for any that is free");
  else if (error == EDGESTATIC_MHD_ERR_PERMISSION)
    say_hint("ports below 1024 need a privilege; choose another by --listen");
  else if (error == EDGESTATIC_MHD_ERR_SYSTEM)
    say_hint("the system says: %s", strerror(why));
  return CLI_NETWORK;
}

static int serve(struct server *server) {
  char server_field[] = "edgestatic";
  edgestatic_mhd_daemon_options daemon_options =
      EDGESTATIC_MHD_DAEMON_OPTIONS_INIT;
  daemon_options.address = server->listen.address;
  daemon_options.port = server->listen.port;
  daemon_options.threads = server->build.builder.threads;
  daemon_options.server = server_field;
  daemon_options.log = server->log;
  if (server->collections) {
    daemon_options.choose = collections_choose;
    daemon_options.choose_ctx = server->collections;
  }

  edgestatic_mhd_daemon *daemon = NULL;
  stop_block(); /* signals are for this thread */
  int error = edgestatic_mhd_start(&daemon, server->live, &daemon_options);
  stop_unblock();
  if (error)
    return cannot_listen(server, error);
  server->listen.port = edgestatic_mhd_port(daemon);
  char url[LISTEN_URL_MAX];
  say_note("serving %s at %s", server->site, listen_url(url, &server->listen));

  run_until_stopped(server);
  unsigned cut = edgestatic_mhd_stop(daemon, STOP_MS);
  if (cut > 0)
    say_warning("stopped; %u requests took too long and were cut off", cut);
  else
    say_note("stopped");
  return CLI_OK;
}

/* The same for a store, which is always watched. */
static int open_and_serve_store(struct server *server) {
  if (asprintf(&server->state, "%s/state", server->store.dir) < 0) {
    server->state = NULL;
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    return CLI_INPUT;
  }
  if (watch_open(&server->watch, server->state, false) != 0)
    return CLI_INPUT;
  server->watches = true;
  server->collections =
      collections_open(server->store.dir, server->store.name, &server->rules);
  int status = server->collections ? serve(server) : CLI_INPUT;
  collections_free(server->collections);
  free(server->state);
  return status;
}

/* From the first pack to the last request. */
static int open_and_serve(struct server *server) {
  /* The watch is set before the site is read: a change in between counts. */
  if (server->watches &&
      watch_open(&server->watch, server->site, server->is_dir) != 0)
    return CLI_INPUT;
  edgestatic_pack *pack = load(server);
  if (!pack && stop_signal())
    stop_die();
  if (!pack)
    return CLI_INPUT;
  int error = edgestatic_live_new(&server->live, pack);
  edgestatic_pack_unref(pack);
  if (error) {
    say_error("%s", edgestatic_strerror(error));
    return CLI_INPUT;
  }
  return serve(server);
}

/* Options that the kind of site has no use for. */
static int check_options(const struct server *server) {
  bool is_plain = server->store.dir && server->store.is_plain;
  if (!server->is_dir && server->build.given) {
    say_error("--%s is for a folder, and %s is none", server->build.given,
              server->site);
    return CLI_USAGE;
  }
  if (server->chosen_by && !is_plain) {
    say_error("%s is for a whole site store, and %s is none", server->chosen_by,
              server->site);
    say_hint("see `edgestatic release --help'");
    return CLI_USAGE;
  }
  return 0;
}

static int start(struct server *server) {
  int refused = check_options(server);
  if (refused != 0)
    return refused;
  /* A terminal that closes ends a server that packs a folder in memory; one
   * of a pack reads the file again. */
  if (stop_watch(!server->is_dir) != 0) {
    say_error("cannot watch for signals: %s", strerror(errno));
    return CLI_INPUT;
  }
  signal(SIGPIPE, SIG_IGN); /* a client that goes away is no reason to end */
  int status =
      server->store.dir ? open_and_serve_store(server) : open_and_serve(server);
  edgestatic_live_free(server->live);
  if (server->watches)
    watch_close(&server->watch);
  return status;
}

static int take_log(struct server *server, const struct args *args) {
  if (strcmp(args->value, "common") == 0)
    server->log = log_common;
  else if (strcmp(args->value, "json") == 0)
    server->log = log_json;
  else if (strcmp(args->value, "none") == 0)
    server->log = NULL;
  else
    return args_bad_value(args, "--log", "common, json or none");
  return 0;
}

static int take_choice(struct server *server, const struct args *args, int id) {
  if (id == OPTION_BY_HOST) {
    server->chosen_by = "--by-host";
    if (choose_by_host(&server->rules, args->value) != 0)
      return args_bad_value(args, "--by-host", CHOOSE_HOST_WANTED);
  } else if (id == OPTION_BY_PREFIX) {
    server->chosen_by = "--by-prefix";
    if (choose_by_prefix(&server->rules, args->value) != 0)
      return args_bad_value(args, "--by-prefix", CHOOSE_PREFIX_WANTED);
  } else {
    server->chosen_by = "--by-cookie";
    if (choose_by_cookie(&server->rules, args->value) != 0)
      return args_bad_value(args, "--by-cookie", CHOOSE_COOKIE_WANTED);
  }
  return 0;
}

static int parse(struct server *server, struct args *args) {
  int id;
  while ((id = args_next(args)) > 0) {
    int status = 0;
    if (id == OPTION_WATCH)
      server->watches = true;
    else if (id == OPTION_LOG)
      status = take_log(server, args);
    else if (id >= OPTION_BY_HOST && id <= OPTION_BY_COOKIE)
      status = take_choice(server, args, id);
    else if (id != 'l')
      status = build_options_take(&server->build, args, id);
    else if (listen_parse(&server->listen, args->value) != 0)
      status = args_bad_value(args, "--listen",
                              "an address and a port, as 127.0.0.1:8080");
    if (status != 0)
      return status;
  }
  if (id < 0)
    return -1;
  server->site = args->operand[0];
  return build_options_finish(&server->build);
}

static int run(struct args *args) {
  struct server server = {.listen = {"127.0.0.1", 8080}, .watch = {.fd = -1}};
  build_options_init(&server.build);
  int status = parse(&server, args);
  if (status == 0 && !sitename_parse(&server.store, server.site))
    server.is_dir = packfile_is_folder(server.site);
  if (status == 0)
    status = start(&server);
  free(server.store.dir);
  build_options_free(&server.build);
  return status < 0 ? args->exit : status;
}

const struct verb verb_serve = {
    "serve",
    "serve a pack, a folder, or a store of releases",
    {"DIR|PACK|SITE", NULL},
    {options, build_option_table, policy_option_table, NULL},
    "Serves a pack over HTTP until it gets SIGINT (Ctrl-C) or SIGTERM; "
    "requests\n"
    "that run are answered first.  SIGHUP makes it read the pack file again.\n"
    "A folder is packed in memory with the options of `build', which are for\n"
    "folders only, but for --threads.\n\n"
    "Of a site store (see `release') it serves the collection `live', or with\n"
    "SITE@NAME another one, and follows what `release', `promote' and "
    "`rollback'\n"
    "do.  Others are served beside it as --by-host, --by-prefix or "
    "--by-cookie\n"
    "say; all but `live' are kept from search engines.",
    "  edgestatic serve site.edgepack\n"
    "  # a preview that follows what you write\n"
    "  edgestatic serve public --fast --watch\n"
    "  # a store of releases, and its previews\n"
    "  edgestatic serve my-site --by-host '*.preview.example.com'\n"
    "  # for the world, with an access log\n"
    "  edgestatic serve site.edgepack --listen 0.0.0.0:80 --log common\n"
    "  # put the next release in place, then tell the server\n"
    "  mv next.edgepack site.edgepack && kill -HUP PID",
    run};
