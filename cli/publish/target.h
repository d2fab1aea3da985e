/* target.h - the hosts that a site is published for.
 *
 * A target is a row of a table (target.c): the files it adds, the limits of its
 * host, the command that serves the result here, and what to type next.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_TARGET_H
#define PUBLISH_TARGET_H

#include "hostrun.h"
#include "publish.h"

struct target {
  const char *name;    /* of --target */
  const char *host;    /* for people: "Fastly Compute" */
  bool one_file;       /* -o NAME.wasm is all that its host needs */
  const char *flavour; /* of the guest */
  /* Configuration that `add' writes; NULL ends. */
  const char *scaffold[3];
  const struct limit *limits;
  int dialect; /* enum edgestatic_dialect: how its host reads rule files */

  /* Adds the files of OUT; publish->wasm is made, for GUEST_BESIDE the guest as
   * it is.  Returns 0, or -1 after telling why. */
  int (*add)(struct publish *publish);

  /* The host on this machine; tool is NULL where there is none. */
  struct hostrun run;

  /* What to type next, with the gaps OUT, FILE and NAME.  One with OUT is for a
   * folder only. */
  const char *next;
};

extern const struct target targets[]; /* ends with a name of NULL */

const struct target *target_find(const char *name);

/* Adds files, each of a screen of C: target_*.c. */
int target_fastly(struct publish *publish);
int target_component(struct publish *publish);
int target_cgi(struct publish *publish);
int target_workers(struct publish *publish);
int target_node(struct publish *publish);
int target_oci(struct publish *publish);

#endif
