/* target.c - see target.h.  SPDX-License-Identifier: MIT */
#include "config.h"

#include "target.h"

#include <string.h>

#define WASMTIME "wasmtime", "cargo install wasmtime-cli"

const struct target targets[] = {
    {
        .name = "fastly",
        .host = "Fastly Compute",
        .one_file = true,
        .flavour = "fastly",
        .scaffold = {"fastly.toml", NULL},
        .limits = limits_fastly,
        .add = target_fastly,
        .run = {"viceroy",
                "cargo install viceroy",
                {"serve", "--addr", "@ADDRESS@", "@FILE@", NULL},
                {NULL}},
        .next = "fastly compute deploy --dir @OUT@",
    },
    {
        .name = "wasi-http",
        .host = "wasi:http 0.2 (wasmtime serve, Spin)",
        .one_file = true,
        .flavour = "wasi-http",
        .scaffold = {"spin.toml", NULL},
        .limits = limits_module,
        .add = target_component,
        .run = {WASMTIME,
                {"serve", "--addr", "@ADDRESS@", "@FILE@", NULL},
                {NULL}},
        .next = "wasmtime serve @FILE@",
    },
    {
        .name = "wasi-http-p3",
        .host = "wasi:http 0.3 (wasmtime serve)",
        .one_file = true,
        .flavour = "wasi-http-p3",
        .limits = limits_module,
        .add = target_cgi,
        .run = {WASMTIME,
                {"serve", "-W", "component-model-async", "-S", "p3", "--addr",
                 "@ADDRESS@", "@FILE@", NULL},
                {NULL}},
        .next = "wasmtime serve -W component-model-async -S p3 @FILE@",
    },
    {
        .name = "cgi",
        .host = "CGI on WASI",
        .one_file = true,
        .flavour = "cgi",
        .limits = limits_module,
        .add = target_cgi,
        .next = "wasmtime run --env REQUEST_METHOD=GET --env PATH_INFO=/ "
                "@FILE@",
    },
    {
        .name = "workers",
        .dialect = EDGESTATIC_DIALECT_CLOUDFLARE,
        .host = "Cloudflare Workers",
        .flavour = GUEST_BESIDE,
        .scaffold = {"wrangler.jsonc", "config.capnp", NULL},
        .limits = limits_workers,
        .add = target_workers,
        .run = {"workerd",
                "npm install --global workerd",
                {"serve", "config.capnp", "--socket-addr", "http=@ADDRESS@",
                 NULL},
                {NULL}},
        .next = "wrangler deploy --config @OUT@/wrangler.jsonc",
    },
    {
        .name = "node",
        .host = "Node, Lambda@Edge, service workers",
        .flavour = GUEST_BESIDE,
        .scaffold = {"package.json", NULL},
        .limits = limits_node,
        .add = target_node,
        .run = {"node",
                "apt-get install nodejs",
                {"server.mjs", NULL},
                {"HOST=@HOST@", "PORT=@PORT@", NULL}},
        .next = "node @OUT@/server.mjs",
    },
    {
        .name = "oci",
        .host = "Kubernetes (runwasi, SpinKube)",
        .flavour = "wasi-http",
        .scaffold = {"k8s.yaml", "spinapp.yaml", NULL},
        .limits = limits_image,
        .add = target_oci,
        .run = {WASMTIME,
                {"serve", "--addr", "@ADDRESS@", "@FILE@", NULL},
                {NULL}},
        .next = "skopeo copy oci:@OUT@/image:latest "
                "docker://registry.example/@NAME@:latest\n"
                "kubectl apply -f @OUT@/k8s.yaml",
    },
    {.name = NULL},
};

const struct target *target_find(const char *name) {
  for (const struct target *target = targets; target->name; target++)
    if (strcmp(target->name, name) == 0)
      return target;
  return NULL;
}
