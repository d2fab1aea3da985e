/* report.h - tells the person who builds, through the message callback.
 *
 * What arrives there is one line of valid UTF-8 whatever a file's name or
 * content was: control characters and malformed bytes are written as \xNN, so
 * that a hostile name cannot drive a terminal, and what is too long is cut
 * with "...".  errno is kept.  Call it on the thread that called the builder.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EDGESTATIC_REPORT_H
#define EDGESTATIC_REPORT_H

#include "edgestatic.h"

/* Bytes of a message and of its file name: a path of EDGESTATIC_PATH_MAX in
 * the text, escaped in part, and a sentence around it. */
#define REPORT_MAX 4096

/* file may be NULL, line 0.  Strings of the caller go through "%.*s", or "%s"
 * where a NUL ends them.  Does nothing where options has no callback. */
void report(const edgestatic_builder_options *options, int severity,
            const char *file, unsigned line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The same of a column, from 1. */
void report_at(const edgestatic_builder_options *options, int severity,
               const char *file, unsigned line, unsigned column,
               const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The same with EDGESTATIC_ERROR; returns `error`, for `return report_error`.
 */
int report_error(const edgestatic_builder_options *options, int error,
                 const char *file, unsigned line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
