// wasi-http.test.mjs - the guests that are components, in the hosts that
// people run.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, freePort, startServer } from "./http.mjs";
import { expected, guestFile, makeModule, makeSite, noise, NO_SITE, requests,
         run, same, TOO_LARGE } from "./site.mjs";

// More than the kernel takes for a client that does not read.
const HUGE = 16_000_000;
const lines = Array.from({ length: 5000 }, (_, i) => `${i} ${i * i}\n`);
const site = makeSite("wasi-http",
  { "huge.bin": noise(HUGE), "text.txt": lines.join("") });
const all = requests(site);
const home = expected(site, all["a page"]);

const wasmtime = (...options) => (port, component) =>
  ["wasmtime", ["serve", "--addr", `127.0.0.1:${port}`, ...options, component]];
const P3 = ["-W", "component-model-async", "-S", "p3"];

const hosts = {
  "wasmtime": ["wasi-http", wasmtime()],
  "wasmtime, instances kept": ["wasi-http",
    wasmtime("--max-instance-reuse-count", "1000000")],
  "wasmtime, 0.3": ["wasi-http-p3", wasmtime(...P3)],
  "wasmtime, 0.3, all in few instances": ["wasi-http-p3",
    wasmtime(...P3, "--max-instance-reuse-count", "1000000",
      "--max-instance-concurrent-reuse-count", "1000")],
  "jco": ["wasi-http", (port, component) =>
    ["jco", ["serve", "--host", "127.0.0.1", "--port", port, component]]],
};

async function start(t, host, component) {
  const port = await freePort();
  const log = await startServer(t, port, ...hosts[host][1](port, component));
  return { port, log };
}

async function closes(port, request) {
  const client = new Client(port);
  client.send(request);
  await client.more();
  client.close();
}

for (const host in hosts)
  test(`wasi:http in ${host}`, async (t) => {
    const component = makeModule(site, hosts[host][0]);
    const { port, log } = await start(t, host, component);
    const client = new Client(port);

    for (const [name, request] of Object.entries(all))
      await t.test(name, async () =>
        same(await client.ask(request), expected(site, request)));

    for (const coding of ["gzip", "br"])
      await t.test(`a text in ${coding}`, async () => {
        const request =
          { target: "/text.txt", fields: [["Accept-Encoding", coding]] };
        const got = await client.ask(request);
        assert(got.fields.some(([, value]) => value === coding));
        same(got, expected(site, request));
      });

    await t.test("field lines are joined", async () => {
      const { fields } = all["304"];
      same(await client.ask({ target: "/", fields: [
        ["If-None-Match", '"x"'], fields[1], fields[0]] }),
      expected(site, all["304"]));
    });

    await t.test("a target that is too long is 414", async () =>
      assert.equal(
        (await client.ask({ target: `/${"a".repeat(9000)}` })).status, 414));

    await t.test("a thousand requests on four connections", async () => {
      const list = Object.values(all).slice(0, 9)
        .map((request) => [request, expected(site, request)]);
      const count = host === "jco" ? 20 : 250; /* which starts a thread each */
      await Promise.all(Array.from({ length: 4 }, async () => {
        const one = new Client(port);
        for (let i = 0; i < count; i++) {
          const [request, want] = list[i % list.length];
          same(await one.ask(request), want);
        }
        one.close();
      }));
    });

    client.close();
    assert.doesNotMatch(log(), /worker failed|trap|panicked|Error:/);
  });

// What only a host with many instances, or many requests in one, can show.
for (const host of ["wasmtime", "wasmtime, 0.3, all in few instances"])
  test(`many at once in ${host}`, async (t) => {
    const component = makeModule(site, hosts[host][0]);
    const { port, log } = await start(t, host, component);
    const huge = { target: "/huge.bin" };
    const want = expected(site, huge);

    await t.test("fields that are too long are 431", async () => {
      for (let i = 0; i < 20; i++) {
        const one = new Client(port);
        same(await one.ask(
          { target: "/", fields: [["Cookie", "a".repeat(200_000)]] }), TOO_LARGE);
        same(await one.ask(all["a page"]), home);
        one.close();
      }
    });

    await t.test("clients that go away in the middle harm nobody", async () => {
      for (let i = 0; i < 20; i++) await closes(port, huge);
      const client = new Client(port);
      same(await client.ask(all["a page"]), home);
      client.close();
    });

    await t.test("clients that read slowly get all", async () => {
      // With some over 64 the 0.3 guest holds its host back.
      const slow = Array.from({ length: 80 }, () => {
        const one = new Client(port);
        one.send(huge);
        one.socket.pause();
        return one;
      });
      await sleep(1000);
      slow.splice(0, 30).forEach((one) => one.close());
      for (const one of slow.reverse()) {
        one.socket.resume();
        same(await one.receive(huge), want);
        one.close();
      }
    });

    assert.doesNotMatch(log(), /worker failed|trap|panicked/);
  });

test("without a site it says so", async (t) => {
  for (const host of ["wasmtime", "wasmtime, 0.3"]) {
    const { port } = await start(t, host, guestFile(hosts[host][0]));
    const client = new Client(port);
    same(await client.ask({ target: "/" }), NO_SITE);
    assert.equal(
      (await client.ask({ method: "HEAD", target: "/" })).body.length, 0);
    client.close();
  }
});

for (const flavour of ["wasi-http", "wasi-http-p3"]) {
  const sources = "adapters/guest/wit";
  const succeeds = (command, ...args) => {
    const { status, stdout, stderr } = run(command, args);
    assert.equal(status, 0, stderr);
    return stdout.toString();
  };

  test(`the component of ${flavour} is valid, and so is a site`, () => {
    succeeds("wasm-tools", "validate", guestFile(flavour));
    succeeds("wasm-tools", "validate", makeModule(site, flavour));
  });

  test(`the shell of ${flavour} is what wasm-tools makes of its WIT`, () => {
    const module = `obj/${flavour.replaceAll("-", "_")}`;
    succeeds("tools/gen-shell.py", `${sources}/${flavour}.wit`,
      guestFile(module), "--check", `${sources}/${flavour}.shell`);
  });

  test(`${flavour} imports no more of WASI than it takes`, () => {
    const wit = succeeds("wasm-tools", "component", "wit", guestFile(flavour));
    const imports = [...wit.matchAll(/^ {2}import (.*);$/gm)];
    assert.deepEqual(imports.map(([, name]) => name),
      flavour === "wasi-http" ?
        ["wasi:io/poll@0.2.0", "wasi:io/error@0.2.0", "wasi:io/streams@0.2.0",
         "wasi:http/types@0.2.0"] : ["wasi:http/types@0.3.0"]);
  });
}
