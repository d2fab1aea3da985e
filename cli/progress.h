/* progress.h - how far a long job is, on standard error: a bar with the time
 * left on a terminal, a line every few seconds elsewhere, nothing for a job
 * that is done at once.  One job at a time.  SPDX-License-Identifier: MIT */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds of a clock that only goes on. */
double progress_clock(void);

/* what: "packing".  silent: show nothing. */
void progress_begin(const char *what, bool silent);

/* done of total bytes (total 0: not known yet); items is shown beside them,
 * "12 of 345 files".  May be called as often as one likes. */
void progress_at(uint64_t done, uint64_t total, uint64_t items_done,
                 uint64_t items_total, const char *items);

/* Takes the bar away, so that a line can be printed; it comes back. */
void progress_hide(void);

void progress_end(void);

#endif
