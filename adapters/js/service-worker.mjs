// service-worker.mjs - serves a pack inside the browser: a site that works
// offline.
//
//   navigator.serviceWorker.register("/service-worker.mjs",
//                                    { type: "module" });
//
// Needs beside it, on the same origin: edgestatic.mjs workers.wasm
// site.edgepack.  They are fetched once and kept.  Each time the browser starts
// the worker anew it answers from what is kept, and asks for a newer pack,
// which serves from the next start on.
//
// What differs here from a server:
// - Bodies are identity: a browser decodes what comes from the network, not
//   what comes from a service worker.
// - Sec-Fetch-Mode and -Dest, by which the core knows a navigation, are put on
//   behind the service worker; the request says the same.
// - Accept-Language is put on behind it, too; the browser's languages are that.
// - It sees no cookies and no country: what a rule decides by them is the
//   network's, and offline as if there were none.
// - A path that the pack does not have is the network's, and offline a 404.
//
// SPDX-License-Identifier: MIT
import { open, targetOf } from "./edgestatic.mjs";

const FILES = ["workers.wasm", "site.edgepack"];
const KEPT = "edgestatic"; // the name of the cache

// A code that is no country's (ISO 3166-1), so that no rule for one is met but
// its answer says that it was asked for.
const UNKNOWN = "XX";

async function openSite([wasm, pack]) {
  return open(await WebAssembly.compile(await wasm.arrayBuffer()),
              await pack.arrayBuffer());
}

async function openKept() {
  const cache = await caches.open(KEPT);
  return openSite(await Promise.all(FILES.map((file) => cache.match(file))));
}

// Asks with the validator of what is kept, and past the browser's own cache,
// which may have no room for a pack and would load it every time.
async function ask(file, kept) {
  const headers = {};
  if (kept?.headers.has("etag"))
    headers["If-None-Match"] = kept.headers.get("etag");
  else if (kept?.headers.has("last-modified"))
    headers["If-Modified-Since"] = kept.headers.get("last-modified");
  const answer = await fetch(file, { headers, cache: "no-store" });
  if (answer.status === 304)
    return kept;
  if (!answer.ok)
    throw new Error(`edgestatic: ${answer.url}: status ${answer.status}`);
  return answer;
}

// Keeps what is new, once it has shown to be a site.
async function update() {
  const cache = await caches.open(KEPT);
  const kept = await Promise.all(FILES.map((file) => cache.match(file)));
  const now = await Promise.all(FILES.map((file, i) => ask(file, kept[i])));
  if (now.every((answer, i) => answer === kept[i]))
    return;
  await openSite(now.map((answer) => answer.clone()));
  // The guest first: when there is no room for the pack, or the browser ends
  // the worker in between, a newer guest still reads the older pack.
  for (const [i, answer] of now.entries())
    if (answer !== kept[i])
      await cache.put(FILES[i], answer);
}

let site; // a promise; gone when the browser ends the idle worker
let updating; // one at a time, however many requests find nothing kept

function updateOnce() {
  updating ??= update()
    .catch(() => {}) // offline
    .finally(() => { updating = undefined; });
  return updating;
}

async function answerTo(event) {
  const { request } = event;
  if (site === undefined) {
    site = openKept();
    event.waitUntil(updateOnce());
  }
  const seen = {
    "accept-encoding": "identity",
    "sec-fetch-mode": request.mode,
    "sec-fetch-dest": request.destination || "empty",
  };
  const languages = self.navigator?.languages?.join();
  return (await site).answer({
    method: request.method,
    target: targetOf(request.url),
    tls: request.url.startsWith("https:"),
    country: UNKNOWN,
    get: (name) => seen[name] ?? request.headers.get(name) ??
      (name === "accept-language" ? languages : undefined),
  });
}

// Whether a rule asked for what no service worker sees: cookies, the country.
function dependsOnUnseen({ headers }) {
  return headers.some(([name, value]) =>
    name.toLowerCase() === "vary" && /\*|\bcookie\b/i.test(value));
}

async function respond(event) {
  let answer;
  try {
    answer = await answerTo(event);
  } catch { // the browser has dropped what was kept
    site = undefined;
    return fetch(event.request);
  }
  if (!answer.found || dependsOnUnseen(answer))
    try {
      return await fetch(event.request);
    } catch {} // offline: what the site itself says
  return new Response(answer.body.length > 0 ? new Blob(answer.body) : null,
                      { status: answer.status, headers: answer.headers });
}

self.addEventListener("install", (event) => {
  event.waitUntil(update().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (new URL(url).origin === self.location.origin &&
      (method === "GET" || method === "HEAD"))
    event.respondWith(respond(event));
});
