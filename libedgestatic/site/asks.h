/* asks.h - which requests two packs may answer differently, and whether they
 * do.
 *
 * The list has each path of a file or redirect of either pack, each spelling
 * that redirects to a page, and what the rules of either are for.  Of a rule
 * with a placeholder or splat one sample stands for all requests that meet it;
 * so it does for the single-page app.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EDGESTATIC_ASKS_H
#define EDGESTATIC_ASKS_H

#include "build/mem.h"

struct ask {
  slice target; /* of the request, as it is in a URL; NUL follows */
  slice prefix; /* of all that it stands for; empty: of itself alone */
  slice host;   /* that a rule is for, or empty; likewise below */
  slice language, cookie;
  bool by_rule;    /* a rule of one of the packs names it */
  bool spelling;   /* and it is another way to write what the rule names */
  bool navigation; /* by a browser, of a page that is not there */
};

/* Zero it, set strings.allocator; call asks_free in any case. */
struct asks {
  struct ask *ask; /* sorted by target, no two of them equal */
  size_t count, room;
  struct mem_arena strings;
};

/* EDGESTATIC_OK or _ERR_MEMORY. */
int asks_gather(struct asks *, const edgestatic_store *old_store,
                const edgestatic_store *new_store);

void asks_free(struct asks *);

/* How many requests a client might make of an ask: codings, and with or
 * without TLS. */
#define ASKS_WAYS 8

/* Answers an ask from a store, in one of the ways. */
void asks_respond(const edgestatic_store *, const struct ask *, unsigned way,
                  edgestatic_response *);

/* Whether two responses are the same in status, fields and content.  The time
 * of Last-Modified does not matter: a site that is generated anew has other
 * ones throughout, and of the same bytes an earlier one is as right (RFC 9110
 * section 8.8.2). */
bool asks_same(const edgestatic_store *, const edgestatic_response *,
               const edgestatic_store *, const edgestatic_response *);

#endif
