// service-worker.mjs: hands each line of standard input, a request, to the
// published service worker as a fetch event; writes its response.  Stands for
// the browser: the global scope, one cache, and a network that has the files
// of the current folder, which is the published site, and nothing else.
// tests/js has the real browser.
// SPDX-License-Identifier: MIT
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const origin = "https://edgestatic.example";
const listeners = {};
const kept = new Map();
const cache = {
  match: async (file) => kept.get(file)?.clone(),
  put: async (file, response) => { kept.set(file, response); },
};

Object.assign(globalThis, {
  self: globalThis,
  location: new URL(origin),
  clients: { claim: async () => {} },
  skipWaiting: async () => {},
  caches: { open: async () => cache },
  addEventListener: (type, listener) => { listeners[type] = listener; },
  fetch: async (input) => {
    if (typeof input !== "string")
      throw new TypeError("offline");
    return new Response(readFileSync(input));
  },
});

async function dispatch(type, more) {
  const waits = [];
  let response;
  listeners[type]({ ...more, waitUntil: (p) => waits.push(p),
                    respondWith: (p) => { response = p; } });
  await Promise.all(waits);
  return response;
}

await import(pathToFileURL("service-worker.mjs"));
await dispatch("install");
await dispatch("activate");

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    const { method, target, fields } = JSON.parse(line);
    // Characters stand for bytes.
    const url = origin + Buffer.from(target, "latin1").toString();
    const request = new Request(url, { method });
    const headers = new Headers(fields.filter(([name]) => name !== "Cookie"));
    // What a page cannot set, the browser still may: Request would refuse.
    const seen = { method, url: request.url, headers, mode: "cors",
                   destination: "" };
    const mode = headers.get("sec-fetch-mode");
    if (mode === "navigate")
      Object.assign(seen, { mode, destination: "document" });
    const response = await dispatch("fetch", { request: seen });
    if (response === undefined)
      reply = { why: "left to the network" };
    else {
      const body = Buffer.from(await response.arrayBuffer());
      reply = { status: response.status, fields: [...response.headers],
                body: body.toString("base64") };
    }
  } catch (e) {
    reply = { why: String(e) };
  }
  process.stdout.write(JSON.stringify(reply) + "\n");
}
