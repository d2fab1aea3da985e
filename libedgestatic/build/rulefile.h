/* rulefile.h - what the readers of _redirects and _headers share: lines,
 * tokens and what is said about them.
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_RULEFILE_H
#define EDGESTATIC_RULEFILE_H

#include "build/mem.h"

enum rulefile_dialect { RULEFILE_NETLIFY, RULEFILE_CLOUDFLARE };

/* Longest line that Cloudflare reads, in characters. */
#define RULEFILE_CLOUDFLARE_LINE_MAX 2000

/* Longest line: Netlify has no limit, but a path that is longer than a request
 * target never matches. */
#define RULEFILE_LINE_MAX EDGESTATIC_TARGET_MAX

enum rulefile_kind {
  RULEFILE_SYNTAX,     /* a line that is no rule */
  RULEFILE_VALUE,      /* a status, target or field that cannot be */
  RULEFILE_LIMIT,      /* more or longer than is read */
  RULEFILE_DUPLICATE,  /* said before */
  RULEFILE_LOOP,       /* leads to itself */
  RULEFILE_DEAD,       /* never matches */
  RULEFILE_UNSUPPORTED /* the dialect has it, but not here */
};

struct rulefile_diagnostic {
  unsigned source;       /* number of the text */
  unsigned line, column; /* from 1, in bytes */
  int severity;          /* EDGESTATIC_ERROR: the line is left out */
  enum rulefile_kind kind;
  slice text; /* what is wrong and what to do; NUL follows */
};

/* Texts as they are read, one after the other: a file, and what an app adds
 * to it.  Zero it; set dialect, text, texts and the allocator of strings. */
struct rulefile {
  enum rulefile_dialect dialect;
  const slice *text; /* the caller's, until rulefile_stop */
  unsigned texts;
  unsigned source; /* number of the text that is being read */
  bool begun;
  slice rest;        /* what is not read of it yet */
  slice line;        /* the line that is being read, trimmed */
  unsigned number;   /* of the line */
  const char *begin; /* of the line, untrimmed */
  struct mem_arena strings;
  struct rulefile_diagnostic *diagnostic;
  size_t count, room;
  int error; /* EDGESTATIC_ERR_MEMORY; later calls do nothing */
};

/* The next line that is neither empty nor a comment, nor refused because it is
 * too long, not UTF-8 or has control characters.  False at the end. */
bool rulefile_next(struct rulefile *);

/* Nothing more is read, and the texts may go. */
void rulefile_stop(struct rulefile *);

/* Cuts the next word off; false: there is none. */
bool rulefile_word(slice *rest, slice *word);

/* Says something of the current line; at is where in it, or NULL. */
void rulefile_say(struct rulefile *, int severity, enum rulefile_kind,
                  const char *at, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Says an error.  A text that begins with a blank goes on from what it is
 * about, which is quoted in front: at, as far as it is not long.
 * Returns false. */
bool rulefile_refuse(struct rulefile *, enum rulefile_kind, slice at,
                     const char *text);

/* For "%.*s": as much of s as a message has room for. */
#define RULEFILE_QUOTE(s) ((s).len < 120 ? (int)(s).len : 120), (s).base

/* A copy that lives as long as the file; empty after an error. */
slice rulefile_copy(struct rulefile *, slice);

void rulefile_free(struct rulefile *);

#endif
