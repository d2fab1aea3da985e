/* target_js.c - hosts that speak JavaScript: the scripts, the module and the
 * pack side by side, since such a host copies what is inside a module each time
 * it starts one.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "target.h"

/* A date by which the runtime has all that the worker uses; later ones change
 * nothing for it. */
#define COMPATIBILITY "2026-01-01"

static const char wrangler_text[] =
    "// For the command `wrangler'; written once, yours to edit.\n"
    "{\n"
    "  \"name\": \"@NAME@\",\n"
    "  \"main\": \"worker.mjs\",\n"
    "  \"compatibility_date\": \"" COMPATIBILITY "\",\n"
    "  // The pack travels as it is, beside the code.\n"
    "  \"rules\": [{ \"type\": \"Data\", \"globs\": [\"**/*.edgepack\"],\n"
    "              \"fallthrough\": true }]\n"
    "}\n";

static const char workerd_text[] =
    "# For `workerd serve config.capnp': Cloudflare's runtime on your own\n"
    "# machine.  Written once, yours to edit.\n"
    "using Workerd = import \"/workerd/workerd.capnp\";\n"
    "\n"
    "const config :Workerd.Config = (\n"
    "  services = [(name = \"site\", worker = .site)],\n"
    "  sockets = [(name = \"http\", address = \"127.0.0.1:8080\", http = (),\n"
    "              service = \"site\")],\n"
    ");\n"
    "\n"
    "const site :Workerd.Worker = (\n"
    "  compatibilityDate = \"" COMPATIBILITY "\",\n"
    "  modules = [\n"
    "    (name = \"worker.mjs\", esModule = embed \"worker.mjs\"),\n"
    "    (name = \"edgestatic.mjs\", esModule = embed \"edgestatic.mjs\"),\n"
    "    (name = \"workers.wasm\", wasm = embed \"workers.wasm\"),\n"
    "    (name = \"site.edgepack\", data = embed \"site.edgepack\"),\n"
    "  ],\n"
    ");\n";

static const char package_text[] =
    "{\n"
    "  \"name\": \"@NAME@\",\n"
    "  \"version\": \"0.1.0\",\n"
    "  \"description\": \"A site: `npm start' serves it, PORT and HOST say "
    "where.\",\n"
    "  \"private\": true,\n"
    "  \"type\": \"module\",\n"
    "  \"scripts\": { \"start\": \"node server.mjs\" },\n"
    "  \"engines\": { \"node\": \">=20\" }\n"
    "}\n";

/* Counts it as part of what is uploaded. */
static int add(struct publish *publish, const char *name,
               struct pieces *content) {
  publish->budget.used[BUDGET_PACKAGE] += content->size;
  return outdir_add(&publish->out, OUTDIR_ARTEFACT, name, content);
}

/* The pack last: the scripts in front of it are those of the same edgestatic,
 * and read any pack that is older. */
static int add_site(struct publish *publish, const char *const *script) {
  for (; *script; script++) {
    struct pieces content = {0};
    if (publish_script(publish, *script, &content) != 0 ||
        add(publish, *script, &content) != 0)
      return -1;
  }
  struct pieces guest = {0}, pack = {0};
  pieces_append(&guest, &publish->wasm);
  if (add(publish, GUEST_BESIDE ".wasm", &guest) != 0)
    return -1;
  publish_pack(publish, &pack);
  /* The host holds it whole, outside the module's memory. */
  publish->budget.used[BUDGET_MEMORY] += pack.size;
  return add(publish, "site.edgepack", &pack);
}

int target_workers(struct publish *publish) {
  static const char *const script[] = {"edgestatic.d.mts", "edgestatic.mjs",
                                       "worker.mjs", NULL};
  if (add_site(publish, script) != 0 ||
      publish_scaffold(publish, "wrangler.jsonc", wrangler_text) != 0)
    return -1;
  return publish_scaffold(publish, "config.capnp", workerd_text);
}

int target_node(struct publish *publish) {
  static const char *const script[] = {"edgestatic.d.mts",   "edgestatic.mjs",
                                       "lambda-edge.mjs",    "server.mjs",
                                       "service-worker.mjs", NULL};
  if (add_site(publish, script) != 0)
    return -1;
  return publish_scaffold(publish, "package.json", package_text);
}
