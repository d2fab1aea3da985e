// wasi.mjs MODULE [NAME=VALUE]... [-- ARGUMENT...]: runs a WASI command with
// this environment and these arguments in Node, as wasmtime would.
// SPDX-License-Identifier: MIT
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const [file, ...rest] = process.argv.slice(2);
const cut = rest.includes("--") ? rest.indexOf("--") : rest.length;
const env = Object.fromEntries(rest.slice(0, cut).map((pair) => {
  const at = pair.indexOf("=");
  return [pair.slice(0, at), pair.slice(at + 1)];
}));
const wasi = new WASI({
  version: "preview1", args: rest.slice(cut + 1), env, returnOnExit: true,
});
const module = await WebAssembly.compile(readFileSync(file));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
process.exitCode = wasi.start(instance);
