/* publish.c - `edgestatic publish`: a site becomes what a host takes.
 *
 * The parts are in publish/: a prebuilt guest and the pack become a module
 * (bundle.h), a target adds the files of its host (target.h), limits are
 * checked (budget.h), and all is written or nothing (outdir.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include "config.h"

#include "publish/onefile.h"
#include "publish/path.h"
#include "publish/publish.h"
#include "publish/report.h"
#include "publish/target.h"

#include "args.h"
#include "outfile.h"
#include "packfile.h"
#include "progress.h"
#include "say.h"
#include "stop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
  OPTION_NAME = OPTION_LONG,
  OPTION_FORCE,
  OPTION_SERVE,
  OPTION_GUESTS,
  OPTION_JSON
};

static const struct option_spec options[] = {
    {'t', "target", "HOST",
     "needed; one of\n"
     "fastly        Fastly Compute\n"
     "wasi-http     a component: wasmtime serve, Spin\n"
     "wasi-http-p3  the same for wasi:http 0.3\n"
     "cgi           a WASI command that speaks CGI\n"
     "workers       Cloudflare Workers; --dialect cloudflare\n"
     "node          Node, Lambda@Edge, a service worker\n"
     "oci           Kubernetes: runwasi, SpinKube"},
    {'o', "output", "OUT",
     "the folder to write [edgestatic-HOST], or one file\n"
     "X.wasm (fastly, wasi-http, wasi-http-p3, cgi)"},
    {OPTION_NAME, "name", "NAME",
     "what the host is to call the site [as the last time,\n"
     "else after PACK or the folder of the project]"},
    {OPTION_FORCE, "force", NULL,
     "replace files that publish has not written, and\n"
     "configuration that you may have edited"},
    {OPTION_SERVE, "serve", NULL, "then run the host on this machine"},
    {'l', "listen", "ADDR:PORT", "where --serve listens [127.0.0.1:8080]"},
    {OPTION_GUESTS, "guests", "DIR", "take the prebuilt guests from DIR"},
    {OPTION_JSON, "json", NULL, "print what was done as JSON"},
    {'q', "quiet", NULL, "print errors and warnings only"},
    {0, NULL, NULL, NULL},
};

/* ---- The site ---- */

static void measure(struct publish *publish) {
  const edgestatic_store *store = publish->store;
  uint64_t *used = publish->budget.used;
  uint32_t assets = edgestatic_store_asset_count(store);
  for (uint32_t i = 0; i < assets; i++) {
    edgestatic_asset asset = edgestatic_store_asset(store, i);
    /* A page for missing paths is one beside the page of that file. */
    const uint32_t besides =
        EDGESTATIC_ASSET_ERROR_PAGE | EDGESTATIC_ASSET_FALLBACK;
    used[BUDGET_FILES] += (asset.flags & besides) == 0;
    uint64_t path = budget_path(asset.path);
    if (path > used[BUDGET_PATH])
      used[BUDGET_PATH] = path;
    for (uint32_t k = 0; k < asset.variant_count; k++) {
      edgestatic_variant variant =
          edgestatic_store_variant(store, asset.variant + k);
      if (variant.size > used[BUDGET_LARGEST])
        used[BUDGET_LARGEST] = variant.size;
    }
  }
}

static int open_site(struct publish *publish) {
  edgestatic_builder_stats stats;
  publish->pack = publish->is_dir ? build_options_pack(&publish->build,
                                                       publish->site, &stats)
                                  : packfile_copy(publish->site);
  if (!publish->pack)
    return -1;
  publish->store = edgestatic_pack_store(publish->pack);
  publish->budget.limit = publish->target->limits;
  measure(publish);
  return 0;
}

/* ---- What it becomes ---- */

/* A folder that lies in the site would be published with it the next time. */
static int refuse_itself(const struct publish *publish) {
  char *site = path_absolute(publish->site);
  char *out = path_absolute(publish->output);
  bool inside = publish->is_dir && site && out && path_is_packed(site, out);
  free(site);
  free(out);
  if (!inside)
    return 0;
  say_error("%s lies in %s, and would be published with it", publish->output,
            publish->site);
  say_hint("name a place outside of it by -o");
  return -1;
}

static void choose_name(struct publish *publish) {
  publish->renamed = publish->name[0] != '\0';
  if (!publish->renamed && path_is_name(publish->out.old.name))
    strcpy(publish->name, publish->out.old.name);
  else if (!publish->renamed)
    path_name(publish->name, publish->site, publish->is_dir);
}

/* A new name does not get into configuration that is the user's. */
static int warn_of_names(const struct publish *publish) {
  const char *const *scaffold = publish->target->scaffold;
  for (; publish->renamed && *scaffold; scaffold++) {
    char *text = NULL;
    if (outdir_kept(&publish->out, *scaffold, &text) != 0)
      return -1;
    if (text && !strstr(text, publish->name))
      say_warning("%s/%s is kept as it is, without the name %s: edit it, or "
                  "replace it by --force",
                  publish->output, *scaffold, publish->name);
    free(text);
  }
  return 0;
}

static int make(struct publish *publish) {
  if (publish_module(publish) != 0 || publish->target->add(publish) != 0 ||
      (!publish->to_file && outdir_check(&publish->out) != 0) ||
      warn_of_names(publish) != 0)
    return -1;
  bool prints = !publish->json && !publish->build.quiet;
  if (prints && budget_print(&publish->budget) != 0) {
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    return -1;
  }
  return budget_check(&publish->budget);
}

struct written {
  uint64_t done, total;
};

static int count(void *ctx, size_t len) {
  struct written *written = ctx;
  written->done += len;
  progress_at(written->done, written->total, 0, 0, "");
  return stop_signal();
}

static int write_out(struct publish *publish) {
  struct written written = {0, publish->wasm.size};
  struct pieces_watch watch = {count, &written};
  progress_begin("writing", publish->build.quiet);
  int status = 0;
  if (publish->to_file) {
    status = onefile_write(publish->output, &publish->wasm, watch);
  } else {
    written.total = outdir_size(&publish->out);
    status = outdir_commit(&publish->out, publish->name, watch);
  }
  progress_end();
  return status;
}

/* Refuses what can be refused before the long part. */
static int look_ahead(struct publish *publish) {
  if (publish->serve && hostrun_port(&publish->listen) != 0)
    return CLI_NETWORK;
  if (refuse_itself(publish) != 0)
    return CLI_INPUT;
  int status =
      publish->to_file
          ? onefile_check(publish->output, publish->force)
          : outdir_open(&publish->out, publish->output, publish->target->name,
                        publish->target->scaffold, publish->force);
  if (status != 0 || guestfile_open(&publish->guest, publish->target->flavour,
                                    publish->guests) != 0)
    return CLI_INPUT;
  choose_name(publish);
  return 0;
}

static int publish_site(struct publish *publish) {
  double start = progress_clock();
  int status = look_ahead(publish);
  if (status != 0)
    return status;
  if (open_site(publish) != 0 || make(publish) != 0 || write_out(publish) != 0)
    return CLI_INPUT;
  double seconds = progress_clock() - start;
  if (publish->json)
    status = report_json(publish, seconds);
  else if (!publish->build.quiet)
    status = report_text(publish, seconds);
  return status == 0 ? CLI_OK : CLI_INPUT;
}

static int serve(const struct publish *publish) {
  fflush(stdout);
  return publish->to_file ? hostrun(&publish->target->run, NULL,
                                    publish->output, &publish->listen)
                          : hostrun(&publish->target->run, publish->output,
                                    publish->served, &publish->listen);
}

/* ---- The command line ---- */

static void name_targets(void) {
  char list[256] = "";
  size_t len = 0;
  for (const struct target *target = targets; target->name; target++)
    len += (size_t)snprintf(list + len, sizeof list - len, "%s%s",
                            len ? ", " : "", target->name);
  say_hint("one of %s", list);
}

static int take(struct publish *publish, struct args *args, int id) {
  switch (id) {
  case 't':
    publish->target = target_find(args->value);
    if (publish->target)
      return 0;
    say_error("--target %s: there is no such host", args->value);
    name_targets();
    return CLI_USAGE;
  case 'o':
    publish->output = args->value;
    return 0;
  case OPTION_NAME:
    if (!path_is_name(args->value))
      return args_bad_value(args, "--name",
                            "a letter, then letters, digits and dashes, at "
                            "most 63 and no capitals");
    strcpy(publish->name, args->value);
    return 0;
  case OPTION_FORCE:
    publish->force = true;
    return 0;
  case OPTION_SERVE:
    publish->serve = true;
    return 0;
  case 'l':
    return listen_parse(&publish->listen, args->value) == 0
               ? 0
               : args_bad_value(args, "--listen",
                                "an address and a port, as 127.0.0.1:8080");
  case OPTION_GUESTS:
    publish->guests = args->value;
    return 0;
  case OPTION_JSON:
    publish->json = true;
    return 0;
  case 'q':
    publish->build.quiet = true;
    return 0;
  default:
    publish_option(publish, build_options_name(id), args->value);
    return build_options_take(&publish->build, args, id);
  }
}

/* What only all options together tell.  *output is the caller's to free. */
static int settle(struct publish *publish, char **output) {
  const struct target *target = publish->target;
  if (!target) {
    say_error("--target is missing");
    name_targets();
    return CLI_USAGE;
  }
  publish->is_dir = packfile_is_folder(publish->site);
  if (!publish->is_dir && publish->build.given) {
    say_error("--%s is for a folder, and %s is none", publish->build.given,
              publish->site);
    return CLI_USAGE;
  }
  if (publish->serve && !target->run.tool) {
    say_error("--serve: nothing serves a CGI command by itself");
    say_hint("put it behind a web server that runs WASI, or try it once: "
             "wasmtime run");
    return CLI_USAGE;
  }
  if (publish->output && publish->output[0] == '\0') {
    say_error("-o names no folder");
    return CLI_USAGE;
  }
  if (publish->output)
    *output = strdup(publish->output);
  else if (asprintf(output, "edgestatic-%s", target->name) < 0)
    *output = NULL;
  if (!*output) {
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
    return CLI_INPUT;
  }
  /* "out/" and "out/." are out: other names are put behind it. */
  size_t len = strlen(*output);
  while (len > 1 && ((*output)[len - 1] == '/' || outfile_ends(*output, "/.")))
    (*output)[--len] = '\0';
  publish->output = *output;
  publish->to_file = outfile_ends(publish->output, ".wasm");
  if (publish->to_file && !target->one_file) {
    say_error("-o %s: what is for %s is a folder", publish->output,
              target->name);
    return CLI_USAGE;
  }
  if (!publish->build.dialect_is_set)
    publish->build.rules.dialect = target->dialect;
  return build_options_finish(&publish->build);
}

static int parse(struct publish *publish, struct args *args, char **output) {
  int id;
  while ((id = args_next(args)) > 0) {
    int status = take(publish, args, id);
    if (status != 0)
      return status;
  }
  if (id < 0)
    return -1;
  publish->site = args->operand[0];
  return settle(publish, output);
}

static void close_all(struct publish *publish) {
  outdir_free(&publish->out);
  pieces_free(&publish->wasm);
  pieces_free(&publish->options);
  free(publish->served);
  guestfile_close(&publish->guest);
  edgestatic_pack_unref(publish->pack);
  build_options_free(&publish->build);
}

static int run(struct args *args) {
  struct publish publish = {.listen = {"127.0.0.1", 8080}};
  char *output = NULL;
  build_options_init(&publish.build);
  int status = parse(&publish, args, &output);
  if (publish.build.quiet)
    say_set_quiet();
  if (status == 0 && stop_watch(false) != 0) {
    say_error("cannot watch for signals: %s", strerror(errno));
    status = CLI_INPUT;
  }
  if (status == 0) {
    int64_t epoch = publish.build.builder.source_date_epoch;
    publish.epoch = epoch == INT64_MIN ? 0 : epoch;
    status = publish_site(&publish);
    if (publish.build.rules_wrong && !publish.build.dialect_is_set &&
        publish.build.rules.dialect == EDGESTATIC_DIALECT_CLOUDFLARE)
      say_hint("for this target they are read as by Cloudflare; `build' and "
               "--dialect netlify\nread them as by Netlify");
    if (status != 0 && stop_signal()) {
      say_error("interrupted; %s is as it was", publish.output);
      stop_die();
    }
  }
  if (status == 0 && publish.serve)
    status = serve(&publish);
  close_all(&publish);
  free(output);
  return status < 0 ? args->exit : status;
}

const struct verb verb_publish = {
    "publish",
    "make a site for an edge host, without a compiler",
    {"DIR|PACK", NULL},
    {options, build_option_table, policy_option_table, NULL},
    "Puts a site and a small prebuilt WebAssembly guest together to what the\n"
    "host's own tool takes, checks the limits that the host documents, and\n"
    "prints the command to type next.  Nothing is sent anywhere.\n\n"
    "Code and content in OUT are made anew each time; configuration there is\n"
    "written once, and is yours to edit.  A file that publish did not write "
    "is\n"
    "never replaced without --force.  A folder is packed with the options of\n"
    "`build'.",
    "  # Fastly Compute: a second after hugo there is a package\n"
    "  hugo && edgestatic publish public --target fastly\n"
    "  fastly compute deploy --dir edgestatic-fastly\n"
    "  # try it on this machine first, in the host's own runtime\n"
    "  edgestatic publish public --target workers --serve\n"
    "  # one file for wasmtime\n"
    "  edgestatic publish site.edgepack --target wasi-http -o site.wasm\n"
    "  wasmtime serve site.wasm\n"
    "  # Kubernetes: an image, and what tells a cluster to run it\n"
    "  edgestatic publish public --target oci --name blog -o deploy",
    run};
