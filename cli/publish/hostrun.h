/* hostrun.h - runs the host of a target on this machine, for --serve.
 * SPDX-License-Identifier: MIT */
#ifndef PUBLISH_HOSTRUN_H
#define PUBLISH_HOSTRUN_H

#include "../listen.h"

#include <stdbool.h>

#define HOSTRUN_WORDS_MAX 12

/* Words with the gaps (see fill.h) ADDRESS, HOST and PORT, where to listen, and
 * FILE, the module that is served. */
struct hostrun {
  const char *tool;    /* looked for on PATH; NULL: there is no such host */
  const char *install; /* the command that installs it */
  const char *word[HOSTRUN_WORDS_MAX]; /* after the tool; NULL ends */
  const char *environment[4];          /* "PORT=@PORT@"; NULL ends */
};

/* Chooses a port where it is 0, and refuses one that is taken.  Returns 0, or
 * -1 after telling why. */
int hostrun_port(struct listen *listen);

/* Runs it in a folder (NULL: here) until it ends, passes signals on, and says
 * the URL when it answers.  Returns what the tool exits with, 128 and the
 * number of the signal that ended it, or CLI_USAGE after telling that it is
 * missing. */
int hostrun(const struct hostrun *host, const char *folder, const char *file,
            const struct listen *listen);

#endif
