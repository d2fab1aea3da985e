/* stop.h - signals that ask the command to end, or to read its pack again.
 * SPDX-License-Identifier: MIT */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include <stdbool.h>

/* From now on SIGINT and SIGTERM are noted, once; a second one ends the
 * process at once.  With hangup SIGHUP is noted too, as often as it comes.
 * Returns 0, or -1 with errno. */
int stop_watch(bool hangup);

/* Threads started between these two are not interrupted by the signals. */
void stop_block(void);
void stop_unblock(void);

/* The signal that asked to end, or 0. */
int stop_signal(void);

/* True once for each SIGHUP, or several in a row. */
bool stop_hangup(void);

/* A descriptor that becomes readable when a signal comes; stop_drain makes it
 * wait for the next. */
int stop_fd(void);
void stop_drain(void);

/* Ends the process by the signal, so that a shell sees why. */
void stop_die(void);

#endif
