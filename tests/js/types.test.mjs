// types.test.mjs - edgestatic.d.mts is true: a host in TypeScript compiles,
// and a wrong one does not.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { load, NODE, PLACE } from "./common.mjs";

const folder = join(PLACE, "types");
mkdirSync(folder, { recursive: true });
cpSync(join(NODE, "edgestatic.d.mts"), join(folder, "edgestatic.d.mts"));

function compile(text) {
  writeFileSync(join(folder, "host.mts"), text);
  const { status, stdout } = spawnSync("tsc", [
    "--noEmit", "--strict", "--target", "es2022", "--module", "nodenext",
    "--lib", "es2024,dom", "--types", "", "host.mts",
  ], { cwd: folder, encoding: "utf8" });
  return status === 0 ? "" : stdout;
}

const host = (use) => `
import { open, targetOf, whole } from "./edgestatic.mjs";
import type { Answer, Site } from "./edgestatic.mjs";
declare const wasm: WebAssembly.Module, pack: ArrayBuffer;
const site: Site = open(wasm, pack);
export function serve(request: Request): Response {
  const answer: Answer = site.answer({
    method: request.method,
    target: targetOf(request.url),
    tls: request.url.startsWith("https:"),
    get: (name) => request.headers.get(name),
  });
  ${use}
}
`;

test("a host in TypeScript compiles", () => {
  assert.equal(compile(host(`
    const init = { status: answer.status, headers: [...answer.headers] };
    return new Response(answer.found ? whole(answer) : answer.body[0], init);
  `)), "");
});

test("who forgets a member of the request is told", () => {
  const text = host("return new Response();").replace("tls:", "// tls:");
  assert.match(compile(text), /error TS\d+: .*'tls'/);
});

test("who writes to an answer is told", () => {
  assert.match(compile(host("answer.status = 1; return new Response();")),
               /error TS2540: .*status/);
});

test("what the types declare is what there is", async () => {
  assert.deepEqual(Object.keys(await load("edgestatic.mjs")).sort(),
                   ["open", "targetOf", "whole"]);
});
