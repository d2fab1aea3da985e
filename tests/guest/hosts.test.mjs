// hosts.test.mjs - the CGI and Fastly guests in hosts that people run.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { cgiVariables, expected, LARGE, makeModule, makeSite, parseCgi,
         parseHttp, requests, run, same } from "./site.mjs";

const site = makeSite("hosts");
const cgi = makeModule(site, "cgi");
const all = requests(site);

const pairs = (variables) =>
  Object.entries(variables).map(([name, value]) => `${name}=${value}`);

const commands = {
  "wasmtime run": (variables) => run("wasmtime",
    ["run", ...pairs(variables).flatMap((pair) => ["--env", pair]), cgi]),
  "Python's wasmtime": (variables) => run("build/venv/bin/python",
    ["tests/guest/wasi.py", cgi, ...pairs(variables)]),
};

for (const [host, command] of Object.entries(commands))
  test(`CGI in ${host}`, async (t) => {
    for (const [name, request] of Object.entries(all))
      await t.test(name, () => {
        const { status, stdout, stderr } = command(cgiVariables(request));
        assert.equal(status, 0, stderr);
        same(parseCgi(stdout), expected(site, request));
      });
  });

// ---- Viceroy ----

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startViceroy(t, module) {
  const port = await freePort();
  const config = join(site.place, "fastly.toml");
  writeFileSync(config, 'manifest_version = 3\nname = "site"\n' +
    'language = "other"\n\n[local_server]\n');
  const child = spawn("viceroy", ["serve", "-C", config, "--addr",
    `127.0.0.1:${port}`, module], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stdout.on("data", (data) => { log += data; });
  child.stderr.on("data", (data) => { log += data; });
  t.after(() => new Promise((resolve) => {
    child.once("exit", resolve);
    child.kill("SIGKILL");
  }));
  for (let tries = 0; ; tries++) {
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (open) break;
    assert(child.exitCode === null && tries < 200, `viceroy: ${log}`);
    await sleep(50);
  }
  return { port, log: () => log };
}

// A connection that stays open for one request after the other.
class Client {
  constructor(port) {
    this.socket = connect(port, "127.0.0.1");
    this.pieces = [];
    this.closed = false;
    this.socket.on("data", (data) => {
      this.pieces.push(data);
      this.wake?.();
    });
    this.socket.on("close", () => {
      this.closed = true;
      this.wake?.();
    });
    this.socket.on("error", () => {});
  }

  async more() {
    if (this.pieces.length === 0 && !this.closed)
      await new Promise((resolve) => { this.wake = resolve; });
    const bytes = Buffer.concat(this.pieces);
    this.pieces = [];
    return bytes;
  }

  async ask({ method = "GET", target, fields = [] }) {
    const lines = [["Host", "site.example"], ...fields]
      .map(([name, value]) => `${name}: ${value}\r\n`).join("");
    this.socket.write(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`);
    let bytes = Buffer.alloc(0), size = Infinity;
    while (bytes.length < size) {
      const more = await this.more();
      assert(more.length > 0, "the connection was closed");
      bytes = Buffer.concat([bytes, more]);
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0 || size < Infinity) continue;
      const head = bytes.toString("latin1", 0, end);
      const length = head.match(/^content-length: (\d+)$/im);
      const none = method === "HEAD" || / (204|304) /.test(head.split("\r")[0]);
      assert(none || length, `no length: ${head}`);
      size = end + 4 + (none ? 0 : Number(length[1]));
    }
    assert.equal(bytes.length, size, "more than the response");
    const got = parseHttp(bytes);
    got.fields = got.fields.filter(([name]) => name !== "date");
    return got;
  }
}

const fastly = makeModule(site, "fastly");

test("Fastly's guest in Viceroy", async (t) => {
  const { port, log } = await startViceroy(t, fastly);
  const client = new Client(port);

  for (const [name, request] of Object.entries(all))
    await t.test(name, async () =>
      same(await client.ask(request), expected(site, request)));

  await t.test("field lines are joined", async () => {
    const { fields } = all["304"];
    same(await client.ask({ target: "/", fields: [
      ["If-None-Match", '"x"'], fields[1], fields[0]] }),
    expected(site, all["304"]));
  });

  await t.test("500 requests on four connections", async () => {
    const list = Object.values(all).slice(0, 9)
      .map((request) => [request, expected(site, request)]);
    await Promise.all(Array.from({ length: 4 }, async () => {
      const one = new Client(port);
      for (let i = 0; i < 125; i++) {
        const [request, want] = list[i % list.length];
        same(await one.ask(request), want);
      }
      one.socket.destroy();
    }));
  });

  await t.test("clients that go away in the middle harm nobody", async () => {
    for (let i = 0; i < 10; i++) {
      const one = new Client(port);
      one.socket.write("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
      await one.more();
      one.socket.destroy();
    }
    same(await client.ask(all["a page"]), expected(site, all["a page"]));
  });

  await t.test("a client that reads slowly gets all", async () => {
    const one = new Client(port);
    one.socket.write("GET /large.bin HTTP/1.1\r\nHost: a\r\n" +
      "Connection: close\r\n\r\n");
    let length = 0;
    for (;;) {
      one.socket.pause();
      await sleep(20);
      one.socket.resume();
      const more = await one.more();
      if (more.length === 0) break;
      length += more.length;
    }
    assert(length > LARGE, `${length} bytes`);
  });

  assert.doesNotMatch(log(), /WARN|ERROR|trap|panic/);
  client.socket.destroy();
});
