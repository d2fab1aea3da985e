/* target_oci.c - images for Kubernetes, and what tells a cluster to run them.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "target.h"

#include "oci.h"

#include "../say.h"

#include <stdlib.h>
#include <string.h>

static const char kubernetes_text[] =
    "# For Kubernetes with runwasi's wasmtime shim on its nodes; written "
    "once,\n"
    "# yours to edit: `image' below is where you have pushed it to.\n"
    "apiVersion: node.k8s.io/v1\n"
    "kind: RuntimeClass\n"
    "metadata:\n"
    "  name: wasmtime\n"
    "handler: wasmtime # as containerd's configuration names the shim\n"
    "---\n"
    "apiVersion: apps/v1\n"
    "kind: Deployment\n"
    "metadata:\n"
    "  name: \"@NAME@\"\n"
    "spec:\n"
    "  replicas: 2\n"
    "  selector:\n"
    "    matchLabels: { app: \"@NAME@\" }\n"
    "  template:\n"
    "    metadata:\n"
    "      labels: { app: \"@NAME@\" }\n"
    "    spec:\n"
    "      runtimeClassName: wasmtime\n"
    "      containers:\n"
    "        - name: site\n"
    "          image: registry.example/@NAME@:latest\n"
    "          ports: [{ containerPort: 8080 }]\n"
    "          readinessProbe:\n"
    "            tcpSocket: { port: 8080 }\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: Service\n"
    "metadata:\n"
    "  name: \"@NAME@\"\n"
    "spec:\n"
    "  selector: { app: \"@NAME@\" }\n"
    "  ports: [{ port: 80, targetPort: 8080 }]\n";

static const char spinapp_text[] =
    "# For Kubernetes with SpinKube; written once, yours to edit: `image' is\n"
    "# where you have pushed the artifact to, not the image of k8s.yaml.\n"
    "apiVersion: core.spinkube.dev/v1alpha1\n"
    "kind: SpinApp\n"
    "metadata:\n"
    "  name: \"@NAME@\"\n"
    "spec:\n"
    "  image: registry.example/@NAME@:artifact\n"
    "  replicas: 2\n"
    "  executor: containerd-shim-spin\n";

/* Sections of a component (component model, Binary.md). */
enum { COMPONENT_IMPORTS = 10, COMPONENT_EXPORTS = 11, SORT_INSTANCE = 5 };

/* Adds the names of the interfaces of a section. */
static void add_names(json_t *names, const struct wasm_section *section,
                      bool exports) {
  struct wasm_reader reader = wasm_read(section->content);
  for (uint32_t count = wasm_u32(&reader); count > 0 && !reader.bad; count--) {
    wasm_byte(&reader); /* the kind of name */
    struct wasm_bytes name = wasm_counted(&reader);
    if (wasm_byte(&reader) != SORT_INSTANCE)
      return;
    wasm_u32(&reader); /* its type, or of an export its index */
    if (exports && wasm_byte(&reader) != 0)
      return; /* a type that is stated besides */
    if (!reader.bad)
      json_array_append_new(names, json_text((edgestatic_slice){
                                       (const char *)name.base, name.len}));
  }
}

/* The interfaces that the guest imports and exports: runtimes choose by them.
 * NULL: no memory. */
static json_t *read_worlds(struct wasm_bytes component) {
  json_t *imports = json_array(), *exports = json_array();
  struct wasm_reader reader = wasm_sections(component);
  struct wasm_section section;
  while (wasm_section(&reader, &section)) {
    if (section.id == COMPONENT_IMPORTS)
      add_names(imports, &section, false);
    else if (section.id == COMPONENT_EXPORTS)
      add_names(exports, &section, true);
  }
  return json_pack("{s:o, s:o, s:n}", "exports", exports, "imports", imports,
                   "target");
}

/* The index comes last: until it is there, the old image is. */
static int add_layout(struct publish *publish, struct oci *oci) {
  struct pieces layout = {0};
  pieces_print(&layout, "%s", OCI_LAYOUT);
  int status =
      outdir_add(&publish->out, OUTDIR_ARTEFACT, "image/oci-layout", &layout);
  for (int i = 0; i < OCI_PARTS && status == 0; i++) {
    char *file = oci_file(&oci->blob[i], "image/");
    oci->blob[i].content.failed |= !file;
    status = outdir_add(&publish->out, OUTDIR_ARTEFACT, file ? file : "",
                        &oci->blob[i].content);
    if (i == OCI_WASM_LAYER)
      publish->served = file;
    else
      free(file);
  }
  if (status == 0)
    status = outdir_add(&publish->out, OUTDIR_ARTEFACT, "image/index.json",
                        &oci->index);
  return status;
}

int target_oci(struct publish *publish) {
  struct oci oci = {0};
  json_t *worlds = read_worlds(publish->guest.guest.bytes);
  int status =
      oci_make(&oci, publish->name, &publish->wasm, worlds, publish->epoch);
  json_decref(worlds);
  if (status == 0) {
    publish->budget.used[BUDGET_PACKAGE] = oci.blob[OCI_LAYER].content.size;
    status = add_layout(publish, &oci);
  } else {
    say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
  }
  oci_free(&oci);
  if (status == 0)
    status = publish_scaffold(publish, "k8s.yaml", kubernetes_text);
  if (status == 0)
    status = publish_scaffold(publish, "spinapp.yaml", spinapp_text);
  return status;
}
