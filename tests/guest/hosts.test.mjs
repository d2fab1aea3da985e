// hosts.test.mjs - the CGI and Fastly guests in hosts that people run.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, freePort, startServer } from "./http.mjs";
import { cgiVariables, expected, LARGE, makeModule, makeSite, parseCgi,
         requests, run, same } from "./site.mjs";

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

async function startViceroy(t, module) {
  const port = await freePort();
  const config = join(site.place, "fastly.toml");
  writeFileSync(config, 'manifest_version = 3\nname = "site"\n' +
    'language = "other"\n\n[local_server]\n');
  const log = await startServer(t, port, "viceroy",
    ["serve", "-C", config, "--addr", `127.0.0.1:${port}`, module]);
  return { port, log };
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

// What a platform does to modules before it runs them moves every address.
test("Fastly's guest, adapted to a component", async (t) => {
  const adapted = join(site.place, "adapted.wasm");
  const { status, stderr } = run("viceroy", ["adapt", fastly, "-o", adapted]);
  assert.equal(status, 0, stderr);
  const { port, log } = await startViceroy(t, adapted);
  const client = new Client(port);

  for (const [name, request] of Object.entries(all))
    await t.test(name, async () =>
      same(await client.ask(request), expected(site, request)));

  assert.doesNotMatch(log(), /WARN|ERROR|trap|panic/);
  client.close();
});
