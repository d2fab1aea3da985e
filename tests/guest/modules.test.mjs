// modules.test.mjs - what is true of every guest as it is shipped.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import test from "node:test";
import { guestFile, readModule, run } from "./site.mjs";

// What each imports, and no more: an import that a host lacks is a module that
// it refuses.  Of components the shells say it (wit/).
const imports = {
  cgi: { wasi_snapshot_preview1: [
    "environ_get", "environ_sizes_get", "fd_write", "proc_exit"] },
  fastly: {
    fastly_abi: ["init"],
    fastly_http_body: ["abandon", "close", "new", "write"],
    fastly_http_downstream: ["next_request", "next_request_wait"],
    fastly_http_req: ["body_downstream_get", "close", "header_names_get",
                      "header_values_get", "method_get", "uri_get"],
    fastly_http_resp: ["framing_headers_mode_set", "header_append", "new",
                       "send_downstream", "status_set"] },
  workers: {},
  "wasi-http": null,
  "wasi-http-p3": null,
};

// edgestatic(1) promises it.
const SIZE_MAX = 64_000;

test("these are all guests", () => {
  const names = readdirSync(dirname(guestFile("cgi")))
    .filter((name) => name.endsWith(".wasm"));
  assert.deepEqual(names.sort(),
    Object.keys(imports).map((flavour) => `${flavour}.wasm`).sort());
});

for (const [flavour, wanted] of Object.entries(imports))
  test(`the guest ${flavour}`, async (t) => {
    const file = guestFile(flavour), bytes = readFileSync(file);

    await t.test("is below 64 kB", () =>
      assert(bytes.length < SIZE_MAX, `${bytes.length} bytes`));

    await t.test("is valid, of features that every host has", () => {
      const features = wanted ? "mvp,bulk-memory,sign-extension" : "all";
      const { status, stderr } = run("wasm-tools",
        ["validate", "--features", features, file]);
      assert.equal(status, 0, stderr);
    });

    await t.test("ends with its mark", () =>
      assert.match(bytes.toString("latin1", bytes.length - 80),
        new RegExp(`edgestaticguest ${flavour} 1 [0-9a-f]{16}\n$`)));

    if (wanted === null) return;
    const module = readModule(file);

    await t.test("imports what its host offers, and no more", () => {
      const found = {};
      for (const { module: from, name } of WebAssembly.Module.imports(module))
        (found[from] ??= []).push(name);
      for (const names of Object.values(found)) names.sort();
      assert.deepEqual(found, wanted);
    });

    await t.test("says nothing about the machine that made it", () => {
      for (const section of ["name", "producers", "target_features"])
        assert.equal(
          WebAssembly.Module.customSections(module, section).length, 0);
    });
  });
