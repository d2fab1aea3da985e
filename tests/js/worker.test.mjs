// worker.test.mjs - worker.mjs in the real workerd, and as wrangler packs it.
// SPDX-License-Identifier: MIT
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import test, { after } from "node:test";
import { Connection, freePort, name, PLACE, reference, REQUESTS, same, start,
         WORKERS } from "./common.mjs";

// As it was published, but for the port, and request.cf out of a field.
const folder = join(PLACE, "worker");
cpSync(WORKERS, folder, { recursive: true });
const port = await freePort();
const config = join(folder, "config.capnp");
writeFileSync(config, readFileSync(config, "utf8")
  .replace(":8080", `:${port}`)
  .replace("http = ()", 'http = (cfBlobHeader = "CF-Blob")'));
const child = await start("workerd", ["serve", "config.capnp"],
                          { port, cwd: folder });
after(() => child.kill("SIGKILL"));

test("as the command, on one connection", async (t) => {
  const connection = new Connection(port);
  for (const request of REQUESTS)
    await t.test(name(request), async () =>
      same(await connection.ask(request), reference(request)));
  connection.close();
});

test("targets that no URL has come through", async () => {
  const connection = new Connection(port);
  for (const request of [
    { target: "*", method: "OPTIONS" },
    { target: "/docs/../about" },
    { target: "/docs/caf\xc3\xa9" }, // in UTF-8, but not percent-encoded
    { target: "/a|b\\c" },
  ])
    same(await connection.ask(request), reference({ ...request,
      target: Buffer.from(request.target, "latin1").toString() }));
  connection.close();
});

test("what the client accepts is what counts, not what the edge asks for",
     async () => {
  const connection = new Connection(port);
  const asked = [["Accept-Encoding", "gzip, br"]];
  for (const clientAcceptEncoding of ["zstd", "gzip", ""]) {
    const blob = ["CF-Blob", JSON.stringify({ clientAcceptEncoding })];
    same(await connection.ask({ target: "/about", headers: [...asked, blob] }),
         reference({ target: "/about",
                     headers: [["Accept-Encoding", clientAcceptEncoding]] }));
  }
  connection.close();
});

test("clients that go away in the middle of a body do no harm", async () => {
  for (let i = 0; i < 50; i++)
    await new Promise((done) => {
      const socket = connect(port, "127.0.0.1");
      socket.write("GET /noise.bin HTTP/1.1\r\nHost: site.test\r\n\r\n");
      socket.on("data", () => socket.destroy()).on("close", done);
    });
  const connection = new Connection(port);
  const request = { target: "/noise.bin" };
  same(await connection.ask(request), reference(request));
  connection.close();
  assert.equal(child.text, "");
});

test("a damaged pack stops workerd with a line that says so", async () => {
  const broken = join(PLACE, "worker-broken");
  cpSync(folder, broken, { recursive: true });
  writeFileSync(join(broken, "site.edgepack"), "no pack");
  const { status, stderr } = spawnSync("workerd", ["serve", "config.capnp"],
    { cwd: broken, encoding: "utf8", timeout: 20e3 });
  assert.notEqual(status, 0);
  assert.match(stderr, /edgestatic: not an edgestatic pack/);
});

test("wrangler takes it", () => {
  const { status, stdout, stderr } = spawnSync("wrangler",
    ["deploy", "--dry-run", "--outdir", "dist"],
    { cwd: folder, encoding: "utf8", timeout: 120e3,
      env: { ...process.env, CI: "1", HOME: folder } });
  assert.equal(status, 0, stdout + stderr);
  const uploaded = readdirSync(join(folder, "dist"));
  for (const name of [/^worker\.js$/, /workers\.wasm$/, /site\.edgepack$/])
    assert.ok(uploaded.some((file) => name.test(file)), `${name}: ${uploaded}`);
});
