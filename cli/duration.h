/* duration.h - lengths of time as people write them: 12h, 7d, 2w.
 * SPDX-License-Identifier: MIT */
#ifndef CLI_DURATION_H
#define CLI_DURATION_H

#include <stdint.h>

/* Longest one, a hundred years: a typing error beyond, and added to any
 * time of a pack it does not overflow. */
#define DURATION_MAX ((int64_t)36525 * 24 * 60 * 60)

/* What is accepted; for args_bad_value. */
#define DURATION_WANTED "a time: 30m, 12h, 7d or 2w"

/* A number, not 0, and one of the units m, h, d, w: minutes, hours, days,
 * weeks.  0 and its seconds, or -1. */
int duration_parse(const char *text, int64_t *seconds);

#endif
