/* stop.c - see stop.h.  A handler notes the signal and writes to a pipe, which
 * poll can wait for beside other descriptors.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t end_signal, hangups;
static int pipe_fd[2] = {-1, -1};

static void note(int number) {
  int saved = errno;
  if (number == SIGHUP)
    hangups = 1;
  else
    end_signal = number;
  /* A full pipe wakes poll as well as one byte more would. */
  ssize_t written = write(pipe_fd[1], "", 1);
  (void)written;
  errno = saved;
}

static int open_pipe(void) {
  if (pipe(pipe_fd) != 0)
    return -1;
  for (int i = 0; i < 2; i++)
    if (fcntl(pipe_fd[i], F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(pipe_fd[i], F_SETFL, O_NONBLOCK) != 0)
      return -1;
  return 0;
}

int stop_watch(bool hangup) {
  if (open_pipe() != 0)
    return -1;
  struct sigaction action = {.sa_handler = note,
                             .sa_flags = SA_RESTART | (int)SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGINT, &action, NULL) != 0 ||
      sigaction(SIGTERM, &action, NULL) != 0)
    return -1;
  action.sa_flags = SA_RESTART;
  return hangup ? sigaction(SIGHUP, &action, NULL) : 0;
}

static void mask(int how) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(how, &set, NULL);
}

void stop_block(void) {
  mask(SIG_BLOCK);
}

void stop_unblock(void) {
  mask(SIG_UNBLOCK);
}

int stop_signal(void) {
  return end_signal;
}

bool stop_hangup(void) {
  bool any = hangups != 0;
  hangups = 0;
  return any;
}

int stop_fd(void) {
  return pipe_fd[0];
}

void stop_drain(void) {
  char bytes[64];
  while (read(pipe_fd[0], bytes, sizeof bytes) > 0)
    continue;
}

void stop_die(void) {
  signal(end_signal, SIG_DFL);
  raise(end_signal);
}
