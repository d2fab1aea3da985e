/* target_component.c - one file that a host of WASI runs: a component, or a
 * command that speaks CGI.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "target.h"

#include "fill.h"

#include <stdlib.h>
#include <string.h>

static const char spin_text[] =
    "# For the command `spin'; written once, yours to edit.\n"
    "spin_manifest_version = 2\n"
    "\n"
    "[application]\n"
    "name = \"@NAME@\"\n"
    "version = \"0.1.0\"\n"
    "\n"
    "[[trigger.http]]\n"
    "route = \"/...\"\n"
    "component = \"site\"\n"
    "\n"
    "[component.site]\n"
    "source = \"@NAME@.wasm\"\n";

int target_cgi(struct publish *publish) {
  const struct fill list[] = {{"NAME", publish->name}, {NULL, NULL}};
  struct pieces module = {0};
  pieces_append(&module, &publish->wasm);
  publish->served = fill_text("@NAME@.wasm", list);
  if (!publish->served)
    module.failed = true;
  return outdir_add(&publish->out, OUTDIR_ARTEFACT,
                    publish->served ? publish->served : "", &module);
}

int target_component(struct publish *publish) {
  if (target_cgi(publish) != 0)
    return -1;
  return publish_scaffold(publish, "spin.toml", spin_text);
}
