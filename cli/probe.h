/* probe.h - one request to a server, and what is wrong with its answer beside
 * that of the pack.  SPDX-License-Identifier: MIT */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include "edgestatic.h"

#include <curl/curl.h>
#include <stdbool.h>

/* A SHA-256 in base64 between colons, and a NUL. */
enum { PROBE_HELD = 47 };

/* What to ask for. */
struct probe_question {
  edgestatic_slice path;            /* decoded */
  bool missing;                     /* a name below it that there is not */
  bool navigation;                  /* as a browser opens a page */
  edgestatic_slice accept_encoding; /* a NUL behind it */
  edgestatic_slice if_none_match;   /* absent: none */
  const unsigned char *dictionary;  /* SHA-256 of what it holds; NULL: none */
};

struct probe {
  CURL *easy;
  const edgestatic_store *store;
  struct probe_question question;
  edgestatic_response expected;
  struct curl_slist *fields;
  char held[PROBE_HELD]; /* Available-Dictionary */
  char *url;
  /* How far the content has come: in all, and in which segment. */
  uint64_t received;
  uint32_t segment;
  uint64_t at;
  bool content_differs;
};

/* One handle for many questions in turn.  Returns 0 or -1 (no memory). */
int probe_init(struct probe *probe, const edgestatic_store *store);
void probe_free(struct probe *probe);

/* Works out the pack's answer and makes probe->easy ready to run.  base is
 * "http://host" or "http://host/prefix".  Returns 0 or -1 (no memory). */
int probe_ask(struct probe *probe, const char *base,
              const struct probe_question *question);

/* After the transfer: prints a line on standard output for each difference.
 * Returns how many there are. */
unsigned probe_compare(struct probe *probe, CURLcode result);

#endif
