/* hostrun.c - see hostrun.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "hostrun.h"

#include "fill.h"

#include "../cli.h"
#include "../say.h"
#include "../stop.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* How often to look whether the tool answers, and later whether it lives. */
#define STARTING_MS 50
#define RUNNING_MS 250
/* A server that takes a connection and says nothing is asked again. */
#define ANSWER_MS 2000

static struct addrinfo *look_up(const struct listen *listen) {
  char port[8];
  snprintf(port, sizeof port, "%u", listen->port);
  const struct addrinfo hints = {
      .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
      .ai_socktype = SOCK_STREAM,
  };
  struct addrinfo *list = NULL;
  return getaddrinfo(listen->address, port, &hints, &list) == 0 ? list : NULL;
}

static uint16_t port_of(int fd) {
  struct sockaddr_storage bound = {0};
  socklen_t len = sizeof bound;
  char port[8] = "";
  if (getsockname(fd, (struct sockaddr *)&bound, &len) == 0)
    getnameinfo((struct sockaddr *)&bound, len, NULL, 0, port, sizeof port,
                NI_NUMERICSERV);
  unsigned n = 0;
  for (const char *p = port; *p; p++)
    n = n * 10 + (unsigned)(*p - '0');
  return (uint16_t)n;
}

int hostrun_port(struct listen *listen) {
  struct addrinfo *list = look_up(listen);
  int fd = -1, failed = 1;
  errno = EINVAL;
  if (list) {
    const int yes = 1;
    fd = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
    failed = fd < 0 ||
             setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
             bind(fd, list->ai_addr, list->ai_addrlen) != 0;
  }
  if (failed) {
    say_error("cannot listen on %s port %u: %s", listen->address, listen->port,
              strerror(errno));
    say_hint("choose another by --listen, or 0 for any that is free");
  } else if (listen->port == 0) {
    listen->port = port_of(fd);
  }
  if (fd >= 0)
    close(fd);
  if (list)
    freeaddrinfo(list);
  return failed ? -1 : 0;
}

/* The path of a command as a shell finds it; the caller frees it. */
static char *find(const char *tool) {
  const char *path = getenv("PATH");
  while (path && *path) {
    size_t len = strcspn(path, ":");
    char *file = NULL;
    struct stat st;
    if (asprintf(&file, "%.*s/%s", len ? (int)len : 1, len ? path : ".", tool) <
        0)
      return NULL;
    char *whole =
        access(file, X_OK) == 0 && stat(file, &st) == 0 && S_ISREG(st.st_mode)
            ? realpath(file, NULL)
            : NULL;
    /* Some tools look at the name that they were called by: the link's. */
    if (whole && file[0] == '/') {
      free(whole);
      return file;
    }
    free(file);
    if (whole)
      return whole;
    path += len + (path[len] == ':');
  }
  return NULL;
}

/* In the child, with signals blocked: never returns. */
static void become(const char *path, char *const *argv,
                   char *const *environment, const char *folder, pid_t parent) {
  setpgid(0, 0);
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  bool ready = getppid() == parent && null >= 0 && dup2(null, 0) == 0 &&
               dup2(2, 1) == 1 && (!folder || chdir(folder) == 0);
  for (; ready && *environment; environment++)
    ready = putenv(*environment) == 0;
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  stop_unblock();
  if (ready)
    execv(path, argv);
  say_error("cannot run %s: %s", path, strerror(errno));
  _exit(127);
}

/* Does it answer a request?  Any answer counts. */
static bool answers(const struct listen *listen) {
  struct addrinfo *list = look_up(listen);
  if (!list)
    return false;
  static const char request[] =
      "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  char reply[5] = "";
  int fd = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
  bool yes = false;
  if (fd >= 0 && connect(fd, list->ai_addr, list->ai_addrlen) == 0 &&
      send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0) {
    struct pollfd wait = {fd, POLLIN, 0};
    yes = poll(&wait, 1, ANSWER_MS) == 1 &&
          recv(fd, reply, sizeof reply, MSG_WAITALL) == sizeof reply &&
          memcmp(reply, "HTTP/", sizeof reply) == 0;
  }
  if (fd >= 0)
    close(fd);
  freeaddrinfo(list);
  return yes;
}

/* Until it ends.  Returns what waitpid says. */
static int follow(pid_t child, const char *path, const struct listen *listen) {
  bool ready = false, passed_on = false;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (stop_signal() && !passed_on) {
      kill(-child, stop_signal());
      passed_on = true;
    }
    if (!ready && answers(listen)) {
      char url[LISTEN_URL_MAX];
      say_note("serving at %s until Ctrl-C", listen_url(url, listen));
      ready = true;
    }
    struct pollfd wake = {stop_fd(), POLLIN, 0};
    poll(&wake, 1, ready ? RUNNING_MS : STARTING_MS);
    stop_drain();
  }
  if (!ready && !passed_on && status != 0)
    say_error("%s ended before it answered", path);
  return status;
}

/* Fills the gaps of words into out, which ends with NULL. */
static int fill_words(char **out, const char *const *word,
                      const struct fill *list) {
  for (; *word; word++)
    if ((*out++ = fill_text(*word, list)) == NULL)
      return -1;
  return 0;
}

static int start(const char *path, char *const *argv, char *const *environment,
                 const char *folder, const struct listen *listen) {
  pid_t parent = getpid();
  /* A signal that comes now is passed on when the child can take it. */
  stop_block();
  pid_t child = fork();
  if (child == 0)
    become(path, argv, environment, folder, parent);
  if (child > 0)
    setpgid(child, child); /* it does so too: whoever is first */
  int why = errno;
  stop_unblock();
  if (child < 0) {
    say_error("cannot run %s: %s", path, strerror(why));
    return CLI_USAGE;
  }
  int status = follow(child, path, listen);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int hostrun(const struct hostrun *host, const char *folder, const char *file,
            const struct listen *listen) {
  char *path = find(host->tool);
  if (!path) {
    say_error("%s is not installed, or not on PATH; everything is written",
              host->tool);
    say_hint("install it: %s", host->install);
    return CLI_USAGE;
  }
  char port[8], address[LISTEN_URL_MAX];
  snprintf(port, sizeof port, "%u", listen->port);
  snprintf(address, sizeof address,
           strchr(listen->address, ':') ? "[%s]:%s" : "%s:%s", listen->address,
           port);
  const struct fill list[] = {{"ADDRESS", address},
                              {"HOST", listen->address},
                              {"PORT", port},
                              {"FILE", file},
                              {NULL, NULL}};
  char *argv[HOSTRUN_WORDS_MAX + 1] = {path}, *environment[4] = {NULL};
  int status = CLI_INPUT;
  if (fill_words(argv + 1, host->word, list) != 0 ||
      fill_words(environment, host->environment, list) != 0)
    say_error("%s", strerror(ENOMEM));
  else
    status = start(path, argv, environment, folder, listen);
  for (char **p = argv; *p; p++)
    free(*p);
  for (char **p = environment; *p; p++)
    free(*p);
  return status;
}
