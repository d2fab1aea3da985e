// server.test.mjs - server.mjs, in a process of its own.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import test, { after } from "node:test";
import { Connection, freePort, name, PLACE, reference, REQUESTS, same, NODE,
         start } from "./common.mjs";

const OWN = ["date", "connection", "keep-alive"];
const running = new Set();
after(() => { for (const child of running) child.kill("SIGKILL"); });

async function serve(env = {}) {
  const port = await freePort();
  const child = await start(process.execPath, [join(NODE, "server.mjs")],
    { port, env: { ...process.env, PORT: String(port), ...env } });
  running.add(child);
  return { port, child };
}

const { port, child } = await serve();

test("as the command, on one connection", async (t) => {
  const connection = new Connection(port);
  for (const request of REQUESTS)
    await t.test(name(request), async () =>
      same(await connection.ask(request), reference(request), OWN));
  connection.close();
});

test("Date and HEAD's Content-Length are there", async () => {
  const connection = new Connection(port);
  const { headers, body } =
    await connection.ask({ target: "/noise.bin", method: "HEAD" });
  connection.close();
  const fields = new Map(headers);
  assert.equal(fields.get("Content-Length"), String(3 << 20));
  assert.ok(Math.abs(Date.parse(fields.get("Date")) - Date.now()) < 5000);
  assert.equal(body.length, 0);
});

test("fields on several lines are one list, whichever they are", async () => {
  const connection = new Connection(port);
  for (const headers of [
    [["Accept-Encoding", "gzip;q=0"], ["Accept-Encoding", "br"]],
    [["If-Modified-Since", "Tue, 14 Nov 2023 22:13:20 GMT"],
     ["If-Modified-Since", "x"]], // no date: ignored (RFC 9110 section 13.1.3)
  ]) {
    const joined = [[headers[0][0], headers.map(([, v]) => v).join(", ")]];
    same(await connection.ask({ target: "/about", headers }),
         reference({ target: "/about", headers: joined }), OWN);
  }
  connection.close();
});

test("a Host that is none gets 400 and the connection closed", async () => {
  for (const [lines, status] of [
    ["Host: foo bar", 400], ["Host: a/b", 400], ["Host: u@a", 400],
    ["Host: a:b", 400], ["Host: [::1", 400], ["Host: a%4", 400],
    ["Host: a\r\nHost: a", 400], ["X: y", 400],
    ["Host:", 200], ["Host: [::1]:80", 200], ["Host: a%41_.test:", 200],
  ]) {
    const socket = connect(port, "127.0.0.1");
    socket.end(`GET / HTTP/1.1\r\n${lines}\r\n\r\n`);
    let text = "";
    for await (const data of socket)
      text += data;
    assert.match(text, new RegExp(`^HTTP/1.1 ${status} `), lines);
    assert.equal(/^connection: close/im.test(text), status === 400, lines);
  }
});

test("who asks before he sends content is answered at once", async () => {
  const socket = connect(port, "127.0.0.1");
  socket.write("POST / HTTP/1.1\r\nHost: site.test\r\n" +
               "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  let text = "";
  for await (const data of socket)
    text += data;
  assert.match(text, /^HTTP\/1.1 405 /);
  assert.match(text, /^connection: close\r$/im);
});

// ---- Early hints ----

const NAVIGATION = "Host: a.test\r\nSec-Fetch-Mode: navigate\r\n";
const HINTS = "HTTP/1.1 103 Early Hints\r\n" +
  'Link: </style.css>; rel=preload; as=style; type="text/css", ' +
  '<https://a.test>; rel="preconnect"\r\n\r\n';

async function say(port, text) {
  const socket = connect(port, "127.0.0.1");
  socket.end(text, "latin1");
  let all = "";
  for await (const data of socket)
    all += data;
  return all;
}

test("EARLY_HINTS=1 sends links of a page before it", async () => {
  const { port } = await serve({ EARLY_HINTS: "1" });
  const text = await say(port, `GET /links HTTP/1.1\r\n${NAVIGATION}\r\n`);
  assert.equal(text.slice(0, HINTS.length), HINTS);
  assert.match(text.slice(HINTS.length), /^HTTP\/1\.1 200 /);
  assert.match(text.slice(HINTS.length), /^Link: .*; rel=next,/m);
  // Node cannot where the answer waits for the one before it.
  const twice = await say(port,
    `GET /links HTTP/1.1\r\n${NAVIGATION}\r\n`.repeat(2));
  assert.deepEqual(twice.match(/^HTTP\/1\.1 \d+/gm).map((s) => s.slice(9)),
                   ["103", "200", "200"]);
});

test("no 103 to who may not know it, nor where nothing follows", async () => {
  const { port } = await serve({ EARLY_HINTS: "1" });
  const etag = reference({ target: "/links" })
    .headers.find(([name]) => name === "ETag")[1];
  for (const [line, fields, status] of [
    ["GET /links HTTP/1.0", NAVIGATION, 200],
    ["GET /links HTTP/1.1", "Host: a.test\r\n", 200],
    ["GET /links HTTP/1.1", "Host: a.test\r\nSec-Fetch-Mode: cors\r\n", 200],
    ["HEAD /links HTTP/1.1", NAVIGATION, 200],
    ["GET /links HTTP/1.1", `${NAVIGATION}If-None-Match: ${etag}\r\n`, 304],
    ["GET /about HTTP/1.1", NAVIGATION, 200],
    ["GET /none HTTP/1.1", NAVIGATION, 404],
  ]) {
    const text = await say(port, `${line}\r\n${fields}\r\n`);
    assert.match(text, new RegExp(`^HTTP/1.1 ${status} `), line + fields);
  }
});

test("no 103 without EARLY_HINTS=1", async () => {
  assert.match(await say(port, `GET /links HTTP/1.1\r\n${NAVIGATION}\r\n`),
               /^HTTP\/1\.1 200 /);
});

// ---- Clients that are slow, and the end ----

test("clients that do not read hold no copies", async () => {
  const resident = () => Number(
    /VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`))[1]) / 1024;
  const before = resident();
  const sockets = [];
  for (let i = 0; i < 20; i++) {
    const socket = connect(port, "127.0.0.1").pause();
    socket.write("GET /zeros.bin HTTP/1.1\r\nHost: site.test\r\n\r\n");
    sockets.push(socket);
  }
  await new Promise((done) => setTimeout(done, 1000));
  const more = resident() - before;
  const connection = new Connection(port); // it serves others meanwhile
  assert.equal((await connection.ask({ target: "/" })).status, 200);
  connection.close();
  sockets.forEach((socket) => socket.destroy());
  assert.ok(more < 64, `20 clients of 32 MB take ${more} MB`);
});

test("SIGTERM lets what runs come to its end", async () => {
  const { port, child } = await serve();
  const idle = new Connection(port), slow = connect(port, "127.0.0.1").pause();
  await idle.ask({ target: "/" });
  slow.write("GET /zeros.bin HTTP/1.1\r\nHost: site.test\r\n\r\n");
  await new Promise((done) => setTimeout(done, 300));
  child.kill("SIGTERM");
  await new Promise((done) => setTimeout(done, 300));
  assert.equal(child.exitCode, null);
  let bytes = 0;
  for await (const data of slow)
    bytes += data.length;
  assert.ok(bytes > 32 << 20);
  assert.equal(await child.ended, 0);
});

// ---- What it does not start with ----

function fails(env, folder = NODE) {
  const { status, stderr } = spawnSync(process.execPath,
    [join(folder, "server.mjs")],
    { env: { ...process.env, ...env }, encoding: "utf8", timeout: 20e3 });
  assert.equal(status, 1);
  return stderr;
}

test("a busy port is one line", () => {
  assert.equal(fails({ PORT: String(port) }),
               `port ${port} is busy: set PORT\n`);
});

test("a PORT that is none is one line", () => {
  assert.equal(fails({ PORT: "http" }), "PORT is no port: http\n");
});

test("a damaged, a missing and a foreign file are one line each", () => {
  const folder = join(PLACE, "broken");
  cpSync(NODE, folder, { recursive: true });
  const pack = join(folder, "site.edgepack");
  writeFileSync(pack, readFileSync(pack).subarray(0, -1));
  assert.match(fails({}, folder), /^edgestatic: the pack is truncated: .*\n$/);
  rmSync(pack);
  assert.match(fails({}, folder), /^ENOENT: .*site\.edgepack.*\n$/);
  writeFileSync(join(folder, "workers.wasm"), "no module");
  assert.match(fails({}, folder), /^.*expected magic word.*\n$/);
});
