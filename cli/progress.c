/* progress.c - see progress.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "progress.h"

#include "term.h"

#include <time.h>

/* A bar that moves smoothly, and lines that do not flood a log. */
#define BAR_INTERVAL 0.1
#define LINE_INTERVAL 5.0
/* An estimate from less than this would jump about. */
#define ESTIMATE_SECONDS 1.0
#define ESTIMATE_SHARE 0.02

static struct {
  const char *what;
  bool active, tty, shown;
  double start, last;
} job;

double progress_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_begin(const char *what, bool silent) {
  job.what = what;
  job.active = !silent;
  job.tty = term_is_tty(stderr);
  job.shown = false;
  job.start = job.last = progress_clock();
}

static void print_left(double share, double elapsed) {
  if (elapsed < ESTIMATE_SECONDS || share < ESTIMATE_SHARE)
    return;
  double left = elapsed / share - elapsed + 0.5;
  if (left < 100)
    fprintf(stderr, ", %.0f s left", left);
  else
    fprintf(stderr, ", %.0f min left", left / 60 + 0.5);
}

static void print_bar(double share) {
  unsigned width = term_width(stderr);
  /* What stands beside the bar needs about 60 columns. */
  unsigned cells = width > 90 ? 30 : width > 70 ? 10 : 0;
  if (cells == 0)
    return;
  unsigned full = (unsigned)(share * cells + 0.5);
  fputs(" [", stderr);
  for (unsigned i = 0; i < cells; i++)
    fputc(i < full ? '=' : ' ', stderr);
  fputc(']', stderr);
}

void progress_at(uint64_t done, uint64_t total, uint64_t items_done,
                 uint64_t items_total, const char *items) {
  double t = progress_clock();
  if (!job.active || t - job.last < (job.tty ? BAR_INTERVAL : LINE_INTERVAL))
    return;
  job.last = t;
  char count_done[TERM_SIZE_MAX + 4], count_total[TERM_SIZE_MAX + 4];
  double share = total ? (double)done / (double)total : 0;
  fprintf(stderr, "%s%s", job.tty ? "\r\033[K" : "", job.what);
  if (job.tty && total)
    print_bar(share);
  if (total)
    fprintf(stderr, " %3.0f%%", share * 100);
  if (items_total)
    fprintf(stderr, " %s of %s %s", term_count(count_done, items_done),
            term_count(count_total, items_total), items);
  if (total)
    print_left(share, t - job.start);
  fputs(job.tty ? "" : "\n", stderr);
  fflush(stderr);
  job.shown = true;
}

void progress_hide(void) {
  if (job.active && job.tty && job.shown)
    fputs("\r\033[K", stderr);
  job.shown = false;
}

void progress_end(void) {
  progress_hide();
  job.active = false;
}
