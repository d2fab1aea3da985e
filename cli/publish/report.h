/* report.h - what publish has done, for a person or for a program.
 * SPDX-License-Identifier: MIT */
#ifndef PUBLISH_REPORT_H
#define PUBLISH_REPORT_H

#include "publish.h"

/* Print to standard output.  Return 0, or -1 after telling that there is no
 * memory. */
int report_text(const struct publish *publish, double seconds);
int report_json(const struct publish *publish, double seconds);

#endif
