/* publish.h - one run of `edgestatic publish`, as its parts share it.
 *
 * publish.c reads the command line and opens the pack; a target (target.h)
 * adds the files of its host; budget.h and outdir.h say whether they may be
 * written, and write them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PUBLISH_H
#define PUBLISH_H

#include "edgestatic.h"

#include "../buildopts.h"
#include "../listen.h"
#include "budget.h"
#include "guestfile.h"
#include "outdir.h"
#include "path.h"

struct target;

struct publish {
  /* The command line. */
  struct build_options build;
  const struct target *target;
  const char *site;   /* DIR or PACK */
  const char *output; /* the folder, or the file when to_file */
  const char *guests; /* folder, or NULL: the installed ones */
  bool is_dir, to_file, force, serve, json;
  struct listen listen;
  char name[PATH_NAME_MAX + 1];
  bool renamed;          /* by --name */
  struct pieces options; /* build options, as a shell reads them */

  /* The site. */
  edgestatic_pack *pack;
  const edgestatic_store *store;
  struct guestfile guest;
  struct bundle bundle;
  int64_t epoch; /* SOURCE_DATE_EPOCH, or 0 */

  /* What it becomes. */
  struct outdir out;
  struct budget budget;
  struct pieces wasm; /* the module or component, to be borrowed */
  char *served;       /* the file in OUT that holds it, for the local host */
};

/* The functions below that can fail return 0, or -1 after telling why. */

/* Makes publish->wasm of the pack and the guest, and counts module, code and
 * memory. */
int publish_module(struct publish *publish);

/* A file of the guests' folder: a script. */
int publish_script(const struct publish *publish, const char *name,
                   struct pieces *content);

/* Adds configuration, a text with the gap NAME. */
int publish_scaffold(struct publish *publish, const char *name,
                     const char *text);

/* The pack as a file. */
void publish_pack(const struct publish *publish, struct pieces *content);

/* Notes a build option for publish_again, unless it is about the means of a
 * build, which are this machine's. */
void publish_option(struct publish *publish, const char *name,
                    const char *value);

/* Appends the command that publishes once more, for configuration that lies in
 * the output folder: paths are relative to that. */
int publish_again(const struct publish *publish, struct pieces *text);

#endif
