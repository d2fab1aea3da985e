/* choose.h - which collection of a site a request is for, by its host name, by
 * the beginning of its path, or by a cookie.
 *
 * Only names are found here: whether there is such a collection, and what to do
 * where there is none, is the caller's.  A rule that names one ends the search:
 * hosts come first, then the prefix, then the cookie.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CLI_CHOOSE_H
#define CLI_CHOOSE_H

#include "edgestatic.h"

/* Longest name of a collection: it has to serve as a label of a host name
 * (RFC 1035 section 2.3.4). */
#define CHOOSE_NAME_MAX 63

/* Patterns of host names: more than a person writes on a command line. */
#define CHOOSE_HOSTS_MAX 64

/* Begins zeroed; strings are borrowed. */
struct choose_rules {
  struct choose_host {
    edgestatic_slice before, after; /* of the star; without one after is "" */
    const char *name;               /* NULL: what stands for the star */
  } host[CHOOSE_HOSTS_MAX];
  unsigned host_count;
  const char *prefix; /* "/-/", or NULL */
  const char *cookie; /* a name, or NULL */
};

/* "*.preview.example.com", or "HOST=COLLECTION".  Each returns 0, or -1 when
 * the text is not what CHOOSE_..._WANTED says, or one too many. */
int choose_by_host(struct choose_rules *rules, const char *text);
#define CHOOSE_HOST_WANTED                                                     \
  "a host name with one *, as '*.preview.example.com', or HOST=COLLECTION"

/* "/-/": a collection NAME is served below /-/NAME/. */
int choose_by_prefix(struct choose_rules *rules, const char *text);
#define CHOOSE_PREFIX_WANTED "a path that begins and ends with /, as /-/"

/* The name of a cookie whose value is the name of a collection. */
int choose_by_cookie(struct choose_rules *rules, const char *text);
#define CHOOSE_COOKIE_WANTED "the name of a cookie"

enum choose_by {
  CHOOSE_BY_NOTHING, /* no rule says anything */
  CHOOSE_BY_HOST,
  CHOOSE_BY_PREFIX,
  CHOOSE_BY_COOKIE
};

struct choose_result {
  enum choose_by by;
  int asked_cookie;  /* the answer depends on the Cookie field */
  size_t prefix_len; /* of the target, "/-/staging"; else 0 */
  size_t name_len;
  char name[CHOOSE_NAME_MAX + 1]; /* "": what stands there is no name */
};

/* Fills *result for a request whose target is a path, or "*". */
void choose_name(const struct choose_rules *rules,
                 const edgestatic_request *request,
                 struct choose_result *result);

/* Whether text can be the name of a collection: [a-z0-9-]{1,63}. */
int choose_is_name(edgestatic_slice text);

#endif
