// service-worker.test.mjs - service-worker.mjs in a real Chromium.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { Chromium } from "./chromium.mjs";
import { edgestatic, name, NODE, PACK, PLACE, reference, REQUESTS, same }
  from "./common.mjs";

const folder = join(PLACE, "service-worker");
cpSync(NODE, folder, { recursive: true });

// The network: the worker's own files and a page that registers it, nothing
// of the site.
const PAGE = `<!doctype html><title>Network</title><script type="module">
  await navigator.serviceWorker.register("/service-worker.mjs",
                                         { type: "module" });
  await navigator.serviceWorker.ready;
  while (!navigator.serviceWorker.controller)
    await new Promise((done) => setTimeout(done, 10));
  document.title = "Ready";
</script>`;
const TYPES = { mjs: "text/javascript", wasm: "application/wasm" };
const asked = [];

const etagOf = (bytes) =>
  `"${createHash("sha1").update(bytes).digest("hex")}"`;

const network = createServer((req, res) => {
  const file = req.url.slice(1);
  if (file === "register") {
    res.writeHead(200, { "Content-Type": "text/html" }).end(PAGE);
    return;
  }
  if (["member", "where"].includes(file)) { // it sees what the worker does not
    res.writeHead(200, { "Content-Type": "text/html" })
      .end(`<!doctype html><title>Network: ${req.headers.cookie}</title>`);
    return;
  }
  let bytes;
  try {
    bytes = readFileSync(join(folder, file));
  } catch {
    res.writeHead(404).end("404 of the network");
    return;
  }
  const etag = etagOf(bytes);
  const fresh = req.headers["if-none-match"] === etag;
  asked.push(`${file} ${fresh ? 304 : 200}`);
  res.writeHead(fresh ? 304 : 200, {
    "Content-Type": TYPES[file.split(".").at(-1)] ?? "application/octet-stream",
    ETag: etag,
  }).end(fresh ? undefined : bytes);
});

let base, port, chromium;

before(async () => {
  network.listen(0, "127.0.0.1");
  await once(network, "listening");
  ({ port } = network.address());
  base = `http://127.0.0.1:${port}`;
  chromium = await Chromium.start(folder);
});

after(async () => {
  await chromium.close();
  network.closeAllConnections();
  network.close();
});

const title = () => chromium.run(async () => document.title);

async function until(what, ready) {
  for (const end = Date.now() + 20e3; !(await ready());) {
    assert.ok(Date.now() < end, `it takes too long until ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

// The browser ends a worker when it is idle, and starts it for a request.
async function endWorker() {
  await chromium.devtools("ServiceWorker.enable");
  await chromium.devtools("ServiceWorker.stopAllWorkers");
}

test("it installs itself and takes the page over", async () => {
  await chromium.open(`${base}/register`);
  await until("the worker has the page", async () => await title() === "Ready");
});

test("a page comes with its style sheet, script and image", async () => {
  await chromium.open(`${base}/#top`);
  assert.deepEqual(await chromium.run(async () => [
    document.title, getComputedStyle(document.querySelector("h1")).color,
    document.documentElement.dataset.app, document.images[0].naturalWidth,
  ]), ["Home", "rgb(1, 2, 3)", "runs", 7]);
});

test("a redirect leads to the page's own path", async () => {
  await chromium.open(`${base}/docs?q`);
  assert.deepEqual(await chromium.run(async () =>
    [location.pathname + location.search, document.title]),
    ["/docs/?q", "Docs"]);
});

// What a page's script may ask for, and sees of the answer.
const askable = ({ target, method = "GET", headers = [] }) =>
  ["GET", "HEAD"].includes(method) && target.length < 2000 &&
  headers.every(([name]) => !/^(accept-encoding|sec-)/i.test(name));

const askFromPage = async (target, method, headers) => {
  const answer = await fetch(target, { method, headers, cache: "no-store" });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return { status: answer.status, redirected: answer.redirected,
           headers: [...answer.headers], length: bytes.length,
           digest: [...new Uint8Array(digest)] };
};

test("as the command, but for redirects", async (t) => {
  await chromium.open(`${base}/`);
  for (const request of REQUESTS.filter(askable)) {
    const headers = [...request.headers ?? []];
    const expected = reference({ ...request, headers: [...headers,
      ["Accept-Encoding", "identity"], ["Sec-Fetch-Mode", "cors"],
      ["Sec-Fetch-Dest", "empty"]] });
    if (expected.status === 308 || expected.status === 404)
      continue; // followed; the network's
    await t.test(name(request), async () => {
      const { digest, length, ...answer } = await chromium.run(askFromPage,
        request.target, request.method ?? "GET", headers);
      assert.deepEqual(digest, [...createHash("sha256")
        .update(expected.body).digest()], `${length} bytes`);
      same({ ...answer, body: expected.body }, expected);
    });
  }
});

test("what the pack does not have is the network's", async () => {
  await chromium.open(`${base}/no/such`);
  assert.equal(await chromium.run(async () => document.body.textContent),
               "404 of the network");
});

test("a rule for a language sees the browser's own", async () => {
  await chromium.open(`${base}/hello`);
  assert.deepEqual(await chromium.run(async () =>
    [document.title, navigator.languages.join()]), ["Docs", "fr-CH,de"]);
  assert.equal(await chromium.run(async () =>
    (await fetch("/hello", { headers: { "Accept-Language": "de" } })).url
      .replace(/.*\//, "")), "about");
});

test("what cookies or the country decide is the network's first", async () => {
  await chromium.run(async () => { document.cookie = "member=1; path=/"; });
  for (const path of ["member", "where"]) { // Vary: Cookie; Vary: *
    await chromium.open(`${base}/${path}`);
    assert.equal(await title(), "Network: member=1");
  }
});

test("it works offline, ended and started again", async () => {
  network.closeAllConnections();
  network.close();
  await endWorker();
  await chromium.open(`${base}/about.html`);
  assert.equal(await title(), "About");
  await chromium.open(`${base}/no/such`);
  assert.equal(await title(), "Nothing here");
  // As if there were none, of cookies and of countries.
  for (const path of ["hello", "member", "where"]) {
    await chromium.open(`${base}/${path}`);
    assert.equal(await title(), "Docs");
  }
});

test("a newer pack serves from the next start on", async () => {
  network.listen(port, "127.0.0.1");
  await once(network, "listening");
  await endWorker();
  asked.length = 0;
  await chromium.open(`${base}/about`);
  await until("it has asked", async () => asked.length >= 2);
  assert.deepEqual(asked.filter((a) => !a.includes(".mjs")).sort(),
                   ["site.edgepack 304", "workers.wasm 304"]);

  const files = join(folder, "newer");
  cpSync(join(PLACE, "public"), files, { recursive: true });
  writeFileSync(join(files, "about.html"), "<!doctype html><title>New</title>");
  edgestatic("build", files, "-o", join(folder, "site.edgepack"), "--fast",
             "--no-cache", "--quiet", "--not-found", "spa");
  await endWorker();
  await chromium.open(`${base}/about`);
  assert.equal(await title(), "About"); // what is kept answers first
  const etag = etagOf(readFileSync(join(folder, "site.edgepack")));
  await until("the new pack is kept", () => chromium.run(async (etag) => {
    const cache = await caches.open("edgestatic");
    const kept = await cache.match("site.edgepack");
    return kept.headers.get("etag") === etag;
  }, etag));
  await endWorker();
  await chromium.open(`${base}/about`);
  assert.equal(await title(), "New");
});

test("a navigation in a single-page app gets the app, a script does not",
     async () => {
  await chromium.open(`${base}/app/route`);
  assert.equal(await title(), "Home");
  assert.equal(await chromium.run(async () =>
    (await fetch("/app/gone.js")).text()), "404 of the network");
});

test("when the browser has dropped what was kept, the network answers",
     async () => {
  await chromium.run(() => caches.delete("edgestatic"));
  await endWorker();
  await chromium.open(`${base}/about`);
  assert.equal(await chromium.run(async () => document.body.textContent),
               "404 of the network");
  await until("it is kept again", async () => {
    await chromium.open(`${base}/about`);
    return await title() === "New";
  });
});

test("a pack that is none does not take the place of one", async () => {
  writeFileSync(join(folder, "site.edgepack"), readFileSync(PACK, "latin1"));
  await endWorker();
  asked.length = 0;
  await chromium.open(`${base}/about`);
  await until("it has asked", async () => asked.includes("site.edgepack 200"));
  await endWorker();
  await chromium.open(`${base}/about`);
  assert.equal(await title(), "New");
});
